"""What differs between two versions of a lesson, as a trainer reads it: paragraph by paragraph, and
which cards and articles came or went. What editors leave in a notebook is no difference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from lawlab.domain.lesson import IMPORT, read_call
from lawlab.domain.statute_diff import Piece, marked

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"
ALIKE = 0.4
"""Two paragraphs are one that was rewritten from this share of common characters."""
NAMES = {
    "heading": "标题",
    "text": "课文",
    "article": "法条按钮",
    "check": "练习题",
    "steps": "步骤",
    "takeaway": "带回家的三句话",
    "unconfirmed": "待核",
    "staff": "给执法人员",
    "other": "其他",
}
"""What a trainer is told that a piece of a lesson is."""

_LINE = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+[.)])\s)")
_MARK = re.compile(r"#{1,6}\s+")


@dataclass(frozen=True)
class Unit:
    """A piece of a lesson that is read at once."""

    kind: str
    text: str


@dataclass(frozen=True)
class Change:
    """A piece of the lesson now (or that was there), and what became of it. `pieces` are the words
    with what went and what came."""

    state: str
    kind: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words as they are now, or as they were when nothing is left of them."""
        kept = "gone" if self.state == REMOVED else "new"
        return "".join(text for what, text in self.pieces if what in ("same", kept))


def lesson_changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """Every piece of both notebooks (in canonical form) in reading order."""
    old, new = list(units(before)), list(units(after))
    found: list[Change] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found += [Change(SAME, unit.kind, (("same", unit.text),)) for unit in new[c:d]]
        else:
            found += _replaced(old[a:b], new[c:d])
    return found


def units(notebook: dict[str, Any]) -> Iterator[Unit]:
    """The pieces of a lesson in order; `begin` and `finish` are the same in all lessons."""
    for cell in notebook.get("cells", []):
        source = cell["source"].strip()
        if cell["cell_type"] == "markdown":
            for part in filter(None, map(str.strip, _LINE.split(source))):
                heading = _MARK.match(part)
                yield Unit("heading", part[heading.end() :]) if heading else Unit("text", part)
        elif source and source != IMPORT:
            yield from _of_call(source)


def _of_call(source: str) -> Iterator[Unit]:
    call, _ = read_call(source, "")
    if call is None:
        yield Unit("other", source)
    elif call.name == "article":
        yield Unit("article", f"《{call.texts[0]}》第 {call.texts[1]} 条")
    elif call.name == "unconfirmed":
        yield Unit("unconfirmed", f"{call.texts[0]}（来源：{call.source}）")
    elif call.name not in ("begin", "finish"):
        name = call.name if call.name in NAMES else "other"
        for text in map(str, call.texts):
            for part in filter(None, map(str.strip, text.split("\n\n"))):
                yield Unit(name, part)


def _replaced(old: Sequence[Unit], new: Sequence[Unit]) -> Iterator[Change]:
    """Both sides of a place that differs, rewritten paragraphs paired in order."""
    start = 0
    for unit in new:
        partner = _partner(unit, old, start)
        if partner is None:
            yield Change(ADDED, unit.kind, (("new", unit.text),))
            continue
        yield from map(_removed, old[start:partner])
        pieces = tuple(marked(old[partner].text, unit.text))
        yield Change(CHANGED, unit.kind, pieces)
        start = partner + 1
    yield from map(_removed, old[start:])


def _removed(unit: Unit) -> Change:
    return Change(REMOVED, unit.kind, (("gone", unit.text),))


def _partner(unit: Unit, old: Sequence[Unit], start: int) -> int | None:
    # A card or an article is named, not worded: another name is another one.
    if unit.kind in ("check", "article"):
        return None
    best, place = ALIKE, None
    for n in range(start, len(old)):
        if old[n].kind != unit.kind:
            continue
        likeness = SequenceMatcher(None, old[n].text, unit.text, autojunk=False).ratio()
        if likeness > best:
            best, place = likeness, n
    return place
