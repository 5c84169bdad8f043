"""Two versions of a law beside each other, and the items that a change touches."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from lawlab.domain.statute import ArticleRef, Law
from lawlab.domain.statute_diff import Change, Kind
from lawlab.domain.statute_text import Given, read_statute
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.content_state import states
from lawlab.services.statute_files import StatuteFile, open_statute_file
from lawlab.store.content import newest_items
from lawlab.store.statutes import Statutes

_SUFFIXES = {".docx", ".md", ".txt", ".doc", ".pdf", ".wps", ".rtf"}


@dataclass(frozen=True)
class TouchedItem:
    """An item whose newest version cites an article that changed; `state` is "" while in use."""

    item: str
    bank: str
    stem: str
    articles: tuple[str, ...]
    state: str


def law_named(text: str, statutes: Statutes) -> Law:
    """`宪法`, the text in force, or `宪法@1982-12-04`, that version.

    Raises LawlabError `bad_date`, NotFound as `Statutes.find`.
    """
    name, mark, date = text.partition("@")
    try:
        version = dt.date.fromisoformat(date.strip()) if mark else None
    except ValueError:
        raise LawlabError(
            "bad_date", f"“{text[:60]}”里的版本日期应写成 1982-12-04 的样子。"
        ) from None
    return statutes.law(name, version=version)


def law_or_file(text: str, statutes: Statutes) -> Law:
    """The same, or the law in an official file on this computer."""
    path = Path(text)
    if path.suffix.lower() in _SUFFIXES:
        return law_in_file(open_statute_file(path))
    return law_named(text, statutes)


def law_in_file(file: StatuteFile) -> Law:
    """The law in a file, whose dates may be missing: to compare texts they are not needed.

    Raises FileFaults with every other fault.
    """
    dated, _ = read_statute(file.lines, unit=file.unit)
    given = Given(
        published=dated.published or dt.date.min, effective=dated.effective or dt.date.min
    )
    statute, faults = read_statute(file.lines, given, unit=file.unit)
    if faults:
        raise FileFaults(file.name, [fault.say(file.unit) for fault in faults])
    return statute.law("")


def touched_items(session: Session, law: str, found: Sequence[Change]) -> list[TouchedItem]:
    """The items that cite an article of the old text that is not the same in the new one."""
    touched = {
        str(ArticleRef(law, change.old.key)): change.old.title
        for change in found
        if change.old and change.kind is not Kind.SAME
    }
    known = states(session, "item")
    items = []
    for item, row in sorted(newest_items(session).items()):
        titles = tuple(touched[ref] for ref in row.body["articles"] if ref in touched)
        if titles:
            state = known[item].state if item in known else ""
            items.append(TouchedItem(item, row.bank, row.body["stem"], titles, state))
    return items


def banks_of(session: Session, items: Collection[str]) -> dict[str, int]:
    """Bank → how many of the items are in it."""
    if not items:
        return {}
    return dict(Counter(row.bank for item, row in newest_items(session).items() if item in items))
