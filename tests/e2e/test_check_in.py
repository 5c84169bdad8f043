"""A hall signs in for real: the trainer's screen, a phone that is signed out when it scans, and one
whose network is cut between the scan and the answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.demo import DEMO_PASSWORD
from lawlab.store.engine import make_engine
from lawlab.store.tables import Activity, AttendanceEvent, Person

if TYPE_CHECKING:
    from conftest import Visitors

    from lawlab.testing import Running

TRIAL = "签到演练：试试扫码和数字码"
LIVE_S = 1.0


def trial(platform: Running) -> int:
    engine = make_engine(platform.settings.database)
    with Session(engine) as session:
        found = session.scalars(select(Activity.id).where(Activity.title == TRIAL)).one()
    engine.dispose()
    return found


def stored(platform: Running, activity: int) -> list[str]:
    engine = make_engine(platform.settings.database)
    with Session(engine) as session:
        rows = session.scalars(
            select(Person.login)
            .join(AttendanceEvent, AttendanceEvent.person_id == Person.id)
            .where(AttendanceEvent.activity_id == activity)
            .order_by(Person.login)
        ).all()
    engine.dispose()
    return list(rows)


def shown_address(desk: Page, activity: int) -> str:
    """What the QR code on the screen holds now."""
    shown: dict[str, Any] = desk.evaluate(
        f"fetch('/services/api/desk/activities/{activity}/sign').then((reply) => reply.json())"
    )
    return str(shown["address"])


def test_two_phones_sign_in_and_the_screen_counts_them(
    visitors: Visitors, platform: Running
) -> None:
    activity = trial(platform)
    desk, signed_out, cut_off = visitors.desk(), visitors.phone(), visitors.phone()
    visitors.sign_in(desk, "t01")
    visitors.sign_in(cut_off, "v050")
    desk.goto(f"/services/learn/attendance/sign/{activity}")
    counted = desk.locator(".sign-big b").first
    expect(counted).to_have_text("0")

    # Signed out: the scan leads through sign-in and back to a finished check-in.
    signed_out.goto(shown_address(desk, activity))
    expect(signed_out.get_by_text("登录以后自动签到")).to_be_visible()
    signed_out.fill("input[name=username]", "s074")
    signed_out.fill("input[name=password]", DEMO_PASSWORD)
    signed_out.get_by_role("button", name="登录").click()
    expect(signed_out.get_by_role("heading", name="签到成功")).to_be_visible()
    began = time.monotonic()
    expect(counted).to_have_text("1", timeout=5000)
    waited = time.monotonic() - began
    assert waited < LIVE_S, f"the screen counted after {waited:.2f} s"

    # The network goes between the scan and the answer, and comes back.
    def cut(route: Route) -> None:
        route.abort("internetdisconnected")

    cut_off.route("**/services/api/check-in", cut)
    cut_off.goto(shown_address(desk, activity))
    expect(cut_off.get_by_text("正在重试").first).to_be_visible()
    assert stored(platform, activity) == ["s074"]
    cut_off.unroute("**/services/api/check-in", cut)
    cut_off.evaluate("window.dispatchEvent(new Event('online'))")
    expect(cut_off.get_by_role("heading", name="签到成功")).to_be_visible()
    expect(counted).to_have_text("2", timeout=5000)
    assert stored(platform, activity) == ["s074", "v050"]

    # A reload of the page, as after a lock, changes nothing.
    cut_off.reload()
    expect(cut_off.get_by_text("不用再扫").first).to_be_visible()
    assert stored(platform, activity) == ["s074", "v050"]
