"""Whom a row of a list means: by sign-in name, else by name and unit, else by the phone's tail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lawlab.domain.signin import tidy_login

TAIL = 4
PHONE = 11


@dataclass(frozen=True)
class Listed:
    """Somebody who may stand in a list, with his unit on the activity's day."""

    person_id: int
    login: str
    name: str
    unit: str | None
    phone: str | None = None


@dataclass(frozen=True)
class Match:
    """Who was found, or why nobody was."""

    person: Listed | None
    fault: str = ""


class People:
    """Everybody who may stand in a list."""

    def __init__(self, people: Iterable[Listed]) -> None:
        self.by_login: dict[str, Listed] = {}
        self.by_name: dict[str, list[Listed]] = {}
        self.by_tail: dict[str, list[Listed]] = {}
        for one in people:
            self.by_login[one.login] = one
            self.by_name.setdefault(_plain(one.name), []).append(one)
            if one.phone:
                self.by_tail.setdefault(one.phone[-TAIL:], []).append(one)

    def find(self, login: str, full_name: str, phone: str, unit: str) -> Match:
        """The one person whom these words mean; empty ones say nothing. What they say together must
        hold together: a name beside the sign-in name or phone of somebody else is a fault."""
        if login:
            return self._of_login(login, full_name)
        if full_name:
            return self._of_name(full_name, phone, unit)
        return self._of_phone(phone, unit)

    def _of_login(self, login: str, full_name: str) -> Match:
        found = self.by_login.get(tidy_login(login))
        if found is None:
            return Match(None, f"平台上没有登录名“{login[:20]}”，请核对。")
        if full_name and found not in self._named(full_name):
            return Match(
                None,
                f"登录名 {found.login} 是{found.name}，这一行写的是“{full_name[:20]}”，请核对。",
            )
        return Match(found)

    def _of_name(self, full_name: str, phone: str, unit: str) -> Match:
        named = self._named(full_name)
        if not named:
            return Match(
                None,
                f"平台上没有叫“{full_name[:20]}”的人，请核对姓名，或者先请管理员把他加进名册。",
            )
        if len(named) > 1:
            named = _of_unit(named, unit)
        if not phone:
            return _only(named, f"叫“{full_name[:20]}”的", "“单位”或“登录名”")
        digits = _digits(phone)
        if len(digits) < TAIL:
            return Match(None, _short_phone(phone))
        # Who has no phone on the roster is not contradicted by one in the list.
        held = [one for one in named if one.phone is None or _same_phone(one.phone, digits)]
        if not held:
            return Match(
                None, f"“{full_name[:20]}”的手机号和名册里的不一样，请核对是不是同一个人。"
            )
        sure = [one for one in held if one.phone]
        return _only(sure or held, f"叫“{full_name[:20]}”的", "“单位”或“登录名”")

    def _of_phone(self, phone: str, unit: str) -> Match:
        digits = _digits(phone)
        if len(digits) < TAIL:
            return Match(None, _short_phone(phone))
        tail = digits[-TAIL:]
        found = [one for one in self.by_tail.get(tail, []) if _same_phone(one.phone, digits)]
        if not found:
            return Match(None, f"名册里没有尾号是 {tail} 的手机号，请核对，或者写上姓名。")
        found = _of_unit(found, unit) if len(found) > 1 else found
        return _only(found, f"手机尾号是 {tail} 的", "“姓名”或“登录名”")

    def _named(self, full_name: str) -> list[Listed]:
        """Those of this name; of “司法所-干部001”, as meetings list people, those of its parts."""
        whole = self.by_name.get(_plain(full_name))
        if whole:
            return list(whole)
        parts = [part for part in re.split(r"[-_—–+/|·@\s()（）]+", full_name) if part]
        found = [one for part in parts for one in self.by_name.get(_plain(part), [])]
        if len(found) > 1:
            for part in parts:
                found = _of_unit(found, part)
        return found


def _of_unit(found: Sequence[Listed], unit: str) -> list[Listed]:
    """Those of a unit, whose name may be shortened; all of them when it tells none apart."""
    plain = _plain(unit)
    if not plain:
        return list(found)
    own = [one for one in found if plain == _plain(one.unit or "")]
    near = [one for one in found if one.unit and (plain in one.unit or _plain(one.unit) in plain)]
    return own or near or list(found)


def _only(found: Sequence[Listed], who: str, column: str) -> Match:
    if len(found) == 1:
        return Match(found[0])
    names = "、".join(f"{one.name} {one.login}（{one.unit or '没有单位'}）" for one in found[:6])
    return Match(None, f"{who}有 {len(found)} 人：{names}。请加一列 {column}，写明是哪一位。")


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))


def _digits(phone: str) -> str:
    """The digits after what is hidden: of 139****0001 the last four."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", phone)).removeprefix("+86")
    return re.split(r"\D", plain)[-1]


def _same_phone(phone: str | None, digits: str) -> bool:
    return bool(phone) and str(phone).endswith(digits[-PHONE:])


def _short_phone(phone: str) -> str:
    return f"手机号“{phone[:20]}”看不懂，应为 11 位号码，或者最后 {TAIL} 位。"
