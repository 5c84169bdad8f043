"""Kernels of `live` pages: each belongs to one person, is counted, and ends when not needed."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Float, Integer

from lawlab import tokens
from lawlab.config import Settings

log = logging.getLogger(__name__)

PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV")
"""The only variables of the server that a kernel inherits."""

ARGUMENTS = ["--HistoryManager.enabled=False"]
"""Without it all kernels would share one history file."""


def kernel_env(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment of a kernel that serves nobody in particular: an allow-list and a home."""
    env = {name: environ[name] for name in PASSED_ON if name in environ}
    return env | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


def person_env(settings: Settings, person: str) -> dict[str, str]:
    """What the kernel of one person gets on top: who he is, and a token to read as him."""
    return {
        "LAWLAB_PERSON": person,
        "LAWLAB_API": settings.api_url,
        "LAWLAB_TOKEN": tokens.kernel_token(settings.secrets["kernel"], person),
    }


@dataclass
class Owned:
    """A kernel's owner and since when nobody has been connected to it."""

    person: str
    started: float = field(default_factory=time.monotonic)
    alone_since: float = field(default_factory=time.monotonic)


@dataclass
class Place:
    """Room for a kernel of this person; it is taken as soon as that has started."""

    person: str
    kernel: str | None = None


class OwnedKernels(AsyncMappingKernelManager):
    """Starts no kernel without an owner, and not more than the caps allow."""

    cap_person = Integer(2, config=True)
    cap_total = Integer(60, config=True)
    cull_disconnected = Float(180, config=True)
    oldest = Float(tokens.MAX_AGE, config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._owned: dict[str, Owned] = {}
        self._starting: list[str] = []
        self._burials: set[asyncio.Future[None]] = set()
        self.closing = False

    def owner(self, kernel_id: str | None) -> str | None:
        """Whose kernel it is; None for an unknown one."""
        owned = self._owned.get(kernel_id or "")
        return owned.person if owned else None

    def people(self) -> set[str]:
        """Everybody who owns a kernel."""
        return {owned.person for owned in self._owned.values()}

    @asynccontextmanager
    async def place(self, person: str) -> AsyncIterator[Place]:
        """Room for one kernel of a person, kept while its page is opened.

        Raises HTTPError 429 and 503 when his or everybody's cap is reached.
        """
        # Counted before the first await, so that pages opened together cannot slip past the caps.
        self._starting.append(person)
        place = Place(person)
        try:
            await self._make_room(person)
            yield place
        finally:
            if place.kernel is None:
                self._starting.remove(person)

    async def start_kernel(  # type: ignore[override]
        self, *, place: Place | None = None, **kwargs: Any
    ) -> str:
        """Start the kernel of a place and return its id. Raises HTTPError 403 without one."""
        if place is None or place.kernel:
            raise HTTPError(403, "a kernel needs an owner")
        kernel_id: str = await super().start_kernel(**kwargs)
        place.kernel = kernel_id
        self._starting.remove(place.person)
        self._owned[kernel_id] = Owned(place.person)
        log.info("kernel %s started for %s (%d in all)", kernel_id, place.person, len(self._owned))
        return kernel_id

    async def _make_room(self, person: str) -> None:
        mine = [kid for kid, owned in self._owned.items() if owned.person == person]
        crowded = len(mine) + self._starting.count(person) > self.cap_person
        if crowded or self._full():
            alone = [kid for kid in mine if not self._kernel_connections.get(kid)]
            if alone:
                oldest = min(alone, key=lambda kid: self._owned[kid].started)
                await self.end(oldest, "its owner opened another page")
            elif crowded:
                raise HTTPError(429, "cap of kernels per person reached: %s", person)
        if self._full():
            raise HTTPError(503, "cap of all kernels reached: %s", self.cap_total)

    def _full(self) -> bool:
        # The kernel that is being started is among `_starting`.
        return self.closing or len(self._owned) + len(self._starting) > self.cap_total

    async def end(self, kernel_id: str | None, reason: str) -> None:
        """Shut a kernel at once; harmless when there is none or it is gone already."""
        owned = self._owned.pop(kernel_id or "", None)
        if kernel_id is None or owned is None or kernel_id not in self:
            return
        log.info("kernel %s of %s ended: %s", kernel_id, owned.person, reason)
        await self.shutdown_kernel(kernel_id, now=True)

    async def end_person(self, person: str, reason: str) -> None:
        """Shut all kernels of one person."""
        mine = [kid for kid, owned in self._owned.items() if owned.person == person]
        await asyncio.gather(*(self.end(kid, reason) for kid in mine))

    async def end_all(self) -> None:
        """Shut every kernel and start no more."""
        self.closing = True
        await asyncio.gather(*(self.end(kid, "server stops") for kid in list(self._owned)))

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel, its owner too."""
        self._owned.pop(kernel_id, None)
        return super().remove_kernel(kernel_id)

    def _handle_kernel_died(self, kernel_id: str) -> None:
        log.warning("kernel %s of %s died", kernel_id, self.owner(kernel_id))
        self._owned.pop(kernel_id, None)
        # Removing it from the map, as the base does, would leave its sockets and files behind.
        burial = asyncio.ensure_future(self.shutdown_kernel(kernel_id, now=True))
        self._burials.add(burial)
        burial.add_done_callback(self._burials.discard)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Notice a closed socket, and since when the kernel is alone."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self._owned and not self._kernel_connections.get(kernel_id):
            self._owned[kernel_id].alone_since = time.monotonic()

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody looks at, that nobody used for long, or whose token is old."""
        owned = self._owned.get(kernel_id)
        if owned is None:
            return
        now = time.monotonic()
        connected = bool(self._kernel_connections.get(kernel_id))
        kernel: Any = self.get_kernel(kernel_id)
        idle = utcnow() - kernel.last_activity > timedelta(seconds=self.cull_idle_timeout)
        if not connected and now - owned.alone_since > self.cull_disconnected:
            await self.end(kernel_id, "nobody connected")
        elif connected and idle and kernel.execution_state != "busy":
            await self.end(kernel_id, "connected but idle")
        elif now - owned.started > self.oldest:
            await self.end(kernel_id, "its token is too old")
