"""Reading and writing roster files, and the one sentence for those that are none."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lawlab.domain.roster import read_roster
from lawlab.domain.roster_changes import PersonFacts
from lawlab.errors import LawlabError
from lawlab.services import roster_files
from lawlab.services.roster_files import export_rows, read_table, write_table

ROWS = [["登录名", "姓名", "手机号"], ["s001", "干部001", "13900000001"]]


def make_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    book.active.append([])
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def refused(path: Path) -> str:
    with pytest.raises(LawlabError) as caught:
        read_table(path)
    assert caught.value.code == "bad_file"
    assert "\n" not in caught.value.sentence
    return caught.value.sentence


def test_numbers_and_dates_of_a_sheet_are_read(tmp_path: Path) -> None:
    moment = dt.datetime(2022, 1, 31)  # noqa: DTZ001 - sheets know no zone
    path = make_xlsx(
        tmp_path / "a.xlsx",
        [["登录名", "姓名", "手机号", "起始日期"], ["s001", "某", 13900000001, moment]],
    )
    roster = read_roster(read_table(path))
    assert roster.faults == ()
    assert roster.rows[0].phone == "13900000001"
    assert roster.rows[0].since == dt.date(2022, 1, 31)


def test_row_numbers_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.create_sheet("第二张")
    sheet = book.worksheets[1]
    sheet["B3"], sheet["C3"] = "登录名", "姓名"
    sheet["B5"], sheet["C5"] = "坏 名", "某"
    book.save(path)
    assert str(read_roster(read_table(path)).faults[0]).startswith("第 5 行：登录名“坏 名”")


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("gb18030"),
    ],
)
def test_csv_in_the_encodings_that_occur(tmp_path: Path, encode: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(encode("\r\n".join(",".join(row) for row in ROWS)))
    assert read_table(path) == ROWS


def test_files_that_are_none_get_one_sentence(tmp_path: Path) -> None:
    real = make_xlsx(tmp_path / "real.xlsx", ROWS)
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(real.read_bytes()[:900])
    renamed = tmp_path / "renamed.xlsx"
    renamed.write_text("登录名，姓名\n", "utf-8")
    sheet_as_csv = tmp_path / "sheet.csv"
    sheet_as_csv.write_bytes(real.read_bytes())
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    zipped = tmp_path / "zip.xlsx"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"a,b\n\x00\x00")
    other = tmp_path / "a.docx"
    other.write_bytes(real.read_bytes())
    (tmp_path / "empty.xlsx").touch()
    assert "已损坏或不是表格" in refused(cut)
    assert "可能只改了文件名" in refused(renamed)
    assert "把文件名改成以 .xlsx 结尾" in refused(sheet_as_csv)
    assert "旧版或加了密码" in refused(old)
    assert "已损坏或不是表格" in refused(zipped)
    assert "不是文字表格" in refused(binary)
    assert "可以导入 .xlsx 或 .csv" in refused(other)
    assert "是空的" in refused(tmp_path / "empty.xlsx")
    assert "不存在" in refused(tmp_path / "none.xlsx")
    assert "打不开" in refused(tmp_path)


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_xlsx(tmp_path / "a.xlsx", ROWS)
    monkeypatch.setattr(roster_files, "MOST_UNPACKED", 1000)
    assert "解开后太大" in refused(path)
    monkeypatch.setattr(roster_files, "MOST_BYTES", 1000)
    assert "最大" in refused(path)


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_an_export_can_be_imported_again(tmp_path: Path, name: str) -> None:
    person = PersonFacts(
        "s001",
        "干部001",
        "13900000001",
        roles=frozenset({"learner", "trainer"}),
        unit="甲村",
        unit_since=dt.date(2022, 1, 1),
        cohorts={"staff": dt.date(2022, 1, 1), "villager": dt.date(2022, 6, 1)},
    )
    path = tmp_path / name
    write_table(path, export_rows([(person, "village")], phones=True))
    roster = read_roster(read_table(path))
    assert roster.faults == roster.unknown_columns == ()
    row = roster.rows[0]
    assert (row.login, row.phone, row.unit, row.unit_kind) == (
        "s001",
        person.phone,
        "甲村",
        "village",
    )
    assert (row.cohorts, row.roles) == ({"staff", "villager"}, person.roles)
    if name.endswith("csv"):
        assert path.read_bytes().count(b"\xef\xbb\xbf") == 1


def test_an_export_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_table(path, [["=1+1", "s"]])
    assert "'=1+1" in path.read_text("utf-8-sig")
