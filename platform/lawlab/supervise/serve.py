"""`lawlab serve` in one function: check, then a warden, then the supervisor."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from functools import partial

from lawlab.accounts import prepare
from lawlab.config import Settings
from lawlab.supervise.log import Log
from lawlab.supervise.preflight import check, only_one
from lawlab.supervise.programs import Program
from lawlab.supervise.supervisor import Supervisor
from lawlab.supervise.warden import guarded


def serve(
    settings: Settings, programs: list[Program], *, welcome: str = "", verbose: bool = False
) -> int:
    """Keep `programs` alive until Ctrl-C or SIGTERM; return the exit code. `welcome` is said
    when all of them answer.

    Raises LawlabError, with nothing started, when a port is taken or another serves this folder.
    """

    def work() -> int:
        now = partial(dt.datetime.now, settings.zone)
        log = Log(settings.data / "logs", sys.stdout, now, verbose=verbose)
        try:
            return asyncio.run(_supervise(settings, programs, log, welcome))
        finally:
            log.close()

    os.umask(0o077)  # of all programs: what they write is nobody else's
    with only_one(settings):
        check(settings, programs)
        prepare(settings)
        return guarded(work)


async def _supervise(settings: Settings, programs: list[Program], log: Log, welcome: str) -> int:
    return await Supervisor(settings, programs, log, welcome).run()
