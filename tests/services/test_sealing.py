"""The chain of seals over real tables: what is covered, what a change looks like, who may wait."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from meetings import caller, make_town, meet
from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api import seal_watch
from lawlab.domain.attendance import Status
from lawlab.domain.sealing import Link, forge
from lawlab.domain.sealing_words import TABLES, break_text
from lawlab.services.attendance_desk import mark
from lawlab.services.audit import entries, note
from lawlab.services.sealing import find_head, newest_link, seal, verify, verify_newest
from lawlab.store.engine import writing
from lawlab.store.sealed import LEFT_OUT, NOT_SEALED, SOURCES
from lawlab.store.tables import (
    Answer,
    Base,
    Contest,
    ContestEvent,
    ItemVersion,
    PresenceAnswer,
    PresenceCard,
    Seal,
)

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        make_town(session, NOW - dt.timedelta(days=30))
        version = ItemVersion(
            item="brg-001", version=1, bank="bridges", type="judge", sha256="", published_at=NOW
        )
        version.body, version.article_prints = {"stem": "过桥要慢。"}, {}
        session.add(version)
        session.commit()
        yield session


def answer(session: Session, key: str, response: dict[str, Any] | None = None) -> None:
    person = caller(session, "s001").person_id
    row = Answer(key=key, person_id=person, item_version_id=1, place="drill:daily")
    row.response, row.received_at = response or {"choice": "A"}, NOW
    session.add(row)
    session.commit()


def sealed(session: Session, now: dt.datetime = NOW) -> Link:
    link = seal(session, now)
    assert link is not None
    return link


def three_links(session: Session) -> list[Link]:
    links = []
    for minute in range(3):
        answer(session, f"one-{minute}")
        answer(session, f"two-{minute}")
        note(session, NOW, "admin", "people.disable", "s002", was=True)
        session.commit()
        links.append(sealed(session, NOW + minute * MINUTE))
    return links


def found(session: Session) -> list[tuple[int, str, str]]:
    return [(one.number, one.table, one.kind) for one in verify(session).breaks]


def test_every_table_and_column_is_decided_on() -> None:
    named = [source.name for source in SOURCES]
    others = [name for names in NOT_SEALED.values() for name in names]
    assert sorted([*named, *others]) == sorted(Base.metadata.tables)
    assert set(named) == set(TABLES)
    for source in SOURCES:
        columns = {column.key for column in (source.mark, *source.columns)}
        left_out = set(LEFT_OUT.get(source.name, ()))
        there = {column.name for column in Base.metadata.tables[source.name].columns}
        if source.name != "presence_answers":
            assert columns | left_out == there, source.name
        assert columns & left_out == set()


def test_a_link_covers_what_came_and_nothing_makes_none(session: Session) -> None:
    first = sealed(session)
    assert first.parts["item_versions"].rows == 1
    assert seal(session, NOW + MINUTE) is None
    answer(session, "a")
    second = sealed(session, NOW + MINUTE)
    assert (second.number, second.parts["answers"].rows) == (2, 1)
    assert second.parts["item_versions"].rows == 0
    verdict = verify(session)
    assert (verdict.links, verdict.rows, verdict.breaks) == (2, 2, [])
    assert verdict.newest == second == newest_link(session)


def test_a_changed_record_is_found(session: Session) -> None:
    three_links(session)
    assert found(session) == []
    session.execute(text("""update answers set response = '{"choice": "B"}' where id = 3"""))
    session.commit()
    assert found(session) == [(2, "answers", "changed")]
    [fault] = verify(session).breaks
    said = break_text(fault, dt.UTC)
    assert "2022-12-05 02:00:00 到 2022-12-05 02:01:00 之间的“作答”有内容被改过" in said


def test_a_deleted_record_is_found(session: Session) -> None:
    three_links(session)
    session.execute(text("delete from answers where id = 6"))
    session.execute(text("delete from audit_entries where id = 1"))
    session.commit()
    assert found(session) == [(1, "audit_entries", "missing"), (3, "answers", "missing")]
    assert [one.table for one in verify_newest(session, 2)] == ["answers"]


def test_a_record_put_in_later_is_found(session: Session) -> None:
    three_links(session)
    session.execute(text("update answers set id = 900 where id = 2"))
    session.commit()
    answer(session, "later")
    sealed(session, NOW + 5 * MINUTE)
    session.execute(text("update answers set id = 2 where id = 900"))
    session.execute(text("update answers set id = 0 where key = 'later'"))
    session.commit()
    assert found(session) == [(1, "answers", "added"), (4, "answers", "missing")]


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("delete from seals where id = 2", ["link_missing"]),
        ("update seals set at = '2022-12-05 03:00:00+00:00' where id = 2", ["link_changed"]),
        ("update seals set digest = '' where id = 2", ["link_changed"]),
    ],
)
def test_a_changed_chain_is_found(session: Session, statement: str, kinds: list[str]) -> None:
    three_links(session)
    if session.get_bind().dialect.name == "sqlite":
        statement = statement.replace("+00:00", ".000000")
    session.execute(text(statement))
    session.commit()
    assert [one.kind for one in verify(session).breaks if not one.table] == kinds


def rewrite(session: Session) -> None:
    """Make every link anew over the records as they are: what a clever forger does."""
    times = [row.at for row in session.query(Seal).order_by(Seal.id)]
    session.execute(text("delete from seals"))
    session.commit()
    head, number, parts = "", 0, None
    for at in times:
        if parts is None:
            link = sealed(session, at)
            parts = link.parts
        else:
            link = forge(number + 1, at, parts, head)
            upto = {name: part.to_json() for name, part in link.parts.items()}
            row = Seal(id=link.number, at=at, upto=upto, digest=link.digest, head=link.head)
            session.add(row)
            session.commit()
        head, number = link.head, link.number
        parts = {name: type(part)(part.upto) for name, part in parts.items()}


def test_a_chain_that_was_rewritten_as_a_whole_is_found_by_a_written_head(
    session: Session,
) -> None:
    links = three_links(session)
    session.execute(text("update answers set response = '{}' where id = 6"))
    session.commit()
    rewrite(session)
    assert verify(session).breaks == []
    typed = {links[2].number: links[2].head[:16]}
    assert [one.kind for one in verify(session, typed).breaks] == ["head_differs"]
    assert find_head(session, links[2].head[:16]) is None


def test_a_chain_of_which_the_end_was_cut_off_is_found_by_a_written_head(
    session: Session,
) -> None:
    links = three_links(session)
    assert verify(session, {link.number: link.head for link in links}).breaks == []
    session.execute(text("delete from seals where id = 3"))
    session.commit()
    assert verify(session).breaks == []
    [fault] = verify(session, {3: links[2].head}).breaks
    assert "最后几环被删掉了" in break_text(fault, dt.UTC)


def test_what_has_no_number_is_sealed_when_nothing_older_can_come(session: Session) -> None:
    activity = meet(session, NOW - 60 * MINUTE, online=True)
    card = PresenceCard(activity_id=activity, number=1, item_version_id=1)
    card.shows_at, card.until = NOW - 2 * MINUTE, NOW - MINUTE
    contest = Contest(key="k" * 16, title="比武", script={}, state="open")
    contest.made_by, contest.made_at = "host", NOW
    session.add_all([card, contest])
    session.flush()
    reply = PresenceAnswer(card_id=card.id, person_id=caller(session, "s001").person_id)
    reply.response, reply.at = {"choice": "A"}, NOW - MINUTE
    event = ContestEvent(contest_id=contest.id, seq=1, kind="open", at=NOW - MINUTE, by="host")
    event.data = {}
    session.add_all([reply, event])
    session.commit()
    assert sealed(session).parts["contest_events"].rows == 0
    link = sealed(session, NOW + 10 * MINUTE)
    assert (link.parts["contest_events"].rows, link.parts["presence_answers"].rows) == (1, 1)
    session.execute(text("update contest_events set data = '{\"points\": 9}'"))
    session.execute(text("delete from presence_answers"))
    session.commit()
    assert found(session) == [(2, "contest_events", "changed"), (2, "presence_answers", "missing")]


def test_a_record_that_is_not_committed_yet_comes_into_a_later_link(
    sessions: sessionmaker[Session], session: Session, database_url: str
) -> None:
    with sessions() as slow:
        writing(slow)
        note(slow, NOW, "admin", "people.enable", "s001")
        slow.flush()
        if database_url.startswith("postgresql"):
            # Its number is given out; another, with a greater one, is committed first.
            note(session, NOW, "admin", "people.enable", "s002")
            session.commit()
            assert sealed(session).parts["audit_entries"].rows == 0
        slow.commit()
    link = sealed(session, NOW + MINUTE)
    assert link.parts["audit_entries"].rows == len(entries(session))
    assert verify(session).breaks == []


def test_several_that_seal_at_once_make_one_chain(
    sessions: sessionmaker[Session], session: Session
) -> None:
    answer(session, "a")
    barrier = threading.Barrier(4)

    def act() -> None:
        with sessions() as own:
            barrier.wait()
            seal_watch.step(sessions, NOW, "")
            own.commit()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verify(session)
    assert (verdict.links, verdict.rows, verdict.breaks) == (1, 2, [])


def test_marks_of_a_meeting_are_sealed_and_changes_of_its_reason_are_not_seen(
    session: Session,
) -> None:
    activity = meet(session, NOW)
    trainer = caller(session, "t01")
    mark(session, activity, ["s001"], Status.PRESENT, "原因", "key-1", trainer, NOW)
    assert sealed(session).parts["attendance_events"].rows == 1
    session.execute(text("update attendance_events set reason = ''"))
    session.commit()
    assert found(session) == []
    session.execute(text("update attendance_events set status = 'late'"))
    session.commit()
    assert found(session) == [(1, "attendance_events", "changed")]


def test_a_note_of_an_unknown_act_or_with_a_phone_is_refused(session: Session) -> None:
    for action, detail in [("people.vanish", {}), ("people.new", {"phone": "1"})]:
        with pytest.raises(ValueError, match="audit entry"):
            note(session, NOW, "admin", action, "s001", **detail)


def test_entries_are_found_by_who_what_whom_and_when(session: Session) -> None:
    note(session, NOW, "admin", "people.disable", "s001")
    note(session, NOW + MINUTE, "t01", "quiz.open", "quiz-1")
    session.commit()
    assert [one.subject for one in entries(session)] == ["quiz-1", "s001"]
    assert [one.subject for one in entries(session, action="people")] == ["s001"]
    assert [one.subject for one in entries(session, actor="t01", subject="quiz")] == ["quiz-1"]
    assert [one.subject for one in entries(session, until=NOW + MINUTE)] == ["s001"]


def test_a_thousand_answers_are_sealed_in_few_queries(session: Session) -> None:
    sealed(session)
    person = caller(session, "s001").person_id
    values = {"person_id": person, "item_version_id": 1, "place": "drill:daily", "received_at": NOW}
    rows = [values | {"key": f"k{n}", "response": {"choice": "A"}} for n in range(1000)]
    session.execute(Answer.__table__.insert(), rows)  # type: ignore[attr-defined]
    session.commit()
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *a: asked.append(a[2]))
    link = sealed(session, NOW + MINUTE)
    assert link.parts["answers"].rows == 1000
    # The link, the newest of each table, the lock, the answers, the new link.
    assert len(asked) <= len(SOURCES) + 8, asked
    assert verify_newest(session, 5) == []
