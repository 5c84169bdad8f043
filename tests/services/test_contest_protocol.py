"""The protocol holds every answer, also to what was voided or taken back, and nobody else's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from contest_play import Hall
from meetings import caller
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.contest_events import Did
from lawlab.services.contest_protocol import protocol
from lawlab.services.contest_sheets import protocol_file


@pytest.fixture
def hall(sessions: sessionmaker[Session]) -> Iterator[Hall]:
    with sessions() as session:
        yield Hall(session)


def played(hall: Hall) -> None:
    """A question that is taken back and asked again, and one that is voided."""
    hall.contest(2)
    hall.ask(s001=True)
    hall.do(Did.UNDO, Did.UNDO, Did.UNDO)  # of the reveal, the end of its time, the showing
    hall.ask(s001=False, s002=True)
    second = hall.ask(s001=True, s002=True)
    hall.do(Did.VOID, turn=second, reason="=题干有错字")
    hall.do(Did.FINISH)


def told(hall: Hall, login: str, **how: Any) -> dict[str, Any]:
    return protocol(hall.loaded(), caller(hall.session, login), host=login == "t01", **how)


def test_what_was_taken_back_or_voided_is_told_and_earns_nothing(hall: Hall) -> None:
    played(hall)
    undone, asked, voided = told(hall, "s001")["questions"]
    assert (undone["number"], undone["voided"]) == (1, "主持人撤回了这一次出题")
    assert (undone["mine"]["right"], undone["mine"]["earned"]) == (True, 0)
    assert (asked["number"], asked["voided"], asked["mine"]["right"]) == (1, None, False)
    assert (voided["voided"], voided["mine"]["earned"]) == ("=题干有错字", 0)
    assert (asked["answered"], asked["right"], asked["counts"]) == (2, 1, {"A": 1, "B": 1})
    assert "撤回：公布第 1 题的答案" in [line["text"] for line in told(hall, "s001")["log"]]


def test_of_answers_everybody_sees_his_own_only(hall: Hall) -> None:
    played(hall)
    text = str(told(hall, "s003"))
    assert [one["mine"] for one in told(hall, "s003")["questions"]] == [None, None, None]
    assert "s001" not in text
    assert told(hall, "t01")["people"][0]["login"] == "s002"


def test_a_key_that_is_asked_elsewhere_is_withheld(hall: Hall) -> None:
    played(hall)
    shown = told(hall, "s001", closed={"brg-001"})
    assert ([one["number"] for one in shown["questions"]], shown["withheld"]) == ([2], 2)


def test_the_sheets_hold_every_answer_and_no_formula(hall: Hall) -> None:
    played(hall)
    book = load_workbook(io.BytesIO(protocol_file(hall.loaded(), ZoneInfo("Asia/Shanghai"))))
    assert book.sheetnames == ["总成绩", "团队成绩", "每题", "每人每题", "主持记录", "说明"]
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    people = list(book["总成绩"].iter_rows(min_row=2, values_only=True))
    assert [row[:3] for row in people[:2]] == [(1, "s002", "干部002"), (2, "s001", "干部001")]
    questions = list(book["每题"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[8], row[9], row[11]) for row in questions] == [
        (1, "100.0%", "A 1", "主持人撤回了这一次出题"),
        (1, "50.0%", "A 1，B 1", None),
        (2, "100.0%", "A 2", "=题干有错字"),
    ]
    answers = list(book["每人每题"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in answers] == [1, 1, 1, 2, 2]
    for row in answers:
        assert re.fullmatch(r"2026-12-04 09:00:\d\d\.\d{3}", str(row[7]))
    assert [(row[5], row[6], row[9]) for row in answers] == [
        ("对", 0, "主持人撤回了这一次出题"),
        ("错", 0, None),
        ("对", 100, None),
        ("对", 0, "=题干有错字"),
        ("对", 0, "=题干有错字"),
    ]
    log = list(book["主持记录"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in log] == list(range(1, len(log) + 1))
    assert log[-1][2:] == ("t01", "比赛结束")
