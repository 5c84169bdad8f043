"""How other systems spell a question's type, its right letters, 对 and 错, and blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lawlab.domain.exchange.model import LETTERS, TYPES, ItemType

_WORDS: Mapping[ItemType, str] = {
    "single": "单选 单项选择 单选择",
    "multiple": "多选 多项选择 不定项 不定项选择 多选择",
    "judge": "判断 判断正误 是非",
    "fill": "填空",
    "order": "排序",
    "short": "简答 论述 名词解释 问答",
    "case": "案例 案例分析",
}
_TYPE_OF: dict[str, ItemType] = {
    **{word: kind for kind, words in _WORDS.items() for word in words.split()},
    **{kind: kind for kind in TYPES},
}
RIGHT = frozenset({"对", "正确", "√", "✓", "✔", "T", "TRUE"})
WRONG = frozenset({"错", "错误", "×", "✗", "✘", "F", "FALSE"})
_MARKED = RIGHT | {"1", "是", "Y", "YES"}
_UNMARKED = WRONG | {"0", "否", "N", "NO", ""}
_BLANK = re.compile(r"_{2,}|\(\s*\)")


def plain(text: str) -> str:
    """Half-width, without space around: how codes and letters are compared."""
    return unicodedata.normalize("NFKC", text).strip()


def type_of(word: str, types: Mapping[str, str]) -> ItemType | None:
    """The type a word or code means; a person's answers in `types` go before our own table.

    None: nobody knows. A number is never guessed.
    """
    key = plain(word).strip("[]()【】〔〕").lower()
    said = {plain(code).lower(): kind for code, kind in types.items()}
    meant = said.get(key) or said.get(plain(word).lower())
    if meant is not None:
        return next((kind for kind in TYPES if kind == meant), None)
    return _TYPE_OF.get(key) or _TYPE_OF.get(key.removesuffix("题"))


def letters_of(text: str) -> str | None:
    """The letters as written, e.g. of `ABD`, `A、B`, `A|B`, `ab`, `1,3`; None if it is no such."""
    parts = [part for part in re.split(r"[\s,、|;/.。和]+", plain(text).upper()) if part]
    joined = "".join(parts)
    if parts and all(re.fullmatch(r"[1-9]", part) for part in parts):
        return "".join(chr(ord("A") + int(part) - 1) for part in parts)
    return joined if re.fullmatch(r"[A-Z]+", joined) else None


def truth_of(text: str, options: Mapping[str, str]) -> str | None:
    """对, 错 or None. A letter means what its option says; without options A is 对 and B is 错."""
    word = plain(text).upper()
    if word in LETTERS and options:
        word = plain(options.get(word, "")).upper()
    elif word in ("A", "B"):
        return "对" if word == "A" else "错"
    return "对" if word in RIGHT else "错" if word in WRONG else None


def is_marked(text: str) -> bool | None:
    """Whether an option is marked as a right one; an empty cell is no mark. None: nobody knows."""
    word = plain(text).upper()
    return True if word in _MARKED else False if word in _UNMARKED else None


def is_truth_pair(options: Mapping[str, str]) -> bool:
    """Whether the options are only 对 and 错 in some spelling."""
    return len(options) == 2 and {truth_of(text, {}) for text in options.values()} == {"对", "错"}


def blanks_of(text: str) -> tuple[tuple[str, ...], ...]:
    """`甲|甲方；乙` has two blanks, the first with two spellings. A backslash before one of
    `；;|\\` makes it an ordinary character."""
    blanks: list[list[str]] = [[""]]
    for piece in re.findall(r"\\[；;|\\]|[；;|]|[^\\；;|]+|\\", text):
        if piece in ("；", ";"):
            blanks.append([""])
        elif piece == "|":
            blanks[-1].append("")
        else:
            blanks[-1][-1] += piece[1:] if len(piece) == 2 and piece[0] == "\\" else piece
    tidy = (tuple(s.strip() for s in spellings if s.strip()) for spellings in blanks)
    return tuple(spellings for spellings in tidy if spellings)


def blanks_text(blanks: tuple[tuple[str, ...], ...]) -> str:
    """The cell that `blanks_of` reads back."""
    return "；".join(
        "|".join(re.sub(r"([；;|\\])", r"\\\1", spelling) for spelling in spellings)
        for spellings in blanks
    )


def fill_answer(blanks: tuple[tuple[str, ...], ...]) -> str:
    """The `answer` of a fill question: the first spelling of every blank."""
    return "；".join(spellings[0] for spellings in blanks)


def holes_in(stem: str) -> int:
    """How many blanks a stem shows as `____` or `（ ）`."""
    return len(_BLANK.findall(plain(stem)))
