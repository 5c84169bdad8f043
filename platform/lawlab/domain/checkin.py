"""What is shown in the hall to sign in: windows of the QR code and of the six digits beside it.

Time is cut into windows that all begin at multiples of their length since 1970, so any server with
the same secret shows, and accepts, the same.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

QR_SECONDS = 15
QR_MARGIN = 5
"""A code that has just left the screen is good so much longer: a phone needs a moment."""
CODE_SECONDS = 60
CODE_MARGIN = 30
"""Six digits are read from the far rows and typed by hand."""
RECEIPT_SECONDS = 600
"""After the scan, for signing in and for a network that fails: so long the phone may try again."""


def window(at: datetime, seconds: int) -> int:
    """The number of the window in which `at` lies."""
    return int(at.timestamp()) // seconds


def window_ends(number: int, seconds: int) -> datetime:
    """When a window gives way to the next."""
    return datetime.fromtimestamp((number + 1) * seconds, UTC)


def qr_is_good(number: int, at: datetime) -> bool:
    """Whether the QR code of a window is accepted at `at`: while it is shown and QR_MARGIN more."""
    begins = datetime.fromtimestamp(number * QR_SECONDS, UTC)
    return begins <= at < begins + timedelta(seconds=QR_SECONDS + QR_MARGIN)


def six_digits(secret: str, activity: int, number: int) -> str:
    """The code of an activity in a window."""
    word = f"six digits:{activity}:{number}".encode()
    made = hmac.digest(secret.encode(), word, hashlib.sha256)
    return f"{int.from_bytes(made[:8], 'big') % 1_000_000:06}"


def codes_at(secret: str, activity: int, at: datetime) -> tuple[str, ...]:
    """The codes that are accepted at `at`: the one shown, and for CODE_MARGIN seconds the last."""
    number = window(at, CODE_SECONDS)
    since = at.timestamp() - number * CODE_SECONDS
    last = (number - 1,) if since < CODE_MARGIN else ()
    return tuple(six_digits(secret, activity, one) for one in (number, *last))
