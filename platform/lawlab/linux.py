"""The facts of Linux on which "leaves no process behind" rests: sub-reaper, death signal, trees.

A process whose parent dies becomes a child of its nearest *sub-reaper*. So whoever is one finds
every descendant among its own, also those in a session of their own and those of a killed parent.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_LIBC = ctypes.CDLL(None, use_errno=True)


def become_subreaper() -> None:
    """From now on orphaned descendants become children of this process."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def no_new_rights() -> None:
    """From now on nothing that this process starts has more rights than it, sudo included."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def dying_with(parent: int, sign: signal.Signals, nice: int = 0) -> Callable[[], None]:
    """A function for the child, between fork and exec: `sign` reaches it when `parent` dies.

    `nice` lowers its claim to the processor, and that of everything it starts.
    """

    def prepare() -> None:
        _prctl(_PR_SET_PDEATHSIG, sign)
        if os.getppid() != parent:  # it died before we could ask for the signal
            os._exit(1)
        os.nice(nice)

    return prepare


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) was refused")


def descendants() -> list[psutil.Process]:
    """Every living process below this one; the dead that nobody has waited for are not counted."""
    return [child for child in psutil.Process().children(recursive=True) if _lives(child)]


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def end_descendants(grace: float) -> list[str]:
    """End every process below this one, with SIGTERM and after `grace` seconds with SIGKILL.

    Returns a word about each that was found. To be called when nothing is started any more.
    """
    found: dict[psutil.Process, str] = {}
    deadline = time.monotonic() + grace
    while children := descendants():
        patience = time.monotonic() < deadline
        for child in children:
            with suppress(psutil.NoSuchProcess):
                if child not in found:
                    found[child] = described(child)
                    child.send_signal(signal.SIGTERM if patience else signal.SIGKILL)
                elif not patience:
                    child.kill()
        time.sleep(0.02)
        reap()
    return list(found.values())


def described(process: psutil.Process) -> str:
    """`1234 python -m lawlab.api`, shortened; `1234` alone when it may not be looked at."""
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:80]}".rstrip()
    except psutil.Error:
        return str(process.pid)


def reap() -> dict[int, int]:
    """Wait for every child that has died, adopted ones too: pid → exit code (negative: signal)."""
    ended: dict[int, int] = {}
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            ended[found[0]] = os.waitstatus_to_exitcode(found[1])
    return ended


def signal_group(leader: int, sign: signal.Signals) -> None:
    """Send `sign` to the process group that `leader` began; a group that is gone is no error."""
    with suppress(ProcessLookupError):
        os.killpg(leader, sign)
