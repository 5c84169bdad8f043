"""The order of a course when only some of its lessons are published anew."""

from __future__ import annotations

from collections.abc import Container, Sequence


def merged_order(
    wanted: Sequence[str], shown: Sequence[str], there: Container[str]
) -> tuple[str, ...]:
    """`wanted` as far as its lessons are `there` (published, or about to be). Lessons that the
    course shows now and `wanted` does not name stay, behind the one they stand behind now: nobody
    takes a lesson out by not naming it."""
    order = [stem for stem in wanted if stem in there]
    before = None
    for stem in shown:
        if stem not in order:
            order.insert(order.index(before) + 1 if before else 0, stem)
        before = stem
    return tuple(order)
