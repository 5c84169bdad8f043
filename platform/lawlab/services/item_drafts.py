"""Drafts of questions: begin one, save it, throw it away. A save that would cover somebody else's
unseen work is refused, and brings his version along."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.bank import BANK_SLUG, ITEM_ID
from lawlab.domain.item_form import blank, changes, next_id
from lawlab.domain.statute import short_name
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.sessions import Caller
from lawlab.store.content import MADE_BANK
from lawlab.store.engine import looking_again, writing
from lawlab.store.items import bank, banks, full_names, item_ids, newest_version
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ItemBank, ItemDraft

MOST_DRAFTS = 2000
"""Of all banks together; more can only be a script gone wild."""


@dataclass(frozen=True)
class Save:
    """What an editor sends. `revision` is the one that it saw last (0: it saw no draft)."""

    revision: int
    base_version: int | None
    form: Mapping[str, Any]


@looking_again
def new_bank(
    session: Session, slug: str, law: str, prefix: str, statutes: Statutes, now: datetime
) -> ItemBank:
    """A bank without an item. `law` has to be there, in the package or imported.

    Raises LawlabError `bad_bank`, NotFound of a law that is not there, Conflict `bank_exists`.
    """
    writing(session)
    if not BANK_SLUG.fullmatch(slug) or len(slug) > 40:
        raise LawlabError(
            "bad_bank", "题库名用小写字母、数字和连字符，字母开头，40 个以内，如 bridge-rules。"
        )
    if not ITEM_ID.fullmatch(f"{prefix}-001") or len(prefix) > 20:
        raise LawlabError(
            "bad_bank", "编号开头用小写字母和数字，字母开头，20 个以内，如 brg。编号就是 brg-001。"
        )
    name = statutes.find(law, on=china_day(now)).short
    if MADE_BANK in (slug, prefix):
        raise Conflict(
            "bank_exists", f"“{MADE_BANK}”留给由法条生成的题，题库名和编号开头都请换一个。"
        )
    if session.get(ItemBank, slug) is not None:
        raise Conflict("bank_exists", f"已经有名为“{slug}”的题库。")
    taken = {item.rpartition("-")[0]: home for item, home in item_ids(session).items()}
    taken |= {row.prefix: row.slug for row in banks(session)}
    if prefix in taken:
        raise Conflict(
            "bank_exists", f"编号开头“{prefix}”已经是题库 {taken[prefix]} 的，请换一个。"
        )
    row = ItemBank(slug=slug, law=short_name(name), prefix=prefix, awaits=[])
    session.add(row)
    session.commit()
    return row


@looking_again
def new_item(session: Session, caller: Caller, slug: str, now: datetime) -> ItemDraft:
    """An empty draft under the next free id of a bank; the id is taken from then on.

    Raises NotFound `no_bank`, Conflict `too_many_drafts`.
    """
    writing(session)
    home, ids = bank(session, slug), item_ids(session)
    _refuse_too_many(session)
    of_bank = [item for item, name in ids.items() if name == slug]
    draft = ItemDraft(
        item=next_id(home.prefix, of_bank, ids),
        bank=slug,
        body=blank(),
        base_version=None,
        revision=first_revision(),
        author=caller.login,
        changed_at=now,
    )
    session.add(draft)
    session.commit()
    return draft


@looking_again
def save_draft(
    session: Session, caller: Caller, item: str, given: Save, now: datetime
) -> ItemDraft:
    """Store what the form holds. The first save of a published item begins its draft.

    Raises NotFound `no_item`; Conflict `draft_conflict` when the draft was saved by somebody (or in
    another window) since, with that draft and what differs, `no_draft` when it was thrown away or
    published meanwhile.
    """
    writing(session)
    draft = session.get(ItemDraft, item, with_for_update=True)
    published = newest_version(session, item)
    if (given.base_version or 0) > (published.version if published else 0):
        raise NotFound("no_item", f"{item} 没有第 {given.base_version} 版，请刷新页面。")
    if draft is None:
        draft = _begin(session, item, given, published.bank if published else "")
    elif draft.revision != given.revision:
        if (draft.author, draft.body) == (caller.login, given.form):
            return draft  # the reply to this very save was lost
        raise _conflict(session, caller, draft, given)
    else:
        draft.revision += 1
    draft.body, draft.base_version = dict(given.form), given.base_version
    draft.author, draft.changed_at = caller.login, now
    session.commit()
    return draft


def discard_draft(session: Session, caller: Caller, item: str, revision: int) -> dict[str, Any]:
    """Throw a draft away; returns what it held, so that the editor can offer it again.

    Raises NotFound `no_draft`, Conflict `draft_conflict`.
    """
    writing(session)
    draft = session.get(ItemDraft, item, with_for_update=True)
    if draft is None:
        raise NotFound("no_draft", "这道题现在没有草稿。", item=item)
    if draft.revision != revision:
        raise _conflict(session, caller, draft, Save(revision, draft.base_version, draft.body))
    held = {"bank": draft.bank, "base_version": draft.base_version, "form": draft.body}
    session.delete(draft)
    session.commit()
    return held


@looking_again
def restore_draft(
    session: Session, caller: Caller, item: str, slug: str, given: Save, now: datetime
) -> ItemDraft:
    """Take back a draft that was thrown away, also one of an item that was never published.

    Raises NotFound `no_bank`, LawlabError `bad_item`, Conflict `item_exists` when the id was given
    away since.
    """
    writing(session)
    home = bank(session, slug)
    if not ITEM_ID.fullmatch(item) or len(item) > 60 or not item.startswith(f"{home.prefix}-"):
        raise LawlabError("bad_item", f"编号应形如 {home.prefix}-001。")
    if session.get(ItemDraft, item) is not None or item_ids(session).get(item, slug) != slug:
        raise Conflict("item_exists", f"编号 {item} 已经有了别的稿子，没有恢复。")
    _refuse_too_many(session)
    published = newest_version(session, item)
    draft = ItemDraft(
        item=item,
        bank=slug,
        body=dict(given.form),
        base_version=published.version if published else None,
        revision=first_revision(),
        author=caller.login,
        changed_at=now,
    )
    session.add(draft)
    session.commit()
    return draft


def _begin(session: Session, item: str, given: Save, slug: str) -> ItemDraft:
    if not slug:
        raise NotFound("no_item", f"没有编号为“{item}”的题，或者它的草稿已经放弃。", item=item)
    if given.revision:
        raise Conflict(
            "no_draft", "这道题的草稿已经发布或放弃，您的改动还没有保存。请核对后再存。", item=item
        )
    _refuse_too_many(session)
    draft = ItemDraft(item=item, bank=slug, revision=first_revision())
    session.add(draft)
    return draft


def first_revision() -> int:
    """Where the counting of a draft's saves begins."""
    # Anywhere, so that a window that still holds a draft thrown away earlier cannot meet it.
    return secrets.randbelow(10**9) + 1


def _refuse_too_many(session: Session) -> None:
    if session.query(ItemDraft).count() >= MOST_DRAFTS:
        raise Conflict("too_many_drafts", "草稿太多了，请先发布或放弃一些，再写新的。")


def _conflict(session: Session, caller: Caller, draft: ItemDraft, given: Save) -> Conflict:
    name = full_names(session, [draft.author]).get(draft.author, draft.author)
    who = "您在另一个窗口" if draft.author == caller.login else f"{name} 在您之后"
    return Conflict(
        "draft_conflict",
        f"{who}保存过这道题，这里的改动还没有保存。请选用哪一稿。",
        draft={
            "author": name,
            "login": draft.author,
            "changed_at": draft.changed_at.isoformat(),
            "revision": draft.revision,
            "base_version": draft.base_version,
            "form": draft.body,
        },
        changes=[asdict(change) for change in changes(draft.body, given.form)],
    )
