"""Prints every route of Hub, learn and API as lines of JSON, read off the real applications.

A program of its own: JupyterHub puts its hands on the signals and the log of whoever builds it.
`python every_route.py FOLDER`; FOLDER is an empty folder, `found` runs it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Without HEAD and OPTIONS, which do and tell no more than GET and a header."""
SOCKET = "SOCKET"


def found(folder: Path) -> list[str]:
    """`GET /services/api/me` and so on, without repeats, in the order in which they are asked."""
    told = subprocess.run(
        [sys.executable, __file__, str(folder)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr[-3000:]
    lines = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("[")]
    return list(dict.fromkeys(f"{method} {pattern}" for method, pattern in lines))


def plain(pattern: str) -> str:
    """An address pattern without its regular expressions: `/hub/api/users/{}/tokens`."""
    made, depth, name = "", 0, ""
    for place, sign in enumerate(pattern):
        if sign == "(" and pattern[place - 1] != "\\":
            if not depth:
                rest = pattern[place:]
                name = rest[4 : rest.index(">")] if rest.startswith("(?P<") else ""
            depth += 1
        elif sign == ")":
            depth -= 1
            made += "" if depth else f"{{{name}}}"
        elif not depth and sign not in "$?^\\":
            made += sign
    return made


def api_routes(settings: Any) -> Iterator[tuple[str, str]]:
    from fastapi.routing import iter_route_contexts

    from lawlab.api.app import make_app

    for route in iter_route_contexts(make_app(settings).routes):
        for method in sorted(set(route.methods or [SOCKET]) - {"HEAD", "OPTIONS"}):
            yield method, str(route.path)


def learn_routes(settings: Any) -> Iterator[tuple[str, str]]:
    from lawlab.learn.server import make_app

    async def made() -> list[tuple[str, str]]:
        return list(_of_tornado(make_app(settings).app.default_router))

    yield from asyncio.run(made())


def hub_routes(settings: Any, folder: Path) -> Iterator[tuple[str, str]]:
    from jupyterhub.app import JupyterHub
    from traitlets.config import Config

    from lawlab.hub.configure import configure

    os.chdir(folder)
    config = Config()
    configure(config, settings)
    hub = JupyterHub(config=config)

    async def made() -> list[tuple[str, str]]:
        await hub.initialize([])
        return list(_of_tornado(hub.tornado_application.default_router))

    yield from asyncio.run(made())


def _of_tornado(router: Any) -> Iterator[tuple[str, str]]:
    from tornado.web import RequestHandler
    from tornado.websocket import WebSocketHandler

    for rule in router.rules:
        if hasattr(rule.target, "rules"):
            yield from _of_tornado(rule.target)
            continue
        handler, pattern = rule.target, plain(rule.matcher.regex.pattern)
        if issubclass(handler, WebSocketHandler):
            yield SOCKET, pattern
            continue
        nothing = RequestHandler._unimplemented_method
        able = [verb for verb in VERBS if getattr(handler, verb.lower()) is not nothing]
        for verb in able or ["GET"]:
            yield verb, pattern


def main() -> None:
    from lawlab.config import Settings

    folder = Path(sys.argv[1])
    settings = Settings(data=folder)
    # No line of JSON may mix with what JupyterHub says on its way.
    routes = [*api_routes(settings), *learn_routes(settings), *hub_routes(settings, folder)]
    for route in routes:
        print(json.dumps(route))


if __name__ == "__main__":
    main()
