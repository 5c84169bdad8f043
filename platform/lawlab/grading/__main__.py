"""`python -m lawlab.grading`: the grader of one installation."""

from __future__ import annotations

import logging
import os
import sys

from lawlab.config import load_settings
from lawlab.grading.worker import Grader, ending_on_signals
from lawlab.store.engine import make_engine, make_sessions


def main() -> int:
    """Run until SIGTERM or SIGINT. 1 when this installation has a running grader already."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    settings = load_settings()
    engine = make_engine(settings.database)
    grader = Grader(make_sessions(engine), settings)
    try:
        with ending_on_signals(grader):
            grader.run()
    except BlockingIOError:
        logging.getLogger(__name__).error("已有一个判分进程在运行，这一个不再启动")
        return 1
    finally:
        engine.dispose()
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # Everything is committed; the interpreter would take seconds to tidy nbgrader's libraries away.
    os._exit(code)
