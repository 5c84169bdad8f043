"""The head of the chain where the platform cannot change it: the log, a file, a printed sheet."""

from __future__ import annotations

import datetime as dt
import io
import socket
from pathlib import Path

import pytest
from meetings import ZONE, make_town, meet
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.sealing import forge, grouped
from lawlab.errors import LawlabError
from lawlab.services.attendance_sheets import sign_sheet_file
from lawlab.services.attendance_sign_sheet import sign_sheet
from lawlab.services.audit import note
from lawlab.services.sealing import seal
from lawlab.services.written_heads import read_heads, write_head

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)


def test_heads_are_appended_to_a_file_and_sent_to_the_log(tmp_path: Path) -> None:
    links = [first := forge(1, NOW, {}, ""), forge(2, NOW, {}, first.head)]
    file, log = tmp_path / "heads", tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(log))
        for link in links:
            assert write_head(link, str(file), log) == []
        assert grouped(links[0].head).encode() in receiver.recv(500)
    assert read_heads(file) == {link.number: link.head for link in links}
    [fault] = write_head(links[0], str(tmp_path / "no" / "file"), tmp_path / "nothing")
    assert "no/file" in fault
    file.write_text("什么也不是\n")
    with pytest.raises(LawlabError, match="第 1 行看不懂"):
        read_heads(file)


def test_a_sign_in_sheet_has_the_head_in_its_footer(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        make_town(session, NOW)
        activity = meet(session, NOW + dt.timedelta(hours=1), planned=NOW)

        def footer() -> str:
            content = sign_sheet_file(session, sign_sheet(session, activity), "某镇", ZONE)
            text = load_workbook(io.BytesIO(content)).active.oddFooter.left.text
            return str(text or "")

        assert footer() == ""
        note(session, NOW, "admin", "people.disable", "s001")
        session.commit()
        link = seal(session, NOW)
        assert link is not None
        assert footer() == f"存证 1 {grouped(link.head)}"
