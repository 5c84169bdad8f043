"""Bar, home, board, articles and reading aloud; and that every page fits a small phone."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from playwright.sync_api import expect

# The fixtures' classes stand in conftest.py, which no module can import.
Phones: TypeAlias = Any
Site: TypeAlias = Any

LESSON = "/services/learn/lesson/anti-telecom-fraud/01_scams"
HOME, BOARD = "/services/learn/home", "/services/learn/board"
PAGES = [HOME, BOARD, LESSON, "/services/learn/quiz/atf-1"]
LARGE = "localStorage.setItem('lawlab.type', '\"large\"')"
VOICE = """
window.spoken = [];
const synth = { getVoices: () => [{ lang: 'zh-CN', name: 'Chinese' }], cancel: () => {},
  speak: (utterance) => { spoken.push(utterance.text); window.said = utterance.onend; } };
Object.defineProperty(window, 'speechSynthesis', { value: synth });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


def test_the_bar_says_who_is_signed_in_and_how_to_leave(phones: Phones) -> None:
    bar = phones.open(HOME).locator(".bar")
    expect(bar).to_contain_text("大河镇法治练兵场")
    expect(bar).to_contain_text("演示")
    expect(bar.locator(".bar-who")).to_have_text("明白人001银杏社区")
    for word in ("换人", "退出"):
        expect(bar.get_by_role("link", name=word)).to_have_attribute("href", "/hub/logout")
    expect(bar.get_by_role("link", name="首页")).to_have_attribute("aria-current", "page")


def test_large_type_is_remembered(phones: Phones) -> None:
    page = phones.open(HOME)
    page.get_by_role("button", name="大字").tap()
    page.reload()
    expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22px"


def test_a_page_shown_again_to_somebody_else_becomes_theirs(phones: Phones, site: Site) -> None:
    page = phones.open(HOME)
    expect(page.get_by_role("heading", name="明白人001，您好")).to_be_visible()
    site.login = "v002"
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="明白人002，您好")).to_be_visible()


def test_a_page_opened_while_the_server_is_away_becomes_ready_by_itself(
    phones: Phones, site: Site
) -> None:
    site.down = True
    page = phones.open(HOME)
    expect(page.get_by_text("网络不稳，首页还没有打开，正在重试。")).to_be_visible()
    site.down = False
    expect(page.get_by_role("heading", name="明白人001，您好")).to_be_visible()
    expect(page.locator(".bar-who")).to_contain_text("明白人001")


def test_home_shows_what_is_due_and_the_state_of_things(phones: Phones) -> None:
    page = phones.open(HOME)
    home = page.locator("lawlab-home")
    expect(home.get_by_role("link", name="去学习")).to_have_attribute("href", LESSON)
    expect(home).to_contain_text("现在要学：反电信网络诈骗法 · 第 2 课")
    expect(home).to_contain_text("学完 1/2 课")
    expect(home).to_contain_text("还没有做")
    expect(home).to_contain_text("我的积分 5")


def test_home_offers_practice_until_it_is_done(phones: Phones, site: Site) -> None:
    practise = "/services/learn/drill/practise"
    site.practice = {"answered": 0, "goal": 10, "streak": 2, "holiday": None, "url": practise}
    home = phones.open(HOME).locator("lawlab-home")
    expect(home.get_by_role("link", name="去练习")).to_have_attribute("href", practise)
    expect(home).to_contain_text("今天 10 题，大约五分钟。已连续 2 天，今天练完就是 3 天。")
    site.practice |= {"holiday": "国庆节", "streak": 0}
    expect(phones.open(HOME).locator("lawlab-home")).to_contain_text(
        "今天国庆节，休息一天也不算断。"
    )
    site.practice |= {"answered": 4}
    home = phones.open(HOME).locator("lawlab-home")
    expect(home.get_by_role("link", name="接着练")).to_be_visible()
    expect(home).to_contain_text("还有 6 题就练完了。")
    site.practice = None
    home = phones.open(HOME).locator("lawlab-home")
    expect(home).to_contain_text("我的积分 5")
    expect(home).not_to_contain_text("每日一练")


def test_empty_pages_say_what_comes_next(phones: Phones, site: Site) -> None:
    site.empty = True
    home = phones.open(HOME).locator("lawlab-home")
    expect(home).to_contain_text("还没有课程。教员发布后会出现在这里。")
    expect(phones.open(BOARD).locator("lawlab-board")).to_contain_text("还没有成绩。")


def test_the_board_changes_while_it_is_open(phones: Phones, site: Site) -> None:
    page = phones.open(BOARD)
    expect(page.get_by_role("tab", name="法律明白人")).to_have_attribute("aria-selected", "true")
    mine = page.locator(".board-row.is-mine")
    expect(mine).to_contain_text("明白人001")
    expect(mine.locator(".rank")).to_have_text("第2名")
    site.points["v001"] = 12.0
    site.revision += 1
    expect(mine.locator(".rank")).to_have_text("第1名")


def test_the_unit_board_shows_participation(phones: Phones) -> None:
    page = phones.open(BOARD)
    page.get_by_role("tab", name="单位").tap()
    expect(page.locator(".board-row.is-mine")).to_contain_text("4 人中 3 人参与（75%）")


def test_an_unknown_article_says_so_in_its_place(phones: Phones) -> None:
    page = phones.open(LESSON)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        "'<lawlab-article law=某法 number=9></lawlab-article>')"
    )
    page.get_by_role("button", name="看法条：《某法》第九条").tap()
    expect(page.locator(".notice-bad")).to_contain_text("《某法》没有第 9 条。")


def test_a_lesson_is_read_aloud_sentence_by_sentence(phones: Phones) -> None:
    page = phones.open(LESSON, script=VOICE)
    page.get_by_role("button", name="朗读本课").tap()
    expect(page.locator(".is-spoken")).to_have_text("骗局")
    page.evaluate("said()")
    expect(page.locator(".is-spoken")).to_have_text("第一段。第二句。")
    page.evaluate("said()")
    page.get_by_role("button", name="暂停").tap()
    page.get_by_role("button", name="继续").tap()
    assert page.evaluate("spoken") == ["骗局", "第一段。", "第二句。", "第二句。"]
    page.get_by_role("button", name="停止").tap()
    expect(page.locator(".is-spoken, .player")).to_have_count(0)


def test_a_device_without_a_chinese_voice_says_what_to_do(phones: Phones) -> None:
    page = phones.open(LESSON)
    page.get_by_role("button", name="朗读本课").tap()
    expect(page.get_by_role("region", name="朗读")).to_contain_text(
        "“设置 → 语言 → 文字转语音”里装中文语音"
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("script", ["", LARGE], ids=["usual", "large type"])
def test_every_page_fits_320_pixels(phones: Phones, path: str, script: str) -> None:
    page = phones.open(path, width=320, script=script)
    page.locator("main .button, main .board-row").first.wait_for()
    page.locator(".bar-who").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_and_asks_no_other_host(phones: Phones, site: Site, path: str) -> None:
    page = phones.open(path)
    page.locator("main .button, main .board-row").first.wait_for()
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map((one) => [one.name, one.decodedBodySize])"
    )
    assert all(name.startswith(f"{site.address}/") for name, _ in loaded)
    assert sum(size for name, size in loaded if "/ui/" in name) < 80 * 1024


@pytest.mark.parametrize("path", PAGES)
def test_what_is_tapped_is_large_enough(phones: Phones, path: str) -> None:
    page = phones.open(path)
    page.locator("main .button, main .board-row").first.wait_for()
    small = page.evaluate(
        "[...document.querySelectorAll('main :is(button, label.option, a.button, a.row), .bar a')]"
        ".filter((node) => node.offsetParent && node.getBoundingClientRect().height < 40)"
        ".map((node) => node.textContent)"
    )
    assert small == []
