"""Writes the published questions of a bank as the file that `lawlab bank import` reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from sqlalchemy.orm import Session

from lawlab.domain.item_form import file_item
from lawlab.domain.question import Question
from lawlab.errors import LawlabError
from lawlab.services.content_state import states
from lawlab.store.content import newest_items
from lawlab.store.items import bank

_WIDE = 10_000
"""A sentence stays on one line, so that comparing two files shows sentences."""
_IN_A_ROW = ("articles", "tags", "awaits", "blanks")


@dataclass(frozen=True)
class Export:
    """A bank file, how many questions are in it, and which were left out because they are out of
    use."""

    text: str
    items: int
    left_out: tuple[str, ...]


def export_bank(session: Session, slug: str, *, everything: bool = False) -> Export:
    """The newest version of each question in use; with `everything` also of withdrawn and stale
    ones. Raises NotFound `no_bank`, LawlabError `bank_empty`."""
    home, out = bank(session, slug), states(session, "item")
    rows = {item: row for item, row in newest_items(session).items() if row.bank == slug}
    chosen = [item for item in sorted(rows) if everything or item not in out]
    if not chosen:
        raise LawlabError("bank_empty", f"题库 {slug} 里没有在用的题，没有可写的。")
    data: dict[str, Any] = {"bank": home.slug, "law": home.law}
    if home.awaits:
        data["awaits"] = home.awaits
    data["items"] = [file_item(Question.from_json(rows[item].body)) for item in chosen]
    text = yaml.dump(data, Dumper=_BankDumper, allow_unicode=True, sort_keys=False, width=_WIDE)
    return Export(text, len(chosen), tuple(item for item in sorted(rows) if item not in chosen))


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
