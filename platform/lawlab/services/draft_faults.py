"""A checker's sentences as a trainer reads them: beside the cell that each is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lawlab.domain.lesson import Call, read_call
from lawlab.domain.statute import short_name

_CELL = re.compile(r"第 (\d+) 格(?:（[^）]*）)?：?\s*")
_EXCERPT = 24


@dataclass(frozen=True)
class Fault:
    """What keeps a lesson from being published. `cell` counts from the top, 0: the whole lesson;
    `excerpt` is how the cell begins, since JupyterLab shows no numbers."""

    cell: int
    text: str
    excerpt: str = ""


def placed(sentence: str, notebook: dict[str, Any]) -> Fault:
    """A checker's sentence as a fault beside its cell."""
    found = _CELL.match(sentence)
    cells = notebook.get("cells", [])
    number = int(found[1]) if found else _cell_of(sentence, cells)
    if not number:
        return Fault(0, sentence)
    source = cells[number - 1]["source"].strip() if 0 < number <= len(cells) else ""
    line = source.partition("\n")[0]
    excerpt = line[:_EXCERPT] + ("…" if len(line) > _EXCERPT or "\n" in source else "")
    return Fault(number, sentence[found.end() :] if found else sentence, excerpt)


def _cell_of(sentence: str, cells: Sequence[dict[str, Any]]) -> int:
    """The cell that names the item or article of a sentence; 0 when none does."""
    words = sentence.replace("。", " ").split(" ")
    for number, cell in enumerate(cells, 1):
        call, _ = read_call(cell["source"], "") if cell["cell_type"] == "code" else (None, "")
        if call and (name := _name(call)) and name in words:
            return number
    return 0


def _name(call: Call) -> str:
    """How a sentence names the item or article of a call."""
    if call.name == "check":
        return str(call.texts[0])
    if call.name == "article":
        return f"{short_name(str(call.texts[0]))}#{call.texts[1]}"
    return ""
