"""Guessing six digits, and requests that are done together."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Sequence

import pytest

from lawlab.api.batching import Batcher
from lawlab.api.brake import TRIES, CodeBrake
from lawlab.errors import TooMany


def test_tries_are_counted_before_they_are_looked_at(now: dt.datetime) -> None:
    brake = CodeBrake()
    assert [brake.take(1, now) for _ in range(TRIES)] == [5, 4, 3, 2, 1, 0]
    with pytest.raises(TooMany) as held:
        brake.take(1, now + dt.timedelta(seconds=20))
    assert held.value.facts["retry_after"] == 40
    assert brake.take(2, now) == TRIES - 1
    assert brake.take(1, now + dt.timedelta(seconds=60)) == TRIES - 1


def test_a_right_code_costs_no_try(now: dt.datetime) -> None:
    brake = CodeBrake()
    for _ in range(50):
        brake.take(1, now)
        brake.give_back(1)
    assert brake.take(1, now) == TRIES - 1


def test_each_gets_its_own_reply_whatever_becomes_of_the_others() -> None:
    batches: list[int] = []

    def work(asked: Sequence[int]) -> list[int | Exception]:
        batches.append(len(asked))
        time.sleep(0.05)
        return [ValueError(str(one)) if one % 7 == 0 else one * 2 for one in asked]

    async def main() -> list[int | BaseException]:
        together: Batcher[int, int] = Batcher(work, most=20)
        first = asyncio.create_task(together.ask(100))
        await asyncio.sleep(0.01)
        rest = [asyncio.create_task(together.ask(one)) for one in range(1, 50)]
        await asyncio.sleep(0.01)
        rest[0].cancel()
        assert await first == 200
        return await asyncio.gather(*rest, return_exceptions=True)

    replies = asyncio.run(main())
    assert isinstance(replies[0], asyncio.CancelledError)
    assert replies[1:6] == [4, 6, 8, 10, 12]
    assert isinstance(replies[6], ValueError)
    assert batches == [1, 20, 20, 9]


def test_a_batch_that_fails_tells_all_and_the_next_goes_on() -> None:
    calls: list[Sequence[int]] = []

    def work(asked: Sequence[int]) -> list[int]:
        calls.append(asked)
        if len(calls) == 1:
            raise OSError("away")
        return list(asked)

    async def main() -> None:
        together: Batcher[int, int] = Batcher(work)
        with pytest.raises(OSError, match="away"):
            await together.ask(1)
        assert await together.ask(2) == 2

    asyncio.run(main())
