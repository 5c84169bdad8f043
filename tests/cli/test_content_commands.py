"""`lawlab statutes`, `bank` and `course`: what they print, and exit code 2 with every fault."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lawlab.config import REPOSITORY
from lawlab.store.engine import migrate

BANK = REPOSITORY / "assessments" / "banks" / "anti-telecom-fraud.yaml"
COURSE = REPOSITORY / "courses" / "anti-telecom-fraud"
ITEMS = BANK.read_text("utf-8").count("\n  - id: ")
LESSONS = len(list(COURSE.glob("*.ipynb")))


def lawlab(*words: str | Path, data: Path | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors of the command as people run it."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={"LAWLAB_DATA": str(data or "nowhere"), "COLUMNS": "200", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_statutes_list_finds_by_a_word() -> None:
    code, out, _ = lawlab("statutes", "list", "宪法")
    assert code == 0
    assert "1982-12-04" in out
    assert "2018-03-11" in out
    assert "禁毒法" not in out


def test_statutes_show_draws_the_tree() -> None:
    code, out, _ = lawlab("statutes", "show", "民法典")
    assert code == 0
    assert "第七编 侵权责任 第一千一百六十四条 至 第一千二百五十八条" in out


def test_statutes_show_gives_an_article() -> None:
    code, out, _ = lawlab("statutes", "show", "刑法", "133之1")
    assert code == 0
    assert out.startswith("中华人民共和国刑法 第一百三十三条之一\n第二编 分则 > 第二章")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("反电信网络诈骗法", "99"), "反电信网络诈骗法共 50 条，没有第 99 条。"),
        (("没有的法",), "没有找到“没有的法”"),
        (("禁毒法", "x"), "“x”不是条号"),
        (("宪法", "--version", "昨天"), "日期“昨天”应写成"),
    ],
)
def test_statutes_show_says_what_is_wrong(words: tuple[str, ...], sentence: str) -> None:
    code, out, error = lawlab("statutes", "show", *words)
    assert (code, out) == (2, "")
    assert sentence in error


def test_bank_check_counts_a_right_bank() -> None:
    code, out, _ = lawlab("bank", "check", BANK)
    assert code == 0
    assert f"anti-telecom-fraud.yaml：{ITEMS} 题" in out


def test_bank_check_lists_the_faults_of_all_files(tmp_path: Path) -> None:
    text = BANK.read_text("utf-8")
    (tmp_path / "one.yaml").write_text(text.replace("id: atf-002", "id: atf-001"), "utf-8")
    (tmp_path / "two.yaml").write_text(
        text.replace('诈骗法#6"]', '诈骗法#66"]').replace("difficulty: 1", "difficulty: 7", 1),
        "utf-8",
    )
    code, out, error = lawlab("bank", "check", tmp_path / "one.yaml", tmp_path / "two.yaml", BANK)
    assert code == 2
    assert "one.yaml 有 1 处问题" in error
    assert "atf-001：编号重复" in error
    assert "two.yaml 有 2 处问题" in error
    assert "atf-001：difficulty" in error
    assert "atf-002：引用的 反电信网络诈骗法#66 不可用" in error
    assert f"anti-telecom-fraud.yaml：{ITEMS} 题" in out


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    code, _, error = lawlab("bank", "check", tmp_path / "none.yaml")
    assert code == 2
    assert "没有 none.yaml。" in error


def test_course_check_lists_what_is_unconfirmed() -> None:
    code, out, _ = lawlab("course", "check", COURSE)
    assert code == 0
    assert f"anti-telecom-fraud：{LESSONS} 课，没有问题" in out
    assert "待核 01_what-it-is：" in out


def test_course_check_names_file_and_cell(tmp_path: Path) -> None:
    folder = tmp_path / "anti-telecom-fraud"
    folder.mkdir()
    for path in COURSE.iterdir():
        text = path.read_text("utf-8")
        if path.name.startswith("02_"):
            text = text.replace("atf-016", "atf-999").replace("lesson.finish()", "lesson.end()")
        (folder / path.name).write_text(text, "utf-8")
    code, _, error = lawlab("course", "check", folder)
    assert code == 2
    assert "02_cards-and-accounts.ipynb：题库里没有题目 atf-999。" in error
    assert "没有 lesson.end" in error


def test_import_and_publish_store_and_write_pages(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    assert lawlab("bank", "import", BANK, data=tmp_path)[1] == (
        f"anti-telecom-fraud：新增 {ITEMS} 题，修改 0 题，未变 0 题。\n"
    )
    words = ("course", "publish", COURSE, "--reviewer", "审核人甲")
    assert lawlab(*words, data=tmp_path)[1] == (
        f"anti-telecom-fraud：新增 {LESSONS} 课，修改 0 课，未变 0 课。\n"
    )
    assert lawlab(*words, data=tmp_path)[1] == (
        f"anti-telecom-fraud：新增 0 课，修改 0 课，未变 {LESSONS} 课。\n"
    )
    assert len(list((tmp_path / "pages" / "anti-telecom-fraud").glob("*.ipynb"))) == LESSONS


def test_a_course_is_not_published_without_its_bank(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    code, _, error = lawlab("course", "publish", COURSE, "--reviewer", "审核人甲", data=tmp_path)
    assert code == 2
    assert "题库里没有题目 atf-001。" in error
    assert not (tmp_path / "pages").exists()
