"""Pictures that belong to somebody's attendance: signatures, and proofs for leave."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.errors import LawlabError, NotFound
from lawlab.services.attendance_access import may_mark, served_units
from lawlab.services.sessions import Caller
from lawlab.store.attendance import activity_day, find_activity, people_on
from lawlab.store.tables import Attachment

MOST_BYTES = {"signature": 100_000, "proof": 600_000}
KINDS = {
    "image/png": (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"),
    "image/jpeg": (b"\xff\xd8\xff", b"\xff\xd9"),
}
"""How a picture of each kind begins and ends."""


def keep_picture(
    session: Session,
    activity_id: int,
    person_id: int,
    kind: str,
    data_url: str,
    by: str,
    now: datetime,
) -> Attachment:
    """Store a picture that a page sent as a data URL; no commit. Raises LawlabError
    `bad_picture`."""
    media_type, content = _read(data_url, MOST_BYTES[kind])
    picture = Attachment(
        activity_id=activity_id,
        person_id=person_id,
        kind=kind,
        media_type=media_type,
        content=content,
        at=now,
        by=by,
    )
    session.add(picture)
    session.flush()
    return picture


def picture(
    session: Session, activity_id: int, attachment_id: int, caller: Caller
) -> tuple[str, bytes]:
    """Media type and content, for a trainer who serves the person's unit. Raises NotFound
    `no_picture`, for others too: nobody learns what there is."""
    found = session.scalar(
        select(Attachment).where(
            Attachment.id == attachment_id, Attachment.activity_id == activity_id
        )
    )
    if found is not None:
        day = activity_day(find_activity(session, activity_id))
        who = people_on(session, day, [found.person_id])[found.person_id]
        if may_mark(served_units(session, caller), who.unit_id):
            return found.media_type, found.content
    raise NotFound("no_picture", "没有这张图片。")


def _read(data_url: str, most: int) -> tuple[str, bytes]:
    head, _, body = data_url.partition(",")
    media_type = head.removeprefix("data:").removesuffix(";base64")
    if media_type not in KINDS or not head.endswith(";base64"):
        raise _bad("图片应为 PNG 或 JPEG。")
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _bad("图片没有传完整，请再试一次。") from None
    if len(content) > most:
        raise _bad(f"图片有 {len(content) // 1000} kB，最大 {most // 1000} kB。")
    begins, ends = KINDS[media_type]
    if not content.startswith(begins) or not content.rstrip(b"\0").endswith(ends):
        raise _bad("这不是完整的图片，请重新选一张。")
    return media_type, content


def _bad(sentence: str) -> LawlabError:
    return LawlabError("bad_picture", sentence)
