"""Pictures of published lessons, for signed-in people."""

from __future__ import annotations

import hashlib

from tornado import web

from lawlab.domain.picture import FOLDER, NAME
from lawlab.learn.handlers import LearnHandler

KINDS = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "svg": "image/svg+xml"}
PICTURE = rf"lesson/([a-z][a-z0-9-]{{0,39}})/{FOLDER}/({NAME.pattern})"
"""Only such addresses reach the disk."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""An SVG that is opened by itself draws, and can do nothing."""


class PictureHandler(LearnHandler):
    """A picture beside the lessons of its course."""

    @property
    def content_security_policy(self) -> str:
        """For the picture as a page of its own; inside a lesson the lesson's policy holds."""
        return POLICY

    @web.authenticated
    async def get(self, course: str, name: str) -> None:
        """Answer with the picture or a 304."""
        try:
            content = (self.learn.settings.pages / course / FOLDER / name).read_bytes()
        except OSError:
            raise web.HTTPError(404) from None
        self.set_header("Content-Type", KINDS[name.rpartition(".")[2]])
        self.set_header("X-Content-Type-Options", "nosniff")
        # Asked again each time, so that a corrected drawing is seen at once.
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'"{hashlib.sha256(content).hexdigest()[:32]}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        await self.finish(content)
