"""Lists of laws for the trainer's page: what the town imported, and what can be found by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.statute import LawInfo, short_name
from lawlab.errors import NotFound
from lawlab.services.reading import reading_courses
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ImportedLaw

MOST_FOUND = 30


def imported_list(session: Session, statutes: Statutes, now: dt.datetime) -> list[dict[str, Any]]:
    """Every imported version, the newest import first."""
    columns = (
        ImportedLaw.name,
        ImportedLaw.kind,
        ImportedLaw.issuer,
        ImportedLaw.published,
        ImportedLaw.effective,
        ImportedLaw.version,
        ImportedLaw.file_name,
        ImportedLaw.imported_by,
        ImportedLaw.imported_at,
    )
    readers, found = reading_courses(session), []
    for row in session.execute(select(*columns).order_by(ImportedLaw.id.desc())):
        short = short_name(row.name)
        in_force = _in_force(statutes, short, china_day(now))
        found.append(
            {
                "law": short,
                "name": row.name,
                "kind": row.kind,
                "issuer": row.issuer,
                "published": row.published.isoformat(),
                "effective": row.effective.isoformat(),
                "version": row.version.isoformat(),
                "in_force": bool(in_force and in_force.version == row.version),
                "begins": max(row.effective, row.version).isoformat(),
                "file": row.file_name,
                "by": row.imported_by,
                "at": row.imported_at.isoformat(),
                "reading": readers.get(short),
            }
        )
    return found


def known_laws(statutes: Statutes, words: str) -> tuple[list[dict[str, str]], int]:
    """Laws whose name holds all of the words, one entry each, and how many laws there are."""
    newest: dict[str, LawInfo] = {}
    for info in statutes.laws():
        newest.setdefault(info.short, info)
    wanted = words.split()
    found = [
        {"law": info.short, "status": info.status, "version": info.version.isoformat()}
        for info in newest.values()
        if wanted and all(word in info.name for word in wanted)
    ]
    found.sort(key=lambda law: (len(law["law"]), law["law"]))
    return found[:MOST_FOUND], len(newest)


def law_versions(statutes: Statutes, law: str) -> list[dict[str, str]]:
    """The versions of a law, newest first. Raises NotFound `no_law`."""
    return [
        {"version": info.version.isoformat(), "status": info.status}
        for info in statutes.versions(law)
    ]


def _in_force(statutes: Statutes, law: str, on: dt.date) -> LawInfo | None:
    try:
        return statutes.find(law, on=on)
    except NotFound:
        return None
