"""The trainer's desk: questions, from draft to publication."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.routing import Route
from lawlab.domain.item_limits import LONGEST, MOST_ENTRIES
from lawlab.domain.marking import BLANK_LIMIT, same_blank
from lawlab.services import item_desk, item_drafts, item_list, item_publishing
from lawlab.services.article_finder import find_articles
from lawlab.services.item_drafts import Save
from lawlab.store.items import full_names
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ItemDraft

router = APIRouter(route_class=Route, prefix="/desk")

Letter = Literal["A", "B", "C", "D", "E", "F"]
Spellings = Annotated[
    list[Annotated[Word, Field(max_length=LONGEST["blanks"])]], Field(max_length=MOST_ENTRIES)
]
Revision = Annotated[int, Field(ge=0, le=2**31 - 2)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RubricIn(Strict):
    text: Word = Field(max_length=LONGEST["rubric"])
    points: float | None = Field(None, ge=0, le=100)


class FormIn(Strict):
    """A question as the form holds it; long enough for any, bounded for all."""

    type: Literal["single", "multiple", "judge", "case", "fill", "order", "short"]
    stem: Word = Field(max_length=LONGEST["stem"])
    options: dict[Letter, Annotated[Word, Field(max_length=LONGEST["options"])]]
    blanks: list[Spellings] = Field(max_length=MOST_ENTRIES)
    answer: Word = Field(max_length=LONGEST["answer"])
    explanation: Word = Field(max_length=LONGEST["explanation"])
    why_wrong: dict[Letter, Annotated[Word, Field(max_length=LONGEST["why_wrong"])]]
    articles: list[Annotated[Word, Field(max_length=LONGEST["articles"])]] = Field(
        max_length=MOST_ENTRIES
    )
    evidence: Word = Field(max_length=LONGEST["evidence"])
    difficulty: int | None = Field(ge=1, le=5)
    tags: list[Annotated[Word, Field(min_length=1, max_length=LONGEST["tags"])]] = Field(
        max_length=MOST_ENTRIES
    )
    derived: Word = Field(max_length=LONGEST["derived"])
    unconfirmed: Word = Field(max_length=LONGEST["unconfirmed"])
    rubric: list[RubricIn] = Field(max_length=MOST_ENTRIES)


class DraftIn(Strict):
    revision: Revision
    base_version: Version | None
    form: FormIn

    def save(self) -> Save:
        return Save(self.revision, self.base_version, self.form.model_dump())


class RestoredIn(DraftIn):
    bank: Word = Field(max_length=40)


class BankIn(Strict):
    slug: Word = Field(max_length=60)
    law: Word = Field(max_length=80)
    prefix: Word = Field(max_length=40)


class ItemIn(Strict):
    bank: Word = Field(max_length=40)


class RevisionIn(Strict):
    revision: Revision


class ReviewIn(Strict):
    reviewer: Word = Field(max_length=80)


class PublishIn(ReviewIn):
    revision: Revision
    note: Word = Field("", max_length=400)


class ReasonIn(Strict):
    reason: Word = Field(max_length=1000)


class WantedIn(Strict):
    bank: Word = Field("", max_length=40)
    words: Word = Field("", max_length=100)
    type: Word = Field("", max_length=20)
    difficulty: int = Field(0, ge=0, le=5)
    tag: Word = Field("", max_length=20)
    state: Word = Field("", max_length=20)
    page: int = Field(1, ge=1, le=1000)


def _statutes(request: Request) -> Statutes:
    return state_of(request).statutes


@router.get("/banks")
def banks(session: Database, _trainer: Trainer) -> dict[str, Any]:
    return {"banks": item_list.bank_list(session)}


@router.post("/banks", status_code=201)
def new_bank(
    request: Request, session: Database, _trainer: Trainer, now: Now, given: BankIn
) -> dict[str, Any]:
    row = item_drafts.new_bank(
        session, given.slug, given.law, given.prefix, _statutes(request), now
    )
    return {"slug": row.slug, "law": row.law, "prefix": row.prefix}


@router.get("/items")
def items(
    session: Database, _trainer: Trainer, wanted: Annotated[WantedIn, Query()]
) -> dict[str, Any]:
    return item_list.item_list(session, item_list.Wanted(**wanted.model_dump()))


@router.post("/items", status_code=201)
def new_item(session: Database, trainer: Trainer, now: Now, given: ItemIn) -> dict[str, Any]:
    return {"item": item_drafts.new_item(session, trainer, given.bank, now).item}


@router.get("/articles")
def articles(
    request: Request,
    session: Database,
    _trainer: Trainer,
    now: Now,
    bank: Annotated[Word, Query(max_length=40)],
    law: Annotated[Word, Query(max_length=80)] = "",
    words: Annotated[Word, Query(max_length=100)] = "",
) -> dict[str, Any]:
    return find_articles(session, bank, law, words, _statutes(request), china_day(now))


class BlanksIn(BaseModel):
    """What may stand in each blank, and what was written."""

    blanks: list[list[Annotated[str, Field(max_length=BLANK_LIMIT)]]] = Field(max_length=12)
    filled: list[Annotated[str, Field(max_length=BLANK_LIMIT)]] = Field(max_length=12)


@router.post("/blanks")
def blanks(_trainer: Trainer, given: BlanksIn) -> dict[str, Any]:
    """Whether blanks of a question that is being written would be marked right."""
    written = [*given.filled, *[""] * (len(given.blanks) - len(given.filled))]
    right = all(
        any(same_blank(text, spelling) for spelling in spellings)
        for text, spellings in zip(written, given.blanks, strict=False)
    )
    return {"right": right}


@router.get("/items/{item}")
def item(
    request: Request, session: Database, _trainer: Trainer, now: Now, item: str
) -> dict[str, Any]:
    return item_desk.item_detail(session, item, _statutes(request), now)


@router.get("/items/{item}/versions/{version}")
def version(session: Database, _trainer: Trainer, item: str, version: Version) -> dict[str, Any]:
    return item_desk.version_form(session, item, version)


@router.post("/items/{item}/draft")
def save(
    request: Request, session: Database, trainer: Trainer, now: Now, item: str, given: DraftIn
) -> dict[str, Any]:
    draft = item_drafts.save_draft(session, trainer, item, given.save(), now)
    return _saved(request, session, draft, now)


@router.post("/items/{item}/draft/discard")
def discard(session: Database, trainer: Trainer, item: str, given: RevisionIn) -> dict[str, Any]:
    return item_drafts.discard_draft(session, trainer, item, given.revision)


@router.post("/items/{item}/draft/restore")
def restore_draft(
    request: Request, session: Database, trainer: Trainer, now: Now, item: str, given: RestoredIn
) -> dict[str, Any]:
    draft = item_drafts.restore_draft(session, trainer, item, given.bank, given.save(), now)
    return _saved(request, session, draft, now)


@router.post("/items/{item}/publish")
def publish(
    request: Request, session: Database, trainer: Trainer, now: Now, item: str, given: PublishIn
) -> dict[str, Any]:
    row = item_publishing.publish_draft(
        session, trainer, item, given.revision, given.reviewer, _statutes(request), now, given.note
    )
    return {"version": row.version}


@router.post("/items/{item}/confirm")
def confirm(
    request: Request, session: Database, trainer: Trainer, now: Now, item: str, given: ReviewIn
) -> dict[str, Any]:
    row = item_publishing.confirm_item(
        session, trainer, item, given.reviewer, _statutes(request), now
    )
    return {"version": row.version}


@router.post("/items/{item}/withdraw")
def withdraw(
    session: Database, trainer: Trainer, now: Now, item: str, given: ReasonIn
) -> dict[str, Any]:
    item_publishing.withdraw_item(session, trainer, item, given.reason, now)
    return {"state": "withdrawn"}


@router.post("/items/{item}/restore")
def restore(
    request: Request, session: Database, trainer: Trainer, now: Now, item: str
) -> dict[str, Any]:
    return {"state": item_publishing.restore_item(session, trainer, item, _statutes(request), now)}


def _saved(request: Request, session: Database, draft: ItemDraft, now: Now) -> dict[str, Any]:
    facts = item_desk.draft_facts(draft, full_names(session, [draft.author]))
    return facts | item_desk.standing(session, draft.item, _statutes(request), now)
