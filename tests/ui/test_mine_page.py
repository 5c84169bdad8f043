"""我的数据 in a browser, on the real API: what there is, the file, and what keeps it away."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from contest_site import ContestSite, contest_site
from meeting_site import fits
from playwright.sync_api import Browser, expect


@pytest.fixture
def site(
    browser: Browser, migrated_sqlite: Path, small_repository: Path, tmp_path: Path
) -> Iterator[ContestSite]:
    with contest_site(browser, migrated_sqlite, small_repository, tmp_path) as site:
        yield site


@pytest.mark.parametrize("width", [320, 1440])
def test_somebody_sees_what_there_is_and_takes_it_with_him(site: ContestSite, width: int) -> None:
    page = site.open("home", "v001", width)
    page.get_by_role("link", name="我的数据").click()
    expect(page.get_by_role("heading", name="我的数据")).to_be_visible()
    expect(page.locator(".mine-who")).to_contain_text("登录名 v001")
    expect(page.locator(".mine-kinds")).to_contain_text("类别")
    expect(page.get_by_text("180 天")).to_be_visible()
    expect(page.get_by_text("请找管理员；考勤不对，请找教员")).to_be_visible()
    assert fits(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载我的数据").click()
    expect(page.get_by_text("已下载")).to_be_visible()
    assert download.value.suggested_filename == "我的数据-v001.zip"
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        found = json.loads(archive.read("我的数据.json"))
    assert found["data"]["基本信息"][0]["登录名"] == "v001"


def test_a_failure_is_said_and_another_person_gets_nothing(site: ContestSite) -> None:
    page = site.open("mine", "v001", 390)
    button = page.get_by_role("button", name="下载我的数据")
    expect(button).to_be_visible()
    page.route("**/me/data.zip", lambda route: route.abort())
    button.click()
    expect(page.get_by_text("网络不稳，没有下载")).to_be_visible()
    page.unroute("**/me/data.zip")
    other = site.open("mine", "v002", 390)
    page.context.clear_cookies()
    page.context.add_cookies(other.context.cookies())  # type: ignore[arg-type]
    button.click()
    expect(page.get_by_text("这一页是另一位打开的")).to_be_visible()
