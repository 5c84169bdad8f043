"""Voila's pipeline from a notebook to HTML, with our templates, a cache for compiled templates, and
no word of English, code or traceback for the visitor.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from html import escape, unescape
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import BytecodeCache
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_path
from jupyter_core.utils import ensure_async
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors.clearoutput import ClearOutputPreprocessor
from nbformat import NotebookNode
from voila.execute import VoilaExecutor, strip_code_cell_warnings
from voila.exporter import VoilaMarkdownRenderer
from voila.notebook_renderer import NotebookRenderer
from voila.paths import collect_static_paths, collect_template_paths

from lawlab.learn.notebooks import Notebook
from lawlab.learn.once import PageError
from lawlab.learn.stamps import TEMPLATES

log = logging.getLogger(__name__)

ONCE_TEMPLATE = "lawlab-once"
LIVE_TEMPLATE = "lawlab-live"
_TAG = re.compile(r"<[^>]*>")
CELL_FAILED = "这一部分没有显示出来，请稍后再试。"


def template_paths(name: str) -> list[str]:
    """Where a template and everything it extends may lie; our folder comes first."""
    return [
        str(path) for path in collect_template_paths(_APPS, name, prune=True, root_dirs=_roots())
    ]


def static_paths(name: str) -> list[Path]:
    """Folders of the files that a template's pages load."""
    return [
        Path(path) for path in collect_static_paths(_APPS, name, prune=True, root_dirs=_roots())
    ]


_APPS = ["voila", "nbconvert"]


def _roots() -> list[str]:
    return [str(TEMPLATES), *jupyter_path()]


class PlainMarkdown(VoilaMarkdownRenderer):
    """Markdown without pilcrows beside headings and without files of the server inside the page."""

    def __init__(self, contents_manager: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(contents_manager, *args, **kwargs, exclude_anchor_links=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """An image by its address, with its text under it for whoever does not see well; it is
        also read aloud. Voila's own would put any file below its root into the page."""
        # The text comes as HTML of a kind: quotes are escaped, tags are not.
        words, source = escape(unescape(_TAG.sub("", text))), escape(url)
        image = f'<img src="{source}" alt="{words}" loading="lazy" decoding="async">'
        under = f'<span class="picture-text" aria-hidden="true">{words}</span>'
        return f'<span class="picture">{image}{under}</span>'


class PageRenderer(NotebookRenderer):
    """Voila's renderer for one of our notebooks. `facts` are what its template may use.

    What Voila calls the future of a kernel is here a function that gives the id and the manager of
    one, and is called when the head of the page has been written.
    """

    def __init__(
        self, notebook: Notebook, facts: dict[str, str], bytecode: BytecodeCache, **kwargs: Any
    ) -> None:
        super().__init__(notebook_path=notebook.path.name, **kwargs)
        self._file = notebook.path
        self._facts = facts | {"app": notebook.app, "title": notebook.title}
        self._bytecode = bytecode

    async def initialize(self, **kwargs: Any) -> None:
        """Prepare the exporter. Stock Voila compiles its 13 templates anew for every page."""
        await super().initialize(**kwargs)
        self.exporter.environment.bytecode_cache = self._bytecode
        self.resources["lawlab"] = self._facts

    async def load_notebook(self, path: str) -> NotebookNode:
        """Read the file itself: no contents manager, no signature database."""
        notebook = nbformat.reads(self._file.read_text("utf-8"), as_version=4)
        fixed: NotebookNode = await self.fix_notebook(notebook)
        fixed.metadata.title = self._facts["title"]
        return fixed

    async def _jinja_kernel_start(
        self, nb: NotebookNode, kernel_id: str | None, kernel_future: Any
    ) -> str | None:
        # The head of the page has gone to the visitor; he reads there that he has to wait.
        kernel_id, manager = await kernel_future()
        self.executor = VoilaExecutor(nb, km=manager, config=self.traitlet_config)
        self.executor.kc = await self.executor.async_start_new_kernel_client()
        self.kernel_started = True
        return kernel_id

    async def _jinja_cell_generator(
        self, nb: NotebookNode, kernel_id: str | None
    ) -> AsyncIterator[NotebookNode]:
        nb, _ = ClearOutputPreprocessor().preprocess(nb, {})
        for number, cell in enumerate(nb.cells, 1):
            try:
                await self.executor.async_execute_cell(cell, number - 1, store_history=False)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                if (task := asyncio.current_task()) and task.cancelling():
                    raise asyncio.CancelledError from error  # nbclient took it for a dead kernel
                reason = strip_ansi(getattr(error, "traceback", str(error)))
                log.error("%s, cell %d: %s\n%s", self._file, number, cell.source, reason)
                self.give_up(cell, error)
                yield strip_code_cell_warnings(cell)
                return
            yield strip_code_cell_warnings(cell)

    def give_up(self, cell: NotebookNode, error: Exception) -> None:
        """One visitor's page goes as far as it went, and says so."""
        cell.outputs = [nbformat.v4.new_output("error", traceback=[CELL_FAILED])]

    async def close(self) -> None:
        """Close the channels to the kernel, whatever happened before."""
        client = getattr(getattr(self, "executor", None), "kc", None)
        if client is not None:
            await ensure_async(client.stop_channels())


class OnceRenderer(PageRenderer):
    """Renders for everybody, so an error is an error and not a page."""

    def give_up(self, cell: NotebookNode, error: Exception) -> None:
        """Nobody gets half a page."""
        raise PageError(str(self._file)) from error


async def render_once(
    renderer: OnceRenderer,
    kernel: Callable[[], AbstractAsyncContextManager[AsyncKernelManager | None]],
) -> str:
    """The whole page, from a kernel of its own. Raises PageError; the reason is in the log."""
    try:
        async with kernel() as manager:
            try:
                await renderer.initialize()

                async def alone() -> tuple[None, AsyncKernelManager | None]:
                    return None, manager

                return str(await renderer.generate_content_str(None, alone))
            finally:
                await renderer.close()
    except (PageError, asyncio.CancelledError):
        raise
    except Exception as error:
        log.exception("%s could not be rendered", renderer._file)
        raise PageError(str(renderer._file)) from error
