"""Who listens on a port. Asked before every start: an orphan would answer in a program's place."""

from __future__ import annotations

import socket
from collections.abc import Collection

import psutil

from lawlab.linux import described


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now; old connections that linger do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError:
            return False
    return True


def holder(port: int, known: Collection[int] = ()) -> str | None:
    """None when the port is free, else a word about the process that listens on it. Processes that
    are `known` may share it."""
    if is_free(port):
        return None
    listeners = [
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN"
    ]
    strangers = [pid for pid in listeners if pid not in known]
    if not strangers:
        return None if listeners else "别的进程"
    return described(psutil.Process(strangers[0])) if strangers[0] else "别的用户的进程"
