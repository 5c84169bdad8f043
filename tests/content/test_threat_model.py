"""The threat model and the walk through OWASP ASVS name tests and files that are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lawlab.config import REPOSITORY

THREATS, ASVS = (REPOSITORY / "docs" / f"{name}.md" for name in ("threat-model", "asvs"))
BOTH = pytest.mark.parametrize("document", [THREATS, ASVS], ids=lambda path: path.stem)

SPAN = re.compile(r"`([^`\n]+)`")
TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
FILE = re.compile(r"(?:docs|platform|tests|deploy)/[\w./-]+|[\w-]+\.(?:md|toml|lock)|Makefile")
LINK = re.compile(r"\]\(([^)#\s]+)\)")
ITEM = re.compile(r"(\d+)\.(\d+)\.(\d+)")
STATUSES = {"holds", "partly", "no", "n.a."}
CHAPTERS = set(range(1, 15))
ATTACKERS = {
    "A learner",
    "Somebody on the Wi-Fi",
    "A former employee",
    "A careless trainer",
    "A dishonest admin, trainer or host",
    "A lost phone, a shared phone",
    "Whoever scans from home, and a photo of the projector",
    "Faults",
}


def rows(document: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each row of each table: the section, the head of its table, its cells."""
    section, head = "", []
    for line in document.read_text("utf-8").splitlines():
        if line.startswith("## "):
            section, head = line[3:], []
        elif not line.startswith("|"):
            head = []
        elif not head:
            head = cells(line)
        elif not set(line) <= set("|-: "):
            yield section, head, cells(line)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((REPOSITORY / file).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@BOTH
def test_every_test_that_is_named_is_there(document: Path) -> None:
    named = TEST.findall(document.read_text("utf-8"))
    assert len(named) > 40
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (REPOSITORY / file).is_file() or name not in functions(file)
    ]
    assert missing == []


@BOTH
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    named = {span for span in SPAN.findall(text) if FILE.fullmatch(span)}
    assert len(named) > 10
    missing = [name for name in named if not (REPOSITORY / name).exists()]
    links = [link for link in LINK.findall(text) if "://" not in link]
    missing += [link for link in links if not (document.parent / link).exists()]
    assert missing == []


def test_every_threat_names_its_test() -> None:
    found = [row for row in rows(THREATS) if row[1][0] == "Threat"]
    assert {section for section, _, _ in found} == ATTACKERS
    assert len(found) > 60
    for section, head, cells_of in found:
        assert len(cells_of) == len(head) == 4, f"{section}: {cells_of}"
        assert head[-1] == "Tests"
        threat, stops, _, tests = cells_of
        assert threat, section
        assert stops, threat
        assert TEST.search(tests), f"“{threat}” names no test"
        assert TEST.sub("", tests).strip("`, ") == "", f"“{threat}” names what is no test"


def test_every_item_of_asvs_has_a_verdict_and_a_reason() -> None:
    found = [row for row in rows(ASVS) if row[1][0] == "Item"]
    items = [item for _, _, cells_of in found for item in numbers(cells_of[0])]
    assert {item[0] for item in items} == CHAPTERS
    assert len(set(items)) == len(items), "an item is judged twice"
    assert len(items) > 150
    for section, head, cells_of in found:
        assert len(cells_of) == len(head) == 4, cells_of
        item, requirement, status, how = cells_of
        assert numbers(item), f"{section}: “{item}” is no number"
        assert {number[0] for number in numbers(item)} == {chapter_of(section)}, item
        assert status in STATUSES, f"{item}: {status}"
        assert requirement, item
        assert how, f"{item} gives no reason"


def chapter_of(section: str) -> int:
    found = re.match(r"V(\d+) ", section)
    assert found, section
    return int(found[1])


def numbers(cell: str) -> list[tuple[int, int, int]]:
    """`2.6.1–2.6.3` and `1.1.1, 1.1.2` are all that they stand for."""
    found: list[tuple[int, int, int]] = []
    for part in cell.split(","):
        ends = [ITEM.fullmatch(end.strip()) for end in part.split("–")]
        if not all(ends) or len(ends) > 2:
            return []
        first, *_, last = *ends, ends[-1]
        assert first
        assert last
        chapter, area, number = map(int, first.groups())
        assert last.groups()[:2] == first.groups()[:2], part
        found += [(chapter, area, one) for one in range(number, int(last[3]) + 1)]
    return found
