"""Live pages wait for news of the boards instead of asking again and again."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from tests.api.conftest import Office

from lawlab import tokens
from lawlab.api import board


def ask(office: Office, after: str, headers: dict[str, str]) -> Any:
    return office.app.get("/services/api/board/news", params={"after": after}, headers=headers)


@pytest.fixture
def kernel(office: Office) -> dict[str, str]:
    """What the kernel of a live page shows of its person."""
    token = tokens.kernel_token(office.settings.secrets["kernel"], "s002")
    return {"Authorization": f"Bearer {token}"}


def test_whoever_is_behind_hears_at_once_and_the_others_when_somebody_has_earned_something(
    office: Office, kernel: dict[str, str]
) -> None:
    began = time.monotonic()
    known = ask(office, "", kernel).json()["revision"]
    assert time.monotonic() - began < board.PATIENCE_S / 2
    heard: list[str] = []
    waiting = threading.Thread(
        target=lambda: heard.append(ask(office, known, kernel).json()["revision"])
    )
    waiting.start()
    waiting.join(1.5)
    assert waiting.is_alive()
    reply = office.browser("s001").answer("atf-001", "A")
    assert reply.status_code == 201
    waiting.join(board.PATIENCE_S / 2)
    assert heard
    assert heard != [known]


def test_without_news_the_same_is_said_in_the_end(
    office: Office, kernel: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "PATIENCE_S", 0.2)
    known = ask(office, "", kernel).json()["revision"]
    assert ask(office, known, kernel).json()["revision"] == known


def test_nobody_hears_anything_without_being_somebody(office: Office) -> None:
    assert ask(office, "", {}).status_code == 401
    assert ask(office, "", {"Authorization": "Bearer forged"}).status_code == 401


def test_those_who_wait_hold_no_connection_of_the_database(
    office: Office, kernel: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty live pages: more than there are connections."""
    monkeypatch.setattr(board, "PATIENCE_S", 3.0)
    known = ask(office, "", kernel).json()["revision"]
    pages = [threading.Thread(target=ask, args=(office, known, kernel)) for _ in range(40)]
    for page in pages:
        page.start()
    time.sleep(1.0)
    began = time.monotonic()
    assert office.browser("s001").get("/me").status_code == 200
    assert time.monotonic() - began < 1.5
    for page in pages:
        page.join()
