"""What changed between two versions of a law: article by article, and word by word.

An article that only got another number is found by its text. Punctuation and spaces change
nothing, as with fingerprints.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from lawlab.domain.statute import Article, Law, normalised


class Kind(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    RENUMBERED = "renumbered"
    """Another number and the same text."""
    MOVED = "moved"
    """Another number, and the text changed too."""


KIND_NAMES = {
    Kind.SAME: "未变",
    Kind.CHANGED: "修改",
    Kind.ADDED: "新增",
    Kind.REMOVED: "删去",
    Kind.RENUMBERED: "只改条号",
    Kind.MOVED: "改条号并修改",
}

Piece = tuple[str, str]
"""`same`, `gone` or `new`, and the text."""

ALIKE = 0.5
"""Articles with different numbers are one article from this share of common pairs of characters."""
_OWN_NUMBER = 0.2
"""What the same number adds: neighbours of a code often read much alike."""
_TOKEN = re.compile(r"[0-9A-Za-z.%]+|\s+|.", re.DOTALL)
_SHORT_GAP = 2
"""A common piece this short between two changes is only in the way of the reader."""


@dataclass(frozen=True)
class Change:
    """One article, as it was (None: added) and as it is (None: removed)."""

    kind: Kind
    old: Article | None
    new: Article | None

    @property
    def title(self) -> str:
        """第五条, or 第五条 → 第六条."""
        titles = [article.title for article in (self.old, self.new) if article]
        return " → ".join(dict.fromkeys(titles))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The text with what went and what came."""
        return tuple(marked(self.old.text if self.old else "", self.new.text if self.new else ""))


def changes(old: Law, new: Law) -> list[Change]:
    """Every article of both, in the order of the new one; a removed one stands where it stood."""
    pairs = _pairs(old.articles, new.articles)
    origin = {after: before for before, after in pairs.items()}
    found: list[Change] = []
    done = 0
    for place, article in enumerate(new.articles):
        before = origin.get(place)
        if before is not None:
            found += _removed(old.articles, pairs, done, before)
            done = max(done, before + 1)
        found.append(_change(old.articles[before] if before is not None else None, article))
    return found + list(_removed(old.articles, pairs, done, len(old.articles)))


def summary(found: Iterable[Change]) -> dict[Kind, int]:
    """How many of each kind, in the order of `Kind`; kinds that do not occur are left out."""
    counts = Counter(change.kind for change in found)
    return {kind: counts[kind] for kind in Kind if counts[kind]}


def _removed(
    articles: tuple[Article, ...], pairs: Mapping[int, int], start: int, end: int
) -> Iterator[Change]:
    for place in range(start, end):
        if place not in pairs:
            yield Change(Kind.REMOVED, articles[place], None)


def _change(old: Article | None, new: Article) -> Change:
    if old is None:
        return Change(Kind.ADDED, None, new)
    same = old.plain == new.plain
    if old.key == new.key:
        return Change(Kind.SAME if same else Kind.CHANGED, old, new)
    return Change(Kind.RENUMBERED if same else Kind.MOVED, old, new)


def _pairs(old: tuple[Article, ...], new: tuple[Article, ...]) -> dict[int, int]:
    """Place in the old law → place in the new one, for the articles that are in both."""
    pairs = _by_text(old, new)
    _by_likeness(old, new, pairs)
    taken = set(pairs.values())
    left = {new[place].key: place for place in range(len(new)) if place not in taken}
    for place, article in enumerate(old):
        # The same number with quite another text: a person would call that a changed article.
        if place not in pairs and article.key in left:
            pairs[place] = left.pop(article.key)
    return pairs


def _by_text(old: tuple[Article, ...], new: tuple[Article, ...]) -> dict[int, int]:
    where: dict[str, list[int]] = defaultdict(list)
    for place, article in enumerate(new):
        where[article.plain].append(place)
    pairs = {}
    for place, article in enumerate(old):
        found = where.get(article.plain, [])
        own = next((n for n in found if new[n].key == article.key), None)
        if own is not None:
            pairs[place] = own
            found.remove(own)
    for place, article in enumerate(old):
        if place not in pairs and where.get(article.plain):
            pairs[place] = where[article.plain].pop(0)
    return pairs


def _by_likeness(old: tuple[Article, ...], new: tuple[Article, ...], pairs: dict[int, int]) -> None:
    """Pair what is left, the most alike first."""
    taken = set(pairs.values())
    grams = {n: _grams(new[n]) for n in range(len(new)) if n not in taken}
    holders: dict[str, list[int]] = defaultdict(list)
    for place, counted in grams.items():
        for gram in counted:
            holders[gram].append(place)
    candidates = []
    for place, article in enumerate(old):
        if place in pairs:
            continue
        own = _grams(article)
        common: Counter[int] = Counter()
        for gram, times in own.items():
            for other in holders.get(gram, ()):
                common[other] += min(times, grams[other][gram])
        for other, shared in common.items():
            alike = 2 * shared / (own.total() + grams[other].total())
            alike += _OWN_NUMBER * (article.key == new[other].key)
            if alike >= ALIKE:
                candidates.append((-alike, abs(place - other), place, other))
    for _, _, place, other in sorted(candidates):
        if place not in pairs and other not in taken:
            pairs[place] = other
            taken.add(other)


def _grams(article: Article) -> Counter[str]:
    text = article.plain
    return Counter(text[n : n + 2] for n in range(max(len(text) - 1, 1)))


def marked(old: str, new: str) -> list[Piece]:
    """Both texts in one: what is common, what went and what came, in pieces a person can read."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: list[list[str]] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        common = "".join(after[c:d])
        short = len(normalised(common)) <= _SHORT_GAP and a > 0 and b < len(before)
        if what == "equal" and not (short and "\n" not in common):
            pieces += [["same", "".join(before[a:b]), common]]
        elif pieces and pieces[-1][0] == "changed":
            pieces[-1][1] += "".join(before[a:b])
            pieces[-1][2] += common
        else:
            pieces += [["changed", "".join(before[a:b]), common]]
    found: list[Piece] = []
    for name, gone, came in pieces:
        if name == "same" or not (gone + came).strip():
            found.append(("same", came))
        else:
            found += _apart(gone, came)
    return [piece for piece in found if piece[1]]


def _apart(gone: str, came: str) -> list[Piece]:
    """What went and what came; line breaks at their ends belong to the text around."""
    core = came.strip("\n")
    before, _, after = came.partition(core) if core else (came, "", "")
    return [("same", before), ("gone", gone.strip("\n")), ("new", core), ("same", after)]


def plain_marks(pieces: Iterable[Piece]) -> str:
    """The pieces for a screen without colour: 处【删：五百元】【增：一千元】罚款."""
    signs = {"same": "{}", "gone": "【删：{}】", "new": "【增：{}】"}
    return "".join(signs[what].format(text) for what, text in pieces)
