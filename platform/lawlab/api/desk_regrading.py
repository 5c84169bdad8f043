"""The trainer's desk: 重新评分, when a key turned out to be wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import Database, Now, Trainer
from lawlab.api.routing import Route
from lawlab.services import regrading

router = APIRouter(route_class=Route, prefix="/desk/quizzes/{assignment}/regrade")

Assignment = Annotated[Word, Path(max_length=60)]


class CorrectionIn(BaseModel):
    """One of both, or nothing: the key of the paper again."""

    model_config = ConfigDict(extra="forbid")
    version: Version | None = None
    full: Literal[True] | None = None


class RegradeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    item: Word = Field(max_length=60)
    correction: CorrectionIn
    reason: Word = Field(max_length=2000)


@router.get("")
def choices(
    session: Database,
    _trainer: Trainer,
    assignment: Assignment,
    item: Annotated[Word, Query(max_length=60)],
) -> dict[str, Any]:
    return {
        **regrading.choices(session, assignment, item),
        "history": regrading.history(session, assignment),
    }


@router.post("")
def save(
    session: Database, trainer: Trainer, now: Now, assignment: Assignment, given: RegradeIn
) -> dict[str, Any]:
    correction = given.correction.model_dump(exclude_none=True)
    return regrading.save(
        session, trainer.login, assignment, given.item, correction, given.reason, now
    )
