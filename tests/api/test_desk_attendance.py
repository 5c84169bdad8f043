"""Records and files of attendance over HTTP: for trainers only, and what the notebooks read."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from study_town import OFFICE, Town, at

from lawlab.api.app import make_app
from lawlab.client.api import Api
from lawlab.config import Settings
from lawlab.services.sessions import begin_session
from lawlab.store.tables import AttendanceEvent

ROOT = "/services/api/desk/attendance"
NOW = at(12, 5)
READS = (
    *("/year/2022", "/year/2022.xlsx", "/person/s001?year=2022", "/sheet/1", "/sheet/1.xlsx"),
    f"/unit/{quote(OFFICE)}?year=2022",
)


@dataclass
class Desk:
    app: TestClient
    town: Town
    cookies: dict[str, str]

    def get(self, path: str, login: str = "t01") -> Any:
        return self.app.get(ROOT + path, headers={"Cookie": self.cookies.get(login, "")})

    def bring(self, text: str, login: str = "t01", *, apply: bool = False, **more: Any) -> Any:
        body = {"name": "名单.csv", "content": base64.b64encode(text.encode()).decode()}
        headers = {"X-Lawlab": "1", "Content-Type": "application/json"}
        headers["Cookie"] = self.cookies.get(login, "")
        content = json.dumps(body | {"apply": apply} | more)
        return self.app.post(f"{ROOT}/import/1", content=content, headers=headers)

    def events(self) -> int:
        with self.town.sessions() as session:
            return session.scalar(select(func.count(AttendanceEvent.id))) or 0


@pytest.fixture
def desk(sessions: sessionmaker[Session], database_url: str, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "data", database_url=database_url, demo=True)
    town = Town(sessions)
    town.hold(at(3, 8), {"s001": "present", "v001": "late"}, "学法会")
    cookies = {}
    with sessions() as session:
        for login in ("t01", "t02", "s001"):
            token = begin_session(session, login, "hub", NOW)
            cookies[login] = f"lawlab-session={token}; jupyterhub-session-id=hub"
    app = TestClient(make_app(settings, lambda: NOW), raise_server_exceptions=False)
    with app as client:
        yield Desk(client, town, cookies)


def test_a_learner_and_a_stranger_get_nothing(desk: Desk) -> None:
    events = desk.events()
    for path in READS:
        reply = desk.get(path, "s001")
        assert (reply.status_code, reply.json()["code"], path) == (403, "trainers_only", path)
        assert (desk.get(path, "nobody").status_code, path) == (401, path)
    text = "登录名,状态\ns001,缺勤\n"
    assert desk.bring(text, "s001", apply=True).status_code == 403
    assert desk.bring(text, "nobody", apply=True).status_code == 401
    # Who may not bring a file is refused before it is read.
    assert desk.bring(text, "s001", name=5).status_code == 403
    assert desk.events() == events


def test_the_records_are_as_the_contract_says(desk: Desk) -> None:
    for path in READS:
        assert desk.get(path).status_code == 200, path
    year = desk.get("/year/2022").json()
    assert set(year) == {"year", "years", "activities", "people", "units", "marks", "rules"}
    assert year["rules"] == {"below": 0.7, "after": 5}
    assert year["activities"][0]["starts_at"].startswith("2022-03-08T")
    person = next(one for one in year["people"] if one["login"] == "v001")
    assert (person["expected"], person["there"], person["share"], person["late"]) == (1, 1, 1.0, 1)
    sheet = desk.get("/sheet/1").json()
    assert (sheet["town"], len(sheet["rows"])) == ("大河镇", 6)
    assert [row["number"] for row in sheet["rows"]] == [1, 2, 3, 4, 5, 6]
    record = desk.get("/person/v001?year=2022").json()
    assert record["activities"][0]["status"] == "late"
    assert desk.get("/person/v001").json()["year"] == 2022
    unit = desk.get(f"/unit/{quote(OFFICE)}").json()
    assert (unit["unit"]["expected"], unit["unit"]["there"]) == (3, 1)
    for path in ("/person/none", "/unit/none", "/sheet/99", "/sheet/99.xlsx"):
        assert desk.get(path).status_code == 404, path
    for path in ("/year/1", "/year/x", "/sheet/x", "/person/v001?year=1"):
        assert desk.get(path).status_code == 422, path
    phones = "".join(desk.get(path).text for path in READS if not path.endswith("xlsx"))
    assert "1390000" not in phones


def test_the_files_have_names_that_people_know(desk: Desk) -> None:
    reply = desk.get("/year/2022.xlsx")
    assert quote("大河镇2022年考勤.xlsx") in reply.headers["content-disposition"]
    assert load_workbook(io.BytesIO(reply.content)).sheetnames[0] == "说明"
    reply = desk.get("/sheet/1.xlsx")
    assert quote("学法会-签到表.xlsx") in reply.headers["content-disposition"]
    assert load_workbook(io.BytesIO(reply.content)).sheetnames == ["签到表"]


def test_a_list_is_looked_at_and_then_imported(desk: Desk) -> None:
    text = "姓名,签到时间\n干部002,9:20\n"
    found = desk.bring(text).json()
    assert found["applied"] is False
    (row,) = found["rows"]
    assert (row["person"]["login"], row["before"], row["status"]) == ("s002", "absent", "late")
    assert dt.datetime.fromisoformat(row["at"]) == at(3, 8, 9, 20)
    events = desk.events()
    assert desk.bring(text, apply=True).json()["applied"] is True
    assert desk.events() == events + 1
    assert desk.bring(text).json()["rows"][0]["status"] is None


def test_faults_are_listed_and_nothing_is_imported(desk: Desk) -> None:
    events = desk.events()
    text = "姓名,签到时间\n干部002,9:20\n干部009,随便\n"
    found = desk.bring(text).json()
    assert [fault["row"] for fault in found["faults"]] == [3, 3]
    refused = desk.bring(text, apply=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "file_faults")
    other = desk.bring("姓名,状态\n干部002,到\n", "t02", apply=True)
    assert other.status_code == 422
    assert "不归您负责" in other.json()["faults"][0]
    for more in ({"content": "!"}, {"name": "a.docx"}, {"apply": 5}, {"extra": 1}, {"name": "a\0"}):
        assert desk.bring(text, **more).status_code in {400, 422}, more
    assert desk.events() == events


def test_a_large_file_is_taken_and_a_larger_one_refused(desk: Desk) -> None:
    wide = "姓名,签到时间,备注\n干部002,9:20,\n" + ",,{}\n".format("长" * 400) * 1000
    assert desk.bring(wide).status_code == 200
    assert desk.bring("长" * 1_800_000).status_code == 413


def test_notebooks_read_frames_with_names_that_people_know(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api("http://test", {})

    def get(path: str) -> Any:
        return desk.get(path.removeprefix("/desk/attendance")).json()

    monkeypatch.setattr(api, "_get", get)
    people = api.attendance(2022).set_index("登录名")
    assert people.loc["v001", ["应到", "实到", "迟到", "出勤率"]].tolist() == [1, 1, 1, 1.0]
    assert not people["落后"].any()
    units = api.attendance_units(2022).set_index("单位")
    assert units.loc[OFFICE, ["应到人次", "实到人次"]].tolist() == [3, 1]
    (activity,) = api.activities(2022).to_dict("records")
    assert (activity["名称"], activity["阶段"], activity["时间"].hour) == ("学法会", "大学习", 9)
    assert activity["出勤率"] == pytest.approx(2 / 6)
    marks = api.attendance_marks(2022)
    assert sorted(marks["状态"]) == ["出勤", "缺勤", "缺勤", "缺勤", "缺勤", "迟到"]
    for frame in (api.activities(2030), api.attendance_marks(2030)):
        assert len(frame) == 0
    api.close()
