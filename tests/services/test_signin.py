"""One try at sign-in from beginning to end, on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.signin import Brake, Verdict
from lawlab.errors import Conflict, LawlabError
from lawlab.services import signin
from lawlab.services.signin import (
    SignIn,
    State,
    Try,
    admit,
    choose_password,
    end_hub_session,
    hash_password,
    password_matches,
    sign_in,
    standing,
)
from lawlab.store.tables import ApiSession, Person, Role, SigninFailure

Sessions = sessionmaker[Session]
PASSWORD = "qinglian-7788"
OWN = "shanlu-3366"
HASHED = hash_password(PASSWORD)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def person(sessions: Sessions, now: dt.datetime) -> Callable[..., None]:
    def add(login: str = "s001", **changes: object) -> None:
        values = {"must_change_password": False, "active": True} | changes
        with sessions() as session:
            roles = [Role(role="learner"), Role(role="trainer")]
            session.add(
                Person(
                    login=login,
                    full_name="干部001",
                    password_hash=HASHED,
                    created_at=now,
                    roles=roles,
                    **values,
                )
            )
            session.commit()

    return add


def a_try(
    login: str = "s001", device: str = "phone", address: str = "10.0.0.1", **more: bool
) -> Try:
    return Try(login, device, address, **more)


def failures(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(SigninFailure)) or 0


def test_the_right_password_lets_in_and_leaves_no_failure(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    sign_in(sessions, a_try(), "wrong", now)
    result = sign_in(sessions, a_try(), PASSWORD, now)
    assert (result.state, result.roles) == (State.IN, {"learner", "trainer"})
    assert failures(sessions) == 0


def test_failures_are_counted_by_device_and_forgotten_after_a_while(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    for left in (4, 3, 2, 1):
        assert f"还可以试 {left} 次" in sign_in(sessions, a_try(), "wrong", now).sentence
    assert "请等 30 秒" in sign_in(sessions, a_try(), "wrong", now).sentence
    held = sign_in(sessions, a_try(), PASSWORD, now)
    assert (held.state, held.verdict) == (State.WAIT, Verdict(30.0, Brake.PAIR))
    assert failures(sessions) == 5, "a try that had to wait is not one more failure"
    other = sign_in(sessions, a_try(device="pc"), PASSWORD, now)
    assert other.state is State.IN
    later = now + dt.timedelta(seconds=30)
    assert sign_in(sessions, a_try(), PASSWORD, later).state is State.IN


def test_the_window_forgets(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    for _ in range(5):
        sign_in(sessions, a_try(), "wrong", now)
    after = sign_in(sessions, a_try(), "wrong", now + 15 * MINUTE)
    assert "还可以试 4 次" in after.sentence
    assert failures(sessions) == 1, "old rows are dropped"


def test_an_unknown_name_and_a_person_without_password_fail_alike(
    sessions: Sessions, now: dt.datetime
) -> None:
    with sessions() as session:
        session.add(Person(login="s003", full_name="干部003", password_hash=None, created_at=now))
        session.commit()
    unknown = sign_in(sessions, a_try("nobody"), PASSWORD, now)
    without = sign_in(sessions, a_try("s003"), PASSWORD, now)
    assert unknown.state is without.state is State.WRONG
    assert unknown.sentence == without.sentence


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []
    hasher = signin._hasher()

    class Counting:
        def verify(self, hashed: str, password: str) -> bool:
            checked.append(hashed)
            return hasher.verify(hashed, password)

        def hash(self, password: str) -> str:
            return hasher.hash(password)

    monkeypatch.setattr(signin, "_hasher", Counting)
    assert not password_matches(None, "nobody")
    assert password_matches(HASHED, PASSWORD)
    assert len(checked) == 2
    assert all(each.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for each in checked)


def test_a_disabled_person_learns_it_only_with_the_right_password(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person(active=False)
    assert sign_in(sessions, a_try(), "wrong", now).state is State.WRONG
    result = sign_in(sessions, a_try(), PASSWORD, now)
    assert (result.state, "已停用" in result.sentence) == (State.DISABLED, True)


def test_a_first_password_only_leads_to_choosing_one(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person(must_change_password=True)
    result = sign_in(sessions, a_try(), PASSWORD, now)
    assert result.state is State.MUST_CHANGE
    with sessions() as session:
        assert not _standing(session, "s001")
    roles = choose_password(sessions, "s001", result.stamp, OWN, now)
    assert roles == {"learner", "trainer"}
    with sessions() as session:
        assert _standing(session, "s001")
        row = session.scalars(select(Person)).one()
        assert row.privacy_seen_at == now
    assert sign_in(sessions, a_try(), OWN, now).state is State.IN
    assert sign_in(sessions, a_try(), PASSWORD, now).state is State.WRONG


def _standing(session: Session, login: str) -> bool:
    found = standing(session, login)
    assert found is not None
    return found.may_have_session


def test_a_stamp_serves_once(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    stamp = sign_in(sessions, a_try(), PASSWORD, now).stamp
    choose_password(sessions, "s001", stamp, OWN, now)
    with pytest.raises(Conflict):
        choose_password(sessions, "s001", stamp, "andere-9988", now)
    with pytest.raises(Conflict):
        choose_password(sessions, "nobody", stamp, "andere-9988", now)


def test_the_present_password_cannot_be_chosen_again(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    stamp = sign_in(sessions, a_try(), PASSWORD, now).stamp
    with pytest.raises(LawlabError) as caught:
        choose_password(sessions, "s001", stamp, PASSWORD, now)
    assert caught.value.code == "weak_password"


def test_choosing_a_password_ends_the_api_sessions(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    open_session(sessions, "s001", "t1", "hub1", now)
    stamp = sign_in(sessions, a_try(), PASSWORD, now).stamp
    choose_password(sessions, "s001", stamp, OWN, now)
    assert still_open(sessions) == []


def test_signing_out_ends_only_the_sessions_of_that_hub_session(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    open_session(sessions, "s001", "t1", "hub1", now)
    open_session(sessions, "s001", "t2", "hub1", now)
    open_session(sessions, "s001", "t3", "hub2", now)
    with sessions() as session:
        assert end_hub_session(session, "hub1", now=now) == 2
    with sessions() as session:
        assert end_hub_session(session, "hub1", now=now) == 0
    assert still_open(sessions) == ["t3"]


def open_session(sessions: Sessions, login: str, token: str, hub: str, now: dt.datetime) -> None:
    with sessions() as session:
        person_id = session.scalars(select(Person.id).where(Person.login == login)).one()
        row = ApiSession(
            token_hash=token, person_id=person_id, hub_session_hash=hub, created_at=now
        )
        session.add(row)
        session.commit()


def still_open(sessions: Sessions) -> list[str]:
    with sessions() as session:
        rows = session.scalars(select(ApiSession.token_hash).where(ApiSession.ended_at.is_(None)))
        return list(rows)


def test_an_attack_on_a_name_slows_strangers_but_not_the_known_device(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    _fail(sessions, now, *((("s001", f"d{n}", f"10.1.0.{n}")) for n in range(20)))
    stranger = sign_in(sessions, a_try(device="fresh"), PASSWORD, now)
    assert stranger.verdict == Verdict(2.0, Brake.NAME)
    again = sign_in(sessions, a_try(device="fresh"), PASSWORD, now + dt.timedelta(seconds=2))
    assert again.state is State.IN
    _fail(sessions, now, ("s001", "d99", "10.1.0.99"))
    known = sign_in(sessions, a_try(device="mine", known_device=True), PASSWORD, now)
    assert known.state is State.IN


def test_a_hall_of_124_behind_one_address_is_not_slowed_by_its_mistypers(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    _fail(sessions, now, *((f"v{n:03}", f"d{n}", "10.0.0.1") for n in range(39)))
    assert sign_in(sessions, a_try(), PASSWORD, now).state is State.IN


def test_an_address_that_fails_for_many_names_is_slowed(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    _fail(sessions, now, *((f"v{n:03}", f"d{n}", "10.0.0.1") for n in range(40)))
    assert sign_in(sessions, a_try(), PASSWORD, now).verdict == Verdict(1.0, Brake.ADDRESS)
    elsewhere = sign_in(sessions, a_try(address="10.0.0.2"), PASSWORD, now)
    assert elsewhere.state is State.IN


def _fail(sessions: Sessions, now: dt.datetime, *rows: tuple[str, str, str]) -> None:
    with sessions() as session:
        for login, device, address in rows:
            session.add(SigninFailure(login=login, device=device, address=address, at=now))
        session.commit()


def test_simultaneous_guesses_are_all_counted(
    sessions: Sessions, now: dt.datetime, person: Callable[..., None]
) -> None:
    person()
    results: list[object] = []
    barrier = threading.Barrier(12)

    def guess() -> None:
        barrier.wait()
        with sessions() as session:
            results.append(admit(session, a_try(), now=now))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(result, Verdict) for result in results) == 5
    assert failures(sessions) == 5


def test_a_full_width_password_is_the_same_password() -> None:
    assert password_matches(hash_password("shanlu!3366"), "ｓｈａｎｌｕ！３３６６")


def test_an_endless_password_is_not_hashed_as_a_whole() -> None:
    assert not password_matches(HASHED, "x" * 10_000_000)


def test_a_result_is_for_the_person_who_tried() -> None:
    assert SignIn(State.WRONG, "s001").roles == frozenset()
    assert Try.typed("  Ｓ００１", device="d" * 99, address="a").login == "s001"
    assert len(Try.typed("x" * 99, device="d" * 99, address="a" * 99).device) == 64
