"""What Moodle's formats have no place for, kept in their tags and general feedback."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lawlab.domain.exchange.build import Draft
from lawlab.domain.exchange.model import TYPE_NAMES, ImportedItem
from lawlab.errors import LawlabError

_ANSWER, _EXPLANATION = "【参考答案】", "【解析】"
_MARK = re.compile(r"(难度|分值|题型)[：:](.+)")
_CASE = TYPE_NAMES["case"]


def tags_of(item: ImportedItem, *, points: bool) -> list[str]:
    """The item's tags and marks such as `难度：3`; `points`: also its 分值."""
    tags = list(item.tags)
    if item.difficulty is not None:
        tags.append(f"难度：{item.difficulty}")
    if points and item.points is not None:
        tags.append(f"分值：{number(item.points)}")
    if item.type == "case":
        tags.append(f"题型：{_CASE}")
    return tags


def apply_tags(draft: Draft, tags: Iterable[str]) -> None:
    """Puts tags into a draft, and what the marks among them say where it belongs."""
    kept = []
    for tag in tags:
        found = _MARK.fullmatch(tag.strip())
        if found and found[1] == "难度":
            draft.difficulty = found[2]
        elif found and found[1] == "分值":
            draft.points = found[2]
        elif found and found[2] == _CASE and draft.type_word == "short":
            draft.type_word = "case"
        else:
            kept.append(tag)
    draft.tags = tuple(kept)


def model_feedback(item: ImportedItem) -> str:
    """The explanation; before it the model answer, for a format without a field for one."""
    if item.type not in ("short", "case") or not item.answer:
        return item.explanation
    return f"{_ANSWER}{item.answer}{_EXPLANATION}{item.explanation}"


def split_feedback(text: str) -> tuple[str, str]:
    """Model answer and explanation as `model_feedback` joined them."""
    if not text.startswith(_ANSWER):
        return "", text
    answer, _, explanation = text.removeprefix(_ANSWER).partition(_EXPLANATION)
    return answer, explanation


def number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def star(spelling: str) -> str:
    """A spelling whose `*` is no wildcard."""
    return spelling.replace("*", r"\*")


def unstar(spelling: str) -> str:
    return spelling.replace(r"\*", "*")


def has_wildcard(spelling: str) -> bool:
    return "*" in spelling.replace(r"\*", "")


def has_form(item: ImportedItem, *, order: bool) -> bool:
    """Whether a format without several blanks, and with or without `order`, can hold an item."""
    return len(item.blanks) == 1 if item.type == "fill" else order or item.type != "order"


def refuse_unwritable(items: Iterable[ImportedItem], form: str, *, order: bool) -> None:
    """Raises with the places of all items that the format cannot hold."""
    homeless = [item for item in items if not has_form(item, order=order)]
    several = [item.place for item in homeless if item.type == "fill"]
    orders = [item.place for item in homeless if item.type == "order"]
    sentences = [
        f"{form} 格式{what}：{'、'.join(places[:20])}{' 等' if len(places) > 20 else ''}。"
        for what, places in (("的填空题只能有一个空", several), ("没有排序题", orders))
        if places
    ]
    if sentences:
        raise LawlabError(
            "exchange_unwritable", "".join(sentences) + "请去掉这些题，或导出为表格。"
        )
