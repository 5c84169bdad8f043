"""The projector on the real API: what the hall sees, and that nothing of it is ever cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from contest_site import BLUE, FIRST, RED, ContestSite, contest_site
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from lawlab.config import REPOSITORY
from lawlab.domain.contest_script import Format, Kind
from lawlab.services.sessions import begin_session
from lawlab.store.engine import writing
from lawlab.store.tables import ItemVersion

Serve = Callable[..., ContestSite]
SIZES = ((1920, 1080), (1024, 768), (1280, 720), (3840, 2160))
CUT = """() => [...document.querySelectorAll('lawlab-bigscreen, .big-main, .big-main *')].filter(
  (node) => getComputedStyle(node).overflow !== 'visible' && !node.closest('svg, .only-read')
    && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)
).map((node) => node.outerHTML)"""
OUTSIDE = """() => [...document.querySelectorAll('lawlab-bigscreen > div *')].filter((node) => {
  const box = node.getBoundingClientRect();
  return box.width && !node.closest('.only-read, svg') && (box.left < 0 || box.top < 0
    || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
}).map((node) => node.outerHTML)"""
PAINTED = """new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
})"""
MOTION = """(() => {
  const { animationName: name, animationDuration: time } = getComputedStyle(
    document.querySelector('.big-board li'));
  return name === 'none' ? 0 : parseFloat(time);
})()"""
UNIT = "Math.min(innerWidth / 1600, innerHeight / 1080)"


@pytest.fixture
def serve(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[Serve]:
    """Serves a contest of these rounds."""
    with ExitStack() as stack:

        def begin(*rounds: dict[str, Any], **script: Any) -> ContestSite:
            return stack.enter_context(
                contest_site(
                    browser, migrated_sqlite, small_repository, tmp_path, rounds or ({},), **script
                )
            )

        yield begin


def projector(site: ContestSite) -> Page:
    return site.open(f"bigscreen/{site.contest}", width=1920)


def say(site: ContestSite, login: str, path: str, **data: Any) -> None:
    """Somebody's phone posts something about the question on the screen."""
    with site.sessions() as session:
        token = begin_session(session, login, "hub", FIRST)
    body = {"person": login, "turn": site.view()["question"]["turn"]} | data
    reply = httpx.post(
        f"{site.url}/services/api/contests/{site.contest}/{path}",
        json=body,
        cookies={"lawlab-session": token, "jupyterhub-session-id": "hub"},
        headers={"X-Lawlab": "1"},
    )
    assert reply.status_code == 200, reply.text


def answer(site: ContestSite, login: str, *chosen: str) -> None:
    say(site, login, "answers", response={"chosen": list(chosen)})


def text_pixels(page: Page, selector: str) -> float:
    """How large a text is, in pixels of a projector of 1920 by 1080."""
    size = f"parseFloat(getComputedStyle(document.querySelector('{selector}')).fontSize)"
    return float(page.evaluate(f"{size} / {UNIT}"))


def whole(page: Page) -> None:
    """Nothing is cut, nothing lies outside, nothing scrolls."""
    assert page.evaluate(CUT) == []
    assert page.evaluate(OUTSIDE) == []


def longest() -> dict[str, Any]:
    """The longest question of all banks that a contest may ask."""
    found = []
    for file in sorted((REPOSITORY / "assessments" / "banks").glob("*.yaml")):
        found += yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)["items"]
    chosen = [one for one in found if one["type"] in ("single", "multiple")]
    return max(chosen, key=lambda one: len(one["stem"]) + len("".join(one["options"].values())))


def test_the_longest_question_is_never_cut_at_any_size(serve: Serve) -> None:
    site = serve()
    question = longest()
    with site.sessions() as session:
        first = writing(session).scalars(select(ItemVersion).order_by(ItemVersion.id)).first()
        assert first is not None
        wanted = ("type", "stem", "options", "answer", "explanation", "articles")
        first.body = first.body | {name: question[name] for name in wanted}
        session.commit()
    site.do("open", "start", "show")
    page = projector(site)
    expect(page.locator(".big-stem")).to_have_text(question["stem"])
    for phase in ("question", "revealed"):
        expect(page.locator("lawlab-bigscreen")).to_have_attribute("data-phase", phase)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(PAINTED)
            whole(page)
            assert text_pixels(page, ".big-stem") >= 40
            assert text_pixels(page, ".big-options") >= 40
        if phase == "question":
            assert text_pixels(page, ".big-stem") >= 64
            assert text_pixels(page, ".big-options") >= 48
            site.do("close", "reveal")
    expect(page.locator(".big-article")).to_be_visible()


def test_the_lobby_shows_the_way_in_and_who_has_come(serve: Serve) -> None:
    site = serve(rehearsal=True)
    page = projector(site)
    expect(page.get_by_text("比武还没有开放")).to_be_visible()
    site.do("open")
    box = page.locator(".stage-qr").bounding_box()
    assert box is not None
    assert box["height"] >= 0.3 * 1080
    expect(page.locator(".big-address")).to_have_text(f"{site.url[7:]}/services/learn/contest/1")
    expect(page.locator(".big-rules li").first).to_contain_text("不倒扣")
    expect(page.get_by_text("彩排，不计成绩")).to_be_visible()
    expect(page.locator("lawlab-bar")).to_be_hidden()
    site.seat("v002")
    expect(page.locator(".big-names li")).to_have_text(["明白人002"])
    site.seat("v001")
    expect(page.locator(".big-names li")).to_have_text(["明白人001", "明白人002"])
    whole(page)
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(page.locator(".big-count")).to_contain_text("2 / 3 人")
    whole(page)


def test_it_keeps_the_last_state_without_a_network_and_comes_back(serve: Serve) -> None:
    site = serve()
    site.do("open", "start")
    site.show()
    page = projector(site)
    expect(page.locator(".big-stem")).to_be_visible()
    assert "key" not in page.evaluate(
        "Object.keys(document.querySelector('lawlab-bigscreen').view)"
    )
    answer(site, "v001", "C")
    answer(site, "v002", "A")
    expect(page.locator(".big-answered b")).to_have_text("2")
    page.reload()
    expect(page.locator(".big-answered b")).to_have_text("2")
    expect(page.locator(".big-time .timer")).to_contain_text("还剩")
    site.do("pause")
    expect(page.get_by_text("暂停", exact=True)).to_be_visible()
    site.do("resume")
    expect(page.get_by_text("暂停", exact=True)).to_be_hidden()
    page.context.set_offline(True)
    expect(page.get_by_text("正在重连")).to_be_visible()
    expect(page.locator(".big-stem")).to_be_visible()
    site.do("close", "reveal")
    page.context.set_offline(False)
    right = page.locator(".big-options .is-right")
    expect(right).to_contain_text("正确")
    expect(right.locator(".big-number")).to_have_text("1 人")
    expect(page.get_by_text("1 人答对，共 2 人作答")).to_be_visible()
    expect(page.get_by_text("正在重连")).to_be_hidden()
    site.do("void", turn=1, reason="题目有错")
    expect(page.get_by_text("这道题作废，谁都不得分。原因：题目有错")).to_be_visible()


def test_the_board_moves_and_the_end_is_a_podium(serve: Serve) -> None:
    site = serve()
    site.do("open", "start")
    page = projector(site)
    site.show()
    site.clock.move(seconds=10)
    answer(site, "v002", "C")
    answer(site, "v001", "A")
    site.do("close", "reveal", "board", "show")
    site.clock.move(milliseconds=500)
    answer(site, "v001", *site.view()["key"]["answer"])
    site.do("close", "reveal", "board")
    rows = page.locator(".big-board li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("明白人001")
    expect(rows.first.locator(".big-moved")).to_contain_text("↑1")
    assert 0 < page.evaluate(MOTION) < 0.4
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOTION) == 0
    site.do("finish")
    expect(page.locator(".is-place-1 b")).to_have_text("明白人001")
    whole(page)


def test_the_hall_sees_which_team_was_first_and_what_it_plays_for(serve: Serve) -> None:
    site = serve(
        {"kind": Kind.BUZZER, "count": 1},
        {"kind": Kind.RISK, "count": 1, "skip": 1},
        format=Format.SEATED,
    )
    site.do("open", "start")
    page = projector(site)
    site.show()
    expect(page.get_by_text("听主持人口令再抢")).to_be_visible()
    say(site, "v001", "buzz")
    expect(page.get_by_text(f"不能再抢：{RED}")).to_be_visible()
    site.do("arm")
    expect(page.get_by_text("现在可以抢！")).to_be_visible()
    say(site, "v002", "buzz")
    expect(page.locator(".big-first")).to_have_text(f"{BLUE} 抢到！")
    assert text_pixels(page, ".big-first") >= 120
    whole(page)
    site.clock.move(milliseconds=600)
    answer(site, "v002", site.view()["key"]["answer"])
    site.do("reveal")
    expect(page.locator(".big-call")).to_contain_text(f"{BLUE}答对了，加 100 分")
    site.do("board")
    expect(page.locator(".big-board .is-top").first).to_contain_text(BLUE)
    site.show(team=RED, stake=20)
    expect(page.locator(".big-team")).to_contain_text(f"{RED} 答")
    expect(page.locator(".big-team")).to_contain_text("20 分题")
    expect(page.locator(".big-answered")).to_be_hidden()


def test_only_hosts_may_open_it(serve: Serve) -> None:
    site = serve()
    page = site.open(f"bigscreen/{site.contest}", "v001", 1920)
    expect(page.get_by_text("这里给主持人用")).to_be_visible()
    page.goto("/services/learn/bigscreen")
    expect(page.get_by_text("没有这一页")).to_be_visible()
