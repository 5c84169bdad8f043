"""Kills at random in the soak, and what the platform holds while it goes on."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from lawlab.testing import Running

PROGRAMS = ("hub", "proxy", "learn", "api", "grader")
PARENT, KERNEL = "kernel parent", "kernel"
SAMPLE_S = 10.0
COUNTED = ("hub", "learn", "api")
"""Programs of which open files and threads are counted."""


@dataclass
class Kills:
    """What was killed, and seconds until it was back."""

    chance: random.Random
    pause: tuple[float, float]
    done: list[tuple[str, float]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    async def go_on(self, platform: Running, over: asyncio.Event) -> None:
        """SIGKILL one program after the other until the soak is over."""
        names = [*PROGRAMS, PARENT, KERNEL]
        turn: list[str] = []
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self.chance.uniform(*self.pause))
                return
            turn = turn or self.chance.sample(names, len(names))
            await self._kill(platform, turn.pop())

    async def _kill(self, platform: Running, name: str) -> None:
        began = time.monotonic()
        try:
            if name in PROGRAMS:
                before = platform.kill(name)
                await asyncio.to_thread(platform.wait_for, name, after=before, within=60)
            else:
                parent, kernels = kernels_of(platform)
                chosen = parent if name == PARENT else self.chance.choice(kernels or [None])
                if chosen is None:
                    return  # nobody has a live page open
                os.kill(chosen, signal.SIGKILL)
        except ProcessLookupError:
            return
        except AssertionError as error:
            self.trouble.append(str(error)[:300])
            return
        self.done.append((name, time.monotonic() - began))


def kernels_of(platform: Running) -> tuple[int | None, list[int]]:
    """The process of which kernels are forked, and the kernels."""
    parent, kernels = None, []
    with suppress(psutil.NoSuchProcess):
        for one in psutil.Process(platform.pid("learn")).children(recursive=True):
            with suppress(psutil.Error):
                if "lawlab.kernels.parent" not in one.cmdline():
                    continue
                if one.name() == "ipykernel":
                    kernels.append(one.pid)
                else:
                    parent = one.pid
    return parent, kernels


@dataclass
class Watch:
    """MiB of the whole tree, shared parts divided among those who share them, every SAMPLE_S."""

    length: float
    samples: list[tuple[float, float, int]] = field(default_factory=list)
    """Seconds since the start, MiB, processes."""

    async def go_on(self, platform: Running, over: asyncio.Event) -> None:
        began = time.monotonic()
        pause = min(SAMPLE_S, self.length / 20)
        while not over.is_set():
            mib, count = await asyncio.to_thread(held, platform)
            self.samples.append((time.monotonic() - began, mib, count))
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause)

    def medians(self) -> tuple[float, float]:
        """Of the second fifth (minutes 3 to 6 of 15) and of the last fifth."""
        fifth = self.length / 5
        early = [mib for at, mib, _ in self.samples if fifth <= at <= 2 * fifth]
        late = [mib for at, mib, _ in self.samples if at >= 4 * fifth]
        return statistics.median(early), statistics.median(late)


def held(platform: Running) -> tuple[float, int]:
    """MiB that the platform holds now, and its processes."""
    total, count = 0, 0
    for one in platform.processes():
        with suppress(psutil.Error):
            total += one.memory_full_info().pss
            count += 1
    return total / 2**20, count


def files_and_threads(platform: Running) -> dict[str, tuple[int, int]]:
    """Of the COUNTED programs: open files, threads."""
    found = {}
    for name in COUNTED:
        one = psutil.Process(platform.pid(name))
        found[name] = one.num_fds(), one.num_threads()
    return found
