"""What a backup says of itself: a first member by which it is known, and a last one that names
every other with its checksum."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

FORMAT = 1
"""Grows with every change that an older `lawlab restore` would misunderstand."""
HEAD = "lawlab-backup.json"
"""The first member, so that another archive is refused before anything of it is unpacked."""
MANIFEST = "manifest.json"
"""The last member: checksums are known when everything is read. A truncated file has none."""
DATA = "data"
"""Folder of the members that belong in the data folder, under their own names."""
DATABASE = "data/lawlab.sqlite"
DUMP = "postgresql/lawlab.dump"
GRADEBOOK_DUMP = "postgresql/gradebook.dump"


@dataclass(frozen=True)
class Member:
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """`database` is `sqlite` or `postgresql`; `tables`: table → rows at the moment of the snapshot;
    `remarks`: what was not saved, or not as a whole, with the reason."""

    revision: str
    database: str
    made_at: dt.datetime
    town: str
    program_year: int
    members: Mapping[str, Member]
    tables: Mapping[str, int]
    remarks: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        facts = {"format": FORMAT, "program": program_version(), **asdict(self)}
        return json.dumps(
            facts | {"made_at": self.made_at.isoformat()}, ensure_ascii=False, indent=1
        ).encode()


def head() -> bytes:
    return json.dumps({"format": FORMAT, "program": program_version()}).encode()


def read_head(text: bytes) -> tuple[int, str]:
    """Format and version of the program that made it. Raises ValueError for anything else."""
    try:
        found = json.loads(text)
        return int(found["format"]), str(found["program"])
    except (KeyError, TypeError) as error:
        raise ValueError(repr(error)) from error


def read_manifest(text: bytes) -> Manifest:
    """Raises ValueError for what is none."""
    try:
        found: dict[str, Any] = json.loads(text)
        return Manifest(
            revision=found["revision"],
            database=found["database"],
            made_at=dt.datetime.fromisoformat(found["made_at"]),
            town=found["town"],
            program_year=found["program_year"],
            members={name: Member(**one) for name, one in found["members"].items()},
            tables=found["tables"],
            remarks=tuple(found["remarks"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(repr(error)) from error


def program_version() -> str:
    return version("lawlab")


def digest_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
