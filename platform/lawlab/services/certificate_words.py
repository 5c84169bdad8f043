"""What stands on a certificate, whether as .docx or PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from docx import Document
from docx.image.exceptions import UnrecognizedImageError

from lawlab.domain.contest_awards import chinese_date, grouped
from lawlab.store.statutes import china_day
from lawlab.store.tables import Certificate

TITLE = "荣 誉 证 书"
SEAL = "seal.png"
"""In the data folder: the town's seal as a picture."""
MOST_SEAL_BYTES = 2_000_000


@dataclass(frozen=True)
class Printed:
    """The words of one certificate. `scanned` is what its QR code holds."""

    holder: str
    text: str
    town: str
    date: str
    check: str
    scanned: str


def words_of(row: Certificate, contest: str, town: str, address: str) -> Printed:
    """`address` is where a code is checked, without the code."""
    short = address.partition("://")[2]
    return Printed(
        row.holder,
        f"在“{contest}”中获得{row.award}（第 {row.rank} 名）。特发此证，以资鼓励。",
        town,
        chinese_date(china_day(row.made_at)),
        f"证书编号 {grouped(row.code)}，可以在 {short} 查验",
        f"{address}/{row.code}",
    )


def read_seal(folder: Path) -> bytes | None:
    """The picture of the seal in the data folder; None when it is missing, too large or no PNG."""
    file = folder / SEAL
    if not file.is_file() or file.stat().st_size > MOST_SEAL_BYTES:
        return None
    content = file.read_bytes()
    if not content.startswith(b"\x89PNG"):
        return None
    try:
        Document().add_picture(io.BytesIO(content))
    except (UnrecognizedImageError, ValueError, KeyError):
        return None
    return content
