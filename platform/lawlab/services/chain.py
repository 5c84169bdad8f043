"""挑战答题: question after question until the first wrong answer; the best of a week counts."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.practice import week_of
from lawlab.errors import Conflict, NotFound
from lawlab.services.drill import Asked, shown_items
from lawlab.services.game_scores import update_chain_score
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.drill_items import in_use
from lawlab.store.engine import looking_again, writing
from lawlab.store.people import unit_names
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ChainRun, DrillItem, ItemVersion, Person

SHOWN = 10
"""Lines of the week's board."""


def chain_week(now: dt.datetime) -> str:
    """The week whose best counts now."""
    return week_of(china_day(now))


def chain_state(session: Session, caller: Caller, now: dt.datetime) -> dict[str, Any]:
    """The run under way, the last one, the bests and the board of the week."""
    week = week_of(china_day(now))
    run = _open_run(session, caller.person_id, now)
    ended = session.scalars(
        select(ChainRun)
        .where(ChainRun.person_id == caller.person_id, ChainRun.ended_at.is_not(None))
        .order_by(ChainRun.id.desc())
        .limit(1)
    ).first()
    return {
        "run": _run(session, caller, run) if run else None,
        "last": {"right": ended.right, "ended_at": _iso(ended.ended_at)} if ended else None,
        "best_week": best(session, caller.person_id, week),
        "best_ever": best(session, caller.person_id),
        "week": week,
        "board": _board(session, caller, week, china_day(now)),
    }


def begin(session: Session, caller: Caller, key: str, now: dt.datetime) -> dict[str, Any]:
    """Begin a run, or go on with the one under way; a repeat with the same key changes nothing.

    Raises NotFound `no_item` when there is nothing to ask.
    """
    _begin(session, caller, key, now)
    return chain_state(session, caller, now)


@looking_again
def _begin(session: Session, caller: Caller, key: str, now: dt.datetime) -> None:
    writing(session)
    session.get(Person, caller.person_id, with_for_update=True)
    known = select(ChainRun.id).where(ChainRun.person_id == caller.person_id, ChainRun.key == key)
    if session.scalar(known) is not None or _open_run(session, caller.person_id, now) is not None:
        session.commit()
        return
    for old in session.scalars(
        select(ChainRun).where(ChainRun.person_id == caller.person_id, ChainRun.ended_at.is_(None))
    ):
        old.ended_at, old.item_version_id = now, None  # begun on an earlier day
    run = ChainRun(
        person_id=caller.person_id, key=key, week=week_of(china_day(now)), started_at=now, right=0
    )
    session.add(run)
    session.flush()
    run.item_version_id = _draw(session, run, now)
    if run.item_version_id is None:
        session.rollback()
        raise NotFound("no_item", "题库里还没有可以练的题，请稍后再来。")
    session.commit()


def check(session: Session, run_id: int, person_id: int, version_id: int, now: dt.datetime) -> None:
    """Raises NotFound `no_place`, Conflict `not_now` unless this is the question that the run asks.
    There is no hurry: an answer that comes after midnight is taken as well."""
    run = session.get(ChainRun, run_id, populate_existing=True)
    if run is None or run.person_id != person_id:
        raise NotFound("no_place", "没有这一局，答案没有保存。")
    if run.ended_at is not None:
        raise Conflict("not_now", "这一局已经结束了，请重新开始一局。")
    if run.item_version_id != version_id:
        raise Conflict("not_now", "这道题已经答过了，请刷新页面，接着答下一题。")


def answered(
    session: Session, run_id: int, person_id: int, version_id: int, right: bool, now: dt.datetime
) -> dict[str, Any]:
    """In the caller's transaction: the run goes on with the next question, or ends. The points of
    the week follow."""
    run = session.get_one(ChainRun, run_id)
    before = best(session, person_id, run.week)
    if right:
        run.right += 1
        session.flush()
        run.item_version_id = _draw(session, run, now)
    if not right or run.item_version_id is None:
        run.ended_at, run.item_version_id = now, None
    session.flush()
    top = update_chain_score(session, person_id, run.week, now)
    return _game(session, run, top, run.right > before)


def state_after(session: Session, run_id: int, person_id: int, now: dt.datetime) -> dict[str, Any]:
    """What `answered` says, as the run stands now."""
    run = session.get_one(ChainRun, run_id)
    return _game(session, run, best(session, person_id, run.week), False)


def best(session: Session, person_id: int, week: str | None = None) -> int:
    """The longest run of somebody, in one week or ever; a run under way counts as far as it is."""
    query = select(func.max(ChainRun.right)).where(ChainRun.person_id == person_id)
    return session.scalar(query.where(ChainRun.week == week) if week else query) or 0


def _game(session: Session, run: ChainRun, top: int, record: bool) -> dict[str, Any]:
    person = session.get_one(Person, run.person_id)
    caller = Caller(person.id, person.login, person.full_name, frozenset())
    return {
        "over": run.ended_at is not None,
        "right": run.right,
        "item": _item(session, caller, run),
        "best_week": top,
        "record": record,
    }


def _run(session: Session, caller: Caller, run: ChainRun) -> dict[str, Any]:
    return {"id": run.id, "right": run.right, "item": _item(session, caller, run)}


def _item(session: Session, caller: Caller, run: ChainRun) -> dict[str, Any] | None:
    if run.item_version_id is None:
        return None
    item = session.get_one(ItemVersion, run.item_version_id).item
    asked = Asked(item, run.item_version_id, "asked")
    return shown_items(session, caller, [asked], f"drill:chain/{run.id}")[0]


def _open_run(session: Session, person_id: int, now: dt.datetime) -> ChainRun | None:
    """Of today; one of yesterday is over."""
    run = session.scalars(
        select(ChainRun)
        .where(ChainRun.person_id == person_id, ChainRun.ended_at.is_(None))
        .order_by(ChainRun.id.desc())
        .limit(1)
    ).first()
    return run if run and china_day(run.started_at) == china_day(now) else None


def _draw(session: Session, run: ChainRun, now: dt.datetime) -> int | None:
    """Any question of the pool that this run has not asked, nobody can say which."""
    asked = select(Answer.item_version_id).where(
        Answer.person_id == run.person_id, Answer.place == f"drill:chain/{run.id}"
    )
    closed = items_being_answered(session, run.person_id, now)
    rows = session.execute(
        select(DrillItem.item, DrillItem.item_version_id)
        .where(*in_use(), DrillItem.item_version_id.not_in(asked))
        .order_by(DrillItem.item)
    )
    versions = [version_id for item, version_id in rows if item not in closed]
    if not versions:
        return None
    return secrets.choice(versions)


def _board(session: Session, caller: Caller, week: str, day: dt.date) -> list[dict[str, Any]]:
    top = func.max(ChainRun.right)
    rows = session.execute(
        select(Person.id, Person.login, Person.full_name, top)
        .join(ChainRun, ChainRun.person_id == Person.id)
        .where(ChainRun.week == week, Person.active)
        .group_by(Person.id, Person.login, Person.full_name)
        .having(top > 0)
        .order_by(top.desc(), Person.login)
    ).all()
    units = unit_names(session, day)
    lines: list[dict[str, Any]] = []
    for place, (person_id, _, name, length) in enumerate(rows, 1):
        shared = lines and lines[-1]["best"] == length
        lines.append(
            {
                "rank": lines[-1]["rank"] if shared else place,
                "name": name,
                "unit": units.get(person_id),
                "best": length,
                "me": person_id == caller.person_id,
            }
        )
    return [line for n, line in enumerate(lines) if n < SHOWN or line["me"]]


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
