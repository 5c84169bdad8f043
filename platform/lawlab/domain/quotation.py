"""Finds statute text that was copied into the project's own words (DESIGN decision 11).

A run of more than `LONGEST` characters that stands in the law as well, punctuation and spaces
apart, is a copy; shorter ones are names, terms and turns of phrase that cannot be said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from lawlab.domain.statute import Law, normalised

LONGEST = 18
_BLOCK = (LONGEST + 2) // 2
"""Every run longer than LONGEST covers a whole block of a text cut into blocks of this size, so
that only the blocks have to be looked up in the law."""


def copied_runs(text: str, law: Law) -> list[str]:
    """The runs of `text` that are copied from `law`, in order, without their punctuation."""
    own, source, found, end = normalised(text), law.plain, [], 0
    for start in range(0, len(own) - _BLOCK + 1, _BLOCK):
        if start + _BLOCK <= end or own[start : start + _BLOCK] not in source:
            continue
        first, last = _widest(own, start, source)
        if last - first > LONGEST:
            found.append(own[first:last])
            end = last
    return found


def quotation_faults(texts: Iterable[str], laws: Iterable[Law]) -> list[str]:
    """A fault for each copied run in any of the texts, named with its law."""
    runs = {run: law.info.short for law in laws for text in texts for run in copied_runs(text, law)}
    return [
        f"“{run[:24]}{'…' if len(run) > 24 else ''}”有 {len(run)} 个字和《{law}》的条文一样，"
        f"最多 {LONGEST} 个字。请换成自己的话。"
        for run, law in runs.items()
    ]


def _widest(own: str, start: int, source: str) -> tuple[int, int]:
    """Where the longest run through the block at `start` begins and ends in `own`."""
    best = (start, start)
    block = own[start : start + _BLOCK]
    at = source.find(block)
    while at >= 0:
        first, there = start, at
        while first and there and own[first - 1] == source[there - 1]:
            first, there = first - 1, there - 1
        last, there = start + _BLOCK, at + _BLOCK
        while last < len(own) and there < len(source) and own[last] == source[there]:
            last, there = last + 1, there + 1
        best = max(best, (first, last), key=lambda run: run[1] - run[0])
        at = source.find(block, at + 1)
    return best
