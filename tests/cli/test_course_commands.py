"""`lawlab course draft|diff|publish|withdraw|restore|history`, as people type them."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from lawlab.config import Settings
from lawlab.services.content import seed
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import china_day

SLUG, FIRST, SECOND = "anti-telecom-fraud", "01_what-it-is", "02_cards-and-accounts"


def lawlab(data: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, output and errors of the command as people run it."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={"LAWLAB_DATA": str(data), "COLUMNS": "200", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, small_repository: Path) -> Path:
    """An installation with one course. The tests below are one story, in their order."""
    folder = tmp_path_factory.mktemp("data")
    settings = Settings(data=folder)
    migrate(settings.database)
    engine = make_engine(settings.database)
    with make_sessions(engine)() as session:
        seed(session, small_repository, settings, dt.datetime.now(dt.UTC))
    engine.dispose()
    return folder


def test_drafting_fills_the_folder_and_leaves_what_is_there(data: Path) -> None:
    code, out, _ = lawlab(data, "course", "draft", SLUG)
    assert (code, "放好 4 个文件，0 个本来就在" in out) == (0, True)
    code, out, _ = lawlab(data, "course", "draft", SLUG)
    assert (code, "放好 0 个文件，4 个本来就在，没有动" in out) == (0, True)
    code, _, error = lawlab(data, "course", "draft", "nothing")
    assert (code, "没有已发布的课程“nothing”" in error) == (2, True)
    assert lawlab(data, "course", "draft", SLUG, "--lesson", FIRST)[0] == 2


def test_a_diff_marks_the_words_without_colour_and_says_what_is_wrong(data: Path) -> None:
    lesson = draft(data, FIRST)
    lesson.write_text(lesson.read_text("utf-8").replace("先猜一猜", "先来猜一猜"), "utf-8")
    second = draft(data, SECOND)
    second.write_text(second.read_text("utf-8").replace("lesson.begin()", "lesson.bgin()"), "utf-8")
    code, out, _ = lawlab(data, "course", "diff", SLUG)
    assert code == 0
    assert "（在用，草稿有修改）" in out
    assert "[改] 标题：先【增：来】猜一猜" in out
    assert "要改：第 3 格：没有 lesson.bgin" in out


def test_chosen_lessons_are_published_and_the_others_stay(data: Path) -> None:
    folder = draft(data, FIRST).parent
    words = ("course", "publish", folder, "--reviewer", "审核人甲", "--lesson")
    code, _, error = lawlab(data, *words, SECOND)
    assert (code, "没有发布" in error, "第 3 格" in error) == (2, True, True)
    code, out, _ = lawlab(data, *words, FIRST, "--note", "换了说法")
    assert (code, out) == (0, f"{SLUG}：新增 0 课，修改 1 课，未变 0 课。\n")
    assert "先来猜一猜" in page(data, FIRST).read_text("utf-8")


def test_the_history_names_version_day_reviewer_and_note(data: Path) -> None:
    code, out, _ = lawlab(data, "course", "history", SLUG, FIRST)
    assert code == 0
    lines = out.splitlines()
    assert str(china_day()) in lines[1]
    assert lines[1].endswith("第 2 版 发布，命令行，审核：审核人甲，换了说法")
    assert lines[2].endswith("第 1 版 发布，随程序附带，审核：随程序附带")


def test_an_old_version_is_taken_up_again(data: Path) -> None:
    words = ("course", "draft", SLUG, "--lesson", FIRST, "--version")
    assert lawlab(data, *words, "1")[1] == f"{FIRST} 的草稿是第 1 版的内容了。\n"
    assert "先来猜一猜" not in draft(data, FIRST).read_text("utf-8")
    code, _, error = lawlab(data, *words, "9")
    assert (code, "没有第 9 版" in error) == (2, True)


def test_a_lesson_is_withdrawn_and_restored(data: Path) -> None:
    words = ("course", "withdraw", SLUG, FIRST, "--reason")
    assert lawlab(data, *words, " ")[0] == 2
    assert lawlab(data, *words, "要重写") == (0, f"{SLUG}/{FIRST} 已撤下。\n", "")
    assert not page(data, FIRST).exists()
    assert lawlab(data, *words, "再撤")[0] == 2
    assert lawlab(data, "course", "restore", SLUG, FIRST)[1] == f"{SLUG}/{FIRST} 已恢复。\n"
    assert page(data, FIRST).exists()


def test_the_whole_folder_is_published_as_before(data: Path) -> None:
    assert lawlab(data, "course", "draft", SLUG, "--lesson", SECOND, "--version", "1")[0] == 0
    folder = draft(data, FIRST).parent
    code, out, _ = lawlab(data, "course", "publish", folder, "--reviewer", "审核人甲")
    assert (code, out) == (0, f"{SLUG}：新增 0 课，修改 1 课，未变 2 课。\n")
    assert "草稿没有改动" in lawlab(data, "course", "diff", SLUG, FIRST)[1]


def draft(data: Path, stem: str) -> Path:
    return data / "trainers" / "备课" / "courses" / SLUG / f"{stem}.ipynb"


def page(data: Path, stem: str) -> Path:
    return data / "pages" / SLUG / f"{stem}.ipynb"
