"""How one cell of a roster is read: a value, or a ValueError whose sentence tells what to mend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from lawlab.domain.personal import is_masked
from lawlab.domain.signin import tidy_login

COHORTS = {"干部职工": "staff", "干部": "staff", "职工": "staff", "法律明白人": "villager"}
ROLES = {"学员": "learner", "教员": "trainer", "主持人": "host", "管理员": "admin"}
UNIT_KINDS = {
    **dict.fromkeys(("部门", "站所", "机关", "科室", "单位"), "department"),
    **dict.fromkeys(("村", "社区", "村(社区)", "村社区"), "village"),
}
COHORT_NAMES = {"staff": "干部职工", "villager": "法律明白人"}
ROLE_NAMES = {role: name for name, role in ROLES.items()}
KIND_NAMES = {"department": "部门", "village": "村（社区）"}


def cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a sheet keeps a phone number as 13900000000.0
    return str(cell).strip()


def _login(text: str) -> str:
    login = tidy_login(text)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,39}", login):
        raise ValueError(
            f"登录名“{_short(text)}”不能用。请用 2–40 个小写字母、数字、点、横线或下划线，"
            "以字母或数字开头。"
        )
    return login


def _full_name(text: str) -> str:
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    if len(name) > 40 or not name.isprintable():
        raise ValueError(f"姓名“{_short(text)}”不能用，最多 40 个字。")
    return name


def _phone(text: str) -> str:
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    plain = plain.removeprefix("+86")
    if is_masked(plain):
        return plain  # as an export shows it: the number stays
    if not plain.isdigit():
        raise ValueError(f"手机号“{_short(text)}”里有数字以外的字符，应为 11 位数字。")
    if len(plain) != 11:
        word = "只有" if len(plain) < 11 else "有"
        raise ValueError(f"手机号 {_short(plain)} {word} {len(plain)} 位，应为 11 位。")
    if not plain.startswith("1"):
        raise ValueError(f"手机号 {plain} 应以 1 开头。")
    return plain


def _unit(text: str) -> str:
    name = re.sub(r"\s+", "", unicodedata.normalize("NFC", text))
    if len(name) > 80:
        raise ValueError(f"单位“{_short(name)}”太长，最多 80 个字。")
    return name


def _one_of(names: Mapping[str, str], label: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        plain = unicodedata.normalize("NFKC", text)
        if plain not in names:
            allowed = "、".join(dict.fromkeys(KIND_NAMES.values()))
            raise ValueError(f"{label}“{_short(text)}”不认识，应为 {allowed}。")
        return names[plain]

    return read


def _several_of(names: Mapping[str, str], label: str) -> Callable[[str], frozenset[str]]:
    def read(text: str) -> frozenset[str]:
        words = [word for word in re.split(r"[、,，;；/和\s]+", text) if word]
        for word in words:
            if word not in names:
                allowed = "、".join(_first_names(names))
                raise ValueError(
                    f"{label}“{_short(word)}”不认识，应为 {allowed}，几个之间用“、”隔开。"
                )
        return frozenset(names[word] for word in words)

    return read


def _first_names(names: Mapping[str, str]) -> list[str]:
    firsts: dict[str, str] = {}
    for name, value in names.items():
        firsts.setdefault(value, name)
    return list(firsts.values())


def _since(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    parts = re.fullmatch(
        r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0?0:00(?::00)?)?",
        unicodedata.normalize("NFKC", cell_text(cell)),
    )
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
    except ValueError:
        pass
    raise ValueError(f"起始日期“{_short(cell_text(cell))}”看不懂，应写成 2022-01-31 这样。")


READERS: dict[str, Callable[[Any], Any]] = {
    "login": _login,
    "full_name": _full_name,
    "phone": _phone,
    "unit": _unit,
    "unit_kind": _one_of(UNIT_KINDS, "单位类型"),
    "cohorts": _several_of(COHORTS, "类别"),
    "roles": _several_of(ROLES, "角色"),
    "since": _since,
}


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}…"
