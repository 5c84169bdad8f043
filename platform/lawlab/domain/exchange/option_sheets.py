"""The two layouts in which every option is marked as right or not: one row an option, grouped by
the question's number, or one row a question with a column of marks beside each option.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lawlab.domain.exchange.answers import is_marked, letters_of, plain, truth_of, type_of
from lawlab.domain.exchange.headers import HEADERS, IGNORED, RIGHT
from lawlab.domain.exchange.model import LETTERS, Found, short

MOST_OPTIONS = 26
Row = tuple[str, Mapping[str, str]]
"""Its place in the file, and what its cells say by the key of their columns."""
_UNMARKED = ("order", "fill", "short", "case")
"""Marks cannot say the answer of these; only the column 答案 can."""
_OF_QUESTION = tuple(key for key in HEADERS if key not in (*IGNORED, "option", "right", "said"))


@dataclass(frozen=True)
class Option:
    """One option as the file writes it; `mark` is the cell that says whether it is right."""

    place: str
    text: str
    mark: str
    said: str = ""


@dataclass(frozen=True)
class Marked:
    """A question and its options; the marks are not read yet. `refused`: its rows contradict each
    other, which is among the faults already."""

    place: str
    said: Mapping[str, str]
    options: Mapping[str, Option]
    refused: bool = False


def from_rows(rows: Iterable[Row], names: Mapping[str, str], found: Found) -> Iterator[Marked]:
    """The questions of rows that hold an option each. A row without a number, as merged cells
    leave it, goes on with the question above; what it says of the question must not differ."""
    groups = dict[str, list[Row]]()
    last = ""
    for place, said in rows:
        number = plain(said.get("number", "")) or last
        if not any(text for key, text in said.items() if key not in IGNORED):
            last = ""  # a number prepared for a question that nobody wrote
        elif not number:
            found.fault(place, "没有写题号，不知道这是哪一题的选项。")
        elif number in groups and number != last:
            first = groups[number][0][0]
            found.fault(
                place, f"题号 {short(number)} 在{first}已经有了，同一题的选项应写在相连的几行。"
            )
        else:
            groups.setdefault(number, []).append((place, said))
            last = number
    for group in groups.values():
        yield _one_question(group, names, found)


def from_columns(rows: Iterable[Row]) -> Iterator[Marked]:
    """The questions of rows that hold all options of one, each beside its mark."""
    for place, said in rows:
        options = {
            letter: Option(place, said.get(letter, ""), said.get(RIGHT + letter, ""))
            for letter in LETTERS
        }
        yield Marked(
            place, said, {key: one for key, one in options.items() if one.text or one.mark}
        )


def read_marks(
    one: Marked, names: Mapping[str, str], types: Mapping[str, str], found: Found
) -> str | None:
    """The answer that the marks and the column 答案, where there is one, agree on. None: there is
    none, and a fault says why."""
    before, right = len(found.faults), ""
    for letter, option in one.options.items():
        column, marked = names.get("right") or names[RIGHT + letter], is_marked(option.mark)
        if marked is None:
            found.fault(
                option.place,
                f"“{column}”写着“{short(option.mark)}”，看不懂，应为 1 或 0（是/否、√/× 也可以）。",
            )
        elif marked and not option.text:
            found.fault(option.place, f"“{column}”标着正确，这个选项却没有内容。")
        right += letter if marked else ""
    if one.refused or len(found.faults) > before:
        return None
    written, kind = one.said.get("answer", ""), type_of(one.said.get("type", ""), types)
    if kind in _UNMARKED:
        return written
    if not (right or written) and any(option.text for option in one.options.values()):
        found.fault(one.place, "没有一个选项标为正确。")
        return None
    if right and written and not _agree(written, right, one):
        found.fault(
            one.place, f"“{names['answer']}”写着“{short(written)}”，标为正确的选项却是 {right}。"
        )
        return None
    return right or written


def _one_question(group: Sequence[Row], names: Mapping[str, str], found: Found) -> Marked:
    place, whole, options = group[0][0], dict[str, str](), list[Option]()
    before = len(found.faults)
    for here, said in group:
        for key in _OF_QUESTION:
            text = said.get(key, "")
            if text and whole.setdefault(key, text) != text:
                found.fault(
                    here, f"“{names[key]}”和{place}的不一样，题号却相同。不同的题应有不同的题号。"
                )
        option = Option(here, *(said.get(key, "") for key in ("option", "right", "said")))
        if option.text or option.said or is_marked(option.mark) is not False:
            options.append(option)
    if len(options) > MOST_OPTIONS:
        found.fault(place, f"有 {len(options)} 个选项，最多 {MOST_OPTIONS} 个。")
        options = []
    lettered = {chr(ord("A") + n): option for n, option in enumerate(options)}
    return Marked(place, whole, lettered, refused=len(found.faults) > before)


def _agree(written: str, right: str, one: Marked) -> bool:
    texts = {letter: option.text for letter, option in one.options.items()}
    truth = truth_of(written, texts)
    return set(letters_of(written) or "") == set(right) or (
        truth is not None and truth == truth_of(right, texts)
    )
