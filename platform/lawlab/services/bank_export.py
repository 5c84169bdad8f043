"""Writes the published questions of a bank as files that `lawlab bank import` reads."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import yaml
from openpyxl import Workbook
from sqlalchemy.orm import Session

from lawlab.domain.exchange.gift import write_gift
from lawlab.domain.exchange.marks import has_form
from lawlab.domain.exchange.model import ImportedItem
from lawlab.domain.exchange.moodle_xml import write_moodle_xml
from lawlab.domain.exchange.sheet import sheet_rows
from lawlab.domain.exchange.text import encode_csv
from lawlab.domain.item_form import file_item
from lawlab.domain.question import Question
from lawlab.errors import LawlabError
from lawlab.services.content_state import states
from lawlab.services.sheets import fill
from lawlab.store.content import newest_items
from lawlab.store.items import bank

_WIDE = 10_000
"""A sentence stays on one line, so that comparing two files shows sentences."""
_IN_A_ROW = ("articles", "tags", "awaits", "blanks")


@dataclass(frozen=True)
class Export:
    """A bank file, how many questions are in it, which were left out because they are out of use,
    and which because the format has no form for them (several blanks, putting in order)."""

    content: bytes
    items: int
    left_out: tuple[str, ...]
    homeless: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.content.decode()


def export_bank(session: Session, slug: str, *, everything: bool = False) -> Export:
    """The newest version of each question in use; with `everything` also of withdrawn and stale
    ones. Raises NotFound `no_bank`, LawlabError `bank_empty`."""
    home = bank(session, slug)
    questions, left_out = _chosen(session, slug, everything)
    data: dict[str, Any] = {"bank": home.slug, "law": home.law}
    if home.awaits:
        data["awaits"] = home.awaits
    data["items"] = [file_item(question) for question in questions]
    text = yaml.dump(data, Dumper=_BankDumper, allow_unicode=True, sort_keys=False, width=_WIDE)
    return Export(text.encode(), len(questions), left_out)


def export_exchange(
    session: Session, slug: str, suffix: str, *, everything: bool = False
) -> Export:
    """The same questions for other systems: .xlsx, .csv, .gift or .xml (Moodle). These formats
    have no room for articles, rubrics and reasons of wrong options.

    Raises NotFound `no_bank`, LawlabError `bank_empty`.
    """
    bank(session, slug)
    questions, left_out = _chosen(session, slug, everything)
    items = [_exchange_item(question) for question in questions]
    homeless: tuple[str, ...] = ()
    if suffix in (".gift", ".xml"):
        kept = [item for item in items if has_form(item, order=suffix == ".xml")]
        homeless = tuple(item.place for item in items if item not in kept)
        items = kept
    match suffix:
        case ".gift":
            content = write_gift(items).encode()
        case ".xml":
            content = write_moodle_xml(items).encode()
        case ".csv":
            content = encode_csv(sheet_rows(items))
        case _:
            content = _workbook(sheet_rows(items))
    return Export(content, len(items), left_out, homeless)


def _chosen(
    session: Session, slug: str, everything: bool
) -> tuple[list[Question], tuple[str, ...]]:
    out = states(session, "item")
    rows = {item: row for item, row in newest_items(session).items() if row.bank == slug}
    chosen = [item for item in sorted(rows) if everything or item not in out]
    if not chosen:
        raise LawlabError("bank_empty", f"题库 {slug} 里没有在用的题，没有可写的。")
    questions = [Question.from_json(rows[item].body) for item in chosen]
    return questions, tuple(item for item in sorted(rows) if item not in chosen)


def _exchange_item(question: Question) -> ImportedItem:
    return ImportedItem(
        place=question.id,
        type=question.type.value,
        stem=question.stem,
        options=question.options,
        answer=question.answer,
        blanks=question.blanks,
        explanation=question.explanation,
        difficulty=question.difficulty,
        tags=question.tags,
    )


def _workbook(rows: list[list[str]]) -> bytes:
    book = Workbook()
    fill(book.worksheets[0], rows)
    with io.BytesIO() as file:
        book.save(file)
        return file.getvalue()


class _BankDumper(yaml.SafeDumper):
    """Lists of short words in a row, everything else as people write it; no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, value in node.value:
            if key.value in _IN_A_ROW:
                value.flow_style = True
        return node
