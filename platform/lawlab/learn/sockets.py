"""A folder for the sockets of kernels, which does not outlast its server, however that ends."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "lawlab-learn-"
_LOCK = "lock"
_held: list[int] = []
"""Locks that say that their folder is in use; the system lets go of them with the process."""


def make_socket_folder() -> Path:
    """A new folder for this process. Folders of processes that were killed are removed.

    Its path is short, as the sockets in it must fit into 107 characters.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_if_left(left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    made = folder / f"{_LOCK}.new"
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    made.rename(folder / _LOCK)  # nobody sees it before it is held
    _held.append(descriptor)
    return folder


def _remove_if_left(folder: Path) -> None:
    # Somebody else's, or one that is made or removed at this moment.
    with suppress(OSError):
        descriptor = os.open(folder / _LOCK, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        finally:
            os.close(descriptor)
