"""A process above the supervisor whose only work is that nothing outlives the two of them.

The supervisor dies by SIGKILL: everything below it becomes the warden's and is ended. The warden
dies by SIGKILL: the supervisor gets SIGTERM from the kernel and stops in order.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from lawlab.linux import become_subreaper, dying_with, end_descendants, reap

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def guarded(work: Callable[[], int]) -> int:
    """Run `work` in a child process and return its exit code, 1 when it was killed.

    Signals that ask to stop are passed on. When this returns, no descendant is left.
    """
    become_subreaper()
    sys.stdout.flush()
    sys.stderr.flush()
    # Held back, so that none is lost between the fork and the moment somebody listens.
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    warden = os.getpid()
    child = os.fork()
    if child == 0:
        _work_and_exit(work, warden)
    code = _watch(child)
    end_descendants(grace=0)
    return code


def _work_and_exit(work: Callable[[], int], warden: int) -> NoReturn:
    """In the child. It has a group of its own: a terminal's Ctrl-C reaches it once, through us."""
    code = 1
    try:
        os.setpgid(0, 0)
        dying_with(warden, signal.SIGTERM)()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
        code = work()
    except KeyboardInterrupt:
        pass  # before anything was started
    except BaseException:  # noqa: BLE001 - this process ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watch(child: int) -> int:
    for sign in FORWARDED:
        signal.signal(sign, lambda number, _frame: _pass_on(child, number))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    while child not in (ended := reap()):
        signal.sigtimedwait({signal.SIGCHLD}, 1)
    return max(ended[child], 0) or int(ended[child] < 0)


def _pass_on(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)
