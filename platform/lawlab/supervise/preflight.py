"""What must hold before anything is started. All faults are told together, in sentences."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from lawlab.accounts import account_faults
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.store.engine import migrate
from lawlab.supervise.database import revisions
from lawlab.supervise.network import network_faults
from lawlab.supervise.ports import holder
from lawlab.supervise.programs import PROXY_COMMAND, Program, node


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder for one `lawlab serve`. Raises LawlabError `already_serving`."""
    run = settings.data / "run"
    run.mkdir(parents=True, exist_ok=True)
    with (run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LawlabError(
                "already_serving",
                f"数据文件夹 {settings.data} 已经有一个 lawlab serve 在运行，不能再启动一个。"
                "要看它的情况，请运行 lawlab doctor。",
            ) from None
        yield


def check(settings: Settings, programs: list[Program]) -> None:
    """Raise LawlabError `not_ready` with every reason why `programs` cannot be started."""
    now = dt.datetime.now(dt.UTC)
    faults = [*network_faults(settings, now), *account_faults(settings)]
    faults += [*_process_faults(settings), *_port_faults(programs)]
    if faults:
        raise LawlabError("not_ready", "\n".join(faults))


def check_installation(settings: Settings) -> None:
    """Raise LawlabError when the proxy or the database is missing; bring the tables up to date."""
    if not (PROXY_COMMAND.exists() and os.access(node(), os.X_OK)):
        raise LawlabError(
            "no_proxy", f"没有找到代理程序 {PROXY_COMMAND}。请在项目文件夹里运行 make install。"
        )
    if not check_database(settings):
        migrate(settings.database)


def check_database(settings: Settings) -> bool:
    """True when the tables are the newest. Raises LawlabError `no_database` when there are none."""
    file = settings.data / "lawlab.sqlite"
    try:
        # SQLite would make an empty file of a name that is not there.
        missing = not settings.database_url and not file.exists()
        found, newest = (None, "") if missing else revisions(settings.database)
    except SQLAlchemyError as error:
        raise LawlabError("no_database", f"数据库打不开：{str(error).splitlines()[0]}") from error
    if found is None:
        raise LawlabError(
            "no_database",
            f"{settings.data} 里还没有建立数据库。请先运行 lawlab init"
            "（演示数据：lawlab init --demo）；数据在别处时，用 LAWLAB_DATA 指明文件夹。",
        )
    return found == newest


def _process_faults(settings: Settings) -> Iterator[str]:
    if settings.api_processes > 1 and not settings.database_url:
        yield (
            f"api_processes 是 {settings.api_processes}，但数据库是 SQLite：几个 API 进程之间的消息"
            "要靠 PostgreSQL 传递。请设置 database_url，或把 api_processes 改成 1。"
        )


def _port_faults(programs: list[Program]) -> Iterator[str]:
    looked: set[int] = set()
    for program in programs:
        for port in [*program.ports, *([program.shared_port] if program.shared_port else [])]:
            if port in looked:
                continue
            looked.add(port)
            if found := holder(port):
                yield (
                    f"端口 {port}（{program.name}）已被占用：{found}。"
                    "请先结束它，或换一组端口，例如 make run PORT=8010。"
                )
