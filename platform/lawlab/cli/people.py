"""`lawlab people …`: import and export a roster, reset a password, disable and enable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from lawlab.cli.installation import database, fail
from lawlab.domain.audit import COMMAND
from lawlab.domain.personal import mask_phone, rules
from lawlab.domain.roster import read_roster
from lawlab.domain.roster_changes import Change, FieldChange, Plan
from lawlab.domain.signin import tidy_login
from lawlab.errors import LawlabError
from lawlab.services import people, retention
from lawlab.services.audit import note_alone
from lawlab.services.roster_files import export_rows, read_table, write_table
from lawlab.services.trainer_units import serve_units

app = typer.Typer(help="人员：导入名册、导出、重置密码、停用、启用。", no_args_is_help=True)
console = Console()
KINDS = (("new", "新增"), ("changed", "修改"), ("unchanged", "不变"))
Login = Annotated[str, typer.Argument(help="登录名，例如 s001。")]


@app.command("import")
def import_roster(
    file: Annotated[Path, typer.Argument(help="名册，.xlsx 或 .csv。")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接导入。")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会有什么变动。")] = False,
) -> None:
    """导入名册：先列出全部变动，确认后一次写入；有一处错误就什么都不写。"""
    with database() as (settings, session):
        roster = read_roster(read_table(file))
        now = dt.datetime.now(dt.UTC)
        today = now.astimezone(settings.zone).date()
        plan = people.plan_import(session, file.name, roster, today)
        session.rollback()
        _show(plan)
        if dry_run or not (plan.of_kind("new") or plan.of_kind("changed")):
            return
        if not yes and not typer.confirm("导入这些变动吗？"):
            console.print("没有导入。")
            return
        newcomers = plan.of_kind("new")
        made = list(
            track(
                people.first_passwords(newcomers),
                "生成初始密码",
                total=len(newcomers),
                console=console,
                transient=True,
            )
        )
        hashes = {login: hashed for login, _, hashed in made}
        people.apply_import(session, file.name, roster, plan, hashes, now=now, today=today)
        console.print("已导入。")
        _show_passwords(newcomers, {login: password for login, password, _ in made})


@app.command("export")
def export_roster(
    file: Annotated[Path, typer.Argument(help="写到哪个文件，.xlsx 或 .csv。")],
    phones: Annotated[
        bool, typer.Option("--phones", help="手机号写完整；不写就只有前三位和后四位。会记下来。")
    ] = False,
) -> None:
    """导出名册（不含密码，手机号中间是星号），改好后可以再导入。"""
    if file.suffix.lower() not in {".xlsx", ".csv"}:
        fail(LawlabError("bad_file", f"文件 {file.name} 应以 .xlsx 或 .csv 结尾。"))
    with database() as (_, session):
        rows = export_rows(people.everybody(session), phones=phones)
        facts = {"people": len(rows) - 1, "whole_phones": phones}
        note_alone(session, dt.datetime.now(dt.UTC), COMMAND, "people.export", file.name, **facts)
        write_table(file, rows)
    console.print(f"已导出 {len(rows) - 1} 人到 {file}。")


@app.command("reset-password")
def reset_password(login: Login) -> None:
    """给一个人新的初始密码；他下次登录时要改掉。他现在的登录随即失效。"""
    name = tidy_login(login)
    with database() as (_, session):
        password = people.reset_password(session, name, now=dt.datetime.now(dt.UTC))
    console.print(f"{name} 的初始密码（只显示这一次）：[bold]{password}[/bold]")


@app.command("disable")
def disable(login: Login) -> None:
    """停用一个人：他不能再登录，打开着的页面几秒内结束；他做过的都保留。"""
    name = tidy_login(login)
    with database() as (_, session):
        changed = people.disable_person(session, name, now=dt.datetime.now(dt.UTC))
    console.print(f"{name} 已停用。" if changed else f"{name} 本来就是停用的。")


@app.command("enable")
def enable(login: Login) -> None:
    """重新启用一个人，密码还是原来的。"""
    name = tidy_login(login)
    with database() as (_, session):
        changed = people.enable_person(session, name, now=dt.datetime.now(dt.UTC))
    console.print(f"{name} 已启用。" if changed else f"{name} 本来就在用。")


@app.command("forget")
def forget(
    login: Login,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接删除。")] = False,
) -> None:
    """删除一个已停用的人的个人信息：姓名、手机号、密码、签名、证明。做过的留着，不再有姓名。"""
    from lawlab.grading.forgetting import rename_student

    name = tidy_login(login)
    if not yes and not typer.confirm(f"删除以后不能恢复。确定删除 {name} 的个人信息吗？"):
        console.print("没有删除。")
        return
    with database() as (settings, session):
        called = retention.forget(session, name, dt.datetime.now(dt.UTC))
        rename_student(settings, name, called)
    console.print(f"{name} 的个人信息已删除，以后叫“{called}”。备份里的，等备份轮换完才没有。")


@app.command("retention")
def show_retention() -> None:
    """个人信息留多久，现在有多少到期。到期的，平台运行时每天删除一次。"""
    with database() as (settings, session):
        found = retention.due(session, dt.datetime.now(dt.UTC), settings.keep_signins_days)
        gone = retention.forgotten_count(session)
    table = Table("个人信息", "留多久", "到期未删")
    for rule in rules(settings.keep_signins_days):
        table.add_row(rule.what, rule.kept, str(found[rule.name]) if rule.name else "—")
    console.print(table)
    console.print(f"已删除个人信息的有 {gone} 人。")


@app.command("serve")
def serve(
    login: Login,
    units: Annotated[
        list[str] | None, typer.Option("--unit", help="单位名称，可以写几次。")
    ] = None,
    town: Annotated[bool, typer.Option("--town", help="负责全镇。")] = False,
) -> None:
    """定教员负责哪些单位：活动里，他只登记这些单位的人。"""
    if bool(units) == town:
        raise typer.BadParameter("请用 --unit 写单位，或者用 --town 表示全镇。")
    name = tidy_login(login)
    with database() as (_, session):
        chosen = serve_units(session, name, units or [], now=dt.datetime.now(dt.UTC))
    console.print(f"{name} 负责：{'、'.join(chosen) or '全镇'}。", markup=False)


def _show(plan: Plan) -> None:
    for column in plan.unknown_columns:
        console.print(f"不认识的列“{column}”，没有读。", style="yellow", markup=False)
    for notice in plan.notices:
        console.print(notice, style="yellow", markup=False)
    table = Table("行", "登录名", "姓名", "变动", title="会有这些变动", title_justify="left")
    for kind, word in KINDS[:2]:
        for change in plan.of_kind(kind):
            table.add_row(str(change.row), change.login, change.full_name, _lines(word, change))
    if table.row_count:
        console.print(table, markup=False)
    counts = "，".join(f"{word} {len(plan.of_kind(kind))} 人" for kind, word in KINDS)
    console.print(f"{counts}；新单位或改类型的单位 {len(plan.units)} 个。", markup=False)


def _lines(word: str, change: Change) -> str:
    steps = [
        f"{field.label}：{after}"
        if change.kind == "new"
        else f"{field.label}：{before} → {after}{'（中间几位不同）' if before == after else ''}"
        for field in change.fields
        for before, after in [_masked(field)]
        if change.kind != "new" or field.label != "姓名"
    ]
    return "\n".join([word, *steps])


def _masked(field: FieldChange) -> tuple[str, str]:
    """Before and after, as they may stand on a screen that others see."""
    if field.label != "手机号":
        return field.before, field.after
    before, after = (
        mask_phone(value) if value.isdigit() else value for value in (field.before, field.after)
    )
    return before, after


def _show_passwords(newcomers: list[Change], passwords: dict[str, str]) -> None:
    if not newcomers:
        return
    table = Table(
        "登录名",
        "姓名",
        "初始密码",
        title="初始密码（只显示这一次，请交给本人）",
        title_justify="left",
    )
    for change in newcomers:
        table.add_row(change.login, change.full_name, passwords[change.login])
    console.print(table)
