"""Pages for everyone and files, through the real Hub and the real proxy."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from learn_harness import Site, kernels_of, wait_for, write_notebook

LEARN = "/services/learn"


def test_a_lesson_is_one_file_for_everybody_without_a_kernel(
    site: Site, first: httpx.Client, second: httpx.Client
) -> None:
    address = f"{LEARN}/lesson/telecom-fraud/01_what"
    before = site.log.read_text().count("started for")
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
    assert site.log.read_text().count("started for") == before


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
