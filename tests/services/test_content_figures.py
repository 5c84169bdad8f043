"""The figures of banks and courses, from files and from an installation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.bank import Bank
from lawlab.services.checking import parse_bank, read_text
from lawlab.services.content import publish_bank, publish_course
from lawlab.services.content_figures import (
    bank_report,
    course_figures,
    item_states,
    published_banks,
    reviewers_of_courses,
)
from lawlab.services.content_state import set_state
from lawlab.services.inspection import inspect_courses
from lawlab.store.statutes import Statutes, open_statutes

MakeStatutes = Callable[..., Statutes]
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


@pytest.fixture
def bank(small_repository: Path) -> Bank:
    (file,) = (small_repository / "assessments" / "banks").glob("*.yaml")
    return parse_bank(read_text(file))[0]


def test_banks_of_one_law_are_added_up(bank: Bank, statutes: Statutes) -> None:
    half = len(bank.questions) // 2
    one = Bank("one", bank.law, bank.questions[:half])
    two = Bank("two", bank.law, bank.questions[half:])
    report = bank_report([one, two], statutes, TODAY)
    (law,) = report.laws
    assert [figures.items for figures in report.banks] == [half, len(bank.questions) - half]
    assert law.items == report.all.items == len(bank.questions)
    assert law.total == 50
    assert max(f.cited for f in report.banks) <= law.cited <= sum(f.cited for f in report.banks)
    assert sum(report.all.kinds.values()) == sum(report.all.difficulty) == len(bank.questions)


def test_a_law_that_is_not_there_has_no_total(bank: Bank, make_statutes: MakeStatutes) -> None:
    report = bank_report([bank], make_statutes({"别的条例": {1: "别的。"}}), TODAY)
    assert report.banks[0].total is None
    assert report.to_json()["laws"][0]["total"] is None


def test_an_installation_tells_states_and_reviewers(
    sessions: sessionmaker[Session],
    small_repository: Path,
    statutes: Statutes,
    tmp_path: Path,
    now: dt.datetime,
) -> None:
    now = now.replace(year=2026)
    (file,) = (small_repository / "assessments" / "banks").glob("*.yaml")
    folder = small_repository / "courses" / "anti-telecom-fraud"
    with sessions() as session:
        publish_bank(session, file, statutes, now)
        publish_course(session, folder, statutes, "审核人甲", tmp_path / "pages", now)
        set_state(session, "item", "atf-002", "stale", "条文变了", "系统", now)
        set_state(session, "item", "atf-003", "withdrawn", "旧了", "t01", now)
        session.commit()
        (bank,) = published_banks(session)
        report = bank_report([bank], statutes, now.date(), item_states(session))
        reviewers = reviewers_of_courses(session)
    assert (bank.slug, bank.law) == ("anti-telecom-fraud", "反电信网络诈骗法")
    assert (report.all.items, report.all.withdrawn, report.all.stale) == (30, 1, 1)
    assert reviewers == {"anti-telecom-fraud": ("审核人甲",)}


def test_the_figures_of_a_course(small_repository: Path, statutes: Statutes, bank: Bank) -> None:
    folder = small_repository / "courses" / "anti-telecom-fraud"
    cards = {question.id for question in bank.questions}
    (found,) = inspect_courses([folder], statutes, TODAY + dt.timedelta(days=2), cards)
    figures = course_figures(found, statutes, TODAY, {"anti-telecom-fraud": ("审核人甲",)})
    assert (figures.lessons, figures.faults) == (3, len(found.faults))
    assert figures.cards == sum(len(lesson.cards) for lesson in found.lessons.values())
    assert figures.coverage is not None
    assert (figures.coverage.articles_total, figures.coverage.chapters_total) == (50, 7)
    assert "第七章 附则" in figures.coverage.missing
    assert figures.reviewers == ("审核人甲",)
    assert figures.to_json()["checked"] == str(figures.checked)


def test_a_broken_course_still_has_figures(tmp_path: Path, statutes: Statutes) -> None:
    (found,) = inspect_courses([tmp_path / "none"], statutes, TODAY, set())
    figures = course_figures(found, statutes, TODAY, {})
    assert (figures.lessons, figures.coverage, figures.checked) == (0, None, None)
    assert figures.faults == len(found.faults) > 0
    assert figures.to_json()["checked"] is None
