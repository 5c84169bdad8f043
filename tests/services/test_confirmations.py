"""Statements marked 待核: listed with where they stand, confirmed, taken back, shown to learners;
and previews."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lawlab.domain.statement import statement_digest
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.confirmations import confirm, confirmed_day, statements, take_back
from lawlab.services.content_state import set_state
from lawlab.services.lesson_drafts import begin_course
from lawlab.services.lessons import lesson_state
from lawlab.services.preview import preview_state, try_answer
from lawlab.store.content import current_items
from lawlab.store.engine import writing
from lawlab.store.tables import Answer, ItemDraft, Publication

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Desk

FIRST = "01_first"
PHONE = statement_digest("巡桥电话是 123。", "镇政府公告")
TOWN = statement_digest("木桥有两座（镇志）。")
NOTE = "打过电话，对。"


def said(desk: Desk) -> list[tuple[str, bool, list[str]]]:
    with desk.sessions() as session:
        return [
            (each.digest, each.confirmation is not None, [place.name for place in each.places])
            for each in statements(session)
        ]


def confirm_phone(desk: Desk, note: str = NOTE, digest: str = PHONE) -> None:
    with desk.sessions() as session:
        confirm(session, "t01", digest, note, desk.now)


def shown_to(desk: Desk, login: str = "s001") -> dict[str, str]:
    with desk.sessions() as session:
        return lesson_state(session, desk.caller(login), "bridges", FIRST, desk.now).confirmed


def test_every_statement_is_listed_with_where_it_stands(desk: Desk) -> None:
    assert said(desk) == [
        (PHONE, False, [f"bridges/{FIRST}"]),
        (TOWN, False, ["brg-001"]),
    ]


def test_what_learners_do_not_see_does_not_wait_for_anybody(desk: Desk) -> None:
    with desk.sessions() as session:
        writing(session)
        set_state(session, "item", "brg-001", "withdrawn", "错", "t01", desk.now)
        set_state(session, "lesson", f"bridges/{FIRST}", "withdrawn", "错", "t01", desk.now)
        session.commit()
    assert said(desk) == []


def test_a_confirmed_statement_shows_its_day_and_can_be_taken_back(desk: Desk) -> None:
    assert shown_to(desk) == {}
    confirm_phone(desk)
    assert shown_to(desk) == {PHONE: "2022-12-05"}
    assert said(desk)[-1] == (PHONE, True, [f"bridges/{FIRST}"])
    with pytest.raises(Conflict):
        confirm_phone(desk)
    with desk.sessions() as session:
        assert take_back(session, "t01", PHONE, desk.now) == NOTE
        with pytest.raises(NotFound):
            take_back(session, "t01", PHONE, desk.now)
        rows = session.scalars(
            select(Publication).where(Publication.name == f"bridges/{FIRST}").order_by("id")
        )
        assert [row.action for row in rows] == ["publish", "confirm", "unconfirm"]
    assert shown_to(desk) == {}


def test_of_several_who_confirm_or_take_back_at_once_one_does_and_the_others_are_told(
    desk: Desk,
) -> None:
    def outcome(act: Callable[[], object]) -> str:
        try:
            act()
        except LawlabError as error:
            return error.code
        return "done"

    def take_phone_back() -> None:
        with desk.sessions() as session:
            take_back(session, "t01", PHONE, desk.now)

    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            told = sorted(pool.map(outcome, [lambda: confirm_phone(desk)] * 4))
            assert told == ["confirmed_already"] * 3 + ["done"]
            told = sorted(pool.map(outcome, [take_phone_back] * 4))
            assert told == ["done"] + ["no_statement"] * 3
    with desk.sessions() as session:
        rows = session.scalars(select(Publication).order_by(Publication.id))
        actions = [row.action for row in rows if row.name == f"bridges/{FIRST}"]
    assert actions == ["publish"] + ["confirm", "unconfirm"] * 3


def test_confirming_needs_a_note_and_a_statement_that_is_there(desk: Desk) -> None:
    for note in ("", " \n", "长" * 401):
        with pytest.raises(LawlabError) as refused:
            confirm_phone(desk, note)
        assert refused.value.code == "no_note"
    with pytest.raises(NotFound):
        confirm_phone(desk, digest="0" * 64)


def test_other_words_or_another_source_are_unconfirmed_again(desk: Desk) -> None:
    confirm_phone(desk)
    with desk.sessions() as session:
        begin_course(session, desk.files, "bridges")
    path = desk.folder / f"{FIRST}.ipynb"
    path.write_text(path.read_text("utf-8").replace("镇政府公告", "村里的人说"), "utf-8")
    desk.publish(FIRST)
    assert shown_to(desk) == {}
    assert not any(done for _, done, _ in said(desk))
    assert statement_digest("a\n  b ", "c") == statement_digest("a b", "c")
    assert statement_digest("a", "b") != statement_digest("ab", "")


def test_a_question_says_when_its_statement_was_confirmed(desk: Desk) -> None:
    with desk.sessions() as session:
        question = current_items(session, ["brg-001"])["brg-001"][2]
        assert confirmed_day(session, question) == ""
    desk.answer(1)
    assert shown_to(desk) == {}
    confirm_phone(desk, digest=TOWN)
    assert shown_to(desk) == {TOWN: "2022-12-05"}
    with desk.sessions() as session:
        assert confirmed_day(session, question) == "2022-12-05"


# ---- preview ------------------------------------------------------------------------------------


def preview(desk: Desk, version: int = 0) -> dict[str, Any]:
    with desk.sessions() as session:
        return preview_state(
            session, desk.files, "bridges", FIRST, version, desk.statutes, desk.now
        )


def test_a_preview_shows_published_cards_and_drafts_of_cards(desk: Desk) -> None:
    form = {
        "type": "judge",
        "stem": "新题：桥上可以晒谷子。",
        "options": {},
        "answer": "错",
        "explanation": "会挡路。",
        "why_wrong": {},
        "articles": ["某镇爱护桥梁条例#2"],
        "evidence": "以上的车辆不得通过木桥",
        "difficulty": 1,
        "tags": [],
        "derived": "",
        "unconfirmed": "",
        "rubric": [],
    }
    with desk.sessions() as session:
        begin_course(session, desk.files, "bridges")
        for item, body in {"brg-100": form, "brg-101": form | {"stem": ""}}.items():
            facts = {"bank": "bridges", "revision": 1, "author": "t01", "changed_at": desk.now}
            session.add(ItemDraft(item=item, body=body, **facts))
        writing_state(desk, session)
        session.commit()
    path = desk.folder / f"{FIRST}.ipynb"
    text = path.read_text("utf-8").replace("brg-002", "brg-100").replace("brg-003", "brg-101")
    notebook = json.loads(text)
    notebook["cells"][-1:-1] = [
        {**notebook["cells"][-1], "id": f"x{card}", "source": f'lesson.check("brg-{card}")'}
        for card in ("009", "999")
    ]
    desk.write(FIRST, notebook)
    found = preview(desk)
    assert [(card["id"], card["draft"]) for card in found["cards"]] == [
        ("brg-001", False),
        ("brg-100", True),
    ]
    assert (found["total"], found["resting"]) == (2, ["brg-009"])
    assert found["preview"]["missing"] == ["brg-101", "brg-999"]
    assert all("answer" not in card for card in found["cards"])
    assert found["next"]["url"] == "/services/learn/preview/bridges/02_second"
    assert {fault["cell"] > 0 for fault in found["preview"]["faults"]} == {True}
    assert preview(desk, 1)["preview"]["faults"] == []
    with pytest.raises(NotFound):
        preview(desk, 2)


def writing_state(desk: Desk, session: Any) -> None:
    session.flush()
    set_state(session, "item", "brg-009", "withdrawn", "错", "t01", desk.now)


def test_what_is_answered_in_a_preview_is_marked_and_forgotten(desk: Desk) -> None:
    confirm_phone(desk, digest=TOWN)
    with desk.sessions() as session:
        reply = try_answer(session, "brg-001", {"chosen": ["错"]}, desk.statutes, desk.now)
        assert (reply["right"], reply["revealed"]["confirmed"]) == (True, "2022-12-05")
        wrong = try_answer(session, "brg-001", {"chosen": ["对"]}, desk.statutes, desk.now)
        assert wrong["right"] is False
        with pytest.raises(NotFound):
            try_answer(session, "nothing-1", {"chosen": ["错"]}, desk.statutes, desk.now)
        with pytest.raises(LawlabError):
            try_answer(session, "brg-001", {"chosen": ["Z"]}, desk.statutes, desk.now)
        assert session.scalars(select(Answer)).all() == []
