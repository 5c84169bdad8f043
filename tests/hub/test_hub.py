"""Signing in and out at a real Hub behind the real proxy, with the real API."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from lawlab.services import people
from lawlab.services.signin import Try, admit
from lawlab.store.tables import ApiSession, Person, SigninFailure

OWN = "shanlu-3366"


def test_the_right_password_leads_through_the_hub_to_the_api(site: Any) -> None:
    login = site.add("a001")
    with site.browser() as browser:
        browser.sign_in(login, next="/services/api/enter?next=/services/api/me")
        assert browser.me == login


def test_a_name_typed_full_width_and_upper_case_is_the_same_name(site: Any) -> None:
    login = site.add("a002")
    with site.browser() as browser:
        browser.sign_in("Ａ００２ ", next="/services/api/enter?next=/services/api/me")
        assert browser.me == login


def test_a_wrong_password_says_how_many_tries_are_left(site: Any) -> None:
    login = site.add("b001")
    with site.browser() as browser:
        reply = browser.sign_in(login, "falsch-1234")
        assert reply.status_code == 403
        assert "登录名或密码不对。还可以试 4 次；忘了密码请找管理员重置。" in reply.text
        assert f'value="{login}"' in reply.text
        assert browser.me is None


def test_an_unknown_name_is_answered_like_a_wrong_password(site: Any) -> None:
    with site.browser() as browser:
        reply = browser.sign_in("nobody-here")
        assert reply.status_code == 403
        assert "登录名或密码不对。还可以试 4 次" in reply.text


def test_five_failures_make_one_device_wait_but_not_the_persons_own(site: Any) -> None:
    login = site.add("b002")
    with site.browser() as attacker, site.browser() as own:
        for _ in range(5):
            reply = attacker.sign_in(login, "falsch-1234")
        assert "请等 30 秒再试" in reply.text
        reply = attacker.sign_in(login)
        assert reply.status_code == 429
        assert "秒再试" in reply.text
        own.sign_in(login)
        assert own.me == login


def test_a_name_under_attack_lets_its_owner_in_from_a_fresh_device(site: Any) -> None:
    login = site.add("b003")
    now = dt.datetime.now(dt.UTC)
    with site.sessions() as session:
        for number in range(25):
            session.add(SigninFailure(login=login, device=f"d{number}", address="x", at=now))
        session.commit()
    with site.browser() as browser:
        begun = time.monotonic()
        browser.sign_in(login)
        assert browser.me == login
        assert time.monotonic() - begun < 15


def test_an_empty_form_is_not_a_failure(site: Any) -> None:
    login = site.add("b004")
    with site.browser() as browser:
        assert browser.sign_in(login, "").status_code == 422
    with site.sessions() as session:
        counted = select(func.count()).where(SigninFailure.login == login)
        assert session.scalar(counted) == 0


def test_the_first_sign_in_gives_no_session_before_an_own_password(site: Any) -> None:
    login = site.add("c001", must_change=True)
    target = "/services/api/enter?next=/services/api/me"
    with site.browser() as browser:
        page = browser.sign_in(login, next=target)
        assert page.url.path == "/hub/password"
        assert "隐私说明" in page.text
        assert browser.me is None
        for closed in ("/hub/home", "/services/api/enter", "/hub/spawn"):
            assert browser.get(closed).url.path == "/hub/login"
        page = browser.get("/hub/password", params={"next": target})
        for weak, sentence in [
            ("kurz", "至少要 8 位"),
            ("12345678", "太常见"),
            (site.password, "不能和原来的密码一样"),
        ]:
            refused = browser.post_form(page, new=weak, again=weak)
            assert refused.status_code == 400
            assert sentence in refused.text
        differing = browser.post_form(page, new=OWN, again=f"{OWN}!")
        assert "两次输入的新密码不一样" in differing.text
        assert browser.me is None
        browser.post_form(page, new=OWN, again=OWN)
        assert browser.me == login
    with site.sessions() as session:
        person = session.scalar(select(Person).where(Person.login == login))
        assert person is not None
        assert person.privacy_seen_at is not None
        assert not person.must_change_password
    with site.browser() as browser:
        assert browser.sign_in(login).status_code == 403
        browser.sign_in(login, OWN)
        assert browser.me == login


def test_the_ticket_of_a_first_sign_in_works_once(site: Any) -> None:
    login = site.add("c002", must_change=True)
    with site.browser() as browser:
        page = browser.sign_in(login)
        stolen = dict(browser.cookies)
        browser.post_form(page, new=OWN, again=OWN)
        assert browser.me == login
    with site.browser() as browser:
        for name, value in stolen.items():
            browser.cookies.set(name, value, path="/hub/")
        page = browser.get("/hub/password")
        reply = browser.post_form(page, new="andere-9988", again="andere-9988")
        assert reply.status_code == 409
        assert browser.me is None


def test_a_chosen_password_signs_out_the_other_devices(site: Any) -> None:
    login = site.add("c003")
    with site.browser() as phone, site.browser() as pc:
        phone.sign_in(login)
        pc.sign_in(login)
        assert phone.me == pc.me == login
        page = pc.get("/hub/password")
        assert pc.post_form(page, present="falsch-1", new=OWN, again=OWN).status_code == 403
        pc.post_form(page, present=site.password, new=OWN, again=OWN)
        pc.get("/services/api/enter")
        assert pc.me == login
        assert phone.me is None
        assert phone.get("/services/api/enter").url.path == "/hub/login"


def test_a_learner_gets_no_server_no_token_and_nobody_elses_data(site: Any) -> None:
    login, other = site.add("d001"), site.add("d002")
    with site.browser() as browser:
        browser.sign_in(login)
        page = browser.get("/hub/spawn")
        assert page.status_code == 403
        assert "这一页您不能打开" in page.text
        for address in ("/hub/token", "/hub/admin", "/hub/accept-share?code=x", f"/user/{other}/"):
            page = browser.get(address)
            assert page.status_code == 404, address
            assert "没有找到这一页" in page.text
        xsrf = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
        for path in (f"users/{login}/server", f"users/{login}/tokens"):
            assert browser.post(f"/hub/api/{path}", headers=xsrf).status_code in {403, 404}
        for path in (f"users/{other}", "users", "groups"):
            assert browser.get(f"/hub/api/{path}", headers=xsrf).status_code in {403, 404}


def test_the_hubs_api_takes_no_password_past_the_brakes(site: Any) -> None:
    login = site.add("d003", "trainer")
    with site.browser() as browser:
        browser.sign_in(login)
    with site.browser() as browser:
        body = {"auth": {"username": login, "password": site.password}}
        assert browser.post(f"/hub/api/users/{login}/tokens", json=body).status_code == 403


def test_a_disabled_person_is_out_within_five_seconds_and_stays_out(site: Any) -> None:
    login = site.add("e001")
    with site.browser() as browser:
        browser.sign_in(login)
        assert browser.me == login
        with site.sessions() as session:
            people.disable_person(session, login, now=dt.datetime.now(dt.UTC))
        assert browser.me is None
        eventually(lambda: browser.get("/hub/home").url.path == "/hub/login", 5.5)
        reply = browser.sign_in(login)
        assert reply.status_code == 403
        assert "这个账号已停用" in reply.text
        with site.sessions() as session:
            people.enable_person(session, login, now=dt.datetime.now(dt.UTC))
        assert browser.get("/hub/home").url.path == "/hub/login"
        browser.sign_in(login)
        assert browser.me == login


def test_a_reset_password_ends_the_session_that_was_open(site: Any) -> None:
    login = site.add("e002")
    with site.browser() as browser:
        browser.sign_in(login)
        with site.sessions() as session:
            first = people.reset_password(session, login, now=dt.datetime.now(dt.UTC))
        assert browser.me is None
        eventually(lambda: browser.get("/hub/home").url.path == "/hub/login", 5.5)
        assert browser.sign_in(login, first).url.path == "/hub/password"


def test_signing_out_ends_the_sessions_of_hub_and_api(site: Any) -> None:
    login = site.add("f001")
    with site.browser() as browser:
        browser.sign_in(login)
        assert browser.me == login
        kept = [(cookie.name, cookie.value, cookie.path) for cookie in browser.cookies.jar]
        page = browser.get("/hub/logout")
        assert page.url.path == "/hub/login"
        assert "已退出" in page.text
        assert browser.me is None
        for name, value, path in kept:
            browser.cookies.set(name, value or "", path=path)
        assert browser.me is None
    with site.sessions() as session:
        rows = session.scalars(select(ApiSession).join(Person).where(Person.login == login)).all()
        assert rows
        assert all(row.ended_at for row in rows)


def test_the_next_person_on_a_shared_phone_inherits_nothing(site: Any) -> None:
    first, second = site.add("f002"), site.add("f003")
    with site.browser() as phone:
        phone.sign_in(first)
        assert phone.me == first
        session_before = phone.cookies.get("jupyterhub-session-id")
        phone.get("/hub/logout")
        phone.sign_in(second)
        assert phone.me == second
        assert phone.cookies.get("jupyterhub-session-id") != session_before


def test_a_form_that_lay_open_too_long_asks_to_try_again(site: Any) -> None:
    login = site.add("g001")
    with site.browser() as browser:
        page = browser.get("/hub/login")
        browser.headers["User-Agent"] = "the form belongs to another browser"
        reply = browser.post_form(page, username=login, password=site.password)
        assert reply.status_code == 403
        assert "页面放得太久了，请再登录一次。" in reply.text
        browser.post_form(reply, username=login, password=site.password)
        assert browser.me == login


def test_next_never_leads_to_another_site(site: Any) -> None:
    login = site.add("g002")
    with site.browser() as browser:
        browser.follow_redirects = False
        for bad in ("https://example.org/", "//example.org/", "/\\example.org"):
            reply = browser.sign_in(login, next=bad)
            assert reply.status_code == 303
            assert not reply.headers["location"].startswith(("http", "//", "/\\")), bad
            browser.get("/hub/logout")


def test_pages_are_chinese_strict_and_without_inline_script(site: Any) -> None:
    login = site.add("h001")
    with site.browser() as browser:
        pages = [browser.get(path) for path in ("/hub/login", "/hub/privacy", "/hub/nowhere")]
        browser.sign_in(login)
        pages += [browser.get(path) for path in ("/hub/home", "/hub/password", "/hub/spawn")]
        for page in pages:
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert '<html lang="zh-CN">' in page.text
            assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
            assert "://" not in page.text
            assert page.headers["cache-control"] == "no-store"
        for address in set(re.findall(r'(?:href|src)="(/hub/(?:ui|pages)/[^"]+)"', pages[0].text)):
            assert browser.get(address).status_code == 200, address
        style = browser.get(re.findall(r'href="([^"]+lawlab.css)"', pages[0].text)[0])
        assert "immutable" in style.headers["cache-control"]
        assert browser.get("/hub/ui/abc/%2e%2e/assets.py").status_code in {403, 404}


def test_the_log_names_no_session(site: Any) -> None:
    login = site.add("h002")
    with site.browser() as browser:
        browser.sign_in(login)
        session_id = browser.cookies.get("jupyterhub-session-id")
    log = (site.settings.data / "logs" / "hub.log").read_text("utf-8")
    assert f"User logged in: {login}" in log
    assert session_id not in log


def test_a_burst_of_guesses_cannot_run_ahead_of_its_count(site: Any) -> None:
    login = site.add("i001")
    now = dt.datetime.now(dt.UTC)
    admitted = 0
    for _ in range(20):
        with site.sessions() as session:
            verdict = admit(session, Try(login, "one-device", "10.0.0.9"), now=now)
            admitted += not hasattr(verdict, "go")
    assert admitted == 5


def eventually(holds: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.2)
