"""What the town decides about practice: the day of the contest, holidays, goals of courses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.errors import Conflict, LawlabError
from lawlab.services.audit import note
from lawlab.services.memory import bring_memories_in_step
from lawlab.store.drill import newest_plan
from lawlab.store.engine import writing
from lawlab.store.people import names_of
from lawlab.store.statutes import china_day
from lawlab.store.tables import Course, DrillPlan

MOST_HOLIDAYS, LONGEST = 40, 60
FARTHEST = dt.timedelta(days=731)


class BadPlan(LawlabError):
    """A plan that cannot be taken; `faults` names each field."""

    status = 422


def plan_card(session: Session) -> dict[str, Any]:
    """The plan in force, as the form shows it."""
    row = newest_plan(session)
    if row is None:
        nothing: dict[str, Any] = {"contest": None, "holidays": [], "goals": {}}
        return nothing | {"by": None, "at": None, "revision": 0}
    return {
        "contest": row.contest.isoformat() if row.contest else None,
        "holidays": row.holidays,
        "goals": row.goals,
        "by": names_of(session, {row.by}).get(row.by, row.by),
        "at": row.at.isoformat(),
        "revision": row.id,
    }


def save_plan(
    session: Session,
    contest: str | None,
    holidays: Sequence[Mapping[str, str]],
    goals: Mapping[str, str],
    revision: int,
    by: str,
    now: dt.datetime,
) -> dict[str, Any]:
    """Decide anew; then bring what everybody is asked in step with it, person by person.
    `revision`: of the plan that the form was filled from.

    Raises BadPlan `bad_plan` with all faults; Conflict `stale_plan` when somebody else decided
    meanwhile.
    """
    writing(session)
    known = set(session.scalars(select(Course.slug)))
    faults = plan_faults(contest, holidays, goals, known, china_day(now))
    if faults:
        session.rollback()
        raise BadPlan("bad_plan", "安排里有要改的地方，还没有保存。", faults=faults)
    before = newest_plan(session)
    if (before.id if before else 0) != revision:
        session.rollback()
        raise Conflict("stale_plan", "别的教员刚刚改过安排。请刷新页面，看过以后再改。")
    row = DrillPlan(
        contest=dt.date.fromisoformat(contest) if contest else None,
        holidays=sorted((dict(one) for one in holidays), key=lambda one: one["from"]),
        goals=dict(goals),
        by=by,
        at=now,
    )
    unchanged = before is not None and (before.contest, before.holidays, before.goals) == (
        row.contest,
        row.holidays,
        row.goals,
    )
    if not unchanged:
        session.add(row)
        old = before.contest.isoformat() if before and before.contest else ""
        note(session, now, by, "drill.plan", "plan", before=old, after=contest or "")
    session.commit()
    bring_memories_in_step(session, now)
    return plan_card(session)


def plan_faults(
    contest: str | None,
    holidays: Sequence[Mapping[str, str]],
    goals: Mapping[str, str],
    courses: set[str],
    today: dt.date,
) -> list[dict[str, str]]:
    """Everything that is wrong with a plan, each with its field."""
    faults: list[dict[str, str]] = []

    def say(field: str, text: str) -> None:
        faults.append({"field": field, "text": text})

    def day(field: str, text: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(text) if len(text) == 10 else _no_date()
        except ValueError:
            said = f"“{text[:20]}”不是日期，应写成 2026-12-20。" if text else "请选日期。"
            if {"field": field, "text": said} not in faults:
                say(field, said)
            return None

    if contest:
        found = day("contest", contest)
        if found and not today <= found <= today + FARTHEST:
            say("contest", f"大比武的日期 {contest} 不对，应在今天以后、两年以内。")
    if len(holidays) > MOST_HOLIDAYS:
        say("holidays", f"有 {len(holidays)} 个假期，最多 {MOST_HOLIDAYS} 个。")
    for number, one in enumerate(holidays[:MOST_HOLIDAYS]):
        field = f"holidays.{number}"
        first, last = day(field, one["from"]), day(field, one["to"])
        if not 1 <= len(one["name"].strip()) <= 20:
            say(field, "请写假期的名称，最多 20 个字。")
        if first and last and last < first:
            say(field, f"最后一天 {last} 在第一天 {first} 前面，请对调。")
        elif first and last and (last - first).days >= LONGEST:
            say(field, f"假期有 {(last - first).days + 1} 天，最多 {LONGEST} 天。")
    for course, text in goals.items():
        if course not in courses:
            say(f"goals.{course[:40]}", f"没有“{course[:40]}”这门课。")
            continue
        found = day(f"goals.{course}", text)
        if found and not today - FARTHEST <= found <= today + FARTHEST:
            say(f"goals.{course}", f"目标日期 {text} 太远了，应在两年以内。")
    return faults


def _no_date() -> dt.date:
    raise ValueError
