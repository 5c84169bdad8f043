"""Question files of other systems become drafts of a bank; a trainer gives them their articles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lawlab.domain.exchange.formats import Form, read_file
from lawlab.domain.exchange.model import MOST_ROWS, ImportedItem, ImportResult
from lawlab.domain.exchange.sheet import read_sheet
from lawlab.domain.item_form import LABELS, blank, next_id
from lawlab.domain.item_limits import limit_faults
from lawlab.domain.statute import normalised
from lawlab.errors import Conflict, FileFaults, LawlabError
from lawlab.services.item_drafts import MOST_DRAFTS, first_revision
from lawlab.services.roster_files import read_table
from lawlab.store.content import newest_items
from lawlab.store.engine import looking_again, writing
from lawlab.store.items import bank, drafts, item_ids
from lawlab.store.tables import ItemDraft

FORMS: dict[str, Form] = {".csv": "csv", ".gift": "gift", ".xml": "moodle_xml", ".txt": "plain"}
AIKEN_ANSWER = b"\nANSWER:"
"""Aiken files end in .txt like ours do; this tells them apart."""


@dataclass(frozen=True)
class Imported:
    """Ids of the new drafts, how many questions the bank had already, and what to look at."""

    items: tuple[str, ...]
    known: int
    warnings: tuple[str, ...]


def read_questions(
    file: Path, types: Mapping[str, str] | None = None, form: Form | None = None
) -> ImportResult:
    """What a file holds, by its ending unless `form` says otherwise. `types`: what unknown codes
    of question types mean. Every item is one that the editor's form can hold.

    Raises FileFaults with all faults and open questions, LawlabError `bad_file`.
    """
    suffix = file.suffix.lower()
    if form is None and suffix == ".xlsx":
        found = read_sheet(read_table(file, MOST_ROWS), types)
    elif (chosen := form or FORMS.get(suffix)) is None:
        raise LawlabError(
            "bad_file",
            f"不认识 {file.name} 的格式，可以导入 .xlsx、.csv、.txt、.gift、.xml 和 .yaml；"
            "别的结尾请用 --format 写明。",
        )
    else:
        raw = _bytes(file)
        if form is None and chosen == "plain" and AIKEN_ANSWER in raw:
            chosen = "aiken"
        found = read_file(raw, chosen, types)
    faults = [str(one) for one in (*found.faults, *found.questions, *_beyond_the_form(found))]
    if faults or not found.items:
        raise FileFaults(file.name, faults or ["没有找到题目。"])
    return found


@looking_again
def import_questions(
    session: Session,
    slug: str,
    items: Sequence[ImportedItem],
    warnings: Sequence[str],
    author: str,
    now: datetime,
) -> Imported:
    """Make a draft of each question that the bank does not have yet, all or none; a repeat makes
    nothing twice. Raises NotFound `no_bank`, Conflict `too_many_drafts`."""
    writing(session)
    home, ids, waiting = bank(session, slug), item_ids(session), drafts(session)
    seen = {_look(row.body) for row in newest_items(session).values() if row.bank == slug}
    seen |= {_look(draft.body) for draft in waiting.values() if draft.bank == slug}
    made: list[str] = []
    for item in items:
        form = _form(item)
        if (look := _look(form)) in seen:
            continue
        seen.add(look)
        name = next_id(home.prefix, [one for one, of in ids.items() if of == slug], ids)
        ids[name] = slug
        made.append(name)
        session.add(
            ItemDraft(
                item=name,
                bank=slug,
                body=form,
                base_version=None,
                revision=first_revision(),
                author=author,
                changed_at=now,
            )
        )
    if len(waiting) + len(made) > MOST_DRAFTS:
        session.rollback()
        raise Conflict(
            "too_many_drafts",
            f"这样草稿就有 {len(waiting) + len(made)} 份，最多 {MOST_DRAFTS} 份，没有导入。"
            "请先发布或放弃一些，或者分几次导入。",
        )
    session.commit()
    return Imported(tuple(made), len(items) - len(made), tuple(warnings))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise LawlabError("bad_file", f"读不了 {file}：{error.strerror}。") from error


def _beyond_the_form(found: ImportResult) -> Iterator[str]:
    for item in found.items:
        tags = LABELS["tags"] if item.tags else "章节"
        for sentence in limit_faults(_form(item), {**LABELS, "answer": "答案", "tags": tags}):
            yield f"{item.place}：{sentence}"


def _form(item: ImportedItem) -> dict[str, Any]:
    options, answer = dict(item.options), item.answer
    if item.type == "order" and answer == "".join(options):
        options, answer = _mixed(options)
    return {
        **blank(),
        "type": item.type,
        "stem": item.stem,
        "options": options,
        "blanks": [list(spellings) for spellings in item.blanks],
        "answer": answer,
        "explanation": item.explanation,
        "why_wrong": dict(item.why_wrong),
        "difficulty": item.difficulty,
        "tags": list(item.tags) or ([item.chapter] if item.chapter else []),
    }


def _mixed(options: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Steps that came in their right order, shown in another one, the same at every import."""
    right = list(options.values())
    shown = sorted(right, key=lambda text: hashlib.sha256(text.encode()).digest())
    if shown == right:
        shown = [*right[1:], right[0]]
    letters = list(options)
    return dict(zip(letters, shown, strict=True)), "".join(
        letters[shown.index(text)] for text in right
    )


def _look(form: Mapping[str, Any]) -> tuple[str, ...]:
    """What makes two questions the same one: stem and options, whatever the punctuation."""
    return tuple(map(normalised, (form["stem"], *sorted((form.get("options") or {}).values()))))
