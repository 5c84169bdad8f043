from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lawlab.learn.configuration import EXTENSIONS, stock_folders
from lawlab.learn.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours / "deep", theirs):
        folder.mkdir(parents=True)
    (ours / "a.js").write_text("ours" * 100)
    (ours / "deep" / "b.woff2").write_bytes(b"\0font")
    (theirs / "a.js").write_text("theirs")
    (theirs / "c.css").write_text("p{}")
    (tmp_path / "secret").write_text("secret")
    return Shelf({"static/": [ours, theirs]}, tmp_path / "packed")


def test_the_first_folder_wins_and_the_others_add(shelf: Shelf) -> None:
    item = shelf.item("static/a.js", gzip_allowed=False)
    assert item is not None
    assert (item.content, item.kind) == (b"ours" * 100, "text/javascript; charset=utf-8")
    assert "static/c.css" in shelf


@pytest.mark.parametrize("address", ["static/../secret", "../secret", "a.js", "static/", "static"])
def test_only_what_was_found_at_start_is_there(shelf: Shelf, address: str) -> None:
    assert shelf.item(address, gzip_allowed=True) is None


def test_text_is_compressed_once_and_kept(shelf: Shelf, tmp_path: Path) -> None:
    item = shelf.item("static/a.js", gzip_allowed=True)
    assert item is not None
    assert item.packed
    assert gzip.decompress(item.content) == b"ours" * 100
    kept = list((tmp_path / "packed").iterdir())
    assert [file.read_bytes() for file in kept] == [item.content]
    kept[0].write_bytes(b"from disk")
    again = Shelf({"static/": [tmp_path / "ours"]}, tmp_path / "packed")
    found = again.item("static/a.js", gzip_allowed=True)
    assert found is not None
    assert found.content == b"from disk"


def test_fonts_are_sent_as_they_are(shelf: Shelf) -> None:
    item = shelf.item("static/deep/b.woff2", gzip_allowed=True)
    assert item is not None
    assert (item.packed, item.kind) == (False, "font/woff2")


def test_the_stock_shelf_has_what_a_live_page_loads_and_only_allowed_extensions(
    tmp_path: Path,
) -> None:
    shelf = Shelf(stock_folders(), tmp_path)
    for file in ("static/voila.js", "static/voila-style.js", "static/index.css", "learn/live.js"):
        assert file in shelf
    names = {key for key in stock_folders() if key.startswith("labextensions/")}
    assert names == {f"labextensions/{name}/" for name in EXTENSIONS}
