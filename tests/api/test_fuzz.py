"""What nobody would ask: every route of the OpenAPI description, with values that its description
allows and with values that it does not. No reply is a crash, and each is as declared.

For a deeper run raise EXAMPLES; a thousand take an hour.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from contesting import add_contest, one_round
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from meetings import meet
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance
from tests.api.conftest import CONTENT_DAY, QUIZ, Clock, Office, make_person

from lawlab.api.app import make_app
from lawlab.api.pace import Pace
from lawlab.config import Settings
from lawlab.domain.contest_events import Did, Event
from lawlab.services.content import seed
from lawlab.services.contest import store_event
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import open_quiz
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.tables import Role, Unit

EXAMPLES = 4
"""For each of some 180 operations, both kinds of values."""
PEOPLE = {"s001": "learner", "t01": "trainer", "host": "host", "admin": "admin"}
CHECKS = [not_a_server_error, response_schema_conformance]
REAL: dict[str, Any] = {
    "activity": 1,
    "assignment": QUIZ,
    "bank": "anti-telecom-fraud",
    "contest": 1,
    "course": "anti-telecom-fraud",
    "item": "atf-001",
    "law": "反电信网络诈骗法",
    "lesson": "01_what-it-is",
    "login": "s001",
    "name": "甲村",
    "number": 1,
    "place": "lesson:anti-telecom-fraud/01_what-it-is",
    "seq": 1,
    "slug": "anti-telecom-fraud",
    "stem": "01_what-it-is",
    "turn": 1,
    "version": 1,
    "year": 2022,
}
"""Names that mean something: without them a request would seldom come past the first look."""
CALM = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def town(
    migrated_sqlite: Path, small_repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """A small town with a meeting and two contests, of which one is open."""
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copy(migrated_sqlite, folder / "lawlab.sqlite")
    own = Settings(data=folder, demo=True)
    engine = make_engine(own.database)
    sessions, now = make_sessions(engine), CONTENT_DAY
    with sessions() as session:
        seed(session, small_repository, own, now)
        unit = Unit(name=REAL["name"], kind="village")
        for login, role in PEOPLE.items():
            person = make_person(login, f"干部{login}", unit, now)
            person.roles = [Role(role=one) for one in sorted({"learner", role})]
            session.add(person)
        session.commit()
        build_quiz(session, small_repository / "assessments" / "papers" / f"{QUIZ}.toml", now)
        open_quiz(session, QUIZ, now)
        meet(session, now, units=(unit.name,), online=True, place="线上")
        for _ in range(2):
            contest = add_contest(writing(session), now, [one_round(session, skip=15)])
        store_event(session, contest, Event(1, Did.OPEN, now), now)
    clock = Clock(now)
    with TestClient(make_app(own, clock), raise_server_exceptions=False) as app:
        # Nobody is told to wait: each question comes a minute after the one before.
        app.app.state.pace = Pace(itertools.count(step=60.0).__next__)  # type: ignore[attr-defined]
        yield Office(app, sessions, own, clock)
    engine.dispose()


def real(value: Any, login: str) -> Any:
    """The same with names that mean something, and of the person who asks."""
    if isinstance(value, list):
        return [real(one, login) for one in value]
    if not isinstance(value, dict):
        return value
    known = REAL | {"person": login, "key": "fuzz-000000000000"}
    return {name: known[name] if name in known else real(one, login) for name, one in value.items()}


FRAMES = st.text(st.characters(exclude_categories=()), max_size=200) | st.binary(max_size=200)
TOPICS = (
    st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
    | st.integers().map(lambda number: f"activity:{number}")
    | st.sampled_from(["board", "activity:1", "activity:²", "activity:" + "9" * 400, "board\0"])
)


def test_no_word_and_no_topic_on_a_socket_disturbs_another(town: Office) -> None:
    def line(login: str, topic: str) -> Any:
        cookies = "; ".join(f"{name}={text}" for name, text in town.browser(login).cookies.items())
        address = f"/services/api/live?topic={quote(topic)}"
        return town.app.websocket_connect(address, headers={"Cookie": cookies})

    @settings(CALM, max_examples=40)
    @given(st.sampled_from(sorted(PEOPLE)), TOPICS, st.lists(FRAMES, max_size=4))
    def each(login: str, topic: str, frames: list[str | bytes]) -> None:
        with line(login, topic) as socket:
            for frame in frames:
                kind = "bytes" if isinstance(frame, bytes) else "text"
                socket.send({"type": "websocket.receive", kind: frame})
            word = socket.receive()
            assert word.get("code", 4404) == 4404, word

    with line("s001", "board") as other:
        assert other.receive_json()["type"] == "board"
        each()
        asked = town.browser("s001").answer("atf-003", "A")
        assert asked.status_code == 201, asked.text
        assert other.receive_json()["type"] == "board"


def test_no_route_crashes_whatever_it_is_asked(town: Office) -> None:
    described = schemathesis.openapi.from_dict(town.app.app.openapi())  # type: ignore[attr-defined]
    browsers = [town.browser(login) for login in PEOPLE]
    asked = set()

    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:

            @CALM
            @given(
                operation.as_strategy(generation_mode=mode), st.sampled_from(browsers), st.data()
            )
            def ask(case: Case, browser: Any, data: st.DataObject) -> None:
                if data.draw(st.booleans()):
                    case.path_parameters = real(case.path_parameters or {}, browser.login)
                if data.draw(st.booleans()):
                    case.body = real(case.body, browser.login)
                reply = send(town, browser, case)
                asked.add((case.method, case.path, browser.login))
                is_json = reply.headers.get("content-type") == "application/json"
                case.validate_response(reply, checks=CHECKS if is_json else CHECKS[:1])

            with suppress(Unsatisfiable):  # it takes nothing: there is nothing to get wrong
                ask()
    assert len(asked) > 500


HUGE = ("-1", "0", str(2**31), str(2**63), str(-(2**70)), "9" * 400)


def test_a_number_that_no_database_holds_is_refused(town: Office) -> None:
    """In every address that takes a number."""
    browser, asked = town.browser("admin"), 0
    for path, methods in town.app.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        for method, described in methods.items():
            numbers = [
                one["name"]
                for one in described.get("parameters", [])
                if one["in"] == "path" and one["schema"].get("type") == "integer"
            ]
            for name, number in itertools.product(numbers, HUGE):
                names = {one: REAL.get(one, 1) for one in numbers} | {name: number}
                known = dict.fromkeys(re.findall(r"\{(\w+)", path), "x") | REAL
                at = path.removeprefix("/services/api").format(**known | names)
                body = {"person": "admin"} if method == "post" else None
                reply = browser._ask(method.upper(), at, body, {"X-Lawlab": "1"})
                assert reply.status_code < 500, f"{method} {at}"
                asked += 1
    assert asked > 300


def send(town: Office, browser: Any, case: Case) -> Any:
    """As a page of this site would send it."""
    sent = case.as_transport_kwargs(base_url=str(town.app.base_url))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {name: text for name, text in sent["headers"].items() if name == "Content-Type"}
    return town.app.request(
        sent["method"],
        sent["url"],
        params=sent["params"],
        headers=headers | {"X-Lawlab": "1", "Cookie": cookies},
        content=content_of(sent),
        follow_redirects=False,
    )


def content_of(sent: dict[str, Any]) -> bytes:
    """The body as bytes, a lone surrogate as a hostile client would send it."""
    if "json" in sent:
        return json.dumps(sent["json"]).encode()
    said = sent.get("data", b"")
    return said if isinstance(said, bytes) else str(said).encode(errors="surrogatepass")
