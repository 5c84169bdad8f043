"""Questions for contests: which may be asked, drawing them, finding them by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_draw import LATELY_DAYS, InBank, Wish, draw
from lawlab.domain.contest_script import Script
from lawlab.domain.question import TYPE_NAMES, Question
from lawlab.domain.statute import normalised
from lawlab.services.confirmations import confirmed_days, item_digest
from lawlab.store.content import MADE_BANK, newest_items, out_of_use
from lawlab.store.statutes import china_day
from lawlab.store.tables import Contest

PAGE = 20


@dataclass(frozen=True)
class Look:
    """What a host looks for; empty values mean: whatever."""

    bank: str = ""
    words: str = ""
    type: str = ""
    difficulty: int = 0
    page: int = 1


def askable(session: Session) -> dict[str, InBank]:
    """Item → the newest version of every question that a contest may ask: in use, marked by a
    machine, and saying nothing beyond the law that nobody has confirmed."""
    out = out_of_use(session)
    rows = [row for item, row in sorted(newest_items(session).items()) if item not in out]
    found = [InBank(row.bank, row.version, row.id, Question.from_json(row.body)) for row in rows]
    digests = {one.question.id: item_digest(one.question) for one in found}
    confirmed = confirmed_days(session, filter(None, digests.values()))
    return {
        one.question.id: one
        for one in found
        if one.bank != MADE_BANK and not one.question.manual
        if (digest := digests[one.question.id]) is None or digest in confirmed
    }


def used_lately(session: Session, now: datetime) -> dict[str, datetime]:
    """Item → when a contest that was opened in the last days used it; rehearsals do not count."""
    query = (
        select(Contest.script, Contest.opened_at)
        .where(
            Contest.rehearsal.is_(False),
            Contest.state != "cancelled",
            Contest.opened_at > now - timedelta(days=LATELY_DAYS),
        )
        .order_by(Contest.opened_at, Contest.id)
    )
    return {
        step.slot.item: opened
        for script, opened in session.execute(query)
        for step in Script.from_json(script).steps
    }


def draw_questions(session: Session, wish: Wish, now: datetime) -> dict[str, Any]:
    """Questions that were drawn, as hosts see them, and what is to be said about it."""
    used = used_lately(session, now)
    drawn = draw(askable(session).values(), wish, used)
    return {
        "questions": [shown(one, used) for one in drawn.questions],
        "note": drawn.note,
    }


def found_questions(session: Session, look: Look, now: datetime) -> dict[str, Any]:
    """One page of the questions that fit, and how many there are."""
    words = [normalised(word).lower() for word in look.words.split()]
    wish = Wish(
        0,
        "",
        banks=[look.bank] if look.bank else [],
        types=[look.type] if look.type else [],
        difficulties=[look.difficulty] if look.difficulty else [],
    )
    held = askable(session).values()
    found = [one for one in held if wish.takes(one) and _has(one.question, words)]
    used = used_lately(session, now)
    start = (look.page - 1) * PAGE
    return {
        "found": len(found),
        "page": look.page,
        "more": start + PAGE < len(found),
        "questions": [shown(one, used) for one in found[start : start + PAGE]],
    }


def shown(one: InBank, used: Mapping[str, datetime]) -> dict[str, Any]:
    """A question with its key, for hosts only. `used`: the day of the contest that asked it."""
    question, at = one.question, used.get(one.question.id)
    return {
        "item": question.id,
        "version": one.version,
        "bank": one.bank,
        "difficulty": question.difficulty,
        "question": question.public(),
        "revealed": question.revealed(),
        "used": china_day(at).isoformat() if at else "",
    }


def choices_of(held: Iterable[InBank]) -> list[dict[str, Any]]:
    """The types that questions have, with their names, in the usual order."""
    types = {one.question.type for one in held}
    return [
        {"type": kind.value, "name": name} for kind, name in TYPE_NAMES.items() if kind in types
    ]


def _has(question: Question, words: Collection[str]) -> bool:
    texts = [question.id, question.stem, *question.options.values(), question.answer]
    texts += [question.explanation, *question.articles, *question.tags]
    text = "\n".join(normalised(text).lower() for text in texts)
    return all(word in text for word in words)
