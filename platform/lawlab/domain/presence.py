"""When the cards of an online activity show."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

CARDS = 3
CARD_SECONDS = 180
"""How long a card can be answered: somebody reads a message, another makes tea."""
AT_EDGES = timedelta(minutes=3)
"""No card in the first minutes, when people come in, nor at the very end."""


def card_moments(since: datetime, until: datetime, chance: random.Random) -> list[datetime]:
    """Up to CARDS moments at random, each in its own part of the time, so that none overlap and
    each can be answered in full before `until`; fewer when the time is short."""
    card = timedelta(seconds=CARD_SECONDS)
    first, last = since + AT_EDGES, until - card
    span = last - first
    count = min(CARDS, int(span / card) if span > timedelta(0) else 0)
    if not count:
        # A short activity gets one card in its middle.
        return [since + (until - since) / 3] if until - since > timedelta(minutes=2) else []
    part = span / count
    free = part - card
    return [first + part * number + free * chance.random() for number in range(count)]
