"""Rules that every file a browser gets has to keep; read as text, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lawlab.ui.assets import STATIC

SCRIPTS = sorted(STATIC.glob("*.js"))
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff\u300b\u201d][,:;?!()]|[,:;?!()][\u4e00-\u9fff\u201c\u300a]"
)


def code(script: Path) -> str:
    """A script without its comments."""
    return re.sub(r"/\*.*?\*/|^\s*//.*?$", "", script.read_text("utf-8"), flags=re.S | re.M)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_small_and_needs_nothing_that_the_csp_forbids(script: Path) -> None:
    text = code(script)
    assert text.count("\n") <= 250
    for forbidden in (
        "innerHTML",
        "insertAdjacentHTML",
        "outerHTML",
        "eval(",
        "style:",
        "document.write",
    ):
        assert forbidden not in text
    assert "randomUUID" not in text  # needs https, which a town's own network may not have


@pytest.mark.parametrize("file", [*SCRIPTS, STATIC / "lawlab.css"], ids=lambda path: path.name)
def test_no_file_names_another_host(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_chinese_has_full_width_punctuation(script: Path) -> None:
    assert HALF_WIDTH.findall(code(script)) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_imports_only_its_neighbours(script: Path) -> None:
    for name in re.findall(r'(?:from|import) "([^"]+)"', code(script)):
        assert (STATIC / name).resolve().parent == STATIC.resolve()
        assert (STATIC / name).is_file()


def test_the_entry_asks_at_once_for_everything_an_element_imports() -> None:
    entry = (STATIC / "lawlab.js").read_text("utf-8")
    lists = {
        name: set(re.findall(r'"([a-z-]+)"', body))
        for name, body in re.findall(r"(\w+) = (\[.*?\])", entry)
    }
    both = entry + (STATIC / "lawlab-desk.js").read_text("utf-8")
    for body in re.findall(r'"lawlab-[a-z-]+": \[(.*?)\]', both):
        asked = set(re.findall(r'"([a-z-]+)"', body)) | lists["EVERYWHERE"]
        asked |= lists["QUESTIONS"] if "...QUESTIONS" in body else set()
        for name in asked:
            needed = re.findall(
                r'(?:from|import) "\./([^"]+)\.js"', (STATIC / f"{name}.js").read_text("utf-8")
            )
            assert set(needed) <= asked, f"{name}.js imports what the entry does not ask for"


def test_the_entry_knows_every_element_that_the_trainers_list_is_for() -> None:
    trainers = (STATIC / "lawlab-desk.js").read_text("utf-8")
    selector = re.search(r'^const DESK = "(.*)";$', (STATIC / "lawlab.js").read_text("utf-8"), re.M)
    assert selector
    assert selector[1].split(", ") == re.findall(r'"(lawlab-[a-z-]+)": \[', trainers)
