"""Who asks faster than people do is told to wait: by person, for a hall shares one address.

Kept in this process; several processes allow several times as much, which is still little.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable

from starlette.requests import HTTPConnection

from lawlab.domain.pace import Buckets

RATE, BURST = 20.0, 240.0
"""Of one person. Answers of a day without network come some ten a second, one after the other."""
STRANGERS_RATE, STRANGERS_BURST = 200.0, 12_000.0
"""Of all who are not signed in, by address: a thousand people in one hall scan, sign in and enter
together, each with a handful of requests; sockets that come back make it twice that."""
MOST_KNOWN = 20_000

WRITE, SEARCH, DOCUMENT, READ = 1.0, 1.0, 5.0, 0.1
DOCUMENTS = re.compile(r".*\.(?:pdf|docx|xlsx|zip)")
SEARCHES = re.compile(r"/services/api/(?:search|desk/articles|desk/items|desk/contests/items)")
FREE = re.compile(r"/services/api/(?:health|internal/.*)")
"""For the supervisor and `learn`, who speak for everybody."""

SENTENCE = "操作太快了，请过 {} 秒再试。已经保存的内容都在。"

WORDS_RATE, WORDS_BURST = 10.0, 60.0
"""Messages on one socket. A seat says some four for a question, and one each 20 s besides."""
TOO_FAST = 4429


class Pace:
    """The buckets of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._people = Buckets(RATE, BURST)
        self._strangers = Buckets(STRANGERS_RATE, STRANGERS_BURST)
        self._known: dict[int, int] = {}

    def know(self, connection: HTTPConnection, person: int) -> None:
        """What this request showed was found to be this person's: from now on it counts as his."""
        self._known[_shown(connection)] = person
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def wait(self, connection: HTTPConnection) -> int:
        """0 when a request may go on; else the whole seconds after which it may come again. What
        nobody has vouched for counts as a stranger's, whatever it shows."""
        path = connection.scope["path"]
        if FREE.fullmatch(path):
            return 0
        now = self._clock()
        person = self._known.get(_shown(connection))
        if person is not None:
            return math.ceil(self._people.take(person, now, _cost(connection, path)))
        address = connection.client.host if connection.client else ""
        return math.ceil(self._strangers.take(address, now))


class Words:
    """What one socket has said lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets = Buckets(WORDS_RATE, WORDS_BURST, 1)

    def too_many(self) -> bool:
        """Count one more; True when its sender says more than any page does."""
        return self._buckets.take("", self._clock()) > 0


def _shown(connection: HTTPConnection) -> int:
    cookie = connection.cookies.get("lawlab-session", "")
    return hash((connection.headers.get("authorization", ""), cookie))


def _cost(connection: HTTPConnection, path: str) -> float:
    if connection.scope.get("method") not in ("GET", "HEAD"):
        return WRITE
    if DOCUMENTS.fullmatch(path):
        return DOCUMENT
    return SEARCH if SEARCHES.fullmatch(path) else READ
