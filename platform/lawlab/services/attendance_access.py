"""Who may say what about attendance."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.errors import Refused
from lawlab.services.sessions import Caller
from lawlab.store.tables import Activity, TrainerUnit


def served_units(session: Session, caller: Caller) -> frozenset[int] | None:
    """The units whose people a trainer marks; None: the whole town (admins, and trainers to whom
    no units were given)."""
    if "admin" in caller.roles:
        return None
    found = frozenset(
        session.scalars(
            select(TrainerUnit.unit_id).where(TrainerUnit.person_id == caller.person_id)
        )
    )
    return found or None


def may_mark(served: frozenset[int] | None, unit_id: int | None) -> bool:
    """Whether somebody who serves these units marks a person of `unit_id`."""
    return served is None or unit_id in served


def may_change(served: frozenset[int] | None, caller: Caller, activity: Activity) -> bool:
    """Whether a trainer edits, closes or cancels an activity: his own, those he is named for, and
    those that expect his units only."""
    if served is None or activity.created_by == caller.login:
        return True
    if any(trainer.id == caller.person_id for trainer in activity.trainers):
        return True
    units = {unit.id for unit in activity.units}
    return bool(units) and units <= served


def require_change(session: Session, caller: Caller, activity: Activity) -> None:
    """Raises Refused `not_your_activity`."""
    if not may_change(served_units(session, caller), caller, activity):
        raise Refused(
            "not_your_activity",
            "这场活动有您不负责的单位，不能由您改动。请找活动的教员或者管理员。",
        )


def require_units(served: frozenset[int] | None, units: Iterable[tuple[int, str]]) -> None:
    """Raises Refused `not_your_units` that names the units which are not served."""
    foreign = [name for unit, name in units if not may_mark(served, unit)]
    if foreign:
        raise Refused(
            "not_your_units",
            f"您不负责这些单位：{'、'.join(foreign)}。请只选您负责的单位，或者找管理员。",
            units=foreign,
        )
