"""The page that the proxy itself shows while a program restarts."""

from __future__ import annotations

from pathlib import Path

from lawlab.config import REPOSITORY, Settings
from lawlab.headers import TRIAL

ERRORS = REPOSITORY / "platform" / "proxy" / "errors"
_BAR = '<p style="margin: 0; padding: .5rem 1rem; background: #fff3d6; color: #4a3200;">{}</p>'


def error_folder(settings: Settings) -> Path:
    """The folder with that page. A trial has its own, which says what every page of it says."""
    if not settings.lan_trial:
        return ERRORS
    folder = settings.data / "run" / "errors"
    folder.mkdir(parents=True, exist_ok=True)
    page = (ERRORS / "error.html").read_text("utf-8")
    bar = _BAR.format(TRIAL)
    (folder / "error.html").write_text(page.replace("<body>", f"<body>\n{bar}"), "utf-8")
    return folder
