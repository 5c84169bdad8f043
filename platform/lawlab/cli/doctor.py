"""`lawlab doctor`: what is up and what is not, for the person who has to decide what to do."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import psutil
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from lawlab.accounts import described
from lawlab.backup.nightly import read_nightly
from lawlab.cli.audit_state import records
from lawlab.config import Settings, load_settings
from lawlab.domain.nightly import OLD
from lawlab.services.jobs import failed_jobs
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import Job
from lawlab.supervise.database import revisions
from lawlab.supervise.programs import PROXY_FOLDER, node
from lawlab.supervise.state import ProcessState, ServeState, is_running, read_state

LOW_DISK = 2 * 1024**3
"""Bytes. Below this an evening of a whole town may no longer fit."""

console = Console()


@dataclass(frozen=True)
class Finding:
    """One line of the second table."""

    subject: str
    text: str
    good: bool = True


def doctor() -> None:
    """看一看平台的情况：各个程序、数据库、任务、磁盘、备份。有问题时退出码为 2。"""
    settings = load_settings()
    state = read_state(settings.data)
    findings = [_serving(state)]
    if state is not None and findings[0].good:
        table, good = _programs(settings, state)
        console.print(table)
        findings.append(Finding("程序", "都在运行" if good else "有程序没有应答，见上表", good))
    findings += [*_database(settings), *_machine(settings)]
    findings += _backups(settings, dt.datetime.now(settings.zone))
    findings += [Finding(*one) for one in records(settings, dt.datetime.now(settings.zone))]
    console.print(_summary(findings))
    if not all(finding.good for finding in findings):
        raise typer.Exit(2)


def _serving(state: ServeState | None) -> Finding:
    if state is None or not is_running(state):
        return Finding("平台", "没有运行。启动：lawlab serve（或 make run）", good=False)
    if not state.ready:
        return Finding("平台", f"正在启动：{state.url}", good=False)
    return Finding("平台", f"正在运行：{state.url}")


def _programs(settings: Settings, state: ServeState) -> tuple[Table, bool]:
    table = Table("程序", "状态", "进程", "内存", "运行自", "重启次数")
    all_good = True
    # Nobody but this machine's own ports is asked.
    with httpx.Client(trust_env=False, timeout=5, verify=False) as client:  # noqa: S501
        for name, one in state.programs.items():
            good, word = _health(client, one)
            all_good &= good
            since = dt.datetime.fromtimestamp(one.since, settings.zone)
            table.add_row(
                name,
                f"[green]{word}[/]" if good else f"[red]{word}[/]",
                str(one.pid),
                _memory(one.pid),
                f"{since:%m-%d %H:%M:%S}",
                str(one.starts - 1),
            )
    return table, all_good


def _health(client: httpx.Client, one: ProcessState) -> tuple[bool, str]:
    if not psutil.pid_exists(one.pid):
        return False, "已退出"
    if one.health is None:
        return True, "运行中"
    try:
        status = client.get(one.health).status_code
    except httpx.HTTPError:
        return False, "没有应答"
    return status == 200, "正常" if status == 200 else f"应答 {status}"


def _memory(pid: int) -> str:
    """Of the process and everything below it, kernels too."""
    try:
        process = psutil.Process(pid)
        tree = [process, *process.children(recursive=True)]
        return f"{sum(one.memory_info().rss for one in tree) / 1024**2:.0f} MB"
    except psutil.Error:
        return "—"


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not (settings.data / "lawlab.sqlite").exists():
        yield Finding("数据库", f"没有找到：{settings.data}。请运行 lawlab init", good=False)
        return
    try:
        found, newest = revisions(settings.database)
    except SQLAlchemyError as error:
        yield Finding("数据库", f"打不开：{str(error).splitlines()[0]}", good=False)
        return
    if found != newest:
        yield Finding("数据库", f"版本 {found}，应为 {newest}。请运行 lawlab init", good=False)
        return
    yield Finding("数据库", f"版本 {found}，已是最新")
    yield from _jobs(settings)


def _jobs(settings: Settings) -> Iterator[Finding]:
    engine = make_engine(settings.database)
    with make_sessions(engine)() as session:
        waiting = session.scalar(
            select(func.count()).select_from(Job).where(Job.state.in_(("waiting", "running")))
        )
        failed = failed_jobs(session)
    engine.dispose()
    yield Finding("任务", f"等待 {waiting} 个，失败 {len(failed)} 个", good=not failed)
    for job in failed[:5]:
        reason = (job.error or "原因不明").strip().splitlines()[-1]
        yield Finding("", f"{job.kind} {job.subject}：{reason[:100]}", good=False)


def _machine(settings: Settings) -> Iterator[Finding]:
    there = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    free = shutil.disk_usage(there).free
    yield Finding("教员的程序", described(settings))
    yield Finding("磁盘", f"还有 {free / 1024**3:.1f} GB", good=free > LOW_DISK)
    try:
        version = subprocess.run(
            [node(), "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        package = PROXY_FOLDER / "node_modules" / "configurable-http-proxy" / "package.json"
        proxy = json.loads(package.read_text("utf-8"))["version"]
    except (OSError, subprocess.CalledProcessError) as error:
        yield Finding("代理程序", f"没有装好：{error}。请运行 make install", good=False)
    else:
        yield Finding("代理程序", f"configurable-http-proxy {proxy}，Node {version}")


def _backups(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    state = read_nightly(settings)
    made = state.made if state else None
    if made is not None:
        at = made.at.astimezone(settings.zone)
        size = f"{made.size / 2**20:.1f} MB"
        yield Finding(
            "备份",
            f"{at:%Y-%m-%d %H:%M}（{_age(now - at)}），{size}：backups/{made.file}",
            good=now - at <= OLD,
        )
        if made.copied:
            yield Finding("", f"另存在 {made.copied}")
        elif settings.backup_folder:
            yield Finding("", f"还没有另存到 {settings.backup_folder}", good=False)
    elif state is not None and now - state.since > OLD:
        yield Finding("备份", f"从 {state.since:%Y-%m-%d} 起一份也没有做成", good=False)
    else:
        yield Finding("备份", f"还没有。平台运行时每天 {settings.backup_hour} 点做一份")
    for fault in state.faults if state else ():
        yield Finding("", fault, good=False)


def _age(age: dt.timedelta) -> str:
    hours = max(0, int(age.total_seconds() // 3600))
    return f"{hours} 小时以前" if hours < 48 else f"{hours // 24} 天以前"


def _summary(findings: list[Finding]) -> Table:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark = "[green]好[/]" if finding.good else "[red]要处理[/]"
        table.add_row(finding.subject, mark, finding.text)
    return table
