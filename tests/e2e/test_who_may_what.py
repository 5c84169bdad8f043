"""Every route of Hub, learn and API, knocked at by everybody, against one table of who may what:
docs/who-may-what.md."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import websockets
from belongings import API, LEARN, PHONE, Belongings, make_belongings
from every_route import found
from knocks import KNOCKS, Knock, address, body, names_somebody
from websockets import InvalidStatus, Origin
from websockets.exceptions import ConnectionClosed

from lawlab.config import REPOSITORY
from lawlab.store.engine import make_engine, make_sessions
from lawlab.testing import Running, running

if TYPE_CHECKING:
    Enter = Callable[..., httpx.Client]
    Table = Mapping[str, tuple[str, ...]]

TABLE = REPOSITORY / "docs" / "who-may-what.md"
WHO = ("nobody", "learner", "another", "trainer", "host", "admin")
LOGINS = {"learner": "v020", "another": "v021", "trainer": "t03", "host": "host", "admin": "admin"}
YES, OWN, NO, GONE = WORDS = ("yes", "own", "no", "404")
ABOUT_THE_MATTER = {"bad_token", "bad_code", "no_draft"}
"""Codes of refusals that whoever is let in gets for what he sent."""
LAST = (
    f"POST {API}/contests/{{contest}}/certificates",
    f"POST {API}/activities/{{activity}}/leave/withdraw",
    f"DELETE {LEARN}/api/kernels/{{kernel_id}}",
    f"POST {LEARN}/voila/api/shutdown/{{kernel_id}}",
    "DELETE /hub/api/users/{}/server",
    "GET /hub/logout",
)
"""What takes away something that others knock at."""
ORDER = ("nobody", "another", "host", "trainer", "admin", "learner")
"""Whoever it belongs to comes last: what is his may be gone then."""
ROW = re.compile(r"\| `([A-Z]+ \S+)` \| (.+) \|")


def read_table(text: str) -> dict[str, tuple[str, ...]]:
    """Route → a word for each of WHO."""
    rows = {}
    for line in text.splitlines():
        if row := ROW.fullmatch(line):
            assert row[1] not in rows, f"twice: {row[1]}"
            rows[row[1]] = tuple(word.strip() for word in row[2].split("|"))
    return rows


@pytest.fixture(scope="module")
def platform(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One of its own: the quiz must still be open, and much is broken here."""
    data = tmp_path_factory.mktemp("knocked-at")
    shutil.copytree(demo_data, data, dirs_exist_ok=True)
    with running(data) as platform:
        yield platform


@pytest.fixture(scope="module")
def table() -> Table:
    return read_table(TABLE.read_text("utf-8"))


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return found(tmp_path_factory.mktemp("routes"))


@pytest.fixture(scope="module")
def people(enter: Enter) -> dict[str, httpx.Client]:
    """One browser each; none of them follows where it is sent."""
    clients = {who: enter(LOGINS.get(who, "")) for who in WHO}
    for who, client in clients.items():
        if who != "nobody":  # a session of each service, as a browser that has been everywhere
            client.get(f"{API}/enter")
        client.get("/hub/login")
        client.follow_redirects = False
    return clients


@pytest.fixture(scope="module")
def things(platform: Running, people: dict[str, httpx.Client]) -> Belongings:
    engine = make_engine(platform.settings.database)
    with make_sessions(engine)() as session:
        made = make_belongings(
            session, platform.settings, people["learner"], people["trainer"], LOGINS["trainer"]
        )
    engine.dispose()
    for client in people.values():  # everybody has scanned
        client.cookies.set("lawlab-phone", PHONE, path=f"{API}/")
        client.cookies.set("lawlab-scan", made.names["receipt"], path="/")
    return made


def xsrf(client: httpx.Client, address: str) -> dict[str, str]:
    """The token that a page below this address would send along."""
    own = [
        one for one in client.cookies.jar if one.name == "_xsrf" and address.startswith(one.path)
    ]
    return {"X-XSRFToken": own[0].value or ""} if own else {}


def knock(client: httpx.Client, route: str, names: Mapping[str, str], me: str) -> httpx.Response:
    """Ask as a page of this site would."""
    method, to, sent = route.partition(" ")[0], address(route, names, me), body(route, names, me)
    here = str(client.base_url).rstrip("/")
    headers = {"Origin": here, "Referer": f"{here}/hub/home", "Accept": "application/json"}
    headers |= {"X-Lawlab": "1", "Sec-Fetch-Site": "same-origin"} | xsrf(client, to)
    if KNOCKS.get(route, Knock()).form:
        proof = {"_xsrf": headers.get("X-XSRFToken", "")}
        return client.request(method, to, data=sent | proof, headers=headers)
    headers["Content-Type"] = "application/json"
    content = None if sent is None else json.dumps(sent)
    return client.request(method, to, content=content, headers=headers)


def verdict(reply: httpx.Response) -> str:
    """YES, NO or GONE; what broke is named by its number."""
    away = reply.headers.get("location", "")
    is_json = "application/json" in reply.headers.get("content-type", "")
    code = reply.json().get("code") if is_json and reply.is_error else None
    if code in ABOUT_THE_MATTER or away.endswith("?left=1"):
        return YES
    if reply.status_code in {401, 403} or code == "other_person":
        return NO
    if reply.is_redirect and ("/hub/login" in away or "oauth2/authorize" in away):
        return NO
    if reply.status_code in {404, 405, 424}:  # 424: the Hub's "there is no such server"
        return GONE
    return YES if reply.status_code < 500 else str(reply.status_code)


def socket_verdict(client: httpx.Client, to: str) -> str:
    """The same for a WebSocket: closed with a reason of ours is a refusal."""
    here = str(client.base_url).rstrip("/")
    cookies = client.build_request("GET", to).headers.get("cookie", "")

    async def knock() -> str:
        url, headers = here.replace("http", "ws") + to, {"Cookie": cookies}
        try:
            async with websockets.connect(
                url, additional_headers=headers, origin=Origin(here)
            ) as line:
                await asyncio.wait_for(line.recv(), 0.3)
        except InvalidStatus as error:
            return NO if error.response.status_code in {401, 403} else GONE
        except ConnectionClosed as closed:
            return NO if closed.rcvd and closed.rcvd.code in {4401, 4403, 4404} else "closed"
        except TimeoutError:
            pass  # it stays open and has nothing to say
        return YES

    return asyncio.run(knock())


def test_every_route_has_a_row_and_every_row_a_route(routes: list[str], table: Table) -> None:
    assert [route for route in routes if route not in table] == []
    assert [row for row in table if row not in routes] == []
    assert {word for words in table.values() for word in words} == set(WORDS)
    assert {len(words) for words in table.values()} == {len(WHO)}
    assert [knock for knock in KNOCKS if knock not in table] == []


def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(
    platform: Running, people: dict[str, httpx.Client], things: Belongings, table: Table
) -> None:
    before, login = platform.log().count("Traceback"), things.first
    wrong, told, seen, named = [], [], set[str](), 0
    for route in sorted(table, key=lambda one: LAST.index(one) if one in LAST else -1):
        said = dict(zip(WHO, table[route], strict=True))
        for who in ORDER:
            me = LOGINS.get(who, login)
            if route.startswith("SOCKET"):
                found, text = socket_verdict(people[who], address(route, things.names, me)), ""
            else:
                reply = knock(people[who], route, things.names, me)
                found, text = verdict(reply), reply.text
            if found != said[who].replace(OWN, YES):
                wrong.append(f"{route}: {who} {found}, not {said[who]}: {text[:200]}")
            heard = {secret for secret in things.secrets if secret in text}
            if who in ("learner", "trainer", "admin"):
                seen |= heard
            if who not in ("learner", "trainer", "admin") and heard:
                told.append(f"{route}: {who} reads {heard}")
            if said[who] == OWN and login in text:
                if who != "learner":
                    told.append(f"{route}: {who} reads of {login}")
                named += who == "learner"
    assert not wrong, "\n".join(wrong)
    assert not told, "\n".join(told)
    # A text that nobody finds keeps no secret.
    assert seen == set(things.secrets)
    assert named > 3
    assert platform.log().count("Traceback") == before


def test_nobody_speaks_or_asks_in_the_name_of_another(
    people: dict[str, httpx.Client], things: Belongings, table: Table
) -> None:
    """Where a body or an address of the Hub names a person, it has to be the one who asks."""
    by_name = [route for route in table if names_somebody(route)]
    by_name += [route for route in table if "/hub/api/users/{}" in route]
    assert len(by_name) > 45
    for route in by_name:
        for who in ("another", "host", "trainer", "admin"):
            reply = knock(people[who], route, things.names, things.first)
            assert verdict(reply) in (NO, GONE), f"{route} as {who}: {reply.text[:200]}"
