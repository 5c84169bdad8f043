"""Drawing questions for a round of a contest: by bank, type and difficulty, first those that no
contest used lately. The same seed draws the same; see `domain.paper`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lawlab.domain.question import Question

LATELY_DAYS = 60
"""A question that a contest used within so many days is drawn only when there are no others."""


@dataclass(frozen=True)
class InBank:
    """A question that a contest may ask, and the bank it stands in."""

    bank: str
    version: int
    version_id: int
    question: Question


@dataclass(frozen=True)
class Wish:
    """What is drawn. Empty `banks`, `types` and `difficulties` mean: any. `without` are the
    questions that the contest has already, or that the host did not want."""

    count: int
    seed: str
    banks: Collection[str] = ()
    types: Collection[str] = ()
    difficulties: Collection[int] = ()
    without: Collection[str] = ()

    def takes(self, one: InBank) -> bool:
        return (
            (not self.banks or one.bank in self.banks)
            and (not self.types or one.question.type in self.types)
            and (not self.difficulties or one.question.difficulty in self.difficulties)
        )


@dataclass(frozen=True)
class Drawn:
    """Questions, easy ones first. `note`: what the host should know; "" for nothing."""

    questions: tuple[InBank, ...]
    note: str


def draw(held: Iterable[InBank], wish: Wish, used: Mapping[str, datetime]) -> Drawn:
    """`used`: question → when a contest used it last, of those used lately. These come after all
    others, the longest ago first. Fewer than asked for when there are no more."""
    fitting = [one for one in held if wish.takes(one)]
    left = [one for one in fitting if one.question.id not in wish.without]
    fresh = [one for one in left if one.question.id not in used]
    others = [one for one in left if one.question.id in used]
    fresh.sort(key=lambda one: _hash(wish.seed, one.question.id))
    others.sort(key=lambda one: (used[one.question.id], _hash(wish.seed, one.question.id)))
    chosen = [*fresh, *others][: wish.count]
    chosen.sort(key=lambda one: (one.question.difficulty, _hash(wish.seed, one.question.id)))
    again = sum(one.question.id in used for one in chosen)
    return Drawn(tuple(chosen), _note(wish, len(fitting), len(left), len(fresh), again))


def _note(wish: Wish, fitting: int, left: int, fresh: int, again: int) -> str:
    if not left:
        there = f"符合条件的 {fitting} 题都已经在这场比武里，或者刚换掉了。" if fitting else ""
        return f"{there or '题库里没有符合条件的题。'}请换课程、题型或者难度再抽。"
    if left < wish.count:
        taken = fitting - left
        there = f"，其中 {taken} 题这场比武已经有了或者刚换掉" if taken else ""
        said = f"题库里符合条件的只有 {fitting} 题{there}，这次抽到 {left} 题。"
        return said + (f"有 {again} 题最近 {LATELY_DAYS} 天的比武用过。" if again else "")
    if again:
        return (
            f"最近 {LATELY_DAYS} 天没有用过的只有 {fresh} 题，另外 {again} 题是以前的比武用过的。"
        )
    return ""


def _hash(seed: str, item: str) -> str:
    return hashlib.sha256(f"{seed}\n{item}".encode()).hexdigest()
