"""A trainer's JupyterLab: Chinese, without our secrets, ended together with its person."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx
import psutil

from lawlab.services import people


def test_a_trainer_gets_a_chinese_lab_that_knows_no_secret_and_ends_with_him(site: Any) -> None:
    login = site.add("t001", "learner", "trainer")
    with site.browser() as browser:
        browser.sign_in(login)
        assert "启动 JupyterLab" in browser.get("/hub/home").text
        pending = browser.get("/hub/spawn")
        assert "JupyterLab 正在启动" in pending.text
        page = _await_lab(browser, f"/user/{login}/lab")
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        plugin = "@jupyterlab/translation-extension:plugin"
        settings = browser.get(f"/user/{login}/lab/api/settings/{plugin}").json()
        assert settings["schema"]["properties"]["locale"]["default"] == "zh_CN"

        server = _server(site, login)
        environment = "\n".join(server.environ().values())
        for name, secret in site.settings.secrets.items():
            assert secret not in environment, name
        assert "LAWLAB_DATABASE_URL" not in server.environ()

        xsrf = browser.cookies.get("_xsrf", path=f"/user/{login}/")
        reply = browser.post(
            f"/user/{login}/api/kernels",
            json={},
            headers={"X-XSRFToken": xsrf or "", "Origin": str(browser.base_url).rstrip("/")},
        )
        assert reply.status_code == 201, reply.text
        (parent,) = (one for one in server.children() if "lawlab.kernels.parent" in one.cmdline())
        assert "pandas" in parent.cmdline()
        assert [one.name() for one in parent.children()] == ["ipykernel"]

        with site.sessions() as session:
            people.disable_person(session, login, now=dt.datetime.now(dt.UTC))
        _, alive = psutil.wait_procs([server, parent], timeout=20)
        assert not alive


def _await_lab(browser: httpx.Client, path: str) -> httpx.Response:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = browser.get("/hub/spawn")
        if page.url.path == path and page.status_code == 200:
            return page
        time.sleep(0.5)
    raise AssertionError(f"no Lab: {page.url} {page.status_code}")


def _server(site: Any, login: str) -> psutil.Process:
    """The process behind the trainer's server, among what this test's Hub has started."""
    home = str(site.settings.data / "homes" / login)
    for process in psutil.process_iter(["cmdline"]):
        is_lab = "jupyterhub.singleuser" in (process.info["cmdline"] or [])
        if is_lab and process.environ().get("HOME") == home:
            return process
    raise AssertionError("no server process")
