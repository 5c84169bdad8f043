"""Versions that go into addresses and page hashes, and the only door from `learn` to `lawlab.ui`.

Everything is read once: code and assets change with a release, and a release restarts the server.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STATIC = HERE / "static"
STOCK_PACKAGES = ("voila", "nbconvert", "ipywidgets", "jupyterlab_widgets")


def ui_static() -> Path:
    """Folder of the stylesheet and the custom elements."""
    return Path(importlib.import_module("lawlab.ui.assets").STATIC)


def ui_version() -> str:
    """The version in the address of the stylesheet and the custom elements."""
    return str(importlib.import_module("lawlab.ui.assets").version())


def lesson_calls() -> ModuleType:
    """What the cells of a lesson may call."""
    return importlib.import_module("lawlab.ui.lesson")


@cache
def page_stamp() -> str:
    """Changes whenever a `once` page might come out different from the same notebook."""
    ui = Path(str(importlib.import_module("lawlab.ui").__file__)).parent
    files = [*TEMPLATES.rglob("*"), *ui.rglob("*.py"), HERE / "render.py"]
    return _digest(files, ui_version(), *map(version, STOCK_PACKAGES))


@cache
def stock_version() -> str:
    """The version in the address of Voila's own files and of ours for live pages."""
    return _digest(STATIC.rglob("*"), *map(version, STOCK_PACKAGES))[:12]


def _digest(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256("\n".join(words).encode())
    for file in sorted(path for path in files if path.is_file() and path.suffix != ".pyc"):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
