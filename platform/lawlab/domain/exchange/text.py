"""From the bytes of a file to its text, and from rows to a CSV that Chinese Excel opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

MOST_BYTES = 5 * 1024 * 1024
UNFINISHED = "文件末尾没有换行，请核对最后一题是否完整。"
_BOM = "\ufeff"
_BINARY = {
    b"PK\x03\x04": "这是压缩文件或 Office 文件（如 .xlsx、.docx）",
    b"\xd0\xcf\x11\xe0": "这是旧版 Office 文件（.xls 或 .doc）",
    b"%PDF": "这是 PDF 文件",
    b"\xff\xfe": "这是 UTF-16 编码的文件",
    b"\xfe\xff": "这是 UTF-16 编码的文件",
}


def decode(raw: bytes) -> tuple[str, str]:
    """The text and no fault, or no text and a fault. Lines end with a plain newline, without BOM.

    UTF-8 with no, one or two byte order marks; else GB18030, which holds all of GBK.
    """
    if len(raw) > MOST_BYTES:
        size = len(raw) / 1024 / 1024
        return "", f"文件有 {size:.1f} MB，最大 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件。"
    for head, what in _BINARY.items():
        if raw.startswith(head):
            return "", f"{what}，不是文本文件。请另存为 UTF-8 文本或 CSV 再导入。"
    if b"\0" in raw:
        return "", "文件里有空字符（NUL），不是文本文件。请另存为 UTF-8 文本或 CSV 再导入。"
    try:
        return _tidy(raw.decode("utf-8")), ""
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and not raw[: error.start].isascii()
        if cut or raw.startswith(_BOM.encode()):
            return "", "文件不完整：有一个字只剩一半。请重新取得这个文件再导入。"
    try:
        return _tidy(raw.decode("gb18030")), ""
    except UnicodeDecodeError:
        return "", "文件的文字编码认不出来。请用 UTF-8 或 GBK 编码另存一份再导入。"


def _tidy(text: str) -> str:
    return text.lstrip(_BOM).replace("\r\n", "\n").replace("\r", "\n")


def csv_rows(text: str) -> list[list[str]]:
    """The rows of a CSV. A tab, or a semicolon, separates where the first line has no comma.

    Raises ValueError with a sentence where quotation marks do not pair.
    """
    head = text.partition("\n")[0]
    delimiter = next((mark for mark in ",\t;" if mark in head), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error:
        raise ValueError(
            f"第 {len(rows) + 1} 行：这里的引号不成对，后面读不下去。文件可能不完整；"
            "请补上引号，或用表格软件重新另存为 CSV。"
        ) from None
    return rows


def encode_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with exactly one byte order mark; without it Excel garbles Chinese."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return (_BOM + out.getvalue().lstrip(_BOM)).encode("utf-8", "replace")
