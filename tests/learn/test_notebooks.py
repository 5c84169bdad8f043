from __future__ import annotations

import os
from pathlib import Path

import pytest
from learn_harness import write_notebook

from lawlab.learn.notebooks import Notebooks


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    apps, pages = tmp_path / "apps", tmp_path / "pages"
    for name in ("attendance", "quiz", "home", "board"):
        write_notebook(apps / f"{name}.ipynb", page="once")
    write_notebook(apps / "leaderboard.ipynb", page="live")
    write_notebook(apps / "draft.ipynb", page=None)
    write_notebook(pages / "fraud" / "02_cards.ipynb", page="once", title="卡")
    write_notebook(pages / "fraud" / "01_what.ipynb", page="once")
    write_notebook(pages / "fraud" / "live.ipynb", page="live")
    return Notebooks(apps, pages)


@pytest.mark.parametrize("address", ["home", "home/", "quiz/q1", "quiz/q1/more", "leaderboard"])
def test_an_app_is_found_whatever_follows_its_name(notebooks: Notebooks, address: str) -> None:
    found = notebooks.find(address)
    assert found is not None
    assert found.app == address.partition("/")[0]


def test_a_lesson_is_found_among_the_published_pages(notebooks: Notebooks) -> None:
    found = notebooks.find("lesson/fraud/02_cards")
    assert found is not None
    assert (found.app, found.kind, found.title) == ("lesson", "once", "卡")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nothing",
        "draft",
        "../apps/home",
        "..",
        "home.ipynb",
        "-home",
        "lesson",
        "lesson/fraud",
        "lesson/fraud/01_what/more",
        "lesson/../apps/home",
        "lesson/fraud/../../apps/home",
        "lesson/fraud/live",
        "lesson//01_what",
        "home\n",
    ],
)
def test_nothing_else_is_found(notebooks: Notebooks, address: str) -> None:
    assert notebooks.find(address) is None


def test_warming_begins_with_what_everybody_opens_first(notebooks: Notebooks) -> None:
    order = [f"{book.app}/{book.path.stem}" for book in notebooks.once()]
    assert order == [
        "home/home",
        "quiz/quiz",
        "board/board",
        "attendance/attendance",
        "lesson/01_what",
        "lesson/02_cards",
    ]


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(
    notebooks: Notebooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = notebooks.find("home")
    assert first is not None
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read though unchanged"))
    assert notebooks.find("home") is first
    monkeypatch.undo()
    write_notebook(first.path, "1", page="once", title="新")
    os.utime(first.path, ns=(1, 1))
    again = notebooks.find("home")
    assert again is not None
    assert again.title == "新"
    assert again.digest != first.digest
    first.path.unlink()
    assert notebooks.find("home") is None
