"""Which units a trainer serves: whose people he marks at activities."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lawlab.domain.audit import COMMAND
from lawlab.errors import LawlabError, NotFound
from lawlab.services.audit import note
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login, roles_of
from lawlab.store.tables import TrainerUnit, Unit


def serve_units(
    session: Session, login: str, names: Collection[str], *, now: datetime, by: str = COMMAND
) -> list[str]:
    """Give a trainer these units and no others; none: the whole town. Returns their names in
    order. Raises NotFound `no_person`; LawlabError `no_trainer`, `no_units` with every unknown
    name."""
    writing(session)
    person = person_by_login(session, login)
    if person is None:
        raise NotFound("no_person", f"没有登录名为“{login}”的人。")
    if "trainer" not in roles_of(person):
        raise LawlabError("no_trainer", f"{person.full_name}（{login}）不是教员，不用分单位。")
    units = {unit.name: unit.id for unit in session.scalars(select(Unit).order_by(Unit.id))}
    if unknown := [name for name in names if name not in units]:
        raise LawlabError(
            "no_units", f"没有这些单位：{'、'.join(unknown)}。现有：{'、'.join(units)}。"
        )
    held = select(TrainerUnit.unit_id).where(TrainerUnit.person_id == person.id)
    before = sorted(session.scalars(held))
    session.execute(delete(TrainerUnit).where(TrainerUnit.person_id == person.id))
    chosen = [name for name in units if name in names]
    session.add_all(TrainerUnit(person_id=person.id, unit_id=units[name]) for name in chosen)
    after = sorted(units[name] for name in chosen)
    note(session, now, by, "people.units", person.login, before=before, after=after)
    session.commit()
    return chosen
