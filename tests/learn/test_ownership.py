"""The cross-person matrix, caps, and people who may not go on; real Hub, real proxy."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx
import pytest
import websockets
from learn_harness import Site, end_kernels, kernel_of, kernels_of, wait_for, xsrf
from websockets import InvalidStatus, Origin

from lawlab import tokens

LEARN = "/services/learn"


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
