"""The head of the chain, written where the platform cannot change it: to the machine's log, and to
the end of a file that another account keeps."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from lawlab.domain.sealing import Link, read_written, written_line
from lawlab.errors import LawlabError

SYSLOG = Path("/dev/log")
AUTHPRIV_NOTICE = 10 * 8 + 5


def write_head(link: Link, file: str, syslog: Path = SYSLOG) -> list[str]:
    """Write a link's head everywhere; returns what could not be written, each with the reason. A
    machine without a log, and an empty `file`, are no fault."""
    faults = []
    line = written_line(link)
    if syslog.is_socket():
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
                log.settimeout(1)
                log.connect(str(syslog))
                log.send(f"<{AUTHPRIV_NOTICE}>lawlab-audit[{os.getpid()}]: {line}".encode())
        except OSError as error:
            faults.append(f"{syslog}: {error.strerror or error}")
    if file:
        try:
            # Only ever appended to: so it may belong to somebody else, with `chattr +a`.
            with open(file, "a", encoding="ascii") as written:  # noqa: PTH123 - a name, as set
                written.write(f"{line}\n")
                written.flush()
                os.fsync(written.fileno())
        except OSError as error:
            faults.append(f"{file}: {error.strerror or error}")
    return faults


def read_heads(file: Path) -> dict[int, str]:
    """Number of a link → its head, from a file of written lines. Raises LawlabError `bad_heads`."""
    try:
        heads, unread = read_written(file.read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise LawlabError("bad_heads", f"{file} 读不到：{error}。") from None
    if unread:
        places = "、".join(map(str, unread[:5]))
        raise LawlabError(
            "bad_heads",
            f"{file} 第 {places} 行看不懂，应为“时间 第几环 校验码”，"
            "和 lawlab 写的一样；说明写在 # 后面。",
        )
    if not heads:
        raise LawlabError("bad_heads", f"{file} 里没有校验码。")
    return heads
