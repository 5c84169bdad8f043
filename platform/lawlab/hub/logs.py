"""What must not stand in the Hub's log: JupyterHub writes session ids there at level INFO."""

from __future__ import annotations

import logging


class NoSessionIds(logging.Filter):
    """Drops the line that names a browser's session and its person's cookie id."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Setting new xsrf cookie")


CONFIG = {
    "filters": {"no_session_ids": {"()": f"{__name__}.{NoSessionIds.__name__}"}},
    "loggers": {"tornado.application": {"filters": ["no_session_ids"]}},
}
"""For `JupyterHub.logging_config`."""
