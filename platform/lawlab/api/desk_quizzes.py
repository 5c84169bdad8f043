"""The trainer's desk: quizzes, from the opening to the report. nbgrader's part the grader does."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.downloads import download
from lawlab.api.routing import Route
from lawlab.services import quiz_desk, quiz_papers
from lawlab.services.audit import note_alone
from lawlab.services.quiz_building import build_quiz_text
from lawlab.services.quiz_figures import report_figures, statistics_figures
from lawlab.services.quiz_results import quiz_results, quiz_statistics
from lawlab.services.quiz_sheets import results_file
from lawlab.store.quizzes import find_quiz

router = APIRouter(route_class=Route, prefix="/desk/quizzes")

Assignment = Annotated[Word, Path(max_length=60)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NothingIn(Strict):
    """The body of a request that says all by its address."""


class BlueprintIn(Strict):
    """A new quiz, or one that is not open yet: its number, and the text of a blueprint file."""

    name: Word = Field(max_length=80)
    text: Word = Field(max_length=20_000)


class GradeIn(Strict):
    again: bool = False


class ReleaseIn(Strict):
    force: bool = False


@router.get("")
def quizzes(session: Database, _trainer: Trainer) -> dict[str, Any]:
    return {"quizzes": quiz_desk.desk_quizzes(session)}


@router.get("/{assignment}")
def quiz(session: Database, _trainer: Trainer, now: Now, assignment: Assignment) -> dict[str, Any]:
    return quiz_desk.desk_quiz(session, assignment, now)


@router.get("/{assignment}/report")
def report(session: Database, _trainer: Trainer, assignment: Assignment) -> dict[str, Any]:
    return report_figures(quiz_results(session, assignment))


@router.get("/{assignment}/statistics")
def statistics(session: Database, _trainer: Trainer, assignment: Assignment) -> dict[str, Any]:
    quiz = find_quiz(session, assignment)
    return {
        "assignment": assignment,
        "title": quiz.title,
        **statistics_figures(quiz_statistics(session, assignment)),
    }


@router.get("/{assignment}/report.xlsx")
def report_sheet(session: Database, trainer: Trainer, now: Now, assignment: Assignment) -> Response:
    results = quiz_results(session, assignment)
    content = results_file(results, quiz_statistics(session, assignment))
    note_alone(session, now, trainer.login, "quiz.export", assignment)
    return download(content, f"{assignment}.xlsx", f"{results.title}-成绩.xlsx")


@router.post("/build", status_code=201)
def build(
    request: Request, session: Database, trainer: Trainer, now: Now, given: BlueprintIn
) -> dict[str, Any]:
    state = state_of(request)
    name, zone = f"{given.name.strip()}.toml", state.settings.zone
    quiz = build_quiz_text(session, name, given.text, now, state.statutes, zone, trainer.login)
    return {"assignment": quiz.assignment, "questions": len(quiz.paper)}


@router.post("/{assignment}/open", status_code=202)
def open_(
    session: Database, trainer: Trainer, now: Now, assignment: Assignment, _given: NothingIn
) -> dict[str, Any]:
    quiz_papers.ask_open(session, assignment, now, trainer.login)
    return {"opening": True}


@router.post("/{assignment}/grade", status_code=202)
def grade(
    session: Database, _trainer: Trainer, now: Now, assignment: Assignment, given: GradeIn
) -> dict[str, Any]:
    asked = quiz_papers.ask_grading(session, assignment, now, again=given.again)
    return {"asked": len(asked)}


@router.post("/{assignment}/release")
def release(
    session: Database, trainer: Trainer, now: Now, assignment: Assignment, given: ReleaseIn
) -> dict[str, Any]:
    quiz = quiz_papers.release_quiz(session, assignment, now, force=given.force, by=trainer.login)
    return {"state": quiz.state}
