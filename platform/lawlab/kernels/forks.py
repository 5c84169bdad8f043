"""The other end of the warm parent: starts it, asks it for children, and holds on to them."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from lawlab.kernels.request import READY, Request

PATIENCE = 3.0
"""Seconds in which a parent that has answered before must answer. A dead one is noticed at once."""

FIRST_PATIENCE = 15.0
"""Seconds for the first answer of a new one, which still imports. It is never slower than a kernel
that imports for itself."""

ENVIRONMENT = {
    # One thread: two would make it unfit to fork.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A heap for each of a kernel's seven threads would cost megabytes in every child.
    "MALLOC_ARENA_MAX": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
"""Of the parent; a kernel's own comes with the request."""

log = logging.getLogger("lawlab.kernels")


class ForkedProcess:
    """A child of the warm parent, known by a pidfd: a number that is given away again can never
    be mistaken for it. What `LocalProvisioner` uses of `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self._gone = False

    def poll(self) -> int | None:
        """None while it lives. How it ended is known to nobody, so that is always 0."""
        if not self._gone:
            if not _ends_within(self._descriptor, 0):
                return None
            self._gone = True
            os.close(self._descriptor)
        return 0

    def wait(self, timeout: float | None = None) -> int:
        """Block until it has ended. Raises subprocess.TimeoutExpired."""
        if not self._gone and not _ends_within(self._descriptor, timeout):
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        return self.poll() or 0

    async def ended(self) -> None:
        """Wait until it has ended."""
        if self.poll() is None:
            await _readable(self._descriptor)
            self.poll()

    def send_signal(self, number: int) -> None:
        """Signal it and what it started; nothing happens when it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        if not self._gone:
            with suppress(OSError):
                os.close(self._descriptor)


class WarmParent:
    """The parent of one process's kernels, with these modules imported. It is started when first
    needed, again when it has died, and ends with this process; its kernels go on without it."""

    def __init__(self, modules: Sequence[str] = (), *, debugger: bool = True) -> None:
        self.modules = tuple(modules)
        self.debugger = debugger
        self._folder = Path(tempfile.mkdtemp(prefix="lawlab-fork-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline = -1
        self._listener: socket.socket | None = None
        self._answered = False

    @property
    def pid(self) -> int | None:
        """Its process, None while there is none."""
        return (
            None
            if self._process is None or self._process.poll() is not None
            else (self._process.pid)
        )

    def start(self) -> None:
        """Begin its imports, so that the first kernel need not wait for them."""
        if self.pid is not None:
            return
        self._close()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with suppress(FileNotFoundError):
            self._address.unlink()
        self._listener.bind(str(self._address))  # in a folder of mode 0700
        self._listener.listen(1024)
        reading, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "lawlab.kernels.parent"),
                    *(str(self._listener.fileno()), str(reading)),
                    "debugger" if self.debugger else "-",
                    *self.modules,
                ],
                pass_fds=(self._listener.fileno(), reading),
                stdin=subprocess.DEVNULL,
                env=os.environ | ENVIRONMENT,
            )
        finally:
            os.close(reading)
            # Only the parent listens: when it dies, whoever asks is refused instead of kept.
            self._listener.close()
            self._listener = None

    @property
    def _address(self) -> Path:
        return self._folder / "parent"

    async def fork(self, request: Request) -> ForkedProcess | None:
        """A kernel that is ready for messages; None when the parent has none to give, for whatever
        reason. Then one has to be started in the ordinary way."""
        try:
            self.start()
            async with asyncio.timeout(PATIENCE if self._answered else FIRST_PATIENCE):
                return await self._ask(request)
        except TimeoutError:
            log.warning("the parent of the kernels did not answer; it is replaced")
            self._kill()
        except OSError as error:
            log.warning("the parent of the kernels has gone (%r); another is started", error)
            self._kill()
        return None

    async def _ask(self, request: Request) -> ForkedProcess | None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
            line.setblocking(False)
            line.connect(str(self._address))
            line.send(json.dumps(asdict(request)).encode())
            await _readable(line.fileno())
            words, descriptors, _, _ = socket.recv_fds(line, 100, 1)
            if not descriptors:
                raise ConnectionError("no child")
            self._answered = True
            child = ForkedProcess(int(words), descriptors[0])
            try:
                await _readable(line.fileno())
                if line.recv(len(READY)) == READY:
                    return child
            except BaseException:
                child.kill()
                raise
        child.kill()
        log.warning("a forked kernel ended before it was ready")
        return None

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        self._answered = False
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        self._process = None

    def stop(self) -> None:
        """End the parent. Its kernels live as long as this process, or until they are ended."""
        self._kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _ends_within(descriptor: int, seconds: float | None) -> bool:
    """Whether what a pidfd stands for ends in that time. `select` refuses numbers above 1023."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else 1000 * seconds))


async def _readable(descriptor: int) -> None:
    """Wait until something can be read there, in whatever loop this runs."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()

    def tell() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(descriptor, tell)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


_PARENTS: dict[tuple[bool, tuple[str, ...]], WarmParent] = {}


def parent_with(modules: Sequence[str], *, debugger: bool = True) -> WarmParent:
    """This process's parent with these modules."""
    key = debugger, tuple(modules)
    if key not in _PARENTS:
        _PARENTS[key] = WarmParent(modules, debugger=debugger)
    return _PARENTS[key]
