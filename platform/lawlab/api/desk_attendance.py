"""The trainer's desk: records of attendance, sign-in sheets, and lists that are imported."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lawlab.api.border import Version, Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.downloads import download
from lawlab.api.routing import Route
from lawlab.errors import LawlabError
from lawlab.services import attendance_figures as figures
from lawlab.services.attendance_import import ListFile, apply_list, preview_list
from lawlab.services.attendance_records import person_record, unit_record, year_sheet
from lawlab.services.attendance_sheets import sign_sheet_file, year_file
from lawlab.services.attendance_sign_sheet import sign_sheet
from lawlab.services.audit import note_alone

router = APIRouter(route_class=Route, prefix="/desk/attendance")

Year = Annotated[int, Path(ge=2000, le=2999)]
OfYear = Annotated[int | None, Query(ge=2000, le=2999)]
Activity = Annotated[Version, Path()]


class ListIn(BaseModel):
    """A list as its name and its content in base64."""

    model_config = ConfigDict(extra="forbid")
    name: Word = Field(min_length=1, max_length=200)
    content: str = Field(max_length=7_000_000)
    apply: bool

    def read(self) -> ListFile:
        try:
            content = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError):
            raise LawlabError("bad_file", "文件没有传完整，请重新选择文件。") from None
        return ListFile(self.name, content)


async def _list(request: Request, _trainer: Trainer) -> ListIn:
    # Read by hand: a file is taken only from somebody who may bring one.
    try:
        return ListIn.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


@router.get("/year/{year}.xlsx")
def year_xlsx(
    request: Request, session: Database, trainer: Trainer, now: Now, year: Year
) -> Response:
    settings = state_of(request).settings
    sheet = year_sheet(session, year, now, settings.zone)
    content = year_file(sheet, settings.town, settings.zone)
    note_alone(session, now, trainer.login, "activity.export", f"year:{year}")
    return download(content, f"attendance-{year}.xlsx", f"{settings.town}{year}年考勤.xlsx")


@router.get("/year/{year}")
def year(
    request: Request, session: Database, _trainer: Trainer, now: Now, year: Year
) -> dict[str, Any]:
    zone = state_of(request).settings.zone
    return figures.year_figures(year_sheet(session, year, now, zone))


@router.get("/person/{login}")
def person(
    request: Request,
    session: Database,
    _trainer: Trainer,
    now: Now,
    login: Word,
    year: OfYear = None,
) -> dict[str, Any]:
    zone = state_of(request).settings.zone
    wanted = year or now.astimezone(zone).year
    return figures.person_figures(person_record(session, login, wanted, now, zone))


@router.get("/unit/{name:path}")
def unit(
    request: Request,
    session: Database,
    _trainer: Trainer,
    now: Now,
    name: Word,
    year: OfYear = None,
) -> dict[str, Any]:
    zone = state_of(request).settings.zone
    wanted = year or now.astimezone(zone).year
    return figures.unit_figures(unit_record(session, name, wanted, now, zone))


@router.get("/sheet/{activity}.xlsx")
def sheet_xlsx(
    request: Request, session: Database, trainer: Trainer, now: Now, activity: Activity
) -> Response:
    settings = state_of(request).settings
    sheet = sign_sheet(session, activity)
    content = sign_sheet_file(session, sheet, settings.town, settings.zone)
    note_alone(session, now, trainer.login, "activity.export", f"activity:{activity}")
    return download(content, f"sheet-{activity}.xlsx", f"{sheet.activity.title}-签到表.xlsx")


@router.get("/sheet/{activity}")
def sheet(
    request: Request, session: Database, _trainer: Trainer, now: Now, activity: Activity
) -> dict[str, Any]:
    town = state_of(request).settings.town
    return figures.sheet_figures(sign_sheet(session, activity), town, now)


@router.post("/import/{activity}")
def import_(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: Activity,
    given: Annotated[ListIn, Depends(_list)],
) -> dict[str, Any]:
    """What a list says; with `apply` it is done at once, all or nothing."""
    zone = state_of(request).settings.zone
    bring = apply_list if given.apply else preview_list
    preview = bring(session, trainer, activity, given.read(), now, zone)
    return figures.import_figures(preview, applied=given.apply)
