"""The watch over the search index outlives whatever a look runs into."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import pytest

from lawlab.api import indexer
from lawlab.api.indexer import Indexer


def test_trouble_of_any_kind_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []
    fills: list[int] = []

    def fill(_self: Indexer) -> None:
        fills.append(len(looks))
        raise ValueError

    def look(_self: Indexer) -> None:
        looks.append(1)
        if len(looks) == 1:
            "\ud800".encode()

    monkeypatch.setattr(indexer, "EVERY", 0.01)
    monkeypatch.setattr(Indexer, "look", look)
    monkeypatch.setattr(Indexer, "fill_pool", fill)

    async def a_while(until: Callable[[], bool]) -> None:
        watching = asyncio.create_task(Indexer(None, None, None, ()).watch())  # type: ignore[arg-type]
        for _ in range(200):
            if until():
                break
            await asyncio.sleep(0.01)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    with caplog.at_level(logging.ERROR):
        asyncio.run(a_while(lambda: len(looks) > 2))
    assert len(looks) > 2
    assert "was not refreshed" in caplog.text
    # The pool of practice has its turn each time, and its own trouble.
    assert fills[:3] == [1, 2, 3]
    assert "pool of practice was not brought in step" in caplog.text
