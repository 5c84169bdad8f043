"""Who chose which option of a question: what tells a working distractor from a dead one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GROUP = 0.27
"""The part of the attempts in the upper and in the lower group (Kelley 1939)."""


@dataclass(frozen=True)
class OptionUse:
    """Who chose an option. `rest` is the mean share (0 to 1) that they earned of the other
    questions; None when nobody chose it. `upper` and `lower` are the shares (0 to 1) of the best
    and of the weakest 27 % who chose it; people with equal results stay together, so a group may be
    larger. Both are None where ties leave no two separate groups."""

    option: str
    chosen: int
    rest: float | None
    upper: float | None
    lower: float | None


def option_uses(
    chosen: Sequence[tuple[frozenset[str], float | None]], options: Sequence[str]
) -> tuple[OptionUse, ...]:
    """What became of each option, in the order given; letters that are none of them come last.
    `chosen`: the letters that one attempt chose, and its share of the other questions."""
    upper, lower = _groups([(letters, rest) for letters, rest in chosen if rest is not None])
    strange = {letter for letters, _ in chosen for letter in letters} - set(options)
    uses = []
    for option in (*options, *sorted(strange)):
        rests = [rest for letters, rest in chosen if option in letters]
        uses.append(
            OptionUse(
                option=option,
                chosen=len(rests),
                rest=mean([rest for rest in rests if rest is not None]),
                upper=mean([float(option in letters) for letters in upper]),
                lower=mean([float(option in letters) for letters in lower]),
            )
        )
    return tuple(uses)


def _groups(
    chosen: Sequence[tuple[frozenset[str], float]],
) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """The choices of the upper and of the lower group."""
    rests = sorted(rest for _, rest in chosen)
    size = max(1, round(GROUP * len(rests)))
    if not rests or rests[size - 1] >= rests[-size]:
        return [], []
    return (
        [letters for letters, rest in chosen if rest >= rests[-size]],
        [letters for letters, rest in chosen if rest <= rests[size - 1]],
    )


def chosen_letters(response: Mapping[str, Any] | None) -> frozenset[str]:
    """The options that a response names; none when it is blank or of another kind."""
    chosen = response.get("chosen") if response else None
    if not isinstance(chosen, list | tuple):
        return frozenset()
    return frozenset(one for one in chosen if isinstance(one, str))


def mean(values: Sequence[float]) -> float | None:
    """None where there is nothing to take the mean of."""
    return math.fsum(values) / len(values) if values else None
