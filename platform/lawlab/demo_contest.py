"""The demo's contest: a draft of three rounds that a newcomer can open at once."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from lawlab.domain.contest_draw import Wish, draw
from lawlab.domain.contest_plan import Plan, PlannedRound, round_title
from lawlab.domain.contest_script import Award, Format, Kind
from lawlab.services.contest_drawing import askable
from lawlab.services.contest_making import make_contest
from lawlab.services.sessions import Caller
from lawlab.store.people import person_by_login, roles_of

TITLE = "法律知识比武"
SEED = "2022"
ROUNDS = (
    (Kind.ALL, "anti-telecom-fraud", 5, 20),
    (Kind.ALL, "civil-code", 5, 30),
    (Kind.ELIMINATION, "constitution", 5, 20),
)
"""Kind, bank, questions and the seconds of each."""
AWARDS = (Award("一等奖", 1), Award("二等奖", 2), Award("三等奖", 3))


def install_contest(session: Session, now: dt.datetime) -> None:
    """One contest for everybody, made by the host and not yet open."""
    person = person_by_login(session, "host")
    assert person is not None
    host = Caller(person.id, person.login, person.full_name, roles_of(person))
    held = askable(session).values()
    drawn = [draw(held, Wish(count, SEED, [bank]), {}) for _, bank, count, _ in ROUNDS]
    rounds = tuple(
        PlannedRound(
            kind,
            round_title(number),
            seconds,
            100,
            tuple(one.question.id for one in found.questions),
        )
        for number, ((kind, _, _, seconds), found) in enumerate(zip(ROUNDS, drawn, strict=True), 1)
    )
    plan = Plan(TITLE, Format.PERSON, rounds, awards=AWARDS)
    make_contest(session, plan, host, now, "demo-contest-0001")
