"""One life of one program: from its start until it has ended."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from contextlib import suppress

from lawlab import linux
from lawlab.supervise.log import Log, Voice
from lawlab.supervise.programs import Program

_LONGEST_LINE = 2**20


class Process:
    """A started program. `ended` gets its exit code from whoever waits for children."""

    def __init__(self, program: Program, pid: int, starts: int) -> None:
        self.program = program
        self.pid = pid
        self.starts = starts
        """Which start of the program this is, counted from 1."""
        self.since = time.time()
        self.ready = False
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._began = time.monotonic()

    @property
    def alive(self) -> bool:
        return not self.ended.done()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def signal(self, sign: signal.Signals) -> None:
        """Reach the whole group, so that no child of its own is forgotten."""
        linux.signal_group(self.pid, sign)


def start(program: Program, starts: int, log: Log) -> Process:
    """Start `program` in a session of its own; what it prints goes to `log` line by line.

    Raises OSError when there is no such command.
    """
    reading, writing = os.pipe()
    try:
        popen = subprocess.Popen(
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
            preexec_fn=linux.dying_with(os.getpid(), signal.SIGKILL, program.nice),
        )
    except OSError:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    popen.returncode = 0  # Popen must not wait for it: that is done for all children in one place
    _LISTENERS.add(listener := asyncio.create_task(_listen(program.name, reading, log)))
    listener.add_done_callback(_LISTENERS.discard)
    return Process(program, popen.pid, starts)


# The loop itself holds tasks weakly. One ends when its pipe is closed at the other end, which may
# be later than its program: what that started writes to the same pipe.
_LISTENERS: set[asyncio.Task[None]] = set()


async def _listen(name: str, descriptor: int, log: Log) -> None:
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    voice = Voice()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    try:
        while line := await _line(reader):
            text, loud = voice.clean(line.decode("utf-8", "replace").rstrip())
            if text:
                log.relay(name, text, loud=loud)
    finally:
        transport.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    while True:
        with suppress(ValueError):  # longer than the limit: nothing that somebody would read
            return await reader.readline()
