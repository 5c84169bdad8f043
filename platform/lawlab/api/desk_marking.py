"""The trainer's desk: written answers, marked one after the other. No reply says whose they are."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer
from lawlab.api.routing import Route
from lawlab.services import marking_desk

router = APIRouter(route_class=Route, prefix="/desk/quizzes/{assignment}/marking")

Assignment = Annotated[Word, Path(max_length=60)]
Item = Annotated[Word, Path(max_length=60)]
Code = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NextIn(Strict):
    """`after`: the answer that the trainer has just seen."""

    after: str | None = Field(None, pattern=r"^[0-9a-f]{12}$")


class LookIn(Strict):
    """The body of a request that says all by its address."""


class MarkIn(Strict):
    revision: int = Field(ge=0, le=2**31 - 2)
    rubric: list[Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]] = Field(max_length=40)
    comment: str = Field("", max_length=2000)


@router.get("")
def overview(session: Database, _trainer: Trainer, assignment: Assignment) -> dict[str, Any]:
    return marking_desk.overview(session, assignment)


@router.get("/{item}")
def answers(
    session: Database, trainer: Trainer, now: Now, assignment: Assignment, item: Item
) -> dict[str, Any]:
    return marking_desk.answers(session, trainer.login, assignment, item, now)


@router.post("/{item}/next")
def next_answer(
    session: Database,
    trainer: Trainer,
    now: Now,
    assignment: Assignment,
    item: Item,
    given: NextIn,
) -> dict[str, Any]:
    return marking_desk.next_answer(session, trainer.login, assignment, item, now, given.after)


@router.post("/{item}/answers/{code}/look")
def one_answer(
    session: Database,
    trainer: Trainer,
    now: Now,
    assignment: Assignment,
    item: Item,
    code: Code,
    _given: LookIn,
) -> dict[str, Any]:
    return marking_desk.one_answer(session, trainer.login, assignment, item, code, now)


@router.post("/{item}/answers/{code}")
def save_mark(
    session: Database,
    trainer: Trainer,
    now: Now,
    assignment: Assignment,
    item: Item,
    code: Code,
    given: MarkIn,
) -> dict[str, Any]:
    mark = marking_desk.Save(given.revision, given.rubric, given.comment)
    return marking_desk.save_mark(session, trainer.login, assignment, item, code, mark, now)
