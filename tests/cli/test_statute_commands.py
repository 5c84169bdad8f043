"""`lawlab statutes import` and `diff`: what they show, what they ask, what they store."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from lawlab.cli import app
from lawlab.cli.serve import _compare_with_law
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.services.content import publish_bank
from lawlab.store.content import bank_items, courses
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import statutes_of, statutes_with
from lawlab.store.tables import ImportedLaw

BRIDGES = "某镇爱护桥梁条例"
LOADS = "三吨以上的车辆不得通过木桥。"
BANK = f"""
bank: bridges
law: {BRIDGES}
items:
  - id: brg-001
    type: judge
    stem: 满载的大货车要绕开木桥走。
    answer: 对
    explanation: 条例这样规定，目的是让桥梁用得更久。
    articles: ["{BRIDGES}#2"]
    evidence: 车辆不得通过木桥
    difficulty: 1
"""


@dataclass
class Terminal:
    """A trainer's terminal with one installation, or with none."""

    data: Path

    def __call__(self, *words: str | Path, typed: str = "") -> tuple[int, str]:
        """Exit code, and what was said on both streams."""
        runner = CliRunner(env={"LAWLAB_DATA": str(self.data), "COLUMNS": "200"})
        result = runner.invoke(app, ["statutes", *map(str, words)], input=typed)
        if isinstance(result.exception, LawlabError):  # as `main` says it
            return 2, result.output + result.exception.sentence
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.output

    def file(self, loads: str = LOADS, day: str = "2020年7月31日", name: str = "a.txt") -> Path:
        path = self.data / name
        path.write_text(
            f"{BRIDGES}\n（{day}某镇人民代表大会通过）\n第一章 总则\n"
            f"第一条 为了爱护桥梁，制定本条例。\n第二条 {loads}\n第三条 本条例自{day}起施行。\n"
            "来源：某镇网站\n",
            "utf-8",
        )
        return path

    @property
    def settings(self) -> Settings:
        return Settings(data=self.data)


@pytest.fixture
def terminal(migrated_sqlite: Path, tmp_path: Path) -> Terminal:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    return Terminal(tmp_path)


def test_import_shows_asks_and_stores(terminal: Terminal) -> None:
    code, said = terminal("import", terminal.file(), typed="y\n")
    assert code == 0
    for line in (
        f"名称：{BRIDGES}",
        "类别：地方性法规",
        "制定机关：某镇人民代表大会",
        "公布：2020-07-31",
        "结构：1 章，3 条",
        "首末：第一条 至 第三条",
        "文末没有收进来的：来源：某镇网站",
        "保存吗？",
        f"已经导入《{BRIDGES}》2020-07-31 的版本。",
        "没有题目因此过期。",
    ):
        assert line in said
    assert "本地导入" in terminal("list", "桥梁")[1]
    assert terminal("show", BRIDGES, "2") == (0, f"{BRIDGES} 第二条\n第一章 总则\n{LOADS}\n")


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_stored(terminal: Terminal, typed: str) -> None:
    code, said = terminal("import", terminal.file(), typed=typed)
    assert code == 1
    assert said.endswith("没有保存任何内容。\n")
    assert "本地导入" not in terminal("list", "桥梁")[1]


def test_check_only_shows_also_without_an_installation(tmp_path: Path) -> None:
    nowhere = Terminal(tmp_path)
    code, said = nowhere("import", nowhere.file(), "--check")
    assert code == 0
    assert "结构：1 章，3 条" in said
    assert "保存吗" not in said
    assert nowhere("import", nowhere.file(), "--yes")[0] == 2


def test_a_faulty_file_is_told_completely(terminal: Terminal) -> None:
    path = terminal.data / "b.txt"
    path.write_text(f"{BRIDGES}\n第一条\n第三条 丙。\n", "utf-8")
    code, said = terminal("import", path, "--yes")
    assert code == 2
    assert "b.txt 有 4 处问题，没有保存任何内容" in said
    assert "第 2 行“第一条”：第一条没有内容。" in said
    assert "第 3 行“第三条 丙。”：缺第二条" in said
    assert "--published 2020-07-31 --effective 2020-09-01" in said
    path.write_text(f"{BRIDGES}\n第一条 甲。\n", "utf-8")
    words = ("--published", "2020-07-31", "--effective", "2020-09-01", "--issuer", "某镇")
    code, said = terminal("import", path, "--yes", *words)
    assert code == 0
    assert "制定机关：某镇" in said


def test_a_date_that_is_none_is_refused(terminal: Terminal) -> None:
    code, said = terminal("import", terminal.file(), "--published", "去年")
    assert (code, "日期“去年”应写成" in said) == (2, True)


def test_the_same_again_and_another_text(terminal: Terminal) -> None:
    terminal("import", terminal.file(), "--yes")
    code, said = terminal("import", terminal.file())
    assert (code, "已经导入过，文字相同" in said) == (0, True)
    code, said = terminal("import", terminal.file(LOADS.replace("三", "五")))
    assert (code, "但文字不同：第二条" in said) == (2, True)
    code, _ = terminal(
        "import", terminal.file(LOADS.replace("三", "五")), "--yes", "--version", "2021-01-01"
    )
    assert code == 0


def test_a_course_for_reading_is_made_with_the_import_or_later(terminal: Terminal) -> None:
    terminal("import", terminal.file(), "--yes")
    assert "已经做成阅读课程" in terminal("import", terminal.file(), "--course")[1]
    assert "早已做成阅读课程" in terminal("import", terminal.file(), "--course")[1]
    engine = make_engine(terminal.settings.database)
    with make_sessions(engine)() as session:
        assert [course.law for course in courses(session)] == [BRIDGES]
    engine.dispose()


def test_diff_reads_without_colour(terminal: Terminal) -> None:
    terminal("import", terminal.file(), "--yes")
    new = terminal.file(LOADS.replace("三", "五"), "2024年5月1日", "new.md")
    code, said = terminal("diff", BRIDGES, new)
    assert code == 0
    assert f"《{BRIDGES}》2020-07-31 → 《{BRIDGES}》2024-05-01：未变 1 条，修改 2 条。" in said
    assert "第一条［未变］" in said
    assert "第二条［修改］\n  【删：三】【增：五】吨以上的车辆不得通过木桥。" in said
    code, said = terminal("diff", "宪法@1982-12-04", "宪法")
    assert (code, "只改条号 15 条" in said) == (0, True)
    assert "第一百三十八条 → 第一百四十三条［只改条号］" in said
    assert terminal("diff", "宪法@去年", "宪法")[0] == 2
    assert terminal("diff", "宪法", "没有.txt")[0] == 2


def test_diff_names_the_items_and_marks_them(terminal: Terminal) -> None:
    terminal("import", terminal.file(), "--yes")
    engine = make_engine(terminal.settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        now = session.scalars(select(ImportedLaw.imported_at)).one()
        publish_bank(session, BANK, statutes_of(session), now)
        row = session.scalars(select(ImportedLaw)).one()
        # As an update of the package would change a text, without a command of ours.
        row.articles = [
            entry | {"text": entry["text"].replace("三吨", "五吨")} for entry in row.articles
        ]
        session.commit()
    new = terminal.file(LOADS.replace("三", "九"), "2024年5月1日", "new.md")
    said = terminal("diff", BRIDGES, new)[1]
    assert "涉及 1 题：\n  brg-001（第二条）满载的大货车要绕开木桥走。" in said
    assert "有 1 题依据的条文变了" not in said
    said = terminal("diff", BRIDGES, new, "--mark")[1]
    assert "有 1 题依据的条文变了，已从试卷和课时里撤下：brg-001。" in said
    with sessions() as session:
        assert bank_items(session, "bridges") == {}
    assert "没有题目因此过期。" in terminal("diff", BRIDGES, new, "--mark")[1]
    engine.dispose()


def test_a_start_compares_the_items_with_the_law(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal("import", terminal.file(), "--yes")
    engine = make_engine(terminal.settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        row = session.scalars(select(ImportedLaw)).one()
        publish_bank(session, BANK, statutes_with(sessions), row.imported_at)
        _compare_with_law(terminal.settings)
        assert capsys.readouterr().out == ""
        row.articles = [
            entry | {"text": entry["text"] + "另有规定的除外。"} for entry in row.articles
        ]
        session.commit()
    _compare_with_law(terminal.settings)
    assert "有 1 题依据的条文变了" in capsys.readouterr().out
    with sessions() as session:
        assert bank_items(session, "bridges") == {}
    engine.dispose()
