"""The chain of seals: what a link is made of, and what a later change of a record looks like.

Each link holds a digest over every record that came since the link before, and its head is made of
the head before. Whoever changes an old record, and every later link with it, still has another head
than the one that was written down elsewhere.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GROUP = 4
SHORTEST = 16
"""Characters of a head that somebody types at least: enough that nobody finds a second one."""
HEAD = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")
WRITTEN = re.compile(r"(?:^|\s)(\d+)\s+([0-9A-Fa-f-]{19,})\s*$")


@dataclass(frozen=True)
class Part:
    """What one link covers of one kind of record: all up to `upto`, of which `rows` are new."""

    upto: int | str | None = None
    rows: int = 0
    digest: str = ""

    def to_json(self) -> list[Any]:
        return [self.upto, self.rows, self.digest]


@dataclass(frozen=True)
class Link:
    """One link as it is stored; `number` counts from 1."""

    number: int
    at: dt.datetime
    parts: Mapping[str, Part]
    digest: str
    head: str


@dataclass(frozen=True)
class Break:
    """Where the records are not what was sealed. `table` is empty when the chain itself is."""

    number: int
    since: dt.datetime | None
    """When the link before was made: the records are of the time from then to `at`."""
    at: dt.datetime | None
    """When this link was made; None: nobody knows, for it is not there."""
    kind: str
    """`changed`, `missing` or `added` records of `table`; `link_changed`, `link_missing`, or
    `head_differs` from what was written down."""
    table: str = ""
    expected: int = 0
    found: int = 0


class Digest:
    """Adds up records, in order, to a Part."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self.rows = 0

    def add(self, values: Sequence[Any]) -> None:
        self._sum.update(row_bytes(values))
        self.rows += 1

    def part(self, upto: int | str | None) -> Part:
        return Part(upto, self.rows, self._sum.hexdigest() if self.rows else "")


def row_bytes(values: Sequence[Any]) -> bytes:
    """A record as one line, the same on every database; two that differ are two lines."""
    # In ASCII: what somebody answered may hold half a character, which has no bytes of its own.
    plain = json.dumps(list(values), sort_keys=True, separators=(",", ":"), default=_plain)
    return plain.encode("ascii") + b"\n"


def forge(number: int, at: dt.datetime, parts: Mapping[str, Part], before: str) -> Link:
    """The link that follows the head `before` (empty: it is the first)."""
    digest = digest_of(parts)
    return Link(number, at, parts, digest, head_of(before, number, at, parts, digest))


def digest_of(parts: Mapping[str, Part]) -> str:
    total = Digest()
    for name in sorted(parts):
        total.add([name, parts[name].rows, parts[name].digest])
    return total.part(None).digest


def head_of(
    before: str, number: int, at: dt.datetime, parts: Mapping[str, Part], digest: str
) -> str:
    upto = {name: part.to_json() for name, part in parts.items()}
    return hashlib.sha256(row_bytes([before, number, at, upto, digest])).hexdigest()


def link_breaks(link: Link, before: Link | None) -> list[Break]:
    """What is wrong with a link itself, as it follows the one before."""
    since = before.at if before else None
    number = before.number + 1 if before else 1
    if link.number != number:
        return [Break(number, since, link.at, "link_missing")]
    remade = forge(number, link.at, link.parts, before.head if before else "")
    if (link.digest, link.head) != (remade.digest, remade.head):
        return [Break(number, since, link.at, "link_changed")]
    return []


def part_break(link: Link, before: Link | None, table: str, found: Part) -> Break | None:
    """What became of the records that a link covers of one table; None: nothing."""
    sealed = link.parts.get(table, Part())
    if (sealed.rows, sealed.digest) == (found.rows, found.digest):
        return None
    kind = "changed"
    if found.rows != sealed.rows:
        kind = "missing" if found.rows < sealed.rows else "added"
    since = before.at if before else None
    return Break(link.number, since, link.at, kind, table, sealed.rows, found.rows)


def grouped(head: str) -> str:
    """A head as it is printed: groups that are easy to read aloud and to type."""
    return "-".join(head[n : n + GROUP] for n in range(0, len(head), GROUP)).upper()


def read_head(text: str) -> str | None:
    """A head, or its beginning, as somebody typed it; None when it is none."""
    tidy = re.sub(r"[\s-]", "", text).lower()
    return tidy if HEAD.fullmatch(tidy) else None


def written_line(link: Link) -> str:
    """A link as it is written where the platform cannot change it."""
    return f"{link.at.astimezone(dt.UTC).isoformat()} {link.number} {grouped(link.head)}"


def read_written(lines: Iterable[str]) -> tuple[dict[int, str], list[int]]:
    """Number of a link → its head, of lines as `written_line` makes them, whatever stands before
    them; and the numbers of the lines that hold none. Empty lines and those that begin with # do
    not count."""
    heads: dict[int, str] = {}
    unread = []
    for place, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = WRITTEN.search(line)
        head = read_head(found[2]) if found else None
        if found and head:
            heads[int(found[1])] = head
        else:
            unread.append(place)
    return heads, unread


def _plain(value: object) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"a record holds {type(value).__name__}")
