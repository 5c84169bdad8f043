from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import jinja2
import pytest
from learn_harness import write_notebook
from voila.app import Voila

from lawlab.config import Settings
from lawlab.learn.handlers import PageHandler
from lawlab.learn.notebooks import Notebook
from lawlab.learn.once import PageError
from lawlab.learn.server import LearnVoila, make_app

Scene = Callable[[LearnVoila], Coroutine[Any, Any, None]]


@pytest.fixture
def play(tmp_path: Path) -> Callable[[Scene], None]:
    """Run a coroutine with a server that listens nowhere."""

    async def with_server(scene: Scene) -> None:
        server = make_app(Settings(data=tmp_path), tmp_path)
        try:
            await scene(server)
        finally:
            await server.once.close()
            await server.kernel_manager.end_all()
            shutil.rmtree(server.connection_dir)

    return lambda scene: asyncio.run(with_server(scene))


def make_page(folder: Path, name: str, *cells: str, page: str = "once") -> Notebook:
    write_notebook(folder / f"{name}.ipynb", *cells, page=page, title=f"{name} <b>")
    return Notebook(name, folder / f"{name}.ipynb", page, f"{name} <b>", name)


async def live_html(server: LearnVoila, notebook: Notebook, person: str = "s001") -> str:
    renderer = server.live_renderer(notebook)
    await renderer.initialize()
    kernel = await server.start_kernel(person)

    async def started() -> tuple[str, object]:
        return kernel, server.kernel_manager.get_kernel(kernel)

    try:
        return str(await renderer.generate_content_str(None, started))
    finally:
        await renderer.close()


def test_templates_are_compiled_for_the_first_page_only(
    tmp_path: Path, play: Callable[[Scene], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards the bytecode cache: stock Voila compiles a dozen templates for every page."""
    compiled: list[str | None] = []
    compile_ = jinja2.Environment.compile

    def count(self: Any, source: Any, name: str | None = None, *rest: Any, **more: Any) -> Any:
        compiled.append(name)
        return compile_(self, source, name, *rest, **more)

    monkeypatch.setattr(jinja2.Environment, "compile", count)

    async def scene(server: LearnVoila) -> None:
        await server.once.page(make_page(tmp_path, "one"))
        await live_html(server, make_page(tmp_path, "live", page="live"))
        assert len(compiled) > 8
        compiled.clear()
        await server.once.page(make_page(tmp_path, "two"))
        await live_html(server, make_page(tmp_path, "live", page="live"), "s002")
        assert compiled == []

    play(scene)


def test_a_once_page_is_prose_and_outputs_and_nothing_else(
    tmp_path: Path, play: Callable[[Scene], None]
) -> None:
    async def scene(server: LearnVoila) -> None:
        cells = (
            "# 标题\n\n![photo](/etc/hostname)\n\n```python\ncode = 1\n```",
            "import sys, warnings\nwarnings.warn('not for people')\nprint('not for people', "
            "file=sys.stderr)",
            "from IPython.display import HTML\nHTML('<lawlab-question item=\"a-1\">')",
        )
        page = await server.once.page(make_page(tmp_path, "lesson", *cells))
        html = page.html.decode()
        assert html.startswith('<!doctype html>\n<html lang="zh-CN">')
        assert "<title>lesson &lt;b&gt;</title>" in html
        assert '<main class="page" data-app="lesson">' in html
        assert '<lawlab-question item="a-1">' in html
        assert '<img src="/etc/hostname" alt="photo"' in html
        assert "<lawlab-bar></lawlab-bar>" in html
        for word in ("¶", "anchor", "not for people", "HTML(", "http:", "https:", " style="):
            assert word not in html, word
        assert html.count("<script") == 2  # both files, nothing inline

    play(scene)


def test_an_error_in_a_once_page_is_logged_with_its_cell_and_leaves_no_page(
    tmp_path: Path, play: Callable[[Scene], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(server: LearnVoila) -> None:
        with pytest.raises(PageError):
            await server.once.page(make_page(tmp_path, "bad", "# 好", "1 / 0"))
        with pytest.raises(PageError):
            await server.once.page(Notebook("gone", tmp_path / "gone.ipynb", "once", "", ""))
        assert not list((tmp_path / "cache" / "pages").iterdir())

    with caplog.at_level(logging.INFO, "lawlab"):
        play(scene)
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "bad.ipynb, cell 2: 1 / 0" in told
    assert "ZeroDivisionError" in told


def test_a_live_page_shows_neither_code_nor_traceback_nor_another_host(
    tmp_path: Path, play: Callable[[Scene], None]
) -> None:
    async def scene(server: LearnVoila) -> None:
        page = make_page(tmp_path, "bad", "secret_name = 1", "1 / 0", "print('later')", page="live")
        html = await live_html(server, page)
        assert "这一部分没有显示出来" in html
        for word in ("secret_name", "ZeroDivision", "Traceback", "later", "http:", "https:"):
            assert word not in html, word
        assert "<title>bad &lt;b&gt;</title>" in html

    play(scene)


def test_only_known_routes_are_mounted(play: Callable[[Scene], None]) -> None:
    async def scene(server: LearnVoila) -> None:
        routes = {route: handler.__name__ for route, handler, *_ in server.init_handlers()}
        assert all(route.startswith("/services/learn/") for route in routes)
        assert sorted(routes.values()) == [
            "CallbackHandler",
            "FormerShard",
            "HealthHandler",
            "HomeHandler",
            "KernelHandler",
            "KernelSocket",
            "NothingHere",
            "PageHandler",
            "PictureHandler",
            "PreviewHandler",
            "PreviewPictureHandler",
            "ShelfHandler",
            "ShelfHandler",
            "ShutdownHandler",
        ]
        assert list(routes.values())[-1] == PageHandler.__name__

    play(scene)


def test_stock_voila_still_has_the_routes_that_ours_replace(
    play: Callable[[Scene], None],
) -> None:
    """An upgrade that adds or renames a route has to be looked at: ours may lack it."""

    async def scene(server: LearnVoila) -> None:
        names = [handler.__name__ for _, handler, *_ in Voila.init_handlers(server)]
        assert names == [
            "KernelHandler",
            "VoilaKernelWebsocketHandler",
            "TemplateStaticFileHandler",
            "MultiStaticFileHandler",
            "ThemesHandler",
            "VoilaShutdownKernelHandler",
            "FileFindHandler",
            "AllowListFileHandler",
            "TornadoVoilaTreeHandler",
            "TornadoVoilaTreeHandler",
            "TornadoVoilaHandler",
            "VoilaContentsHandler",
        ]

    play(scene)


def test_kernels_listen_on_sockets_in_a_private_folder(
    tmp_path: Path, play: Callable[[Scene], None]
) -> None:
    async def scene(server: LearnVoila) -> None:
        kernel = server.kernel_manager.get_kernel(await server.start_kernel("s001"))
        assert kernel.transport == "ipc"
        assert kernel.ip.startswith(server.connection_dir)
        assert Path(server.connection_dir).stat().st_mode & 0o777 == 0o700

    play(scene)
