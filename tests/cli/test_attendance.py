"""`lawlab attendance …` on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from study_town import Town, at
from typer.testing import CliRunner, Result

from lawlab.cli.attendance import app
from lawlab.store.engine import make_engine, make_sessions, migrate


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    monkeypatch.delenv("LAWLAB_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'lawlab.sqlite'}"
    migrate(url)
    engine = make_engine(url)
    yield Town(make_sessions(engine))
    engine.dispose()


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_year_is_exported_as_a_workbook_or_as_one_table(town: Town, tmp_path: Path) -> None:
    for month in range(3, 9):
        town.hold(at(month, 8), {"s001": "present", "v001": "late"})
    shown = run("export", "--year", "2022")
    assert shown.exit_code == 0, shown.output
    assert "6 人、6 场已结束的活动" in shown.output
    assert "落后的有 4 人" in shown.output
    assert load_workbook(tmp_path / "考勤-2022.xlsx").sheetnames[1] == "人员"
    assert run("export", "--year", "2022", "--out", "a.csv").exit_code == 0
    lines = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("登录名,姓名,单位")
    assert "s001,干部001,司法所,干部职工,6,6,6,0,0,0,100.0%" in "\n".join(lines)
    refused = run("export", "--year", "2022", "--out", "a.docx")
    assert (refused.exit_code, "应以 .xlsx 或 .csv 结尾" in refused.output) == (2, True)
    nowhere = run("export", "--year", "2022", "--out", "none/a.xlsx")
    assert (nowhere.exit_code, "写不了" in nowhere.output) == (2, True)


def test_a_sign_in_sheet_is_written(town: Town, tmp_path: Path) -> None:
    activity = town.hold(at(3, 8), {"s001": "present"})
    shown = run("sheet", str(activity), "--out", "b.xlsx")
    assert "“学法会”的签到表，6 人" in shown.output
    assert load_workbook(tmp_path / "b.xlsx")["签到表"]["A1"].value == "学法会 签到表"
    missing = run("sheet", "99")
    assert (missing.exit_code, "没有这场活动" in missing.output) == (2, True)


def test_a_list_is_shown_first_and_imported_on_demand(town: Town, tmp_path: Path) -> None:
    activity = str(town.hold(at(3, 8), {}))
    file = tmp_path / "名单.csv"
    file.write_text("姓名,签到时间\n干部001,9:20\n", "utf-8-sig")
    looked = run("import", activity, file)
    assert looked.exit_code == 0, looked.output
    for words in ("干部001（s001）", "缺勤", "迟到", "改动 1 人，不变 0 人", "还没有导入"):
        assert words in looked.output
    assert "已导入" in run("import", activity, file, "--apply").output
    assert "改动 0 人，不变 1 人" in run("import", activity, file).output
    file.write_text("姓名,签到时间\n干部009,9:20\n明白人001,9:99\n", "utf-8-sig")
    for words in ((), ("--apply",)):
        faulty = run("import", activity, file, *words)
        assert faulty.exit_code == 2
        assert "第 2 行：平台上没有叫“干部009”的人" in faulty.output
        assert "第 3 行：签到时间“9:99”看不懂" in faulty.output
    assert "不存在" in run("import", activity, tmp_path / "none.csv").output
