"""What the two ends say to each other."""

from __future__ import annotations

from dataclasses import dataclass

READY = b"ready"

LONGEST = 200_000
"""Bytes of a request; what a Unix socket takes in one piece."""


@dataclass(frozen=True)
class Request:
    """What a kernel is started with: arguments of ipykernel, environment, folder, and the process
    with which it ends (None: with nobody)."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    owner: int | None
