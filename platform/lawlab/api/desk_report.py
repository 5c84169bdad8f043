"""The trainer's desk: the yearly report, its figures and its two files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.downloads import download
from lawlab.api.routing import Route
from lawlab.services.annual_chart import chinese_font
from lawlab.services.annual_report import (
    Made,
    faults_of,
    make_report,
    report_json,
    year_report,
    years_with_data,
)
from lawlab.services.audit import note_alone

router = APIRouter(route_class=Route, prefix="/desk/report")

Year = Annotated[int, Path(ge=2000, le=2100)]


# The files come first: a year may not swallow their ending.
@router.get("/{year}.docx")
def document(
    request: Request, session: Database, trainer: Trainer, now: Now, year: Year
) -> Response:
    made = _made(request, session, year, now)
    note_alone(session, now, trainer.login, "report.made", f"year:{year}")
    return download(made.document, f"report-{year}.docx", made.document_name)


@router.get("/{year}.xlsx")
def appendix(
    request: Request, session: Database, trainer: Trainer, now: Now, year: Year
) -> Response:
    made = _made(request, session, year, now)
    note_alone(session, now, trainer.login, "report.made", f"year:{year}", appendix=True)
    return download(made.sheets, f"report-{year}.xlsx", made.sheets_name)


@router.get("/{year}")
def figures(
    request: Request, session: Database, _trainer: Trainer, now: Now, year: Year
) -> dict[str, Any]:
    """The figures of a year, the years that have any, and what keeps the files from being made."""
    return {
        **report_json(year_report(session, year, now)),
        "years": years_with_data(session),
        "faults": faults_of(state_of(request).settings, chinese_font),
    }


def _made(request: Request, session: Database, year: int, now: Now) -> Made:
    return make_report(session, state_of(request).settings, year, now, chinese_font)
