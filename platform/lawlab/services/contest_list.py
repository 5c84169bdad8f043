"""Which contests somebody may take part in now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.contest_script import FORMAT_NAMES, Script
from lawlab.services.sessions import Caller
from lawlab.store.contests import is_expected, open_contests
from lawlab.store.statutes import china_day

SEAT_PAGE = "/services/learn/contest"


def contests_now(session: Session, caller: Caller, now: datetime) -> list[dict[str, Any]]:
    """Open contests and rehearsals that expect the caller, the newest first."""
    found = []
    for row in open_contests(session):
        script = Script.from_json(row.script)
        day = china_day(row.opened_at or now)
        if is_expected(session, script, day, caller.person_id):
            found.append(
                {
                    "id": row.id,
                    "title": row.title,
                    "rehearsal": row.rehearsal,
                    "format": script.format.value,
                    "format_name": FORMAT_NAMES[script.format],
                    "url": f"{SEAT_PAGE}/{row.id}",
                }
            )
    return found
