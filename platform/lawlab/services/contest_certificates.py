"""荣誉证书: who gets one, and whether it still holds: the rank decides, also after an objection."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_awards import ALPHABET, CODE_LENGTH, awarded, grouped, read_code
from lawlab.errors import Conflict, NotFound
from lawlab.services.contest import Loaded
from lawlab.services.sessions import Caller
from lawlab.store.contests import find_contest
from lawlab.store.engine import writing
from lawlab.store.tables import Certificate, Contest

CHANGED = "成绩复核后名次变了"


@dataclass(frozen=True)
class Due:
    """Somebody, or a team, who earned an award."""

    person: int | None
    team: str
    holder: str
    award: str
    rank: int


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


def issue(session: Session, loaded: Loaded, by: Caller, now: datetime) -> list[Certificate]:
    """Make the certificates that are due and not there yet, and revoke those that no longer hold;
    a repeat changes nothing. Raises Conflict `rehearsal`."""
    if loaded.row.rehearsal:
        raise Conflict("rehearsal", "彩排不发证书。")
    writing(session)
    find_contest(session, loaded.row.id, lock=True)
    wanted = {(one.person, one.team, one.award, one.rank): one for one in due(loaded)}
    for row in _holding(session, loaded.row.id):
        if wanted.pop((row.person_id, row.team, row.award, row.rank), None) is None:
            row.revoked_at, row.revoked_why = now, CHANGED
    for one in wanted.values():
        session.add(
            Certificate(
                code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
                contest_id=loaded.row.id,
                person_id=one.person,
                team=one.team,
                holder=one.holder,
                award=one.award,
                rank=one.rank,
                made_by=by.login,
                made_at=now,
            )
        )
    session.commit()
    return _holding(session, loaded.row.id)


def certificates(session: Session, loaded: Loaded, caller: Caller, *, host: bool) -> dict[str, Any]:
    """For hosts what is due, what was made, and whether the two differ; for others their own."""
    made = _holding(session, loaded.row.id)
    if not host:
        mine = [row for row in made if row.person_id == caller.person_id]
        return {"made": [shown(row) for row in mine]}
    wanted = due(loaded)
    there = {(row.person_id, row.team, row.award, row.rank) for row in made}
    differ = there != {(one.person, one.team, one.award, one.rank) for one in wanted}
    return {
        "made": [shown(row) for row in made],
        "due": [{"holder": one.holder, "award": one.award, "rank": one.rank} for one in wanted],
        "differ": differ,
    }


def find_certificate(session: Session, contest_id: int, number: int) -> Certificate:
    """Raises NotFound `no_certificate`."""
    row = session.get(Certificate, number)
    if row is None or row.contest_id != contest_id or row.revoked_at is not None:
        raise NotFound("no_certificate", "没有这张证书，或者它已经作废。请刷新页面。")
    return row


def verify(session: Session, text: str) -> tuple[Certificate, str] | None:
    """The certificate of a code as somebody typed it, with the contest's title; revoked ones too.
    None when there is none."""
    code = read_code(text)
    if code is None:
        return None
    query = (
        select(Certificate, Contest.title)
        .join(Contest, Contest.id == Certificate.contest_id)
        .where(Certificate.code == code)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def shown(row: Certificate) -> dict[str, Any]:
    return {
        "id": row.id,
        "holder": row.holder,
        "award": row.award,
        "rank": row.rank,
        "code": grouped(row.code),
    }


def _holding(session: Session, contest_id: int) -> list[Certificate]:
    query = (
        select(Certificate)
        .where(Certificate.contest_id == contest_id, Certificate.revoked_at.is_(None))
        .order_by(Certificate.team == "", Certificate.rank, Certificate.id)
    )
    return list(session.scalars(query))


def all_of(rows: Iterable[Certificate]) -> list[tuple[str, Certificate]]:
    """Each with a name of its own for a file: "01 一等奖 干部001.docx"."""
    return [
        (f"{number:02} {row.award} {row.holder}.docx", row) for number, row in enumerate(rows, 1)
    ]
