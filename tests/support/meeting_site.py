"""The real API and its pages in a browser, with a town, a clock that can be moved, and two meetings
that are open: number 1 in the hall for the office, number 2 online for the village."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from meetings import OFFICE, VILLAGE, make_town, meet
from playwright.sync_api import Browser, Page
from real_site import RealSite, serving

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.domain.checkin import CODE_SECONDS, six_digits, window
from lawlab.services.checkin_tokens import qr_token
from lawlab.store.engine import make_engine, make_sessions

HALL, ROOM = 1, 2
RETURN = "document.dispatchEvent(new Event('visibilitychange'))"
LARGE = "localStorage.setItem('lawlab.type', '\"large\"')"


class Clock:
    """The server's time: it goes on by itself, and a test may move it on."""

    def __init__(self, begin: dt.datetime) -> None:
        self.begin, self.started = begin, time.monotonic()

    def __call__(self) -> dt.datetime:
        return self.begin + dt.timedelta(seconds=time.monotonic() - self.started)

    def move(self, **how: float) -> None:
        self.begin += dt.timedelta(**how)


class MeetingSite(RealSite):
    """A `RealSite` of which a phone can scan the codes. `clock` is the server's."""

    clock: Clock
    secret: str

    def token(self, activity: int = HALL) -> str:
        """What the QR code of an activity holds now."""
        return qr_token(self.secret, activity, self.clock())

    def code(self, activity: int = HALL) -> str:
        """The six digits of an activity now."""
        return six_digits(self.secret, activity, window(self.clock(), CODE_SECONDS))

    def scan(self, page: Page, activity: int = HALL) -> None:
        """The phone opens what it reads off the screen."""
        page.goto(f"/services/api/c/{self.token(activity)}")


@contextmanager
def meeting_site(
    browser: Browser, empty: Path, folder: Path, now: dt.datetime
) -> Iterator[MeetingSite]:
    """Serves the town while the block runs."""
    shutil.copy(empty, folder / "lawlab.sqlite")
    settings = Settings(data=folder)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    clock = Clock(now)
    with sessions() as session:
        make_town(session, now)
        begins = now - dt.timedelta(minutes=5)
        planned = now - dt.timedelta(days=1)
        assert meet(session, begins, units=(OFFICE,), planned=planned) == HALL
        facts = {"title": "线上学习会", "place": "腾讯会议", "online": True}
        assert meet(session, begins, units=(VILLAGE,), planned=planned, **facts) == ROOM
    site = MeetingSite(browser, sessions, now)
    site.clock, site.secret = clock, settings.secrets["check-in"]
    with serving(site, make_app(settings, clock), _is_api):
        yield site
    engine.dispose()


def _is_api(scope: Any) -> bool:
    return bool(scope["path"].startswith("/services/api"))


def fits(page: Page) -> bool:
    """Nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
