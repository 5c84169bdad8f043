"""How derived rows were and how they have to be: counted, with one told as an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from lawlab.store.tables import Base

Key = tuple[Any, ...]
Rows = Mapping[Key, Mapping[str, Any]]
_LONGEST = 40
NAMES = {
    "grades": "测验成绩",
    "scores": "积分",
    "score_days": "积分的日子",
    "attendances": "考勤",
    "contest_results": "比武成绩",
    "contest_team_results": "比武团队成绩",
    "certificates": "荣誉证书",
    "drill_items": "练习题目",
    "memories": "练习记忆",
    "drill_days": "练习天数",
    "board_rows": "排行榜",
    "board_groups": "排行榜合计",
    "search_documents": "搜索",
}


@dataclass(frozen=True)
class Watched:
    """A derived table, or those rows of it that one unit of work can change. `key` names a row, the
    columns in `but` tell when or under which number it was written and not what follows."""

    table: Table
    key: tuple[str, ...]
    but: frozenset[str] = frozenset()
    where: tuple[ColumnElement[bool], ...] = ()

    def rows(self, session: Session) -> Rows:
        columns = [one for one in self.table.columns if one.name not in self.but]
        found = session.execute(select(*columns).where(*self.where)).mappings()
        return {tuple(row[name] for name in self.key): dict(row) for row in found}


@dataclass(frozen=True)
class Difference:
    """`rows` of a table were not as they had to be; `example` tells of one."""

    table: str
    rows: int
    example: str

    @property
    def sentence(self) -> str:
        name = NAMES.get(self.table, self.table)
        return f"{name}（{self.table}）：{self.rows} 处，例如 {self.example}"


def watch(table: type[Base], *where: ColumnElement[bool], but: Sequence[str] = ()) -> Watched:
    """A table by its primary key."""
    made = Base.metadata.tables[table.__tablename__]
    key = tuple(column.name for column in made.primary_key)
    return Watched(made, key, frozenset(but), where)


def compare(watched: Watched, before: Rows, after: Rows) -> Difference | None:
    """What was not as it had to be."""
    wrong = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    if not wrong:
        return None
    key = min(wrong, key=str)
    which = "、".join(f"{name} {value}" for name, value in zip(watched.key, key, strict=True))
    return Difference(
        watched.table.name, len(wrong), f"{which}：{_told(before.get(key), after.get(key))}"
    )


def added_up(found: Iterator[Difference]) -> list[Difference]:
    """One for each table, with the first example."""
    sums: dict[str, Difference] = {}
    for one in found:
        known = sums.get(one.table)
        rows = one.rows + (known.rows if known else 0)
        sums[one.table] = Difference(one.table, rows, known.example if known else one.example)
    return list(sums.values())


def _told(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None:
        return "这一行缺了"
    if new is None:
        return "这一行不该有"
    return "，".join(
        f"{name} 是 {_short(old[name])}，应为 {_short(new[name])}"
        for name in new
        if old[name] != new[name]
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}……"
