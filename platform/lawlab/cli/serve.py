"""`lawlab serve`: the whole platform in one command."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from lawlab.config import load_settings
from lawlab.demo import sign_in_hints
from lawlab.supervise.preflight import check_installation
from lawlab.supervise.programs import programs
from lawlab.supervise.serve import serve as run


def serve(
    port: Annotated[int | None, typer.Option(help="网址的端口；另外用它后面的四个端口。")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="在屏幕上显示全部日志。")] = False,
) -> None:
    """启动平台并一直看护它的五个程序。按 Ctrl-C 全部停止。"""
    settings = load_settings()
    settings = replace(settings, port=port or settings.port)
    check_installation(settings)
    welcome = f"演示账号：{sign_in_hints()}" if settings.demo else ""
    raise typer.Exit(run(settings, programs(settings), welcome=welcome, verbose=verbose))
