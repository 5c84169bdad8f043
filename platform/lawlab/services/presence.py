"""Online activities: who comes in, and who answers the cards that show at random moments.

Presence is what somebody did, not what a timer in his browser says. When the cards show is decided
on the server when the activity begins, and nobody can read it before.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.attendance import Kind, Outside, Way, cards_needed, status_at
from lawlab.domain.marking import check_response
from lawlab.domain.presence import CARD_SECONDS, card_moments
from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, NotFound
from lawlab.services.activity_cards import cards as activity_cards
from lawlab.services.attendance_events import Saying, say
from lawlab.services.check_in import brief
from lawlab.services.sessions import Caller
from lawlab.store.attendance import activity_times, find_activity
from lawlab.store.content import bank_items, courses
from lawlab.store.engine import writing
from lawlab.store.tables import (
    Activity,
    AttendanceEvent,
    ItemBank,
    PresenceAnswer,
    PresenceCard,
)

SHORT = (QuestionType.SINGLE, QuestionType.JUDGE)
"""Kinds of questions that are read and answered in a minute on a phone."""


def room(session: Session, activity_id: int, caller: Caller, now: datetime) -> dict[str, Any]:
    """An online activity as somebody in it sees it: how far he is, and the card that shows now.
    Raises NotFound `no_activity`; Conflict `not_online`."""
    activity = _online(session, activity_id)
    [card] = activity_cards(session, [activity], caller.person_id, now)
    came = _came(session, activity, caller.person_id)
    shown = [one for one in _shown(session, activity, now) if came and one.until > came]
    answered = set(
        session.scalars(
            select(PresenceAnswer.card_id).where(
                PresenceAnswer.person_id == caller.person_id,
                PresenceAnswer.card_id.in_([one.id for one in shown]),
            )
        )
    )
    showing = [one for one in shown if one.until > now and one.id not in answered]
    open_now = card["state"] == "open"
    return {
        "activity": card,
        "my": card["my"],
        "entered": came is not None,
        "answered": len(answered),
        "shown": len(shown),
        "needed": cards_needed(len(shown)),
        "card": _facts(showing[0]) if showing and open_now else None,
        "server_time": now.isoformat(),
    }


def enter(session: Session, activity_id: int, caller: Caller, now: datetime) -> None:
    """Come into an online activity; a repeat changes nothing. Raises Conflict `too_early`, `over`,
    `cancelled`, `not_online`."""
    writing(session)
    activity = _online(session, activity_id, lock=True)
    if _came(session, activity, caller.person_id) is None:
        facts = {"activity": brief(activity)}
        if activity.cancelled_at:
            why = f"“{activity.title}”已经取消：{activity.cancel_reason}"
            raise Conflict("cancelled", why, **facts)
        status = status_at(activity_times(activity), now)
        if status is Outside.EARLY:
            opens = activity_times(activity).opens.isoformat()
            raise Conflict("too_early", "会场还没有开放，到时请再进来。", opens_at=opens, **facts)
        if status is Outside.OVER or activity.closed_at:
            raise Conflict("over", "进入会场的时间已经过了。如有特殊情况，请联系教员。", **facts)
        saying = Saying(
            caller.person_id,
            f"in:{caller.person_id}",
            Kind.CHECK_IN,
            status,
            Way.ONLINE,
            now,
            caller.login,
        )
        say(session, activity, saying, now)
    session.commit()


def answer_card(
    session: Session,
    activity_id: int,
    caller: Caller,
    number: int,
    response: dict[str, Any],
    now: datetime,
) -> None:
    """Answer the card that shows; the first answer counts, a repeat changes nothing. Raises
    Conflict `card_over`, `not_entered`; NotFound `no_card`; LawlabError `bad_response`."""
    writing(session)
    activity = _online(session, activity_id, lock=True)
    card = session.scalar(
        select(PresenceCard).where(
            PresenceCard.activity_id == activity.id,
            PresenceCard.number == number,
            PresenceCard.shows_at <= now,
        )
    )
    if card is None:
        raise NotFound("no_card", "没有这张答题卡，请刷新页面。")
    if session.get(PresenceAnswer, (card.id, caller.person_id)) is None:
        if _came(session, activity, caller.person_id) is None:
            raise Conflict("not_entered", "您还没有进入会场，请先进入。")
        if now >= card.until or activity.closed_at:
            raise Conflict("card_over", "这张答题卡的时间已经过了，请等下一张。")
        check_response(Question.from_json(card.item_version.body), response)
        session.add(
            PresenceAnswer(card_id=card.id, person_id=caller.person_id, response=response, at=now)
        )
    session.commit()


def undealt(session: Session, now: datetime) -> list[int]:
    """Online activities that have begun and have no cards yet."""
    return list(
        session.scalars(
            select(Activity.id).where(
                Activity.online,
                Activity.starts_at <= now,
                Activity.ends_at > now,
                Activity.closed_at.is_(None),
                Activity.cancelled_at.is_(None),
                Activity.id.not_in(select(PresenceCard.activity_id)),
            )
        )
    )


def deal_cards(session: Session, now: datetime, chance: random.Random) -> list[int]:
    """Decide when the cards of every online activity that has begun show; returns which. A
    repeat decides nothing anew."""
    writing(session)
    for one in undealt(session, now):
        find_activity(session, one, lock=True)
    # Another process may have dealt while this one waited for the lock.
    begun = [find_activity(session, one) for one in undealt(session, now)]
    dealt = [activity.id for activity in begun if _deal(session, activity, now, chance)]
    session.commit()
    return dealt


def _deal(session: Session, activity: Activity, now: datetime, chance: random.Random) -> bool:
    """The random cards of one activity; False when no bank has a short question."""
    items = _items(session, activity)
    moments = card_moments(max(now, activity.starts_at), activity.ends_at, chance)
    chosen = chance.sample(items, min(len(items), len(moments)))
    if not chosen:
        return False
    for number, moment in enumerate(moments, 1):
        # A short bank asks the same thing twice rather than less often.
        _add(session, activity, number, chosen[(number - 1) % len(chosen)], moment)
    session.flush()
    return True


def show_card_now(session: Session, activity_id: int, now: datetime, chance: random.Random) -> None:
    """A card besides the random ones, at the trainer's wish. Raises Conflict `over`, `card_shows`,
    `no_items`."""
    writing(session)
    activity = _online(session, activity_id, lock=True)
    if activity.closed_at or activity.cancelled_at or not activity.starts_at <= now:
        raise Conflict("over", "活动进行中才能出答题卡。")
    if activity.id in undealt(session, now):
        # The random ones come in any case.
        _deal(session, activity, now, chance)
    shown = _shown(session, activity, now)
    if any(card.until > now for card in shown):
        raise Conflict("card_shows", "现在已经有一张答题卡，等它结束再出下一张。")
    used = {card.item_version_id for card in shown}
    items = _items(session, activity)
    fresh = [item for item in items if item not in used] or items
    if not fresh:
        raise Conflict("no_items", "题库里没有单选题和判断题，出不了答题卡。")
    last = session.scalar(
        select(func.max(PresenceCard.number)).where(PresenceCard.activity_id == activity.id)
    )
    _add(session, activity, (last or 0) + 1, chance.choice(fresh), now)
    activity.changed_at = now
    session.commit()


def _online(session: Session, activity_id: int, *, lock: bool = False) -> Activity:
    activity = find_activity(session, activity_id, lock=lock)
    if not activity.online:
        raise Conflict("not_online", "这场活动不在线上，请到会场签到。")
    return activity


def _came(session: Session, activity: Activity, person_id: int) -> datetime | None:
    return session.scalar(
        select(func.min(AttendanceEvent.at)).where(
            AttendanceEvent.activity_id == activity.id,
            AttendanceEvent.person_id == person_id,
            AttendanceEvent.kind == Kind.CHECK_IN,
        )
    )


def _shown(session: Session, activity: Activity, now: datetime) -> Sequence[PresenceCard]:
    return session.scalars(
        select(PresenceCard)
        .where(PresenceCard.activity_id == activity.id, PresenceCard.shows_at <= now)
        .order_by(PresenceCard.shows_at)
    ).all()


def _facts(card: PresenceCard) -> dict[str, Any]:
    question = Question.from_json(card.item_version.body)
    return {
        "id": card.number,
        "number": card.number,
        "until": card.until.isoformat(),
        "question": question.public(),
    }


def _items(session: Session, activity: Activity) -> list[int]:
    """Versions of short questions in use: of the courses the activity treats, else of all banks."""
    slugs = {topic["ref"] for topic in activity.topics if topic["kind"] == "course"}
    laws = {course.law for course in courses(session) if course.slug in slugs}
    banks = session.scalars(select(ItemBank).order_by(ItemBank.slug)).all()
    about = [bank for bank in banks if bank.law in laws] or banks
    return [
        version_id
        for bank in about
        for version_id, _, question in bank_items(session, bank.slug).values()
        if question.type in SHORT
    ]


def _add(session: Session, activity: Activity, number: int, item: int, shows: datetime) -> None:
    session.add(
        PresenceCard(
            activity_id=activity.id,
            number=number,
            item_version_id=item,
            shows_at=shows,
            until=min(shows + timedelta(seconds=CARD_SECONDS), activity.ends_at),
        )
    )
