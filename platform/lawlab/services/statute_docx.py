"""The paragraphs of a Word document as lines, with the numbers that Word itself writes before them.

Only python-docx's parsed tree is used: its own `text` leaves out smart tags (old files keep dates
in them), content controls and every automatic number.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from lawlab.domain.numerals import to_chinese
from lawlab.errors import FileFaults, LawlabError

log = logging.getLogger(__name__)

MOST_UNPACKED = 60 * 1024 * 1024
"""A small file can unpack to gigabytes."""

_CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "chineseLegalSimplified",
    "japaneseCounting",
    "ideographDigital",
    "japaneseDigitalTenThousand",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
}
_ARABIC = {"decimal", "decimalFullWidth", "decimalHalfWidth", "decimalFullWidth2"}
_LETTERS = {"lowerLetter": "a", "upperLetter": "A", "decimalEnclosedCircle": "①"}
_SILENT = {"bullet", "none"}
_STRUCTURE = re.compile("第.*[条章节编]")
_RUNS = {qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:noBreakHyphen")}
_NO_TEXT = {
    qn("w:del"),
    qn("w:moveFrom"),
    qn("w:pPr"),
    qn("w:rPr"),
    qn("w:txbxContent"),
    qn("w:rt"),
}


def read_docx(name: str, content: bytes) -> list[tuple[int, str]]:
    """Number of the paragraph and text, in order; a line break inside one gives a second line.

    Raises LawlabError `bad_file`, FileFaults with every automatic number that is not understood.
    """
    try:
        return _lines(name, _open(name, content))
    except LawlabError:
        raise
    except Exception:  # a broken file makes the library raise nearly anything
        log.info("a Word file that cannot be read: %r", name, exc_info=True)
        raise _bad(name, "已损坏或不是 Word 文档。请用 Word 或 WPS 打开后另存为 .docx。") from None


def _lines(name: str, document: Any) -> list[tuple[int, str]]:
    body = document.element.body
    if next(body.iter(qn("w:ins"), qn("w:del"), qn("w:moveFrom")), None) is not None:
        raise _bad(name, "里有没有处理的修订。请在 Word 的“审阅”里点“接受所有修订”，保存后再导入。")
    numbering, lines, faults = _Numbering(document), [], []
    for number, paragraph in enumerate(_paragraphs(body), 1):
        text = _text(paragraph)
        label = numbering.label(paragraph)
        if label is None:
            shown = text.strip()[:20]
            faults.append(
                f"第 {number} 段“{shown}”：前面的号码是 Word 的自动编号，式样认不出。"
                "请在 Word 里把文件另存为“纯文本（.txt）”，再导入那个文件。"
            )
        lines += [(number, line) for line in f"{label or ''}{text}".split("\n")]
    if faults:
        raise FileFaults(name, faults)
    return lines


def _open(name: str, content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
            raise _bad(name, "解开后太大。请去掉图片再导入。")
    return Document(io.BytesIO(content))


def _paragraphs(body: Any) -> Iterator[Any]:
    """Every paragraph in order, in tables too; not those in text boxes, which stand there twice."""
    boxes = {qn("w:txbxContent")}
    for paragraph in body.iter(qn("w:p")):
        if not any(above.tag in boxes for above in paragraph.iterancestors()):
            yield paragraph


def _text(paragraph: Any) -> str:
    return "".join(_pieces(paragraph))


def _pieces(node: Any) -> Iterator[str]:
    for child in node:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in {qn("w:br"), qn("w:cr")}:
            yield "\n"
        elif child.tag == qn("w:tab"):
            yield " "
        elif child.tag == qn("w:noBreakHyphen"):
            yield "-"
        elif child.tag not in _NO_TEXT:
            yield from _pieces(child)


class _Numbering:
    """What Word writes before the paragraphs of its numbered lists."""

    def __init__(self, document: Any) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in _styles(document)}
        self._lists: dict[str, Any] = {}
        self._levels: dict[str, dict[int, Any]] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()
        for part in document.part.rels.values():
            if part.reltype.endswith("/numbering"):
                self._read(part.target_part.element)

    def label(self, paragraph: Any) -> str | None:
        """The number before a paragraph, "" when it has none, None when it is not understood."""
        found = self._list_of(paragraph)
        if found is None:
            return ""
        list_id, depth = found
        abstract = self._lists.get(list_id, "")
        level = self._levels.get(abstract, {}).get(depth)
        if level is None:
            return ""
        self._count(list_id, abstract, depth)
        return self._written(abstract, level)

    def _read(self, numbering: Any) -> None:
        for abstract in numbering.iter(qn("w:abstractNum")):
            levels = {int(one.get(qn("w:ilvl"))): one for one in abstract.iter(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for one in numbering.iter(qn("w:num")):
            list_id = one.get(qn("w:numId"))
            self._lists[list_id] = _value(one, "w:abstractNumId") or ""
            self._overrides[list_id] = {
                int(over.get(qn("w:ilvl"))): int(start)
                for over in one.iter(qn("w:lvlOverride"))
                if (start := _value(over, "w:startOverride")) is not None
            }

    def _list_of(self, paragraph: Any) -> tuple[str, int] | None:
        """The list of a paragraph and its depth, by its own mark or that of its style."""
        properties = paragraph.find(qn("w:pPr"))
        style = _value(properties, "w:pStyle") if properties is not None else None
        list_id, depth = _number_mark(properties)
        seen: set[str] = set()
        while list_id is None and style and style in self._styles and style not in seen:
            seen.add(style)
            one = self._styles[style]
            list_id, styled = _number_mark(one.find(qn("w:pPr")))
            if list_id is not None and depth is None:
                depth = styled if styled is not None else self._depth_of(list_id, style)
            style = _value(one, "w:basedOn")
        return None if list_id in {None, "0"} else (str(list_id), depth or 0)

    def _depth_of(self, list_id: str, style: str) -> int:
        levels = self._levels.get(self._lists.get(list_id, ""), {})
        return next((n for n, level in levels.items() if _value(level, "w:pStyle") == style), 0)

    def _count(self, list_id: str, abstract: str, depth: int) -> None:
        counts = self._counts.setdefault(abstract, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for level, start in self._overrides[list_id].items():
                counts[level] = start - 1
        counts[depth] = counts.get(depth, self._start(abstract, depth) - 1) + 1
        for deeper, level in self._levels[abstract].items():
            # Articles that go on over the chapters say so: restart 0.
            if deeper > depth and _value(level, "w:lvlRestart") != "0":
                counts.pop(deeper, None)

    def _start(self, abstract: str, depth: int) -> int:
        level = self._levels[abstract].get(depth)
        return int((level is not None and _value(level, "w:start")) or 1)

    def _written(self, abstract: str, level: Any) -> str | None:
        pattern, counts = _value(level, "w:lvlText") or "", self._counts[abstract]
        if _value(level, "w:numFmt") in _SILENT or "%" not in pattern:
            return None if _STRUCTURE.search(pattern) else ""
        legal = level.find(qn("w:isLgl")) is not None
        for place in sorted({int(digit) for digit in re.findall(r"%(\d)", pattern)}):
            one = self._levels[abstract].get(place - 1)
            how = _value(one, "w:numFmt") if one is not None else None
            number = counts.get(place - 1, self._start(abstract, place - 1))
            written = _digits(number, "decimal" if legal else how)
            if written is None:
                return None
            pattern = pattern.replace(f"%{place}", written)
        return f"{pattern} " if _STRUCTURE.search(pattern) else pattern


def _digits(number: int, how: str | None) -> str | None:
    if how in _ARABIC:
        return str(number)
    if how in _CHINESE and 0 < number < 10_000:
        return to_chinese(number)
    if how in _LETTERS and 0 < number <= 20:
        return chr(ord(_LETTERS[how]) + number - 1)
    return None


def _styles(document: Any) -> Iterator[Any]:
    yield from document.styles.element.iter(qn("w:style"))


def _number_mark(properties: Any) -> tuple[str | None, int | None]:
    mark = properties.find(qn("w:numPr")) if properties is not None else None
    if mark is None:
        return None, None
    depth = _value(mark, "w:ilvl")
    return _value(mark, "w:numId"), int(depth) if depth is not None else None


def _value(node: Any, name: str) -> str | None:
    child = node.find(qn(name))
    value: str | None = child.get(qn("w:val")) if child is not None else None
    return value


def _bad(name: str, what: str) -> LawlabError:
    return LawlabError("bad_file", f"文件 {name} {what}")
