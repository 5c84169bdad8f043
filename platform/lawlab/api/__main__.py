"""`python -m lawlab.api`: serves the API on its loopback port."""

from __future__ import annotations

import gc
import logging

import uvicorn

from lawlab.api.app import make_app
from lawlab.config import load_settings


def main() -> None:
    settings = load_settings()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    # The laws are a large heap: a full collection would stop a hall for a second in mid-question.
    gc.set_threshold(100_000, 50, 100)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        make_app(settings),
        host="127.0.0.1",
        port=settings.api_port,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        ws_max_size=16_384,  # an answer with eight blanks has 5 kB
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
