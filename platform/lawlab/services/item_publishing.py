"""From draft to published question and back: checks, publishing, withdrawing, restoring, and
confirming a question whose law changed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from lawlab.domain.item_faults import Fault, check_form
from lawlab.domain.item_form import Form, form_of
from lawlab.domain.likeness import alike_questions
from lawlab.domain.question import Question
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.content import publishing
from lawlab.services.content_state import STALE, WITHDRAWN, clear_state, set_state
from lawlab.services.item_versions import (
    article_prints,
    checked_reviewer,
    digest,
    store_version,
)
from lawlab.services.sessions import Caller
from lawlab.store.items import bank, newest_version, other_questions
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ContentState, ItemBank, ItemDraft, ItemVersion

REASON_LIMIT = 400


class ItemFaults(LawlabError):
    """A draft that may not be published yet, with all its faults beside their fields."""

    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(
            "item_faults",
            f"还有 {len(faults)} 处要改，没有发布：{faults[0].text}",
            faults=[asdict(fault) for fault in faults],
        )


def check_draft(
    session: Session, item: str, form: Form, home: ItemBank, statutes: Statutes, now: datetime
) -> tuple[Question | None, list[Fault]]:
    """The question of a form, when it is whole, and every fault of it: by itself, against the law
    in force, and beside the other questions."""
    find_law = partial(statutes.law, on=china_day(now))
    question, faults = check_form(item, form, find_law, home.awaits)
    if question is not None:
        others = [Question.from_json(row.body) for row in other_questions(session, item)]
        faults = faults + alike_faults(question, others)
    return question, faults


def alike_faults(question: Question, others: list[Question]) -> list[Fault]:
    """A fault for each published question that says nearly the same."""
    # Only pairs with the new question matter; those among the others are not its business.
    return [
        Fault(
            "stem",
            f"和 {other.id} 问得几乎一样（{pair[0].share:.0%} 的字句相同）。请换一个问法。",
        )
        for other in others
        if (pair := alike_questions([other, question]))
    ]


def publish_draft(
    session: Session,
    caller: Caller,
    item: str,
    revision: int,
    reviewer: str,
    statutes: Statutes,
    now: datetime,
    note: str = "",
) -> ItemVersion:
    """Store the draft as the next version and end it. The item is in use from then on.

    Raises LawlabError `no_reviewer`, NotFound `no_draft`, Conflict `draft_conflict` when the draft
    is not the one that was seen, `published_meanwhile` when it began from an older version,
    `nothing_changed`, ItemFaults with everything that is wrong.
    """
    reviewer = checked_reviewer(reviewer)
    with publishing(session):
        draft = session.get(ItemDraft, item, with_for_update=True)
        if draft is None:
            raise NotFound("no_draft", "这道题现在没有草稿，可能已经发布。请刷新页面。", item=item)
        if draft.revision != revision:
            raise Conflict(
                "draft_conflict", "这份草稿刚刚又改过，没有发布。请刷新页面，看过再发布。"
            )
        newest = newest_version(session, item)
        _refuse_older_base(draft, newest)
        home = bank(session, draft.bank)
        question, faults = check_draft(session, item, draft.body, home, statutes, now)
        if faults or question is None:
            raise ItemFaults(faults)
        state = session.get(ContentState, ("item", item))
        if newest and newest.sha256 == digest(question.to_json()) and state is None:
            raise Conflict("nothing_changed", f"和已发布的第 {newest.version} 版一样，不用再发布。")
        if state and state.state == WITHDRAWN:
            clear_state(session, "item", item, caller.login, now)
        row = store_version(
            session,
            question,
            draft.bank,
            statutes,
            now,
            after=newest.version if newest else 0,
            reviewer=reviewer,
            by=caller.login,
            note=note,
        )
        session.delete(draft)
    return row


def confirm_item(
    session: Session,
    caller: Caller,
    item: str,
    reviewer: str,
    statutes: Statutes,
    now: datetime,
) -> ItemVersion:
    """Publish a stale item again as it is: somebody read the new text and found it still right.

    Raises LawlabError `no_reviewer`, NotFound `no_item`, Conflict `not_stale`, ItemFaults when the
    law in force does not bear it out any more.
    """
    reviewer = checked_reviewer(reviewer)
    with publishing(session):
        newest = _published(session, item)
        state = session.get(ContentState, ("item", item))
        if state is None or state.state != STALE:
            raise Conflict("not_stale", f"{item} 所依据的条文没有变，不用再确认。")
        home = bank(session, newest.bank)
        question = Question.from_json(newest.body)
        _, faults = check_draft(session, item, form_of(question), home, statutes, now)
        if faults:
            raise ItemFaults(faults)
        return store_version(
            session,
            question,
            newest.bank,
            statutes,
            now,
            after=newest.version,
            reviewer=reviewer,
            by=caller.login,
            note="条文变了，核对过，仍然正确。",
        )


def withdraw_item(session: Session, caller: Caller, item: str, reason: str, now: datetime) -> None:
    """Take a published item out of papers, lessons and everything new.

    Raises LawlabError `no_reason`, NotFound `no_item`, Conflict `withdrawn_already`.
    """
    if not 0 < len(reason.strip()) <= REASON_LIMIT:
        raise LawlabError("no_reason", f"请写明为什么撤下（{REASON_LIMIT} 个字以内）。")
    with publishing(session):
        _published(session, item)
        state = session.get(ContentState, ("item", item))
        if state and state.state == WITHDRAWN:
            raise Conflict("withdrawn_already", f"{item} 已经撤下：{state.reason}")
        set_state(session, "item", item, WITHDRAWN, reason.strip(), caller.login, now)


def restore_item(
    session: Session, caller: Caller, item: str, statutes: Statutes, now: datetime
) -> str:
    """Bring a withdrawn item back; returns its state then: empty when it is in use, `stale` when
    the law changed while it was away.

    Raises NotFound `no_item`, Conflict `not_withdrawn`.
    """
    with publishing(session):
        newest = _published(session, item)
        state = session.get(ContentState, ("item", item))
        if state is None or state.state != WITHDRAWN:
            raise Conflict("not_withdrawn", f"{item} 没有撤下，不用恢复。")
        clear_state(session, "item", item, caller.login, now)
        question = Question.from_json(newest.body)
        prints = article_prints(question, statutes, china_day(now))
        changed = [ref for ref, was in newest.article_prints.items() if prints.get(ref) != was]
        if changed:
            reason = f"撤下期间，依据的条文变了：{'、'.join(changed)}。"
            set_state(session, "item", item, STALE, reason, "系统", now)
    return STALE if changed else ""


def _published(session: Session, item: str) -> ItemVersion:
    newest = newest_version(session, item)
    if newest is None:
        raise NotFound("no_item", f"没有已发布的题 {item}。", item=item)
    return newest


def _refuse_older_base(draft: ItemDraft, newest: ItemVersion | None) -> None:
    if newest is not None and newest.bank != draft.bank:
        raise Conflict(
            "item_exists", f"编号 {draft.item} 已经在题库 {newest.bank} 里用了，请另写一题。"
        )
    if newest is not None and newest.version != draft.base_version:
        raise Conflict(
            "published_meanwhile",
            f"这道题在您改的时候发布了第 {newest.version} 版，没有发布您的稿子。"
            "请看清两版的差别，再决定。",
            version=newest.version,
        )
