"""Every bank and course of the repository keeps the rules, and the law bears its items out."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from lawlab.config import REPOSITORY
from lawlab.domain.question import QuestionType
from lawlab.services.checking import (
    bank_files,
    cards_of,
    check_bank,
    check_course,
    course_folders,
    read_text,
)
from lawlab.store.statutes import Statutes, china_day, open_statutes

BANKS = bank_files(REPOSITORY)
COURSES = course_folders(REPOSITORY)


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


@pytest.fixture(scope="module")
def today() -> dt.date:
    return china_day()


def test_there_is_content() -> None:
    assert BANKS
    assert COURSES


@pytest.mark.parametrize("file", BANKS, ids=lambda file: file.stem)
def test_a_bank_keeps_the_rules(file: Path, statutes: Statutes, today: dt.date) -> None:
    bank = check_bank(read_text(file), file.name, statutes, today)
    assert bank.slug == file.stem


@pytest.mark.parametrize("folder", COURSES, ids=lambda folder: folder.name)
def test_a_course_keeps_the_rules(folder: Path, statutes: Statutes, today: dt.date) -> None:
    assert check_course(folder, statutes, today, cards_of(REPOSITORY)).lessons


@pytest.mark.parametrize("folder", COURSES, ids=lambda folder: folder.name)
def test_a_course_uses_each_check_card_once(
    folder: Path, statutes: Statutes, today: dt.date
) -> None:
    lessons = check_course(folder, statutes, today, cards_of(REPOSITORY)).lessons
    cards = [card for lesson in lessons.values() for card in lesson.cards]
    assert len(cards) == len(set(cards))


def test_no_item_id_is_used_by_two_banks(statutes: Statutes, today: dt.date) -> None:
    banks = [check_bank(read_text(file), file.name, statutes, today) for file in BANKS]
    ids = [question.id for bank in banks for question in bank.questions]
    assert len(ids) == len(set(ids))


def test_the_first_bank_has_every_type_of_question(statutes: Statutes, today: dt.date) -> None:
    (file,) = [file for file in BANKS if file.stem == "anti-telecom-fraud"]
    questions = check_bank(read_text(file), file.name, statutes, today).questions
    types = [question.type for question in questions]
    assert len(questions) >= 30
    assert types.count(QuestionType.CASE) >= 3
    assert set(types) == set(QuestionType)


def test_no_statute_text_is_committed(statutes: Statutes) -> None:
    """Nothing longer than a phrase of the cited law stands in a lesson or bank word for word."""
    for file in [*BANKS, *(path for folder in COURSES for path in folder.glob("*.ipynb"))]:
        text = file.read_text("utf-8")
        if file.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            text = "\n".join("".join(cell["source"]) for cell in cells)
        for article in statutes.law("反电信网络诈骗法").articles:
            for paragraph in article.paragraphs:
                assert len(paragraph) < 40 or paragraph not in text, (file.name, article.title)
