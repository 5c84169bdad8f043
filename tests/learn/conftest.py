"""Fixtures for `learn`: a running site with pages of every kind, and a browser."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest


def _load_harness() -> ModuleType:
    # importlib mode puts no folder on sys.path; from here on tests may `import learn_harness`.
    path = Path(__file__).with_name("harness.py")
    spec = importlib.util.spec_from_file_location("learn_harness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["learn_harness"] = module
    spec.loader.exec_module(module)
    return module


harness = _load_harness()

ENVIRONMENT = """
import json, os
print("ENVIRONMENT" + json.dumps(dict(os.environ)))
"""
WIDGETS = """
import ipywidgets
button, label = ipywidgets.Button(description="点我"), ipywidgets.Label("还没点")
button.on_click(lambda _: setattr(label, "value", "点过了"))
ipywidgets.VBox([button, label])
"""


def fill(site: harness.Site) -> None:
    """Pages of every kind."""
    write = harness.write_notebook
    write(site.apps / "home.ipynb", "# 首页", page="once", title="首页")
    write(site.apps / "environment.ipynb", ENVIRONMENT, page="live", title="环境")
    write(site.apps / "widgets.ipynb", "# 活页", WIDGETS, page="live", title="活页")
    write(site.apps / "broken.ipynb", "1 / 0", page="once", title="坏页")
    write(site.apps / "broken-live.ipynb", "1 / 0  # code", page="live", title="坏活页")
    write(site.apps / "unlabelled.ipynb", "print('never shown')", page=None)
    lesson = site.settings.pages / "telecom-fraud" / "01_what.ipynb"
    html = "from IPython.display import HTML\nHTML('<lawlab-reader></lawlab-reader>')"
    write(lesson, "# 第一课\n\n## 小标题\n\n正文", html, page="once", title="第一课 & 更多")


@contextmanager
def serving(folder: Path, **changes: Any) -> Iterator[harness.Site]:
    """A site with all its pages ready."""
    made = harness.Site(folder, **changes)
    fill(made)
    try:
        made.start()
        harness.wait_for(lambda: "01_what rendered" in made.log.read_text(), 60)
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[harness.Site]:
    """A site for the whole run, with caps of two kernels for one person and four in all."""
    with serving(tmp_path_factory.mktemp("site"), kernel_cap_total=4) as made:
        yield made


@pytest.fixture(scope="module")
def own_site(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[harness.Site]:
    """A site that a module may hurt; `indirect` parameters are its settings."""
    with serving(tmp_path_factory.mktemp("own"), **getattr(request, "param", {})) as made:
        yield made


@pytest.fixture(scope="session")
def first(site: harness.Site) -> httpx.Client:
    """One signed-in person, s001."""
    return site.sign_in("s001")


@pytest.fixture(scope="session")
def second(site: harness.Site) -> httpx.Client:
    """Another one, v001."""
    return site.sign_in("v001")


@pytest.fixture
def anonymous(site: harness.Site) -> Iterator[httpx.Client]:
    """Nobody."""
    with httpx.Client(base_url=site.url, verify=harness.NO_TLS) as client:
        yield client
