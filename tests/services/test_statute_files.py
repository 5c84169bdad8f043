"""Official files as trainers have them: encodings, Word documents and their automatic numbers, and
files that are something else.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from lawlab.domain.statute_text import StatuteText, read_statute
from lawlab.errors import FileFaults, LawlabError
from lawlab.services import statute_docx, statute_files
from lawlab.services.statute_files import open_statute_file, read_statute_file

HEAD = ["某镇爱护桥梁条例", "（2020年7月31日某镇人民代表大会通过）"]
BODY = [
    "第一章 总则",
    "第一条 为了爱护桥梁，制定本条例。",
    "第二条 镇人民政府履行下列职责：",
    "（一）宣传；",
    "（二）巡查。",
    "第二章 附则",
    "第三条 本条例自2020年9月1日起施行。",
]
TEXT = "\n".join([*HEAD, *BODY])


def parse(name: str, content: bytes) -> StatuteText:
    file = read_statute_file(name, content)
    found, faults = read_statute(file.lines, unit=file.unit)
    assert faults == []
    return found


EXPECTED = parse("a.txt", TEXT.encode())


# ---- text files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_in_the_usual_encodings(encoding: str, newline: str) -> None:
    assert parse("a.txt", TEXT.replace("\n", newline).encode(encoding)) == EXPECTED
    assert parse("A.MD", TEXT.replace("\n", newline * 2).encode(encoding)) == EXPECTED


def refusal(name: str, content: bytes) -> LawlabError:
    with pytest.raises(LawlabError) as caught:
        read_statute_file(name, content)
    assert str(caught.value).startswith((f"文件 {name} ", f"{name} "))
    return caught.value


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1", "另存为不加密码的 .docx"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1", "另存为不加密码的 .docx"),
        ("a.rtf", b"{\\rtf1", "另存为不加密码的 .docx"),
        ("a.wps", b"x", "另存为不加密码的 .docx"),
        ("a.pdf", b"%PDF-1.7", "用 Word 打开后另存为 .docx"),
        ("a.txt", b"%PDF-1.7", "用 Word 打开后另存为 .docx"),
        ("a.docx", b"hello", "不是真正的 .docx"),
        ("a.docx", b"PK\x03\x04 broken", "已损坏或不是 Word 文档"),
        ("a.txt", b"PK\x03\x04", "把文件名改成以 .docx 结尾"),
        ("a.html", b"<p>", "可以导入 .docx、.md 和 .txt"),
        ("a", b"x", "可以导入 .docx、.md 和 .txt"),
        ("a.txt", b" \n ", "是空的"),
        ("a.txt", "第一条".encode("utf-16"), "另存为 UTF-8 编码"),
        ("a.txt", b"\x00\x01", "不是文字文件"),
    ],
)
def test_another_kind_of_file_says_what_to_do(name: str, content: bytes, sentence: str) -> None:
    error = refusal(name, content)
    assert error.code == "bad_file"
    assert sentence in error.sentence


def test_broken_bytes_name_their_line() -> None:
    error = refusal("a.txt", TEXT.encode()[:60] + b"\xff\xff" + TEXT.encode()[60:])
    assert isinstance(error, FileFaults)
    assert "第 2 行" in error.sentence
    assert "另存为 UTF-8 编码" in error.sentence


def test_text_that_was_garbled_before_names_its_line() -> None:
    garbled = "好的一行\n" + "第一条，为了".encode().decode("gb18030", "replace")
    assert "第 2 行" in refusal("a.txt", garbled.encode()).sentence


def test_too_large_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "最大 5 MB" in refusal("a.txt", b"x" * (5 * 1024 * 1024 + 1)).sentence
    monkeypatch.setattr(statute_files, "MOST_BYTES", 10)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 11)
    with pytest.raises(LawlabError, match="请去掉图片"):
        open_statute_file(path)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(LawlabError, match="不存在"):
        open_statute_file(tmp_path / "none.txt")
    with pytest.raises(LawlabError, match="打不开"):
        open_statute_file(tmp_path)


# ---- Word documents ------------------------------------------------------------------------------


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word(*paragraphs: str) -> Any:
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    return document


def test_a_document_is_read_by_paragraphs() -> None:
    assert parse("a.docx", saved(word(*HEAD, *BODY))) == EXPECTED


def test_a_line_break_in_a_paragraph_and_a_table_are_lines() -> None:
    document = word(*HEAD, *BODY[:3])
    document.add_table(1, 1).cell(0, 0).text = "（一）宣传；"
    document.add_paragraph("\n".join(BODY[4:]))
    assert parse("a.docx", saved(document)) == EXPECTED


def test_smart_tags_and_content_controls_are_read() -> None:
    # Old files keep every date in a smart tag; python-docx itself leaves it out.
    document = word(*HEAD, *BODY)
    paragraph = document.paragraphs[1]._p
    run = paragraph.find(qn("w:r"))
    tag = parse_xml(f"<w:smartTag {nsdecls('w')} w:element='chsdate'/>")
    paragraph.replace(run, tag)
    tag.append(run)
    last = document.paragraphs[-1]._p
    control = parse_xml(f"<w:sdt {nsdecls('w')}><w:sdtContent/></w:sdt>")
    last.addprevious(control)
    control.find(qn("w:sdtContent")).append(last)
    assert parse("a.docx", saved(document)) == EXPECTED


def test_open_revisions_are_refused() -> None:
    document = word(*HEAD, *BODY)
    run = document.paragraphs[-1]._p.find(qn("w:r"))
    run.addprevious(parse_xml(f"<w:ins {nsdecls('w')} w:id='1' w:author='x'/>"))
    assert "接受所有修订" in refusal("a.docx", saved(document)).sentence


def test_a_text_box_is_no_text() -> None:
    document = word(*HEAD, *BODY)
    document.paragraphs[0]._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>内部资料</w:t></w:r></w:p>"
            "</w:txbxContent></w:pict></w:r>"
        )
    )
    assert parse("a.docx", saved(document)) == EXPECTED


def test_a_file_that_unpacks_to_gigabytes_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statute_docx, "MOST_UNPACKED", 1000)
    assert "解开后太大" in refusal("a.docx", saved(word(*HEAD))).sentence


def test_another_office_file_is_no_document() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "不是 Word 文档" in refusal("a.docx", buffer.getvalue()).sentence


# ---- automatic numbers ---------------------------------------------------------------------------

Level = tuple[int, str, str]
"""Depth, format and pattern: (0, "chineseCountingThousand", "第%1章")."""


def numbered(document: Any, list_id: int, *levels: Level, more: str = "") -> None:
    """Add a list to a document's numbering."""
    numbering = document.part.numbering_part.element
    inner = "".join(
        f"<w:lvl w:ilvl='{depth}'><w:start w:val='1'/><w:numFmt w:val='{how}'/>{more}"
        f"<w:lvlText w:val='{pattern}'/></w:lvl>"
        for depth, how, pattern in levels
    )
    numbering.insert(
        0,
        parse_xml(
            f"<w:abstractNum {nsdecls('w')} w:abstractNumId='{list_id}'>{inner}</w:abstractNum>"
        ),
    )
    numbering.append(
        parse_xml(
            f"<w:num {nsdecls('w')} w:numId='{list_id}'>"
            f"<w:abstractNumId w:val='{list_id}'/></w:num>"
        )
    )


def in_list(document: Any, text: str, list_id: int, depth: int = 0) -> None:
    mark = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
    mark.get_or_add_ilvl().val = depth
    mark.get_or_add_numId().val = list_id


def test_article_numbers_written_by_word_are_counted() -> None:
    document = word(*HEAD)
    numbered(
        document,
        900,
        (0, "chineseCountingThousand", "第%1章"),
        (1, "chineseCountingThousand", "第%2条"),
        more="<w:lvlRestart w:val='0'/>",  # the articles go on over the chapters
    )
    numbered(document, 901, (0, "chineseCounting", "（%1）"))
    in_list(document, "总则", 900)
    in_list(document, "为了爱护桥梁，制定本条例。", 900, 1)
    in_list(document, "镇人民政府履行下列职责：", 900, 1)
    in_list(document, "宣传；", 901)
    in_list(document, "巡查。", 901)
    in_list(document, "附则", 900)
    in_list(document, "本条例自2020年9月1日起施行。", 900, 1)
    assert parse("a.docx", saved(document)) == EXPECTED


def test_numbers_of_a_style_are_counted_too() -> None:
    document = word(*HEAD)
    numbered(document, 900, (0, "decimal", "第%1条"))
    style = document.styles.add_style("条", 1)
    mark = style.element.get_or_add_pPr().get_or_add_numPr()
    mark.get_or_add_numId().val = 900
    document.add_paragraph("为了爱护桥梁。", style="条")
    document.add_paragraph("")
    document.add_paragraph("本条例自2020年9月1日起施行。", style="条")
    found = parse("a.docx", saved(document))
    assert [article.title for article in found.articles] == ["第一条", "第二条"]


def test_an_empty_paragraph_of_a_list_has_its_number_as_in_word() -> None:
    document = word(*HEAD)
    numbered(document, 900, (0, "chineseCounting", "第%1条"))
    for text in ("为了爱护桥梁，制定本条例。", "", "本条例自2020年9月1日起施行。"):
        in_list(document, text, 900)
    file = read_statute_file("a.docx", saved(document))
    _, faults = read_statute(file.lines, unit=file.unit)
    assert [fault.say("段") for fault in faults] == ["第 4 段“第二条”：第二条没有内容。"]


def test_two_lists_of_one_kind_go_on_or_begin_again() -> None:
    document = word(*HEAD, "第一条 镇人民政府履行下列职责：")
    numbered(document, 900, (0, "chineseCounting", "（%1）"))
    numbering = document.part.numbering_part.element
    for list_id, override in ((901, ""), (902, "<w:startOverride w:val='1'/>")):
        numbering.append(
            parse_xml(
                f"<w:num {nsdecls('w')} w:numId='{list_id}'><w:abstractNumId w:val='900'/>"
                f"<w:lvlOverride w:ilvl='0'>{override}</w:lvlOverride></w:num>"
            )
        )
    for list_id in (900, 901, 902):
        in_list(document, "宣传；", list_id)
    document.add_paragraph("第二条 本条例自2020年9月1日起施行。")
    found = parse("a.docx", saved(document))
    assert found.articles[0].text.split("\n")[1:] == [
        "（一）宣传；",
        "（二）宣传；",
        "（一）宣传；",
    ]


def test_numbers_that_are_not_understood_are_all_named() -> None:
    document = word(*HEAD)
    numbered(document, 900, (0, "hebrew1", "第%1条"))
    in_list(document, "为了爱护桥梁，制定本条例。", 900)
    in_list(document, "本条例自2020年9月1日起施行。", 900)
    error = refusal("a.docx", saved(document))
    assert isinstance(error, FileFaults)
    assert len(error.faults) == 2
    assert error.faults[0].startswith("第 3 段“为了爱护桥梁，制定本条例。”")
    assert "另存为“纯文本（.txt）”" in error.faults[0]


def test_bullets_and_numbers_taken_away_are_no_numbers() -> None:
    document = word(*HEAD, *BODY[:3])
    numbered(document, 900, (0, "bullet", "•"), (1, "chineseCounting", "第%2条"))
    in_list(document, "（一）宣传；", 900)
    in_list(document, "（二）巡查。", 0, 1)
    for text in BODY[5:]:
        document.add_paragraph(text)
    assert parse("a.docx", saved(document)) == EXPECTED


def damaged(content: bytes, before: str, after: str) -> bytes:
    """A document in whose parts `before` is replaced by `after`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        parts = {part: old.read(part) for part in old.namelist()}
        assert any(before.encode() in inside for inside in parts.values())
        for part, inside in parts.items():
            new.writestr(part, inside.replace(before.encode(), after.encode()))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("w:body>", "w:nobody>"),
        ('<w:lvl w:ilvl="0">', "<w:lvl>"),
        ('<w:start w:val="1"/>', '<w:start w:val="abc"/>'),
        ('<w:start w:val="1"/>', f'<w:start w:val="{"9" * 5000}"/>'),
        ('<w:startOverride w:val="3"/>', '<w:startOverride w:val="x"/>'),
        ('<w:ilvl w:val="0"/>', '<w:ilvl w:val="x"/>'),
        ('<w:ilvl w:val="0"/>', '<w:ilvl w:val="0.0"/>'),
        ('Target="numbering.xml"', 'Target="http://x.invalid/n" TargetMode="External"'),
        ("wordprocessingml.numbering+xml", "wordprocessingml.foo+xml"),
    ],
)
def test_a_damaged_document_gets_a_sentence_and_the_log_its_cause(
    before: str, after: str, caplog: pytest.LogCaptureFixture
) -> None:
    document = word(*HEAD)
    numbered(document, 900, (0, "decimal", "第%1条"))
    in_list(document, "为了爱护桥梁，制定本条例。", 900)
    in_list(document, "本条例自2020年9月1日起施行。", 900)
    document.part.numbering_part.element.append(
        parse_xml(
            f"<w:num {nsdecls('w')} w:numId='901'><w:abstractNumId w:val='900'/>"
            "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='3'/></w:lvlOverride></w:num>"
        )
    )
    whole = saved(document)
    assert len(parse("a.docx", whole).articles) == 2
    with caplog.at_level("INFO"):
        assert "已损坏" in refusal("a.docx", damaged(whole, before, after)).sentence
    assert [record.exc_info is not None for record in caplog.records] == [True]
