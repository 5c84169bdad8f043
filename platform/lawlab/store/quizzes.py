"""Queries about papers and what people answered on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.store.tables import Answer, ItemVersion


def paper_questions(session: Session, paper: Sequence[Mapping[str, Any]]) -> dict[str, Question]:
    """Slot → the question in the version that was drawn, in one query."""
    wanted = {(slot["item"], slot["version"]): slot["slot"] for slot in paper}
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, ItemVersion.body).where(
            tuple_(ItemVersion.item, ItemVersion.version).in_(list(wanted))
        )
    )
    found = {wanted[item, version]: Question.from_json(body) for item, version, body in rows}
    return {slot["slot"]: found[slot["slot"]] for slot in paper}


def newest_responses(
    session: Session,
    person_id: int,
    assignment: str,
    paper: Sequence[Mapping[str, Any]],
    until: datetime,
) -> dict[str, Any]:
    """Slot → the newest response received by `until`; slots without one are absent."""
    slots = {(slot["item"], slot["version"]): slot["slot"] for slot in paper}
    rows = session.execute(
        select(ItemVersion.item, ItemVersion.version, Answer.response)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .where(
            Answer.person_id == person_id,
            Answer.place == f"quiz:{assignment}",
            Answer.received_at <= until,
        )
        .order_by(Answer.id)
    )
    given = {slots[key[0], key[1]]: key[2] for key in rows if (key[0], key[1]) in slots}
    return {slot: given[slot] for slot in sorted(given)}
