"""Courses and whole laws as a browser asks for them, with everything it should not ask."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from lawlab.store.tables import Course

if TYPE_CHECKING:
    from conftest import Browser, Office

LAW = "反电信网络诈骗法"
NOTHING = [
    "/courses/%00",
    "/courses/..%2f..%2fetc",
    "/courses/%ff",
    "/courses/" + "x" * 5000,
    "/courses/Ä",
    "/statutes/%00",
    "/statutes/%ff%fe",
    "/statutes/..%2f..%2fetc%2fpasswd",
    "/statutes/'; drop table courses;--",
    "/statutes/" + quote("法" * 3000),
    "/statutes/%20",
    "/statutes/《》",
    "/statutes/\u202e法",
    "/statutes/中华人民共和国",
    "/statutes/民法典/chapters/0",
    "/statutes/民法典/chapters/-1",
    "/statutes/民法典/chapters/86",
    "/statutes/民法典/chapters/" + "9" * 4000,
    "/statutes/民法典/chapters/" + "9" * 5000,
    "/statutes/民法典/chapters/1e3",
    "/statutes/民法典/chapters/²",
    "/statutes/民法典/chapters/",
    "/statutes/民法典/chapters/1/2",
    "/statutes/某法/chapters/1",
]


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.browser("s001")


def test_a_course_page_has_lessons_progress_and_the_map(office: Office, browser: Browser) -> None:
    browser.answer("atf-001", "A")
    reply = browser.get("/courses/anti-telecom-fraud")
    assert reply.headers["cache-control"] == "no-store"
    page = reply.json()
    assert [lesson["number"] for lesson in page["lessons"]] == [1, 2, 3]
    assert page["lessons"][0]["answered"] == 1
    assert page["map"]["articles"] == 50
    chapter = page["map"]["outline"][4]
    assert chapter["title"] == "第五章 综合措施"
    assert "31" in chapter["numbers"]
    assert page["map"]["treated"] == sum(part["treated"] for part in page["map"]["outline"])
    other = office.browser("v001").get("/courses/anti-telecom-fraud").json()
    assert other["lessons"][0]["answered"] == 0


def test_a_lesson_names_its_course_and_its_place_in_it(browser: Browser) -> None:
    page = browser.get("/lessons/anti-telecom-fraud/02_cards-and-accounts").json()
    assert (page["number"], page["course_title"]) == (2, LAW)
    assert page["course_url"] == "/services/learn/course/anti-telecom-fraud"


def test_a_law_is_read_chapter_by_chapter_and_kept_by_its_version(browser: Browser) -> None:
    reply = browser.get(f"/statutes/{LAW}")
    assert reply.headers["cache-control"] == "private, max-age=60"
    page = reply.json()
    assert page["law"] == f"中华人民共和国{LAW}"
    assert page["lessons"]["31"][0]["url"].startswith("/services/learn/lesson/anti-telecom-fraud/")
    seen = []
    for part in page["outline"]:
        address = f"/statutes/{LAW}/chapters/{part['chapter']}?v={page['version']}"
        chapter = browser.get(address)
        assert chapter.headers["cache-control"] == "private, max-age=86400"
        seen += [article["number"] for article in chapter.json()["articles"]]
    assert seen == [str(number) for number in range(1, 51)]
    same = browser.get(f"/statutes/{quote('中华人民共和国' + LAW)}").json()
    assert same["short"] == LAW


def test_a_long_law_never_comes_in_one_piece(browser: Browser) -> None:
    page = browser.get("/statutes/民法典")
    assert len(page.content) < 60_000

    def leaves(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [leaf for part in parts for leaf in leaves(part.get("parts", [])) or [part]]

    found = leaves(page.json()["outline"])
    assert sum(len(leaf["numbers"]) for leaf in found) == 1260
    longest = max(found, key=lambda leaf: len(leaf["numbers"]))
    chapter = browser.get(f"/statutes/民法典/chapters/{longest['chapter']}")
    assert len(chapter.content) < 60_000


def test_all_laws_are_listed_by_name(browser: Browser) -> None:
    page = browser.get("/statutes").json()
    assert [one["law"] for one in page["courses"]] == [LAW]
    names = [one["law"] for one in page["laws"]]
    assert len(names) == len(set(names)) > 350
    assert {"民法典", "宪法", LAW} <= set(names)


def test_an_awaited_law_is_no_error_of_the_page(office: Office, browser: Browser) -> None:
    with office.sessions() as session:
        course = session.get_one(Course, "anti-telecom-fraud")
        course.about = course.about | {"awaits": ["信访工作条例"]}
        session.commit()
    for path in ("", "/articles/1", "/chapters/1"):
        reply = browser.get(f"/statutes/信访工作条例{path}")
        assert (reply.status_code, reply.json()["code"]) == (404, "law_not_imported")
        assert reply.json()["message"] == (
            "本镇还没有导入《信访工作条例》的官方文本，导入后这里能看到条文。"
        )
        assert reply.headers["cache-control"] == "no-store"


def test_an_unknown_law_names_those_that_come_near(browser: Browser) -> None:
    reply = browser.get("/statutes/网络诈骗法")
    assert (reply.status_code, reply.json()["code"]) == (404, "no_law")
    assert reply.json()["near"] == [LAW]
    assert f"名称相近的有：{LAW}" in reply.json()["message"]


def test_what_means_nothing_is_refused_in_a_sentence(browser: Browser) -> None:
    for path in NOTHING:
        reply = browser.get(path)
        assert 400 <= reply.status_code < 500, path[:60]
        body = reply.json()
        assert body["code"], path[:60]
        assert body["message"].endswith("。"), path[:60]
        assert len(reply.content) < 2000, path[:60]
        assert reply.headers["cache-control"] == "no-store", path[:60]


def test_nobody_reads_without_signing_in(office: Office) -> None:
    for path in ("/courses/anti-telecom-fraud", "/statutes", f"/statutes/{LAW}"):
        assert office.app.get(f"/services/api{path}").status_code == 401


def test_the_pages_are_quick_once_warm(browser: Browser) -> None:
    for path in ("/courses/anti-telecom-fraud", "/statutes/民法典", "/statutes/民法典/chapters/3"):
        browser.get(path)
        best = min(_seconds(browser, path) for _ in range(10))
        assert best < 0.03, path


def _seconds(browser: Browser, path: str) -> float:
    start = time.perf_counter()
    assert browser.get(path).status_code == 200
    return time.perf_counter() - start
