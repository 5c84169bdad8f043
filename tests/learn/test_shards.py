"""Two servers behind one proxy: each person's live pages are at one of them, and one sign-in counts
for both."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import websockets
from learn_harness import Site, kernel_of, wait_for, write_notebook, xsrf
from websockets import InvalidStatus, Origin

from lawlab.config import learn_prefix
from lawlab.learn.shards import shard_of
from lawlab.supervise.programs import service_routes
from lawlab.testing import free_ports

CODE = """
import asyncio, os, sys
from pathlib import Path
from lawlab.config import load_settings
from lawlab.learn import __main__ as entry
from lawlab.learn.server import make_app
entry.set_up_logging()
async def run():
    await make_app(load_settings(), Path({apps!r}), int(sys.argv[1])).serve()
asyncio.run(run())
os._exit(0)
"""
HERE, THERE = "s004", "s003"
"""Of shard 0 and of shard 1; a test compares."""


class Shards(Site):
    """A site with two servers; the proxy is told of the second as the supervisor tells it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, learn_shards=2)
        self.settings = replace(self.settings, port=free_ports(6))
        self.url = self.settings.public_url

    def start_learn(self) -> None:
        facts = {"data": self.settings.data, "port": self.settings.port, "learn_shards": 2}
        env = os.environ | {f"LAWLAB_{name.upper()}": str(value) for name, value in facts.items()}
        for name, shard in (("learn", "0"), ("learn-2", "1")):
            self._run(name, [sys.executable, "-c", CODE.format(apps=str(self.apps)), shard], **env)

    def tell_proxy(self) -> httpx.Response:
        path = learn_prefix(1).rstrip("/")
        address = f"http://127.0.0.1:{self.settings.proxy_api_port}/api/routes{path}"
        headers = {"Authorization": f"token {self.settings.secrets['proxy']}"}
        return httpx.post(address, headers=headers, json=service_routes(self.settings)[path])

    def stop(self) -> None:
        self.process("learn-2").terminate()
        self.process("learn-2").wait(15)
        super().stop()


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shards]:
    site = Shards(tmp_path_factory.mktemp("shards"))
    write_notebook(site.apps / "home.ipynb", "# 首页", page="once", title="首页")
    write_notebook(site.apps / "widgets.ipynb", "# 活页", "1 + 1", page="live", title="活页")
    try:
        site.start()
        assert site.tell_proxy().is_success
        wait_for(lambda: site.answers(f"{site.url}{learn_prefix(1)}health"), 60)
        yield site
    finally:
        site.stop()


def status_of_socket(site: Site, prefix: str, kernel: str, client: httpx.Client) -> int:
    async def knock() -> int:
        address = f"{site.url.replace('http', 'ws')}{prefix}api/kernels/{kernel}/channels"
        headers = {"Cookie": site.cookies(client)}
        try:
            async with websockets.connect(
                f"{address}?session_id=abc", additional_headers=headers, origin=Origin(site.url)
            ):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    return asyncio.run(knock())


def path_of(page: httpx.Response) -> str:
    return urlsplit(str(page.url)).path


def test_people_are_spread_and_stay_where_they_are() -> None:
    people = [f"{kind}{number:03}" for kind in "sv" for number in range(1, 63)]
    for shards in (1, 2, 3, 8):
        counts = [0] * shards
        for one in people:
            counts[shard_of(one, shards)] += 1
        assert min(counts) > 0.6 * len(people) / shards
    assert [shard_of(one, 2) for one in (HERE, THERE)] == [0, 1]


def test_each_persons_live_page_and_kernel_are_at_his_shard(shards: Shards) -> None:
    here, there = shards.sign_in(HERE), shards.sign_in(THERE)
    for client, other, shard in ((here, there, 0), (there, here, 1)):
        own, foreign = learn_prefix(shard), learn_prefix(1 - shard)
        pages = [client.get(f"{prefix}widgets?q=1") for prefix in (own, foreign)]
        assert [path_of(page) for page in pages] == [f"{own}widgets"] * 2
        assert {page.url.query for page in pages} == {b"q=1"}
        kernel = kernel_of(pages[0])
        assert f'"baseUrl": "{own}"' in pages[0].text or f'"baseUrl":"{own}"' in pages[0].text
        assert f'data-base-url="{own}voila/"' in pages[0].text
        assert client.get(f"{own}api/kernels/{kernel}").json()["id"] == kernel
        assert status_of_socket(shards, own, kernel, client) == 101
        # Nobody else reaches it, wherever he asks, and at another shard it does not exist.
        for prefix in (own, foreign):
            assert other.get(f"{prefix}api/kernels/{kernel}").status_code in (403, 404)
            assert status_of_socket(shards, prefix, kernel, other) in (403, 404)
        assert client.get(f"{foreign}api/kernels/{kernel}").status_code in (403, 404)
        # The page's last word ends it.
        for page in pages:
            word = {"_xsrf": xsrf(client)}
            gone = client.post(f"{own}voila/api/shutdown/{kernel_of(page)}", data=word)
            assert gone.status_code == 204
        assert client.get(f"{own}api/kernels/{kernel}").status_code in (403, 404)


def test_a_shard_sends_to_the_first_for_signing_in_and_for_what_is_everybodys(
    shards: Shards,
) -> None:
    prefix = learn_prefix(1)
    with httpx.Client(base_url=shards.url) as nobody:
        page = nobody.get(f"{prefix}widgets?a=1")
        assert (page.status_code, page.headers["Location"]) == (302, "/services/learn/widgets?a=1")
        assert not nobody.cookies.get("service-learn-oauth-state")
        assert nobody.get(f"{prefix}api/kernels/1-1-1-1-1").status_code == 403
        begun = nobody.get(page.headers["Location"])
        assert begun.headers["Location"].startswith("/hub/api/oauth2/authorize")
    client = shards.sign_in(THERE)
    assert path_of(client.get(f"{prefix}home")) == "/services/learn/home"
    client.cookies.clear()
    # From nothing to one's own page, by way of signing in.
    signed_in: Any = shards.sign_in(THERE, httpx.Client(base_url=shards.url, follow_redirects=True))
    assert path_of(signed_in.get("/services/learn/widgets")) == f"{prefix}widgets"


def test_an_open_window_of_a_shard_that_is_gone_finds_its_page(shards: Shards) -> None:
    client = shards.sign_in(HERE)
    page = client.get("/services/learn/s7/widgets?a=1")
    assert (path_of(page), page.url.query) == ("/services/learn/widgets", b"a=1")
