"""A trial without encryption says so on every page of the Hub that is ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.headers import TRIAL
from lawlab.hub.configure import TEMPLATES, configure

PAGES = sorted(page.name for page in TEMPLATES.glob("*.html"))
PARTS = {"privacy_text.html"}


@pytest.mark.parametrize("name", [name for name in PAGES if name not in PARTS])
def test_every_page_says_so_and_none_outside_of_a_trial(tmp_path: Path, name: str) -> None:
    settings = Settings(data=tmp_path)
    assert _page(replace(settings, lan_trial=True), name).count(TRIAL) == 1
    assert TRIAL not in _page(settings, name)


def test_cookies_and_addresses_follow_the_address_that_people_type(tmp_path: Path) -> None:
    config = Config()
    configure(config, Settings(data=tmp_path, address="https://fazhi.example.cn"))
    assert config.JupyterHub.public_url == "https://fazhi.example.cn/"
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"
    without = Config()
    configure(without, Settings(data=tmp_path))
    assert "public_url" not in without.JupyterHub


def _page(settings: Settings, name: str) -> str:
    config = Config()
    configure(config, settings)
    loader = jinja2.FileSystemLoader(config.JupyterHub.template_paths)
    page = jinja2.Environment(loader=loader, autoescape=True).get_template(name)
    given = {"user": None, "status_code": 404, "oauth_client": {}, "allowed_scopes": []}
    return page.render(config.JupyterHub.template_vars | given)
