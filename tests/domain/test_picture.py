"""What a picture in a lesson may be, and how it is written."""

from __future__ import annotations

import struct

import pytest

from lawlab.domain.picture import MOST_BYTES, Picture, file_faults, pictures_in, use_faults


def png(width: int = 10, height: int = 10) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02"


def jpg(width: int = 10, height: int = 10) -> bytes:
    comment = b"\xff\xfe\x00\x04ab"
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03\0\0\0"
    return b"\xff\xd8" + comment + b"\xff" + frame


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\x40\0\0\0WEBP" + kind + b"\x20\0\0\0" + body + bytes(20)


def svg(inside: str = "", attributes: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'.encode()


def faults(name: str, content: bytes) -> list[str]:
    return file_faults(name, len(content), content)


def test_a_picture_in_the_text_has_words_and_a_file() -> None:
    found, wrong = pictures_in("看图。\n\n![哪一级机关管什么](media/organs-1.svg)\n\n再看。")
    assert (found, wrong) == ([Picture("哪一级机关管什么", "organs-1.svg")], [])
    assert pictures_in("这里没有图！[链接](x)也不是。") == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "![图](https://example.org/a.png)",
        "![图](//example.org/a.png)",
        "![图](a.png)",
        "![图](media/../a.png)",
        "![图](media/sub/a.png)",
        "![图](/etc/passwd)",
        "![图](media/A.png)",
        "![图](media/图.png)",
        "![图](media/a.gif)",
        "![图](media/a.png?x)",
        '![图](media/a.png "标题")',
        "![图](data:image/png;base64,xx)",
        "![图][ref]",
        "![图[1]](media/a.png)",
        "![图",
    ],
)
def test_any_other_way_of_writing_one_is_refused(text: str) -> None:
    found, wrong = pictures_in(f"前。{text} 后。")
    assert found == []
    assert len(wrong) == 1
    assert "应写成 ![图上画的是什么](media/文件名)" in wrong[0]


def test_its_words_are_no_essay() -> None:
    assert pictures_in(f"![{'字' * 120}](media/a.png)")[1] == []
    assert "有 121 个字" in pictures_in(f"![{'字' * 121}](media/a.png)")[1][0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", png(4000, 1)),
        ("a.jpg", jpg()),
        ("a.webp", webp(b"VP8X", b"\0\0\0\0" + b"\x09\0\0" + b"\x09\0\0")),
        ("a.webp", webp(b"VP8L", b"\x2f" + (9 | 9 << 14).to_bytes(4, "little"))),
        ("a.webp", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 10, 10))),
        ("a.svg", svg('<title>图</title><path d="M0 0h9"/><text style="fill:red">桥</text>')),
        ("a.svg", b'<?xml version="1.0" encoding="UTF-8"?>\n' + svg()),
        ("a.svg", svg('<g id="p"/><use href="#p"/><rect fill="url(#p)"/>')),
        ("a.svg", svg("<style>.a { fill: url(#p) }</style>")),
    ],
)
def test_a_picture_of_an_allowed_kind_has_no_fault(name: str, content: bytes) -> None:
    assert faults(name, content) == []


@pytest.mark.parametrize(
    "name", ["A.png", "图.png", "a.gif", ".png", "../a.png", "a.png ", "a" * 61 + ".png", "a.PNG"]
)
def test_a_file_name_is_plain(name: str) -> None:
    (fault,) = faults(name, png())
    assert "文件名应为小写字母" in fault


def test_a_file_is_what_its_name_says_and_not_too_large() -> None:
    assert "内容不是 png 图片" in faults("a.png", jpg())[0]
    assert "内容不是 jpg 图片" in faults("a.jpg", png())[0]
    assert "内容不是 webp 图片" in faults("a.webp", b"RIFF\0\0\0\0WEBP")[0]
    assert "内容不是 jpg 图片" in faults("a.jpg", b"\xff\xd8\xff\xfe\x00\x04")[0]
    assert "4001×1 点" in faults("a.png", png(4001, 1))[0]
    assert "1×0 点" in faults("a.jpg", jpg(1, 0))[0]
    assert "有 301 kB，最多 300 kB" in file_faults("a.png", MOST_BYTES + 1, b"")[0]
    assert faults("a.svg", svg() + b" " * (MOST_BYTES - len(svg()))) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (svg("<script>alert(1)</script>"), "不能有 <script>"),
        (svg("<foreignObject/>"), "不能有 <foreignObject>"),
        (svg('<image href="x.png"/>'), "不能有 <image>"),
        (svg('<a href="#x"/>'), "不能有 <a>"),
        (svg('<animate attributeName="href"/>'), "不能有 <animate>"),
        (svg('<html xmlns="http://www.w3.org/1999/xhtml"/>'), "不能有 <html>"),
        (svg('<path d="" onclick="x()"/>'), "会运行的内容（onclick）"),
        (svg(attributes='onload="x()"'), "会运行的内容（onload）"),
        (svg('<use href="http://example.org/a.svg#b"/>'), "引用了别处"),
        (
            svg('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="file:///etc/passwd"/>'),
            "引用了别处",
        ),
        (svg('<rect fill="url(http://example.org/a)"/>'), "引用了别处"),
        (svg("""<rect style="fill:url( 'b.svg#c')"/>"""), "引用了别处"),
        (svg("<style>@import 'x';</style>"), "引用了别处"),
        (svg("<style>a{fill:u\\72l(x)}</style>"), "引用了别处"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + svg("<text>&a;</text>"), "DOCTYPE"),
        (b'<?xml version="1.0"?><?xml-stylesheet href="x"?>' + svg(), "处理指令"),
        (b'<?xml version="1.0" encoding="UTF-16"?>' + svg(), "不是 UTF-8"),
        (b"\xff\xfe<", "不是 UTF-8"),
        (b"<svg/>", "不是有效的 SVG"),
        (b"<svg", "不是有效的 SVG"),
        (b"", "不是有效的 SVG"),
        (svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'), "一层又一层"),
        (svg('<use id="a" href="#b"/><use href="#a"/>'), "一层又一层"),
    ],
)
def test_an_svg_can_do_nothing_and_brings_nothing_from_elsewhere(content: bytes, told: str) -> None:
    found = faults("a.svg", content)
    assert any(told in fault for fault in found), found
    assert all(fault.startswith("media/a.svg：") for fault in found)


def test_missing_and_unused_files_are_named_with_their_lesson() -> None:
    used = {"01_one": ["a.png", "b.png", "b.png"], "02_two": ["a.png"]}
    assert use_faults(used, ["a.png", "c.svg", "Bad.gif"]) == [
        "01_one.ipynb：media 文件夹里没有图片 b.png。",
        "media/c.svg：没有一课用到这张图片，请删去文件，或者写进课文。",
    ]
