"""A contestant's phone while the database cannot take his answer."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contest_site import ContestSite, contest_site
from playwright.sync_api import Browser, expect
from sqlalchemy.exc import OperationalError

from lawlab.api import contest_answers

KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('lawlab.contest.')).length"


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[ContestSite]:
    with contest_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        site.do("open", "start")
        yield site


def test_an_answer_that_cannot_be_stored_now_stays_on_the_phone_and_goes_by_itself(
    site: ContestSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = site.seat()
    site.show()
    tried: list[int] = []
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    take = contest_answers.store_answers

    def refuse(*_: Any) -> None:
        tried.append(1)
        raise OperationalError("insert", {}, locked)

    monkeypatch.setattr(contest_answers, "store_answers", refuse)
    page.locator("label.option").first.click()
    page.get_by_role("button", name="确定").click()
    state = page.locator(".contest-state")
    expect(state).to_contain_text("正在提交…")
    for _ in range(100):
        if len(tried) >= 2:
            break
        page.wait_for_timeout(50)
    assert len(tried) >= 2  # it tries by itself
    expect(state).to_contain_text("正在提交…")
    expect(page.locator("label.option input").first).to_be_disabled()
    assert page.evaluate(KEPT) == 1
    monkeypatch.setattr(contest_answers, "store_answers", take)
    expect(state).to_contain_text(re.compile("已收到"))
    assert page.evaluate(KEPT) == 0
