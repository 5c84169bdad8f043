"""Search in Chinese without a word list: texts and queries become grams of one and two characters.

FTS5 and PostgreSQL split Chinese text where there is no space, that is almost nowhere, so both get
grams as ASCII words and find exactly what this module says. Which documents the database proposes
is its business; how they are ranked and what is highlighted is decided here, alike for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from lawlab.domain.numerals import to_chinese

LONGEST_QUERY = 60
EXCERPT = 72
"""Characters of an excerpt, about three lines on a phone."""
_LEAD = 18
_RUN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")
_ARTICLE = re.compile(r"第?(\d{1,4})条")
_EMPTY_WORDS = re.compile(
    r"(请问|我想问|怎么办|怎么处理|怎么样|怎么|什么是|什么|是不是|能不能|可不可以|可以|会不会|要不要"
    r"|有没有|犯不犯法|犯法|违法|合法|法律|规定|算不算|如何|哪里|哪些|多少|多久|应该|应当|如果|别人"
    r"|我们|我|你|您|他|她|的|了|吗|呢|吧|啊|被|和|与|在|把)+"
)
_MARK = {"lesson": 6.0, "article": 4.0, "item": 3.0}
"""What a kind of document is worth beyond its text: people come for lessons first."""


@dataclass(frozen=True)
class Everyday:
    """How people say it, what the law calls it, and the article that says so. `also` are words that
    are looked for besides, without being called words of the law."""

    words: tuple[str, ...]
    legal: tuple[str, ...]
    article: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Query:
    """What was asked. Each of `terms` is a group of words of which one is enough."""

    text: str
    terms: tuple[tuple[str, ...], ...]
    translated: tuple[Everyday, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that counts as found, the longest first."""
        return tuple(
            sorted({word for group in self.terms for word in group}, key=lambda w: -len(w))
        )


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt; `hit` parts are highlighted."""

    text: str
    hit: bool = False


class _Plain(dict[int, str]):
    """Character → as it is compared; looked up once for each character that ever occurs."""

    def __missing__(self, code: int) -> str:
        narrow = unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = narrow if len(narrow) == 1 else chr(code)
        return self[code]


_PLAIN = _Plain()


def plain(text: str) -> str:
    """The text as it is compared: full-width letters made narrow, capitals small. Every character
    keeps its place."""
    return text.translate(_PLAIN)


def runs(text: str) -> list[str]:
    """The stretches of Chinese characters, and of letters and digits, in a text."""
    return _RUN.findall(plain(text))


def grams(text: str) -> list[str]:
    """Every gram of a text, in its order: for Chinese each character and each pair of neighbours,
    for the rest whole words. Written in ASCII, so that no database splits them."""
    found: list[str] = []
    for run in runs(text):
        if run[0] < "\u3400":
            found.append(f"w{run}")
        else:
            found += [
                _ascii(run[n : n + size]) for size in (1, 2) for n in range(len(run) + 1 - size)
            ]
    return found


def is_lone(gram: str) -> bool:
    """True for the gram of a single Chinese character."""
    return gram[0] == "c" and "x" not in gram


def wanted(word: str) -> list[str]:
    """The grams that a text with this word must have: pairs, and single characters only where a run
    has no pair."""
    found: list[str] = []
    for run in runs(word):
        if run[0] < "\u3400":
            found.append(f"w{run}")
        elif len(run) == 1:
            found.append(_ascii(run))
        else:
            found += [_ascii(run[n : n + 2]) for n in range(len(run) - 1)]
    return list(dict.fromkeys(found))


def read_query(text: str, table: Sequence[Everyday]) -> Query:
    """What a person asks for. Everyday words of the table stand for their legal words too; words
    that carry nothing ("怎么办") are left out, unless there is nothing else."""
    text = re.sub(r"\s+", " ", text).strip()[:LONGEST_QUERY]
    rest = _ARTICLE.sub(lambda found: _numbered(found), plain(text))
    terms: list[tuple[str, ...]] = []
    translated: list[Everyday] = []
    entries = sorted(
        ((word, entry) for entry in table for word in entry.words), key=lambda pair: -len(pair[0])
    )
    for word, entry in entries:
        if plain(word) in rest:
            rest = rest.replace(plain(word), " ")
            if entry not in translated:
                translated.append(entry)
                terms.append(
                    tuple(dict.fromkeys((plain(word), *map(plain, entry.legal + entry.also))))
                )
    kept = runs(_EMPTY_WORDS.sub(" ", rest)) or ([] if terms else runs(rest))
    return Query(text, tuple([(run,) for run in kept] + terms), tuple(translated))


def boolean(query: Query, *, all_terms: bool) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """What the database is asked: of every outer group one inner conjunction of grams must hold.
    Where everyday words were translated, only they must: "借钱不还怎么办" is about 借款合同, and
    the rest only ranks. Not `all_terms`: one gram of any word is enough."""
    asked = query.terms
    if all_terms and query.translated:
        asked = query.terms[-len(query.translated) :]
    groups = tuple(tuple(tuple(wanted(word)) for word in group if wanted(word)) for group in asked)
    groups = tuple(group for group in groups if group)
    if all_terms:
        return groups
    loose = {(gram,) for group in groups for conjunction in group for gram in conjunction}
    return (tuple(sorted(loose)),) if loose else ()


def score(query: Query, kind: str, title: str, body: str) -> float:
    """How well a document answers: whole words in the title, whole words in the body (more often
    counts less and less), closeness of grams for what is only partly there."""
    title, body = plain(title), plain(body)
    total = 0.0
    for group in query.terms:
        total += max(_worth(word, title, body) for word in group)
    return total * 10 + _MARK.get(kind, 0.0) - len(body) / 20_000


def _worth(word: str, title: str, body: str) -> float:
    if word in title:
        return 3.0 + min(body.count(word), 8) * 0.1
    if count := body.count(word):
        return 1.5 + min(count, 8) * 0.1
    parts = [word[n : n + 2] for n in range(max(1, len(word) - 1))]
    share = sum(part in body or part in title for part in parts) / len(parts)
    return share if share == 1 else 0.6 * share


def excerpt(text: str, query: Query) -> tuple[Piece, ...]:
    """The part of a text where most of the query stands, in pieces, hits marked."""
    low = plain(text)
    hits = _hits(low, query.words)
    start = _best_start(hits, len(text))
    end = min(len(text), start + EXCERPT)
    pieces: list[Piece] = [Piece("…")] if start else []
    at = start
    for left, right in hits:
        if right <= start or left >= end:
            continue
        left, right = max(left, start), min(right, end)
        if left > at:
            pieces.append(Piece(text[at:left]))
        pieces.append(Piece(text[left:right], hit=True))
        at = right
    if at < end:
        pieces.append(Piece(text[at:end]))
    return tuple(pieces + ([Piece("…")] if end < len(text) else []))


def highlighted(text: str, query: Query) -> tuple[Piece, ...]:
    """A whole short text, such as a title, in pieces."""
    pieces, at = [], 0
    for left, right in _hits(plain(text), query.words):
        pieces += [Piece(text[at:left])] if left > at else []
        pieces.append(Piece(text[left:right], hit=True))
        at = right
    return tuple(pieces + ([Piece(text[at:])] if at < len(text) else []))


def _hits(low: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where words stand, merged; pairs of characters only when no whole word stands there."""
    spans = [found.span() for word in words for found in re.finditer(re.escape(word), low)]
    if not spans:
        pairs = {word[n : n + 2] for word in words for n in range(len(word) - 1)}
        spans = [found.span() for pair in pairs for found in re.finditer(re.escape(pair), low)]
    merged: list[tuple[int, int]] = []
    for left, right in sorted(spans):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _best_start(hits: list[tuple[int, int]], length: int) -> int:
    if not hits or length <= EXCERPT:
        return 0

    def covered(start: int) -> int:
        return sum(right - left for left, right in hits if start <= left < start + EXCERPT)

    starts = [max(0, min(left - _LEAD, length - EXCERPT)) for left, _ in hits]
    return max(starts, key=lambda start: (covered(start), -start))


def _numbered(found: re.Match[str]) -> str:
    number = int(found[1])
    return f" 第{to_chinese(number)}条 " if 1 <= number <= 9999 else found[0]


def _ascii(gram: str) -> str:
    return "c" + "x".join(f"{ord(c):x}" for c in gram)


def read_everyday(data: Mapping[str, object]) -> tuple[tuple[Everyday, ...], list[str]]:
    """The table in parsed TOML (`[[entry]]` with say, legal, article and also), and its faults."""
    entries, faults = [], list[str]()
    given = data.get("entry")
    for number, entry in enumerate(given if isinstance(given, list) else [], 1):
        entry = entry if isinstance(entry, dict) else {}
        say, legal, article, also = (entry.get(key) for key in ("say", "legal", "article", "also"))
        if not (_words(say) and _words(legal) and (also is None or _words(also))):
            faults.append(f"第 {number} 条：say、legal 和 also 应为文字列表，至少一项。")
        elif not isinstance(article, str):
            faults.append(f"第 {number} 条（{say}）：article 应为条文引用，如 民法典#1042。")
        else:
            entries.append(Everyday(tuple(say), tuple(legal), article, tuple(also or ())))
    if not entries and not faults:
        faults.append("没有 [[entry]]。")
    seen: dict[str, int] = {}
    for number, found in enumerate(entries, 1):
        for word in found.words:
            if word in seen:
                faults.append(f"“{word}”写在第 {seen[word]} 条和第 {number} 条。")
            seen[word] = number
    return tuple(entries), faults


def _words(value: object) -> TypeGuard[list[str]]:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(word, str) and word.strip() for word in value)
    )
