"""The cross-person matrix and the pages, through the real Hub and the real proxy."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest
import websockets
from learn_harness import (
    Site,
    end_kernels,
    kernel_of,
    kernels_of,
    wait_for,
    write_notebook,
    xsrf,
)
from websockets import InvalidStatus, Origin

from lawlab import tokens

LEARN = "/services/learn"


@pytest.fixture(scope="module")
def first(site: Site) -> httpx.Client:
    """One signed-in person, s001."""
    return site.sign_in("s001")


@pytest.fixture(scope="module")
def second(site: Site) -> httpx.Client:
    """Another one, v001."""
    return site.sign_in("v001")


@pytest.fixture
def anonymous(site: Site) -> Iterator[httpx.Client]:
    """Nobody."""
    with httpx.Client(base_url=site.url) as client:
        yield client


def environment(page: httpx.Response) -> dict[str, str]:
    found = re.search(r"ENVIRONMENT(\{.*\})", unescape(page.text))
    assert found
    env: dict[str, str] = json.loads(found[1])
    return env


def connect(
    site: Site, kernel: str, client: httpx.Client | None = None, origin: str | None = None
) -> websockets.connect:
    headers = {} if client is None else {"Cookie": site.cookies(client)}
    return websockets.connect(
        f"{site.url.replace('http', 'ws')}{LEARN}/api/kernels/{kernel}/channels?session_id=abc",
        additional_headers=headers,
        origin=Origin(origin or site.url),
    )


def status_of_socket(
    site: Site, kernel: str, client: httpx.Client | None = None, origin: str | None = None
) -> int:
    """101 when it opens, else the refusal."""

    async def knock() -> int:
        try:
            async with connect(site, kernel, client, origin):
                return 101
        except InvalidStatus as error:
            return error.response.status_code

    return asyncio.run(knock())


async def wait_for_close(socket: websockets.ClientConnection, seconds: float) -> int | None:
    """The close code; TimeoutError when the socket stays open."""
    async with asyncio.timeout(seconds):
        await socket.wait_closed()
    return socket.close_code


# ---- pages for everyone --------------------------------------------------------------------------


def test_a_lesson_is_one_file_for_everybody_without_a_kernel(
    site: Site, first: httpx.Client, second: httpx.Client
) -> None:
    address = f"{LEARN}/lesson/telecom-fraud/01_what"
    page, other = first.get(address), second.get(address)
    assert page.status_code == 200
    assert page.text == other.text
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["cache-control"] == "no-cache"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "第一课 &amp; 更多" in page.text
    assert '<main class="page" data-app="lesson">' in page.text
    plain = first.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.text == page.text
    wait_for(lambda: kernels_of(site) == [])  # the warming of other pages may still run
    assert "started for" not in site.log.read_text()


def test_an_unchanged_page_is_not_sent_again(first: httpx.Client) -> None:
    page = first.get(f"{LEARN}/home")
    again = first.get(f"{LEARN}/home", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_changed_page_is_rendered_once_for_fifty_who_come_together(
    site: Site, first: httpx.Client
) -> None:
    write_notebook(site.apps / "news.ipynb", "# 新", page="once", title="新")
    with ThreadPoolExecutor(50) as crowd:
        pages = list(crowd.map(lambda _: first.get(f"{LEARN}/news").text, range(50)))
    assert len(set(pages)) == 1
    assert site.log.read_text().count("page news/news rendered") == 1
    write_notebook(site.apps / "news.ipynb", "# 更新", page="once", title="新")
    assert "更新" in first.get(f"{LEARN}/news").text
    assert kernels_of(site) == []


def test_what_comes_after_an_apps_name_is_left_to_the_page(first: httpx.Client) -> None:
    assert first.get(f"{LEARN}/home/and/more").text == first.get(f"{LEARN}/home").text


def test_the_bare_prefix_leads_home(first: httpx.Client) -> None:
    assert first.get(f"{LEARN}/").url.path == f"{LEARN}/home"


def test_nobody_sees_a_page_without_signing_in(anonymous: httpx.Client) -> None:
    for address in ("home", "lesson/telecom-fraud/01_what", "environment", "nothing", ""):
        reply = anonymous.get(f"{LEARN}/{address}")
        assert reply.status_code == 302
        assert reply.headers["location"].startswith("/hub/api/oauth2/authorize")


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("nothing", 404, "没有找到这一页"),
        ("unlabelled", 404, "没有找到这一页"),
        ("home.ipynb", 404, "没有找到这一页"),
        ("lesson/telecom-fraud/99_none", 404, "没有找到这一页"),
        ("lesson/..%2f..%2fapps/home", 404, "没有找到这一页"),
        ("broken", 500, "这一页暂时打不开"),
    ],
)
def test_what_cannot_be_shown_is_a_calm_page_with_a_way_home(
    first: httpx.Client, address: str, status: int, words: str
) -> None:
    page = first.get(f"{LEARN}/{address}")
    assert page.status_code == status
    assert words in page.text
    assert f'href="{LEARN}/home"' in page.text
    for word in ("Traceback", "ZeroDivision", "1 / 0", "never shown", "http:", "https:"):
        assert word not in page.text


def test_a_failed_page_is_served_once_it_is_mended(site: Site, first: httpx.Client) -> None:
    path = write_notebook(site.apps / "mended.ipynb", "1 / 0", page="once")
    assert first.get(f"{LEARN}/mended").status_code == 500
    write_notebook(path, "# 好了", page="once")
    assert first.get(f"{LEARN}/mended").status_code == 200


def test_an_interrupted_sign_in_offers_another_try(anonymous: httpx.Client) -> None:
    page = anonymous.get(f"{LEARN}/oauth_callback?code=x&state=y")
    assert page.status_code in (400, 403)
    assert "登录没有完成" in page.text


# ---- files ---------------------------------------------------------------------------------------


def test_health_and_files_need_no_session_and_files_are_kept_for_a_year(
    first: httpx.Client, anonymous: httpx.Client
) -> None:
    assert anonymous.get(f"{LEARN}/health").text == "ok"
    css = re.search(r'href="([^"]+/lawlab.css)"', first.get(f"{LEARN}/home").text)
    assert css
    file = anonymous.get(css[1])
    assert file.status_code == 200
    assert file.headers["content-type"] == "text/css; charset=utf-8"
    assert file.headers["content-encoding"] == "gzip"
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    old = anonymous.get(f"{LEARN}/ui/000000000000/lawlab.css")
    assert (old.status_code, old.headers["location"]) == (302, css[1])


@pytest.mark.parametrize(
    "address",
    [
        "ui/000000000000/../../secret",
        "ui/000000000000/%2e%2e/assets.py",
        "ui/000000000000/assets.py",
        "voila/000000000000/static/../conf.json",
        "voila/000000000000/labextensions/@jupyter/nbgrader/package.json",
    ],
)
def test_no_other_file_can_be_had(first: httpx.Client, address: str) -> None:
    assert first.get(f"{LEARN}/{address}").status_code == 404


# ---- kernels belong to one person ----------------------------------------------------------------


def test_a_kernel_knows_its_person_and_no_secret(
    site: Site, first: httpx.Client, second: httpx.Client
) -> None:
    pages = [
        first.get(f"{LEARN}/environment?X-Person=v001", headers={"X-Person": "v001"}),
        second.get(f"{LEARN}/environment"),
    ]
    for page, client, login in zip(pages, (first, second), ("s001", "v001"), strict=True):
        env = environment(page)
        assert env["LAWLAB_PERSON"] == login
        assert env["LAWLAB_API"] == site.settings.api_url
        key = site.settings.secrets["kernel"]
        assert tokens.kernel_token_person(key, env["LAWLAB_TOKEN"]) == login
        assert not [name for name in env if "JUPYTERHUB" in name or "CANARY" in name]
        assert not set(env.values()) & set(site.settings.secrets.values())
        assert str(site.settings.data / "lawlab.sqlite") not in str(env)
        end_kernels(client, page)


def test_nobody_reaches_another_persons_kernel(
    site: Site, first: httpx.Client, second: httpx.Client, anonymous: httpx.Client
) -> None:
    page = first.get(f"{LEARN}/environment")
    kernel = kernel_of(page)
    model = f"{LEARN}/api/kernels/{kernel}"
    shutdown = f"{LEARN}/voila/api/shutdown/{kernel}"
    theirs = {"_xsrf": xsrf(second)}

    assert first.get(model).status_code == 200
    assert second.get(model).status_code == 403
    assert anonymous.get(model).status_code == 403
    assert second.delete(model, headers={"X-XSRFToken": xsrf(second)}).status_code == 403
    assert second.post(shutdown, data=theirs).status_code == 403
    assert first.post(shutdown).status_code == 403  # no token
    assert first.post(shutdown, data=theirs).status_code == 403  # another's token
    assert anonymous.post(shutdown).status_code == 403
    assert len(kernels_of(site)) == 1

    assert status_of_socket(site, kernel, first) == 101
    assert status_of_socket(site, kernel, second) == 403
    assert status_of_socket(site, kernel) == 403
    assert status_of_socket(site, kernel, first, "http://evil.example") == 403

    assert first.post(shutdown, data={"_xsrf": xsrf(first)}).status_code == 204
    assert kernels_of(site) == []
    assert first.get(model).status_code == 403  # nobody's now


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "voila/files/x.png"),
        ("GET", "voila/files/home.ipynb"),
        ("GET", "voila/tree"),
        ("GET", "voila/render/home.ipynb"),
        ("GET", "voila/api/contents"),
        ("GET", "voila/api/themes/x.css"),
        ("GET", "voila/templates/lab/static/index.css"),
        ("GET", "voila/static/voila.js"),
        ("GET", "voila/query/{kernel}"),
        ("GET", "voila/execution/{kernel}"),
        ("GET", "api/kernels"),
        ("POST", "api/kernels"),
        ("POST", "api/kernels/{kernel}/restart"),
        ("POST", "api/kernels/{kernel}/interrupt"),
        ("GET", "api/contents"),
        ("GET", "api/sessions"),
        ("GET", "api/terminals"),
        ("GET", "logout"),
    ],
)
def test_the_rest_of_voila_and_jupyter_is_not_there(
    first: httpx.Client, anonymous: httpx.Client, method: str, address: str
) -> None:
    url = f"{LEARN}/{address.format(kernel='0-0-0-0-0')}"
    headers = {"X-XSRFToken": xsrf(first)}
    assert first.request(method, url, headers=headers).status_code == 404
    assert anonymous.request(method, url).status_code in (302, 404)


def test_code_sent_over_the_socket_is_not_run(
    site: Site, first: httpx.Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = first.get(f"{LEARN}/environment")
    file = tmp_path_factory.mktemp("proof") / "ran"

    def message(kind: str, **content: object) -> str:
        header = {"msg_id": kind, "msg_type": kind, "session": "abc", "username": "", "date": ""}
        header["version"] = "5.3"
        return json.dumps(
            {
                "header": header,
                "parent_header": {},
                "metadata": {},
                "content": content,
                "channel": "shell",
            }
        )

    async def talk() -> list[str]:
        async with connect(site, kernel_of(page), first) as socket:
            code = f"open({str(file)!r}, 'w')"
            await socket.send(message("execute_request", code=code, silent=False))
            await socket.send(message("complete_request", code="imp", cursor_pos=3))
            await socket.send(message("kernel_info_request"))
            replies: list[str] = []
            while "kernel_info_reply" not in replies:
                replies.append(json.loads(await socket.recv())["msg_type"])
            return replies

    replies = asyncio.run(talk())
    assert "execute_reply" not in replies
    assert "complete_reply" not in replies
    assert not file.exists()
    end_kernels(first, page)


def test_template_and_theme_cannot_be_chosen_by_address(first: httpx.Client) -> None:
    page = first.get(f"{LEARN}/environment?template=reveal&theme=dark")
    assert "learn/live.js" in page.text
    assert 'class="jp-Notebook theme-light"' in page.text
    end_kernels(first, page)


def test_a_live_page_has_a_strict_policy_and_no_address_of_another_host(
    first: httpx.Client,
) -> None:
    page = first.get(f"{LEARN}/widgets")
    policy = page.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    assert "unsafe-eval" not in policy
    assert page.text.count("<script") == page.text.count(f'<script nonce="{nonce[1]}"')
    assert page.headers["cache-control"] == "no-store"
    assert "http://" not in page.text
    assert "https://" not in page.text
    end_kernels(first, page)


# ---- caps ----------------------------------------------------------------------------------------


def test_a_third_page_ends_the_persons_oldest_lonely_kernel(
    site: Site, first: httpx.Client
) -> None:
    pages = [first.get(f"{LEARN}/environment") for _ in range(3)]
    alive = [first.get(f"{LEARN}/api/kernels/{kernel_of(page)}").status_code for page in pages]
    assert alive == [403, 200, 200]
    end_kernels(first, *pages[1:])


def test_a_third_page_is_refused_while_both_others_are_in_use(
    site: Site, first: httpx.Client
) -> None:
    pages = [first.get(f"{LEARN}/environment") for _ in range(2)]

    async def scene() -> None:
        one, other = (connect(site, kernel_of(page), first) for page in pages)
        async with one, other:
            refused = await asyncio.to_thread(first.get, f"{LEARN}/environment")
        assert refused.status_code == 429
        assert "同时打开的页面太多" in refused.text

    asyncio.run(scene())
    end_kernels(first, *pages)


def test_a_full_server_asks_people_to_wait(site: Site, first: httpx.Client) -> None:
    crowd = [site.sign_in(f"s10{n}") for n in range(4)]
    pages = [client.get(f"{LEARN}/environment") for client in crowd]
    assert [page.status_code for page in pages] == [200] * 4
    refused = first.get(f"{LEARN}/environment")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "15"
    assert "现在用的人很多" in refused.text
    assert first.get(f"{LEARN}/home").status_code == 200
    end_kernels(crowd[0], pages[0])
    page = first.get(f"{LEARN}/environment")
    assert page.status_code == 200
    end_kernels(first, page)
    for client, opened in zip(crowd[1:], pages[1:], strict=True):
        end_kernels(client, opened)


def test_pages_opened_together_cannot_slip_past_the_caps(site: Site) -> None:
    crowd = [site.sign_in(f"s11{n}") for n in range(6)]
    with ThreadPoolExecutor(6) as threads:
        pages = list(threads.map(lambda client: client.get(f"{LEARN}/environment"), crowd))
    assert sorted(page.status_code for page in pages) == [200] * 4 + [503] * 2
    for client, page in zip(crowd, pages, strict=True):
        if page.status_code == 200:
            end_kernels(client, page)
    assert kernels_of(site) == []


# ---- people who may not go on --------------------------------------------------------------------


def test_a_disabled_person_loses_kernel_socket_and_pages_within_five_seconds(site: Site) -> None:
    client = site.sign_in("s200")
    page = client.get(f"{LEARN}/environment")

    async def scene() -> int | None:
        async with connect(site, kernel_of(page), client) as socket:
            await asyncio.to_thread(wait_for, lambda: "s200" in site.api.asked, 5)
            site.api.ended.add("s200")
            return await wait_for_close(socket, 5)

    assert asyncio.run(scene()) == 4401
    wait_for(lambda: kernels_of(site) == [], 3)
    refused = client.get(f"{LEARN}/home")
    assert refused.status_code == 403
    assert "账号已停用" in refused.text
    site.api.ended.clear()
    wait_for(lambda: client.get(f"{LEARN}/home").status_code == 200, 6, every=0.5)


def test_signing_out_ends_pages_at_once_and_open_sockets_soon(site: Site) -> None:
    client = site.sign_in("s201")
    page = client.get(f"{LEARN}/environment")

    async def scene() -> None:
        async with connect(site, kernel_of(page), client) as socket:
            await asyncio.to_thread(client.get, "/hub/logout")
            home = await asyncio.to_thread(client.get, f"{LEARN}/home")
            assert home.url.path == "/hub/login"
            assert await wait_for_close(socket, 20) == 4401

    asyncio.run(scene())
    wait_for(lambda: kernels_of(site) == [], 3)


def test_the_next_person_on_the_same_phone_is_the_next_person(site: Site) -> None:
    client = site.sign_in("s202")
    page = client.get(f"{LEARN}/environment")
    assert environment(page)["LAWLAB_PERSON"] == "s202"
    end_kernels(client, page)
    client.get("/hub/logout")
    client.cookies.delete("_xsrf", path="/hub/")
    site.sign_in("s203", client)
    page = client.get(f"{LEARN}/environment")
    assert environment(page)["LAWLAB_PERSON"] == "s203"
    end_kernels(client, page)
