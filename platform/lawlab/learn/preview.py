"""`/services/learn/preview/…`: a trainer's draft as learners will see it, in the same template.

No kernel: the API gives the notebook to trainers only, each cell is parsed here, and only the calls
that a lesson may make are made, directly. So a save shows within a second or two.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import BytecodeCache
from nbformat import NotebookNode
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPResponse

from lawlab.domain.lesson import IMPORT, Call, hidden_because, read_call
from lawlab.domain.picture import FOLDER, NAME
from lawlab.errors import LawlabError
from lawlab.learn.handlers import LearnHandler
from lawlab.learn.notebooks import ONCE, Notebook
from lawlab.learn.once import PageError
from lawlab.learn.pictures import KINDS, POLICY
from lawlab.learn.render import OnceRenderer
from lawlab.learn.stamps import lesson_calls, page_stamp

log = logging.getLogger(__name__)

APP = "preview"
SHEET = rf"{APP}/([a-z][a-z0-9-]{{0,39}})/([a-z0-9][a-z0-9_-]{{0,59}})(?:/v([1-9][0-9]{{0,8}}))?"
"""`preview/<course>/<lesson>` is the draft, `…/v2` a published version."""
PICTURE = rf"{APP}/([a-z][a-z0-9-]{{0,39}})/{FOLDER}/({NAME.pattern})"
SECONDS = 10
_PLACE = re.compile(r"第 (\d+) 格(?:（[^）]*）)?：?")


class PreviewRenderer(OnceRenderer):
    """Renders a notebook that the API gave, without a kernel. `number` in a cell's metadata is what
    the template shows for the preview alone."""

    def __init__(
        self,
        notebook: Notebook,
        source: dict[str, Any],
        facts: dict[str, str],
        bytecode: BytecodeCache,
        **kwargs: Any,
    ) -> None:
        super().__init__(notebook, facts, bytecode, **kwargs)
        self._source = source

    async def load_notebook(self, path: str) -> NotebookNode:
        """The notebook from memory, each cell with what it shows."""
        cells = [shown(number, cell) for number, cell in enumerate(self._source["cells"], 1)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        fixed: NotebookNode = await self.fix_notebook(notebook)
        fixed.metadata.title = self._facts["title"]
        return fixed

    async def _jinja_kernel_start(
        self, nb: NotebookNode, kernel_id: str | None, kernel_future: Any
    ) -> str | None:
        return None

    async def _jinja_cell_generator(
        self, nb: NotebookNode, kernel_id: str | None
    ) -> AsyncIterator[NotebookNode]:
        for cell in nb.cells:
            yield cell


def shown(number: int, cell: dict[str, Any]) -> NotebookNode:
    """A cell with the output that a page of learners would have; one that no lesson may have says
    why it is not shown."""
    source = str(cell.get("source", ""))
    metadata = {"number": number}
    fault = hidden_because(number, cell)
    made: NotebookNode
    if not fault and cell["cell_type"] == "markdown":
        made = nbformat.v4.new_markdown_cell(source, metadata=metadata)
        return made
    outputs: list[NotebookNode] = []
    if fault:
        outputs = [_output(_instead(number, fault))]
    elif source.strip() != IMPORT:
        call, _ = read_call(source, "")
        assert call  # else there were a fault
        outputs = [_output(_made(number, call))]
    made = nbformat.v4.new_code_cell("", metadata=metadata, outputs=outputs)
    return made


def _made(number: int, call: Call) -> str:
    """What an allowed call puts into the page."""
    named = {"source": call.source} if call.name == "unconfirmed" else {}
    try:
        return str(getattr(lesson_calls(), call.name)(*call.texts, **named).html)
    except LawlabError as error:
        return _instead(number, error.sentence)


def _instead(number: int, fault: str) -> str:
    text = _PLACE.sub("", fault, count=1).strip()
    return (
        f'<div class="notice notice-bad preview-hole"><p><b>第 {number} 格没有显示。</b>'
        f"{escape(text)}</p></div>"
    )


def _output(html: str) -> NotebookNode:
    data = {"text/html": html, "text/plain": ""}
    made: NotebookNode = nbformat.v4.new_output("execute_result", data)
    return made


class FromApi(LearnHandler):
    """Asks the API on behalf of the visitor, who has to be a trainer."""

    async def ask(self, path: str, **facts: Any) -> HTTPResponse:
        """The API's answer; what it refuses becomes the same refusal here."""
        settings = self.learn.settings
        try:
            return await AsyncHTTPClient().fetch(
                f"{settings.api_url}/internal/{path}",
                method="POST",
                headers={
                    "Authorization": f"Bearer {settings.secrets['service-learn']}",
                    "Content-Type": "application/json",
                    "X-Lawlab": "1",
                },
                body=json.dumps({"login": self.current_user.username} | facts),
                request_timeout=SECONDS,
            )
        except HTTPClientError as error:
            # 599: no answer in time.
            status = error.code if error.code in (403, 404) else 503
            raise web.HTTPError(status, "preview refused: %s", error) from None
        except OSError as error:
            raise web.HTTPError(503, "the API does not answer: %s", error) from None


class PreviewHandler(FromApi):
    """The page. It is not kept: the next save makes another one."""

    @web.authenticated
    async def get(self, course: str, lesson: str, version: str | None) -> None:
        """Answer with the page, a 304, or a notice."""
        number = int(version or 0)
        reply = await self.ask("preview", course=course, lesson=lesson, version=number)
        sheet = json.loads(reply.body)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'W/"{sheet["stamp"]}-{page_stamp()[:12]}"')
        if self.check_etag_header():
            self.set_status(304)
            return
        facts = {"preview": sheet["stamp"], "version": version or ""}
        try:
            html = await self.learn.render_preview(
                _label(sheet, lesson), sheet["notebook"] or {"cells": []}, facts
            )
        except PageError as error:
            raise web.HTTPError(500, "preview failed: %s", error) from None
        await self.finish(html)


class PreviewPictureHandler(FromApi):
    """A picture beside a draft."""

    @property
    def content_security_policy(self) -> str:
        """As for the pictures of published lessons."""
        return POLICY

    @web.authenticated
    async def get(self, course: str, name: str) -> None:
        """Answer with the picture."""
        reply = await self.ask("preview/picture", course=course, name=name)
        self.set_header("Content-Type", KINDS[name.rpartition(".")[2]])
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        await self.finish(reply.body)


def _label(sheet: dict[str, Any], lesson: str) -> Notebook:
    title, stamp = str(sheet["title"]), str(sheet["stamp"])
    return Notebook(app=APP, path=Path(f"{lesson}.ipynb"), kind=ONCE, title=title, digest=stamp)
