"""What a room remembers of its contest, and how it is taken from the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.domain.contest_events import Event
from lawlab.errors import Conflict, NotFound
from lawlab.services.contest import Loaded, known_command, load, store_event
from lawlab.services.contest_news import News, contest_news
from lawlab.services.contest_views import Views
from lawlab.store.contests import Card, cards_of, people_by_logins
from lawlab.store.statutes import china_day

SERVER = ""
"""By whom those events are that nobody commanded: no sign-in name is empty."""


class Memory:
    """The state of one contest, and what pages show of it (`views`)."""

    def __init__(
        self, sessions: sessionmaker[Session], clock: Callable[[], datetime], views: Views
    ) -> None:
        self.sessions = sessions
        self.clock = clock
        self.views = views

    @property
    def loaded(self) -> Loaded:
        return self.views.loaded

    def require_seat(self, person: int) -> None:
        """Raises Conflict `not_this_question` or `not_expected`: he cannot take part now."""
        if self.loaded.row.state != "open":
            raise Conflict("not_this_question", "比赛现在不在进行。")
        if person not in self.loaded.expected and person not in self.loaded.contest.added:
            raise Conflict("not_expected", "您不在这场比武的名单里。要参加请找主持人。")

    # ---- people ----

    async def meet(self, person: int) -> None:
        """Know somebody who was not expected by name before he is shown."""
        if person not in self.loaded.people:
            found = await to_the_end(self._card, person)
            self.loaded.people.update(found)

    def _card(self, person: int) -> dict[int, Card]:
        with self.sessions() as session:
            return cards_of(session, [person], china_day(self.clock()))

    async def find(self, login: str) -> int:
        """The id of somebody whom the host names. Raises NotFound `no_person`."""
        found, cards = await to_the_end(self._find, login)
        if found is None:
            raise NotFound("no_person", f"没有登录名是“{login}”的人，请在人员名单里选。")
        self.loaded.people.update(cards)
        return found

    def _find(self, login: str) -> tuple[int | None, dict[int, Card]]:
        with self.sessions() as session:
            found = people_by_logins(session, [login]).get(login)
            if found is None:
                return None, {}
            return found, cards_of(session, [found], china_day(self.clock()))

    # ---- events ----

    async def knows(self, key: str) -> bool:
        """Whether the command of this key was done already."""
        return await to_the_end(self._known, key)

    def _known(self, key: str) -> bool:
        with self.sessions() as session:
            return known_command(session, self.loaded.row.id, key)

    async def store(self, event: Event, key: str | None) -> None:
        """Store what was decided; it is not taken yet. Raises Raced."""
        await to_the_end(self._store, event, key)

    def _store(self, event: Event, key: str | None) -> None:
        with self.sessions() as session:
            store_event(session, self.loaded.row.id, event, self.clock(), key)

    # ---- what somebody else stored ----

    async def news(self) -> News | None:
        """What was stored since; None when the contest was deleted."""
        seq, turn = self.loaded.contest.seq, self.loaded.contest.turn
        return await to_the_end(self._news, seq, turn.number if turn else 0)

    def _news(self, seq: int, turn: int) -> News | None:
        people, now = self.loaded.people.keys(), self.clock()
        with self.sessions() as session:
            return contest_news(session, self.loaded.row.id, seq, turn, people, now)

    async def read_again(self) -> None:
        """Take the state from the database, whatever happened meanwhile."""
        new = await to_the_end(self._load)
        # What was stored while it was being read is known here already.
        for turn, answers in self.loaded.contest.given.items():
            for given in answers.values():
                new.contest.take_answer(given)
            for person, response in self.loaded.responses.get(turn, {}).items():
                new.responses.setdefault(turn, {}).setdefault(person, response)
        new.people.update(self.loaded.people)
        self.views = Views(new)

    def _load(self) -> Loaded:
        with self.sessions() as session:
            return load(session, self.loaded.row.id, self.clock())
