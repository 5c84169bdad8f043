"""A trainer's way with a lesson in a real browser: draft, preview beside JupyterLab, publish,
withdraw; and what learners see of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import Visitors

    from lawlab.testing import Running

DESK = "/services/learn/desk"
COURSE = "national-security"
NEW = "这是教员刚刚写的一段话。"


class Draft:
    """A lesson's file, saved as JupyterLab does: whole and at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))

    def save(self) -> None:
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(self.notebook, ensure_ascii=False, indent=1), "utf-8")
        part.replace(self.path)

    def last_prose(self) -> dict[str, Any]:
        cells = [cell for cell in self.notebook["cells"] if cell["cell_type"] == "markdown"]
        found: dict[str, Any] = cells[-2]
        return found

    def insert(self, place: int, source: str) -> None:
        cell = {"cell_type": "code", "id": f"n{place}", "metadata": {}, "source": source}
        self.notebook["cells"].insert(place, cell | {"outputs": [], "execution_count": None})


@pytest.fixture(scope="module")
def stem(platform: Running) -> str:
    return min(path.stem for path in (platform.settings.pages / COURSE).glob("*.ipynb"))


def draft_of(platform: Running, stem: str) -> Draft:
    folder = platform.settings.trainers_root / "备课" / "courses" / COURSE
    return Draft(folder / f"{stem}.ipynb")


def test_from_draft_to_learner_and_back(
    platform: Running, visitors: Visitors, pictures: Path, stem: str
) -> None:
    desk, phone = visitors.desk(), visitors.phone()
    visitors.sign_in(desk, "t01")
    desk.get_by_role("link", name="工作台").click()
    expect(desk.get_by_role("heading", name="教员工作台")).to_be_visible()
    desk.screenshot(path=pictures / "desk-home-desk.png", full_page=True)
    desk.goto(f"{DESK}/course/{COURSE}")
    desk.get_by_role("button", name="开始修改这门课").click()
    expect(desk.locator(".toast")).to_contain_text("已放好")

    preview = desk.context.new_page()
    preview.goto(f"/services/learn/preview/{COURSE}/{stem}")
    expect(preview.get_by_text("预览：和已发布的一样")).to_be_visible()
    follow(platform, preview, stem, pictures)

    desk.reload()
    desk.screenshot(path=pictures / "desk-course-desk.png", full_page=True)
    desk.get_by_role("link", name="看改动").click()
    expect(desk.locator(".lesson-changes ins")).to_contain_text(NEW)
    desk.screenshot(path=pictures / "desk-lesson-desk.png", full_page=True)
    desk.get_by_role("button", name="发布这一课").click()
    desk.get_by_role("button", name="发布", exact=True).click()
    expect(desk.locator("dialog")).to_contain_text("请写法律审核人的姓名")
    desk.get_by_label("法律审核人").fill("审核人甲")
    desk.get_by_role("button", name="发布", exact=True).click()
    expect(desk.locator(".toast")).to_contain_text("已发布")
    expect(desk.locator(".history")).to_contain_text("审核：审核人甲")

    visitors.sign_in(phone, "v003")
    phone.goto(f"/services/learn/lesson/{COURSE}/{stem}")
    expect(phone.get_by_text(NEW)).to_be_visible()
    expect(phone.locator("lawlab-preview")).to_have_count(0)

    desk.get_by_role("button", name="撤下这一课").click()
    desk.get_by_label("为什么撤下").fill("要重写")
    desk.get_by_role("button", name="撤下", exact=True).click()
    expect(desk.locator(".notice")).to_contain_text("要重写")
    gone = phone.reload()
    assert gone
    assert gone.status == 404
    expect(phone.get_by_text("没有找到这一页")).to_be_visible()
    desk.locator(".toast").get_by_role("button", name="撤销").click()
    expect(desk.locator(".toast")).to_contain_text("已恢复")
    phone.goto(f"/services/learn/lesson/{COURSE}/{stem}")
    expect(phone.get_by_text(NEW)).to_be_visible()

    preview.goto(f"/services/learn/preview/{COURSE}/{stem}/v1")
    expect(preview.get_by_text("第 1 版。现在学员看到的是第 2 版。")).to_be_visible()
    expect(preview.get_by_text(NEW)).to_have_count(0)


def follow(platform: Running, page: Page, stem: str, pictures: Path) -> None:
    """What was saved shows by itself and at the same place; a fault is named, not a broken page."""
    draft = draft_of(platform, stem)
    page.evaluate("window.untouched = true; window.scrollTo(0, 900)")
    heading = page.locator("main h2").nth(1)
    place = heading.evaluate("node => node.getBoundingClientRect().top")
    prose = draft.last_prose()
    prose["source"] += f"\n\n{NEW}"
    draft.save()
    expect(page.get_by_text(NEW)).to_be_attached(timeout=4000)
    expect(page.get_by_text("预览：还没有发布")).to_be_attached()
    assert page.evaluate("window.untouched")
    assert abs(heading.evaluate("node => node.getBoundingClientRect().top") - place) < 80

    draft.insert(4, "import os; os.system('id')")
    draft.insert(5, "lesson.chek('x')")
    draft.save()
    faults = page.locator(".preview-faults")
    expect(faults).to_contain_text("第 5 格", timeout=4000)
    expect(faults).to_contain_text("没有 lesson.chek")
    expect(page.locator(".preview-hole")).to_have_count(2)
    faults.get_by_role("link", name="第 6 格").click()
    expect(page.locator(".preview-hole").nth(1)).to_be_in_viewport()
    page.screenshot(path=pictures / "preview-fault-desk.png")
    for width, name in ((390, "phone"), (1440, "desk")):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=pictures / f"preview-{name}.png")

    card = page.locator("lawlab-question").first
    card.locator("label.option").first.click()
    card.get_by_role("button", name="确定").click()
    expect(card.get_by_text("正确答案")).to_be_visible()
    del draft.notebook["cells"][4:6]
    draft.save()
    expect(page.locator(".preview-hole")).to_have_count(0, timeout=4000)
    expect(page.get_by_text("没有发现问题")).to_be_attached()
    # What was tried on a card that did not change is still there; nothing was stored.
    expect(card.get_by_text("正确答案")).to_be_visible()


def test_a_learner_is_refused_calmly(visitors: Visitors, stem: str) -> None:
    phone = visitors.phone()
    visitors.sign_in(phone, "v004")
    expect(phone.get_by_role("link", name="工作台")).to_have_count(0)
    for path in (f"{COURSE}/{stem}", f"{COURSE}/{stem}/v1", f"{COURSE}/media/a.png"):
        refused = phone.goto(f"/services/learn/preview/{path}")
        assert refused
        assert refused.status == 403
        expect(phone.get_by_text("不能打开这一页")).to_be_visible()
    phone.goto(f"{DESK}/course/{COURSE}")
    expect(phone.get_by_text("这一页给教员用")).to_be_visible()


def test_an_unknown_preview_is_no_page(visitors: Visitors) -> None:
    desk = visitors.desk()
    visitors.sign_in(desk, "t02")
    for path in ("nothing/01_x", f"{COURSE}/99_x", f"{COURSE}/UPPER", "a", f"{COURSE}/x/v0"):
        missing = desk.goto(f"/services/learn/preview/{path}")
        assert missing
        assert missing.status == 404
        expect(desk.get_by_text("没有找到这一页")).to_be_visible()


def test_a_confirmed_statement_is_shown_to_learners(
    platform: Running, visitors: Visitors, pictures: Path
) -> None:
    desk, phone = visitors.desk(), visitors.phone()
    visitors.sign_in(desk, "t01")
    desk.goto(f"{DESK}/unconfirmed")
    card = desk.locator("section.card").filter(has=desk.locator("a[href*='/lesson/']")).first
    address = card.locator("a[href*='/lesson/']").first.get_attribute("href")
    assert address
    text = card.locator("p").first.inner_text()
    desk.screenshot(path=pictures / "desk-unconfirmed-desk.png", full_page=True)
    visitors.sign_in(phone, "v005")
    phone.goto(address)
    mark = phone.locator("aside.unconfirmed").filter(has_text=text).locator(".mark")
    expect(mark).to_have_text("待核")

    card.get_by_role("button", name="核对过了").click()
    desk.get_by_label("和什么核对的").fill("打过电话")
    desk.get_by_role("button", name="确认无误").click()
    expect(desk.locator(".toast")).to_contain_text("已核对")
    phone.reload()
    expect(mark).to_have_text(re.compile(r"已核对（\d+年\d+月\d+日）"))
    assert "请教员" not in mark.locator("xpath=ancestor::lawlab-unconfirmed").inner_text()
    phone.locator("aside.unconfirmed").filter(has_text=text).screenshot(
        path=pictures / "confirmed-phone.png"
    )
    desk.locator(".toast").get_by_role("button", name="撤销").click()
    expect(desk.locator(".toast")).to_contain_text("重新标为待核")
    phone.reload()
    expect(mark).to_have_text("待核")
