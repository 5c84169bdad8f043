"""`lawlab report annual` and `template`, as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest
from annual_town import AnnualTown, at
from docx import Document
from typer.testing import CliRunner

from lawlab.cli import app
from lawlab.services.annual_words import placeholders
from lawlab.store.engine import make_engine, make_sessions, migrate

NAMES = ["大河镇2022年普法学习报告.docx", "大河镇2022年普法学习附件.xlsx"]


def lawlab(data: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, output and errors of the command; in this process, where matplotlib is loaded."""
    done = CliRunner().invoke(
        app, ["report", *map(str, words)], env={"LAWLAB_DATA": str(data), "COLUMNS": "200"}
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    url = f"sqlite:///{folder / 'lawlab.sqlite'}"
    migrate(url)
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        town = AnnualTown(session)
        person = town.person("s001", "司法所", "staff")
        town.stand(town.meeting(at(2022, 5, 1)), person, "present")
        session.commit()
    engine.dispose()
    return folder


def test_both_files_are_written_and_not_replaced_unless_asked(data: Path) -> None:
    out = data / "报告"
    code, said, error = lawlab(data, "annual", "--out", out)
    assert (code, error) == (0, "")
    assert sorted(file.name for file in out.iterdir()) == sorted(NAMES)
    assert "干部职工：1人\n" in said
    assert "出勤率：100%\n" in said
    assert f"已写好：{out / NAMES[0]}\n" in said
    (out / NAMES[0]).unlink()
    (out / NAMES[1]).write_text("旧的", "utf-8")
    code, _, error = lawlab(data, "annual", "--year", "2022", "--out", out)
    assert (code, "--force" in error) == (2, True)
    assert [file.name for file in out.iterdir()] == [NAMES[1]]  # neither half was written
    assert (out / NAMES[1]).read_text("utf-8") == "旧的"
    assert lawlab(data, "annual", "--year", "2022", "--out", out, "--force")[0] == 0
    assert Document(str(out / NAMES[0])).paragraphs[0].text == "大河镇2022年度普法学习情况报告"


def test_an_empty_year_and_a_folder_that_cannot_be_leave_no_file(data: Path) -> None:
    out = data / "空的"
    code, said, error = lawlab(data, "annual", "--year", "2021", "--out", out)
    assert (code, said, out.exists()) == (2, "", False)
    assert "有记录的年份：2022。" in error
    (data / "文件").write_text("", "utf-8")
    code, _, error = lawlab(data, "annual", "--year", "2022", "--out", data / "文件")
    assert (code, "写不了" in error) == (2, True)
    assert lawlab(data, "annual", "--year", "1")[0] == 2


def test_the_template_is_put_out_to_edit_and_a_broken_one_is_refused(data: Path) -> None:
    code, said, _ = lawlab(data, "template")
    own = data / "templates" / "annual_report.docx"
    assert (code, str(own) in said) == (0, True)
    assert all(name in said for name in placeholders())
    own.write_bytes(b"PK broken")
    assert lawlab(data, "template")[0] == 2
    code, _, error = lawlab(data, "annual", "--out", data / "坏的")
    assert (code, "不是完整的 Word 文档" in error) == (2, True)
    assert not (data / "坏的").exists()
    assert lawlab(data, "template", "--force")[0] == 0
    assert lawlab(data, "annual", "--out", data / "好的")[0] == 0
