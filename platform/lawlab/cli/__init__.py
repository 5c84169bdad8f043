"""The command `lawlab`: a table of commands, each in a module that is imported when it is called.

Exit code 0, or 2 with every fault said in a sentence.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from lawlab.errors import LawlabError

COMMANDS = {
    "init": "lawlab.cli.init:init",
    "serve": "lawlab.cli.serve:serve",
    "doctor": "lawlab.cli.doctor:doctor",
    "backup": "lawlab.cli.backup:backup",
    "restore": "lawlab.cli.restore:restore",
    "recompute": "lawlab.cli.recompute:recompute",
    "people": "lawlab.cli.people:app",
    "statutes": "lawlab.cli.statutes:app",
    "bank": "lawlab.cli.bank:app",
    "course": "lawlab.cli.course:app",
    "quiz": "lawlab.cli.quiz:app",
    "attendance": "lawlab.cli.attendance:app",
    "report": "lawlab.cli.report:app",
    "drill": "lawlab.cli.drill:app",
    "contest": "lawlab.cli.contest:app",
    "board": "lawlab.cli.board:app",
    "audit": "lawlab.cli.audit:app",
}
"""Command → where it lies: a function is one command, a Typer `app` a group of them."""


class _Commands(TyperGroup):
    """Imports a command when it is asked for: `lawlab serve` needs no pandas to start."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | TyperGroup | None:  # type: ignore[override]
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            command: TyperCommand | TyperGroup = get_group(found)
        else:
            single = typer.Typer(add_completion=False)
            single.command()(found)
            command = get_command(single)  # type: ignore[assignment]
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=_Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False
)


@app.callback()
def lawlab() -> None:
    """法治练兵场：一个乡镇学法、练法、比法的平台。"""


def main() -> None:
    """The console script. A LawlabError becomes its sentence on stderr and exit code 2. What it
    writes nobody else on the machine may read: lists of people, passwords, backups."""
    os.umask(0o077)
    try:
        app()
    except LawlabError as error:
        print(error.sentence, file=sys.stderr)
        raise SystemExit(2) from None
