"""A contest while it runs: reading it, storing what happened, storing answers.

Whoever runs it (`lawlab.api.contest_room`) keeps the state and decides with `domain.contest`; here
it is stored, one commit for each thing, and read back after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.contest import Contest
from lawlab.domain.contest_events import AFTER_THE_END, Did, Event, Given
from lawlab.domain.contest_scoring import PersonResult
from lawlab.domain.contest_script import Format, Script
from lawlab.domain.contest_window import Paper
from lawlab.domain.marking import mark
from lawlab.domain.question import Question
from lawlab.errors import Conflict, LawlabError
from lawlab.services import contest_results
from lawlab.services.audit import note
from lawlab.services.contest_making import require_ready
from lawlab.services.contest_window import window_results
from lawlab.store.content import item_versions
from lawlab.store.contest_papers import papers_of_contest
from lawlab.store.contests import (
    Card,
    StoredAnswer,
    answer_key,
    answers_of_contest,
    answers_of_turns,
    cards_of,
    events_of_contest,
    expected_in_contest,
    find_contest,
    place_of,
)
from lawlab.store.engine import writing
from lawlab.store.notify import CONTEST, tell
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ContestEvent
from lawlab.store.tables import Contest as Row

DECIDED = (*AFTER_THE_END, Did.ADD, Did.UNDO, Did.OPEN, Did.FINISH)
"""What a host decides besides the course of the contest: it stands in the audit trail too."""
_INSERT = Table.insert(cast(Table, Answer.__table__))
"""Without the mapper, which would look at each row of a thousand."""


@dataclass
class Loaded:
    """A contest with everything needed to run or to judge it. `people` are those expected and those
    who answered; `responses` is turn → person → what was answered."""

    row: Row
    script: Script
    contest: Contest
    questions: Mapping[int, Question]
    people: dict[int, Card]
    expected: frozenset[int]
    responses: dict[int, dict[int, Mapping[str, Any]]] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    stored: list[StoredAnswer] = field(default_factory=list)
    window_results: list[PersonResult] = field(default_factory=list)
    """Papers, answers and results of a window contest, from its end on."""

    def results(self) -> list[PersonResult]:
        """How everybody stands, by rank, whatever the format."""
        return self.window_results if self.script.window else self.contest.people()

    def most_points(self) -> int:
        """What one person could have earned so far."""
        if self.script.window:
            return self.script.window.count * self.script.rounds[0].points
        return self.contest.most_points()


NEWEST = 2**31 - 1
"""Of whoever knows that nothing was decided meanwhile."""


@dataclass(frozen=True)
class NewAnswer:
    """An answer that arrived `at`, was judged as the contest stood after event `seq`, and is to be
    stored."""

    contest_id: int
    rehearsal: bool
    turn: int
    person: int
    version_id: int
    response: Mapping[str, Any]
    at: datetime
    seq: int = NEWEST


Stored = NewAnswer | LawlabError


class Raced(Conflict):
    """Somebody else stored the next event first: read again, decide again."""

    def __init__(self) -> None:
        super().__init__("raced", "另一位主持人刚刚点了，请看现在的画面。")


def load(session: Session, contest_id: int, now: datetime) -> Loaded:
    """The contest as it stands. Who is expected follows memberships on the day of its opening, or
    today while it is a draft. Raises NotFound `no_contest`."""
    row = find_contest(session, contest_id)
    script = Script.from_json(row.script)
    day = china_day(row.opened_at or now)
    versions = {step.slot.version_id for step in script.steps}
    questions = {one: found[1] for one, found in item_versions(session, versions).items()}
    stored = answers_of_contest(session, contest_id)
    expected = expected_in_contest(session, script, day)
    events = events_of_contest(session, contest_id)
    papers = papers_of_contest(session, contest_id) if script.window else []
    named = {one.person for one in stored} | {one.person for one in papers} | named_in(events)
    people = expected | cards_of(session, named - expected.keys(), day)
    given, responses = [], dict[int, dict[int, Mapping[str, Any]]]()
    for one in stored if script.format is not Format.WINDOW else ():
        if one.person not in responses.setdefault(one.turn, {}):
            responses[one.turn][one.person] = one.response
            right = bool(mark(questions[one.version_id], one.response, 1).right)
            given.append(Given(one.turn, one.person, one.at, right))
    contest = Contest.replay(script, events, given)
    loaded = Loaded(row, script, contest, questions, people, frozenset(expected), responses)
    if script.window and row.state == "finished":
        loaded.papers, loaded.stored = papers, stored
        loaded.window_results = window_results(loaded)
    return loaded


def named_in(events: Iterable[Event]) -> set[int]:
    """The people of whom events tell."""
    named = {event.data["person"] for event in events if "person" in event.data}
    entered = [event.data["entered"] for event in events if event.kind is Did.START]
    return named.union(*(team for teams in entered for team in teams.values()))


def known_command(session: Session, contest_id: int, key: str) -> bool:
    """Whether a host's command was carried out already."""
    query = select(ContestEvent.seq).where(
        ContestEvent.contest_id == contest_id, ContestEvent.key == key
    )
    return session.scalar(query) is not None


def store_event(
    session: Session, contest_id: int, event: Event, now: datetime, key: str | None = None
) -> None:
    """Store what a command led to, and at the end and with every later objection the results.
    Raises Raced when the number is taken; Conflict `cancelled`, `not_ready`."""
    writing(session)
    row = find_contest(session, contest_id, lock=True)
    if row.state == "cancelled":
        raise Conflict("cancelled", "这场比武已经取消了。")
    session.add(
        ContestEvent(
            contest_id=contest_id,
            seq=event.seq,
            key=key,
            kind=event.kind,
            at=event.at,
            by=event.by,
            data=dict(event.data),
        )
    )
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise Raced from None
    if event.kind in DECIDED:
        facts = {key: event.data[key] for key in ("turn", "person", "seq") if key in event.data}
        facts["done"] = event.kind.value
        note(session, now, event.by, "contest.decide", f"contest:{contest_id}", **facts)
    if event.kind is Did.OPEN:
        require_ready(session, row, now)
        row.state, row.opened_at = "open", event.at
    if event.kind is Did.FINISH:
        row.state, row.finished_at = "finished", event.at
    if row.state == "finished" and event.kind in (Did.FINISH, *AFTER_THE_END):
        session.flush()
        contest_results.store_results(session, load(session, contest_id, now), now)
        row.settled_at = None  # marks and practice follow
    tell(session, f"{CONTEST}{contest_id}")
    session.commit()


def store_answers(session: Session, answers: Sequence[NewAnswer]) -> list[Stored]:
    """Store answers to one contest that arrived together, in one commit. For each, the answer that
    counts: the first one of a person to a turn, which another process may have taken; or Conflict
    `late`, `not_this_question` when the question had ended, by what another process decided, before
    it arrived."""
    try:
        return _store(session, answers, {})
    except IntegrityError:
        # Another process took one of them first.
        session.rollback()
        return _store(session, answers, _already(session, answers))


def _store(
    session: Session, answers: Sequence[NewAnswer], known: Mapping[tuple[int, int], NewAnswer]
) -> list[Stored]:
    writing(session)
    stored: list[Stored] = []
    refuse = _late(session, answers)
    for one in answers:
        counts = known.get((one.turn, one.person))
        stored.append(counts or refuse(one) or one)
    if new := [one for one, kept in zip(answers, stored, strict=True) if kept is one]:
        session.connection().execute(_INSERT, [_values(one) for one in new])
        tell(session, f"{CONTEST}{new[0].contest_id}")
    session.commit()
    return stored


def _late(
    session: Session, answers: Sequence[NewAnswer]
) -> Callable[[NewAnswer], LawlabError | None]:
    """Compares with what other processes decided since these answers were judged; until the commit
    nobody decides anything more."""
    if not answers or session.get_bind().dialect.name != "postgresql":
        return lambda _one: None
    row = session.execute(
        select(Row.script).where(Row.id == answers[0].contest_id).with_for_update(read=True)
    ).one()
    contest_id, seq = answers[0].contest_id, min(one.seq for one in answers)
    if not events_of_contest(session, contest_id, after=seq):
        return lambda _one: None
    events = events_of_contest(session, contest_id)
    contest = Contest.replay(Script.from_json(row.script), events, [])

    def late(one: NewAnswer) -> LawlabError | None:
        try:
            contest.check_arrival(one.turn, one.at)
        except Conflict as error:
            return error
        return None

    return late


def _already(session: Session, answers: Sequence[NewAnswer]) -> dict[tuple[int, int], NewAnswer]:
    """Of these people and turns, what is stored."""
    people = {one.person for one in answers}
    found = answers_of_turns(session, answers[0].contest_id, {one.turn for one in answers}, people)
    by_turn = {(one.turn, one.person): one for one in found}
    return {
        (one.turn, one.person): replace(one, response=kept.response, at=kept.at)
        for one in answers
        if (kept := by_turn.get((one.turn, one.person)))
    }


def _values(one: NewAnswer) -> dict[str, Any]:
    return {
        "key": answer_key(one.contest_id, one.turn),
        "person_id": one.person,
        "item_version_id": one.version_id,
        "place": place_of(one.contest_id, one.rehearsal, one.turn),
        "contest_id": one.contest_id,
        "response": one.response,
        "received_at": one.at,
    }
