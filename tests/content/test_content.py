"""Every bank and course of the repository keeps the rules, the law bears its items out, and every
lesson runs. All is looked at together and once, as `lawlab bank check` and `course check` do."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from lawlab.config import REPOSITORY
from lawlab.domain.lesson_wording import prose_of
from lawlab.domain.question import QuestionType
from lawlab.domain.quotation import LONGEST
from lawlab.domain.statute import ArticleRef, normalised
from lawlab.domain.wording import texts_of
from lawlab.services.checking import bank_files, course_folders
from lawlab.services.inspection import (
    InspectedBank,
    InspectedCourse,
    beside_in,
    inspect_banks,
    inspect_courses,
)
from lawlab.services.search import words_faults
from lawlab.store.statutes import Statutes, china_day, open_statutes

BANKS = bank_files(REPOSITORY)
COURSES = course_folders(REPOSITORY)


@dataclass(frozen=True)
class Everything:
    """All content with its faults, and how long it took to find them."""

    banks: dict[str, InspectedBank]
    courses: dict[str, InspectedCourse]
    words: list[str]
    seconds: float


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


@pytest.fixture(scope="module")
def everything(statutes: Statutes) -> Everything:
    today, began = china_day(), time.perf_counter()
    banks = inspect_banks(BANKS, statutes, today)
    cards = {beside.question.id for beside in beside_in(REPOSITORY, [])}
    courses = inspect_courses(COURSES, statutes, today, cards)
    words = words_faults(REPOSITORY, statutes, today)
    return Everything(
        {found.file.stem: found for found in banks},
        {found.folder.name: found for found in courses},
        words,
        time.perf_counter() - began,
    )


def test_there_is_content() -> None:
    assert BANKS
    assert COURSES


@pytest.mark.parametrize("stem", [file.stem for file in BANKS])
def test_a_bank_keeps_the_rules(stem: str, everything: Everything) -> None:
    found = everything.banks[stem]
    assert found.faults == ()
    assert found.bank.slug == stem
    assert found.bank.questions


@pytest.mark.parametrize("slug", [folder.name for folder in COURSES])
def test_a_course_keeps_the_rules_and_its_lessons_run(slug: str, everything: Everything) -> None:
    found = everything.courses[slug]
    assert found.faults == ()
    assert found.lessons


def test_everyday_words_stand_in_the_law(everything: Everything) -> None:
    assert everything.words == []


def test_the_checks_of_everything_take_less_than_a_minute(everything: Everything) -> None:
    assert everything.seconds < 60


def test_no_item_id_is_used_by_two_banks(everything: Everything) -> None:
    banks = [found.bank for found in everything.banks.values()]
    ids = [question.id for bank in banks for question in bank.questions]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("slug", [folder.name for folder in COURSES])
def test_a_course_uses_each_check_card_once(slug: str, everything: Everything) -> None:
    lessons = everything.courses[slug].lessons.values()
    cards = [card for lesson in lessons for card in lesson.cards]
    assert len(cards) == len(set(cards))


def test_the_first_bank_has_every_type_of_question(everything: Everything) -> None:
    questions = everything.banks["anti-telecom-fraud"].bank.questions
    types = [question.type for question in questions]
    assert len(questions) >= 30
    assert types.count(QuestionType.CASE) >= 3
    assert set(types) == set(QuestionType)


def test_no_statute_text_is_committed(everything: Everything, statutes: Statutes) -> None:
    """Nothing longer than a phrase of the laws that a bank or course cites stands in it word for
    word. Counted in another way than `domain.quotation` does."""
    places: dict[str, tuple[set[str], list[str]]] = {}
    for stem, found in everything.banks.items():
        refs = {ref for question in found.bank.questions for ref in question.articles}
        texts = [text for question in found.bank.questions for _, text in texts_of(question)]
        laws = {found.bank.law, *(ArticleRef.parse(ref).law for ref in refs)}
        places[stem] = (laws - set(found.waiting), texts)
    for slug, course in everything.courses.items():
        lessons = course.lessons.values()
        laws = {ref.law for lesson in lessons for ref in lesson.articles}
        laws |= {course.file.law} if course.file else set()
        texts = [text for lesson in lessons for _, text in prose_of(lesson)]
        places[f"courses/{slug}"] = (laws - set(course.waiting), texts)
    of_law: dict[str, set[str]] = {}
    for place, (laws, texts) in places.items():
        own = _runs(map(normalised, texts))
        for law in laws:
            if law not in of_law:
                of_law[law] = _runs(article.plain for article in statutes.law(law).articles)
            assert own & of_law[law] == set(), (place, law)


def _runs(texts: Iterable[str]) -> set[str]:
    size = LONGEST + 1
    return {text[n : n + size] for text in texts for n in range(len(text) - size + 1)}
