"""The rules of `course.toml`: what a course says of itself, and its lessons in their order."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from lawlab.domain.statute import short_name

SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
LESSON = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
LAST_POSITION = 999
KEYS = ("title", "law", "order", "sources", "checked", "audience", "awaits", "position")
RECHECK = dt.timedelta(days=365)
"""Laws change: a course is compared with them again at least once a year."""


@dataclass(frozen=True)
class CourseFile:
    """What `course.toml` says. `checked` is the day when a person compared it with its sources."""

    title: str
    law: str
    order: tuple[str, ...]
    sources: tuple[str, ...]
    checked: dt.date
    audience: tuple[str, ...]
    awaits: tuple[str, ...] = ()
    """Laws that the town imports itself; until then references to them are no faults."""
    position: int | None = None
    """Place among the courses on the home page; courses without one come last."""

    def about(self) -> dict[str, Any]:
        """What is stored besides title and law, as JSON; `order` decides which lessons show."""
        return {
            "order": list(self.order),
            "sources": list(self.sources),
            "checked": self.checked.isoformat(),
            "audience": list(self.audience),
            "awaits": list(self.awaits),
        }


def read_course(
    slug: str, data: dict[str, Any], stems: Set[str], today: dt.date
) -> tuple[CourseFile | None, list[str]]:
    """The course in a parsed `course.toml`, and its faults; `stems` are the notebooks beside it."""
    faults = [f"不认识的项目“{key}”。" for key in data if key not in KEYS]
    if not SLUG.fullmatch(slug):
        faults.append(f"文件夹名“{slug}”应为小写字母、数字和连字符，以字母开头，最多 40 个字符。")
    for key in ("title", "law"):
        if not (isinstance(data.get(key), str) and data[key].strip() and len(data[key]) <= 80):
            faults.append(f"{key} 应为 80 字以内的文字。")
    for key in ("order", "sources", "audience"):
        if not _texts(data.get(key)):
            faults.append(f"{key} 应为文字列表，至少一项。")
    if not _texts(data.get("awaits", ["无"])):
        faults.append('awaits 应为法律名称的列表，如 ["信访工作条例"]；没有就不写。')
    checked = data.get("checked")
    if not isinstance(checked, dt.date) or isinstance(checked, dt.datetime):
        faults.append("checked 应为核对日期，如 2026-11-24，不加引号。")
    elif checked > today:
        faults.append(f"checked 的日期 {checked} 还没有到。")
    position = data.get("position", 1)
    if type(position) is not int or not 1 <= position <= LAST_POSITION:
        faults.append(f"position 应为 1 到 {LAST_POSITION} 的整数，小的排在前面；没有就不写。")
    if _texts(data.get("order")):
        faults += _order_faults(data["order"], stems)
    if faults:
        return None, faults
    texts = {key: tuple(data[key]) for key in ("order", "sources", "audience")}
    texts["awaits"] = tuple(map(short_name, data.get("awaits", ())))
    course = CourseFile(
        data["title"],
        short_name(data["law"]),
        checked=data["checked"],
        position=data.get("position"),
        **texts,
    )
    return course, []


def age_faults(course: CourseFile, today: dt.date) -> list[str]:
    """A course whose last comparison with the law is more than a year old."""
    if today - course.checked <= RECHECK:
        return []
    return [
        f"checked 是 {course.checked}，已经过了一年。请逐课对照现行法律重新核对，"
        f"改好以后把 checked 写成核对的日期。"
    ]


def repeated_card_faults(cards: Mapping[str, Sequence[str]]) -> list[str]:
    """Check cards that more than one lesson of a course uses; `cards` are those of each lesson."""
    users: dict[str, list[str]] = {}
    for lesson, items in cards.items():
        for item in dict.fromkeys(items):
            users.setdefault(item, []).append(lesson)
    return [
        f"练习题 {item} 在 {'、'.join(lessons)} 里都用了，一门课里只能用一次。"
        for item, lessons in users.items()
        if len(lessons) > 1
    ]


def _order_faults(order: list[str], stems: Set[str]) -> list[str]:
    faults = [f"order 里的 {stem} 没有对应的 {stem}.ipynb。" for stem in order if stem not in stems]
    faults += [f"{stem}.ipynb 没有写进 order。" for stem in sorted(stems - set(order))]
    faults += [
        f"order 里 {stem} 写了不止一次。" for stem in sorted(set(order)) if order.count(stem) > 1
    ]
    faults += [
        f"课文文件名“{stem}”应为小写字母、数字、下划线和连字符。"
        for stem in order
        if not LESSON.fullmatch(stem)
    ]
    return faults


def _texts(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(text, str) and text.strip() for text in value)
    )
