"""Requests of a page that wait until a test answers them."""

from __future__ import annotations

from playwright.sync_api import Page, Route


def hold(page: Page, pattern: str) -> list[Route]:
    """From now on, requests to such an address wait in this list."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route(pattern, keep)
    return held


def the_one(page: Page, held: list[Route]) -> Route:
    """Takes the request that waits, once it is there; there is no second one."""
    for _ in range(100):
        if held:
            break
        page.wait_for_timeout(50)
    page.wait_for_timeout(200)
    assert len(held) == 1
    return held.pop()
