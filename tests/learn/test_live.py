"""Live pages in a real browser: they work, and they say so when their kernel is gone."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from learn_harness import PASSWORD, Site, kernels_of, wait_for
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

LEARN = "/services/learn"
HARMLESS = (
    "Unsatisfied version",  # Voila bundles an older JupyterLab than the widgets were built for
    "No satisfying version",
    "Starting WebSocket",
    "Kernel: dead",
    "net::ERR_FAILED",  # the API is a stub here
)


class Visit:
    """A browser page of one person, with all it asked for and complained about."""

    def __init__(self, browser: Browser, site: Site, login: str) -> None:
        self.context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
        self.page: Page = self.context.new_page()
        self._url = site.url
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        # The bar asks the API, which is only a stub in these tests.
        self.page.route("**/services/api/**", lambda route: route.abort())
        self.page.goto(f"{site.url}/hub/login?next={LEARN}/nothing")
        self.page.fill("[name=username]", login)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("[type=submit]")
        self.page.wait_for_url(f"**{LEARN}/nothing")
        self.complaints.clear()  # that page was a 404

    def _hear(self, message: ConsoleMessage) -> None:
        if not any(word in message.text for word in HARMLESS):
            self.complaints.append(message.text)

    def open(self, name: str) -> None:
        """Go to a page of `learn`."""
        self.page.goto(f"{self._url}{LEARN}/{name}")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """s300 at the shared site."""
    made = Visit(browser, site, "s300")
    yield made
    made.open("home")  # leaving ends the kernel; closing the window at once would not
    wait_for(lambda: kernels_of(site) == [])
    made.context.close()


def test_widgets_work_without_a_complaint_or_another_host(visit: Visit, site: Site) -> None:
    visit.open("widgets")
    visit.page.get_by_role("button", name="点我").tap()
    expect(visit.page.get_by_text("点过了")).to_be_visible()
    expect(visit.page.locator("#loading")).to_have_count(0)
    assert visit.page.title() == "活页"
    width = visit.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    assert visit.complaints == []
    assert visit.hosts - {""} == {urlsplit(site.url).netloc}


def test_leaving_a_page_ends_its_kernel(visit: Visit, site: Site) -> None:
    visit.open("widgets")
    expect(visit.page.get_by_role("button", name="点我")).to_be_visible()
    assert len(kernels_of(site)) == 1
    visit.open("home")
    wait_for(lambda: kernels_of(site) == [], 5)


def test_a_crashed_kernel_is_said_and_continue_brings_the_page_back(
    visit: Visit, site: Site
) -> None:
    visit.open("widgets")
    button = visit.page.get_by_role("button", name="点我")
    button.tap()
    expect(visit.page.get_by_text("点过了")).to_be_visible()
    kernels_of(site)[0].send_signal(signal.SIGKILL)
    expect(visit.page.get_by_text("这一页休息了")).to_be_visible(timeout=8000)
    assert kernels_of(site) == []  # not restarted: an empty kernel would look alive
    visit.page.get_by_role("button", name="继续").tap()
    expect(visit.page.get_by_text("还没点")).to_be_visible(timeout=15000)
    button.tap()
    expect(visit.page.get_by_text("点过了")).to_be_visible()
    assert visit.complaints == []


def test_a_page_that_breaks_while_it_opens_says_so(visit: Visit) -> None:
    visit.open("broken-live")
    expect(visit.page.get_by_text("这一部分没有显示出来")).to_be_visible()


@pytest.mark.parametrize(
    "own_site", [{"cull_disconnected_s": 10, "cull_idle_s": 12}], indirect=True
)
def test_kernels_that_nobody_needs_end_and_their_pages_say_so(
    own_site: Site, browser: Browser
) -> None:
    lonely = own_site.sign_in("s001")
    lonely.get(f"{LEARN}/environment")
    wait_for(lambda: "ended: nobody connected" in own_site.log.read_text(), 30)
    visit = Visit(browser, own_site, "v001")
    visit.open("widgets")
    expect(visit.page.get_by_role("button", name="点我")).to_be_visible()
    wait_for_culling(visit.page, own_site)
    expect(visit.page.get_by_text("这一页休息了")).to_be_visible(timeout=15000)
    visit.context.close()


def wait_for_culling(page: Page, site: Site) -> None:
    # Playwright's events come only while it is asked to wait, so no plain sleep.
    for _ in range(160):
        if "ended: connected but idle" in site.log.read_text():
            return
        page.wait_for_timeout(250)
    raise AssertionError("the idle kernel was not ended")
