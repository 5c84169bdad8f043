"""Certificates are made once, revoked by an objection, and valid again when it is taken back."""

from __future__ import annotations

import base64
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from contest_play import NOW, Hall
from docx import Document
from meetings import caller
from PIL import Image
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.contest_awards import grouped
from lawlab.domain.contest_events import Did
from lawlab.domain.contest_script import Format
from lawlab.errors import Conflict, NotFound
from lawlab.services.certificate_document import certificate_file
from lawlab.services.certificate_pdf import certificate_pages, lines_of
from lawlab.services.certificate_words import SEAL, read_seal, words_of
from lawlab.services.contest_certificates import find_certificate, holding, issue, verify
from lawlab.services.contest_settling import recompute_results
from lawlab.store.engine import writing
from lawlab.store.tables import Certificate

ADDRESS = "https://law.example.cn/services/api/verify"


@pytest.fixture
def hall(sessions: sessionmaker[Session]) -> Iterator[Hall]:
    with sessions() as session:
        yield Hall(session)


def played(hall: Hall, **script: object) -> None:
    """干部001 knows both, 干部002 and 干部003 the second, within the same time."""
    hall.contest(2, **script)
    hall.ask(s001=True, s002=False, s003=False)
    hall.ask(s001=True, s003=True, s002=True)
    hall.do(Did.FINISH)


def make(hall: Hall) -> None:
    issue(hall.session, hall.id, caller(hall.session, "t01"), hall.now)


def test_an_objection_revokes_and_its_withdrawal_makes_valid_again(hall: Hall) -> None:
    played(hall)
    assert hall.certificates() == []
    make(hall)
    # Both were as fast in the end: they share the second rank.
    first = [("干部001", "一等奖", True), ("干部002", "二等奖", True), ("干部003", "二等奖", True)]
    assert hall.certificates() == first
    make(hall)
    assert hall.certificates() == first
    codes = [row.code for row in holding(hall.session, hall.id)]
    assert len(set(codes)) == 3
    hall.exclude("s001")
    gone = [(holder, award, False) for holder, award, _ in first]
    assert hall.certificates() == gone
    found = verify(hall.session, codes[0])
    assert found is not None
    assert found[0].revoked_why == "成绩复核后名次变了"
    with pytest.raises(NotFound, match="还没有做证书"):
        holding(hall.session, hall.id)
    with pytest.raises(NotFound, match="已经作废"):
        find_certificate(hall.session, hall.id, found[0].id)
    make(hall)
    assert hall.certificates() == [
        *gone, ("干部002", "一等奖", True), ("干部003", "一等奖", True)
    ]  # fmt: skip
    assert recompute_results(writing(hall.session), hall.now) == 0
    hall.include("s001")
    assert hall.certificates() == [
        *first, ("干部002", "一等奖", False), ("干部003", "一等奖", False)
    ]  # fmt: skip
    assert [row.code for row in holding(hall.session, hall.id)] == codes


def test_there_are_none_of_a_rehearsal_and_before_the_end(hall: Hall) -> None:
    played(hall, rehearsal=True)
    with pytest.raises(Conflict, match="彩排不发证书"):
        make(hall)
    hall.session.rollback()
    hall.contest(1)
    with pytest.raises(Conflict, match="比赛结束以后"):
        make(hall)
    hall.session.rollback()


def test_a_unit_gets_one_too(hall: Hall) -> None:
    hall.contest(1, format=Format.TEAM, entered={"司法所": ["s001", "s002"], "河口村": ["v001"]})
    hall.ask(s001=True, s002=True)
    hall.do(Did.FINISH)
    make(hall)
    assert ("司法所", "一等奖", True) in hall.certificates()
    assert all(holder != "河口村" for holder, _, _ in hall.certificates())  # nothing for nothing


def test_the_files_say_who_got_what_and_where_it_is_checked(tmp_path: Path) -> None:
    row = Certificate(holder="干部001", award="一等奖", rank=1, code="ABCDEFGHJKMN")
    row.made_at = NOW
    words = words_of(row, "宪法<知识>比武", "大河镇", ADDRESS)
    assert words.scanned == f"{ADDRESS}/ABCDEFGHJKMN"
    assert words.date == "二〇二六年十二月四日"
    assert read_seal(tmp_path) is None
    (tmp_path / SEAL).write_bytes(b"GIF89a no seal of ours")
    assert read_seal(tmp_path) is None
    Image.new("RGBA", (40, 40), (200, 0, 0, 90)).save(tmp_path / SEAL)
    seal = read_seal(tmp_path)
    assert seal is not None
    document = Document(io.BytesIO(certificate_file(words, seal)))
    text = "\n".join(one.text for one in document.paragraphs)
    for part in (
        "干部001：",
        "在“宪法<知识>比武”中获得一等奖",
        grouped(row.code),
        "law.example.cn",
    ):
        assert part in text
    assert len(document.inline_shapes) == 2  # seal and code
    drawn = drawn_in(certificate_pages([words, words], "证书", seal))
    assert drawn.count("荣 誉 证 书") == 2
    for part in ("干部001：", "在“宪法<知识>比武”中获得一等奖", "二〇二六年十二月四日"):
        assert part in drawn
    assert "荣 誉 证 书" in drawn_in(certificate_pages([words], "证书", None))


def drawn_in(pdf: bytes) -> str:
    """The text that a PDF of ours draws, a line for each string."""
    lines = []
    for part in pdf.split(b"stream\n")[1:]:
        with suppress(ValueError, zlib.error):
            page = zlib.decompress(base64.a85decode(part.partition(b"~>")[0]))
            for shown in re.findall(rb"\(((?:[^\\()]|\\.)*)\) Tj", page, re.DOTALL):
                plain = re.sub(rb"\\(\d{3}|.)", _unescaped, shown, flags=re.DOTALL)
                lines.append(plain.decode("utf-16-be"))
    return "\n".join(lines)


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8)])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}.get(code, code)


def test_lines_break_as_chinese_does() -> None:
    for room in range(120, 400, 7):
        lines = lines_of(
            "　　在“宪法知识比武（第一场）”中获得一等奖（第 12 名）。特发此证。", 24, room
        )
        assert (
            "".join(lines) == "　　在“宪法知识比武（第一场）”中获得一等奖（第 12 名）。特发此证。"
        )
        assert not any(line[0] in "，。）”" for line in lines)
        assert not any(line[-1] in "（“1" for line in lines)
