"""`python -m lawlab.backup`: makes the nightly backups of one installation."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType

from lawlab.backup.nightly import watch
from lawlab.config import load_settings


def main() -> int:
    """Run until SIGTERM or SIGINT. 1 when another process does the same for this installation."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        watch(load_settings())
    except BlockingIOError:
        logging.getLogger(__name__).error("已有一个夜间备份进程在运行，这一个不再启动")
        return 1
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception, so that a half-made backup is removed on the way out.
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
