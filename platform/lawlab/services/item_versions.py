"""Storing a version of a question: the row, the fingerprints of its articles, and its history."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef
from lawlab.errors import LawlabError, NotFound
from lawlab.services.content_state import clear_state, record
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ItemBank, ItemVersion

COMMAND_LINE = "命令行"
"""Who publishes a bank file, and its reviewer when nobody names one."""


def checked_reviewer(reviewer: str) -> str:
    """The name of who answers for the law. Raises LawlabError `no_reviewer`."""
    if not 0 < len(reviewer.strip()) <= 40:
        raise LawlabError("no_reviewer", "请写明法律审核人的姓名（40 个字以内），再发布。")
    return reviewer.strip()


def store_version(
    session: Session,
    question: Question,
    bank: str,
    statutes: Statutes,
    now: datetime,
    *,
    after: int,
    reviewer: str,
    by: str,
    note: str = "",
) -> ItemVersion:
    """Add the version that comes `after` the newest one (0: none). A stale item is in use again:
    its new version was checked with the law in force."""
    body = question.to_json()
    row = ItemVersion(
        item=question.id,
        version=after + 1,
        bank=bank,
        type=question.type.value,
        body=body,
        sha256=digest(body),
        article_prints=article_prints(question, statutes, china_day(now)),
        reviewer=reviewer,
        published_at=now,
    )
    session.add(row)
    clear_state(session, "item", question.id, by, now, action="fresh")
    record(
        session,
        "item",
        question.id,
        "publish",
        by,
        now,
        version=row.version,
        reviewer=reviewer,
        note=note,
    )
    return row


def store_bank_row(
    session: Session, slug: str, law: str, awaits: Iterable[str], items: Iterable[str]
) -> ItemBank:
    """The row of a bank, with what its file says now; the ids of its `items` tell how new ones
    begin."""
    row = session.get(ItemBank, slug)
    if row is None:
        prefixes = Counter(item.rpartition("-")[0] for item in items)
        row = ItemBank(slug=slug, prefix=prefixes.most_common(1)[0][0][:20])
        session.add(row)
    row.law, row.awaits = law, list(awaits)
    return row


def article_prints(question: Question, statutes: Statutes, on: date) -> dict[str, str]:
    """Article reference → fingerprint of its text. An article of a law that the town has not
    imported yet is left out."""
    prints = {}
    for ref in map(ArticleRef.parse, question.articles):
        with suppress(NotFound):
            prints[str(ref)] = statutes.law(ref.law, on=on).at(ref.key).fingerprint
    return prints


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
