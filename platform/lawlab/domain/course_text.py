"""What the platform writes for a trainer to go on with: `course.toml`, and the pattern of a lesson.

A new lesson is not right yet: its cards are placeholders, and the checks say so until they are
replaced.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from lawlab.domain.course import KEYS as COURSE_KEYS
from lawlab.domain.lesson import IMPORT

CARD = "tihao-001"
"""Stands in a new lesson where an item's id belongs."""

_PATTERN: tuple[tuple[str, str], ...] = (
    ("markdown", "# {title}\n\n先写一件身边的事：谁，遇到了什么事，该怎么办？"),
    ("code", IMPORT),
    ("code", "lesson.begin()"),
    ("markdown", "## 先猜一猜\n\n请读的人先猜，再往下看。"),
    ("code", 'lesson.check("{card}")'),
    ("markdown", "## 法律怎么说\n\n用自己的话讲清楚，短句子，一句一个意思。"),
    ("code", 'lesson.article("{law}", 1)'),
    (
        "markdown",
        "## 有人这样想，其实不对\n\n**有人说**：写一个常见的误解。\n\n**法律说**：写清楚。",
    ),
    ("code", 'lesson.check("{card}")'),
    ("code", 'lesson.check("{card}")'),
    ("code", 'lesson.takeaway("第一句。", "第二句。", "第三句。")'),
    ("markdown", "## 接下来怎么办\n\n写遇到事情找谁、带什么。"),
    ("code", "lesson.finish()"),
)


def lesson_pattern(title: str, law: str) -> dict[str, Any]:
    """A notebook with the pieces that a lesson of this house has, in their order."""
    fill = {"title": title, "law": law, "card": CARD}
    cells = []
    for number, (kind, source) in enumerate(_PATTERN, 1):
        for name, value in fill.items():
            source = source.replace(f"{{{name}}}", value)
        cell: dict[str, Any] = {
            "cell_type": kind,
            "id": f"p{number:02}",
            "metadata": {},
            "source": source,
        }
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell)
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "lawlab": {"page": "once", "title": title},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notebook_text(notebook: Mapping[str, Any]) -> str:
    """A notebook as JupyterLab would save it, near enough that a save changes little."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def course_toml(facts: Mapping[str, Any]) -> str:
    """`course.toml` with these facts. Those that are empty or that no course has are left out.
    TOML reads what JSON escapes."""
    kept = {key: facts.get(key) for key in COURSE_KEYS}
    return "".join(f"{key} = {_value(value)}\n" for key, value in kept.items() if value)


def _value(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int):
        return str(int(value))
    if not isinstance(value, list | tuple):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if len(value) < 2:
        return f"[{', '.join(map(_value, value))}]"
    return "[\n" + "".join(f"  {_value(each)},\n" for each in value) + "]"
