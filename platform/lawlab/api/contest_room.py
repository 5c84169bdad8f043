"""The rooms in which contests run: the state in memory, the sockets, and one thing after another.

The database holds everything that was acknowledged; a room is read from it, and read again whenever
somebody else (a second process, a restart) was quicker. Rooms of the same contest in other
processes say at once when they stored something (`api.fanout`), and what no table holds. Answers
that arrive together are stored together. Arrival is when a message is read here; what a batch takes
to store costs nobody his time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.api.background import to_the_end
from lawlab.api.batching import Batcher
from lawlab.api.contest_crowd import Crowd
from lawlab.api.contest_delivery import Delivery
from lawlab.api.contest_elsewhere import Elsewhere
from lawlab.domain.contest_buzzer import TIE_WAIT_S, may_press
from lawlab.domain.contest_events import Did, Event, Given
from lawlab.domain.contest_script import Format
from lawlab.domain.marking import check_response, mark
from lawlab.errors import Conflict, NotFound
from lawlab.services.contest import (
    Loaded,
    NewAnswer,
    Raced,
    known_command,
    load,
    store_answers,
    store_event,
)
from lawlab.services.contest_host_view import Around, host_view, screen_view
from lawlab.services.contest_news import News, contest_news
from lawlab.services.contest_views import Views
from lawlab.services.sessions import Caller
from lawlab.store.contests import Card, StoredAnswer, cards_of, people_by_logins
from lawlab.store.statutes import china_day

log = logging.getLogger("lawlab.api")
COUNT_S = 0.25
TRIES = 3
SERVER = ""
"""By whom those events are that nobody commanded: no sign-in name is empty."""
MOST_AT_ONCE = 2000
"""Answers in one commit."""


@dataclass
class Room:
    """One contest that somebody looks at."""

    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    views: Views
    say: Callable[[Mapping[str, Any]], None] | None = None
    """Tells the rooms of other processes; None where there are none."""
    crowd: Crowd = field(default_factory=Crowd)

    def __post_init__(self) -> None:
        self._lock = asyncio.Lock()
        self._keeping: dict[tuple[int, int], asyncio.Future[NewAnswer]] = {}
        """Answers that are being stored."""
        self._delivery = Delivery()
        self._presses: list[dict[str, Any]] = []
        self._batcher = Batcher[NewAnswer, NewAnswer](self._store, MOST_AT_ONCE, self._take)
        self._elsewhere = Elsewhere(self.say or (lambda _word: None))
        self._looking: asyncio.Task[None] | None = None
        self._count_timer: asyncio.TimerHandle | None = None
        self._end_timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._set_end()

    @property
    def loaded(self) -> Loaded:
        return self.views.loaded

    # ---- looking ----

    def present(self) -> frozenset[int]:
        """Who has the seat page open, at any process."""
        return self.crowd.present(self.clock()) | self._elsewhere.present()

    def view(self, caller: Caller, kind: str, origin: str = "") -> dict[str, Any]:
        """What a page of this kind shows now."""
        now = self.clock()
        if kind == "seat":
            return self.views.seat(caller.person_id, now)
        around = Around(self.present(), self._spread(), origin)
        return (host_view if kind == "host" else screen_view)(self.views, around, now)

    async def meet(self, caller: Caller) -> None:
        """Know somebody who was not expected by name before he is shown."""
        person = caller.person_id
        self.crowd.asked(person, self.clock())
        self.count_soon()
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

    # ---- answers ----

    async def answer(self, person: int, turn: int, response: Any, at: datetime) -> dict[str, Any]:
        """Take an answer that arrived at `at`; returns when it is stored. A repeat gets the first
        reply. Raises Conflict as `domain.contest.check_answer`, BadResponse, Refused."""
        contest = self.loaded.contest
        first = False
        if person not in contest.given.get(turn, {}):
            key = (turn, person)
            keeping = self._keeping.get(key)
            if keeping is None:
                self._require_seat(person)
                contest.check_answer(turn, person, at)
                version = self.loaded.script.steps[contest.find_turn(turn).step].slot.version_id
                check_response(self.loaded.questions[version], response)
                row = self.loaded.row
                place = (row.id, row.rehearsal, turn, person)
                new = NewAnswer(*place, version, response, at, contest.seq)
                first = True
                keeping = self._keeping[key] = self._batcher.put(new)
            # Whoever hangs up meanwhile has answered all the same.
            await asyncio.shield(keeping)
        given = self.loaded.contest.given[turn][person]
        shown = self.loaded.contest.find_turn(turn)
        return {
            "type": "ack",
            "turn": turn,
            "response": self.loaded.responses[turn][person],
            "at": given.at.isoformat(),
            "left_ms": max(0, shown.limit_ms + shown.extra_ms - shown.elapsed(given.at)),
            "first": first,
        }

    def _take(self, new: NewAnswer, stored: NewAnswer | Exception) -> None:
        """Called for each answer of a batch as soon as it is stored, or cannot be."""
        del self._keeping[new.turn, new.person]
        if isinstance(stored, Exception):
            return
        self._take_stored(stored)
        if len(self.crowd.phones_of(new.person)) > 1:
            self._tell_phones(new.person)

    def _take_stored(self, stored: NewAnswer | StoredAnswer) -> None:
        question = self.loaded.questions[stored.version_id]
        right = bool(mark(question, stored.response, 1).right)
        self.loaded.contest.take_answer(Given(stored.turn, stored.person, stored.at, right))
        self.loaded.responses.setdefault(stored.turn, {}).setdefault(stored.person, stored.response)
        self.count_soon()

    def _tell_phones(self, person: int) -> None:
        for seat in self.crowd.phones_of(person):
            self._spawn(self.crowd.send(seat, self.view(seat.caller, "seat")))

    def _store(self, answers: Sequence[NewAnswer]) -> Sequence[NewAnswer | Exception]:
        with self.sessions() as session:
            return store_answers(session, answers)

    def _require_seat(self, person: int) -> None:
        if self.loaded.row.state != "open":
            raise Conflict("not_this_question", "比赛现在不在进行。")
        if person not in self.loaded.expected and person not in self.loaded.contest.added:
            raise Conflict("not_expected", "您不在这场比武的名单里。要参加请找主持人。")

    def got(self, turn: int, person: int) -> None:
        """A phone has a question on its screen."""
        took = self._delivery.got(turn, person, self.clock())
        if took is not None:
            self._elsewhere.took(person, took)
            self.count_soon()

    def _spread(self) -> dict[str, Any] | None:
        turn = self.loaded.contest.turn
        return self._delivery.spread(turn.number) if turn else None

    # ---- 抢答 ----

    async def press(self, person: int, turn: int, at: datetime) -> dict[str, Any]:
        """Somebody pressed the buzzer. Raises Conflict as `may_press`."""
        self._require_seat(person)
        shown = may_press(self.loaded.contest, person)
        if shown.number != turn:
            raise Conflict("not_this_question", "这道题已经过去了，请看现在的题。")
        if shown.armed_at is None or at < shown.armed_at:
            await self.command(Did.FALSE_START, SERVER, {"person": person})
            return {"type": "buzz", "turn": turn, "state": "false_start"}
        team = self.loaded.contest.team_of(person)
        press = {"team": team, "person": person, "at": at.isoformat()}
        if self.say:
            self.say({"kind": "press", "turn": turn, "press": press})
        self._pressed(turn, press)
        return {"type": "buzz", "turn": turn, "state": "pressed"}

    def _pressed(self, turn: int, press: dict[str, Any]) -> None:
        """Somebody pressed, here or at another process: each that knows of it decides, and the
        first to store it has decided."""
        self._presses.append(press)
        if len(self._presses) == 1:
            self._spawn(self._decide_buzz(turn))

    async def _decide_buzz(self, turn: int) -> None:
        await asyncio.sleep(TIE_WAIT_S)
        presses, self._presses = self._presses, []
        draw = secrets.randbelow(1_000_000) / 1_000_000
        data = {"turn": turn, "candidates": presses, "draw": draw}
        with suppress(Conflict):  # undone or decided meanwhile
            await self.command(Did.BUZZ, SERVER, data)

    # ---- what the host does ----

    async def command(
        self, kind: Did, by: str, data: Mapping[str, Any], key: str | None = None, seq: int = -1
    ) -> None:
        """Decide, store, take, tell everybody. `seq`: what the host saw (-1: whatever there is).
        Raises what `domain.contest` refuses with; Conflict `host_moved`."""
        async with self._lock:
            if self.say:
                await self._catch_up()
            for _ in range(TRIES):
                if key is not None and await to_the_end(self._known, key):
                    return
                if kind is Did.REVEAL:
                    # What arrived in time is counted, however long it takes to store.
                    await asyncio.gather(*self._keeping.values(), return_exceptions=True)
                if seq != -1 and self._moved_since(seq):
                    raise Conflict("host_moved", "另一位主持人已经点了下一步，请看现在的画面。")
                event = self._decide(kind, by, data)
                try:
                    await to_the_end(self._store_event, event, key)
                except Raced:
                    await self.read_again()
                    await self.tell_everybody()
                    continue
                self.loaded.contest.apply(event)
                self._after(event, self.clock())
                if self.loaded.script.window and self.loaded.row.state == "finished":
                    await self.read_again()  # what was answered never came through here
                await self.tell_everybody()
                return
        raise Raced

    def _moved_since(self, seq: int) -> bool:
        # What the server itself decided, such as who pressed first, overtakes no host.
        return any(one.seq > seq and one.by != SERVER for one in self.loaded.contest.events)

    def _decide(self, kind: Did, by: str, data: Mapping[str, Any]) -> Event:
        if kind is Did.START:
            data = {"entered": self._entered()}
        if kind is Did.REVEAL:
            data = {"spread": self._spread()}
        return self.loaded.contest.decide(kind, self.clock(), by, data)

    def _entered(self) -> dict[str, list[int]]:
        entered: dict[str, list[int]] = {}
        if self.loaded.script.format is Format.TEAM:
            for one in sorted(self.loaded.expected):
                if unit := self.loaded.people[one].unit:
                    entered.setdefault(unit, []).append(one)
        return entered

    def _known(self, key: str) -> bool:
        with self.sessions() as session:
            return known_command(session, self.loaded.row.id, key)

    def _store_event(self, event: Event, key: str | None) -> None:
        with self.sessions() as session:
            store_event(session, self.loaded.row.id, event, self.clock(), key)

    def _after(self, event: Event, at: datetime) -> None:
        if event.kind is Did.OPEN:
            self.loaded.row.state, self.loaded.row.opened_at = "open", event.at
        if event.kind is Did.FINISH:
            self.loaded.row.state = "finished"
        if event.kind is Did.SHOW:
            self._delivery.sent(event.data["turn"], at)
        self._set_end()

    def _set_end(self) -> None:
        """The host and the projector are told when the time is over; phones count by themselves."""
        if self._end_timer is not None:
            self._end_timer.cancel()
            self._end_timer = None
        turn = self.loaded.contest.turn
        if self.loaded.contest.phase != "question" or turn is None or turn.paused:
            return
        now = self.clock()
        if left := turn.left(now):
            wait = left / 1000 + max(0.0, (turn.opens_at - now).total_seconds()) + 0.02
            loop = asyncio.get_running_loop()
            self._end_timer = loop.call_later(wait, self._spawn_end)

    def _spawn_end(self) -> None:
        self._spawn(self.tell_stage())

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
        self._set_end()

    def _load(self) -> Loaded:
        with self.sessions() as session:
            return load(session, self.loaded.row.id, self.clock())

    async def look(self) -> bool:
        """Notice what another process stored, or that the contest was changed or cancelled. False:
        it was deleted."""
        async with self._lock:
            return await self._catch_up()

    async def _catch_up(self) -> bool:
        seq, turn = self.loaded.contest.seq, self.loaded.contest.turn
        news = await to_the_end(self._news, seq, turn.number if turn else 0)
        if news is None:
            return False
        changed = self._take_news(news)
        row, contest = self.loaded.row, self.loaded.contest
        given = sum(len(answers) for answers in contest.given.values()) + len(self._keeping)
        behind = self.say is not None and not self.loaded.script.window and news.stored > given
        over = bool(news.events) and self.loaded.script.window and row.state == "finished"
        if news.standing != (contest.seq, row.state, row.revision) or behind or over:
            await self.read_again()
            changed = True
        if changed:
            await self.tell_everybody()
        return True

    def _take_news(self, news: News) -> bool:
        """Take what is new; True when every page has to show something else. Answers come first:
        whoever sees a reveal sees everything that was stored before it."""
        self.loaded.people.update(news.cards)
        contest = self.loaded.contest
        new = [one for one in news.answers if one.person not in contest.given.get(one.turn, {})]
        for one in new:
            if not self.loaded.script.window:
                self._take_stored(one)
                self._tell_phones(one.person)
        following = [one for one in news.events if one.seq == contest.seq + 1]
        for event in news.events if following else ():
            contest.apply(event)
            self._after(event, event.at)
        late = bool(new) and contest.phase != "question"
        if late:
            self.views = Views(self.loaded)  # made before these answers were known
        return late or bool(news.events)

    def _news(self, seq: int, turn: int) -> News | None:
        people, now = self.loaded.people.keys(), self.clock()
        with self.sessions() as session:
            return contest_news(session, self.loaded.row.id, seq, turn, people, now)

    # ---- other processes ----

    def hear(self, word: Mapping[str, Any]) -> None:
        """The room of another process says something; nothing but that it stored something when
        `word` is empty."""
        match word.get("kind"):
            case "who":
                self._elsewhere.tell_present(self.crowd.present(self.clock()), anyway=True)
            case "here":
                self._elsewhere.hear_present(word)
                self.count_soon()
            case "got":
                self._delivery.heard(word["turn"], word["took"])
            case "press":
                with suppress(Conflict):  # it was decided meanwhile
                    if may_press(self.loaded.contest, word["press"]["person"]).armed_at:
                        self._pressed(word["turn"], dict(word["press"]))
            case _:
                self._look_soon()

    def tell_others(self) -> None:
        """Say who is here, so that the others count him; they forget whoever is silent."""
        self._elsewhere.tell_present(self.crowd.present(self.clock()))
        self._elsewhere.tell_took(self._delivery.turn)

    def _look_soon(self) -> None:
        """Look at once; what is said while a look waits for its turn needs none of its own."""
        if self._looking is None or self._looking.done():
            self._looking = self._spawn(self._look())

    async def _look(self) -> None:
        try:
            async with self._lock:
                self._looking = None  # what is said from now on needs another look
                await self._catch_up()
        except SQLAlchemyError:
            log.exception("contest %s: the database did not answer", self.loaded.row.id)

    # ---- telling ----

    async def tell_everybody(self) -> None:
        """Every page shows what holds now. All is written before the first is sent, so that nobody
        has it much earlier than others."""
        phones = list(self.crowd.phones)
        texts = self.views.seat_texts([seat.person for seat in phones], self.clock())
        telling = self.crowd.send_all(zip(phones, texts, strict=True))
        await asyncio.gather(telling, self.tell_stage())

    async def tell_stage(self) -> None:
        """Consoles and projectors show what holds now."""
        stage = list(self.crowd.stage)
        views = [self.view(seat.caller, seat.kind, seat.origin) for seat in stage]
        await asyncio.gather(*map(self.crowd.send, stage, views))

    def count_soon(self) -> None:
        """Tell host and projector, within COUNT_S, how many are here and have answered."""
        if self._count_timer is None and (self.crowd.stage or self.say):
            loop = asyncio.get_running_loop()
            self._count_timer = loop.call_later(COUNT_S, self._spawn_count)

    def _spawn_count(self) -> None:
        self._count_timer = None
        if self.say:
            self.tell_others()
        self._spawn(self._tell_count())

    async def _tell_count(self) -> None:
        turn = self.loaded.contest.turn
        answered = self.loaded.contest.given[turn.number].keys() if turn else ()
        word = {
            "type": "count",
            "turn": turn.number if turn else 0,
            "answered": len(answered),
            "present": len(self.present()),
        }
        await asyncio.gather(*(self.crowd.send(seat, word) for seat in self.crowd.stage))

    async def end(self) -> None:
        """Bring to an end what goes on here by itself."""
        for timer in (self._count_timer, self._end_timer):
            if timer is not None:
                timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
