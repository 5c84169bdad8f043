"""`python -m lawlab.api [number]`: serves the API on its loopback port; of several processes, this
one, counted from 0."""

from __future__ import annotations

import gc
import logging
import socket
import sys
import time
from contextlib import suppress

import uvicorn

from lawlab.api.app import make_app
from lawlab.config import Settings, load_settings

HOST = "127.0.0.1"


def main() -> None:
    settings = load_settings()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    # The laws are a large heap: a full collection would stop a hall for a second in mid-question.
    gc.set_threshold(100_000, 50, 100)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    sockets = listeners(settings, int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    config = uvicorn.Config(
        make_app(settings, ticks=time.monotonic),
        host=HOST,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,  # ours names no version
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        ws_max_size=16_384,  # an answer with eight blanks has 5 kB
        timeout_graceful_shutdown=3,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets)


def listeners(settings: Settings, number: int) -> list[socket.socket] | None:
    """Of several processes: the port of all, on which the kernel deals out connections, and the own
    one, on which the supervisor sees whether this one answers. None: there is only one."""
    if not settings.api_own_ports:
        return None
    return [_bound(settings.api_port, shared=True), _bound(settings.api_own_ports[number])]


def _bound(port: int, *, shared: bool = False) -> socket.socket:
    """Bound, not listening: nothing is dealt to a process that is still starting."""
    bound = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio would not set TCP_NODELAY
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((HOST, port))
    return bound


if __name__ == "__main__":
    main()
