"""Checks a bank file or a course folder completely, with the law, before anything is stored.

Used by publishing and by `lawlab bank check` and `course check`; it needs no database.
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable, Container, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from lawlab.domain.bank import Bank, read_bank
from lawlab.domain.citation import is_awaited, law_faults
from lawlab.domain.course import CourseFile, read_course
from lawlab.domain.lesson import Lesson, read_lesson, reference_faults
from lawlab.domain.lesson_wording import lesson_quotation_faults, lesson_wording_faults
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.pictures import read_pictures
from lawlab.store.statutes import Statutes

try:
    from yaml import CSafeLoader as _SafeLoader  # 600 items in 0.3 s instead of 3 s
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


@dataclass(frozen=True)
class CourseFolder:
    """A course folder without a fault; `lessons` in the order of the course."""

    slug: str
    file: CourseFile
    lessons: dict[str, Lesson]
    pictures: dict[str, bytes]
    """File name → content of the pictures that the lessons show."""


def check_bank(text: str, where: str, statutes: Statutes, on: dt.date) -> Bank:
    """The bank in a YAML text. Raises FileFaults with every fault of the file.

    What shows only over a whole bank or several is `lawlab.services.inspection`'s business: it does
    not keep anybody from publishing a right question.
    """
    bank, faults = bank_faults(text, statutes, on)
    if faults:
        raise FileFaults(where, faults)
    return bank


def bank_faults(text: str, statutes: Statutes, on: dt.date) -> tuple[Bank, list[str]]:
    """What could be read of the bank in a YAML text, and every fault of its items."""
    bank, faults = parse_bank(text)
    find_law = partial(statutes.law, on=on)
    if bank.law:
        faults += _law_fault(bank.law, find_law, bank.awaits)
    for question in bank.questions:
        faults += law_faults(question, find_law, bank.awaits)
    return bank, faults


def parse_bank(text: str) -> tuple[Bank, list[str]]:
    """The bank in a YAML text and the faults that show without looking at the law."""
    try:
        data = _StrictLoader(text).get_single_data()
    except yaml.YAMLError as error:
        return Bank("", "", ()), [_yaml_fault(error)]
    except (ValueError, RecursionError):
        # A number without end, a day that does not exist, brackets in brackets: no YAMLError.
        return Bank("", "", ()), ["不是有效的 YAML：有太长的数字、不存在的日期，或者括号套得太深。"]
    return read_bank(data)


def bank_files(repository: Path) -> list[Path]:
    """The bank files of a repository, in a fixed order."""
    return sorted((repository / "assessments" / "banks").glob("*.yaml"))


def course_folders(repository: Path) -> list[Path]:
    """The course folders of a repository, in a fixed order."""
    return [file.parent for file in sorted((repository / "courses").glob("*/course.toml"))]


def cards_of(repository: Path) -> set[str]:
    """The items of all bank files, which lessons may use as check cards."""
    banks = [parse_bank(read_text(file))[0] for file in bank_files(repository)]
    return {question.id for bank in banks for question in bank.questions}


def check_course(
    folder: Path, statutes: Statutes, on: dt.date, cards: Container[str]
) -> CourseFolder:
    """The course in a folder; `cards` are the items its lessons may use.

    Raises FileFaults with every fault of every file.
    """
    file, lessons, faults = read_course_folder(folder, statutes, on, cards)
    pictures, found = read_pictures(folder, lessons)
    if faults or found or file is None:
        raise FileFaults(f"courses/{folder.name}", dict.fromkeys(faults + found))
    return CourseFolder(folder.name, file, lessons, pictures)


def read_course_folder(
    folder: Path, statutes: Statutes, on: dt.date, cards: Container[str]
) -> tuple[CourseFile | None, dict[str, Lesson], list[str]]:
    """What could be read of a course folder, and every fault of every file in it."""
    stems = {path.stem for path in folder.glob("*.ipynb")}
    try:
        data = tomllib.loads(read_text(folder / "course.toml"))
        file, faults = read_course(folder.name, data, stems, on)
    except (LawlabError, tomllib.TOMLDecodeError) as error:
        file, faults = None, [str(error)]
    find_law = partial(statutes.law, on=on)
    if file:
        faults += _law_fault(file.law, find_law, file.awaits)
    faults = [f"course.toml：{fault}" for fault in faults]
    law, awaits = (file.law, file.awaits) if file else ("", ())
    lessons = {}
    for stem in file.order if file else sorted(stems):
        lessons[stem], found = read_lesson_file(folder / f"{stem}.ipynb")
        found += lesson_faults(lessons[stem], law, awaits, cards, find_law)
        faults += [f"{stem}.ipynb：{fault}" for fault in found]
    faults += read_pictures(folder, lessons)[1]
    return file, lessons, faults


def read_lesson_file(path: Path) -> tuple[Lesson, list[str]]:
    """The lesson in a notebook file, and what is wrong with its form."""
    try:
        data = json.loads(read_text(path))
    except (LawlabError, json.JSONDecodeError):
        data = None
    return read_lesson(data)


def lesson_faults(
    lesson: Lesson,
    law: str,
    awaits: Container[str],
    cards: Container[str],
    find_law: Callable[..., Any],
) -> list[str]:
    """What is wrong with a lesson beyond its form: its references, its wording, copied statutes.
    `law` is what its course is about."""
    return [
        *reference_faults(lesson, cards, find_law, awaits),
        *lesson_wording_faults(lesson),
        *lesson_quotation_faults(lesson, [law, *(ref.law for ref in lesson.articles)], find_law),
    ]


def _law_fault(law: str, find_law: Callable[..., Any], awaits: Container[str] = ()) -> list[str]:
    try:
        find_law(law)
    except LawlabError as error:
        return [] if is_awaited(law, error, awaits) else [f"law：{error.sentence}"]
    return []


def read_text(path: Path) -> str:
    """The text of a UTF-8 file. Raises LawlabError `no_file` or `bad_encoding`."""
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise LawlabError("no_file", f"没有 {path.name}。") from None
    except UnicodeDecodeError:
        raise LawlabError("bad_encoding", f"{path.name} 不是 UTF-8 编码。") from None


class _StrictLoader(_SafeLoader):
    """Refuses a repeated key, which YAML would let the last one win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{key.value}”写了两次", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep)


def _yaml_fault(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"第 {error.problem_mark.line + 1} 行：不是有效的 YAML（{error.problem}）。"
    return f"不是有效的 YAML（{error}）。"
