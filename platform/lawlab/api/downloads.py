"""Files that a browser saves."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import quote

from fastapi.responses import Response

OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".zip": "application/zip",
    ".pdf": "application/pdf",
}


def download(content: bytes, plain: str, name: str) -> Response:
    """A reply that is saved as `name`; `plain` is for clients that know no Chinese (RFC 6266).
    Both end with a suffix of KINDS."""
    names = f"filename=\"{quote(plain)}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(
        content,
        media_type=KINDS[PurePosixPath(name).suffix],
        headers={"Content-Disposition": f"attachment; {names}"},
    )
