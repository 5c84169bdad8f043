"""The rules of pictures in lessons: how a lesson names one, and what a file may be.

An SVG is shown like a photograph and can do nothing: only drawing elements, nothing that runs and
nothing from elsewhere.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

FOLDER = "media"
MOST_BYTES = 300_000
MOST_PIXELS = 4000
"""Of either side: a small file may unpack to more than a phone can hold."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\.(?:png|jpg|webp|svg)")
LONGEST_TEXT = 120

_STRICT = re.compile(rf"!\[([^\[\]\n]*)\]\({FOLDER}/({NAME.pattern})\)")
_ANY = re.compile(r"!\[[^\n]{0,80}")
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENT = re.compile(
    "svg|g|defs|symbol|use|title|desc|metadata|style|path|rect|circle|ellipse|line|polyline|polygon"
    "|text|tspan|textPath|marker|pattern|mask|clipPath|linearGradient|radialGradient|stop"
)
_DECLARATION = re.compile(r"""\s*<\?xml\s[^?]*\?>""")
_ENCODING = re.compile(r"""encoding\s*=\s*["']([^"']*)["']""")
_ELSEWHERE = re.compile(r"url\(\s*['\"]?\s*(?!#)|@import|image-set|\\|javascript:|data:", re.I)


@dataclass(frozen=True)
class Picture:
    """A picture as a lesson's text shows it."""

    text: str
    name: str


def pictures_in(markdown: str) -> tuple[list[Picture], list[str]]:
    """The pictures of a text cell, and what is wrong with how they are written. That each has a
    text is a rule of wording (`domain.lesson_wording`)."""
    found = [Picture(text.strip(), name) for text, name in _STRICT.findall(markdown)]
    faults = [
        f"图片“{picture.name}”的文字说明有 {len(picture.text)} 个字，最多 {LONGEST_TEXT} 个。"
        for picture in found
        if len(picture.text) > LONGEST_TEXT
    ]
    for odd in _ANY.findall(_STRICT.sub("", markdown)):
        faults.append(
            f"图片“{odd[:40]}”应写成 ![图上画的是什么]({FOLDER}/文件名)，"
            "文件名用小写字母、数字和连字符，以 .png、.jpg、.webp 或 .svg 结尾。"
        )
    return found, faults


def use_faults(used: Mapping[str, Iterable[str]], files: Iterable[str]) -> list[str]:
    """Pictures that lessons (stem → names) show and that are not there, and files no lesson shows.
    Each fault begins with the file it is about."""
    there = set(filter(NAME.fullmatch, files))
    faults = [
        f"{stem}.ipynb：{FOLDER} 文件夹里没有图片 {name}。"
        for stem, names in used.items()
        for name in dict.fromkeys(names)
        if name not in there
    ]
    shown = {name for names in used.values() for name in names}
    return faults + [
        f"{FOLDER}/{name}：没有一课用到这张图片，请删去文件，或者写进课文。"
        for name in sorted(there - shown)
    ]


def file_faults(name: str, size: int, content: bytes) -> list[str]:
    """What is wrong with one picture file of so many bytes, each as a sentence that begins with its
    name. The content of one that is too large need not be read."""
    if not NAME.fullmatch(name):
        return [
            f"{FOLDER}/{name[:80]}：文件名应为小写字母、数字、下划线和连字符，"
            "以 .png、.jpg、.webp 或 .svg 结尾，不超过 65 个字符。"
        ]
    if size > MOST_BYTES:
        thousands = -(-size // 1000)
        return [
            f"{FOLDER}/{name}：有 {thousands} kB，最多 {MOST_BYTES // 1000} kB。请缩小图片再保存。"
        ]
    ending = name.rpartition(".")[2]
    if ending == "svg":
        return [f"{FOLDER}/{name}：{fault}" for fault in dict.fromkeys(_svg_faults(content))]
    sides = _size(ending, content)
    if sides is None:
        return [f"{FOLDER}/{name}：内容不是 {ending} 图片。只改文件名不行，请另存为 {ending}。"]
    width, height = sides
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        return [
            f"{FOLDER}/{name}：图片是 {width}×{height} 点，每边应为 1 到 {MOST_PIXELS} 点。"
            "请缩小图片再保存。"
        ]
    return []


def _svg_faults(content: bytes) -> Iterator[str]:
    try:
        text = content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        yield "不是 UTF-8 编码，请另存一次。"
        return
    declaration = _DECLARATION.match(text)
    encoding = _ENCODING.search(declaration[0]) if declaration else None
    if encoding and encoding[1].lower() not in ("utf-8", "utf8"):
        yield "不是 UTF-8 编码，请另存一次。"
        return
    rest = text[declaration.end() :] if declaration else text
    if "<?" in rest or re.search(r"<!(?:DOCTYPE|ENTITY)", rest, re.I):
        # With these a few bytes could become gigabytes, or name a file of the reader.
        yield "开头有 DOCTYPE 或处理指令，请用画图软件另存为“普通 SVG”。"
        return
    try:
        root = ElementTree.fromstring(rest)  # noqa: S314 - no DOCTYPE, so no entities
    except (ElementTree.ParseError, ValueError, RecursionError):
        yield "不是有效的 SVG。"
        return
    if root.tag != f"{_SVG}svg":
        yield "不是有效的 SVG。"
        return
    for node in root.iter():
        yield from _node_faults(node)
    if _nested_uses(root):
        yield "图形套用了一层又一层，请用画图软件打散后另存。"


def _node_faults(node: ElementTree.Element) -> Iterator[str]:
    tag = str(node.tag)
    name = tag.removeprefix(_SVG)
    if not tag.startswith(_SVG) or not _ELEMENT.fullmatch(name):
        yield (
            f"里面不能有 <{tag.rpartition('}')[2][:30]}>，只能有图形和文字。"
            "请用画图软件另存为“普通 SVG”。"
        )
    if name == "style" and _ELSEWHERE.search(node.text or ""):
        yield "里面引用了别处的内容，图片要能单独看。"
    for key, value in node.attrib.items():
        plain = key.rpartition("}")[2].lower()
        if plain.startswith("on"):
            yield f"里面不能有会运行的内容（{plain[:30]}）。"
        link = key == _XLINK or plain == "href"
        if (link and not value.strip().startswith("#")) or (not link and _ELSEWHERE.search(value)):
            yield "里面引用了别处的内容，图片要能单独看。"


def _nested_uses(root: ElementTree.Element) -> bool:
    """True when a copied shape holds copies itself: ten levels of ten would never be drawn."""
    use = f"{_SVG}use"
    copied = {
        value.strip().removeprefix("#")
        for node in root.iter(use)
        for key, value in node.attrib.items()
        if key in ("href", _XLINK)
    }
    return any(
        node.get("id") in copied and next(node.iter(use), None) is not None for node in root.iter()
    )


def _size(ending: str, content: bytes) -> tuple[int, int] | None:
    """Width and height, or None when the content is not what the name says."""
    return {"png": _png_size, "jpg": _jpg_size, "webp": _webp_size}[ending](content)


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return _pair(struct.unpack(">II", content[16:24]))


def _jpg_size(content: bytes) -> tuple[int, int] | None:
    if content[:3] != b"\xff\xd8\xff":
        return None
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = _pair(struct.unpack(">HH", content[place + 5 : place + 9]))
            return width, height
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return None


def _webp_size(content: bytes) -> tuple[int, int] | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind, body = content[12:16], content[20:]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = _pair(struct.unpack("<HH", body[6:10]))
        return width & 0x3FFF, height & 0x3FFF
    return None


def _pair(numbers: tuple[int, ...]) -> tuple[int, int]:
    first, second = numbers
    return first, second
