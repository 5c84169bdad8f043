"""Who is due a certificate (荣誉证书), and whether those that were made still hold: by rank. An
objection revokes what it makes wrong; what holds again afterwards is valid again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.audit import SYSTEM
from lawlab.domain.contest_awards import awarded
from lawlab.services.audit import note
from lawlab.store.tables import Certificate

if TYPE_CHECKING:
    from lawlab.services.contest import Loaded

CHANGED = "成绩复核后名次变了"
Key = tuple[int | None, str, str, int]
"""Person, team, award and rank."""


@dataclass(frozen=True)
class Due:
    """Somebody, or a team, who earned an award."""

    person: int | None
    team: str
    holder: str
    award: str
    rank: int

    @property
    def key(self) -> Key:
        return (self.person, self.team, self.award, self.rank)


def due(loaded: Loaded) -> list[Due]:
    """Everybody who earned an award as the results stand now, by rank, teams first."""
    awards = loaded.script.awards
    teams = loaded.contest.teams()
    found = [
        Due(None, row.team, row.team, award, row.rank)
        for row, award in zip(
            teams, awarded(((row.rank, row.points) for row in teams), awards), strict=True
        )
        if award
    ]
    people = [row for row in loaded.results() if row.answered]
    return found + [
        Due(row.person, "", loaded.people[row.person].name, award, row.rank)
        for row, award in zip(
            people, awarded(((row.rank, row.points) for row in people), awards), strict=True
        )
        if award
    ]


def bring_certificates_in_step(session: Session, loaded: Loaded, now: datetime) -> int:
    """In the caller's transaction: revoke certificates that no longer hold, and let those hold
    again that were revoked and are right now; returns how many changed. None is made."""
    rows = certificates_of(session, loaded.row.id)
    if not rows:
        return 0
    wanted = {one.key for one in due(loaded)}
    held = {key_of(row) for row in rows if row.revoked_at is None}
    changed = 0
    for row in reversed(rows):
        key = key_of(row)
        if row.revoked_at is None and key not in wanted:
            row.revoked_at, row.revoked_why = now, CHANGED
        elif row.revoked_at is not None and key in wanted - held:
            row.revoked_at, row.revoked_why = None, ""
            held.add(key)
        else:
            continue
        facts = {"code": row.code, "revoked": row.revoked_at is not None}
        note(session, now, SYSTEM, "contest.revoke", f"contest:{row.contest_id}", **facts)
        changed += 1
    session.flush()
    return changed


def certificates_of(session: Session, contest_id: int) -> list[Certificate]:
    """All that were made, revoked ones too, teams first, by rank."""
    query = (
        select(Certificate)
        .where(Certificate.contest_id == contest_id)
        .order_by(Certificate.team == "", Certificate.rank, Certificate.id)
    )
    return list(session.scalars(query))


def key_of(row: Certificate) -> Key:
    return (row.person_id, row.team, row.award, row.rank)
