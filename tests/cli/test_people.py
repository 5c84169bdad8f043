"""`lawlab people …` on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from lawlab.cli.people import app
from lawlab.services.roster_files import read_table, write_table
from lawlab.services.signin import password_matches
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import AuditEntry, Person

HEAD = ["登录名", "姓名", "手机号", "单位", "类别", "起始日期"]
ROW = ["s001", "干部001", "13900000001", "办公室", "干部职工", "2022-01-01"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    monkeypatch.delenv("LAWLAB_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    return tmp_path


def run(*words: str | Path, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


def person(data: Path, login: str = "s001") -> Person | None:
    engine = make_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with make_sessions(engine)() as session:
        found = session.scalar(select(Person).where(Person.login == login))
    engine.dispose()
    return found


def roster(data: Path, *rows: list[str]) -> Path:
    path = data / "名册.xlsx"
    write_table(path, [HEAD, *rows])
    return path


def test_an_import_shows_what_changes_and_prints_a_password_that_works(data: Path) -> None:
    shown = run("import", roster(data, ROW), "--yes")
    assert shown.exit_code == 0, shown.output
    assert "新增 1 人，修改 0 人，不变 0 人" in shown.output
    line = next(line for line in shown.output.splitlines() if "s001" in line and "-" in line)
    found = person(data)
    assert found is not None
    password = (
        shown.output.split("初始密码（只显示这一次")[1].split("s001")[1].split("│")[2].strip()
    )
    assert password_matches(found.password_hash, password), line
    assert found.must_change_password


def test_a_dry_run_and_a_no_write_nothing(data: Path) -> None:
    path = roster(data, ROW)
    assert run("import", path, "--dry-run").exit_code == 0
    refused = run("import", path, typed="n\n")
    assert "没有导入" in refused.output
    assert person(data) is None
    assert "已导入" in run("import", path, typed="y\n").output
    assert person(data) is not None


def test_a_change_is_shown_field_by_field(data: Path) -> None:
    run("import", roster(data, ROW), "--yes")
    shown = run("import", roster(data, [*ROW[:2], "13900000002", *ROW[3:]]), "--yes")
    assert "手机号：139****0001 → 139****0002" in shown.output
    assert "1390000000" not in shown.output
    again = run("import", roster(data, [*ROW[:2], "13900000002", *ROW[3:]]))
    assert again.exit_code == 0
    assert "不变 1 人" in again.output


def test_faults_end_with_2_and_list_all(data: Path) -> None:
    path = roster(data, [*ROW[:2], "1391234", *ROW[3:]], ["坏 名", *ROW[1:]])
    shown = run("import", path, "--yes")
    assert shown.exit_code == 2
    assert "1. 第 2 行：手机号 1391234 只有 7 位，应为 11 位。" in shown.stderr
    assert "2. 第 3 行：登录名“坏 名”不能用" in shown.stderr
    assert person(data) is None
    assert run("import", data / "none.xlsx").exit_code == 2


def test_export_disable_enable_and_reset(data: Path) -> None:
    run("import", roster(data, ROW), "--yes")
    assert "已停用" in run("disable", "S001").output
    assert "本来就是停用的" in run("disable", "s001").output
    run("export", data / "out.csv")
    row = read_table(data / "out.csv")[1]
    assert (row[2], row[-1]) == ("139****0001", "已停用")
    run("export", data / "whole.csv", "--phones")
    assert read_table(data / "whole.csv")[1][2] == "13900000001"
    assert "已启用" in run("enable", "s001").output
    shown = run("reset-password", "s001")
    found = person(data)
    assert found is not None
    assert password_matches(found.password_hash, shown.output.strip().rpartition("：")[2])
    assert run("disable", "nobody").exit_code == 2
    assert run("export", data / "out.pdf").exit_code == 2


def test_a_trainer_is_given_units_and_the_town_again(data: Path) -> None:
    head = [*HEAD, "角色"]
    path = data / "教员.xlsx"
    trainer = ["t02", "教员02", "", "", "", "", "学员、教员"]
    write_table(path, [head, [*ROW, "学员"], trainer])
    assert run("import", path, "--yes").exit_code == 0
    assert "t02 负责：办公室。" in run("serve", "t02", "--unit", "办公室").output
    unknown = run("serve", "t02", "--unit", "办公室", "--unit", "没有的村")
    assert unknown.exit_code == 2
    assert "没有这些单位：没有的村" in unknown.stderr
    assert run("serve", "s001", "--town").exit_code == 2
    assert run("serve", "t02").exit_code == 2
    assert "t02 负责：全镇。" in run("serve", "t02", "--town").output


def test_whoever_left_is_forgotten_for_good(data: Path) -> None:
    run("import", roster(data, ROW), "--yes")
    refused = run("forget", "s001", "--yes")
    assert refused.exit_code == 2
    assert "请先停用" in refused.stderr
    run("disable", "s001")
    assert "没有删除" in run("forget", "s001", typed="n\n").output
    assert "已离开人员001" in run("forget", "s001", typed="y\n").output
    found = person(data)
    assert found is not None
    assert (found.full_name, found.phone, found.password_hash) == ("已离开人员001", None, None)
    shown = run("retention").output
    assert "180 天" in shown
    assert "已删除个人信息的有 1 人" in shown


def test_an_export_is_noted_and_whether_phones_were_whole(data: Path) -> None:
    run("import", roster(data, ROW), "--yes")
    run("export", data / "out.csv")
    run("export", data / "whole.csv", "--phones")
    engine = make_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with make_sessions(engine)() as session:
        query = select(AuditEntry).where(AuditEntry.action == "people.export")
        noted = [(one.subject, one.detail) for one in session.scalars(query)]
    engine.dispose()
    assert noted == [
        ("out.csv", {"people": 1, "whole_phones": False}),
        ("whole.csv", {"people": 1, "whole_phones": True}),
    ]
