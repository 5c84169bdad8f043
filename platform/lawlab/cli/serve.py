"""`lawlab serve`: the whole platform in one command."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from lawlab.accounts import account_warnings
from lawlab.cli.staleness import say_stale
from lawlab.config import Settings, load_settings
from lawlab.demo import sign_in_hints
from lawlab.services.freshness import mark_stale
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import statutes_with
from lawlab.supervise.network import network_warnings, opened, where_to_type
from lawlab.supervise.preflight import check_installation
from lawlab.supervise.programs import programs
from lawlab.supervise.serve import serve as run


def serve(
    port: Annotated[int | None, typer.Option(help="网址的端口；另外用它后面的四个端口。")] = None,
    api: Annotated[
        int | None,
        typer.Option(min=1, max=16, help="API 的进程数；大于 1 要用 PostgreSQL，并多用几个端口。"),
    ] = None,
    learn: Annotated[
        int | None, typer.Option(min=1, max=16, help="显示页面的进程数；每多一个多用一个端口。")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="用 HTTPS 对镇里的网络开放，要先设置证书。")
    ] = False,
    lan_trial: Annotated[
        bool, typer.Option("--lan-trial", help="不加密，对镇里的网络试用，每一页都会提醒。")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="在屏幕上显示全部日志。")] = False,
) -> None:
    """启动平台并一直看护它的程序。按 Ctrl-C 全部停止。"""
    settings = load_settings()
    settings = replace(
        settings,
        port=port or settings.port,
        api_processes=api or settings.api_processes,
        learn_shards=learn or settings.learn_shards,
    )
    settings = opened(settings, lan=lan, trial=lan_trial)
    check_installation(settings)
    _compare_with_law(settings)
    welcome = f"演示账号：{sign_in_hints()}" if settings.demo else where_to_type(settings)
    now = dt.datetime.now(dt.UTC)
    for word in (*network_warnings(settings, now), *account_warnings(settings)):
        typer.echo(word, err=True)
    raise typer.Exit(run(settings, programs(settings), welcome=welcome, verbose=verbose))


def _compare_with_law(settings: Settings) -> None:
    """Take out of use what the law no longer bears out: a law may have begun, or come with an
    update, while nothing was running."""
    engine = make_engine(settings.database)
    try:
        sessions = make_sessions(engine)
        with sessions() as session:
            gone = mark_stale(session, statutes_with(sessions), dt.datetime.now(dt.UTC))
    finally:
        engine.dispose()
    if gone:
        say_stale(Console(highlight=False, soft_wrap=True), gone)
