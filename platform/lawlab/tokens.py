"""Short-lived tokens that `learn` gives to a kernel and the API verifies. They name one person.

A kernel never holds a Hub token or a database address: with this token its code can read exactly
what its person may read, and no longer than `MAX_AGE`.
"""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

MAX_AGE = 4 * 3600
"""Seconds. A `live` page older than this asks to be reloaded, which gives a fresh kernel."""


def kernel_token(secret: str, person: str) -> str:
    """A token for the kernel of `person` (a sign-in name)."""
    return URLSafeTimedSerializer(secret, salt="kernel").dumps(person)


def kernel_token_person(secret: str, token: str, max_age: int = MAX_AGE) -> str | None:
    """The sign-in name in a token, or None when it is forged, altered or too old."""
    try:
        person = URLSafeTimedSerializer(secret, salt="kernel").loads(token, max_age=max_age)
    except BadData:
        return None
    return person if isinstance(person, str) else None
