"""Finds questions that are worded nearly alike, over all banks together.

Two texts are as alike as the pairs of neighbouring characters that they share (Jaccard). Chinese
has no spaces, so pairs of characters stand in for words. Compared are the stem with all options,
and the stem with the right answer alone: the latter finds an old question with new wrong options.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lawlab.domain.citation import claim
from lawlab.domain.question import Question
from lawlab.domain.statute import normalised

ALIKE = 0.5
"""Looked at in the first 490 questions. The nearest that ask different things share 0.43 (a report
to the police, and a crime they find themselves), nearly all others under 0.3. Three questions that
two authors had written twice shared 0.68, 0.69 and 0.81: the limit lies between."""
FEWEST_PAIRS = 8
"""Shorter texts are never compared: two common words would make them alike."""


@dataclass(frozen=True)
class Alike:
    """The places of two questions in what was given, and how alike they are (0 to 1)."""

    first: int
    second: int
    share: float


def alike_questions(questions: Sequence[Question], at_least: float = ALIKE) -> list[Alike]:
    """The pairs of questions that are at least so alike, the most alike first. Versions of one
    question (the same id) are not compared."""
    found: dict[tuple[int, int], float] = {}
    for text in (_whole, _core):
        for pair in _close_pairs([_pairs(text(question)) for question in questions], at_least):
            found[pair[:2]] = max(pair[2], found.get(pair[:2], 0.0))
    return [
        Alike(first, second, share)
        for (first, second), share in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        if questions[first].id != questions[second].id
    ]


def _whole(question: Question) -> Iterable[str]:
    return (question.stem, *question.options.values())


def _core(question: Question) -> Iterable[str]:
    # A case is told in its stem; its model answer would only blur that.
    return (question.stem, *((claim(question),) if question.options else ()))


def _pairs(texts: Iterable[str]) -> frozenset[str]:
    plain = [normalised(text) for text in texts]
    return frozenset(text[n : n + 2] for text in plain for n in range(len(text) - 1))


def _close_pairs(
    sets: Sequence[frozenset[str]], at_least: float
) -> Iterator[tuple[int, int, float]]:
    """The places of sets that share so much, with what they share.

    Each set becomes one whole number with a bit for each member: 500,000 comparisons take about a
    second that way. Members of one set only cannot be shared and get no bit.
    """
    often = Counter(member for members in sets for member in members)
    shared = (member for member, count in often.most_common() if count > 1)
    bits = {member: 1 << place for place, member in enumerate(shared)}
    rows = [
        (place, len(members), sum(bits.get(member, 0) for member in members))
        for place, members in enumerate(sets)
        if len(members) >= FEWEST_PAIRS
    ]
    for row, (place, size, mask) in enumerate(rows):
        for other, other_size, other_mask in rows[:row]:
            common = (mask & other_mask).bit_count()
            if common >= at_least * (size + other_size - common):
                yield other, place, common / (size + other_size - common)
