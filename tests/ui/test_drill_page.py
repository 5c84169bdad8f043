"""The pages of practice in a browser: narrow, large, dark; without a network; on a shared phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from drill_site import LEARNER, OTHER, DrillSite, answer, drill_site, go_on
from meeting_site import LARGE, fits
from playwright.sync_api import Browser, Page, Route, expect

VIEWS = ["", "/practise", "/scopes", "/book", "/book/favourite", "/map", "/calendar", "/chain"]
VIEWS += ["/duel", "/reports", "/nothing"]
ANSWERS = "**/services/api/answers"
NEXT = "**/services/api/drill/next*"


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[DrillSite]:
    with drill_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        yield site


def test_every_view_fits_a_narrow_phone_in_large_type_and_leads_back(site: DrillSite) -> None:
    page = site.open("drill", LEARNER, 320)
    page.emulate_media(color_scheme="dark")
    page.evaluate(LARGE)
    for _ in range(2):  # empty, and with an answer of each kind
        for view in VIEWS:
            page.goto(f"/services/learn/drill{view}")
            expect(
                page.locator("lawlab-drill .card, lawlab-drill .drill-tile").first
            ).to_be_visible()
            expect(page.get_by_text("正在打开")).to_have_count(0)
            assert fits(page), view
            assert page.locator("lawlab-drill a").count() > 0
        page.goto("/services/learn/drill/practise?mode=practice&type=single")
        answer(page)
        expect(page.locator(".verdict")).to_be_visible()
        assert fits(page)
        page.get_by_role("button", name="☆ 收藏").click()
        expect(page.get_by_role("button", name="★ 已收藏")).to_be_visible()


def test_it_can_be_done_with_the_keyboard_alone(site: DrillSite) -> None:
    page = site.open("drill/practise?mode=practice&type=judge", LEARNER)
    page.locator("fieldset input").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="确定").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_be_focused()
    page.get_by_role("button", name="下一题").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".question-head b").first).to_have_text("第 2 题")
    expect(page.locator("legend.stem")).to_be_focused()


def test_an_answer_is_asked_for_before_it_is_confirmed(site: DrillSite) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".question .save-state")).to_contain_text("再点确定")
    assert site.stored() == 0


def test_one_tap_reports_words_follow_and_it_is_taken_back(site: DrillSite) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    answer(page)
    page.get_by_role("button", name="这道题有问题").click()
    expect(page.get_by_text("已告诉教员")).to_be_visible()
    page.get_by_label("哪里有问题").fill("答案不对")
    page.get_by_role("button", name="补充").click()
    expect(page.get_by_text("已补充。")).to_be_visible()
    page.get_by_role("button", name="撤回").click()
    expect(page.get_by_role("button", name="这道题有问题")).to_be_visible()
    page.get_by_role("button", name="这道题有问题").click()
    expect(page.get_by_text("已告诉教员")).to_be_visible()
    page.goto("/services/learn/drill/reports")
    expect(page.get_by_text("等教员回复。")).to_be_visible()


def test_whoever_takes_the_phone_sees_nothing_of_the_other(site: DrillSite) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    answer(page)
    expect(page.locator(".verdict")).to_be_visible()
    page.context.set_offline(True)
    go_on(page)
    answer(page)
    expect(page.locator(".question .save-state").first).to_contain_text("联网后告诉您对错")
    go_on(page)
    page.context.set_offline(False)
    # Somebody else signs in on the same phone; what waits is neither shown nor sent.
    page.route("**/services/api/answers", lambda route: route.abort())
    other = site.open("drill", OTHER, 390)
    cookies = other.context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    stored = site.stored()
    page.unroute("**/services/api/answers")
    page.goto("/services/learn/drill/practise")
    expect(page.locator(".question-head b").first).to_have_text("第 1 题")
    expect(page.get_by_text("刚才没有网时答的")).to_have_count(0)
    assert site.stored() == stored


def test_a_chain_says_kindly_that_it_needs_the_network(site: DrillSite) -> None:
    page = site.open("drill/chain", LEARNER, 390)
    begin = page.get_by_role("button", name="开始挑战")
    expect(begin).to_be_visible()
    page.context.set_offline(True)
    begin.click()
    expect(page.get_by_text("挑战答题要联网")).to_be_visible()
    page.context.set_offline(False)
    begin.click()
    expect(page.get_by_text("已连对 0 题")).to_be_visible()
    answer(page)
    expect(page.locator(".verdict")).to_be_visible()


def test_a_duel_from_the_challenge_to_the_result(site: DrillSite) -> None:
    one = site.open("drill/duel", LEARNER, 390)
    one.get_by_label("或者找一位同事").fill("明白人002")
    one.get_by_role("button", name="挑战", exact=True).click()
    other = site.open("drill", OTHER, 390)
    other.get_by_role("link", name="去看看").click()
    other.get_by_role("link", name="明白人001 向您挑战").click()
    for page in (one, other):
        for n in range(1, 6):
            expect(page.locator(".question-head b").first).to_contain_text(f"第 {n}/5 题")
            answer(page)
            expect(page.locator(".verdict")).to_be_visible()
            go_on(page)
    expect(one.get_by_role("heading", name="等对方答")).to_be_visible()
    expect(other.locator(".drill-versus")).to_be_visible()
    assert other.locator("h1").inner_text() in {"您赢了", "对方赢了", "打平了"}
    one.goto("/services/learn/drill")
    expect(one.get_by_text("有 1 场对战等您。")).to_be_visible()


def test_a_mark_is_told_whichever_page_delivered_the_answer(site: DrillSite) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    expect(page.locator(".drill-progress")).to_contain_text("今天 0/10 题")
    page.route(ANSWERS, lambda route: route.abort())
    asked = [_answer_without_mark(page) for _ in range(2)]
    expect(page.locator(".drill-progress")).to_have_text("今天 0/10 题，2 题等联网")
    expect(page.locator(".drill-dots .is-done")).to_have_count(2)
    # The last one is not even left by 下一题.
    answer(page)
    expect(page.get_by_text("已记下，联网后告诉您对错。")).to_be_visible()
    page.unroute(ANSWERS)
    page.goto("/services/learn/home")
    while page.evaluate("Object.keys(localStorage).some((key) => key.includes('answer'))"):
        page.wait_for_timeout(20)
    assert site.stored() == 3
    page.goto("/services/learn/drill")
    expect(page.get_by_text("没有网时答的 3 题有对错了。")).to_be_visible()
    page.get_by_role("link", name="去看看").click()
    told = page.locator(".drill-late summary")
    expect(told).to_have_count(3)
    assert [stem[:12] in told.nth(n).inner_text() for n, stem in enumerate(asked)] == [True] * 2
    told.first.click()
    expect(page.locator(".drill-late .verdict").first).to_be_visible()
    page.get_by_role("button", name="知道了").click()
    page.reload()
    expect(page.locator(".question fieldset")).to_be_enabled()
    expect(page.locator(".drill-late")).to_have_count(0)
    assert site.stored() == 3


def _answer_without_mark(page: Page) -> str:
    """Answers what is asked, goes on, and gives its text."""
    stem = page.locator(".question .stem").inner_text()
    answer(page)
    expect(page.get_by_text("已记下，联网后告诉您对错。")).to_be_in_viewport()
    go_on(page)
    return stem


def test_what_waits_is_not_asked_again_in_another_scope(site: DrillSite) -> None:
    page = site.open("drill/practise?mode=practice&type=judge", LEARNER, 390)
    page.route(ANSWERS, lambda route: route.abort())
    expect(page.locator(".question fieldset")).to_be_enabled()
    stem = _answer_without_mark(page)
    page.goto("/services/learn/drill/practise?mode=practice&type=judge&order=sequence")
    expect(page.locator(".question fieldset")).to_be_enabled()
    kept = "Object.entries(localStorage).filter(([k]) => k.includes('sequence'))[0][1]"
    held = page.evaluate(kept)
    assert held.count('"stem"') > 1
    assert stem not in held


def test_a_page_opened_again_goes_on_with_what_it_had_when_nothing_new_comes(
    site: DrillSite,
) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    stem = page.locator(".question .stem").inner_text()
    page.route(NEXT, lambda route: route.abort())
    page.reload()
    expect(page.locator(".question .stem")).to_have_text(stem)
    answer(page)
    expect(page.locator(".verdict")).to_be_visible()
    # Somebody else gets none of it.
    page.evaluate("""Object.keys(localStorage).filter((key) => key.endsWith('.items')).forEach(
        (key) => { localStorage.setItem(key.replace('v001', 'v002'), localStorage[key]);
                   localStorage.removeItem(key); })""")
    page.reload()
    expect(page.get_by_text("题还没有取到，正在重试")).to_be_visible()
    page.unroute(NEXT)
    page.get_by_role("button", name="马上重试").click()
    expect(page.locator(".question fieldset")).to_be_enabled()


def test_a_double_tap_confirms_once_and_shows_the_mark(site: DrillSite) -> None:
    page = site.open("drill/practise?mode=practice&type=judge", LEARNER, 390)
    page.locator("fieldset label.option").first.click()
    page.evaluate("""document.addEventListener('focusin', ({ target }) => target.matches('.verdict')
        && document.querySelector('.drill-next .button').dispatchEvent(
            new MouseEvent('click', { detail: 2, bubbles: true })))""")
    page.get_by_role("button", name="确定").dblclick()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator(".question-head b").first).to_have_text("第 1 题")
    assert site.stored() == 1


def test_whoever_is_signed_out_is_led_back_and_loses_no_answer(site: DrillSite) -> None:
    page = site.open("drill/practise", LEARNER, 390)
    expect(page.locator(".question fieldset")).to_be_enabled()

    def out(route: Route) -> None:
        route.fulfill(status=401, json={"code": "signed_out", "message": "登录已过期。"})

    page.route("**/services/api/**", out)
    answer(page)
    expect(page.get_by_text("1 个答案留在手机上，没有丢")).to_be_visible()
    go_on(page)
    page.goto("/services/learn/drill/practise")
    expect(page.locator("lawlab-drill").get_by_role("link", name="重新登录")).to_be_visible()
    page.unroute("**/services/api/**")
    page.goto("/services/learn/drill/practise")
    expect(page.locator(".drill-late summary")).to_have_count(1)
    assert site.stored() == 1


def test_a_view_that_does_not_arrive_says_so(site: DrillSite) -> None:
    page = site.open("drill", LEARNER, 390)
    page.route("**/ui/drill-practise.js", lambda route: route.abort())
    page.get_by_role("link", name="开始练习").click()
    expect(page.get_by_text("这一页没有打开全")).to_be_visible()
    page.unroute("**/ui/drill-practise.js")
    page.get_by_role("button", name="再打开一次").click()
    expect(page.locator(".question fieldset")).to_be_enabled()


def test_a_duel_never_asks_again_what_is_answered(site: DrillSite) -> None:
    page = site.open("drill/duel", LEARNER, 390)
    page.get_by_role("button", name="随机找一位").click()
    answer(page)
    expect(page.locator(".verdict")).to_be_visible()
    page.context.set_offline(True)
    go_on(page)
    expect(page.get_by_text("网络不稳，对战还没有打开")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".question-head b").first).to_contain_text("第 2/5 题")
    # An answer that is on its way when the page is opened again gets its mark there.
    page.route(ANSWERS, lambda route: route.abort())
    answer(page)
    expect(page.locator(".question .save-state")).to_contain_text("答案已留在手机上，正在重试")
    # What is sent while a page closes is beyond the reach of a route.
    page.evaluate("addEventListener('visibilitychange', (e) => e.stopImmediatePropagation(), true)")
    page.reload()
    expect(page.get_by_text("答案还在手机上，正在送出…")).to_be_visible()
    page.unroute(ANSWERS)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.get_by_text("您选的").or_(page.get_by_text("您排的顺序")).first).to_be_visible()
    assert site.stored() == 2
