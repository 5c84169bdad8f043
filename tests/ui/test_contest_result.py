"""After a contest on the real API: what a contestant finds, what the host does with objections and
certificates, and what anybody sees who checks one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from contest_site import LEARNERS, ContestSite, contest_site
from meeting_site import LARGE, fits
from playwright.sync_api import Browser, Locator, Page, expect

from lawlab.domain.question import Question
from lawlab.services.sessions import begin_session
from lawlab.store.tables import ItemVersion


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[ContestSite]:
    """Two questions: v001 knows both, v002 the second, v003 was silent."""
    rounds = [{"count": 2}]
    with contest_site(
        browser, migrated_sqlite, small_repository, tmp_path, rounds, speed=False
    ) as site:
        site.do("open", "start")
        for knows in ({"v001": True, "v002": False}, {"v001": True, "v002": True}):
            site.show()
            for login, right in knows.items():
                answer(site, login, right)
            site.do("close", "reveal", "board")
        site.do("finish")
        yield site


def answer(site: ContestSite, login: str, right: bool) -> None:
    shown = site.view()["question"]
    with site.sessions() as session:
        version = session.query(ItemVersion).filter_by(item=shown["id"]).first()
        assert version is not None
        key = Question.from_json(version.body).answer
        token = begin_session(session, login, "hub", site.now)
    options = ["对", "错"] if shown["type"] == "judge" else list(shown["options"])
    wrong = next(one for one in options if one not in key)
    chosen = ([key] if shown["type"] == "judge" else list(key)) if right else [wrong]
    body = {"person": login, "turn": shown["turn"], "response": {"chosen": chosen}}
    cookies = {"lawlab-session": token, "jupyterhub-session-id": "hub"}
    with httpx.Client(cookies=cookies, headers={"X-Lawlab": "1"}) as phone:
        path = f"{site.url}/services/api/contests/{site.contest}/answers"
        assert phone.post(path, json=body).status_code == 200


def card(page: Page, title: str) -> Locator:
    return page.locator("section.card").filter(has=page.get_by_role("heading", name=title))


def test_from_the_result_to_a_certificate_and_through_an_objection(site: ContestSite) -> None:
    phone = site.open(f"contest/{site.contest}/result", "v002", 390)
    expect(card(phone, "我的成绩")).to_contain_text("第 2 名100 分，答了 2 题，答对 1 题")
    expect(phone.get_by_text("第 1 题：您答错了，2 人答，1 人答对")).to_be_visible()
    phone.get_by_text("第 1 题：").click()
    expect(phone.get_by_text(re.compile("^选的人数：")).first).to_be_visible()
    expect(phone.get_by_text("每个人的答案")).to_have_count(0)
    expect(phone.get_by_role("heading", name="我的证书")).to_have_count(0)

    host = site.open(f"host/{site.contest}/protocol")
    made = card(host, "荣誉证书")
    expect(made.locator("li")).to_have_text(
        ["一等奖　明白人001（第 1 名），还没有做", "二等奖　明白人002（第 2 名），还没有做"]
    )
    made.get_by_role("button", name="做证书（2 张）").click()
    expect(made.get_by_role("link", name="全部下载（.zip）")).to_be_visible()
    expect(made.get_by_role("button")).to_have_count(0)
    with host.expect_download() as file:
        made.get_by_role("link", name="全部下载（PDF，一人一页）").click()
    assert file.value.suggested_filename == "宪法宣传周法律知识比武-证书.pdf"
    host.locator("details.question").first.locator("summary").first.click()
    host.get_by_text("每个人的答案").first.click()
    row = host.get_by_role("row").filter(has=host.get_by_text("明白人002"))
    expect(row.last).to_contain_text(re.compile(r"错009:00:\d\d\.\d{3}"))

    phone.reload()
    own = card(phone, "我的证书")
    expect(own.get_by_role("link", name="下载证书（PDF）")).to_be_visible()
    [code] = re.findall(r"编号 ([A-Z2-9-]{14})", own.inner_text())

    # An objection: somebody else answered for the first.
    site.do("exclude", login="v001", reason="手机由别人代答")
    host.reload()
    expect(made.get_by_text("请补做新的")).to_be_visible()
    expect(made.get_by_text("明白人001的一等奖证书已经作废")).to_be_visible()
    made.get_by_role("button", name="做证书（1 张）").click()
    expect(made.locator("li")).to_contain_text(["一等奖　明白人002 编号"])
    phone.reload()
    expect(own.get_by_text(re.compile("一等奖，编号"))).to_be_visible()
    expect(own.get_by_text(f"二等奖证书已经作废，编号 {code}")).to_be_visible()
    expect(phone.get_by_text("明白人001 被取消资格，原因：手机由别人代答")).to_be_visible()

    stranger = site.open("home", LEARNERS[2], 390)
    stranger.context.clear_cookies()
    stranger.goto(f"/services/api/verify/{code}")
    expect(stranger.get_by_text("这张证书已经作废")).to_be_visible()
    stranger.get_by_label("证书编号").fill("abcd efgh jkmn")
    stranger.get_by_role("button", name="查验").click()
    expect(stranger.get_by_text("没有这个编号的证书")).to_be_visible()


def test_the_protocol_fits_small_screens_and_large_type(site: ContestSite) -> None:
    host = site.open(f"host/{site.contest}/protocol", width=390)
    host.evaluate(LARGE)
    host.reload()
    host.set_viewport_size({"width": 320, "height": 640})
    card(host, "荣誉证书").get_by_role("button", name="做证书（2 张）").click()
    expect(host.get_by_role("link", name="下载", exact=True)).to_have_count(2)
    host.get_by_text("第 1 题：").click()
    host.get_by_text("每个人的答案").first.click()
    expect(host.get_by_role("columnheader", name="到达时间").first).to_be_visible()
    host.get_by_text("主持记录").click()
    assert fits(host)
