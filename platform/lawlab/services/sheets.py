"""Cells of a workbook: what was text stays text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def fill(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows into an openpyxl sheet from its first cell on. A text that begins with "=" is no
    formula."""
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
