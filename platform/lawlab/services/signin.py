"""Signing in: count the try, check the password, say what comes of it; and a person's own password.

A try is written down as a failure before its password is checked, and struck out when it was right:
so a burst of guesses cannot run ahead of its own count. Hashing happens outside of transactions.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.signin import (
    LONGEST_PASSWORD,
    WINDOW,
    Tally,
    Verdict,
    check_new_password,
    judge,
    session_allowed,
    tidy_login,
    tidy_password,
    wait_sentence,
    wrong_sentence,
)
from lawlab.errors import Conflict
from lawlab.store.engine import writing
from lawlab.store.people import (
    end_api_sessions,
    failures_of_name,
    failures_of_pair,
    names_failed_at,
    person_by_login,
    roles_of,
)
from lawlab.store.tables import ApiSession, SigninFailure

LONGEST_LOGIN = 40
DISABLED = "这个账号已停用。如有疑问，请找管理员。"


@dataclass(frozen=True)
class Try:
    """Who wants in, from where. `known_device`: signed in with this name here before."""

    login: str
    device: str
    address: str
    known_device: bool = False

    @classmethod
    def typed(cls, login: str, *, device: str, address: str, known_device: bool = False) -> Try:
        """A try with the sign-in name as it came from a keyboard."""
        return cls(tidy_login(login)[:LONGEST_LOGIN], device[:64], address[:64], known_device)


class State(Enum):
    """What became of a try."""

    IN = "in"
    MUST_CHANGE = "must_change"
    WRONG = "wrong"
    WAIT = "wait"
    DISABLED = "disabled"


@dataclass(frozen=True)
class SignIn:
    """The end of a try; `sentence` is for the person when he is not in.

    `stamp` stands for the password that was right; with it `choose_password` replaces that one.
    """

    state: State
    login: str
    sentence: str = ""
    roles: frozenset[str] = frozenset()
    stamp: str = ""
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Admission:
    """A try that was counted: the stored failure, and the hash to check the password against."""

    failure: int
    failures_here: int
    password_hash: str | None


@dataclass(frozen=True)
class Standing:
    """What the Hub asks again while a session lasts."""

    roles: frozenset[str]
    may_have_session: bool


def sign_in(sessions: sessionmaker[Session], attempt: Try, password: str, now: datetime) -> SignIn:
    """Check one try from beginning to end. Takes 30 ms of a processor: not for an event loop."""
    with sessions() as session:
        admission = admit(session, attempt, now=now)
    if isinstance(admission, Verdict):
        return SignIn(State.WAIT, attempt.login, wait_sentence(admission), verdict=admission)
    matches = password_matches(admission.password_hash, password)
    with sessions() as session:
        return settle(session, attempt, admission, matches=matches, now=now)


def admit(session: Session, attempt: Try, *, now: datetime) -> Admission | Verdict:
    """Count a try, or say how long it has to wait. A try that waits leaves no trace."""
    writing(session)
    person = person_by_login(session, attempt.login, lock=True)
    tally = _tally(session, attempt, now)
    verdict = judge(tally, known_device=attempt.known_device, now=now)
    if not verdict.go:
        return verdict
    session.execute(delete(SigninFailure).where(SigninFailure.at <= now - WINDOW))
    failure = SigninFailure(
        login=attempt.login, device=attempt.device, address=attempt.address, at=now
    )
    session.add(failure)
    session.flush()
    admission = Admission(failure.id, tally.pair + 1, person.password_hash if person else None)
    session.commit()
    return admission


def settle(
    session: Session, attempt: Try, admission: Admission, *, matches: bool, now: datetime
) -> SignIn:
    """What a checked password leads to. A right one strikes out this device's failures."""
    if not matches:
        return SignIn(State.WRONG, attempt.login, wrong_sentence(admission.failures_here))
    writing(session)
    session.execute(
        delete(SigninFailure).where(
            SigninFailure.login == attempt.login,
            (SigninFailure.device == attempt.device) | (SigninFailure.id == admission.failure),
        )
    )
    person = person_by_login(session, attempt.login)
    session.commit()
    if person is None or not person.active:
        return SignIn(State.DISABLED, attempt.login, DISABLED)
    state = State.MUST_CHANGE if person.must_change_password else State.IN
    return SignIn(
        state, person.login, roles=roles_of(person), stamp=_stamp(admission.password_hash)
    )


def standing(session: Session, login: str) -> Standing | None:
    """Roles of a person, and whether he may have a session; None when nobody has the name."""
    person = person_by_login(session, login)
    if person is None:
        return None
    allowed = session_allowed(
        active=person.active, must_change_password=person.must_change_password
    )
    return Standing(roles_of(person), allowed)


def choose_password(
    sessions: sessionmaker[Session], login: str, stamp: str, new: str, now: datetime
) -> frozenset[str]:
    """Replace the password behind `stamp` by one that the person chose, and return his roles.

    Every API session of his ends. Raises LawlabError `weak_password`, or Conflict when the password
    is no longer the one he proved to know.
    """
    with sessions() as session:
        person = person_by_login(session, login)
        old = person.password_hash if person else None
    check_new_password(new, login=login, same_as_old=password_matches(old, new))
    replacement = hash_password(new)
    with sessions() as session:
        return _replace_password(session, login, stamp, replacement, now)


def end_hub_session(session: Session, hub_session_hash: str, *, now: datetime) -> int:
    """End the API's sessions that stand on one session of the Hub; returns how many there were."""
    writing(session)
    ended = session.execute(
        update(ApiSession)
        .where(ApiSession.hub_session_hash == hub_session_hash, ApiSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(ApiSession.token_hash)
    ).all()
    session.commit()
    return len(ended)


def hash_password(password: str) -> str:
    """argon2id with 19 MiB and two passes."""
    return _hasher().hash(tidy_password(password))


def password_matches(password_hash: str | None, password: str) -> bool:
    """Whether a password fits. Takes as long when there is no hash, so that time tells no names."""
    typed = tidy_password(password)[: LONGEST_PASSWORD + 1]
    try:
        _hasher().verify(password_hash or _nobodys_hash(), typed)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def _tally(session: Session, attempt: Try, now: datetime) -> Tally:
    since = now - WINDOW
    pair, pair_last = failures_of_pair(session, attempt.login, attempt.device, since)
    if attempt.known_device:
        return Tally(pair, pair_last)
    name, name_last = failures_of_name(session, attempt.login, since)
    names, address_last = names_failed_at(session, attempt.address, since)
    return Tally(pair, pair_last, name, name_last, names, address_last)


def _replace_password(
    session: Session, login: str, stamp: str, replacement: str, now: datetime
) -> frozenset[str]:
    writing(session)
    person = person_by_login(session, login, lock=True)
    if person is None or not person.active or _stamp(person.password_hash) != stamp:
        raise Conflict("password_changed", "密码刚才已被更改或账号已停用，请重新登录。")
    if person.must_change_password:
        # The page of the first own password shows the privacy notice above its button.
        person.privacy_seen_at = person.privacy_seen_at or now
    person.password_hash, person.must_change_password = replacement, False
    end_api_sessions(session, [person.id], now)
    roles = roles_of(person)
    session.commit()
    return roles


def _stamp(password_hash: str | None) -> str:
    return hashlib.sha256((password_hash or "").encode()).hexdigest()[:24]


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody")
