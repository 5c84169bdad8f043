"""荣誉证书: made by the host after a contest, shown to their holders, checked by anybody."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_awards import ALPHABET, CODE_LENGTH, grouped, read_code
from lawlab.errors import Conflict, NotFound
from lawlab.services.audit import note
from lawlab.services.contest import Loaded
from lawlab.services.contest_due import bring_certificates_in_step, certificates_of, due, key_of
from lawlab.services.contest_protocol import loaded_protocol
from lawlab.services.sessions import Caller
from lawlab.store.contests import MOST_ID, find_contest
from lawlab.store.engine import writing
from lawlab.store.tables import Certificate, Contest


def issue(session: Session, contest_id: int, by: Caller, now: datetime) -> Loaded:
    """Make the certificates that are due and not there yet; a repeat changes nothing. Raises
    NotFound `no_contest`; Conflict `not_finished`, `rehearsal`."""
    writing(session)
    find_contest(session, contest_id, lock=True)
    loaded = loaded_protocol(session, contest_id, now)
    if loaded.row.rehearsal:
        raise Conflict("rehearsal", "彩排不发证书。")
    bring_certificates_in_step(session, loaded, now)
    rows = certificates_of(session, contest_id)
    there = {key_of(row) for row in rows if row.revoked_at is None}
    new = [one for one in due(loaded) if one.key not in there]
    for one in new:
        session.add(
            Certificate(
                code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
                contest_id=contest_id,
                person_id=one.person,
                team=one.team,
                holder=one.holder,
                award=one.award,
                rank=one.rank,
                made_by=by.login,
                made_at=now,
            )
        )
    if new:
        made = [[one.person, one.team, one.award, one.rank] for one in new]
        note(session, now, by.login, "contest.certificates", f"contest:{contest_id}", made=made)
    session.commit()
    return loaded


def certificates(session: Session, loaded: Loaded, caller: Caller, *, host: bool) -> dict[str, Any]:
    """For hosts what is due, what was made, and whether the two differ; for others their own."""
    rows = certificates_of(session, loaded.row.id)
    if not host:
        rows = [row for row in rows if row.person_id == caller.person_id]
    made = [row for row in rows if row.revoked_at is None]
    there = {key_of(row) for row in made}
    wanted = due(loaded) if host else []
    more = {
        "due": [{"holder": one.holder, "award": one.award, "rank": one.rank} for one in wanted],
        "differ": there != {one.key for one in wanted},
    }
    return {
        "made": [shown(row) for row in made],
        "revoked": [shown(row) | {"why": row.revoked_why} for row in rows if row.revoked_at],
        **(more if host else {}),
    }


def find_certificate(session: Session, contest_id: int, number: int) -> Certificate:
    """Raises NotFound `no_certificate`."""
    row = session.get(Certificate, number) if 1 <= number <= MOST_ID else None
    if row is None or row.contest_id != contest_id or row.revoked_at is not None:
        raise NotFound("no_certificate", "没有这张证书，或者它已经作废。请刷新页面。")
    return row


def holding(session: Session, contest_id: int) -> Sequence[Certificate]:
    """Those that hold, teams first, by rank. Raises NotFound `no_certificate` for none."""
    rows = [row for row in certificates_of(session, contest_id) if row.revoked_at is None]
    if not rows:
        raise NotFound("no_certificate", "还没有做证书。请先点“做证书”。")
    return rows


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
