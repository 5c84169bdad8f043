"""Reads and writes roster files (.xlsx and .csv). A file that cannot be read gives one sentence."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from lawlab.domain.personal import mask_phone
from lawlab.domain.roster import HEADER_WITHIN, LABELS, MOST_COLUMNS, MOST_ROWS
from lawlab.domain.roster_cells import COHORT_NAMES, KIND_NAMES, ROLE_NAMES
from lawlab.domain.roster_changes import PersonFacts
from lawlab.errors import LawlabError

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
"""A small file can unpack to gigabytes."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_table(path: Path, most: int = MOST_ROWS + HEADER_WITHIN) -> list[list[Any]]:
    """The cells of the first sheet with content, row 1 first; of a longer one `most` rows and one
    more, so that it can be told. Raises LawlabError `bad_file`."""
    return table_of(path, read_file(path), most)


def table_of(path: Path, content: bytes, most: int = MOST_ROWS + HEADER_WITHIN) -> list[list[Any]]:
    """The same of content that somebody sent under the name of `path`."""
    if len(content) > MOST_BYTES:
        raise _too_large(path, len(content))
    if not content.strip():
        raise _bad(path, "是空的。")
    kind = path.suffix.lower()
    if content.startswith(OLE):
        raise _bad(path, "是旧版或加了密码的 Excel 文件，请另存为不加密码的 .xlsx 再导入。")
    if kind == ".xlsx":
        return _read_xlsx(path, content, most)
    if kind == ".csv":
        if content.startswith(ZIP):
            raise _bad(path, "其实是 Excel 文件，请把文件名改成以 .xlsx 结尾再导入。")
        return _read_csv(path, content)[: most + 1]
    raise _bad(path, "不是名册文件，可以导入 .xlsx 或 .csv。")


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a sheet as .xlsx, or as .csv that Chinese Excel opens without garbling."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([_harmless(cell) for cell in row] for row in rows)
        return
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    for row in rows:
        sheet.append([_harmless(cell) for cell in row])
    book.save(path)


def export_rows(
    people: Iterable[tuple[PersonFacts, str | None]], *, phones: bool = False
) -> list[list[str]]:
    """A table that can be imported again, plus a column saying who is disabled. Phone numbers are
    masked unless they are asked for; an import takes a masked one for unchanged."""
    rows = [[*LABELS.values(), "状态"]]
    for person, kind in people:
        since = person.unit_since or min(person.cohorts.values(), default=None)
        rows.append(
            [
                person.login,
                person.full_name,
                (person.phone or "") if phones else mask_phone(person.phone),
                person.unit or "",
                KIND_NAMES.get(kind or "", ""),
                "、".join(
                    name for cohort, name in COHORT_NAMES.items() if cohort in person.cohorts
                ),
                "、".join(name for role, name in ROLE_NAMES.items() if role in person.roles),
                str(since or ""),
                "在用" if person.active else "已停用",
            ]
        )
    return rows


def read_file(path: Path) -> bytes:
    """The content of a table's file, when it is not too large. Raises LawlabError `bad_file`."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(path, size)
        return path.read_bytes()
    except FileNotFoundError:
        raise _bad(path, "不存在，请检查文件名和所在的文件夹。") from None
    except OSError as error:
        raise _bad(path, f"打不开（{error.strerror}），请检查它是不是文件、有没有权限。") from None


def _read_xlsx(path: Path, content: bytes, most: int) -> list[list[Any]]:
    if not content.startswith(ZIP):
        raise _bad(path, "不是真正的 .xlsx（可能只改了文件名），请用 Excel 或 WPS 另存为 .xlsx。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise _bad(path, "解开后太大，表格里请不要放图片和别的工作表。")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about drop-down lists and the like
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return _first_filled(book, most)
    except LawlabError:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes the library raise nearly anything
        raise _bad(
            path, "已损坏或不是表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再导入。"
        ) from None


def _first_filled(book: Any, most: int) -> list[list[Any]]:
    for sheet in book.worksheets:
        # Sheets remember a size that is often far beyond their content.
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_row=most + 1, max_col=MOST_COLUMNS, values_only=True)
        rows = [list(row) for row in cells]
        while rows and all(cell is None for cell in rows[-1]):
            rows.pop()
        if rows:
            return rows
    return []


def _read_csv(path: Path, content: bytes) -> list[list[Any]]:
    while content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _bad(path, "的文字编码认不出，请另存为 UTF-8 的 .csv 或 .xlsx。")
    if "\x00" in text:
        raise _bad(path, "不是文字表格，请另存为 .xlsx 再导入。")
    delimiter = (
        "\t" if text.partition("\n")[0].count("\t") > text.partition("\n")[0].count(",") else ","
    )
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise _bad(path, "不是完整的 .csv 表格，请用 Excel 或 WPS 另存为 .xlsx。") from None


def _harmless(cell: str) -> str:
    """A cell that a sheet would run as a formula is kept as text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _too_large(path: Path, size: int) -> LawlabError:
    return _bad(path, f"有 {size / 1024 / 1024:.0f} MB，表格最大 {MOST_BYTES >> 20} MB。")


def _bad(path: Path, what: str) -> LawlabError:
    return LawlabError("bad_file", f"文件 {path.name} {what}")
