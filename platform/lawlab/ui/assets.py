"""The stylesheet and the custom elements: where they lie, and the version in their address.

The version is a hash of every file, so an address never changes its content and browsers may keep
it for a year.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

STATIC = Path(__file__).with_name("static")


@cache
def version() -> str:
    """Twelve hex digits over names and contents of all static files; the same for one release."""
    digest = hashlib.sha256()
    for file in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(file.relative_to(STATIC).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
