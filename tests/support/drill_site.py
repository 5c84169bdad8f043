"""The real API and the pages of practice in a browser, with two learners, a trainer and a clock
that can be moved."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meeting_site import Clock
from playwright.sync_api import Browser, Page, expect
from real_site import RealSite, serving
from sqlalchemy import func, select

from lawlab.api.app import make_app
from lawlab.config import Settings
from lawlab.services.content import seed
from lawlab.services.drill_pool import bring_pool_in_step
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.statutes import statutes_of
from lawlab.store.tables import Answer, CohortMembership, Person, Role

FIRST = dt.datetime(2026, 12, 1, 11, 30, tzinfo=dt.UTC)
LEARNER, OTHER, TRAINER = "v001", "v002", "t01"


class DrillSite(RealSite):
    """A `RealSite` with something to practise. `clock` is the server's."""

    clock: Clock

    def stored(self) -> int:
        """How many answers have arrived."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(Answer)) or 0


@contextmanager
def drill_site(
    browser: Browser, empty: Path, repository: Path, folder: Path
) -> Iterator[DrillSite]:
    """Serves the learners while the block runs."""
    shutil.copy(empty, folder / "lawlab.sqlite")
    settings = Settings(data=folder)
    engine = make_engine(settings.database)
    sessions = make_sessions(engine)
    clock = Clock(FIRST)
    with sessions() as session:
        seed(session, repository, settings, FIRST)
        for login in (LEARNER, OTHER):
            person = Person(login=login, full_name=f"明白人{login[1:]}", created_at=FIRST)
            person.password_hash, person.roles = "x", [Role(role="learner")]
            person.cohorts = [CohortMembership(cohort="villager", since=FIRST.date())]
            session.add(person)
        trainer = Person(login=TRAINER, full_name="教员01", created_at=FIRST, password_hash="x")
        trainer.roles = [Role(role="trainer")]
        session.add(trainer)
        session.commit()
        bring_pool_in_step(session, statutes_of(session), FIRST)
    site = DrillSite(browser, sessions, FIRST)
    site.clock = clock
    with serving(site, make_app(settings, clock)):
        yield site
    engine.dispose()


def answer(page: Page) -> None:
    """Answer the question on the screen, rightly or not."""
    card = page.locator(".question").first
    expect(card.locator("fieldset")).to_be_enabled()
    blanks = card.locator("fieldset input.blank")
    if blanks.count():
        for n in range(blanks.count()):
            blanks.nth(n).fill("三十天")
    elif card.locator("fieldset label.option").count():
        card.locator("fieldset label.option").first.click()
    else:
        card.get_by_role("button", name="下移").first.click()
    card.get_by_role("button", name="确定").click()


def go_on(page: Page) -> None:
    page.locator(".drill-next .button").last.click()
