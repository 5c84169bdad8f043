from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from lawlab.learn.notebooks import Notebook
from lawlab.learn.once import EXECUTIONS, OncePages, PageError


def make_notebook(name: str = "home", digest: str = "a") -> Notebook:
    return Notebook(app=name, path=Path(f"{name}.ipynb"), kind="once", title="页", digest=digest)


class Kitchen:
    """Renders after a pause, counts, and fails when told to."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.busy = self.busiest = 0
        self.fails = False

    async def render(self, notebook: Notebook) -> str:
        self.calls.append(notebook.app)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(0.02)
        finally:
            self.busy -= 1
        if self.fails:
            raise PageError(notebook.app)
        return f"<p>{notebook.app} {notebook.digest}"


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def test_fifty_who_ask_together_wait_for_one_execution(tmp_path: Path, kitchen: Kitchen) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        got = await asyncio.gather(*(pages.page(make_notebook()) for _ in range(50)))
        assert kitchen.calls == ["home"]
        assert {page.html for page in got} == {b"<p>home a"}
        assert gzip.decompress(got[0].packed) == got[0].html
        await pages.page(make_notebook())
        assert kitchen.calls == ["home"]

    asyncio.run(scene())


def test_a_page_outlives_the_server_until_it_or_the_code_changes(
    tmp_path: Path, kitchen: Kitchen
) -> None:
    async def scene() -> None:
        first = await OncePages(tmp_path, "stamp", kitchen.render).page(make_notebook())
        again = OncePages(tmp_path, "stamp", kitchen.render)
        assert await again.page(make_notebook()) == first
        assert len(kitchen.calls) == 1
        changed = await again.page(make_notebook(digest="b"))
        assert changed.etag != first.etag
        assert len(kitchen.calls) == 2
        await OncePages(tmp_path, "new stamp", kitchen.render).page(make_notebook())
        assert len(kitchen.calls) == 3

    asyncio.run(scene())


def test_the_same_source_under_another_app_is_another_page(
    tmp_path: Path, kitchen: Kitchen
) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        one = await pages.page(make_notebook())
        other = await pages.page(replace(make_notebook(), app="board", path=Path("b")))
        assert one.etag != other.etag

    asyncio.run(scene())


def test_a_failure_reaches_everybody_and_is_not_remembered(
    tmp_path: Path, kitchen: Kitchen
) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        kitchen.fails = True
        asked = (pages.page(make_notebook()) for _ in range(3))
        got = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(error) for error in got] == [PageError] * 3
        assert not list(tmp_path.iterdir())
        kitchen.fails = False
        assert (await pages.page(make_notebook())).html == b"<p>home a"

    asyncio.run(scene())


def test_a_visitor_who_leaves_does_not_stop_the_others(tmp_path: Path, kitchen: Kitchen) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        first = asyncio.create_task(pages.page(make_notebook()))
        second = asyncio.create_task(pages.page(make_notebook()))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).html == b"<p>home a"
        assert len(kitchen.calls) == 1

    asyncio.run(scene())


def test_executions_are_bounded(tmp_path: Path, kitchen: Kitchen) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        await asyncio.gather(*(pages.page(make_notebook(f"n{i}")) for i in range(6)))
        assert len(kitchen.calls) == 6
        assert kitchen.busiest == EXECUTIONS

    asyncio.run(scene())


def test_warming_goes_on_after_a_failure_and_leaves_a_slot_free(
    tmp_path: Path, kitchen: Kitchen
) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        kitchen.fails = True
        await pages.warm(make_notebook(f"n{i}") for i in range(3))
        assert kitchen.calls == ["n0", "n1", "n2"]
        assert kitchen.busiest == 1

    asyncio.run(scene())


def test_half_a_page_on_disk_is_rendered_again(tmp_path: Path, kitchen: Kitchen) -> None:
    async def scene() -> None:
        await OncePages(tmp_path, "stamp", kitchen.render).page(make_notebook())
        next(tmp_path.glob("*.gz")).unlink()
        await OncePages(tmp_path, "stamp", kitchen.render).page(make_notebook())
        assert len(kitchen.calls) == 2

    asyncio.run(scene())


def test_closing_stops_what_is_under_way(tmp_path: Path, kitchen: Kitchen) -> None:
    async def scene() -> None:
        pages = OncePages(tmp_path, "stamp", kitchen.render)
        asked = asyncio.create_task(pages.page(make_notebook()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await pages.close()
        assert kitchen.busy == 0
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(scene())
