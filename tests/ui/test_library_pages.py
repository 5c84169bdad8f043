"""Home, course, map and statute reader in a browser 390 wide: from one to the next and back."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Page, expect

Phones: TypeAlias = Any
Site: TypeAlias = Any

HOME = "/services/learn/home"
COURSE = "/services/learn/course/anti-telecom-fraud"
LAWS = "/services/learn/law"
LAW = f"{LAWS}/反电信网络诈骗法"
LESSON = "/services/learn/lesson/anti-telecom-fraud/01_scams"
LARGE = "localStorage.setItem('lawlab.type', '\"large\"')"
COPIED = "document.execCommand = () => { window.copied = getSelection().toString(); return true; }"


def top_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("(node) => node.getBoundingClientRect().top"))


def test_from_home_over_course_and_map_to_the_article_and_back(phones: Phones) -> None:
    page = phones.open(HOME)
    page.get_by_role("link", name="反电信网络诈骗法").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("反电信网络诈骗法")
    expect(page.locator(".map")).to_be_visible()
    page.get_by_text("第二编 分则").tap()
    page.get_by_text("第一章 综合措施").tap()
    page.get_by_role("link", name="第31条").tap()
    expect(page.locator("#a31")).to_have_class(re.compile("is-marked"))
    expect(page.locator("#a31")).to_be_in_viewport()
    page.locator("#a31").get_by_role("link", name="反电信网络诈骗法：骗局").tap()
    expect(page.locator(".reader-course")).to_have_text("反电信网络诈骗法 · 第 1 课")
    page.get_by_role("link", name="反电信网络诈骗法", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("反电信网络诈骗法")
    page.go_back()
    expect(page.locator(".reader-course")).to_be_visible()
    page.go_back()
    expect(page.locator("#a31")).to_be_in_viewport()
    page.go_back()
    # The folds are open as they were left.
    expect(page.get_by_role("link", name="第32条之1")).to_be_visible()


def test_home_has_one_row_for_a_course_and_asks_once(phones: Phones, site: Site) -> None:
    page = phones.open(HOME)
    rows = page.locator("a.row[href*='/course/']")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("学完 1/2 课")
    expect(rows.nth(0)).to_contain_text("下一课：第 2 课 骗局")
    expect(rows.nth(1)).to_contain_text("共 2 课")
    expect(rows.nth(2).locator(".is-right")).to_contain_text("学完 2/2 课")
    reading = page.get_by_role("link", name="某镇爱护桥梁条例")
    expect(reading).to_have_attribute("href", f"{LAWS}/某镇爱护桥梁条例")
    expect(page.get_by_role("link", name="查一部法律")).to_have_attribute("href", LAWS)
    asked = [one for one in site.asked if one != "GET /me"]
    assert asked == ["GET /home"]


def test_a_chapter_that_no_lesson_treats_leads_to_its_text(phones: Phones) -> None:
    page = phones.open(COURSE)
    page.get_by_text("第二章 电信治理").tap()
    chapter = page.locator("details", has_text="第二章 电信治理").last
    expect(chapter).to_contain_text("本课程没有专门讲，可以直接读条文。")
    chapter.get_by_role("link", name="读这一章的条文").tap()
    expect(page.get_by_role("heading", level=2)).to_have_text("第二章 电信治理")
    expect(page.locator(".law-article")).to_have_count(7)


def test_a_course_says_how_far_one_is_what_is_unconfirmed_and_what_it_rests_on(
    phones: Phones,
) -> None:
    page = phones.open(COURSE).locator("lawlab-course")
    expect(page).to_contain_text("给法律明白人学。2026年11月24日对照现行法律核对过。")
    expect(page.get_by_role("link", name="接着学：第 2 课")).to_have_attribute("href", LESSON)
    expect(page.locator(".notice")).to_contain_text("课文里有 2 处标着待核")
    expect(page).to_contain_text("一共 60 条，课里讲到 4 条")
    page.get_by_text("这门课的依据").tap()
    expect(page.get_by_text("某法（2022年）")).to_be_visible()


def test_a_course_works_while_its_law_is_awaited(phones: Phones, site: Site) -> None:
    site.awaiting = True
    page = phones.open(COURSE)
    expect(page.locator(".notice").last).to_contain_text("导入官方文本后，这里会列出各章。")
    expect(page.get_by_role("link", name="第 1 课 骗局")).to_be_visible()


def test_an_unknown_course_says_so(phones: Phones) -> None:
    page = phones.open("/services/learn/course/nothing")
    expect(page.locator(".notice-bad")).to_contain_text("没有这门课程。")


# ---- the reader ---------------------------------------------------------------------------------


def test_only_the_chapter_that_is_read_is_fetched(phones: Phones, site: Site) -> None:
    page = phones.open(LAW)
    expect(page.locator(".law-article")).to_have_count(8)
    page.get_by_role("link", name="下一章：第二章 电信治理").tap()
    expect(page.get_by_role("heading", level=2)).to_have_text("第二章 电信治理")
    expect(page.get_by_role("heading", level=2)).to_be_in_viewport()
    page.get_by_role("link", name="上一章：第一章 总则").tap()
    expect(page.get_by_role("heading", level=2)).to_have_text("第一章 总则")
    page.go_back()
    expect(page.get_by_role("heading", level=2)).to_have_text("第二章 电信治理")
    chapters = [one for one in site.asked if "/chapters/" in one]
    assert chapters == [f"GET /statutes/反电信网络诈骗法/chapters/{n}" for n in (1, 2)]


def test_the_outline_unfolds_over_the_text_and_leads_to_a_chapter(phones: Phones) -> None:
    page = phones.open(f"{LAW}#20")
    opener = page.get_by_role("button", name="目录：第一章 综合措施")
    expect(opener).to_have_attribute("aria-expanded", "false")
    expect(page.locator(".law-tree")).to_be_hidden()
    page.mouse.wheel(0, 900)
    opener.tap()
    current = page.locator(".law-tree [aria-current]")
    expect(current).to_contain_text("第一章 综合措施")
    expect(current).to_be_in_viewport()
    page.locator(".law-tree").get_by_role("link", name="第二章 法律责任").tap()
    expect(page.locator(".law-tree")).to_be_hidden()
    expect(page.get_by_role("heading", level=2)).to_contain_text("第二章 法律责任")
    expect(page.locator(".law-section")).to_have_text("第一节")


def test_at_a_desk_the_outline_stands_beside_the_text(phones: Phones) -> None:
    page = phones.open(f"{LAW}#31", width=1440)
    expect(page.locator(".law-open")).to_be_hidden()
    expect(page.locator(".law-tree")).to_be_visible()
    page.mouse.wheel(0, 1500)
    expect(page.locator(".law-tree [aria-current]")).to_be_in_viewport()


@pytest.mark.parametrize("number", ["31", "32之1"])
def test_an_article_named_in_the_address_is_shown_and_marked(phones: Phones, number: str) -> None:
    page = phones.open(f"{LAW}#{number}")
    marked = page.locator(".is-marked")
    expect(marked).to_have_attribute("data-number", number)
    expect(marked).to_be_in_viewport()
    assert 0 < top_of(page, ".is-marked") < 200


@pytest.mark.parametrize(
    "hash", ["999", "c99", "c0", "%22%3E", "第三十一条", "a b", "%E4%B", "31#31"]
)
def test_an_address_that_means_nothing_shows_the_law_all_the_same(
    phones: Phones, hash: str
) -> None:
    page = phones.open(f"{LAW}#{hash}")
    expect(page.locator(".law-article").first).to_be_visible()
    if not hash.startswith(("c", "%E4")):
        expect(page.locator(".law-text .notice")).to_contain_text("请从目录里找。")


def test_a_phone_that_was_locked_shows_the_same_lines_again(phones: Phones) -> None:
    page = phones.open(f"{LAW}#16")
    expect(page.locator(".is-marked")).to_be_visible()
    page.evaluate("document.querySelector('#a25').scrollIntoView()")
    before = top_of(page, "#a25")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("#a25")).to_be_in_viewport()
    page.wait_for_timeout(200)
    assert abs(top_of(page, "#a25") - before) < 40


def test_without_a_place_in_the_address_reading_goes_on_where_it_was_left(phones: Phones) -> None:
    page = phones.open(f"{LAW}#25")
    expect(page.locator(".is-marked")).to_be_visible()
    page.wait_for_timeout(500)
    page.get_by_role("link", name="首页").tap()
    expect(page.locator("lawlab-home h1")).to_be_visible()
    page.goto(page.url.replace("home", "law/反电信网络诈骗法"))
    expect(page.get_by_text(re.compile("接着上次读到的第2[45]条。"))).to_be_attached()
    expect(page.locator("#a25")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("link", name="从头读").tap()
    expect(page.get_by_role("heading", level=2)).to_have_text("第一章 总则")


def test_an_article_is_copied_with_its_law(phones: Phones) -> None:
    page = phones.open(f"{LAW}#31", script=COPIED)
    page.get_by_role("button", name="复制第31条").tap()
    expect(page.locator("#a31")).to_contain_text("已复制")
    text = page.evaluate("window.copied")
    assert text.startswith("《中华人民共和国反电信网络诈骗法》第31条\n第31条的第一款。")


def test_an_unknown_law_offers_those_that_come_near(phones: Phones) -> None:
    page = phones.open(f"{LAWS}/网络诈骗法")
    page.get_by_role("link", name="《反电信网络诈骗法》").tap()
    expect(page.locator(".law-article").first).to_be_visible()


def test_an_awaited_law_says_calmly_that_it_is_not_there_yet(phones: Phones) -> None:
    page = phones.open(f"{LAWS}/信访工作条例")
    expect(page.locator("lawlab-law")).to_contain_text("本镇还没有导入《信访工作条例》的官方文本")
    page = phones.open(LESSON)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        "'<lawlab-article law=信访工作条例 number=9></lawlab-article>')"
    )
    page.get_by_role("button", name="看法条：《信访工作条例》第九条").tap()
    expect(page.locator(".article-panel").last).to_contain_text("导入后这里能看到条文。")
    expect(page.locator(".notice-bad")).to_have_count(0)


def test_a_lessons_article_leads_to_its_place_in_the_law(phones: Phones) -> None:
    page = phones.open(LESSON)
    page.get_by_role("button", name="看法条").tap()
    page.get_by_role("link", name="看前后条文").tap()
    expect(page.locator("#a31")).to_have_class(re.compile("is-marked"))


# ---- the index ----------------------------------------------------------------------------------


def test_laws_are_found_by_name(phones: Phones) -> None:
    page = phones.open(LAWS)
    expect(page.get_by_text("等待导入官方文本")).to_be_visible()
    box = page.get_by_role("searchbox", name="法律的名称")
    box.fill("《中华人民共和国土地")
    expect(page.get_by_text("找到 1 部。")).to_be_visible()
    found = page.get_by_role("link", name="土地管理法")
    expect(found).to_have_attribute("href", f"{LAWS}/%E5%9C%9F%E5%9C%B0%E7%AE%A1%E7%90%86%E6%B3%95")
    box.fill("彩礼")
    expect(page.get_by_text("没有名称里有“彩礼”的法律。")).to_be_visible()
    link = page.get_by_role("link", name="去搜索")
    expect(link).to_have_attribute("href", re.compile("search\\?q=%E5%BD%A9%E7%A4%BC"))
    box.fill("")
    page.get_by_role("button", name="全部列出来").tap()
    expect(page.get_by_text("已废止")).to_be_visible()
    expect(page.get_by_text("找到 4 部。")).to_be_visible()


# ---- every page ---------------------------------------------------------------------------------

PAGES = [COURSE, LAWS, f"{LAW}#31"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("script", ["", LARGE], ids=["usual", "large type"])
def test_every_page_fits_320_pixels(phones: Phones, path: str, script: str) -> None:
    page = phones.open(path, width=320, script=script)
    page.locator("main .card, main .law-article").first.wait_for()
    for fold in page.locator("details").all():
        fold.evaluate("(node) => { node.open = true; }")
    page.locator(".bar-who").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_and_asks_no_other_host(phones: Phones, site: Site, path: str) -> None:
    page = phones.open(path)
    page.locator("main .card, main .law-article").first.wait_for()
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => [one.name, one.decodedBodySize])"
    )
    assert all(name.startswith(f"{site.address}/") for name, _ in loaded)
    assert sum(size for name, size in loaded if "/ui/" in name) < 80 * 1024


@pytest.mark.parametrize("path", PAGES)
def test_what_is_tapped_is_large_enough(phones: Phones, path: str) -> None:
    page = phones.open(path)
    page.locator("main .card, main .law-article").first.wait_for()
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(button, a, summary)')]"
        ".filter((node) => node.offsetParent && node.getBoundingClientRect().height < 40)"
        ".map((node) => node.textContent)"
    )
    assert small == []
