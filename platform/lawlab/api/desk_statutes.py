"""The trainer's desk: importing statutes and seeing what changed."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer, state_of
from lawlab.api.routing import Route
from lawlab.domain.statute import Heading, Law, number_title
from lawlab.domain.statute_diff import Change, Kind, changes, summary
from lawlab.domain.statute_text import Given, StatuteText
from lawlab.errors import LawlabError
from lawlab.services.law_changes import banks_of, law_in_file, law_named, touched_items
from lawlab.services.law_list import imported_list, known_laws, law_versions
from lawlab.services.reading import make_reading_course, withdraw_reading_course
from lawlab.services.statute_files import StatuteFile, read_statute_file
from lawlab.services.statute_import import Preview, import_statute, look_at
from lawlab.store.statutes import TownStatutes

router = APIRouter(route_class=Route, prefix="/desk/laws")

Shape = TypeVar("Shape", bound=BaseModel)
LawRef = Annotated[Word, Field(min_length=1, max_length=120)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FileIn(Strict):
    """A file as its name and its content in base64."""

    name: Word = Field(min_length=1, max_length=200)
    content: str = Field(max_length=7_000_000)

    def read(self) -> StatuteFile:
        try:
            content = base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError):
            raise LawlabError("bad_file", "文件没有传完整，请重新选择文件。") from None
        return read_statute_file(self.name, content)


class GivenIn(Strict):
    """What the trainer says of the file; empty where the file is right."""

    name: Word = Field(default="", max_length=200)
    issuer: Word = Field(default="", max_length=400)
    kind: Word = Field(default="", max_length=20)
    published: dt.date | None = None
    effective: dt.date | None = None
    version: dt.date | None = None

    def plain(self) -> Given:
        return Given(**self.model_dump())


class UploadIn(Strict):
    file: FileIn
    given: GivenIn = Field(default_factory=GivenIn)


class DiffIn(Strict):
    """`old` and `new` as `宪法@1982-12-04`; a file takes the place of `new`."""

    old: LawRef
    new: LawRef | None = None
    file: FileIn | None = None


class ReadingIn(Strict):
    law: LawRef
    show: bool


async def _upload(request: Request, _trainer: Trainer) -> UploadIn:
    # Read by hand: a file is taken only from somebody who may bring one.
    return await _body(request, UploadIn)


async def _comparison(request: Request, _trainer: Trainer) -> DiffIn:
    return await _body(request, DiffIn)


async def _body(request: Request, model: type[Shape]) -> Shape:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _statutes(request: Request) -> TownStatutes:
    return state_of(request).statutes


Laws = Annotated[TownStatutes, Depends(_statutes)]
Upload = Annotated[UploadIn, Depends(_upload)]
Comparison = Annotated[DiffIn, Depends(_comparison)]


@router.get("")
def laws(
    session: Database, _trainer: Trainer, statutes: Laws, now: Now, words: Word = ""
) -> dict[str, Any]:
    """What the town imported, and the laws whose name holds `words`."""
    found, total = known_laws(statutes, words[:40])
    imported = imported_list(session, statutes, now)
    return {"imported": imported, "found": found, "total": total}


@router.get("/versions")
def versions(_trainer: Trainer, statutes: Laws, law: LawRef) -> dict[str, Any]:
    """The versions of one law, newest first."""
    return {"versions": law_versions(statutes, law)}


@router.post("/preview")
def preview(_trainer: Trainer, statutes: Laws, given: Upload) -> dict[str, Any]:
    """What stands in a file and what is wrong with it; nothing is stored."""
    return _preview(look_at(given.file.read(), given.given.plain(), statutes))


@router.post("", status_code=201)
def save(
    session: Database,
    trainer: Trainer,
    statutes: Laws,
    now: Now,
    given: Upload,
    response: Response,
) -> dict[str, Any]:
    """Store a file's statute. 201 when it is new, 200 when this very text is there already."""
    done = import_statute(
        session, given.file.read(), given.given.plain(), statutes, trainer.login, now
    )
    response.status_code = 201 if done.first else 200
    return {
        "law": done.info.short,
        "name": done.info.name,
        "version": done.info.version.isoformat(),
        "first": done.first,
        "stale": done.stale,
        "banks": banks_of(session, done.stale),
    }


@router.post("/diff")
def diff(session: Database, _trainer: Trainer, statutes: Laws, given: Comparison) -> dict[str, Any]:
    """What changed from one version to another, or to a file, and the items that this touches."""
    old = law_named(given.old, statutes)
    if given.file:
        new = law_in_file(given.file.read())
    elif given.new:
        new = law_named(given.new, statutes)
    else:
        raise LawlabError("no_version", "请选择要比较的新版本，或者上传一个文件。")
    found = changes(old, new)
    return {
        "old": _title(old),
        "new": _title(new),
        "counts": {kind.value: count for kind, count in summary(found).items()},
        "changes": [_change(change) for change in found],
        "items": [
            {"item": one.item, "bank": one.bank, "stem": one.stem, "articles": one.articles}
            | {"state": one.state}
            for one in touched_items(session, old.info.short, found)
        ],
    }


@router.post("/reading")
def reading(
    session: Database, trainer: Trainer, statutes: Laws, now: Now, given: ReadingIn
) -> dict[str, Any]:
    """Make a law a course for reading, or take the course away again."""
    if given.show:
        slug, _ = make_reading_course(session, given.law, statutes, trainer.login, now)
        return {"reading": slug}
    withdraw_reading_course(session, given.law, trainer.login, now)
    return {"reading": None}


def _preview(found: Preview) -> dict[str, Any]:
    statute, unit = found.statute, found.file.unit
    return {
        "file": found.file.name,
        "unit": unit,
        "fields": {
            "name": statute.name,
            "issuer": statute.issuer,
            "kind": statute.kind,
            "published": _iso(statute.published),
            "effective": _iso(statute.effective),
            "version": _iso(statute.version),
        },
        "adopted": _iso(statute.adopted),
        "amendments": [_iso(day) for day in statute.amendments],
        "counts": statute.counts,
        "outline": _outline(statute),
        "ends": [
            {"title": one.title, "paragraphs": one.paragraphs}
            for one in (*statute.articles[:1], *statute.articles[1:][-1:])
        ],
        "insertions": statute.insertions,
        "appendices": [one.title for one in statute.appendices],
        "notes": statute.notes,
        "left_out": [{"line": line.number, "text": line.text} for line in statute.left_out],
        "faults": [
            {"line": one.line, "text": one.text, "sentence": one.sentence, "field": one.field}
            for one in found.faults
        ],
        "said": found.said,
        "known": found.known,
        "differs": found.differs,
        "versions": [info.version.isoformat() for info in found.versions],
    }


def _outline(statute: StatuteText) -> list[dict[str, Any]]:
    return _headings(Law(statute.law("").info, statute.articles).tree, 0)


def _headings(headings: tuple[Heading, ...], depth: int) -> list[dict[str, Any]]:
    rows = []
    for heading in headings:
        ends = dict.fromkeys(map(number_title, (heading.first, heading.last)))
        rows.append({"title": heading.title, "depth": depth, "span": " 至 ".join(ends)})
        rows += _headings(heading.children, depth + 1)
    return rows


def _change(change: Change) -> dict[str, Any]:
    body: dict[str, Any] = {"kind": change.kind.value, "title": change.title}
    if change.kind in (Kind.CHANGED, Kind.MOVED):
        return body | {"pieces": change.pieces}
    article = change.new or change.old
    if change.kind in (Kind.ADDED, Kind.REMOVED) and article:
        return body | {"text": article.text}
    return body


def _title(law: Law) -> dict[str, str | None]:
    # A file that is only compared need not say its dates.
    version = None if law.info.version == dt.date.min else law.info.version
    return {"law": law.info.short, "version": _iso(version)}


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
