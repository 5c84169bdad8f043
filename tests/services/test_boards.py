"""What boards show: spans, phases, weights, masks, and what earned the points."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from board_town import NOW, PHASES, board_town, caller, earn, shown
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.board_spans import Weights, masked, spans_of, spans_on
from lawlab.errors import LawlabError, NotFound
from lawlab.services.board_keeping import bring_boards_in_step, change_rules
from lawlab.services.board_points import points_of
from lawlab.services.boards import board
from lawlab.store.tables import Person, Score, ScoreDay


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    board_town(sessions)
    return sessions


def test_spans_are_the_towns_days_weeks_and_years() -> None:
    day = dt.date(2026, 11, 26)
    assert spans_on(day) == {"day": "2026-11-26", "week": "2026-W48", "year": "2026", "all": "all"}
    assert spans_of(dt.date(2026, 11, 23), day) == ["2026-W48", "2026", "all"]
    assert spans_of(dt.date(2026, 11, 22), day) == ["2026", "all"]
    assert spans_of(dt.date(2025, 12, 31), day) == ["all"]
    # The first days of January may belong to the last week of the year before.
    assert spans_of(dt.date(2026, 12, 31), dt.date(2027, 1, 2)) == ["2026-W53", "all"]


def test_a_board_is_of_a_span_and_a_phase(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 5)
        earn(session, "s001", 80, source="contest:1", phase="compete", at=NOW - dt.timedelta(3))
        earn(session, "s002", 7, at=NOW - dt.timedelta(days=10))
        earn(session, "v001", 9, source="drill:day/2026-11-26", phase="drill")
        assert shown(session, "staff") == [("学员001", 85.0, 1), ("学员002", 7.0, 2)]
        assert shown(session, "staff", "week") == [("学员001", 85.0, 1)]
        assert shown(session, "staff", "day") == [("学员001", 5.0, 1)]
        assert shown(session, "staff", "year", "learn") == [
            ("学员002", 7.0, 1),
            ("学员001", 5.0, 2),
        ]
        assert shown(session, "villager", "day", "drill") == [("学员001", 9.0, 1)]
        assert shown(session, "unit") == [("党政办", 46.0, 1), ("甲村", 4.5, 2)]
        assert shown(session, "cohort") == [("干部职工", 30.67, 1), ("法律明白人", 4.5, 2)]
        # A day's points are the day's only.
        later = board(session, caller(session, "s001"), NOW + dt.timedelta(days=1), "staff", "day")
        assert later["rows"] == []


def test_points_belong_to_the_day_on_which_they_were_earned(town: sessionmaker[Session]) -> None:
    """Of a source that earns for months, only what was earned today counts today."""
    earlier = [(NOW - dt.timedelta(days=60), 40), (NOW - dt.timedelta(days=2), 46)]
    with town() as session:
        me = caller(session, "s001")
        for at, points in [*earlier, (NOW, 47), (NOW, 49.5)]:
            earn(session, "s001", points, source="drill:mastery", phase="drill", at=at)
        totals = {span: shown(session, "staff", span)[0][1] for span in ("day", "week", "all")}
        assert totals == {"day": 3.5, "week": 9.5, "all": 49.5}
        told = [points_of(session, me, me.person_id, span, NOW) for span in ("day", "week")]
        assert [one["sources"][0]["points"] for one in told] == [3.5, 9.5]
        # What is lost was earned last; the same points on another day are not earned again.
        earn(session, "s001", 45, source="drill:mastery", phase="drill")
        assert shown(session, "staff", "day") == []
        assert shown(session, "staff", "week") == [("学员001", 5.0, 1)]
        tomorrow = NOW + dt.timedelta(days=1)
        earn(session, "s001", 45, source="drill:mastery", phase="drill", at=tomorrow)
        assert board(session, me, tomorrow, "staff", "day")["rows"] == []
        # What is dropped is dropped for every day.
        session.delete(session.get_one(Score, (me.person_id, "drill:mastery")))
        session.commit()
        assert session.scalar(select(func.count()).select_from(ScoreDay)) == 0
        assert board(session, me, tomorrow, "staff", "year")["rows"] == []


def test_the_towns_weights_and_masks_hold(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 10)
        earn(session, "s002", 6, source="contest:1", phase="compete")
        assert shown(session, "staff") == [("学员001", 10.0, 1), ("学员002", 6.0, 2)]
        change_rules(session, Weights(1, 1, 2), True, "t01", NOW)
        assert shown(session, "staff") == [("学＊＊", 12.0, 1), ("学员001", 10.0, 2)]
        found = board(session, caller(session, "s001"), NOW, "staff")
        assert [row["login"] for row in found["rows"]] == [None, "s001"]
        # Nothing tells whose row it is, and nobody is told more of anybody.
        best = found["rows"][0]
        assert isinstance(best["id"], str)
        assert best["id"] == board(session, caller(session, "v001"), NOW)["rows"][0]["id"]
        assert "s002" not in str(best)
        other = caller(session, "s002").person_id
        with pytest.raises(NotFound, match="没有这个人"):
            points_of(session, caller(session, "s001"), other, "all", NOW)
        trainer = caller(session, "s001", "trainer")
        names = [row["name"] for row in board(session, trainer, NOW, "staff")["rows"]]
        assert names == ["学员002", "学员001"]
        for wrong in (Weights(-1, 1, 1), Weights(0, 0, 0), Weights(1, 1, 99)):
            with pytest.raises(LawlabError, match="权重"):
                change_rules(session, wrong, False, "t01", NOW)
    assert masked("王") == "王＊"
    assert masked("欧阳某某") == "欧＊＊"


def test_what_earned_the_points_is_told_to_whom_it_concerns(town: sessionmaker[Session]) -> None:
    with town() as session:
        earn(session, "s001", 10)
        earn(session, "s001", 4.7, source="drill:day/2026-11-26", phase="drill")
        me, other = caller(session, "s001"), caller(session, "s002")
        bring_boards_in_step(session, NOW)
        mine = points_of(session, me, me.person_id, "day", NOW)
        titles = [(one["title"], one["points"]) for one in mine["sources"]]
        assert titles == [("每日一练", 4.7), ("课时", 10.0)]
        told = points_of(session, other, me.person_id, "all", NOW)
        assert told["sources"] is None
        assert [one["points"] for one in told["phases"]] == [10.0, 4.7, 0.0]
        with pytest.raises(NotFound):  # whoever stands on no board is not told of
            points_of(session, me, other.person_id, "all", NOW)
        # Whoever stands on the board of one phase only is told of, whatever that phase weighs.
        change_rules(session, Weights(0, 0, 1), False, "t01", NOW)
        assert board(session, other, NOW, "staff", phase="learn")["rows"][0]["points"] == 10.0
        assert points_of(session, other, me.person_id, "all", NOW)["sources"] is None
        trainer = caller(session, "s002", "trainer")
        assert len(points_of(session, trainer, me.person_id, "all", NOW)["sources"]) == 2
        # Learners learn nothing of somebody who is on no board.
        session.add(Person(login="t01", full_name="教员01", created_at=NOW))
        session.commit()
        on_none = caller(session, "t01").person_id
        with pytest.raises(NotFound, match="没有这个人"):
            points_of(session, other, on_none, "all", NOW)
        assert points_of(session, trainer, on_none, "all", NOW)["sources"] == []


def test_opening_a_board_reads_ranges_of_indexes(
    town: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answers, no scores, and no table as a whole but the sums of units and cohorts."""
    monkeypatch.setattr("lawlab.services.boards.TOP", 1)
    with town() as session:
        for login, points in (("s001", 10), ("s002", 4)):
            for phase in PHASES:
                earn(session, login, points, source=f"{phase}:1", phase=phase)
        bring_boards_in_step(session, NOW)
        said: list[tuple[str, Any]] = []
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", lambda *about: said.append(about[2:4]))
        for group in ("staff", "villager", "unit", "cohort"):
            for span in ("day", "week", "year", "all"):
                for phase in ("total", *PHASES):
                    for login in ("s001", "s002"):
                        board(session, caller(session, login), NOW, group, span, phase)
        session.commit()
        queries = {asked: values for asked, values in said if asked.startswith("SELECT")}
        assert sum("board_rows" in asked for asked in queries) >= 9
        postgres = bind.dialect.name == "postgresql"
        explain = "explain" if postgres else "explain query plan"
        if postgres:  # for a table of two rows no index is worth while
            session.execute(text("set enable_seqscan = off"))
        for asked, values in queries.items():
            assert not any(f" {table}" in asked for table in ("scores", "score_days", "answers"))
            if "board_rows" in asked:
                found = session.connection().exec_driver_sql(f"{explain} {asked}", values)
                plan = " ".join(map(str, found))
                assert "Seq Scan on board_rows" not in plan
                assert "SCAN board_rows" not in plan
