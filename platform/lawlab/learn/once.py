"""`once` pages: rendered one time per content, kept on disk and in memory, given to everyone.

How a page is rendered is the caller's affair; this module decides when, how many at a time, and
that people who ask together wait for one execution together.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lawlab.learn.notebooks import Notebook

log = logging.getLogger(__name__)

EXECUTIONS = 2
"""Kernels that render at the same time. Warming takes one at most, so a visitor never queues
behind all of it."""


class PageError(Exception):
    """A page could not be rendered; the log says why."""


@dataclass(frozen=True)
class Page:
    """A finished page, plain and compressed. `etag` stands for its content."""

    etag: str
    html: bytes
    packed: bytes


class OncePages:
    """The pages of one installation. `render` turns a notebook into HTML or raises PageError."""

    def __init__(
        self, folder: Path, stamp: str, render: Callable[[Notebook], Awaitable[str]]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._stamp = stamp
        self._render = render
        self._slots = asyncio.Semaphore(EXECUTIONS)
        self._ready: dict[Path, tuple[str, Page]] = {}
        self._making: dict[str, asyncio.Task[Page]] = {}

    async def page(self, notebook: Notebook) -> Page:
        """The page of this notebook as it is now.

        Raises PageError; a failure is not remembered, the next visitor tries again.
        """
        key = self._key(notebook)
        known = self._ready.get(notebook.path)
        if known is not None and known[0] == key:
            return known[1]
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make(key, notebook))
            task.add_done_callback(partial(self._made, key))
        # One visitor who goes away must not take the execution from the others.
        return await asyncio.shield(task)

    async def warm(self, notebooks: Iterable[Notebook]) -> None:
        """Make ready, one after another, what is not ready; failures are only logged."""
        for notebook in notebooks:
            try:
                await self.page(notebook)
            except PageError:
                continue

    async def close(self) -> None:
        """Stop executions that are under way, with their kernels."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _made(self, key: str, task: asyncio.Task[Page]) -> None:
        self._making.pop(key, None)
        if not task.cancelled():
            task.exception()  # marks it as seen, for the case that every visitor went away

    def _key(self, notebook: Notebook) -> str:
        text = f"{self._stamp}\n{notebook.app}\n{notebook.digest}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    async def _make(self, key: str, notebook: Notebook) -> Page:
        page = self._load(key) or await self._execute(key, notebook)
        self._ready[notebook.path] = (key, page)
        return page

    async def _execute(self, key: str, notebook: Notebook) -> Page:
        async with self._slots:
            start = time.monotonic()
            html = (await self._render(notebook)).encode()
        page = Page(etag=key, html=html, packed=gzip.compress(html, 9, mtime=0))
        self._store(page)
        seconds = time.monotonic() - start
        log.info("page %s/%s rendered in %.1f s", notebook.app, notebook.path.stem, seconds)
        return page

    def _load(self, key: str) -> Page | None:
        try:
            html = (self._folder / f"{key}.html").read_bytes()
            packed = (self._folder / f"{key}.html.gz").read_bytes()
        except OSError:
            return None
        return Page(etag=key, html=html, packed=packed)

    def _store(self, page: Page) -> None:
        # The compressed file comes last: a page counts only when both files are there.
        for name, content in ((".html", page.html), (".html.gz", page.packed)):
            target = self._folder / f"{page.etag}{name}"
            part = target.with_name(f"{target.name}.{os.getpid()}")
            part.write_bytes(content)
            part.replace(target)
