"""A trial says so on every page of learn; every reply carries what protects its reader."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from learn_harness import write_notebook
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from lawlab.config import Settings
from lawlab.dressing import STRICT, dressing
from lawlab.headers import TRIAL, TRIAL_BAR
from lawlab.learn.notebooks import Notebook
from lawlab.learn.notices import NOTICES, notice_page
from lawlab.learn.server import make_app


def page(folder: Path, kind: str) -> Notebook:
    file = folder / f"{kind}.ipynb"
    write_notebook(file, "# 一课", page=kind, title="一课")
    return Notebook(kind, file, kind, "一课", kind)


@pytest.mark.parametrize("trial", [True, False])
def test_pages_with_and_without_a_kernel(tmp_path: Path, trial: bool) -> None:
    async def play() -> None:
        server = make_app(Settings(data=tmp_path, lan_trial=trial), tmp_path)
        try:
            once = (await server.once.page(page(tmp_path, "once"))).html.decode()
            renderer = server.live_renderer(page(tmp_path, "live"))
            await renderer.initialize()
            template = renderer.exporter.environment.get_template("index.html.j2")
            context = template.new_context({"resources": renderer.resources})
            live = "".join([part async for part in template.blocks["body_header"](context)])
        finally:
            await server.once.close()
            shutil.rmtree(server.connection_dir)
        for html in (once, live):
            assert html.count(TRIAL) == int(trial)
        if trial:
            assert live.index(TRIAL) < live.index('id="rendered_cells"')

    asyncio.run(play())


@pytest.mark.parametrize("status", sorted(NOTICES))
def test_notices(status: int) -> None:
    html = notice_page(NOTICES[status], "/ui", signed_in=True, trial=TRIAL_BAR)
    assert html.index(TRIAL) < html.index("<h1>")


def test_a_page_of_a_trial_is_not_taken_for_one_outside_of_it(tmp_path: Path) -> None:
    async def etag(trial: bool) -> str:
        server = make_app(Settings(data=tmp_path, lan_trial=trial), tmp_path)
        try:
            return (await server.once.page(page(tmp_path, "once"))).etag
        finally:
            await server.once.close()
            shutil.rmtree(server.connection_dir)

    assert asyncio.run(etag(True)) != asyncio.run(etag(False))


@pytest.mark.parametrize(("address", "hsts"), [("https://fazhi.example.cn", True), ("", False)])
def test_every_reply_of_tornado_is_dressed(tmp_path: Path, address: str, hsts: bool) -> None:
    request = HTTPServerRequest(start_line=RequestStartLine("GET", "/", "HTTP/1.0"))
    dressed = dressing(Settings(data=tmp_path, address=address))(request)
    bare = HTTPHeaders({"Server": "TornadoServer/6.5", "Content-Type": "text/html; charset=UTF-8"})
    bare["X-JupyterHub-Version"] = "6.1.1"
    _, headers, _ = dressed.transform_first_chunk(404, bare, b"", True)
    assert headers["Server"] == "lawlab"
    assert "X-JupyterHub-Version" not in headers
    assert headers["Content-Security-Policy"] == STRICT
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("Strict-Transport-Security" in headers) is hsts
    own = HTTPHeaders(
        {"Content-Type": "text/html", "Content-Security-Policy": "default-src 'self'"}
    )
    _, headers, _ = dressed.transform_first_chunk(200, own, b"", True)
    assert headers["Content-Security-Policy"] == "default-src 'self'"
