"""The page 法规导入 in a real browser, in front of the real API and a real database: from a file to
a course for reading, and what changed between two versions.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving
from sqlalchemy import select

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.store.content import courses
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import statutes_with
from lawlab.store.tables import ImportedLaw, ItemVersion, Person, Role

BRIDGES = "某镇爱护桥梁条例"
LOADS = "三吨以上的车辆不得通过木桥。"
NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)


def make_text(loads: str = LOADS, day: str = "2020年7月31日") -> str:
    return (
        f"{BRIDGES}\n（{day}某镇第三届人民代表大会第二次会议通过）\n"
        "第一章 总则\n第一条 为了爱护桥梁，制定本条例。\n"
        f"第二章 通行\n第二条 {loads}\n第二条之一 行人可以通过木桥。\n"
        f"第三条 本条例自{day}起施行。\n"
    )


@pytest.fixture
def site(browser: Browser, migrated_sqlite: Path, tmp_path: Path) -> Iterator[RealSite]:
    shutil.copy(migrated_sqlite, tmp_path / "lawlab.sqlite")
    settings = Settings(data=tmp_path)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    with sessions() as session:
        for login, role in (("t01", "trainer"), ("s001", "learner")):
            person = Person(login=login, full_name=login, created_at=NOW, password_hash="x")
            person.roles = [Role(role=role)]
            session.add(person)
        session.commit()
    with serving(RealSite(browser, sessions, NOW), make_app(settings, lambda: NOW)) as site:
        yield site
    engine.dispose()


def choose(page: Page, text: str | bytes, name: str = "bridges.txt") -> None:
    content = text.encode() if isinstance(text, str) else text
    page.locator("#law-file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def add_item(site: RealSite) -> None:
    """An item that cites the second article of the law in force."""
    ref = f"{BRIDGES}#2"
    article = statutes_with(site.sessions).law(BRIDGES).article(2)
    body = {"id": "brg-001", "type": "judge", "stem": "货车能过木桥吗？", "options": {}}
    body |= {"answer": "错", "explanation": "不能。", "articles": [ref], "difficulty": 1}
    row = ItemVersion(item="brg-001", version=1, bank="bridges", type="judge", body=body)
    row.body |= {"evidence": "车辆不得通过木桥"}
    row.sha256, row.published_at = "x", NOW
    row.article_prints = {ref: article.fingerprint}
    with site.sessions() as session:
        session.add(row)
        session.commit()


def test_from_a_file_to_a_reading_course(site: RealSite) -> None:
    page = site.open("laws")
    expect(page.get_by_text("还没有导入过")).to_be_visible()
    choose(page, make_text())
    expect(page.get_by_role("heading", name=f"《{BRIDGES}》")).to_be_visible()
    expect(page.get_by_label("制定机关")).to_have_value("某镇人民代表大会")
    expect(page.get_by_label("类别")).to_have_value("地方性法规")
    expect(page.get_by_label("施行日期")).to_have_value("2020-07-31")
    expect(page.get_by_text("2 章，4 条")).to_be_visible()
    expect(page.get_by_text("第二条之一", exact=True)).to_be_visible()
    page.get_by_text("看读出的目录").click()
    expect(page.get_by_text("第二条 至 第三条")).to_be_visible()
    page.get_by_label("公布日期").fill("2020-08-15")
    page.get_by_label("公布日期").blur()
    expect(page.get_by_label("版本日期")).to_have_value("2020-08-15")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text(f"《{BRIDGES}》2020-08-15 的版本已导入")).to_be_visible()
    expect(page.get_by_text("没有题目因此过期")).to_be_visible()
    page.locator(".notice").get_by_role("button", name="做成阅读课程").click()
    expect(page.get_by_role("button", name="已做成阅读课程")).to_be_visible()
    expect(page.locator(".law-row").get_by_text("阅读课程", exact=True)).to_be_visible()
    with site.sessions() as session:
        (course,) = courses(session)
        assert (course.law, course.about["reading"]) == (BRIDGES, True)
        (row,) = session.scalars(select(ImportedLaw))
        assert (row.published, row.imported_by) == (dt.date(2020, 8, 15), "t01")
    page.get_by_role("button", name="撤下阅读课程").click()
    page.get_by_role("dialog").get_by_role("button", name="撤下").click()
    expect(page.locator(".law-row").get_by_role("button", name="做成阅读课程")).to_be_visible()
    with site.sessions() as session:
        assert courses(session) == []


def test_faults_stand_with_their_lines_and_beside_their_fields(site: RealSite) -> None:
    page = site.open("laws", width=390)
    choose(page, "某镇爱护桥梁条例\n第一条 甲。\n第三条 丙。\n第三条 丁。")
    expect(
        page.get_by_text("有 4 处问题，还不能保存。2 处要在文件里改好，2 处可以")
    ).to_be_visible()
    faults = page.locator(".law-faults li")
    expect(faults).to_have_count(2)
    expect(faults.first).to_contain_text("第 3 行")
    expect(faults.first).to_contain_text("缺第二条，前一条是第一条。")
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    missing = page.get_by_text("没有找到施行日期，请写明施行日期。")
    expect(missing).to_be_visible()
    page.get_by_label("施行日期").fill("2020-09-01")
    page.get_by_label("施行日期").blur()
    expect(missing).to_have_count(0)
    choose(page, b"%PDF-1.7", "bridges.pdf")
    expect(page.get_by_text("用 Word 打开后另存为 .docx")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_version_shows_what_changed_and_which_items(site: RealSite) -> None:
    page = site.open("laws")
    choose(page, make_text())
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没有题目因此过期")).to_be_visible()
    add_item(site)
    changed = make_text(LOADS.replace("三吨", "五吨"), "2024年5月1日")
    # Compared with a file first, then imported.
    page.get_by_role("button", name="比较版本").click()
    page.get_by_label("新文件").set_input_files(
        {"name": "new.txt", "mimeType": "text/plain", "buffer": changed.encode()}
    )
    expect(page.get_by_text("修改 2 条")).to_be_visible()
    expect(page.get_by_text("1 道题引用了有变动的条")).to_be_visible()
    expect(page.get_by_role("link", name="brg-001")).to_be_visible()
    choose(page, changed)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("有 1 题依据的条文变了")).to_be_visible()
    link = page.get_by_role("link", name="去核对这些题")
    expect(link).to_have_attribute("href", "/services/learn/bank?bank=bridges&state=stale")
    page.get_by_role("button", name="看改了什么").click()
    expect(page.locator(".article-change").first.locator("del")).to_contain_text("三")
    expect(page.locator(".article-change").first.locator("ins")).to_contain_text("五")
    expect(page.get_by_text("条文已变，已撤下")).to_be_visible()
    expect(page.locator(".law-row").filter(has_text="2024-05-01")).to_contain_text("现行")
    expect(page.locator(".law-row").filter(has_text="2020-07-31")).to_contain_text("旧版本")


def test_the_same_file_again_is_said_to_be_there(site: RealSite) -> None:
    page = site.open("laws")
    for _ in range(2):
        choose(page, make_text())
        expect(page.get_by_label("名称", exact=True)).to_have_value(BRIDGES)
        if page.get_by_role("button", name="保存").is_enabled():
            page.get_by_role("button", name="保存").click()
            expect(page.get_by_text("的版本已导入")).to_be_visible()
    expect(page.get_by_text("已经导入过，文字相同")).to_be_visible()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    choose(page, make_text(LOADS.replace("三吨", "五吨")))
    expect(page.get_by_text("但文字不同：第二条")).to_be_visible()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()


def test_laws_of_the_platform_are_found_by_name(site: RealSite) -> None:
    page = site.open("laws")
    page.get_by_label("法律名称").fill("禁毒")
    row = page.locator(".law-row").filter(has_text="禁毒法")
    expect(row).to_contain_text("现行有效")
    row.get_by_role("button", name="比较版本").click()
    expect(page.get_by_text("请选择新版本的文件")).to_be_visible()
    page.get_by_label("法律名称").fill("没有的名称")
    expect(page.get_by_text("没有名称里带“没有的名称”的法律")).to_be_visible()


def test_the_page_is_for_trainers(site: RealSite) -> None:
    page = site.open("laws", "s001")
    expect(page.get_by_text("这一页给教员用")).to_be_visible()
    expect(page.get_by_role("link", name="回首页")).to_be_visible()
