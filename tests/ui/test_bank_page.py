"""题库 in a real browser against the real API: from an empty form to a published question."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving

from lawlab.api.app import make_app
from lawlab.api.pace import Pace
from lawlab.config import Settings
from lawlab.domain.marking import same_blank
from lawlab.domain.question import Question, QuestionType
from lawlab.services.content import publish_bank
from lawlab.services.content_state import set_state, states
from lawlab.services.item_drafts import new_bank
from lawlab.store.content import bank_items
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import Statutes
from lawlab.store.tables import ItemDraft, ItemVersion, Person, Role

LAW = "某镇爱护桥梁条例"
TEXT = "任何人不得在桥面上堆放石料、木料和其他重物。"
BANK = f"""bank: bridges
law: {LAW}
items:
  - id: brg-001
    type: judge
    stem: 桥面上可以堆石料。
    answer: 错
    explanation: 不可以。
    articles: ["{LAW}#3"]
    evidence: 不得在桥面上堆放石料
    difficulty: 1
    tags: [桥面]
"""


class Site(RealSite):
    statutes: Statutes
    app: FastAPI

    def drafts(self) -> list[ItemDraft]:
        with self.sessions() as session:
            return session.query(ItemDraft).all()


def saves_a_draft(scope: Any) -> bool:
    return bool(scope["path"].endswith("/draft"))


@pytest.fixture
def site(
    browser: Browser,
    migrated_sqlite: Path,
    tmp_path: Path,
    make_statutes: Callable[..., Statutes],
) -> Iterator[Site]:
    now = dt.datetime.now(dt.UTC)
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    url = f"sqlite:///{tmp_path / 'lawlab.sqlite'}"
    engine = make_engine(url)
    statutes = make_statutes({LAW: {3: TEXT}}, {LAW: {3: "桥面不得堆放石料。"}})
    sessions = make_sessions(engine)
    with sessions() as session:
        people = {"t01": "教员001", "t02": "教员002", "s001": "干部001"}
        for login, name in people.items():
            person = Person(login=login, full_name=name, created_at=now)
            person.roles = [Role(role="trainer" if login.startswith("t") else "learner")]
            session.add(person)
        session.commit()
        new_bank(session, "bridges", LAW, "brg", statutes, now)
        publish_bank(session, BANK, statutes, now)
    api = make_app(Settings(data=tmp_path / "data", database_url=url, demo=True))
    site = Site(browser, sessions, now)
    site.statutes = statutes
    with serving(site, api, saves_a_draft):
        api.state.lawlab.statutes = statutes
        site.app = api
        yield site
    engine.dispose()


def saved(page: Page) -> None:
    expect(page.locator(".item-actions .save-state")).to_contain_text("已保存")


def choose_words(page: Page, words: str) -> None:
    """Select words of the article as a hand would."""
    page.evaluate(
        """(words) => {
            const text = document.querySelector(".law-text p").firstChild;
            const range = document.createRange();
            const from = text.data.indexOf(words);
            range.setStart(text, from);
            range.setEnd(text, from + words.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        words,
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_from_an_empty_form_to_a_published_question(site: Site, width: int) -> None:
    page = site.open("bank?bank=bridges", width=width)
    page.get_by_role("button", name="写一道新题").click()
    page.wait_for_url("**/bank/brg-002")

    page.get_by_label("找条文").fill("重物")
    page.get_by_role("button", name="任何人不得").click()
    expect(page.locator(".law-text")).to_contain_text("石料、木料")
    use = page.get_by_role("button", name="用作依据摘句")
    expect(use).to_be_disabled()
    choose_words(page, "堆放石料、木料")
    use.click()
    expect(page.get_by_label("依据摘句")).to_have_value("堆放石料、木料")
    expect(page.locator(".law-text mark")).to_have_text("堆放石料、木料")

    page.get_by_label("题干").fill("村民甲想把一车石料卸在桥上过夜，行不行？")
    for letter, text in {"A": "可以照办", "B": "按条例办", "C": "先问邻居"}.items():
        page.get_by_label(f"选项 {letter}", exact=True).fill(text)
    page.get_by_label("删去选项 D").click()
    page.get_by_label("选项 B 是正确的").check()
    page.get_by_label("解析").fill("条例是这样要求的。")
    page.get_by_label("难度").select_option("2")
    page.get_by_role("button", name="桥面", exact=True).click()
    expect(page.get_by_label("标签")).to_have_value("桥面")
    saved(page)

    page.get_by_role("button", name="检查并发布").click()
    faults = page.locator(".fault-row")
    expect(faults).to_have_text(["请说明选项 A 为什么错。", "请说明选项 C 为什么错。"])
    faults.first.click()
    expect(page.get_by_label("选项 A 为什么错")).to_be_focused()
    page.get_by_label("选项 A 为什么错").fill("过一夜也是堆放。")
    page.get_by_label("选项 C 为什么错").fill("邻居说了不算。")
    expect(page.locator(".wrong-text")).to_have_count(0)

    page.get_by_role("button", name="试答").click()
    page.get_by_role("dialog").get_by_text("先问邻居").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("dialog")).to_contain_text("为什么 C 不对：邻居说了不算。")
    page.get_by_role("button", name="关上").click()

    page.get_by_role("button", name="检查并发布").click()
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("请写法律审核人的姓名")
    page.get_by_label("法律审核人").fill("审核人甲")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".item-facts")).to_contain_text("第 1 版，审核：审核人甲")
    with site.sessions() as session:
        _, version, question = bank_items(session, "bridges")["brg-002"]
    assert (version, question.answer, question.articles) == (1, "B", (f"{LAW}#3",))
    assert list(question.options) == ["A", "B", "C"]
    assert site.drafts() == []


def test_a_change_is_shown_field_by_field_and_published_as_the_next_version(site: Site) -> None:
    page = site.open("bank/brg-001")
    expect(page.locator(".item-facts")).to_contain_text("第 1 版")
    page.get_by_label("解析").fill("第三条不许。")
    saved(page)
    expect(page.locator(".item-facts")).to_contain_text("有未发布的改动")
    page.get_by_role("button", name="检查并发布").click()
    expect(page.locator(".changes dt")).to_have_text(["解析"])
    expect(page.locator(".changes del")).to_contain_text("可以")
    expect(page.locator(".changes ins").first).to_contain_text("第三条")
    page.get_by_label("法律审核人").fill("审核人甲")
    page.get_by_label("改了什么").fill("说清依据")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator(".item-facts")).to_contain_text("第 2 版")
    page.get_by_text("历史（2）").click()
    expect(page.locator(".event").first).to_contain_text("说清依据")
    page.get_by_role("button", name="以这一版为底稿").last.click()
    expect(page.get_by_label("解析")).to_have_value("不可以。")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_label("解析")).to_have_value("第三条不许。")


def test_leaving_the_page_loses_nothing(site: Site) -> None:
    page = site.open("bank/brg-001")
    page.get_by_label("解析").fill("写完马上离开。")
    page.goto("/services/learn/bank")
    expect(page.get_by_text("有未发布的改动")).to_be_visible()
    page.goto("/services/learn/bank/brg-001")
    expect(page.get_by_label("解析")).to_have_value("写完马上离开。")

    site.down.set()
    page.get_by_label("解析").fill("没有网的时候写的。")
    expect(page.locator(".item-actions")).to_contain_text("内容已留在这台电脑上，正在重试")
    page.reload()
    expect(page.get_by_text("找回了上次没有来得及保存的内容")).to_be_visible()
    expect(page.get_by_label("解析")).to_have_value("没有网的时候写的。")
    assert [draft.body["explanation"] for draft in site.drafts()] == ["写完马上离开。"]
    site.down.clear()
    saved(page)
    assert [draft.body["explanation"] for draft in site.drafts()] == ["没有网的时候写的。"]


@pytest.mark.parametrize("mine", [True, False])
def test_two_trainers_at_one_question_choose_and_lose_nothing_unseen(
    site: Site, mine: bool
) -> None:
    one, other = site.open("bank/brg-001"), site.open("bank/brg-001", "t02")
    for page in (one, other):
        expect(page.get_by_label("解析")).to_have_value("不可以。")
    other.get_by_label("解析").fill("教员二写的。")
    saved(other)
    one.get_by_label("解析").fill("教员一写的。")
    expect(one.locator(".notice-bad")).to_contain_text("教员002 在您之后保存过这道题")
    expect(one.locator(".notice-bad del")).to_contain_text("二")
    expect(one.locator(".notice-bad ins")).to_contain_text("一")
    one.get_by_role("button", name="用这里写的" if mine else "用 教员002 的").click()
    text = "教员一写的。" if mine else "教员二写的。"
    expect(one.get_by_label("解析")).to_have_value(text)
    saved(one)
    assert [draft.body["explanation"] for draft in site.drafts()] == [text]


def test_a_draft_from_before_another_publication_is_compared_first(site: Site) -> None:
    one, other = site.open("bank/brg-001"), site.open("bank/brg-001")
    one.get_by_label("解析").fill("先写的稿子。")
    saved(one)
    other.reload()
    expect(other.get_by_label("解析")).to_have_value("先写的稿子。")
    with site.sessions() as session:
        text = BANK.replace("不可以。", "命令行发布的。")
        publish_bank(session, text, site.statutes, site.now)
    one.get_by_role("button", name="检查并发布").click()
    one.get_by_label("法律审核人").fill("审核人甲")
    one.get_by_role("button", name="发布", exact=True).click()
    expect(one.locator(".notice-bad")).to_contain_text("另外发布了第 2 版")
    expect(one.locator(".notice-bad del")).to_contain_text("命令行发布")
    one.get_by_role("button", name="仍用这份草稿").click()
    saved(one)
    one.get_by_role("button", name="检查并发布").click()
    one.get_by_role("button", name="发布", exact=True).click()
    expect(one.locator(".item-facts")).to_contain_text("第 3 版")


def test_throwing_a_draft_away_can_be_undone(site: Site) -> None:
    page = site.open("bank/brg-001")
    page.get_by_label("解析").fill("写了又不要。")
    saved(page)
    page.get_by_role("button", name="放弃草稿").click()
    expect(page.get_by_label("解析")).to_have_value("不可以。")
    assert site.drafts() == []
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_label("解析")).to_have_value("写了又不要。")


def test_a_question_is_withdrawn_with_a_reason_and_restored(site: Site) -> None:
    page = site.open("bank/brg-001")
    page.get_by_role("button", name="撤下").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="撤下").click()
    expect(page.get_by_role("alert")).to_contain_text("请写明为什么撤下")
    page.get_by_label("为什么撤下").fill("有歧义")
    dialog.get_by_role("button", name="撤下").click()
    expect(page.locator(".notice")).to_contain_text("教员001 撤下：有歧义")
    with site.sessions() as session:
        assert list(states(session, "item")) == ["brg-001"]
    page.get_by_role("button", name="恢复使用").click()
    expect(page.locator(".item-facts")).to_contain_text("在用")
    with site.sessions() as session:
        assert states(session, "item") == {}


def test_a_stale_question_shows_old_and_new_words_and_is_confirmed(site: Site) -> None:
    with site.sessions() as session:
        row = session.query(ItemVersion).one()
        old = site.statutes.law(LAW, version=dt.date(2012, 1, 1))
        row.article_prints = {f"{LAW}#3": old.at((3, 0)).fingerprint}
        set_state(session, "item", "brg-001", "stale", "第三条改了。", "系统", site.now)
        session.commit()
    page = site.open("bank/brg-001")
    notice = page.locator(".notice-bad")
    expect(notice).to_contain_text("第三条改了。")
    expect(notice.locator("ins").last).to_contain_text("木料和其他重物")
    page.get_by_role("button", name="核对过，仍然正确").click()
    page.get_by_label("法律审核人").fill("审核人甲")
    page.get_by_role("button", name="确认并恢复使用").click()
    expect(page.locator(".item-facts")).to_contain_text("第 2 版，审核：审核人甲")
    expect(page.locator(".notice-bad")).to_have_count(0)


def test_six_hundred_questions_come_by_the_page_and_are_narrowed(site: Site) -> None:
    with site.sessions() as session:
        for number in range(2, 602):
            question = Question(
                f"brg-{number:03}",
                QuestionType.JUDGE,
                f"第 {number} 座桥要爱护。",
                {},
                "对",
                "解析。",
                (f"{LAW}#3",),
                "",
                number % 5 + 1,
                ("后来的",),
            )
            session.add(
                ItemVersion(
                    item=question.id,
                    version=1,
                    bank="bridges",
                    type="judge",
                    body=question.to_json(),
                    sha256=str(number),
                    article_prints={},
                    published_at=site.now,
                )
            )
        session.commit()
    page = site.open("bank", width=390)
    rows = page.locator(".item-row")
    expect(page.locator(".found")).to_have_text("共 601 题")
    assert rows.count() <= 80
    page.mouse.wheel(0, 30_000)
    expect(rows).not_to_have_count(40)
    page.get_by_label("找题").fill("第77座")
    expect(page.locator(".found")).to_have_text("找到 1 题")
    expect(rows).to_have_count(1)
    page.get_by_label("找题").fill("")
    page.get_by_text("筛选").click()
    page.get_by_label("难度").select_option("3")
    expect(page.locator(".found")).to_have_text("找到 120 题")
    page.get_by_role("button", name="已撤下 0").click()
    expect(page.get_by_text("没有符合条件的题")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="已撤下 0")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="去掉所有条件").click()
    expect(page.locator(".found")).to_have_text("共 601 题")


def test_a_new_bank_is_made_and_is_empty(site: Site) -> None:
    page = site.open("bank")
    page.get_by_role("button", name="新建题库").click()
    page.get_by_label("法律名称").fill("没有的条例")
    page.get_by_label("题库名").fill("docks")
    page.get_by_label("编号开头").fill("dck")
    page.get_by_role("button", name="建立").click()
    expect(page.get_by_role("alert")).to_contain_text("没有找到“没有的条例”")
    page.get_by_label("法律名称").fill(LAW)
    page.get_by_role("button", name="建立").click()
    page.wait_for_url("**bank=docks")
    page.get_by_role("button", name="写第一道题").click()
    page.wait_for_url("**/bank/dck-001")


SPELLINGS = [
    *(
        "三十日",
        "三十日。",
        "《三十日》",
        "（三十 日）",
        "30日",
        "３０　日",
        "50%",
        "50",
        "-5",
        "5",
        "－5",
    ),
    *("Wi-Fi", "ＷＩ－ＦＩ", "wifi", "Straße", "STRASSE", "ΟΔΟΣ", "οδος", "㎡", "m2", "①", "1"),
    *(
        "三\u200b十日",
        "\ufeff三十日",
        "“三十日”、",
        "三、十日",
        "5‰",
        "‰",
        "",
        " ",
        "。",
        "－",
        "ﬁn",
        "FIN",
    ),
]


def test_the_try_out_marks_a_blank_as_the_server_does(site: Site) -> None:
    # More questions at once than a person has: an hour goes by between any two of them.
    site.app.state.pace = Pace(clock=map(float, count(0, 3600)).__next__)
    page = site.open("bank/brg-001")
    expect(page.locator(".item-facts")).to_contain_text("第 1 版")
    pairs = [[one, other] for one in SPELLINGS for other in SPELLINGS]
    said = page.evaluate(
        """async (pairs) => {
          const { blanksRight } = await import("/ui/desk-item-dialogs.js");
          return Promise.all(pairs.map(([one, other]) => blanksRight([[other]], [one])));
        }""",
        pairs,
    )
    marked = [same_blank(written, spelling) for written, spelling in pairs]
    assert [
        pair for pair, one, other in zip(pairs, said, marked, strict=True) if one != other
    ] == []
    assert sum(marked) > len(SPELLINGS)  # not only what is the same letter by letter

    page.get_by_label("题型").select_option("fill")
    page.get_by_label("题干").fill("限 ____ 内搬走。")
    page.get_by_label("每空的答案").fill("三十日／30日")
    page.get_by_role("button", name="试答").click()
    page.get_by_label("第 1 空").fill("“３０ 日”。")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("dialog")).to_contain_text("答对了")
    page.get_by_role("button", name="再答一次").click()
    page.get_by_label("第 1 空").fill("三十一日")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("dialog")).to_contain_text("没有全对")


def test_a_case_counts_its_points_while_they_are_written(site: Site) -> None:
    page = site.open("bank/brg-001", width=390)
    page.get_by_label("题型").select_option("case")
    page.get_by_role("button", name="加一个要点").click()
    page.get_by_label("要点 1", exact=True).fill("说明原因")
    page.get_by_label("要点 1 的分数").fill("12.5")
    expect(page.locator(".rubric-total")).to_have_text("合计 12.5 / 20 分，还差 7.5 分")
    page.get_by_role("button", name="加一个要点").click()
    page.get_by_label("要点 2 的分数").fill("7.5")
    expect(page.locator(".rubric-total")).to_have_text("合计 20 / 20 分，正好")
    page.get_by_label("题型").select_option("judge")
    expect(page.get_by_label("错", exact=True)).to_be_checked()


def test_a_learner_is_told_whose_page_this_is(site: Site) -> None:
    for path in ("bank", "bank/brg-001"):
        page = site.open(path, "s001", 390)
        expect(page.get_by_role("heading", name="这一页给教员用")).to_be_visible()
        expect(page.get_by_role("link", name="回首页")).to_be_visible()


def test_a_question_that_does_not_exist_leads_back(site: Site) -> None:
    page = site.open("bank/brg-999")
    expect(page.get_by_text("没有编号为“brg-999”的题。")).to_be_visible()
    page.get_by_role("link", name="回题库", exact=True).click()
    expect(page.get_by_role("heading", name="题库")).to_be_visible()
