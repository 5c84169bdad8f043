"""What every reply of hub, learn and API carries, and the line on every page of a trial."""

from __future__ import annotations

from lawlab.config import Settings

TRIAL = "试用：没有加密，密码和答题别人可能看到。请勿填写真实手机号。"

TRIAL_BAR = f'<p class="trial-bar" role="note">{TRIAL}</p>'

_ALWAYS = {
    # No version of anything, for whoever looks for a known fault.
    "Server": "lawlab",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # The camera is for whoever scans a code in the browser: that is the phone's own affair.
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
}
_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
"""A browser that came by https once comes by nothing else for a year."""


def security_headers(settings: Settings) -> dict[str, str]:
    """Headers for every reply. Which sources and frames a page may use is its own policy."""
    return _ALWAYS | (_HTTPS if settings.scheme == "https" else {})


def trial_bar(settings: Settings) -> str:
    """HTML for the top of a page; empty outside of a trial."""
    return TRIAL_BAR if settings.lan_trial else ""
