"""The headers of every reply, for programs that Tornado serves: files and bare errors too."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

from lawlab.config import Settings
from lawlab.headers import security_headers

STRICT = "default-src 'none'; frame-ancestors 'none'"
"""Of a page that has no policy of its own: a library's bare error."""


def dressing(settings: Settings) -> type[OutputTransform]:
    """A class for `transforms` of a Tornado application."""
    always = security_headers(settings)

    class Dressed(OutputTransform):
        """Adds the headers, whoever made the reply."""

        def __init__(self, request: HTTPServerRequest) -> None:
            pass

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            for name, value in always.items():
                headers[name] = value
            headers.pop("X-JupyterHub-Version", None)
            if headers.get("Content-Type", "").startswith("text/html"):
                headers.setdefault("Content-Security-Policy", STRICT)
            return status_code, headers, chunk

    return Dressed
