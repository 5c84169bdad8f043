"""What a question file of another system holds, in our words but without our rules for a bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

ItemType = Literal["single", "multiple", "judge", "fill", "order", "short", "case"]
TYPES: tuple[ItemType, ...] = get_args(ItemType)
TYPE_NAMES: Mapping[ItemType, str] = {
    "single": "单选题",
    "multiple": "多选题",
    "judge": "判断题",
    "fill": "填空题",
    "order": "排序题",
    "short": "简答题",
    "case": "案例题",
}
MOST_ITEMS = 5000
MOST_ROWS = MOST_ITEMS * 8
"""Of a sheet that may have a row to every option."""
MOST_FAULTS = 500
"""More do not help: the file is then not in this format."""
LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class ImportedItem:
    """One question. `answer` is sorted letters, 对 or 错, the letters in their right order (order),
    the first spelling of every blank (fill) or a model answer, which may be empty."""

    place: str
    type: ItemType
    stem: str
    options: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""
    blanks: tuple[tuple[str, ...], ...] = ()
    """For every blank of a fill question the spellings that are right."""
    explanation: str = ""
    difficulty: int | None = None
    chapter: str = ""
    tags: tuple[str, ...] = ()
    points: float | None = None
    why_wrong: Mapping[str, str] = field(default_factory=dict)
    """Of a choice question: letter of a wrong option → why it is wrong, where the file says so."""


@dataclass(frozen=True)
class Remark:
    """A sentence for a person, and the place in the file it speaks of (or no place)."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}：{self.text}" if self.place else self.text


@dataclass(frozen=True)
class Ask:
    """Something only a person can know. The answer goes into the reader's `types` under `code`."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ImportResult:
    """Use `items` only when `ready`: nothing is imported by halves."""

    items: tuple[ImportedItem, ...] = ()
    faults: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    questions: tuple[Ask, ...] = ()

    @property
    def ready(self) -> bool:
        return bool(self.items) and not self.faults and not self.questions


@dataclass
class Found:
    """What a reader gathers on its way through a file."""

    items: list[ImportedItem] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    asks: dict[str, Ask] = field(default_factory=dict)

    def fault(self, place: str, text: str) -> None:
        self.faults.append(Remark(place, text))

    def warn(self, place: str, text: str) -> None:
        self.warnings.append(Remark(place, text))

    def ask(self, code: str, text: str) -> None:
        """Once for every code, at the first place it stands."""
        self.asks.setdefault(code, Ask(code, text))

    def result(self) -> ImportResult:
        if len(self.items) > MOST_ITEMS:
            return refused(
                f"文件里有 {len(self.items)} 道题，一次最多导入 {MOST_ITEMS} 道，请分成几个文件。"
            )
        if not (self.items or self.faults or self.asks):
            self.fault("", "文件里没有找到题目。请检查文件的格式是否选对。")
        more = len(self.faults) - MOST_FAULTS
        rest = (Remark("", f"另有 {more} 处问题没有列出，请先改前面的。"),) if more > 0 else ()
        return ImportResult(
            tuple(self.items),
            (*self.faults[:MOST_FAULTS], *rest),
            tuple(self.warnings),
            tuple(self.asks.values()),
        )


def refused(text: str) -> ImportResult:
    """The result for a file that cannot be read at all."""
    return ImportResult(faults=(Remark("", text),))


def short(text: str) -> str:
    """A quotation that fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= 20 else f"{line[:20]}…"
