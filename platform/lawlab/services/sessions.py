"""Who is calling the API: browser sessions, and callers known by a verified sign-in name.

A browser's session stands on the Hub's: it is valid only together with the `jupyterhub-session-id`
cookie it was made with, so signing out of the Hub ends it too; and it lasts no longer than that.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload, selectinload

from lawlab.errors import LawlabError, Refused
from lawlab.store.engine import writing
from lawlab.store.tables import ApiSession, Person

LIFETIME = timedelta(days=1)
"""As long as the Hub's own: devices are shared, and browsers keep session cookies for weeks."""


class SignedOut(LawlabError):
    """No valid session; the page renews it and asks again."""

    status = 401

    def __init__(self) -> None:
        super().__init__("signed_out", "请重新登录。")


@dataclass(frozen=True)
class Caller:
    """An active person who has proved who he is."""

    person_id: int
    login: str
    full_name: str
    roles: frozenset[str]
    session: str | None = None
    """Hash that names the browser session; None for kernels and scripts."""


def begin_session(session: Session, login: str, hub_session: str, now: datetime) -> str:
    """Start a session for a person whom the Hub has just named; returns the cookie's value.

    Raises Refused `disabled` when the person is unknown here or disabled.
    """
    writing(session)
    person = session.scalar(select(Person).where(Person.login == login))
    if person is None or not person.active:
        raise Refused("disabled", "这个账号已停用。如有疑问，请找管理员。")
    session.execute(
        delete(ApiSession).where(
            ApiSession.person_id == person.id, ApiSession.created_at <= now - LIFETIME
        )
    )
    token = secrets.token_urlsafe(32)
    session.add(
        ApiSession(
            token_hash=fingerprint(token),
            person_id=person.id,
            hub_session_hash=fingerprint(hub_session),
            created_at=now,
        )
    )
    session.commit()
    return token


def caller_of_session(
    session: Session, token: str, hub_session: str, now: datetime
) -> Caller | None:
    """The caller of a browser session; None when it ended or is foreign or he is disabled."""
    return session_standing(session, fingerprint(token), now, fingerprint(hub_session))


def session_standing(
    session: Session, token_hash: str, now: datetime, hub_session_hash: str | None = None
) -> Caller | None:
    """The caller of a session named by its hash; sockets ask this again while they are open."""
    row = session.scalar(
        select(ApiSession)
        .where(
            ApiSession.token_hash == token_hash,
            ApiSession.ended_at.is_(None),
            ApiSession.created_at > now - LIFETIME,
        )
        .options(selectinload(ApiSession.person).selectinload(Person.roles))
    )
    if row is None or (hub_session_hash and row.hub_session_hash != hub_session_hash):
        return None
    return _caller(row.person, token_hash)


def callers_of_sessions(
    session: Session, cookies: Collection[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Caller]:
    """(token, session of the Hub) → its caller, for many browsers in two queries; those that
    `caller_of_session` would not know are left out."""
    hashes = {(token, hub): (fingerprint(token), fingerprint(hub)) for token, hub in cookies}
    rows = session.scalars(
        select(ApiSession)
        .where(
            ApiSession.token_hash.in_({token for token, _ in hashes.values()}),
            ApiSession.ended_at.is_(None),
            ApiSession.created_at > now - LIFETIME,
        )
        .options(joinedload(ApiSession.person).selectinload(Person.roles))
    )
    known = {(row.token_hash, row.hub_session_hash): row for row in rows}
    found = {}
    for pair, hashed in hashes.items():
        row = known.get(hashed)
        caller = _caller(row.person, row.token_hash) if row else None
        if caller is not None:
            found[pair] = caller
    return found


def standing_sessions(session: Session, hashes: Collection[str], now: datetime) -> set[str]:
    """Those of these sessions that have not ended and whose person is active; for many sockets."""
    found: set[str] = set()
    ordered = sorted(hashes)
    for start in range(0, len(ordered), 500):
        query = (
            select(ApiSession.token_hash)
            .join(Person, Person.id == ApiSession.person_id)
            .where(
                ApiSession.token_hash.in_(ordered[start : start + 500]),
                ApiSession.ended_at.is_(None),
                ApiSession.created_at > now - LIFETIME,
                Person.active,
            )
        )
        found |= set(session.scalars(query))
    return found


def caller_by_login(session: Session, login: str) -> Caller | None:
    """The caller behind a sign-in name that a signed token or the Hub vouches for."""
    person = session.scalar(
        select(Person).where(Person.login == login).options(selectinload(Person.roles))
    )
    return _caller(person, None) if person else None


def fingerprint(value: str) -> str:
    """What is stored instead of a secret: sha256, hex."""
    return hashlib.sha256(value.encode()).hexdigest()


def _caller(person: Person, token_hash: str | None) -> Caller | None:
    if not person.active:
        return None
    roles = frozenset(role.role for role in person.roles)
    return Caller(person.id, person.login, person.full_name, roles, token_hash)
