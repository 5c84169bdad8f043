"""`lawlab init`: makes an installation's data folder, or brings an existing one up to date."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY, Settings, load_settings
from lawlab.demo import DEMO_PASSWORD, install_demo
from lawlab.domain.roster import Roster, RosterRow
from lawlab.errors import LawlabError
from lawlab.services.content import seed
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.services.memory import bring_memories_in_step
from lawlab.services.people import apply_import, first_password, plan_import
from lawlab.services.signin import hash_password
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import statutes_with
from lawlab.store.tables import Person

console = Console()


def init(
    demo: Annotated[bool, typer.Option("--demo", help="装入演示人员和演示测验。")] = False,
) -> None:
    """建立数据文件夹和数据库；已经有的只升级，不改动内容。"""
    settings = load_settings()
    password = prepare(settings, demo=demo)
    if password == DEMO_PASSWORD:
        console.print(f"演示系统已建好，数据在 {settings.data}。")
    elif password:
        console.print("系统已建好。管理员登录名 admin，第一次登录的密码（只显示这一次）：")
        console.print(password, style="bold")
    else:
        console.print(f"{settings.data} 里已经有数据，已升级到最新，内容没有改动。")


def prepare(settings: Settings, *, demo: bool) -> str | None:
    """Make or upgrade an installation; a repeat changes nothing. Returns a first password when
    people were made."""
    # Names, phone numbers and keys lie in it. One that somebody made himself keeps his choice.
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate(settings.database)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    now = dt.datetime.now(dt.UTC)
    try:
        with sessions() as session:
            empty = session.scalar(select(Person.id).limit(1)) is None
            if not demo or not empty:
                seed(session, REPOSITORY, settings, now)
                _bring_in_step(session, sessions, now)
                return _first_admin(session, settings, now) if empty else None
        with console.status("正在装入演示人员、课程和测验……"):
            _remember_demo(settings)
            install_demo(sessions, settings, now)
            with sessions() as session:
                _bring_in_step(session, sessions, now)
        return DEMO_PASSWORD
    finally:
        engine.dispose()


def _bring_in_step(session: Session, sessions: sessionmaker[Session], now: dt.datetime) -> None:
    """So that one can practise at once, by what was answered before there was practice too."""
    bring_pool_in_step(session, statutes_with(sessions), now)
    bring_memories_in_step(session, now)


def _first_admin(session: Session, settings: Settings, now: dt.datetime) -> str:
    password = first_password()
    row = RosterRow(0, "admin", "管理员", roles=frozenset({"admin", "learner"}))
    today = now.astimezone(settings.zone).date()
    plan = plan_import(session, "第一位管理员", Roster((row,), ()), today)
    hashes = {"admin": hash_password(password)}
    apply_import(session, "第一位管理员", Roster((row,), ()), plan, hashes, now=now, today=today)
    return password


def _remember_demo(settings: Settings) -> None:
    """Everybody knows the demo's passwords: from here on each page says that it is a demo."""
    if settings.demo:
        return
    file = settings.data / "lawlab.toml"
    kept = file.read_text("utf-8") if file.exists() else ""
    if "demo" in tomllib.loads(kept):
        raise LawlabError(
            "not_a_demo",
            f"{file} 里写着 demo = false，不能装入演示数据。请改掉，或换一个数据文件夹。",
        )
    file.write_text(f"demo = true\n{kept}", "utf-8")
