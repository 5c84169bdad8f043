"""Papers: which questions a seed draws for everybody or for one person, and in which order they are
shown.

A draw depends only on the seed, the person and the items' ids, so it can be repeated anywhere; the
drawn paper is stored all the same, and marking uses the stored one. Ordering by hash, unlike
`random.sample`, is the same in every version of Python.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lawlab.domain.blueprint import Blueprint, Candidate, Mode, Section
from lawlab.domain.question import LETTERED, MANUAL, TYPE_NAMES, Question, QuestionType

Slot = dict[str, Any]
"""{"slot", "item", "version", "points"}, with "options" (the order shown) in a person's own paper;
of a plan {"slot", "section", "difficulty", "points"}."""


class TooFew(Exception):
    """The bank has not enough questions for a paper; the text names the section."""


def pools(sections: Iterable[Section], candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """For each section the questions that may stand in it."""
    return [[one for one in candidates if section.takes(one)] for section in sections]


def draw(blueprint: Blueprint, candidates: Sequence[Candidate], person: str = "") -> list[Slot]:
    """One paper: slots in order, each with its item, version and points. The same seed, person and
    candidates always give the same paper. Raises TooFew."""
    held = pools(blueprint.sections, candidates)
    groups = [
        _Group(n, None, section.count, tuple(pool))
        for n, (section, pool) in enumerate(zip(blueprint.sections, held, strict=True))
    ]
    drawn = _filled(blueprint, groups, person)
    points = [section.points for section in blueprint.sections for _ in range(section.count)]
    return [
        {"slot": name, "item": one.question.id, "version": one.version, "points": worth}
        for name, one, worth in zip(_names(len(drawn)), drawn, points, strict=True)
    ]


def plan(blueprint: Blueprint, candidates: Sequence[Candidate]) -> list[Slot]:
    """What each slot of everybody's own paper asks for: its section's points, and a difficulty. A
    section asks for difficulties in the shares in which its questions have them, easy ones first.
    Expects `bank_faults` to have found none."""
    held = pools(blueprint.sections, candidates)
    rows = [
        (n, section, level)
        for n, (section, pool) in enumerate(zip(blueprint.sections, held, strict=True))
        for level in sorted(_levels(section.count, pool).elements())
    ]
    names = _names(len(rows))
    return [
        {"slot": name, "section": n, "difficulty": level, "points": section.points}
        for name, (n, section, level) in zip(names, rows, strict=True)
    ]


def draw_own(
    blueprint: Blueprint,
    slots: Sequence[Slot],
    held: Sequence[Sequence[Candidate]],
    person: str,
) -> list[Slot]:
    """One person's paper that follows the plan `slots`, from the `pools` of the sections; options
    in an order of its own. Raises TooFew when the pools have shrunk since the plan."""
    wanted = Counter((slot["section"], slot["difficulty"]) for slot in slots)
    groups = [
        _Group(n, level, count, _of_level(held[n], level)) for (n, level), count in wanted.items()
    ]
    drawn = iter(_filled(blueprint, groups, person))
    return [
        {
            "slot": slot["slot"],
            "item": one.question.id,
            "version": one.version,
            "points": slot["points"],
            **_options(blueprint, one.question, person),
        }
        for slot, one in zip(slots, drawn, strict=True)
    ]


def shuffled(
    blueprint: Blueprint,
    slots: Sequence[Slot],
    questions: Mapping[str, Question],
    person: str,
) -> list[Slot]:
    """Everybody's paper in one person's order: within each section, and within each list of
    options. `questions`: by slot."""
    mixed: list[Slot] = []
    rest = list(slots)
    for section in blueprint.sections:
        mine, rest = rest[: section.count], rest[section.count :]
        mixed += sorted(mine, key=lambda slot: _hash(blueprint, person, slot["slot"]))
    return [slot | _options(blueprint, questions[slot["slot"]], person) for slot in mixed]


def bank_faults(
    bank: str, sections: Sequence[Section], candidates: Sequence[Candidate], mode: Mode = Mode.FIXED
) -> list[str]:
    """What keeps a bank from filling these sections, for every person where each draws."""
    if not candidates:
        return [f"题库“{bank}”里没有已发布的题。请先导入并发布这个题库，或改正名字。"]
    faults = []
    for kind in dict.fromkeys(section.type for section in sections):
        wanted = sum(section.count for section in sections if section.type is kind)
        held = sum(one.question.type is kind for one in candidates)
        if wanted > held:
            faults.append(f"{TYPE_NAMES[kind]}要 {wanted} 道，题库“{bank}”里只有 {held} 道。")
    if not faults:
        faults = _narrow_faults(sections, candidates, mode)
    return faults + _rubric_faults(sections, candidates)


@dataclass(frozen=True)
class _Group:
    """`count` questions of section `number` that are drawn together, all of one `level` or of any
    (None)."""

    number: int
    level: int | None
    count: int
    pool: tuple[Candidate, ...]


def _of_level(pool: Iterable[Candidate], level: int) -> tuple[Candidate, ...]:
    return tuple(one for one in pool if one.question.difficulty == level)


def _narrow_first(groups: Iterable[_Group]) -> list[_Group]:
    # Who asks for little finds it before those who can take anything.
    return sorted(groups, key=lambda group: len(group.pool))


def _filled(blueprint: Blueprint, groups: Sequence[_Group], person: str) -> list[Candidate]:
    """The questions of all groups, in the groups' order."""
    used: set[str] = set()
    drawn: dict[tuple[int, int | None], list[Candidate]] = {}
    for group in _narrow_first(groups):
        left = [one for one in group.pool if one.question.id not in used]
        if len(left) < group.count:
            section = blueprint.sections[group.number]
            raise TooFew(
                f"第 {group.number + 1} 个大题（{_said(section, group.level)}）"
                f"要 {group.count} 道，题库里能用的只有 {len(left)} 道。"
            )
        chosen = sorted(left, key=lambda one: _hash(blueprint, person, one.question.id))
        drawn[group.number, group.level] = chosen[: group.count]
        used.update(one.question.id for one in chosen[: group.count])
    return [one for group in groups for one in drawn[group.number, group.level]]


def _narrow_faults(
    sections: Sequence[Section], candidates: Sequence[Candidate], mode: Mode
) -> list[str]:
    """Sections that can fail to find their questions after those that are filled before them."""
    held = pools(sections, candidates)
    short = [
        f"第 {n} 个大题（{_said(section)}）要 {section.count} 道，够条件的只有 {len(pool)} 道。"
        for n, (section, pool) in enumerate(zip(sections, held, strict=True), 1)
        if len(pool) < section.count
    ]
    if short:
        return short
    groups = [
        _Group(n, level, count, tuple(pool) if level is None else _of_level(pool, level))
        for n, (section, pool) in enumerate(zip(sections, held, strict=True))
        for level, count in _parts(section.count, pool, mode)
    ]
    faults = []
    before: list[tuple[int, set[str]]] = []
    for group in _narrow_first(groups):
        ids = {one.question.id for one in group.pool}
        taken = sum(min(count, len(ids & theirs)) for count, theirs in before)
        if (left := max(0, len(ids) - taken)) < group.count:
            faults.append(
                f"第 {group.number + 1} 个大题（{_said(sections[group.number], group.level)}）"
                f"要 {group.count} 道，不和别的大题重复的可能只剩 {left} 道。"
            )
        before.append((group.count, ids))
    return faults


def _parts(count: int, pool: Sequence[Candidate], mode: Mode) -> Iterable[tuple[int | None, int]]:
    return _levels(count, pool).items() if mode is Mode.DRAWN else [(None, count)]


def _rubric_faults(sections: Sequence[Section], candidates: Sequence[Candidate]) -> list[str]:
    wanted = {
        (one.question.id, section.points): one.question
        for section, pool in zip(sections, pools(sections, candidates), strict=True)
        if section.type in MANUAL
        for one in pool
    }
    return [
        f"{TYPE_NAMES[question.type]} {question.id} 的评分要点合计 {question.rubric_points:g} 分，"
        f"与这里的每题 {points:g} 分不符。"
        for (_, points), question in wanted.items()
        if abs(question.rubric_points - points) > 1e-9
    ]


def _levels(count: int, pool: Sequence[Candidate]) -> Counter[int]:
    """How many of `count` questions have each difficulty: the pool's shares by the largest
    remainder, the easier one first where two are equal."""
    held = Counter(one.question.difficulty for one in pool)
    exact = {level: count * held[level] / len(pool) for level in sorted(held)}
    levels = Counter({level: int(share) for level, share in exact.items()})
    most = sorted(exact, key=lambda level: (levels[level] - exact[level], level))
    for level in most[: count - levels.total()]:
        levels[level] += 1
    return +levels


def _said(section: Section, level: int | None = None) -> str:
    difficulty = section.difficulty if level is None else (level,)
    parts = [TYPE_NAMES[section.type]]
    if difficulty:
        parts.append(f"难度 {'、'.join(map(str, difficulty))}")
    return "，".join([*parts, *section.chapters, *(f"知识点 {tag}" for tag in section.tags)])


def _names(count: int) -> list[str]:
    width = max(2, len(str(count)))
    return [f"q{n:0{width}}" for n in range(1, count + 1)]


def _options(blueprint: Blueprint, question: Question, person: str) -> dict[str, str]:
    if question.type not in LETTERED or question.type is QuestionType.ORDER:
        return {}
    letters = sorted(
        question.options, key=lambda letter: _hash(blueprint, person, f"{question.id}/{letter}")
    )
    return {"options": "".join(letters)}


def _hash(blueprint: Blueprint, person: str, what: str) -> bytes:
    return hashlib.sha256(f"{blueprint.seed}/{person}/{what}".encode()).digest()
