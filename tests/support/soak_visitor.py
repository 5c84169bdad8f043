"""People of the soak as their browsers: what they say until it is acknowledged, by the rules of
api.js and outbox.js, and a book of what was acknowledged and of what somebody had to see fail."""

from __future__ import annotations

import asyncio
import json
import random
import re
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
import httpx
from yarl import URL

API, LEARN = "/services/api", "/services/learn"
NOTICE = "正在恢复，请稍等"
"""On the proxy's own page."""
LIMIT_S = 15.0
"""One try; api.js gives up then, and tries again."""
TRIES_S = 30.0
"""What is not done by then, its person sees as an error."""


class Stop(Exception):
    """What somebody was about cannot go on; why is in the book, or was to be expected."""


class Away(Exception):
    """Nothing came of a try; another may succeed."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.after = why, after


@dataclass
class Book:
    """What all of them said, by kind, each thing under a mark of its own."""

    said: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    kept: dict[str, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict))
    """Of it what was acknowledged: mark → what is stored if all is well."""
    errors: list[str] = field(default_factory=list)
    """Each that somebody was shown."""
    retries: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds of the tries that were answered, by kind."""
    slowest: tuple[float, str] = (0.0, "")
    """From the first try to the acknowledgement."""
    deeds: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """Of the deeds those that went to their end."""
    refused: Counter[str] = field(default_factory=Counter)
    """Refusals that a correct page may get."""

    def fail(self, text: str) -> Stop:
        """Somebody saw an error."""
        self.errors.append(text)
        return Stop(text)


class Visitor:
    """One person who is signed in, with the cookies that the Hub gave him."""

    def __init__(
        self, base: str, login: str, cookies: httpx.Cookies, book: Book, chance: random.Random
    ) -> None:
        self.base, self.login, self.book, self.chance = base, login, book, chance
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False)
        for one in cookies.jar:
            morsel: SimpleCookie = SimpleCookie()
            morsel[one.name] = one.value or ""
            morsel[one.name]["path"] = one.path
            jar.update_cookies(morsel, URL(base))
        # The proxy closes what is idle for five seconds.
        connector = aiohttp.TCPConnector(limit=6, keepalive_timeout=3)
        self.http = aiohttp.ClientSession(
            base,
            cookie_jar=jar,
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        )

    async def close(self) -> None:
        await self.http.close()

    def cookie(self, path: str = f"{API}/") -> str:
        """The Cookie header for an address."""
        held = self.http.cookie_jar.filter_cookies(URL(self.base + path))
        return "; ".join(f"{one.key}={one.value}" for one in held.values())

    def socket(self, path: str) -> Any:
        """A WebSocket, as a context."""
        return self.http.ws_connect(path, origin=self.base, max_msg_size=0, timeout=5)

    async def get(
        self, path: str, kind: str, *, allow: Collection[str] = (), **headers: str
    ) -> Any:
        """What the API says; None for what is not modified."""
        return await self._until_done(kind, lambda: self._say("GET", path, None, allow, headers))

    async def post(
        self, path: str, body: dict[str, Any], kind: str, *, allow: Collection[str] = ()
    ) -> Any:
        """Say something until it is acknowledged. Raises Stop when it is refused."""
        return await self._until_done(kind, lambda: self._say("POST", path, body, allow, {}))

    async def mine(self, path: str, body: dict[str, Any], kind: str, **how: Any) -> Any:
        """`post` what names its person."""
        return await self.post(path, {"person": self.login} | body, kind, **how)

    async def keep(
        self, what: str, path: str, body: dict[str, Any], stored: Any = True, **how: Any
    ) -> Any:
        """`mine` with a key of its own; in the book under this key when it is acknowledged."""
        key = secrets.token_urlsafe(18)
        self.book.said[what].add((self.login, key))
        reply = await self.mine(path, {"key": key} | body, what, **how)
        self.book.kept[what][self.login, key] = stored
        return reply

    async def page(self, path: str, kind: str = "page") -> str:
        """A page, opened again after a notice."""
        return str(await self._until_done(kind, lambda: self._open(path)))

    async def rest(self, least: float, most: float) -> None:
        """Read, think."""
        await asyncio.sleep(self.chance.uniform(least, most))

    async def _until_done(self, kind: str, act: Any) -> Any:
        began = time.monotonic()
        tries = 0
        while True:
            at = time.monotonic()
            try:
                try:
                    found = await act()
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    raise Away(type(error).__name__) from error
            except Away as away:
                self.book.retries[away.why] += 1
                waited = time.monotonic() - began
                if waited > TRIES_S:
                    text = f"{self.login} {kind}: not done in {waited:.0f} s, {away.why}"
                    raise self.book.fail(text) from away
                wait = away.after or min(6.0, 1.5 * 2**tries)
                await asyncio.sleep(wait * self.chance.uniform(0.7, 1.3))
                tries += 1
                continue
            now = time.monotonic()
            self.book.times[kind].append(now - at)
            self.book.slowest = max(self.book.slowest, (now - began, kind))
            return found

    async def _say(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        allow: Collection[str],
        headers: dict[str, str],
        *,
        again: bool = False,
    ) -> Any:
        own = {"Accept": "application/json"} | headers
        if body is not None:
            own |= {"X-Lawlab": "1", "X-Lawlab-Person": self.login}
        async with self.http.request(
            method, API + path, json=body, headers=own, allow_redirects=False
        ) as reply:
            status, text = reply.status, await reply.text(errors="replace")
            etag = reply.headers.get("ETag", "")
        if status == 304:
            return None
        data = parsed(text)
        if 200 <= status < 300 and data is not None:
            return data | {"etag": etag}
        if status == 401 and not again:
            await self._renew()
            return await self._say(method, path, body, allow, headers, again=True)
        code = (data or {}).get("code", "")
        if code == "crash" or (status == 401 and again):
            raise self.book.fail(f"{self.login} {method} {path}: {status} {text[:300]}")
        if data is None or status >= 500 or (status == 429 and code != "too_many"):
            raise Away(f"{status} {code}".strip(), float((data or {}).get("retry_after", 0)))
        if code in allow:
            self.book.refused[code] += 1
            raise Stop(code)
        raise self.book.fail(f"{self.login} {method} {path} {body}: {status} {text[:300]}")

    async def _renew(self) -> None:
        """Renew the session as api.js does."""
        async with self.http.get(f"{API}/enter", params={"next": f"{API}/me"}) as reply:
            status, data = reply.status, parsed(await reply.text(errors="replace"))
            if status >= 500 or status == 429:
                raise Away(f"{status} renewing")
            if status != 200 or data is None or reply.url.path != f"{API}/me":
                raise self.book.fail(f"{self.login} is signed out: {status} at {reply.url}")

    async def _open(self, path: str) -> str:
        async with self.http.get(LEARN + path) as reply:
            status, text = reply.status, await reply.text(errors="replace")
            if status >= 500 or status == 429:
                raise Away(f"{status} page", float(reply.headers.get("Retry-After", 0)))
            if NOTICE in text:
                raise Away(f"{status} notice")  # it opens the page again by itself
            if status != 200 or not reply.url.path.startswith(LEARN):
                told = re.sub(r"\s+", " ", text)[:200]
                raise self.book.fail(f"{self.login} {path}: {status} at {reply.url}: {told}")
        if "lawlab-broken" in text:
            raise Away("a page that broke")
        return text


def parsed(text: str) -> dict[str, Any] | None:
    """Our own JSON; None for what comes from elsewhere."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
