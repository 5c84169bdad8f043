"""A trainer's JupyterLab: Chinese, without our secrets, ended together with its person."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx
import psutil
from sqlalchemy import delete, select

from lawlab.services import people
from lawlab.store.tables import Person, Role


def test_a_trainer_gets_a_chinese_lab_that_knows_no_secret_and_ends_with_him(site: Any) -> None:
    login = site.add("t001", "learner", "trainer")
    with site.browser() as browser:
        browser.sign_in(login)
        assert "启动 JupyterLab" in browser.get("/hub/home").text
        pending = browser.get("/hub/spawn")
        assert "JupyterLab 正在启动" in pending.text
        page = browser.open_lab(login)
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        plugin = "@jupyterlab/translation-extension:plugin"
        settings = browser.get(f"/user/{login}/lab/api/settings/{plugin}").json()
        assert settings["schema"]["properties"]["locale"]["default"] == "zh_CN"

        server = site.lab_of(login)
        environment = "\n".join(server.environ().values())
        for name, secret in site.settings.secrets.items():
            assert secret not in environment, name
        assert "LAWLAB_DATABASE_URL" not in server.environ()

        browser.new_kernel(login)
        (parent,) = (one for one in server.children() if "lawlab.kernels.parent" in one.cmdline())
        assert "pandas" in parent.cmdline()
        assert [one.name() for one in parent.children()] == ["ipykernel"]

        with site.sessions() as session:
            people.disable_person(session, login, now=dt.datetime.now(dt.UTC))
        _, alive = psutil.wait_procs([server, parent], timeout=20)
        assert not alive


def test_a_lab_ends_with_the_role_of_its_person(site: Any) -> None:
    login = site.add("t002", "learner", "trainer")
    with site.browser() as browser:
        server = _started(site, browser, login)
        kept = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
        minted = browser.post(f"/hub/api/users/{login}/tokens", headers=kept, json={})
        assert minted.status_code == 403, "a token would outlive role and password"
        with site.sessions() as session:
            session.execute(
                delete(Role).where(Role.role == "trainer", Role.person_id == _id(login))
            )
            session.commit()
        _, alive = psutil.wait_procs([server], timeout=15)
        assert not alive
        assert browser.me == login  # he goes on learning
        assert browser.get("/hub/spawn").status_code == 403
        assert browser.get(f"/user/{login}/lab").status_code == 404


def test_a_reset_password_ends_the_lab_that_was_open(site: Any) -> None:
    login = site.add("t003", "learner", "trainer")
    with site.browser() as browser:
        server = _started(site, browser, login)
        held = {"Authorization": f"token {server.environ()['JUPYTERHUB_API_TOKEN']}"}
        me = f"{site.url}/services/api/me"
        assert httpx.get(me, headers=held).json()["login"] == login
        with site.sessions() as session:
            people.reset_password(session, login, now=dt.datetime.now(dt.UTC))
        _, alive = psutil.wait_procs([server], timeout=15)
        assert not alive
        until = time.monotonic() + 7  # the Hub puts away what the server had, a moment later
        while httpx.get(me, headers=held).status_code != 401:
            assert time.monotonic() < until, "its token is still good"
            time.sleep(0.3)


def _id(login: str) -> Any:
    return select(Person.id).where(Person.login == login).scalar_subquery()


def _started(site: Any, browser: Any, login: str) -> psutil.Process:
    browser.sign_in(login)
    browser.get("/hub/spawn")
    browser.open_lab(login)
    return site.lab_of(login)
