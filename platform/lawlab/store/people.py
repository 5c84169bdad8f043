"""Queries about people: by sign-in name, their memberships at a date, their roles and sessions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, selectinload

from lawlab.store.tables import (
    ApiSession,
    CohortMembership,
    Person,
    SigninFailure,
    Unit,
    UnitMembership,
)


def person_by_login(session: Session, login: str, *, lock: bool = False) -> Person | None:
    """The person with this sign-in name. `lock` holds off other writers of this person (on
    PostgreSQL by his row; on SQLite a writer is alone anyway)."""
    query = select(Person).where(Person.login == login)
    return session.scalar(query.with_for_update() if lock else query)


def lock_people(session: Session, ids: Collection[int]) -> None:
    """Hold off other writers of all these people, one after the other in the order of their ids, so
    that nobody waits in a circle. Rows that only name them may be written meanwhile."""
    query = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id)
    session.execute(query.with_for_update(key_share=True)).all()


def roles_of(person: Person) -> frozenset[str]:
    return frozenset(role.role for role in person.roles)


def all_people(session: Session) -> list[Person]:
    """Everybody, disabled ones included, with memberships and roles, by sign-in name."""
    query = select(Person).order_by(Person.login)
    return list(
        session.scalars(
            query.options(
                selectinload(Person.roles),
                selectinload(Person.cohorts),
                selectinload(Person.units).joinedload(UnitMembership.unit),
            )
        )
    )


def unit_at(session: Session, person_id: int, day: date) -> str | None:
    """Name of the unit a person belongs to on a day."""
    return session.scalar(
        select(Unit.name)
        .join(UnitMembership)
        .where(UnitMembership.person_id == person_id, _holds(UnitMembership, day))
        .order_by(UnitMembership.since.desc())
        .limit(1)
    )


def unit_names(session: Session, day: date) -> dict[int, str]:
    """Id of a person → the unit that he belongs to on a day."""
    rows = session.execute(
        select(UnitMembership.person_id, Unit.name)
        .join(Unit, Unit.id == UnitMembership.unit_id)
        .where(_holds(UnitMembership, day))
    )
    return dict(iter(rows))


def cohorts_at(session: Session, person_id: int, day: date) -> frozenset[str]:
    """Cohorts a person belongs to on a day."""
    return frozenset(
        session.scalars(
            select(CohortMembership.cohort).where(
                CohortMembership.person_id == person_id, _holds(CohortMembership, day)
            )
        )
    )


def names_of(session: Session, logins: Collection[str]) -> dict[str, str]:
    """Sign-in name → full name."""
    rows = session.execute(select(Person.login, Person.full_name).where(Person.login.in_(logins)))
    return {row[0]: row[1] for row in rows}


def memberships(
    session: Session, person_id: int
) -> tuple[list[UnitMembership], list[CohortMembership]]:
    """All memberships a person ever had, of units and of cohorts."""
    units = select(UnitMembership).where(UnitMembership.person_id == person_id)
    cohorts = select(CohortMembership).where(CohortMembership.person_id == person_id)
    return list(session.scalars(units)), list(session.scalars(cohorts))


def unit_kinds(session: Session) -> dict[str, str]:
    """Name → kind of every unit."""
    return {unit.name: unit.kind for unit in session.scalars(select(Unit))}


def disabled_among(session: Session, logins: Collection[str]) -> set[str]:
    """Those of `logins` who are disabled."""
    disabled = session.scalars(select(Person.login).where(Person.active.is_(False)))
    return set(logins).intersection(disabled)


def end_api_sessions(session: Session, person_ids: Iterable[int], now: datetime) -> None:
    """End every open browser session of these people."""
    session.execute(
        update(ApiSession)
        .where(ApiSession.person_id.in_(list(person_ids)), ApiSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def failures_of_pair(
    session: Session, login: str, device: str, since: datetime
) -> tuple[int, datetime | None]:
    """How often one device failed for one name, and when last."""
    return _count(session, SigninFailure.login == login, SigninFailure.device == device, since)


def failures_of_name(session: Session, login: str, since: datetime) -> tuple[int, datetime | None]:
    """How often sign-in failed for one name from any device, and when last."""
    return _count(session, SigninFailure.login == login, None, since)


def names_failed_at(session: Session, address: str, since: datetime) -> tuple[int, datetime | None]:
    """For how many different names sign-in failed from one address, and when last."""
    names, last = session.execute(
        select(func.count(SigninFailure.login.distinct()), func.max(SigninFailure.at)).where(
            SigninFailure.address == address, SigninFailure.at > since
        )
    ).one()
    return names, last


def _count(
    session: Session,
    first: ColumnElement[bool],
    second: ColumnElement[bool] | None,
    since: datetime,
) -> tuple[int, datetime | None]:
    query = select(func.count(), func.max(SigninFailure.at)).where(first, SigninFailure.at > since)
    count, last = session.execute(query if second is None else query.where(second)).one()
    return count, last


def _holds(
    membership: type[UnitMembership] | type[CohortMembership], day: date
) -> ColumnElement[bool]:
    return (membership.since <= day) & (membership.until.is_(None) | (membership.until > day))
