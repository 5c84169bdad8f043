"""Short-lived tokens that `learn` gives to a kernel and the API verifies. They name one person.

A kernel never holds a Hub token or a database address: with this token its code can read exactly
what its person may read, and no longer than `MAX_AGE`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeTimedSerializer

MAX_AGE = 4 * 3600
"""Seconds. A `live` page older than this asks to be reloaded, which gives a fresh kernel."""


def kernel_token(secret: str, person: str) -> str:
    """A token for the kernel of `person` (a sign-in name)."""
    return URLSafeTimedSerializer(secret, salt="kernel").dumps(person)


def kernel_token_person(secret: str, token: str, max_age: int = MAX_AGE) -> str | None:
    """The sign-in name in a token, or None when it is forged, altered or too old."""
    signer = URLSafeTimedSerializer(secret, salt="kernel")
    try:
        person, made_at = signer.loads(token, return_timestamp=True)
    except BadData:
        return None
    # One from the future is of before the clock was set back: it is ours all the same.
    old = (datetime.now(UTC) - made_at).total_seconds() > max_age
    return person if isinstance(person, str) and not old else None
