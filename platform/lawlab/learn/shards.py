"""Which of several servers shows the live pages of a person, and so has his kernels."""

from __future__ import annotations

from zlib import crc32


def shard_of(person: str, shards: int) -> int:
    """The same for a person as long as there are so many."""
    return crc32(person.encode()) % shards
