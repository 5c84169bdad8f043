"""Which notebook an address means, and what the notebook says of itself.

Only addresses that fit a strict pattern reach the disk, and only notebooks that call themselves a
page (`lawlab.page` in their metadata) are ever served.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

ONCE = "once"
LIVE = "live"
LESSON = "lesson"
FIRST_PAGES = ("home", "quiz", "course", "law", "board")
"""Whoever signs in after a start meets these first, so they are rendered first."""

_NAME = re.compile(r"\w[\w-]*")


@dataclass(frozen=True)
class Notebook:
    """A servable notebook as it lies on disk now. `app` is `lesson` or the file's name."""

    app: str
    path: Path
    kind: str
    title: str
    digest: str


class Notebooks:
    """Finds and remembers notebooks; looks at a file's date and size, and reads it only when they
    changed."""

    def __init__(self, apps: Path, pages: Path) -> None:
        self._apps = apps
        self._pages = pages
        self._seen: dict[Path, tuple[tuple[int, int], Notebook | None]] = {}

    def find(self, address: str) -> Notebook | None:
        """The notebook behind `<app>[/<rest>]` or `lesson/<course>/<lesson>`, or None."""
        app, _, rest = address.partition("/")
        if app != LESSON:
            return self._read(app, self._apps / f"{app}.ipynb") if _NAME.fullmatch(app) else None
        parts = rest.split("/")
        if len(parts) != 2 or not all(map(_NAME.fullmatch, parts)):
            return None
        return self._read(LESSON, self._pages / parts[0] / f"{parts[1]}.ipynb")

    def once(self) -> Iterator[Notebook]:
        """Every `once` page there is, in the order in which people are likely to want them."""
        apps = sorted(path.stem for path in self._apps.glob("*.ipynb"))
        addresses = [app for app in FIRST_PAGES if app in apps]
        addresses += [app for app in apps if app not in FIRST_PAGES]
        lessons = sorted(self._pages.glob("*/*.ipynb"))
        addresses += [f"{LESSON}/{path.parent.name}/{path.stem}" for path in lessons]
        for address in addresses:
            notebook = self.find(address)
            if notebook is not None and notebook.kind == ONCE:
                yield notebook

    def _read(self, app: str, path: Path) -> Notebook | None:
        try:
            stat = path.stat()
        except OSError:
            self._seen.pop(path, None)
            return None
        mark = (stat.st_mtime_ns, stat.st_size)
        known = self._seen.get(path)
        if known is None or known[0] != mark:
            known = self._seen[path] = (mark, read_notebook(app, path))
        return known[1]


def read_notebook(app: str, path: Path) -> Notebook | None:
    """Read a notebook's label; None, with the reason in the log, when it is not a page."""
    try:
        source = path.read_bytes()
        label = json.loads(source)["metadata"]["lawlab"]
        found = Notebook(
            app=app,
            path=path,
            kind=str(label["page"]),
            title=str(label["title"]),
            digest=hashlib.sha256(source).hexdigest(),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is not served: no lawlab.page and title in it (%r)", path, error)
        return None
    if found.kind not in (ONCE, LIVE) or (app == LESSON and found.kind != ONCE):
        log.warning("%s is not served: page kind %r is not allowed here", path, found.kind)
        return None
    return found
