"""The chain of seals: made while the platform runs, checked whenever somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lawlab.domain.sealing import Break, Link, Part, forge, link_breaks, part_break
from lawlab.store.engine import writing
from lawlab.store.sealed import SOURCES, Stream, covered_mark, part_between
from lawlab.store.tables import Seal

MOST_BREAKS = 20
CHUNK = 500


@dataclass
class Verdict:
    """What a look at the chain found. `breaks` are at most MOST_BREAKS, the earliest first."""

    links: int = 0
    rows: int = 0
    breaks: list[Break] = field(default_factory=list)
    newest: Link | None = None


def seal(session: Session, now: datetime) -> Link | None:
    """Make one link over all that came since the last one; None when nothing did, or when somebody
    else made it at the same moment."""
    last = newest_link(session)
    parts = {}
    for source in SOURCES:
        known = last.parts.get(source.name, Part()) if last else Part()
        upto = covered_mark(session, source, known.upto, now)
        if upto == known.upto:
            parts[source.name] = Part(upto)
        else:
            parts[source.name] = part_between(session, source, known.upto, upto)
    if not any(part.rows for part in parts.values()):
        return None
    link = forge(last.number + 1 if last else 1, now, parts, last.head if last else "")
    writing(session)
    upto_json = {name: part.to_json() for name, part in parts.items()}
    session.add(
        Seal(id=link.number, at=now, upto=upto_json, digest=link.digest, head=link.head),
    )
    try:
        session.commit()
    except IntegrityError:  # the number is taken
        session.rollback()
        return None
    return link


def verify(
    session: Session,
    written: Mapping[int, str] | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Verdict:
    """Look at every link and every record that it covers, in constant memory. `written` are heads,
    or their beginnings, by the number of their link, as somebody wrote them down."""
    verdict = Verdict()
    heads = dict(written or {})
    before: Link | None = None
    with ExitStack() as open_streams:
        links = open_streams.enter_context(closing(_links(session)))
        streams: dict[str, Stream] = {}
        for link in links:
            if not streams:  # opened behind the links: what these cover is there
                for source in SOURCES:
                    streams[source.name] = Stream(session, source)
                    open_streams.callback(streams[source.name].close)
            found = link_breaks(link, before)
            head = heads.pop(link.number, "")
            if not link.head.startswith(head):
                since = before.at if before else None
                found.append(Break(link.number, since, link.at, "head_differs"))
            for name, stream in streams.items():
                part = stream.part(link.parts.get(name, Part()).upto)
                verdict.rows += part.rows
                if fault := part_break(link, before, name, part):
                    found.append(fault)
            verdict.breaks += found[: MOST_BREAKS - len(verdict.breaks)]
            verdict.links += 1
            verdict.newest = before = link
            if verdict.links % CHUNK == 0:
                progress(verdict.rows)
    since = before.at if before else None
    verdict.breaks += [Break(number, since, None, "link_missing") for number in sorted(heads)]
    return verdict


def verify_newest(session: Session, count: int) -> list[Break]:
    """The same of the newest links only: a quick look."""
    query = select(Seal).order_by(Seal.id.desc()).limit(count + 1)
    links = [_link(row) for row in session.scalars(query)][::-1]
    breaks = []
    if links and links[0].number == 1:
        breaks += link_breaks(links[0], None)
    for before, link in pairwise(links):
        breaks += link_breaks(link, before)
        for source in SOURCES:
            part, known = link.parts.get(source.name, Part()), before.parts.get(source.name, Part())
            if part.rows:
                found = part_between(session, source, known.upto, part.upto)
                if fault := part_break(link, before, source.name, found):
                    breaks.append(fault)
    return breaks


def newest_link(session: Session) -> Link | None:
    row = session.scalar(select(Seal).order_by(Seal.id.desc()).limit(1))
    return _link(row) if row else None


def find_head(session: Session, beginning: str) -> Link | None:
    """The link whose head begins like this."""
    row = session.scalar(select(Seal).where(Seal.head.startswith(beginning, autoescape=True)))
    return _link(row) if row else None


def last_link_before(session: Session, moment: datetime) -> Link | None:
    """The newest link that was made before a moment."""
    query = select(Seal).where(Seal.at < moment).order_by(Seal.id.desc()).limit(1)
    row = session.scalar(query)
    return _link(row) if row else None


def link_count(session: Session) -> int:
    return session.scalars(select(func.count(Seal.id))).one()


def _links(session: Session) -> Generator[Link, None, None]:
    columns = select(Seal.id, Seal.at, Seal.upto, Seal.digest, Seal.head).order_by(Seal.id)
    with closing(session.execute(columns.execution_options(yield_per=CHUNK))) as rows:
        for number, at, upto, digest, head in rows:
            yield Link(number, at, {name: Part(*part) for name, part in upto.items()}, digest, head)


def _link(row: Seal) -> Link:
    parts = {name: Part(*part) for name, part in row.upto.items()}
    return Link(row.id, row.at, parts, row.digest, row.head)
