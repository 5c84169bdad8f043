"""A statement marked 待核, and what stands for it: a trainer confirms words and source together, so
that a lesson that says it otherwise later, or names another source, is 待核 again."""

from __future__ import annotations

import hashlib
import re


def statement_digest(text: str, source: str = "") -> str:
    """Stands for a statement and its source, however they are broken into lines."""
    whole = "\x1f".join(re.sub(r"\s+", " ", part).strip() for part in (text, source))
    return hashlib.sha256(whole.encode()).hexdigest()
