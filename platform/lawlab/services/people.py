"""Use cases about people: import a roster, disable and enable, give a new first password.

People are never deleted; what a roster does not name stays as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.audit import COMMAND
from lawlab.domain.roster import Roster
from lawlab.domain.roster_changes import Change, PersonFacts, Plan, UnitStep, plan_changes
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services.audit import note
from lawlab.services.signin import hash_password
from lawlab.store.engine import writing
from lawlab.store.people import (
    all_people,
    cohorts_at,
    disabled_among,
    end_api_sessions,
    person_by_login,
    roles_of,
    unit_at,
    unit_kinds,
)
from lawlab.store.tables import CohortMembership, Person, Role, Unit, UnitMembership

EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz"
EASY_DIGITS = "23456789"
"""Without i, l, o, 0, 1: a first password is read from paper and typed on a phone."""


@dataclass(frozen=True)
class PersonCard:
    """A person as pages name him, on one day."""

    login: str
    full_name: str
    roles: frozenset[str]
    cohorts: frozenset[str]
    unit: str | None
    active: bool


def plan_import(session: Session, where: str, roster: Roster, today: date) -> Plan:
    """What a roster would change; nothing is written. Raises FileFaults with every fault."""
    known = {person.login: _facts(person) for person in all_people(session)}
    plan, faults = plan_changes(roster.rows, known, unit_kinds(session), today)
    both = sorted({*roster.faults, *faults}, key=lambda fault: (fault.row, fault.text))
    if both:
        raise FileFaults(where, map(str, both))
    return Plan(plan.changes, plan.units, plan.notices, roster.unknown_columns)


def apply_import(
    session: Session,
    where: str,
    roster: Roster,
    agreed: Plan,
    password_hashes: Mapping[str, str],
    *,
    now: datetime,
    today: date,
    by: str = COMMAND,
) -> None:
    """Carry out the plan that was agreed to, as a whole or not at all.

    `password_hashes` holds one for each new person. Raises Conflict when people changed meanwhile.
    """
    writing(session)
    plan = plan_import(session, where, roster, today)
    if plan.changes != agreed.changes or plan.units != agreed.units:
        raise Conflict("people_changed", "预览之后人员有了变动，请重新导入一次。")
    units = _ensure_units(session, plan)
    people = {person.login: person for person in all_people(session)}
    for change in plan.changes:
        if change.kind != "unchanged":
            person = people.get(change.login) or _newcomer(change, password_hashes, now)
            session.add(person)
            _carry_out(session, change, person, units)
            _note(session, change, by, now)
    counts = {kind: len(plan.of_kind(kind)) for kind in ("new", "changed", "unchanged")}
    note(session, now, by, "people.import", where, **counts)
    session.commit()


def disable_person(session: Session, login: str, *, now: datetime, by: str = COMMAND) -> bool:
    """Disable a person and end his sessions; what he did stays. False when he already was."""
    person = _existing(writing(session), login)
    was_active = person.active
    if was_active:
        person.active, person.disabled_at = False, now
        note(session, now, by, "people.disable", person.login)
    end_api_sessions(session, [person.id], now)
    session.commit()
    return was_active


def enable_person(session: Session, login: str, *, now: datetime, by: str = COMMAND) -> bool:
    """Let a disabled person sign in again, with the password he had. False when he could."""
    person = _existing(writing(session), login)
    was_active = person.active
    person.active, person.disabled_at = True, None
    if not was_active:
        note(session, now, by, "people.enable", person.login)
    session.commit()
    return not was_active


def reset_password(session: Session, login: str, *, now: datetime, by: str = COMMAND) -> str:
    """Give a person a new first password, which he must change; his sessions end."""
    first = first_password()
    hashed = hash_password(first)
    person = _existing(writing(session), login)
    person.password_hash, person.must_change_password = hashed, True
    end_api_sessions(session, [person.id], now)
    note(session, now, by, "people.password", person.login)
    session.commit()
    return first


def ended(session: Session, logins: Collection[str]) -> set[str]:
    """Those of `logins` who are disabled."""
    return disabled_among(session, logins)


def person_card(session: Session, login: str, today: date) -> PersonCard:
    """How a person stands on a day. Raises NotFound `no_person`."""
    person = _existing(session, login)
    return PersonCard(
        login=person.login,
        full_name=person.full_name,
        roles=roles_of(person),
        cohorts=cohorts_at(session, person.id, today),
        unit=unit_at(session, person.id, today),
        active=person.active,
    )


def everybody(session: Session) -> list[tuple[PersonFacts, str | None]]:
    """All people as an export lists them, each with the kind of his unit."""
    kinds = unit_kinds(session)
    facts = [_facts(person) for person in all_people(session)]
    return [(each, kinds.get(each.unit or "")) for each in facts]


def first_password() -> str:
    """A random password that is easy to read aloud and to type, such as `kmwx-4729-tabe`."""
    letters = "".join(secrets.choice(EASY_LETTERS) for _ in range(8))
    digits = "".join(secrets.choice(EASY_DIGITS) for _ in range(4))
    return f"{letters[:4]}-{digits}-{letters[4:]}"


def first_passwords(changes: Iterable[Change]) -> Iterable[tuple[str, str, str]]:
    """Sign-in name, password and hash for each new person; some 30 ms each."""
    for change in changes:
        if change.kind == "new":
            password = first_password()
            yield change.login, password, hash_password(password)


def _existing(session: Session, login: str) -> Person:
    person = person_by_login(session, login)
    if person is None:
        raise NotFound("no_person", f"没有登录名为“{login}”的人。")
    return person


def _facts(person: Person) -> PersonFacts:
    units = sorted(person.units, key=lambda membership: membership.since)
    current = next((each for each in reversed(units) if each.until is None), None)
    before = [each.since for each in units if each.until is not None]
    return PersonFacts(
        login=person.login,
        full_name=person.full_name,
        phone=person.phone,
        active=person.active,
        roles=roles_of(person),
        unit=current.unit.name if current else None,
        unit_since=current.since if current else None,
        unit_before=max(before, default=None),
        cohorts={each.cohort: each.since for each in person.cohorts if each.until is None},
    )


def _newcomer(change: Change, password_hashes: Mapping[str, str], now: datetime) -> Person:
    return Person(
        login=change.login,
        full_name=change.full_name,
        active=True,
        password_hash=password_hashes[change.login],
        must_change_password=True,
        created_at=now,
    )


def _ensure_units(session: Session, plan: Plan) -> dict[str, Unit]:
    units = {unit.name: unit for unit in session.scalars(select(Unit))}
    for name, kind in plan.units.items():
        if name not in units:
            units[name] = Unit(name=name, kind=kind)
            session.add(units[name])
        units[name].kind = kind
    return units


def _carry_out(session: Session, change: Change, person: Person, units: Mapping[str, Unit]) -> None:
    person.full_name, person.phone = change.full_name, change.phone
    for role in [role for role in person.roles if role.role not in change.roles]:
        person.roles.remove(role)
    for name in sorted(change.roles - roles_of(person)):
        person.roles.append(Role(role=name))
    if change.unit:
        _step(session, change.unit, person, units[change.unit.unit])
    held = {each.cohort: each for each in person.cohorts if each.until is None}
    for cohort, day in change.redate.items():
        held[cohort].since = day
    for cohort, day in change.leave.items():
        _end(session, held[cohort], day)
    for cohort, day in change.join.items():
        person.cohorts.append(CohortMembership(cohort=cohort, since=day))


def _note(session: Session, change: Change, by: str, now: datetime) -> None:
    """Of name and phone only that they changed: an entry stays for good."""
    kind = "people.new" if change.kind == "new" else "people.change"
    told = {
        field.label: "" if field.label in ("姓名", "手机号") else [field.before, field.after]
        for field in change.fields
    }
    note(session, now, by, kind, change.login, fields=told)


def _step(session: Session, step: UnitStep, person: Person, unit: Unit) -> None:
    current = next((each for each in person.units if each.until is None), None)
    if current is None or step.how == "begin":
        if current is not None:
            _end(session, current, step.on)
        person.units.append(UnitMembership(unit=unit, since=step.on))
    elif step.how == "replace":
        current.unit = unit
    else:
        for before in person.units:
            if before.until == current.since:
                before.until = step.on
        current.since = step.on


def _end(session: Session, membership: UnitMembership | CohortMembership, day: date) -> None:
    """End a membership on a day; one that never held a whole day was a slip and goes."""
    if day > membership.since:
        membership.until = day
    else:
        session.delete(membership)
