"""Who may ask the API what, and where addresses, bodies, headers and cookies might let something
out: all of it at the running platform."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest

from lawlab.demo import DEMO_PASSWORD

if TYPE_CHECKING:
    from lawlab.testing import Running

    Enter = Callable[..., httpx.Client]

LEARN, API = "/services/learn", "/services/api"
LESSON = "anti-telecom-fraud/03_first-ten-minutes"
EVIL = "http://evil.example"


@pytest.fixture(scope="module")
def first(enter: Enter) -> httpx.Client:
    return enter("s020")


@pytest.fixture(scope="module")
def nobody(enter: Enter) -> httpx.Client:
    client = enter()
    client.follow_redirects = False
    return client


def test_the_api_knows_nobody_without_a_session(nobody: httpx.Client) -> None:
    for path in (
        "me",
        "home",
        f"lessons/{LESSON}",
        "quizzes/x",
        "board",
        "courses/x",
        "statutes/x",
    ):
        reply = nobody.get(f"{API}/{path}")
        assert reply.status_code == 401, path
        assert reply.json() == {"code": "signed_out", "message": "请重新登录。"}
    own = {"X-Lawlab": "1"}
    for path in ("quizzes/x/start", "quizzes/x/hand-in"):
        assert nobody.post(f"{API}/{path}", json={"person": "s020"}, headers=own).status_code == 401
    assert nobody.post(f"{API}/answers", json=answer(), headers=own).status_code == 401


def test_the_services_door_opens_for_their_token_only(
    platform: Running, first: httpx.Client, nobody: httpx.Client
) -> None:
    address, body = f"{API}/internal/standing", {"logins": ["s020"]}
    others = ("service-api", "service-grader", "kernel", "proxy", "cookie")
    for given in ("x", "é", *(platform.settings.secrets[name] for name in others)):
        headers = {b"X-Lawlab": b"1", b"Authorization": f"Bearer {given}".encode()}
        for client in (first, nobody):
            assert client.post(address, json=body, headers=headers).status_code == 401
    assert first.post(address, json=body, headers={"X-Lawlab": "1"}).status_code == 401
    key = platform.settings.secrets["service-learn"]
    reply = nobody.post(address, json=body, headers={"Authorization": f"Bearer {key}"})
    assert reply.json() == {"ended": []}


def answer(**changes: Any) -> dict[str, Any]:
    whole = {
        "key": "matrix-0000000000000000",
        "person": "s020",
        "item": "atf-016",
        "version": 1,
        "place": f"lesson:{LESSON}",
        "response": {"chosen": ["A"]},
    }
    return whole | changes


def test_one_person_cannot_answer_start_or_hand_in_for_another(first: httpx.Client) -> None:
    own = {"X-Lawlab": "1"}
    for path, body in (
        ("answers", answer(person="s021")),
        ("quizzes/atf-quiz-1/start", {"person": "s021"}),
        ("quizzes/atf-quiz-1/hand-in", {"person": "s021"}),
    ):
        reply = first.post(f"{API}/{path}", json=body, headers=own)
        assert reply.status_code == 409, path
        assert reply.json()["code"] == "other_person"


def test_a_foreign_page_cannot_write(first: httpx.Client) -> None:
    here = str(first.base_url).rstrip("/")
    for headers in (
        {"X-Lawlab": "1", "Origin": EVIL},
        {"X-Lawlab": "1", "Origin": "null"},
        {"X-Lawlab": "1", "Origin": f"{here}.evil.example"},
        {"Origin": here},
        {"Origin": EVIL, "Authorization": "Basic eDp5"},
        {},
    ):
        for path in ("answers", "quizzes/atf-quiz-1/start", "quizzes/atf-quiz-1/hand-in"):
            reply = first.post(f"{API}/{path}", json=answer(), headers=headers)
            assert reply.status_code == 403, headers
            assert reply.json()["code"] == "bad_origin"
    form = first.post(f"{API}/answers", data=answer(response="A"), headers={"Origin": EVIL})
    assert form.status_code == 403
    assert first.get(f"{API}/lessons/{LESSON}").json()["answered"] == 0


def test_a_body_of_megabytes_is_refused_in_a_sentence(first: httpx.Client) -> None:
    for size in (2_000_000, 20_000_000):
        reply = first.post(f"{API}/answers", content=b"x" * size, headers={"X-Lawlab": "1"})
        assert reply.status_code == 413
        assert "内容太长" in reply.json()["message"]
    assert first.post(f"{LEARN}/voila/api/shutdown/0-0-0-0-0", content=b"x" * 2_000_000).is_error
    assert first.get(f"{API}/me").json()["login"] == "s020"


@pytest.mark.parametrize("odd", ["%00", "a%00b", "%ff", "%ed%a0%80", "x" * 200_000, "%0d%0a", "{}"])
def test_odd_names_and_passwords_are_refused_in_a_sentence(enter: Enter, odd: str) -> None:
    stranger = enter()
    form = stranger.get("/hub/login")
    field = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
    assert field
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (f"username={odd}&password=x", f"username=s020&password={odd}", f"{odd}={odd}"):
        body += f"&_xsrf={quote(field[1])}"
        reply = stranger.post("/hub/login", content=body, headers=kind)
        assert 400 <= reply.status_code < 500, f"{body[:60]}: {reply.status_code}"
        assert "Traceback" not in reply.text
        # Broken UTF-8 comes from no browser; the Hub answers it without a page.
        assert "<main" in reply.text or reply.status_code == 400


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\r\nLocation: //evil.example",
    "/\x00/evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/%2fevil.example",
    "/%0d%0aLocation:%20//evil.example",
    "/..//evil.example",
    "/services/api/../..//evil.example",
    "/services/api/enter?next=//evil.example",
    "@evil.example",
    ".evil.example",
    " //evil.example",
    "/ /evil.example",
    "http://127.0.0.1@evil.example",
]


def test_no_next_address_leads_off_the_site(first: httpx.Client, nobody: httpx.Client) -> None:
    here = urlsplit(str(first.base_url)).netloc
    for wanted in ELSEWHERE:
        for coded in (quote(wanted, safe=""), quote(quote(wanted, safe=""), safe="")):
            for door in (f"{API}/enter", "/hub/login"):
                url = str(first.base_url.join(f"{door}?next={coded}"))
                for _ in range(8):  # as a browser follows it
                    reply = first.get(url, follow_redirects=False)
                    assert reply.status_code < 500, url
                    if not reply.is_redirect:
                        break
                    url = urljoin(url, reply.headers["location"].replace("\\", "/"))
                    assert urlsplit(url).netloc == here, f"{door} {wanted!r} leads to {url}"
            form = nobody.get(f"/hub/login?next={coded}")
            assert form.status_code == 200
            assert 'href="//evil' not in form.text


def test_a_path_cannot_climb_out(first: httpx.Client, platform: Running) -> None:
    secret = platform.settings.secrets["kernel"]
    version = re.search(rf"{LEARN}/ui/([0-9a-f]+)/", first.get(f"{LEARN}/home").text)
    assert version
    for base in (
        f"{LEARN}/",
        f"{LEARN}/lesson/",
        f"{LEARN}/lesson/anti-telecom-fraud/",
        f"{LEARN}/lesson/anti-telecom-fraud/media/",
        f"{LEARN}/law/",
        f"{LEARN}/ui/{version[1]}/",
        f"{LEARN}/voila/0123456789ab/static/",
        f"/hub/ui/{version[1]}/",
        "/hub/pages/",
        "/hub/static/",
        f"{API}/statutes/",
    ):
        for climb in ("%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "%252e%252e%252f"):
            for target in ("etc/passwd", "tokens.py", "secrets/kernel", "lawlab.toml"):
                reply = first.get(base + climb * 3 + target)
                assert reply.status_code < 500, base
                assert not any(word in reply.text for word in ("root:x:", "MAX_AGE", secret))


def directives(policy: str) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in parts}


def test_every_page_carries_the_headers_that_protect_it(
    first: httpx.Client, nobody: httpx.Client
) -> None:
    pages = {
        "/hub/login": nobody,
        "/hub/privacy": nobody,
        "/hub/home": first,
        "/hub/password": first,
        "/hub/nowhere": first,
        "/hub/spawn": first,
        f"{LEARN}/home": first,
        f"{LEARN}/board": first,
        f"{LEARN}/course/anti-telecom-fraud": first,
        f"{LEARN}/law/民法典": first,
        f"{LEARN}/quiz/atf-quiz-1": first,
        f"{LEARN}/lesson/{LESSON}": first,
        f"{LEARN}/leaderboard": first,
        f"{LEARN}/nowhere": first,
        f"{API}/me": first,
        f"{API}/nowhere": nobody,
        f"{API}/home": nobody,
    }
    for address, client in pages.items():
        headers = client.get(address).headers
        rules = directives(headers["content-security-policy"])
        assert "unsafe" not in rules.get("script-src", rules["default-src"]), address
        assert rules["frame-ancestors"] in {"'self'", "'none'"}, address
        assert headers["x-content-type-options"] == "nosniff", address
        assert re.search("no-store|no-cache", headers["cache-control"]), address


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(platform: Running) -> None:
    set_cookies: list[str] = []
    with httpx.Client(base_url=platform.url, follow_redirects=True, timeout=60) as client:
        client.event_hooks["response"].append(
            lambda reply: set_cookies.extend(reply.headers.get_list("set-cookie"))
        )
        form = client.get("/")
        field = re.search(r'name="_xsrf"[^>]*value="([^"]+)"', form.text)
        assert field
        data = {"username": "s023", "password": DEMO_PASSWORD, "_xsrf": field[1]}
        client.post(form.url, data=data)
        client.get(f"{LEARN}/leaderboard")
        client.get(f"{API}/me")
    kept = [line.lower() for line in set_cookies if "=;" not in line and '=""' not in line]
    given = {line.partition("=")[0]: line for line in kept}
    assert {"lawlab-session", "jupyterhub-hub-login", "service-learn", "_xsrf"} <= set(given)
    for name, line in given.items():
        assert "samesite=lax" in line or "samesite=strict" in line, line
        # The double-submit token is for our own script to read; it proves nothing alone.
        assert "httponly" in line or name == "_xsrf", line
