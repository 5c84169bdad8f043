"""One question on the trainers' desk, with all that a trainer has to know before he changes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.item_form import changes, form_of
from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef
from lawlab.domain.statute_diff import marked
from lawlab.errors import LawlabError, NotFound
from lawlab.services.item_publishing import check_draft
from lawlab.store import items as store
from lawlab.store.content import lessons_with_card, newest_items
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import (
    ContentState,
    ItemDraft,
    ItemVersion,
    LessonVersion,
    Publication,
)

ACTIONS = {
    "publish": "发布",
    "withdraw": "撤下",
    "restore": "恢复",
    "stale": "条文变了，停用",
    "fresh": "条文核对无误，恢复",
    "confirm": "核对了待核的内容",
    "unconfirm": "收回核对",
}


def item_detail(session: Session, item: str, statutes: Statutes, now: datetime) -> dict[str, Any]:
    """Everything the editor shows of one question. Raises NotFound `no_item`."""
    draft, all_versions = session.get(ItemDraft, item), store.versions(session, item)
    newest = all_versions[0] if all_versions else None
    if draft is None and newest is None:
        raise NotFound("no_item", f"没有编号为“{item}”的题。", item=item)
    home = store.bank(session, newest.bank if newest else draft.bank if draft else "")
    state = session.get(ContentState, ("item", item))
    events = store.history(session, "item", item)
    names = _names(session, draft, state, events)
    return {
        "item": item,
        "bank": {"slug": home.slug, "law": home.law, "prefix": home.prefix},
        "published": _published(newest),
        "draft": draft_facts(draft, names) if draft else None,
        "state": _state(state, names),
        "article_changes": article_changes(newest, statutes, china_day(now)) if state else [],
        "history": history_lines(all_versions, events, names),
        "lessons": [
            {"title": row.title, "url": f"/services/learn/lesson/{row.course}/{row.lesson}"}
            for row in lessons_with_card(session, item)
        ],
        "quizzes": [
            {"title": quiz.title, "state": quiz.state} for quiz in store.quizzes_with(session, item)
        ],
        "reviewers": store.reviewers(session),
        "tags": _usual_tags(session, home.slug),
        **standing(session, item, statutes, now),
    }


def standing(session: Session, item: str, statutes: Statutes, now: datetime) -> dict[str, Any]:
    """What is wrong with the draft (or, without one, with what is published), and what the draft
    changes."""
    draft, newest = session.get(ItemDraft, item), store.newest_version(session, item)
    published = form_of(Question.from_json(newest.body)) if newest else None
    form = draft.body if draft else published
    home = store.bank(session, draft.bank if draft else newest.bank if newest else "")
    assert form is not None  # callers know that one of the two is there
    _, faults = check_draft(session, item, form, home, statutes, now)
    return {
        "faults": [asdict(fault) for fault in faults],
        "changes": [asdict(change) for change in changes(published, form)] if draft else [],
    }


def version_form(session: Session, item: str, version: int) -> dict[str, Any]:
    """The form of an old version, and what the newest one changed since. Raises NotFound."""
    rows = {row.version: row for row in store.versions(session, item)}
    if version not in rows:
        raise NotFound("no_item", f"{item} 没有第 {version} 版。", item=item)
    form = form_of(Question.from_json(rows[version].body))
    newest = form_of(Question.from_json(rows[max(rows)].body))
    return {"form": form, "changes": [asdict(change) for change in changes(form, newest)]}


def draft_facts(draft: ItemDraft, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "revision": draft.revision,
        "base_version": draft.base_version,
        "author": names.get(draft.author, draft.author),
        "login": draft.author,
        "changed_at": draft.changed_at.isoformat(),
        "form": draft.body,
    }


def article_changes(row: ItemVersion | None, statutes: Statutes, on: date) -> list[dict[str, Any]]:
    """The cited articles that read otherwise than when this version was published. The old text is
    there when some version of the law still holds it."""
    found = []
    for ref, was in (row.article_prints if row else {}).items():
        parsed = ArticleRef.parse(ref)
        new = _text(statutes, parsed, on=on)
        if new is None or new[1] != was:
            old = _old_text(statutes, parsed, was)
            pieces = marked(old, new[0]) if old is not None and new else None
            found.append({"ref": ref, "old": old, "new": new and new[0], "pieces": pieces})
    return found


def _text(statutes: Statutes, ref: ArticleRef, **which: date) -> tuple[str, str] | None:
    try:
        article = statutes.law(ref.law, **which).at(ref.key)
    except LawlabError:
        return None
    return article.text, article.fingerprint


def _old_text(statutes: Statutes, ref: ArticleRef, fingerprint: str) -> str | None:
    try:
        known = statutes.versions(ref.law)
    except LawlabError:
        return None
    for info in known:
        found = _text(statutes, ref, version=info.version)
        if found and found[1] == fingerprint:
            return found[0]
    return None


def _usual_tags(session: Session, slug: str) -> list[str]:
    rows = [row for row in newest_items(session).values() if row.bank == slug]
    return [tag for tag, _ in Counter(t for row in rows for t in row.body["tags"]).most_common(12)]


def _published(row: ItemVersion | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "version": row.version,
        "reviewer": row.reviewer,
        "at": row.published_at.isoformat(),
        "form": form_of(Question.from_json(row.body)),
    }


def _state(state: ContentState | None, names: Mapping[str, str]) -> dict[str, Any] | None:
    if state is None:
        return None
    return {
        "state": state.state,
        "reason": state.reason,
        "by": names.get(state.by, state.by),
        "since": state.since.isoformat(),
    }


def history_lines(
    rows: Sequence[ItemVersion] | Sequence[LessonVersion],
    events: Sequence[Publication],
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    """What was done, the newest first; a version from before there was a history is told too."""
    found: list[dict[str, Any]] = [
        {
            "action": ACTIONS.get(event.action, event.action),
            "version": event.version,
            "is_version": event.action == "publish",
            "by": names.get(event.by, event.by),
            "reviewer": event.reviewer,
            "note": event.note,
            "at": event.at.isoformat(),
        }
        for event in events
    ]
    told = {event.version for event in events if event.action == "publish"}
    for row in rows:
        if row.version not in told:
            facts = {"action": ACTIONS["publish"], "version": row.version, "is_version": True}
            author = {"by": "", "reviewer": row.reviewer, "note": ""}
            found.append({**facts, **author, "at": row.published_at.isoformat()})
    return sorted(found, key=lambda event: str(event["at"]), reverse=True)


def _names(
    session: Session,
    draft: ItemDraft | None,
    state: ContentState | None,
    events: Iterable[Publication],
) -> dict[str, str]:
    logins = {event.by for event in events} | {row.by for row in (state,) if row}
    return store.full_names(session, logins | {row.author for row in (draft,) if row})
