"""Browser sessions: they stand on the Hub's and end with it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.errors import Refused
from lawlab.services.sessions import (
    LIFETIME,
    begin_session,
    caller_by_login,
    caller_of_session,
    callers_of_sessions,
)
from lawlab.store.tables import ApiSession, Person, Role


def make_person(sessions: sessionmaker[Session], now: dt.datetime, *, active: bool = True) -> None:
    with sessions() as session:
        person = Person(login="s001", full_name="干部001", created_at=now, active=active)
        person.roles = [Role(role="learner"), Role(role="host")]
        session.add(person)
        session.commit()


def test_a_session_names_its_person_and_his_roles(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    make_person(sessions, now)
    with sessions() as session:
        token = begin_session(session, "s001", "hub-1", now)
    with sessions() as session:
        caller = caller_of_session(session, token, "hub-1", now)
    assert caller is not None
    assert (caller.login, caller.roles) == ("s001", {"learner", "host"})


def test_a_session_is_worth_nothing_beside_another_hub_session(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    make_person(sessions, now)
    with sessions() as session:
        token = begin_session(session, "s001", "hub-1", now)
        assert caller_of_session(session, token, "hub-2", now) is None
        assert caller_of_session(session, token + "x", "hub-1", now) is None


def test_a_disabled_person_has_no_session_from_that_moment(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    make_person(sessions, now)
    with sessions() as session:
        token = begin_session(session, "s001", "hub-1", now)
        session.query(Person).one().active = False
        session.commit()
    with sessions() as session:
        assert caller_of_session(session, token, "hub-1", now) is None
        assert caller_by_login(session, "s001") is None
        with pytest.raises(Refused, match="已停用") as refused:
            begin_session(session, "s001", "hub-1", now)
    assert refused.value.code == "disabled"


def test_the_token_itself_is_not_stored(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    make_person(sessions, now)
    with sessions() as session:
        token = begin_session(session, "s001", "hub-1", now)
        row = session.query(ApiSession).one()
    assert token not in vars(row).values()
    assert "hub-1" not in vars(row).values()


def test_a_session_lasts_a_day_and_leaves_nothing_behind(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    make_person(sessions, now)
    later = now + LIFETIME
    with sessions() as session:
        token = begin_session(session, "s001", "hub-1", now)
        assert caller_of_session(session, token, "hub-1", later - dt.timedelta(seconds=1))
        assert caller_of_session(session, token, "hub-1", later) is None
        begin_session(session, "s001", "hub-2", later)
        assert session.query(ApiSession).count() == 1


def test_many_sessions_are_known_as_each_would_be(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    make_person(sessions, now)
    with sessions() as session:
        old = begin_session(session, "s001", "hub-0", now - LIFETIME / 2)
        token = begin_session(session, "s001", "hub-1", now)
        pairs = [(token, "hub-1"), (token, "hub-2"), (old, "hub-0"), ("x", "hub-1"), ("", "")]
        for later in (now, now + LIFETIME / 2, now + LIFETIME):
            one_by_one = {pair: caller_of_session(session, *pair, later) for pair in pairs}
            together = callers_of_sessions(session, pairs, later)
            assert together == {pair: who for pair, who in one_by_one.items() if who}
        person = session.query(Person).one()
        person.active = False
        session.flush()
        assert callers_of_sessions(session, pairs, now) == {}
