"""Importing an official file: look at it, compare it with what is there, store it as a version."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.statute import Law, LawInfo
from lawlab.domain.statute_diff import Kind, changes
from lawlab.domain.statute_text import Fault, Given, StatuteText, read_statute
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services.content_state import record
from lawlab.services.freshness import mark_stale
from lawlab.services.statute_files import StatuteFile
from lawlab.store.engine import writing
from lawlab.store.imported_laws import entries_of, imported_law, is_imported
from lawlab.store.statutes import Statutes, TownStatutes
from lawlab.store.tables import ImportedLaw

_MOST_NAMED = 8
"""Articles that a sentence names."""


@dataclass(frozen=True)
class Preview:
    """What stands in a file, what is wrong with it, and which versions of the law are there."""

    file: StatuteFile
    statute: StatuteText
    faults: list[Fault]
    versions: list[LawInfo]
    same: LawInfo | None
    """The version of this very day, if there is one; `differs` says where its text is another."""
    differs: list[str]

    @property
    def said(self) -> list[str]:
        """The faults as sentences with their places."""
        return [fault.say(self.file.unit) for fault in self.faults]

    @property
    def known(self) -> str:
        """A sentence when this version is there already, else nothing."""
        return _known_sentence(self.same, self.differs) if self.same else ""


@dataclass(frozen=True)
class Imported:
    """The version that is there now; `first` is False when it was before. `stale` are the items
    that left the papers because of it."""

    info: LawInfo
    first: bool
    stale: list[str]


def look_at(file: StatuteFile, given: Given, statutes: Statutes) -> Preview:
    """Everything that a person wants to see before he imports a file. Nothing is stored."""
    statute, faults = read_statute(file.lines, given, unit=file.unit)
    versions: list[LawInfo] = []
    if statute.name:
        try:
            versions = statutes.versions(statute.name)
        except NotFound:
            versions = []
    same = next((info for info in versions if info.version == statute.version), None)
    differs = []
    if same and not faults:
        there = statutes.law(same.name, version=same.version)
        differs = _differences(there, statute.law(""))
    return Preview(file, statute, faults, versions, same, differs)


def import_statute(
    session: Session,
    file: StatuteFile,
    given: Given,
    statutes: TownStatutes,
    by: str,
    now: dt.datetime,
) -> Imported:
    """Store the statute of a file as a version of its law; the same again changes nothing.

    Raises FileFaults with every fault, Conflict `other_text` when this version is there with
    another text; then nothing was written.
    """
    statutes.refresh()
    preview = look_at(file, given, statutes)
    if preview.faults:
        raise FileFaults(file.name, preview.said)
    law = preview.statute.law("")
    writing(session)
    try:
        there = _stored(session, law) or _in_package(statutes, law)
        if there is None:
            _store(session, file, law, by, now)
        session.commit()
    except IntegrityError:
        session.rollback()
        raise Conflict(
            "imported_meanwhile", "另有人刚刚导入了这部法规的同一个版本。请刷新后再看。"
        ) from None
    if there is None:
        statutes.refresh()
        stale = mark_stale(session, statutes, now)
        return Imported(statutes.find(law.info.name, version=law.info.version), True, stale)
    if differs := _differences(there, law):
        raise Conflict("other_text", _known_sentence(there.info, differs), differs=differs)
    return Imported(there.info, False, [])


def _stored(session: Session, law: Law) -> Law | None:
    """The imported text of the same law and day: what another process stored a moment ago too."""
    rows = session.execute(
        select(ImportedLaw.id, ImportedLaw.name).where(ImportedLaw.version == law.info.version)
    )
    for row, name in rows.all():
        info = LawInfo(f"import:{row}", name, *_rest(law.info))
        if info.short == law.info.short:
            return imported_law(session, info)
    return None


def _rest(info: LawInfo) -> tuple[str, str, str, dt.date, dt.date, dt.date]:
    return info.kind, info.issuer, info.status, info.published, info.effective, info.version


def _in_package(statutes: Statutes, law: Law) -> Law | None:
    try:
        versions = statutes.versions(law.info.name)
    except NotFound:
        return None
    for info in versions:
        if info.version == law.info.version and not is_imported(info):
            return statutes.law(info.name, version=info.version)
    return None


def _store(session: Session, file: StatuteFile, law: Law, by: str, now: dt.datetime) -> None:
    info = law.info
    session.add(
        ImportedLaw(
            name=info.name,
            kind=info.kind,
            issuer=info.issuer,
            published=info.published,
            effective=info.effective,
            version=info.version,
            articles=entries_of(law),
            sha256=law.fingerprint,
            file_name=file.name[-200:],
            imported_by=by,
            imported_at=now,
        )
    )
    record(session, "law", f"{info.short}@{info.version}", "import", by, now, note=file.name[-200:])
    session.flush()


def _differences(there: Law, law: Law) -> list[str]:
    """Titles of the articles whose text is another; punctuation and spaces apart."""
    titles = [[article.title for article in one.articles] for one in (there, law)]
    if there.fingerprint == law.fingerprint and titles[0] == titles[1]:
        return []
    return [change.title for change in changes(there, law) if change.kind is not Kind.SAME]


def _known_sentence(info: LawInfo, differs: list[str]) -> str:
    whose = "已经导入过" if is_imported(info) else "平台已经收有"
    if not differs:
        return f"《{info.short}》{info.version} 的版本{whose}，文字相同，不用再导入。"
    more = f"等 {len(differs)} 处" if len(differs) > _MOST_NAMED else ""
    return (
        f"《{info.short}》{info.version} 的版本{whose}，但文字不同："
        f"{'、'.join(differs[:_MOST_NAMED])}{more}。没有保存任何内容。"
        "如果这份文件是修改后的新版本，请写明它自己的版本日期（最近一次修改或公布的日期）。"
    )
