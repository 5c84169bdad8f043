"""The yearly report as the trainer's page asks for it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from annual_town import AnnualTown, at
from docx import Document
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api import desk_report
from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.services.annual_chart import no_font
from lawlab.services.annual_template import own_template
from lawlab.services.sessions import begin_session
from lawlab.store.tables import Role

NOW = dt.datetime(2026, 11, 26, 2, 0, tzinfo=dt.UTC)


class Desk:
    def __init__(self, app: TestClient, settings: Settings, cookies: dict[str, str]) -> None:
        self.app, self.settings, self.cookies = app, settings, cookies

    def get(self, path: str, login: str = "t01") -> Any:
        headers = {"Cookie": self.cookies[login]} if login else {}
        return self.app.get(f"/services/api/desk/report{path}", headers=headers)


@pytest.fixture
def desk(sessions: sessionmaker[Session], database_url: str, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    cookies = {}
    with sessions() as session:
        town = AnnualTown(session)
        person = town.person("s001", "司法所", "staff")
        trainer = town.person("t01", None)
        trainer.roles.append(Role(role="trainer"))
        town.stand(town.meeting(at(2022, 5, 1)), person, "present")
        session.commit()
        for login in ("s001", "t01"):
            token = begin_session(session, login, "hub-session", NOW)
            cookies[login] = f"lawlab-session={token}; jupyterhub-session-id=hub-session"
    with TestClient(make_app(settings, lambda: NOW), raise_server_exceptions=False) as app:
        yield Desk(app, settings, cookies)


def test_the_figures_come_with_how_they_are_counted_and_both_files(desk: Desk) -> None:
    reply = desk.get("/2022").json()
    assert (reply["year"], reply["years"], reply["day"]) == (2022, [2022], "2022-12-31")
    assert (reply["faults"], reply["notes"]) == ([], [])
    figures = {one["name"]: one for one in reply["figures"]}
    assert figures["attendance_rate"]["text"] == "100%"
    assert (figures["staff"]["text"], figures["staff"]["where"]) == ("1人", "“人员”表第2行")
    document = desk.get("/2022.docx")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert document.headers["content-type"] == kind
    assert quote("大河镇2022年普法学习报告.docx") in document.headers["content-disposition"]
    assert "大河镇2022年度" in Document(io.BytesIO(document.content)).paragraphs[0].text
    sheets = load_workbook(io.BytesIO(desk.get("/2022.xlsx").content))
    assert sheets.sheetnames[0] == "说明"


def test_who_is_no_trainer_gets_nothing_and_strange_years_are_refused(desk: Desk) -> None:
    for path in ("/2022", "/2022.docx", "/2022.xlsx"):
        assert desk.get(path, "s001").status_code == 403
        assert desk.get(path, "").status_code == 401
    for path in ("/1999", "/x.docx", "/20220", "/-1"):
        assert desk.get(path).status_code == 422
    assert desk.get("/2022.pdf").status_code == 422


def test_an_empty_year_a_broken_template_and_a_missing_font_are_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/2023", "/2023.docx"):
        reply = desk.get(path)
        assert (reply.status_code, reply.json()["code"]) == (404, "empty_year")
        assert reply.json()["years"] == [2022]
    own_template(desk.settings).parent.mkdir(parents=True)
    own_template(desk.settings).write_bytes(b"PK broken")
    reply = desk.get("/2022.docx")
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_template")
    assert desk.get("/2022").json()["faults"] == [reply.json()["message"]]
    own_template(desk.settings).unlink()

    def nowhere() -> str:
        raise no_font()

    monkeypatch.setattr(desk_report, "chinese_font", nowhere)
    reply = desk.get("/2022.xlsx")
    assert (reply.status_code, reply.json()["code"]) == (400, "no_font")
    assert desk.get("/2022").json()["faults"] == [reply.json()["message"]]
