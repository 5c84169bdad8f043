"""The search page on a phone: while the index is being made, in everyday words, and empty."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from playwright.sync_api import expect

Phones: TypeAlias = Any
Site: TypeAlias = Any

SEARCH = "/services/learn/search"


def test_a_search_right_after_a_start_is_asked_again_by_itself(phones: Phones, site: Site) -> None:
    page = phones.open(f"{SEARCH}?q=彩礼")
    expect(page.get_by_text("搜索目录正在整理")).to_be_visible()
    # A title is text, never markup.
    found = page.get_by_role("link", name="彩礼<b>怎么退")
    expect(found).to_be_visible(timeout=10_000)
    expect(found.locator("mark")).to_have_text(["彩礼", "彩礼"])
    expect(page.get_by_text("搜索目录正在整理")).to_have_count(0)
    expect(page.get_by_text("和“彩礼”有关，法律条文里写的是“借婚姻索取财物”")).to_be_visible()
    assert site.searches == 2
    found.tap()
    expect(page).to_have_url(re.compile("/services/learn/lesson/"))
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("彩礼")


def test_results_that_only_resemble_say_so(phones: Phones, site: Site) -> None:
    site.searches = 1
    page = phones.open(f"{SEARCH}?q=相近")
    expect(page.get_by_text("没有完全对上的，下面只是字面相近")).to_be_visible()


def test_a_search_without_a_result_offers_words_to_try(phones: Phones, site: Site) -> None:
    site.searches = 1
    page = phones.open(SEARCH)
    page.get_by_role("searchbox").fill("没有")
    page.get_by_role("button", name="搜索").tap()
    expect(page.get_by_text("没有找到“没有”。")).to_be_visible()
    page.get_by_role("button", name="彩礼").tap()
    expect(page.get_by_role("link", name=re.compile("怎么退"))).to_be_visible()
