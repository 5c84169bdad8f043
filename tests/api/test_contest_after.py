"""The protocol and certificates over the API: who may see what, and what an objection changes."""

from __future__ import annotations

import io
import re
import zipfile

from contest_table import Table
from docx import Document
from openpyxl import load_workbook
from tests.api.conftest import Office
from tests.api.test_contest_settling import play

from lawlab.api.brake import VERIFY_TRIES

WHAT = "/contests/{}/protocol"


def test_the_protocol_tells_everybody_his_own_and_the_host_everything(hall: Office) -> None:
    table = Table(hall, {"count": 2})
    path = WHAT.format(table.id)
    who, absent = hall.browser("s001"), hall.browser("s002")
    table.run("open")
    assert who.get(path).json()["code"] == "not_finished"
    play_on(table)
    mine = who.get(path).json()
    assert [row["rank"] for row in mine["people"]] == [1, 2]
    assert [one["mine"]["right"] for one in mine["questions"]] == [True, True]
    assert all("login" not in row for row in mine["people"])
    assert absent.get(path).json()["questions"][0]["mine"] is None
    assert any(line["text"] == "出第 1 题" for line in mine["log"])
    assert who.get(f"{path}/1").status_code == 403
    assert who.get(f"{path}.xlsx").status_code == 403
    answers = table.host.get(f"{path}/1").json()["answers"]
    assert [(one["login"], one["right"]) for one in answers] == [("s001", True), ("v001", False)]
    assert answers[0]["milliseconds"] == 5000
    assert re.search(r"T\d\d:\d\d:\d\d\.\d{3}", answers[0]["at"])
    assert table.host.get(f"{path}/99").status_code == 404
    book = load_workbook(io.BytesIO(table.host.get(f"{path}.xlsx").content))
    assert book.sheetnames == ["总成绩", "团队成绩", "每题", "每人每题", "主持记录", "说明"]
    rows = list(book["每人每题"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 4
    assert rows[0][1:3] == ("s001", "干部001")
    log = [row[3] for row in book["主持记录"].iter_rows(min_row=2, values_only=True)]
    assert log[-1] == "比赛结束"


def play_on(table: Table) -> None:
    """Two questions: s001 knows both, v001 the second."""
    one, other = table.hall.browser("s001"), table.hall.browser("v001")
    table.run("start")
    for theirs in (False, True):
        view = table.show()
        table.hall.clock.pass_(seconds=5)
        table.answer(one, view)
        table.hall.clock.pass_(seconds=1)
        table.answer(other, view, right=theirs)
        table.run("close", "reveal", "board")
    table.run("finish")


def test_a_certificate_holds_until_the_rank_changes(hall: Office) -> None:
    table = Table(hall, {"count": 2}, speed=False)
    play(table, (True, False), (True, True))
    path = f"/contests/{table.id}/certificates"
    who, other = hall.browser("s001"), hall.browser("v001")
    assert who.post(path, {"person": "s001"}).status_code == 403
    due = table.host.get(WHAT.format(table.id)).json()["certificates"]["due"]
    assert [(one["holder"], one["award"]) for one in due] == [
        ("干部001", "一等奖"),
        ("明白人001", "二等奖"),
    ]
    made = table.host.post(path, {"person": "t01"}).json()["made"]
    assert table.host.post(path, {"person": "t01"}).json()["made"] == made
    [own] = who.get(WHAT.format(table.id)).json()["certificates"]["made"]
    assert own["code"] == made[0]["code"]
    file = who.get(f"{path}/{own['id']}.docx")
    text = "\n".join(one.text for one in Document(io.BytesIO(file.content)).paragraphs)
    assert "干部001" in text
    assert "一等奖" in text
    assert own["code"] in text
    assert other.get(f"{path}/{own['id']}.docx").status_code == 404
    assert who.get(f"{path}/{own['id']}.pdf").content.startswith(b"%PDF")
    assert other.get(f"{path}/{own['id']}.pdf").status_code == 404
    assert who.get(f"{path}.pdf").status_code == 403
    file = table.host.get(f"{path}.pdf")
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.count(b"/Type /Page\n") == 2
    archive = zipfile.ZipFile(io.BytesIO(table.host.get(f"{path}.zip").content))
    assert archive.namelist() == ["01 一等奖 干部001.docx", "02 二等奖 明白人001.docx"]
    # Anybody may check a code, typed in whatever way.
    for code in (own["code"], own["code"].replace("-", ""), own["code"].lower()):
        told = hall.app.get(f"/services/api/verify?code={code}")
        assert (told.status_code, "真实有效" in told.text) == (200, True)
    assert "干部001" in hall.app.get(f"/services/api/verify/{own['code']}").text
    for strange in ("AAAABBBBCCCC", "没有", "<b>"):
        told = hall.app.get("/services/api/verify", params={"code": strange})
        assert (told.status_code, "没有这个编号" in told.text) == (404, True)
        assert "<b>" not in told.text.replace("<b>真实有效", "")
    # An objection: the first did not answer himself.
    table.do("exclude", login="s001", reason="代答")
    told = hall.app.get(f"/services/api/verify/{own['code']}").text
    assert "已经作废" in told
    assert "成绩复核后名次变了" in told
    assert "真实有效" not in told
    mine = who.get(WHAT.format(table.id)).json()["certificates"]
    assert (mine["made"], [one["code"] for one in mine["revoked"]]) == ([], [own["code"]])
    assert table.host.get(WHAT.format(table.id)).json()["certificates"]["differ"] is True
    made = table.host.post(path, {"person": "t01"}).json()["made"]
    assert [(one["holder"], one["award"]) for one in made] == [("明白人001", "一等奖")]


def test_guessing_codes_is_slow_and_checking_a_hall_is_not(hall: Office) -> None:
    table = Table(hall, {"count": 1}, speed=False)
    play(table, (True, False))
    [made] = table.host.post(f"/contests/{table.id}/certificates", {"person": "t01"}).json()["made"]
    check = "/services/api/verify/{}".format
    for _ in range(VERIFY_TRIES + 1):
        assert hall.app.get(check(made["code"])).status_code == 200
    for _ in range(VERIFY_TRIES):
        assert hall.app.get(check("AAAABBBBCCCC")).status_code == 404
    told = hall.app.get(check("AAAABBBBCCCC"))
    assert (told.status_code, told.headers["retry-after"]) == (429, "60")
    assert "请过 60 秒再试" in told.text
    hall.clock.pass_(seconds=60)
    assert hall.app.get(check("%ED%A0%80%00")).status_code == 404


def test_a_rehearsal_has_a_protocol_and_no_certificates(hall: Office) -> None:
    table = Table(hall, rehearsal=True)
    play(table, (True, False))
    assert table.host.get(WHAT.format(table.id)).json()["rehearsal"] is True
    reply = table.host.post(f"/contests/{table.id}/certificates", {"person": "t01"})
    assert reply.json()["code"] == "rehearsal"
