"""The warm parent: a process that imports what kernels need and then only forks.

`python -m lawlab.kernels.parent LISTENER LIFELINE debugger|- MODULE…` with two inherited file
descriptors: a listening socket on which requests come, and a pipe that ends with whoever started
it.

What a fork cannot carry over is never made here: no thread, no event loop, no ZeroMQ context, no
session, no shell. Each is the child's own affair.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from lawlab.kernels.request import LONGEST, READY, Request

ALWAYS = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
)
"""What every kernel imports sooner or later."""

NAME = b"ipykernel"

_PR_SET_NAME = 15

log = logging.getLogger("lawlab.kernels")


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    lifeline = int(sys.argv[2])
    # Ctrl-C in a terminal is for whoever started us, who then lets go of the lifeline.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the children
    if sys.argv[3] != "debugger":
        leave_out_debugger()
    for module in (*ALWAYS, "ipykernel.debugger", *sys.argv[4:]):
        try:
            importlib.import_module(module)
        except ImportError as error:
            # The kernel that needs it will say so to the person who can mend it.
            log.warning("%s was not imported: %s", module, error)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        sys.exit("a module that was imported has started a thread: its kernels could hang")
    # What is here stays as it is, so that the children go on sharing it.
    gc.collect()
    gc.freeze()
    asked = serve(listener, lifeline)
    if asked is None:
        # Whoever started us was killed, or he would have removed it himself.
        shutil.rmtree(Path(listener.getsockname()).parent, ignore_errors=True)
    else:
        listener.close()
        os.close(lifeline)
        become_kernel(*asked)


def leave_out_debugger() -> None:
    """Kernels that nobody debugs need no debugger, which takes 0.16 s of a parent and 2 MB of each
    child, nor the list of all modules that ipykernel makes for it, which touches every one of them
    and so costs a child another 4 MB. tests/kernels looks whether ipykernel is still made so."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    ipkernel: Any = importlib.import_module("ipykernel.ipkernel")
    ipkernel.sys = _NoModules(sys)


class _NoModules:
    """The module `sys` as `ipykernel.ipkernel` sees it, without a module in it."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self.modules: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)


def serve(listener: socket.socket, lifeline: int) -> tuple[Request, socket.socket] | None:
    """Fork for everyone who asks. Returns in each child, with its request and the line on which to
    say that it is ready; None in the parent, when whoever started it has gone."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(lifeline, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll()}
        if lifeline in ready:
            return None
        connection, _ = listener.accept()
        with connection:
            try:
                request = receive(connection)
                child = os.fork()
            except (OSError, ValueError, TypeError) as error:
                log.warning("no kernel was forked: %s", error)
                continue
            if child == 0:
                # A copy of its own: this block closes the parent's.
                return request, connection.dup()
            _hand_over(connection, child)


def receive(connection: socket.socket) -> Request:
    """Read a request. Raises ValueError or TypeError when it is none, OSError when nobody of this
    account is at the other end."""
    # A local connection and one packet: nobody can keep the parent waiting for the rest of it.
    connection.settimeout(1)
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    if struct.unpack("3i", credentials)[1] != os.getuid():
        raise PermissionError("asked by another account")
    return Request(**json.loads(connection.recv(LONGEST)))


def _hand_over(connection: socket.socket, child: int) -> None:
    """Tell who the child is. One that nobody waits for any more must not live."""
    try:
        descriptor = os.pidfd_open(child)
    except ProcessLookupError:
        return
    try:
        socket.send_fds(connection, [str(child).encode()], [descriptor])
    except OSError:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    finally:
        os.close(descriptor)


def become_kernel(request: Request, line: socket.socket) -> NoReturn:
    """In the child: everything that the fork brought and that is not a kernel's own is replaced."""
    code = 1
    try:
        os.setsid()
        _call_itself(NAME)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(request.environment)
        time.tzset()
        os.chdir(request.folder)
        with Path(os.devnull).open() as nothing:
            os.dup2(nothing.fileno(), 0)
        _reseed()
        if request.owner is not None:
            end_with(request.owner)
        code = _run(request.arguments, line)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - this process ends here, whatever it was
        sys.__excepthook__(*sys.exc_info())
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _call_itself(name: bytes) -> None:
    """The name that `ps` and `top` show; the command line stays the parent's."""
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name, 0, 0, 0)


def _reseed() -> None:
    """Python's own generator is seeded anew at a fork; numpy's would give everybody the same."""
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def end_with(owner: int) -> None:
    """End this process as soon as `owner` has ended, whoever its parent is by then."""
    try:
        descriptor = os.pidfd_open(owner)
    except ProcessLookupError:
        os._exit(0)

    def wait() -> None:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        poll.poll()
        os._exit(0)

    threading.Thread(target=wait, name="owner", daemon=True).start()


def _run(arguments: list[str], line: socket.socket) -> int:
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.clear_instance()
    # Not the poller of ipykernel: our parent may die, and that is nothing to a kernel.
    app: Any = IPKernelApp.instance(parent_handle=0)
    sys.argv = ["ipykernel_launcher.py", *arguments]
    app.log_level = logging.CRITICAL  # it would print how to connect, since it has no poller
    app.initialize(arguments)
    app.log_level = logging.WARNING
    _join(app)
    line.send(READY)
    line.close()
    app.start()
    return 0


def _join(app: Any) -> None:
    """What libraries do when a kernel imports them: here they were imported before it."""
    widgets = sys.modules.get("ipywidgets")
    if widgets is not None:
        widgets.register_comm_target()


if __name__ == "__main__":
    main()
