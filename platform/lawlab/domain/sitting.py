"""Time rules of a quiz sitting, decided by the server's clock alone; the receipt's code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lawlab.domain.blueprint import Blueprint, Counting

CLOSING_GRACE = timedelta(seconds=2)
"""How long after the deadline an automatic hand-in waits for answers that are being stored."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0/O, 1/I/L: a code is read aloud or copied by hand."""


def closing(blueprint: Blueprint) -> datetime | None:
    """When nobody answers any more; None: only the release ends it."""
    if blueprint.closes_at is None:
        return None
    return blueprint.closes_at + timedelta(minutes=blueprint.late_minutes)


def deadline(started_at: datetime, minutes: int, closing: datetime | None = None) -> datetime:
    """When a sitting that begins now ends, at the latest at `closing`. Refuses a naive time."""
    if started_at.tzinfo is None:
        raise ValueError(f"naive time {started_at!r}: pass an aware one")
    end = started_at + timedelta(minutes=minutes)
    return end if closing is None else min(end, closing)


def refusal(blueprint: Blueprint, *, attempts: int, may_take: bool, now: datetime) -> str:
    """Why a person cannot begin now, as a stable word; "" when he can. `attempts`: how many he has
    handed in; `may_take`: whether this quiz is for him."""
    end = closing(blueprint)
    if not may_take:
        return "not_expected"
    if blueprint.opens_at is not None and now < blueprint.opens_at:
        return "too_early"
    if end is not None and now >= end:
        return "too_late"
    return "no_attempt_left" if attempts >= blueprint.attempts else ""


def counting_attempt(rule: Counting, points: Mapping[int, float | None]) -> int:
    """The attempt that counts, of those handed in with what each earned without a person's marks
    and after any penalty; of two best ones the earlier."""
    if rule is Counting.LAST:
        return max(points)
    return max(points, key=lambda attempt: (points[attempt] or 0.0, -attempt))


def is_open(deadline: datetime, handed_in_at: datetime | None, now: datetime) -> bool:
    """True while answers count: not handed in, and the deadline itself has not passed."""
    return handed_in_at is None and now <= deadline


def is_due(deadline: datetime, handed_in_at: datetime | None, now: datetime) -> bool:
    """True when the server has to hand in for the person."""
    return handed_in_at is None and now > deadline + CLOSING_GRACE


def seconds_left(deadline: datetime, now: datetime) -> int:
    """Whole seconds until the deadline, never negative."""
    return max(0, int((deadline - now).total_seconds()))


def handed_in_time(deadline: datetime, now: datetime) -> datetime:
    """The time on the receipt: a hand-in after the deadline counts as one at the deadline."""
    return min(now, deadline)


def receipt(
    assignment: str, login: str, handed_in_at: datetime, responses: Mapping[str, Any]
) -> str:
    """A short code such as `7K2M-QX9D`, which anyone can compute again from what was handed in."""
    facts = [assignment, login, handed_in_at.astimezone(UTC).isoformat(), dict(responses)]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=True).encode()).digest()
    number = int.from_bytes(digest, "big")
    letters = ""
    for _ in range(8):
        number, place = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[place]
    return f"{letters[:4]}-{letters[4:]}"
