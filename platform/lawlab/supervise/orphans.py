"""Who started what: so that the end of a program is the end of its kernels, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil

from lawlab import linux
from lawlab.supervise.process import Process


class Family:
    """Remembers of which program each process below us comes, also when that has died."""

    def __init__(self) -> None:
        self._owners: dict[psutil.Process, str] = {}

    def look(self, processes: Iterable[Process]) -> None:
        """Note the present children of the programs; to be called every few seconds."""
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(process.pid).children(recursive=True):
                    self._owners[child] = process.program.name
        alive = set(linux.descendants())
        self._owners = {child: name for child, name in self._owners.items() if child in alive}

    def end_orphans(self, dead: Process, processes: Iterable[Process]) -> list[str]:
        """Kill what a dead program left: its kernels would hold memory, and perhaps its port.

        Returns a word about each.
        """
        name = dead.program.name
        ours = {process.pid for process in processes if process.alive}
        words = []
        for child in psutil.Process().children():
            # A child that was never seen under another program is too young to have been noted.
            if child.pid not in ours and self._owners.get(child, name) == name:
                words.append(linux.described(child))
                _kill_with_children(child)
        return words


def _kill_with_children(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        for below in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                below.kill()
