"""“这道题有问题”: a learner says so with one tap, a trainer answers, and the answer comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from lawlab.domain.question import Question
from lawlab.errors import LawlabError, NotFound
from lawlab.services.content_state import WITHDRAWN, set_state
from lawlab.services.sessions import Caller
from lawlab.store.content import MADE_BANK, item_version
from lawlab.store.engine import looking_again, writing
from lawlab.store.people import names_of, unit_names
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ItemReport, ItemVersion

TEXT_MOST, ANSWER_FEWEST, ANSWER_MOST = 500, 2, 500
LISTED = 200


class BadAnswer(LawlabError):
    """What a trainer wrote cannot be taken; the sentence says why."""

    status = 422


@looking_again
def report(
    session: Session,
    caller: Caller,
    key: str,
    item: str,
    version: int,
    place: str,
    text: str,
    now: dt.datetime,
) -> ItemReport:
    """Note that somebody finds a question wrong. A repeat with the same key only brings its text
    up to date, so that one tap reports and words may follow.

    Raises NotFound `no_item` for a question that he has not answered: only then has he seen it.
    """
    writing(session)
    row = session.scalar(
        select(ItemReport).where(ItemReport.person_id == caller.person_id, ItemReport.key == key)
    )
    if row is None:
        found = item_version(session, item, version)
        answered = found and session.scalar(
            select(Answer.id)
            .where(Answer.person_id == caller.person_id, Answer.item_version_id == found[0])
            .limit(1)
        )
        if found is None or answered is None:
            session.rollback()
            raise NotFound("no_item", "您还没有答过这道题，不能反馈。")
        row = ItemReport(
            person_id=caller.person_id,
            key=key,
            item_version_id=found[0],
            place=place,
            text=text,
            at=now,
        )
        session.add(row)
    elif row.answered_at is None:
        row.text = text
    session.commit()
    return row


def take_back(session: Session, caller: Caller, key: str) -> bool:
    """Undo a report that no trainer has answered; a repeat changes nothing."""
    writing(session)
    row = session.scalar(
        select(ItemReport).where(
            ItemReport.person_id == caller.person_id,
            ItemReport.key == key,
            ItemReport.answered_at.is_(None),
        )
    )
    if row is not None:
        session.delete(row)
    session.commit()
    return row is not None


def own_reports(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """What one person reported, the newest first, with the answers."""
    rows = session.scalars(
        _with_item().where(ItemReport.person_id == caller.person_id).limit(LISTED)
    )
    return [
        {
            "id": row.id,
            "item": row.item_version.item,
            "stem": row.item_version.body["stem"],
            "text": row.text,
            "at": row.at.isoformat(),
            "outcome": row.outcome,
            "answer": row.answer,
            "answered_at": _iso(row.answered_at),
            "unseen": row.answered_at is not None and row.seen_at is None,
            "place": row.place,
        }
        for row in rows
    ]


def unseen(session: Session, person_id: int) -> int:
    """How many answers of trainers somebody has not read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ItemReport)
            .where(
                ItemReport.person_id == person_id,
                ItemReport.answered_at.is_not(None),
                ItemReport.seen_at.is_(None),
            )
        )
        or 0
    )


def see(session: Session, caller: Caller, ids: Collection[int], now: dt.datetime) -> None:
    """Note that somebody read the answers to his reports."""
    writing(session)
    session.execute(
        update(ItemReport)
        .where(
            ItemReport.person_id == caller.person_id,
            ItemReport.id.in_(ids),
            ItemReport.answered_at.is_not(None),
            ItemReport.seen_at.is_(None),
        )
        .values(seen_at=now)
    )
    session.commit()


def open_count(session: Session) -> int:
    """How many reports wait for a trainer."""
    query = select(func.count()).select_from(ItemReport).where(ItemReport.answered_at.is_(None))
    return session.scalar(query) or 0


def all_reports(session: Session, done: bool, now: dt.datetime) -> list[dict[str, Any]]:
    """For trainers: what waits, the oldest first; or what was answered, the newest first."""
    query = _with_item().options(joinedload(ItemReport.person))
    if done:
        query = query.where(ItemReport.answered_at.is_not(None))
    else:
        query = query.where(ItemReport.answered_at.is_(None)).order_by(None).order_by(ItemReport.id)
    rows = session.scalars(query.limit(LISTED)).all()
    items = {row.item_version.item for row in rows}
    newest = dict(
        iter(
            session.execute(
                select(ItemVersion.item, func.max(ItemVersion.version))
                .where(ItemVersion.item.in_(items))
                .group_by(ItemVersion.item)
            )
        )
    )
    units = unit_names(session, china_day(now))
    names = names_of(session, {row.answered_by for row in rows if row.answered_by})
    open_of = [row.item_version.item for row in rows if row.answered_at is None]
    lines = []
    for row in rows:
        version = row.item_version
        question = Question.from_json(version.body)
        made = version.bank == MADE_BANK
        lines.append(
            {
                "id": row.id,
                "at": row.at.isoformat(),
                "person": {
                    "login": row.person.login,
                    "name": row.person.full_name,
                    "unit": units.get(row.person_id),
                },
                "item": version.item,
                "version": version.version,
                "newest_version": newest[version.item],
                "stem": question.stem,
                "question": question.public() | question.revealed(),
                "text": row.text,
                "place": row.place,
                "outcome": row.outcome,
                "answer": row.answer,
                "answered_by": names.get(row.answered_by or "", row.answered_by),
                "answered_at": _iso(row.answered_at),
                "made": made,
                "same": max(0, open_of.count(version.item) - (row.answered_at is None)),
                "edit_url": None if made else f"/services/learn/bank/{version.item}",
            }
        )
    return lines


def answer(
    session: Session,
    trainer: str,
    report_id: int,
    outcome: str,
    text: str,
    everybody: bool,
    now: dt.datetime,
) -> int:
    """Answer a report, and with `everybody` all others of the same question that wait; how many. A
    question that is `withdrawn` leaves lessons, papers and practice at once.

    Raises NotFound `no_report`; BadAnswer `bad_answer`. What was answered keeps its answer.
    """
    text = text.strip()
    if not ANSWER_FEWEST <= len(text) <= ANSWER_MOST:
        raise BadAnswer(
            "bad_answer",
            f"回复有 {len(text)} 个字，应有 {ANSWER_FEWEST} 到 {ANSWER_MOST} 个字，学员看得到。",
        )
    writing(session)
    row = session.get(ItemReport, report_id)
    if row is None:
        session.rollback()
        raise NotFound("no_report", "这条反馈已经撤回了，请刷新页面。")
    item = row.item_version.item
    rows = [row]
    if everybody:
        rows += session.scalars(
            select(ItemReport)
            .join(ItemVersion, ItemVersion.id == ItemReport.item_version_id)
            .where(
                ItemVersion.item == item,
                ItemReport.answered_at.is_(None),
                ItemReport.id != report_id,
            )
        ).all()
    answered = 0
    for one in rows:
        if one.answered_at is None:
            one.outcome, one.answer, one.answered_by, one.answered_at = outcome, text, trainer, now
            answered += 1
    if outcome == "withdrawn" and answered:
        session.flush()
        set_state(session, "item", item, WITHDRAWN, text, trainer, now)
    session.commit()
    return answered


def _with_item() -> Select[ItemReport]:
    return (
        select(ItemReport)
        .options(joinedload(ItemReport.item_version))
        .order_by(ItemReport.id.desc())
    )


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
