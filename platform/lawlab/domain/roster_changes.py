"""What a roster changes: each row beside what is known of the person, field by field.

A membership has dates. A move ends the old one on the day the new one begins; a start date
(起始日期) belongs to what the row newly begins, and corrects a date only where it begins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from lawlab.domain.personal import is_masked, mask_phone
from lawlab.domain.roster import Fault, RosterRow, guess_unit_kind
from lawlab.domain.roster_cells import COHORT_NAMES, KIND_NAMES, ROLE_NAMES

EARLIEST = date(1950, 1, 1)
AHEAD = timedelta(days=366)
NOBODY = "（空）"


@dataclass(frozen=True)
class PersonFacts:
    """What is stored of one person: only memberships that have not ended."""

    login: str
    full_name: str
    phone: str | None = None
    active: bool = True
    roles: frozenset[str] = frozenset()
    unit: str | None = None
    unit_since: date | None = None
    unit_before: date | None = None
    """Start of the membership of a unit before this one: a corrected date stays behind it."""
    cohorts: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldChange:
    """One line of the preview."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class UnitStep:
    """`begin` a membership (ending an open one), `replace` its unit, or `redate` its start."""

    how: Literal["begin", "replace", "redate"]
    unit: str
    on: date


@dataclass(frozen=True)
class Change:
    """What happens to one person."""

    row: int
    login: str
    full_name: str
    phone: str | None
    roles: frozenset[str]
    kind: Literal["new", "changed", "unchanged"]
    fields: tuple[FieldChange, ...] = ()
    unit: UnitStep | None = None
    join: Mapping[str, date] = field(default_factory=dict)
    leave: Mapping[str, date] = field(default_factory=dict)
    redate: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Everything an import would do, for a person to read before it is done."""

    changes: tuple[Change, ...]
    units: Mapping[str, str]
    """Kinds of units that are new or change their kind."""
    notices: tuple[str, ...] = ()
    unknown_columns: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def plan_changes(
    rows: Iterable[RosterRow],
    known: Mapping[str, PersonFacts],
    units: Mapping[str, str],
    today: date,
) -> tuple[Plan, list[Fault]]:
    """Compare rows with what is stored. With faults, the plan is not to be carried out."""
    faults: list[Fault] = []
    rows = list(rows)
    changes = [
        _change(row, known.get(row.login, _stranger(row)), row.login not in known, today, faults)
        for row in rows
    ]
    kinds = _unit_kinds(rows, units, faults)
    return Plan(tuple(changes), kinds, tuple(_notices(rows, known))), faults


def _stranger(row: RosterRow) -> PersonFacts:
    return PersonFacts(row.login, row.full_name)


def _change(
    row: RosterRow, facts: PersonFacts, is_new: bool, today: date, faults: list[Fault]
) -> Change:
    roles = row.roles if row.roles is not None else facts.roles or frozenset({"learner"})
    wrong = _date_fault(row, today) or (_missing(row, roles) if is_new else None)
    step, join, leave, redate = _memberships(row, facts, today)
    wrong = wrong or _order_fault(step, facts) or _phone_fault(row, facts)
    if wrong:
        faults.append(Fault(row.row, wrong))
    phone = facts.phone if is_masked(row.phone) else row.phone or facts.phone
    fields = tuple(
        change
        for change in (
            _differs("姓名", "" if is_new else facts.full_name, row.full_name),
            _differs("手机号", facts.phone or "", phone or ""),
            _differs("角色", _names(facts.roles, ROLE_NAMES), _names(roles, ROLE_NAMES)),
            _unit_field(step, facts),
            _cohort_field(facts, join, leave),
            *(
                _differs(f"{COHORT_NAMES[c]}起", str(facts.cohorts[c]), str(redate[c]))
                for c in redate
            ),
        )
        if change
    )
    kind: Literal["new", "changed", "unchanged"] = (
        "new" if is_new else "changed" if fields else "unchanged"
    )
    return Change(
        row.row, row.login, row.full_name, phone, roles, kind, fields, step, join, leave, redate
    )


def _memberships(
    row: RosterRow, facts: PersonFacts, today: date
) -> tuple[UnitStep | None, dict[str, date], dict[str, date], dict[str, date]]:
    on = row.since or today
    moves = row.unit is not None and row.unit != facts.unit
    wanted = row.cohorts if row.cohorts is not None else frozenset(facts.cohorts)
    join = dict.fromkeys(sorted(wanted - set(facts.cohorts)), on)
    ends = on if moves or join else today
    leave = dict.fromkeys(sorted(set(facts.cohorts) - wanted), ends)
    if moves and row.unit is not None:
        how: Literal["begin", "replace"] = "replace" if facts.unit_since == on else "begin"
        return UnitStep(how, row.unit, on), join, leave, {}
    dates = {facts.unit_since, *facts.cohorts.values()}
    if row.since is None or join or row.since in dates or facts.unit is None:
        return None, join, leave, {}
    # The row begins nothing, and its date is nowhere: the date was entered wrongly before.
    together = {c: row.since for c, since in facts.cohorts.items() if since == facts.unit_since}
    kept = {cohort: since for cohort, since in together.items() if cohort not in leave}
    return UnitStep("redate", facts.unit, row.since), join, leave, kept


def _date_fault(row: RosterRow, today: date) -> str | None:
    if row.since is None or EARLIEST <= row.since <= today + AHEAD:
        return None
    return f"起始日期 {row.since} 太早或太晚，应在 {EARLIEST} 和 {today + AHEAD} 之间。"


def _missing(row: RosterRow, roles: frozenset[str]) -> str | None:
    if roles != {"learner"}:
        return None  # trainers, hosts and admins may come from elsewhere
    if not row.unit:
        return "没有写单位。新学员要有单位。"
    if not row.cohorts:
        return "没有写类别，应为 干部职工、法律明白人 或两者（用“、”隔开）。"
    return None


def _phone_fault(row: RosterRow, facts: PersonFacts) -> str | None:
    if not is_masked(row.phone) or row.phone == mask_phone(facts.phone):
        return None
    return f"手机号“{row.phone}”中间是星号，和现在的号码对不上。不改就空着，要改请写完整的 11 位。"


def _order_fault(step: UnitStep | None, facts: PersonFacts) -> str | None:
    if step is None or facts.unit_since is None:
        return None
    if step.how == "begin" and step.on < facts.unit_since:
        return (
            f"起始日期 {step.on} 早于他到“{facts.unit}”的日期 {facts.unit_since},"
            "请核对日期，或者这是一份旧名册。"
        )
    if step.how == "redate" and facts.unit_before and step.on <= facts.unit_before:
        return f"起始日期 {step.on} 早于他在上一个单位的起始日期 {facts.unit_before}。"
    return None


def _unit_kinds(
    rows: Iterable[RosterRow], units: Mapping[str, str], faults: list[Fault]
) -> dict[str, str]:
    said: dict[str, RosterRow] = {}
    named: dict[str, str] = {}
    for row in rows:
        if row.unit is None:
            continue
        named.setdefault(row.unit, units.get(row.unit) or guess_unit_kind(row.unit))
        if row.unit_kind is None:
            continue
        first = said.setdefault(row.unit, row)
        if first.unit_kind and first.unit_kind != row.unit_kind:
            text = f"单位“{row.unit}”在第 {first.row} 行是{KIND_NAMES[first.unit_kind]}，"
            faults.append(
                Fault(row.row, f"{text}这里是{KIND_NAMES[row.unit_kind]}，请改成一样的。")
            )
        named[row.unit] = row.unit_kind
    return {unit: kind for unit, kind in named.items() if units.get(unit) != kind}


def _notices(rows: Iterable[RosterRow], known: Mapping[str, PersonFacts]) -> Iterable[str]:
    by_phone = {(facts.full_name, facts.phone or ""): facts for facts in known.values()}
    listed = set()
    for row in rows:
        listed.add(row.login)
        facts = known.get(row.login)
        if facts and not facts.active:
            yield f"第 {row.row} 行：{row.login} 已停用，导入后仍是停用。"
        twin = by_phone.get((row.full_name, row.phone or NOBODY))
        if facts is None and twin:
            yield f"第 {row.row} 行：姓名和手机号同 {twin.login} 一样，请确认不是同一个人。"
    left = sum(1 for facts in known.values() if facts.active and facts.login not in listed)
    if left:
        yield f"系统里另有 {left} 人不在这份名册里，他们不受影响。"


def _differs(label: str, before: str, after: str) -> FieldChange | None:
    return None if before == after else FieldChange(label, before or NOBODY, after or NOBODY)


def _unit_field(step: UnitStep | None, facts: PersonFacts) -> FieldChange | None:
    if step is None:
        return None
    before = f"{facts.unit}（{facts.unit_since} 起）" if facts.unit else ""
    return _differs("单位", before, f"{step.unit}（{step.on} 起）")


def _cohort_field(
    facts: PersonFacts, join: Mapping[str, date], leave: Mapping[str, date]
) -> FieldChange | None:
    if not join and not leave:
        return None
    after = (set(facts.cohorts) - set(leave)) | set(join)
    dates = sorted({*join.values(), *leave.values()})
    when = f"（{'、'.join(str(day) for day in dates)} 起）"
    return _differs("类别", _names(facts.cohorts, COHORT_NAMES), _names(after, COHORT_NAMES) + when)


def _names(values: Iterable[str], names: Mapping[str, str]) -> str:
    present = set(values)
    return "、".join(name for value, name in names.items() if value in present)
