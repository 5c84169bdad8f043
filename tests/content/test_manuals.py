"""What the manuals tell people to type exists: commands, options, settings, tables and links."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from lawlab.cli import app
from lawlab.config import _FIELDS, REPOSITORY, Settings
from lawlab.domain.attendance_list import HEADERS as LIST_HEADERS
from lawlab.domain.attendance_list import WEAK as LIST_WEAK
from lawlab.domain.blueprint import Candidate
from lawlab.domain.blueprint_file import read_blueprint
from lawlab.domain.course import read_course
from lawlab.domain.lesson import IMPORT, read_call
from lawlab.domain.roster import HEADERS, LABELS, read_roster
from lawlab.domain.roster_changes import plan_changes
from lawlab.services.checking import bank_files, check_bank, read_text
from lawlab.store.statutes import china_day, open_statutes

MANUALS = REPOSITORY / "docs" / "manuals"
LEARNER, TRAINER, ADMIN = (MANUALS / f"{who}.md" for who in ("learner", "trainer", "admin"))
TALKING = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted(MANUALS.glob("*.md"))]
LINKING = sorted({*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")})

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SHELL_ENDS = {"#", ">", ">>", "|", "&&", ";"}
"""What is behind these in a line is not lawlab's."""

ROOT: Any = get_command(app)


def fences(file: Path, language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(file.read_text("utf-8")) if kind == language]


def words_of(line: str) -> list[str] | None:
    """The words after `lawlab` when a line calls it, whoever does and in whatever folder."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    while words and (words[0] in {"sudo", "env"} or re.match(r"[A-Z_]+=", words[0])):
        words = words[1:]
        if words[:1] == ["-u"]:
            words = words[2:]
    if not words or Path(words[0]).name != "lawlab":
        return None
    return list(takewhile(lambda word: word not in SHELL_ENDS, words[1:]))


def calls(file: Path) -> Iterator[tuple[bool, list[str]]]:
    """Every call of lawlab in a document, and whether it stands in a block to be typed as it is."""
    text = file.read_text("utf-8")
    blocks = [line for _, block in FENCE.findall(text) for line in block.splitlines()]
    spans = SPAN.findall(FENCE.sub("", text))
    for whole, lines in ((True, blocks), (False, spans)):
        for line in lines:
            words = words_of(line)
            if words is not None:
                yield whole, words


def command_of(words: list[str]) -> tuple[Any, list[str], list[str]]:
    """The command that words lead to, its path, and the words that are left for it."""
    command, path, rest = ROOT, [], list(words)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        found = command.get_command(context(command), rest[0])
        assert found is not None, f"lawlab {' '.join(words)}: there is no “{rest[0]}”"
        command = found
        path.append(rest.pop(0))
    return command, path, rest


def context(command: Any) -> Any:
    return command.context_class(command, info_name="lawlab")


def leaves(command: Any = ROOT, path: tuple[str, ...] = ()) -> Iterator[str]:
    if not isinstance(command, TyperGroup):
        yield " ".join(path)
        return
    for name in command.list_commands(context(command)):
        yield from leaves(command.get_command(context(command), name), (*path, name))


CALLS = [(file, whole, words) for file in TALKING for whole, words in calls(file)]


def tables(file: Path) -> Iterator[list[list[str]]]:
    """The tables of a document, each row as its cells without the marks of code."""
    for block in re.findall(r"(?:^\|.*\n)+", FENCE.sub("", file.read_text("utf-8")), re.MULTILINE):
        rows = [line.strip().strip("|").split("|") for line in block.splitlines()]
        yield [[cell.strip() for cell in row] for row in (rows[0], *rows[2:])]


def table(file: Path, head: str, columns: int) -> list[list[str]]:
    """The one table of a document that begins with this header and is so wide."""
    (found,) = [rows for rows in tables(file) if rows[0][0] == head and len(rows[0]) == columns]
    return found


@pytest.mark.parametrize(
    ("file", "whole", "words"),
    CALLS,
    ids=[f"{file.stem}:{' '.join(words)}" for file, _, words in CALLS],
)
def test_a_command_in_a_manual_exists_with_its_options(
    file: Path, whole: bool, words: list[str]
) -> None:
    command, path, rest = command_of(words)
    rest = [word for word in rest if word != "--help"]
    if rest or (whole and "--help" not in words):
        command.make_context(" ".join(path), rest)  # parses, does not run


def test_many_commands_were_found() -> None:
    assert len(CALLS) > 60
    assert {file for file, _, _ in CALLS} >= {TRAINER, ADMIN}


def test_every_command_stands_in_a_manual() -> None:
    told = {" ".join(command_of(words)[1]) for file, _, words in CALLS if file.parent == MANUALS}
    assert set(leaves()) - told == set()


def test_every_setting_is_told_with_its_default() -> None:
    told = {row[0].strip("`"): row[2] for row in table(ADMIN, "设置", 3)[1:]}
    assert set(told) == set(_FIELDS)
    defaults = {field.name: field.default for field in fields(Settings)}
    for name in _FIELDS:
        for written in SPAN.findall(told[name]):
            assert tomllib.loads(f"x = {written}")["x"] == defaults[name], name


@pytest.mark.parametrize("file", LINKING, ids=lambda file: file.stem)
def test_relative_links_lead_somewhere(file: Path) -> None:
    links = LINK.findall(FENCE.sub("", file.read_text("utf-8")))
    own = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in own if link and not (file.parent / link).exists()] == []


def test_the_sample_roster_can_be_imported() -> None:
    roster = read_roster(table(ADMIN, "登录名", 8))
    assert (roster.faults, roster.unknown_columns) == ((), ())
    assert plan_changes(roster.rows, {}, {}, dt.date(2026, 1, 2))[1] == []
    # Nobody is invented: a role and a number.
    assert all(re.fullmatch(r"\D+\d{3}", row.full_name) for row in roster.rows)


def test_the_roster_headers_are_those_that_are_read() -> None:
    rows = table(ADMIN, "表头", 4)[1:]
    assert [row[0] for row in rows] == list(LABELS.values())
    for (_, must, _, others), names in zip(rows, HEADERS.values(), strict=True):
        also = {unicodedata.normalize("NFKC", name) for name in others.split("、")}
        assert also <= set(names)
        assert (must == "必须") == (names[0] in {"登录名", "姓名"})


def test_the_headers_of_a_list_of_attendance_are_those_that_are_read() -> None:
    rows = table(TRAINER, "表头", 3)[1:]
    fields = []
    for name, others, _ in rows:
        (field,) = [field for field, names in LIST_HEADERS.items() if name in names]
        fields.append(field)
        also = {unicodedata.normalize("NFKC", other) for other in others.split("、")}
        assert also <= {*LIST_HEADERS[field], *LIST_WEAK.get(field, ())}
    assert set(fields) == set(LIST_HEADERS)


def test_the_sample_question_passes_the_check() -> None:
    sample = fences(TRAINER, "yaml")[0]
    assert check_bank(sample, "trainer.md", open_statutes(), china_day()).questions


def test_the_sample_course_and_paper_are_read() -> None:
    samples = [tomllib.loads(text) for text in fences(TRAINER, "toml")]
    course, paper = sorted(samples, key=lambda sample: "section" in sample)
    assert read_course("anti-telecom-fraud", course, set(course["order"]), china_day())[1] == []

    def candidates(bank: str) -> list[Candidate]:
        (file,) = [file for file in bank_files(REPOSITORY) if file.stem == bank]
        found = check_bank(read_text(file), file.name, open_statutes(), china_day())
        return [Candidate(question, 1) for question in found.questions]

    assert read_blueprint("trainer.md", "atf-quiz-2", paper, candidates).sections


def test_what_a_lesson_may_call_is_told_as_it_is_read() -> None:
    told = [SPAN.findall(row[0])[0] for row in table(TRAINER, "代码格里写", 2)[1:]]
    assert told[0] == IMPORT
    found = [read_call(call, call) for call in told[1:]]
    assert [fault for _, fault in found if fault] == []
    names = {call.name for call, _ in found if call}
    _, fault = read_call("lesson.nothing()", "")
    assert all(name in fault for name in names)
    assert len(names) == fault.count("、") + 1


@pytest.mark.parametrize("file", [LEARNER, TRAINER, ADMIN], ids=lambda file: file.stem)
def test_a_manual_speaks_plainly(file: Path) -> None:
    prose = SPAN.sub("", FENCE.sub("", file.read_text("utf-8")))
    jargon = re.findall(r"内核|节点|笔记本|\bcell\b|\bkernel\b", prose)
    half_width = re.findall(r"[\u4e00-\u9fff][,;:!?()]|[,;:!?()][\u4e00-\u9fff]", prose)
    assert (jargon, half_width) == ([], [])
