"""The list of questions on the trainers' desk: looked through by bank, words, kind and state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.item_form import Form, form_of
from lawlab.domain.question import TYPE_NAMES, Question, QuestionType
from lawlab.domain.statute import normalised
from lawlab.services.content_state import states
from lawlab.store import items as store
from lawlab.store.content import newest_items
from lawlab.store.tables import ContentState, ItemDraft, ItemVersion

PAGE = 40
"""Rows of the list that are sent at once."""
IN_USE, NEW, DRAFT = "in_use", "new", "draft"


@dataclass(frozen=True)
class Wanted:
    """What a trainer looks for; empty values mean: whatever."""

    bank: str = ""
    words: str = ""
    type: str = ""
    difficulty: int = 0
    tag: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One question in the list. `state` is `in_use`, `withdrawn`, `stale`, or `new` for one that
    was never published."""

    item: str
    bank: str
    state: str
    draft: bool
    version: int
    form: Form = field(repr=False)

    def shown(self) -> dict[str, Any]:
        keys = ("type", "stem", "difficulty", "tags", "articles")
        return {
            "item": self.item,
            "bank": self.bank,
            "state": self.state,
            "draft": self.draft,
            "version": self.version,
            "type_name": TYPE_NAMES[QuestionType(self.form["type"])],
            **{key: self.form[key] for key in keys},
        }


def bank_list(session: Session) -> list[dict[str, Any]]:
    """Every bank with how many of its questions are in which state."""
    found = {row.slug: row for row in store.banks(session)}
    counts: dict[str, Counter[str]] = {slug: Counter() for slug in found}
    for line in _lines(session, ""):
        counts.setdefault(line.bank, Counter()).update(_states_of(line))
    return [
        {
            "slug": slug,
            "law": found[slug].law if slug in found else "",
            "prefix": found[slug].prefix if slug in found else "",
            "counts": counts[slug],
        }
        for slug in counts
    ]


def item_list(session: Session, wanted: Wanted) -> dict[str, Any]:
    """One page of the list, how many were found, and what the filters can offer."""
    of_bank = list(_lines(session, wanted.bank))
    matching = [line for line in of_bank if _matches(line, wanted)]
    found = [line for line in matching if not wanted.state or wanted.state in _states_of(line)]
    start = (wanted.page - 1) * PAGE
    return {
        "total": len(of_bank),
        "matching": len(matching),
        "found": len(found),
        "page": wanted.page,
        "more": start + PAGE < len(found),
        "rows": [line.shown() for line in found[start : start + PAGE]],
        "states": Counter(state for line in matching for state in _states_of(line)),
        "types": Counter(line.form["type"] for line in of_bank),
        "tags": Counter(tag for line in of_bank for tag in line.form["tags"]).most_common(60),
    }


def _lines(session: Session, slug: str) -> Iterator[Line]:
    """The questions of a bank (or of all): first those with a draft, the latest on top."""
    drafts, out = store.drafts(session), states(session, "item")
    published = newest_items(session)
    touched = sorted(drafts.values(), key=lambda draft: draft.changed_at, reverse=True)
    order = [draft.item for draft in touched] + [i for i in sorted(published) if i not in drafts]
    for item in order:
        row, draft = published.get(item), drafts.get(item)
        home = row.bank if row else draft.bank if draft else ""
        if slug in ("", home):
            yield _line(item, home, row, draft, out.get(item))


def _line(
    item: str,
    home: str,
    row: ItemVersion | None,
    draft: ItemDraft | None,
    out: ContentState | None,
) -> Line:
    form = form_of(Question.from_json(row.body)) if row else draft.body if draft else {}
    state = out.state if out else IN_USE if row else NEW
    return Line(item, home, state, draft is not None, row.version if row else 0, form)


def _states_of(line: Line) -> list[str]:
    """The filters that show a line; a published question with a draft stands under both."""
    found = [line.state] if line.state != NEW else []
    return [*found, DRAFT] if line.draft else found


def _matches(line: Line, wanted: Wanted) -> bool:
    form = line.form
    return (
        (not wanted.type or form["type"] == wanted.type)
        and (not wanted.difficulty or form["difficulty"] == wanted.difficulty)
        and (not wanted.tag or wanted.tag in form["tags"])
        and _has_words(line, wanted.words)
    )


def _has_words(line: Line, words: str) -> bool:
    asked = [normalised(word).lower() for word in words.split()]
    if not any(asked):
        return True
    form = line.form
    texts = [line.item, form["stem"], *form["options"].values(), form["answer"]]
    texts += [form["explanation"], *form["articles"], *form["tags"]]
    texts += [spelling for spellings in form["blanks"] for spelling in spellings]
    text = "\n".join(normalised(text).lower() for text in texts)
    return all(word in text for word in asked)
