"""Files that never change under their address: found once, compressed once, served for a year.

Lookups go through an index made at start, so no path from outside ever reaches the file system.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKABLE = {".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".ttf", ".txt"}
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True)
class Item:
    """A file's content for one visitor; `packed` says whether it is gzip."""

    content: bytes
    kind: str
    packed: bool


class Shelf:
    """All files below some folders, each folder under a name; the first folder wins."""

    def __init__(self, folders: Mapping[str, Sequence[Path]], store: Path) -> None:
        store.mkdir(parents=True, exist_ok=True)
        self._store = store
        self._packed: dict[str, bytes] = {}
        self._files: dict[str, Path] = {}
        for name, roots in folders.items():
            for root in reversed(roots):
                for path in root.rglob("*"):
                    if path.is_file():
                        self._files[f"{name}{path.relative_to(root).as_posix()}"] = path

    def __contains__(self, address: str) -> bool:
        return address in self._files

    def item(self, address: str, gzip_allowed: bool) -> Item | None:
        """The file at this address, compressed when the visitor takes it and it helps."""
        path = self._files.get(address)
        if path is None:
            return None
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind == "application/json":
            kind += "; charset=utf-8"
        if gzip_allowed and path.suffix in PACKABLE:
            return Item(self._pack(address, path), kind, True)
        return Item(path.read_bytes(), kind, False)

    def _pack(self, address: str, path: Path) -> bytes:
        if address not in self._packed:
            stat = path.stat()
            mark = f"{path}\n{stat.st_mtime_ns}\n{stat.st_size}"
            kept = self._store / f"{hashlib.sha256(mark.encode()).hexdigest()[:32]}.gz"
            if not kept.exists():
                part = kept.with_name(f"{kept.name}.{os.getpid()}")
                part.write_bytes(gzip.compress(path.read_bytes(), 6, mtime=0))
                part.replace(kept)
            self._packed[address] = kept.read_bytes()
        return self._packed[address]
