"""What the screen in the hall shows to sign in with. All of it is chosen here, by the server's
clock; the page only draws it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import segno

from lawlab.domain.checkin import (
    CODE_SECONDS,
    QR_SECONDS,
    six_digits,
    window,
    window_ends,
)
from lawlab.errors import Conflict
from lawlab.services.activity_cards import state_of_activity
from lawlab.services.checkin_tokens import qr_token
from lawlab.store.attendance import activity_times
from lawlab.store.tables import Activity

LOOPBACK = ("127.", "localhost", "[::1]")


def sign_screen(activity: Activity, secret: str, origin: str, now: datetime) -> dict[str, Any]:
    """The QR code and the six digits of this moment, and until when each is shown. `origin` is
    where the trainer's browser reached us. Raises Conflict `online_activity`."""
    if activity.online:
        raise Conflict("online_activity", "线上活动不用二维码：大家从“活动”进入会场，答卡签到。")
    address = f"{origin}/services/api/c/{qr_token(secret, activity.id, now)}"
    host = urlsplit(origin).netloc
    return {
        "state": state_of_activity(activity, now),
        "code": six_digits(secret, activity.id, window(now, CODE_SECONDS)),
        "code_until": window_ends(window(now, CODE_SECONDS), CODE_SECONDS).isoformat(),
        "qr": qr_path(address),
        "qr_until": window_ends(window(now, QR_SECONDS), QR_SECONDS).isoformat(),
        "address": address,
        "short": f"{host}/services/learn/checkin",
        "loopback": host.startswith(LOOPBACK),
        "opens_at": activity_times(activity).opens.isoformat(),
        "server_time": now.isoformat(),
    }


@lru_cache(maxsize=64)
def _qr(address: str) -> tuple[int, str]:
    code = segno.make_qr(address, error="m")
    runs = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length or 1
    return len(code.matrix), "".join(runs)


def qr_path(address: str) -> dict[str, Any]:
    """A QR code as an SVG path in units of its modules, without the quiet zone: `size` modules
    wide, level M (15 % may be hidden)."""
    size, path = _qr(address)
    return {"size": size, "path": path}
