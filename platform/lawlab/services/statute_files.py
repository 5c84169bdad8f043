"""Reads official statute files: .docx, .md and .txt as numbered lines. What cannot be read gets one
sentence that says what to do; what the lines mean is `lawlab.domain.statute_text`'s business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from lawlab.errors import FileFaults, LawlabError

MOST_BYTES = 5 * 1024 * 1024
ZIP, OLE, PDF, RTF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MOJIBAKE = re.compile("锟斤拷|绗[\ue000-\uf8ff一竴]|鏉★|銆[\ue000-\uf8ff傚]|锛[岋屽]|â€|�{2}")
"""What Chinese looks like that was read in the wrong encoding once and saved again."""


@dataclass(frozen=True)
class StatuteFile:
    """The numbered lines of a file. `unit` is 行, or 段 where paragraphs were counted."""

    name: str
    lines: list[tuple[int, str]]
    unit: str


def open_statute_file(path: Path) -> StatuteFile:
    """The lines of a file on this computer. Raises as `read_statute_file`, or `bad_file`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _too_large(path.name, path.stat().st_size)
        content = path.read_bytes()
    except FileNotFoundError:
        raise _bad(path.name, "不存在，请检查文件名和所在的文件夹。") from None
    except OSError as error:
        raise _bad(path.name, f"打不开（{error.strerror}）。") from None
    return read_statute_file(path.name, content)


def read_statute_file(name: str, content: bytes) -> StatuteFile:
    """The lines of a file given by name and content. Raises LawlabError `bad_file`, and FileFaults
    when only some places of it cannot be read."""
    if len(content) > MOST_BYTES:
        raise _too_large(name, len(content))
    if not content.strip():
        raise _bad(name, "是空的。")
    suffix = PurePath(name).suffix.lower()
    if content.startswith(PDF) or suffix == ".pdf":
        raise _bad(
            name, "是 PDF，读不出分条的文字。请下载 Word 版本，或者用 Word 打开后另存为 .docx。"
        )
    if content.startswith((OLE, RTF)) or suffix in {".doc", ".wps", ".rtf"}:
        raise _bad(name, "是旧版或加了密码的文档。请用 Word 或 WPS 打开，另存为不加密码的 .docx。")
    if suffix == ".docx":
        if not content.startswith(ZIP):
            raise _bad(
                name, "不是真正的 .docx（可能只改了文件名）。请用 Word 或 WPS 另存为 .docx。"
            )
        from lawlab.services.statute_docx import read_docx  # python-docx takes a while to import

        return StatuteFile(name, read_docx(name, content), "段")
    if suffix not in {".md", ".txt"}:
        raise _bad(name, "不能导入。可以导入 .docx、.md 和 .txt。")
    if content.startswith(ZIP):
        raise _bad(name, "其实是 Word 文档或压缩包。请把文件名改成以 .docx 结尾，或者先解压。")
    text = _decoded(name, content)
    return StatuteFile(name, list(enumerate(re.split(r"\r\n|\r|\n", text), 1)), "行")


def _decoded(name: str, content: bytes) -> str:
    if content.startswith(UTF16):
        raise _bad(name, "是“Unicode”（UTF-16）编码。请用记事本打开，另存为 UTF-8 编码。")
    places = {}
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            places[encoding] = error.start
            continue
        if "\0" in text:
            raise _bad(name, "不是文字文件。可以导入 .docx、.md 和 .txt。")
        if found := _MOJIBAKE.search(text):
            line, shown = _place(text, found.start())
            raise _garbled(name, line, f"“{shown}”是乱码")
        return text
    # Where the encoding that came further broke off.
    encoding, place = max(places.items(), key=lambda pair: pair[1])
    line, shown = _place(content[:place].decode(encoding, "replace"), place)
    raise _garbled(name, line, f"“{shown}”后面的字认不出")


def _place(text: str, start: int) -> tuple[int, str]:
    """The number of the line in which a place lies, and what stands around it there."""
    before = re.split(r"\r\n|\r|\n", text[:start])
    return len(before), (before[-1][-8:] + text[start : start + 8]).strip()


def _garbled(name: str, line: int, what: str) -> FileFaults:
    return FileFaults(
        name, [f"第 {line} 行{what}。请从原处重新下载，或者用记事本打开后另存为 UTF-8 编码。"]
    )


def _too_large(name: str, size: int) -> LawlabError:
    return _bad(
        name, f"有 {size / 1024 / 1024:.1f} MB，最大 {MOST_BYTES >> 20} MB。请去掉图片再导入。"
    )


def _bad(name: str, what: str) -> LawlabError:
    return LawlabError("bad_file", f"文件 {name} {what}")
