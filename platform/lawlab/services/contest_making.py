"""What hosts do with contests before they begin: make, change, copy, delete; and cancelling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.activity_plan import Fault
from lawlab.domain.contest_draw import Wish, draw
from lawlab.domain.contest_plan import (
    LONGEST_TITLE,
    Plan,
    minutes_of,
    plan_faults,
    round_title,
    script_of,
)
from lawlab.domain.contest_script import Round, Script, Slot, rules
from lawlab.errors import Conflict, LawlabError
from lawlab.services.audit import note
from lawlab.services.contest_drawing import askable, used_lately
from lawlab.services.sessions import Caller
from lawlab.store.contests import expected_in_contest, find_contest, people_by_logins
from lawlab.store.engine import looking_again, writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import Contest, Unit

COPY = "（副本）"


class ContestFaults(LawlabError):
    """Everything wrong with a plan, each with its field; nothing was stored."""

    status = 422

    def __init__(self, faults: Iterable[Fault]) -> None:
        listed = list(faults)
        said = "\n".join(dict.fromkeys(fault.text for fault in listed))
        super().__init__("plan_faults", f"比武没有保存：\n{said}", faults=_shown(listed))


@looking_again
def make_contest(session: Session, plan: Plan, by: Caller, now: datetime, key: str) -> int:
    """Store a new draft; a repeat with the same key stores nothing and gives the same id. Raises
    ContestFaults."""
    writing(session)
    if (before := _with_key(session, key)) is not None:
        return before
    script = _checked(session, plan)
    return _store(session, plan.title.strip(), script, False, by, now, key)


def change_contest(session: Session, contest_id: int, plan: Plan, revision: int) -> Contest:
    """Change a draft that is still as the host saw it (`revision`). What is stored already is not
    stored again: a repeat does no harm. Raises Conflict `not_draft`, `changed_meanwhile`;
    ContestFaults."""
    writing(session)
    row = _draft(session, contest_id)
    script, title = _checked(session, plan), plan.title.strip()
    if (Script.from_json(row.script), row.title) != (script, title):
        if row.revision != revision:
            raise Conflict(
                "changed_meanwhile",
                "您改的时候，另一位主持人（或者您在另一个窗口）已经保存过这场比武。",
                revision=row.revision,
            )
        row.script, row.title = script.to_json(), title
        row.revision += 1
    session.commit()
    return row


@looking_again
def copy_contest(
    session: Session, contest_id: int, by: Caller, now: datetime, key: str, *, rehearsal: bool
) -> int:
    """Make a new draft like another contest or rehearsal, whatever became of that; questions come
    in their newest versions. Between a rehearsal and a contest others of the same kind are drawn,
    so that nobody has seen the questions before. A repeat with the same key gives the same id."""
    writing(session)
    if (before := _with_key(session, key)) is not None:
        return before
    row = find_contest(session, contest_id)
    title = row.title
    if not rehearsal and not row.rehearsal:
        title = title.removesuffix(COPY)[: LONGEST_TITLE - len(COPY)] + COPY
    script = _brought_up(session, Script.from_json(row.script))
    if rehearsal or row.rehearsal:
        script = _with_others(session, script, now, key)
    return _store(session, title, script, rehearsal, by, now, key)


def cancel_contest(session: Session, contest_id: int, by: str, now: datetime) -> None:
    """Call off a contest that is not finished; a repeat changes nothing. Raises Conflict
    `finished`."""
    writing(session)
    row = find_contest(session, contest_id, lock=True)
    if row.state == "finished":
        raise Conflict("finished", "这场比武已经结束，不能取消。")
    if row.state != "cancelled":
        note(session, now, by, "contest.cancel", f"contest:{contest_id}", before=row.state)
    row.state = "cancelled"
    session.commit()


def delete_contest(session: Session, contest_id: int, by: str, now: datetime) -> None:
    """Remove a draft, of which nobody but hosts has heard. Raises Conflict `not_draft`."""
    writing(session)
    session.delete(_draft(session, contest_id, "删除"))
    note(session, now, by, "contest.delete", f"contest:{contest_id}")
    session.commit()


def check_plan(session: Session, plan: Plan, now: datetime) -> dict[str, Any]:
    """What the editor shows while a plan is written: all faults, the rules in force, how many
    questions, about how many minutes, how many people are expected."""
    script, faults = _made(session, plan)
    return {
        "faults": _shown(faults),
        "rules": rules(script),
        "questions": len(plan.items),
        "minutes": minutes_of(script),
        "speed": script.speed,
        "expected": len(expected_in_contest(session, script, china_day(now))),
    }


def require_ready(session: Session, row: Contest, now: datetime) -> None:
    """Before a contest is opened: its questions are still in use, its window is not over. Raises
    Conflict `not_ready`."""
    script = Script.from_json(row.script)
    if script.window and script.window.closes_at <= now:
        raise Conflict("not_ready", "截止时间已经过了。请先到“编辑”里改时间，再开放入场。")
    if gone := out_of_use_in(session, script):
        raise Conflict(
            "not_ready",
            f"{'、'.join(gone)}已经停用（条文变了，或者撤下了）。请先到“编辑”里换掉，再开放入场。",
        )


def out_of_use_in(session: Session, script: Script) -> list[str]:
    """The places of questions that a contest may no longer ask, in words."""
    held = askable(session)
    return [
        f"{round_title(step.round + 1)}第 {step.number} 题"
        for step in script.steps
        if step.slot.item not in held
    ]


def _checked(session: Session, plan: Plan) -> Script:
    script, faults = _made(session, plan)
    if faults:
        raise ContestFaults(faults)
    return script


def _made(session: Session, plan: Plan) -> tuple[Script, list[Fault]]:
    """The script of a plan, and all that is wrong with it."""
    faults = plan_faults(plan)
    held = askable(session)
    for n, one in enumerate(plan.rounds):
        faults += [
            Fault(
                f"rounds/{n}/items/{place}", "这道题现在不能用（停用了，或者要人评分），请换一题。"
            )
            for place, item in enumerate(one.items)
            if item not in held
        ]
    people = people_by_logins(session, set(plan.logins))
    for n, team in enumerate(plan.teams):
        if strangers := [who for who in team.members if who in plan.logins and who not in people]:
            text = f"没有登录名为 {'、'.join(strangers)} 的人，或者已经停用，请去掉。"
            faults.append(Fault(f"teams/{n}", text))
    known = set(session.scalars(select(Unit.id).where(Unit.id.in_(plan.units))))
    if not set(plan.units) <= known:
        faults.append(Fault("units", "选的单位有的已经没有了，请刷新页面重新选。"))
    slots = {item: Slot(item, held[item].version, held[item].version_id) for item in held}
    return script_of(plan, slots, people), faults


def _brought_up(session: Session, script: Script) -> Script:
    """A script with its questions' newest versions; those out of use stay as they are."""
    held = askable(session)

    def newest(slot: Slot) -> Slot:
        one = held.get(slot.item)
        return Slot(slot.item, one.version, one.version_id) if one else slot

    rounds: list[Round] = [
        replace(one, slots=tuple(newest(slot) for slot in one.slots)) for one in script.rounds
    ]
    return replace(script, rounds=tuple(rounds))


def _with_others(session: Session, script: Script, now: datetime, seed: str) -> Script:
    """A script with other questions of the same banks, types and, where there are such, the same
    difficulty; where the bank has no other, the question stays."""
    held, used = askable(session), used_lately(session, now)
    taken = {step.slot.item for step in script.steps}

    def other(slot: Slot) -> Slot:
        before = held.get(slot.item)
        if before is None:
            return slot
        like = Wish(1, f"{seed}{slot.item}", [before.bank], [before.question.type], without=taken)
        for difficulties in ([before.question.difficulty], []):
            found = draw(held.values(), replace(like, difficulties=difficulties), used).questions
            if found:
                taken.add(found[0].question.id)
                return Slot(found[0].question.id, found[0].version, found[0].version_id)
        return slot

    return replace(
        script,
        rounds=tuple(replace(one, slots=tuple(map(other, one.slots))) for one in script.rounds),
    )


def _draft(session: Session, contest_id: int, doing: str = "修改") -> Contest:
    row = find_contest(session, contest_id, lock=True)
    if row.state != "draft":
        raise Conflict(
            "not_draft", f"这场比武已经开放入场，不能再{doing}。要再办一场，请复制一份。"
        )
    return row


def _with_key(session: Session, key: str) -> int | None:
    found = session.scalar(select(Contest.id).where(Contest.key == key))
    if found is not None:
        session.commit()
    return found


def _store(
    session: Session,
    title: str,
    script: Script,
    rehearsal: bool,
    by: Caller,
    now: datetime,
    key: str,
) -> int:
    row = Contest(
        key=key,
        title=title,
        rehearsal=rehearsal,
        script=script.to_json(),
        state="draft",
        made_by=by.login,
        made_at=now,
    )
    session.add(row)
    session.commit()
    return row.id


def _shown(faults: Iterable[Fault]) -> list[dict[str, str]]:
    return [{"field": fault.field, "text": fault.text} for fault in faults]
