"""The live leaderboard of the soak: a page with a kernel of one's own, over the kernel's socket."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

import aiohttp
from soak_visitor import LEARN, TRIES_S, Away, Visitor

if TYPE_CHECKING:
    from soak_deeds import Town

KERNEL = re.compile(r'"kernelId": ?"([0-9a-f-]{36})"')
BASE = re.compile(r'"baseUrl": ?"([^"]+)"')
XSRF = re.compile(r"_xsrf=([^;]+)")
CONTROL = "1.0.0"
"""Of ipywidgets' messages that ask for everything at once."""
OPENS_S = 15.0
"""So long a kernel has to say something."""


async def leaderboard(me: Visitor, town: Town) -> None:
    """Open it, look at other boards, leave. When its kernel is gone the page opens again by itself;
    whoever cannot see a board within TRIES_S sees an error."""
    async with town.live:
        boards = [me.chance.randrange(4) for _ in range(me.chance.randint(1, 3))]
        began = time.monotonic()
        while boards:
            try:
                await _visit(me, boards)
            except (Away, aiohttp.ClientError, TimeoutError, OSError) as error:
                me.book.retries[f"live page, {error or type(error).__name__}"] += 1
                if time.monotonic() - began > TRIES_S:
                    raise me.book.fail(f"{me.login} leaderboard: {error!r}") from error
                await me.rest(1, 3)
            if town.over.is_set():
                return


async def _visit(me: Visitor, boards: list[int]) -> None:
    """Look at these boards; each that was seen is taken out."""
    page = await me.page("/leaderboard", "live page")
    found = KERNEL.search(page)
    if not found:
        raise Away("a page without a kernel")
    base = BASE.search(page)
    prefix = base[1] if base else f"{LEARN}/"
    address = f"{prefix}api/kernels/{found[1]}/channels?session_id={secrets.token_hex(8)}"
    try:
        async with me.socket(address) as socket:
            talk = _Talk(socket)
            await talk.say("kernel_info_request", {})
            while boards:
                began = time.monotonic()
                await _choose(talk, boards[-1])
                me.book.times["live board"].append(time.monotonic() - began)
                boards.pop()
                await me.rest(1, 4)
    finally:
        await _leave(me, prefix, found[1])


async def _choose(talk: _Talk, board: int) -> None:
    """Press one of the buttons, and see that board."""
    states = await talk.states()
    group = next(
        name
        for name, one in states.items()
        if one["model_name"] == "ToggleButtonsModel" and len(one["state"]["_options_labels"]) == 4
    )
    update = {"method": "update", "state": {"index": board}, "buffer_paths": []}
    await talk.say("comm_msg", {"comm_id": group, "data": update})
    states = await talk.states()
    shown = [one["state"].get("value", "") for one in states.values()]
    if states[group]["state"]["index"] != board:
        raise Away("another board than was chosen")
    if not any("board-table" in str(one) or 'class="empty"' in str(one) for one in shown):
        raise Away("no board yet")


async def _leave(me: Visitor, prefix: str, kernel: str) -> None:
    """As live.js does: told once, whatever comes of it."""
    token = XSRF.search(me.cookie(f"{LEARN}/"))
    headers = {"X-XSRFToken": token[1] if token else ""}
    try:
        async with me.http.post(f"{prefix}voila/api/shutdown/{kernel}", headers=headers) as reply:
            if reply.status not in (204, 403, 404, 503, 502):
                me.book.fail(f"{me.login} leaves a live page: {reply.status}")
    except (aiohttp.ClientError, TimeoutError, OSError):
        pass


class _Talk:
    """What a page says to its kernel, and hears."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.session = secrets.token_hex(8)

    async def say(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Say something, and hear what comes of it until the kernel has done with it."""
        name = secrets.token_hex(8)
        header = {"msg_id": name, "msg_type": kind, "session": self.session, "username": ""}
        header |= {"version": "5.3", "date": ""}
        message = {"header": header, "parent_header": {}, "content": content}
        message["metadata"] = {"version": CONTROL}
        await self.socket.send_str(json.dumps(message | {"channel": "shell", "buffers": []}))
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(OPENS_S):
            while True:
                word = await self.socket.receive()
                if word.type is aiohttp.WSMsgType.BINARY:
                    continue
                if word.type is not aiohttp.WSMsgType.TEXT:
                    raise Away(f"a socket that closed ({self.socket.close_code})")
                told = json.loads(word.data)
                if told["parent_header"].get("msg_id") != name:
                    continue
                heard.append(told)
                if told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
                    return heard

    async def states(self) -> dict[str, dict[str, Any]]:
        """Every widget of the page by its name, as voila's page asks for it."""
        comm = secrets.token_hex(16)
        opened = {"comm_id": comm, "target_name": "jupyter.widget.control", "data": {}}
        await self.say("comm_open", opened)
        asked = {"comm_id": comm, "data": {"method": "request_states"}}
        for told in await self.say("comm_msg", asked):
            if told["msg_type"] == "comm_msg" and "states" in told["content"]["data"]:
                states: dict[str, dict[str, Any]] = told["content"]["data"]["states"]
                return states
        raise Away("a kernel that shows nothing")
