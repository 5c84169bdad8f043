"""What a QR code holds, and what a phone holds after it has scanned one.

The code on the screen is good for seconds. Whoever opens it within them gets a receipt, which is
good for some minutes on that phone alone: there is time to sign in, and for a network that fails.
So a photo of the screen that is passed on is worth nothing, and neither is the address of the page
that the scan led to. The time that counts is the scan's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from lawlab.domain.checkin import QR_SECONDS, RECEIPT_SECONDS, qr_is_good, window
from lawlab.errors import LawlabError, Refused


class OldToken(LawlabError):
    """It was good once."""

    status = 410


@dataclass(frozen=True)
class Receipt:
    """Proof that one phone scanned the code of an activity at a moment."""

    activity: int
    at: datetime
    device: str


def qr_token(secret: str, activity: int, at: datetime) -> str:
    """What the QR code of an activity holds at `at`."""
    return _qr(secret).dumps([activity, window(at, QR_SECONDS)])


def scan(secret: str, token: str, device: str, now: datetime) -> str:
    """Exchange a code just scanned for a receipt.

    Raises Refused `bad_token` when it is forged or altered, OldToken `old_token` after its window.
    """
    content = _load(_qr(secret), token, (int, int))
    if content is None:
        raise Refused("bad_token", "这个二维码不是签到码，或者没有扫全。请对准屏幕上的二维码再扫。")
    activity, number = content
    if not qr_is_good(number, now):
        raise OldToken(
            "old_token",
            f"这个二维码已经换了。签到二维码 {QR_SECONDS} 秒换一次，请对准屏幕上最新的那个再扫。",
        )
    return _receipt(secret).dumps([activity, int(now.timestamp() * 1000), device])


def read_receipt(secret: str, text: str, device: str | None, now: datetime) -> Receipt:
    """The receipt that a phone sends. Raises Refused `bad_token`, `other_phone`; OldToken
    `old_token`."""
    content = _load(_receipt(secret), text, (int, int, str))
    if content is None:
        raise Refused("bad_token", "签到的地址不完整。请再扫一次屏幕上的二维码。")
    activity, milliseconds, phone = content
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    if phone != device:
        raise Refused(
            "other_phone", "这是另一部手机扫的码，不能转发。请用您的手机扫屏幕上的二维码。"
        )
    if not timedelta(0) <= now - at <= timedelta(seconds=RECEIPT_SECONDS):
        raise OldToken(
            "old_token",
            f"扫码已经超过 {RECEIPT_SECONDS // 60} 分钟，请再扫一次屏幕上的二维码。",
        )
    return Receipt(activity, at, phone)


def _qr(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="qr")


def _receipt(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="receipt")


def _load(signer: URLSafeSerializer, text: str, kinds: tuple[type, ...]) -> Any:
    try:
        content = signer.loads(text)
    except BadData:
        return None
    fits = isinstance(content, list) and tuple(map(type, content)) == kinds
    return content if fits else None
