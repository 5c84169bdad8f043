"""`python -m lawlab.learn [shard]`: the Voila server of one installation, of several this one
(counted from 0), until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from lawlab.config import load_settings
from lawlab.errors import LawlabError
from lawlab.learn.server import make_app

NOISE = (
    "Skipping XSRF check",
    "Detected unused OAuth state",
    "Token stored in cookie may have expired",
    "No Hub user identified",
    "restart failed",  # a dead kernel has our own line
    "restarted failed",
    "wrote error",
    "Got events for closed stream",
)
"""What the libraries say of ordinary events: a first visit, a session that ended."""


def set_up_logging() -> None:
    """One line a fact, to standard error."""
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(format=form, level=logging.INFO, stream=sys.stderr)
    for name in ("lawlab.learn.voila", "tornado.application"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(lambda record: not any(n in record.getMessage() for n in NOISE))


async def run() -> None:
    """Make the server and serve."""
    shard = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    await make_app(load_settings(), shard=shard).serve()


def main() -> int:
    """Exit code 0 after an orderly stop, 2 with one sentence when it cannot start."""
    set_up_logging()
    try:
        asyncio.run(run())
    except LawlabError as error:
        logging.getLogger("lawlab.learn").error("%s", error)
        return 2
    # Everything is closed. Taking the interpreter apart needs a second more on a busy machine.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
