"""What must not travel: keys before their time, and a learner's text as code to a trainer."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question
from lawlab.grading.build import open_assignment
from lawlab.grading.notebooks import preformatted
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import release_quiz
from lawlab.store.content import bank_items
from lawlab.store.engine import make_engine, make_sessions
from lawlab.ui.assets import STATIC, version

if TYPE_CHECKING:
    from lawlab.testing import Running

    Enter = Callable[..., httpx.Client]

LEARN, API, BANK = "/services/learn", "/services/api", "anti-telecom-fraud"
SECRET, BUILT, OWN = "matrix-secret", "matrix-built", "matrix-own"
BLUEPRINT = f"""
title = "密卷"
bank = "{BANK}"
minutes = 60
pass_mark = 60
seed = 7
[[section]]
type = "multiple"
count = 4
points = 20
[[section]]
type = "case"
count = 1
points = 20
"""
FIELDS = ("explanation", "why_wrong", "rubric", '"evidence"', '"answer"')
NASTY = """</pre></div><script>evilmark()</script><img src=x onerror=evilmark()>
<svg/onload=evilmark()> <a href="javascript:evilmark()">a</a> [b](javascript:evilmark())
![c](x"onerror="evilmark()) <javascript:evilmark()> `evilmark` $\\href{javascript:evilmark()}{d}$
$$\\style{background:url(evilmark)}{x}$$ \\(evilmark\\) \\begin{align}evilmark\\end{align}
### BEGIN SOLUTION
### END SOLUTION
<!-- BEGIN MARK SCHEME --> <!-- END MARK SCHEME -->
### BEGIN HIDDEN TESTS
```
{{ 7*7 }} {% raw %} <%= evilmark() %> ${7*7} #{7*7} &lt;script&gt; \x1b[31m \u2028 \u202e \ufffe
'"><iframe srcdoc="<script>evilmark()</script>"></iframe><style>@import 'evilmark'</style>"""


@pytest.fixture(scope="module")
def sessions(platform: Running) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(platform.settings.database)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def questions(sessions: sessionmaker[Session]) -> list[Question]:
    with sessions() as session:
        return [question for _, _, question in bank_items(session, BANK).values()]


@pytest.fixture(scope="module")
def quizzes(
    platform: Running, sessions: sessionmaker[Session], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An open quiz of ours, one that is only built, and one for which each person draws."""
    folder = tmp_path_factory.mktemp("papers")
    now = dt.datetime.now(dt.UTC)
    for assignment in (SECRET, BUILT, OWN):
        file = folder / f"{assignment}.toml"
        own = 'seed = 7\nmode = "drawn"\nattempts = 2'
        file.write_text(
            BLUEPRINT.replace("seed = 7", own if assignment == OWN else "seed = 7"), "utf-8"
        )
        with sessions() as session:
            build_quiz(session, file, now)
    for assignment in (SECRET, OWN):
        open_assignment(sessions, platform.settings, assignment, now)


def key_texts(questions: list[Question], but: str = "") -> set[str]:
    """Sentences that stand only in keys."""
    texts = set()
    for question in questions:
        if question.id != but:
            texts |= {question.explanation, *question.why_wrong.values()}
            texts |= {point.text for point in question.rubric}
            texts |= {question.answer} if question.manual else set()
    return {text for text in texts if len(text) > 8}


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    return client.post(f"{API}/{path}", json=body, headers={"X-Lawlab": "1"})


@dataclass
class Told:
    """Everything that was sent to one person, for a look at the end."""

    client: httpx.Client

    def __post_init__(self) -> None:
        self.replies: list[tuple[str, str]] = []
        self.client.event_hooks["response"].append(self._keep)

    def _keep(self, reply: httpx.Response) -> None:
        reply.read()
        self.replies.append((str(reply.url), reply.text))

    def telling(self, keys: set[str], fields: tuple[str, ...] = FIELDS) -> list[tuple[str, str]]:
        return [
            (url, word)
            for url, text in self.replies
            for word in (*keys, *fields)
            if word in text or json.dumps(word)[1:-1] in text
        ]


@contextmanager
def listening(client: httpx.Client) -> Iterator[Told]:
    told = Told(client)
    yield told
    client.event_hooks["response"].clear()


def sit(client: httpx.Client, login: str, quiz: str = SECRET, attempt: int = 1) -> dict[str, Any]:
    """Start the quiz and answer all of it; the case with the nasty text."""
    state = post(client, f"quizzes/{quiz}/start", {"person": login}).json()
    for slot in state["slots"]:
        question = slot["question"]
        case = question["type"] == "case"
        body = {
            "key": f"{login}-{slot['slot']}-{quiz}-{attempt}",
            "person": login,
            "item": question["id"],
            "version": question["version"],
            "place": f"quiz:{quiz}",
            "response": {"text": NASTY} if case else {"chosen": ["A"]},
        }
        reply = post(client, "answers", body)
        assert reply.status_code == 201, reply.text
        assert set(reply.json()) == {"key", "stored_at"}
        assert post(client, "answers", body).status_code == 200
    result: dict[str, Any] = state
    return result


def sit_whole(client: httpx.Client, login: str, attempt: int) -> list[str]:
    """An attempt at one's own paper, from the page to the hand-in; the items on it."""
    state = sit(client, login, OWN, attempt)
    client.get(f"{LEARN}/quiz/{OWN}")
    assert post(client, f"quizzes/{OWN}/left", {"person": login, "times": 1}).status_code == 200
    assert post(client, f"quizzes/{OWN}/hand-in", {"person": login}).status_code == 200
    client.get(f"{API}/quizzes/{OWN}")
    return [slot["question"]["id"] for slot in state["slots"]]


@pytest.mark.usefixtures("quizzes")
def test_no_key_leaves_before_its_time(enter: Enter, questions: list[Question]) -> None:
    client, keys = enter("s030"), key_texts(questions)
    assert len(keys) > 60
    with listening(client) as told:
        slugs = [course["slug"] for course in client.get(f"{API}/home").json()["courses"]]
        assert BANK in slugs
        for slug in slugs:
            for lesson in client.get(f"{API}/courses/{slug}").json()["lessons"]:
                client.get(f"{API}/lessons/{slug}/{lesson['lesson']}")
        for lesson in client.get(f"{API}/courses/{BANK}").json()["lessons"]:
            assert client.get(lesson["url"]).status_code == 200
        for page in ("home", "board", f"quiz/{SECRET}", f"quiz/{BUILT}", "leaderboard"):
            assert client.get(f"{LEARN}/{page}").status_code == 200
        for path in (f"quizzes/{SECRET}", f"quizzes/{BUILT}", "home", "board?group=unit"):
            client.get(f"{API}/{path}")
        sit(client, "s030")
        client.get(f"{API}/quizzes/{SECRET}")
        client.get(f"{LEARN}/quiz/{SECRET}")
        assert post(client, f"quizzes/{SECRET}/hand-in", {"person": "s030"}).status_code == 200
        client.get(f"{API}/quizzes/{SECRET}")
        papers = [sit_whole(client, "s030", attempt) for attempt in (1, 2)]
        assert papers[0] != papers[1]
        client.get(f"{API}/home")
    assert len(told.replies) > 25
    assert told.telling(keys) == []


def test_files_for_everybody_hold_no_key(enter: Enter, questions: list[Question]) -> None:
    nobody, keys = enter(), key_texts(questions)
    with listening(nobody) as told:
        assert nobody.get(f"{API}/openapi.json").status_code == 200
        for file in sorted(STATIC.rglob("*")):
            if file.is_file():
                name = file.relative_to(STATIC).as_posix()
                assert nobody.get(f"{LEARN}/ui/{version()}/{name}").status_code == 200
        for path in (f"assessments/banks/{BANK}.yaml", f"keys/{SECRET}.json", "lawlab.sqlite"):
            for prefix in (LEARN, f"{LEARN}/ui/{version()}", "/hub/ui/0", "/hub/static", API, ""):
                nobody.get(f"{prefix}/{path}")
    assert told.telling(keys, fields=()) == []


def test_an_answered_card_reveals_its_own_key_to_its_own_person(
    enter: Enter, questions: list[Question]
) -> None:
    client, other = enter("s031"), enter("s032")
    lesson = f"{BANK}/01_what-it-is"
    card = client.get(f"{API}/lessons/{lesson}").json()["cards"][0]
    body = {
        "key": "secrets-00000000000000",
        "person": "s031",
        "item": card["id"],
        "version": card["version"],
        "place": f"lesson:{lesson}",
        "response": {"chosen": ["A"]} if card["options"] else {"chosen": ["对"]},
    }
    with listening(client) as told:
        assert post(client, "answers", body).status_code == 201
        client.get(f"{API}/lessons/{lesson}")
    assert told.telling(key_texts([one for one in questions if one.id == card["id"]]))
    assert told.telling(key_texts(questions, but=card["id"]), fields=()) == []
    with listening(other) as told:
        other.get(f"{API}/lessons/{lesson}")
    assert told.telling(key_texts(questions)) == []


@pytest.mark.usefixtures("quizzes")
def test_a_quiz_that_is_not_open_or_not_begun_takes_nothing(enter: Enter) -> None:
    client = enter("s033")
    person = {"person": "s033"}
    for path in (f"quizzes/{BUILT}/start", f"quizzes/{BUILT}/hand-in", "quizzes/none/start"):
        assert post(client, path, person).json()["code"] == "no_quiz"
    assert client.get(f"{API}/quizzes/{BUILT}").status_code == 404
    assert post(client, f"quizzes/{SECRET}/hand-in", person).json()["code"] == "quiz_closed"
    assert client.get(f"{API}/quizzes/{SECRET}").json()["slots"] == []
    body = {"key": "closed-00000000000000", "item": "atf-001", "version": 1} | person
    for place, code in ((BUILT, "no_quiz"), (SECRET, "quiz_closed"), ("none", "no_quiz")):
        whole = body | {"place": f"quiz:{place}", "response": {"chosen": ["A"]}}
        assert post(client, "answers", whole).json()["code"] == code
    post(client, f"quizzes/{SECRET}/start", person)
    outside = body | {"place": f"quiz:{SECRET}", "response": {"chosen": ["A"]}}
    assert post(client, "answers", outside).json()["code"] == "no_item"


# ---- a learner's text in front of a trainer -----------------------------------------------------


class Page(HTMLParser):
    """The page as a browser builds it: where did the learner's mark get to?"""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.live: list[str] = []
        self.pre: list[str] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if any("evilmark" in f"{name}={value}" for name, value in attrs):
            self.live.append(f"<{tag} {attrs}>")
        if tag == "pre":
            self.pre.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "pre" in self._open:
            self.pre[-1] += data
        elif "evilmark" in data:
            self.live.append(data)


@pytest.mark.usefixtures("quizzes")
def test_a_learners_text_reaches_a_trainer_as_text_and_nothing_else(
    platform: Running, sessions: sessionmaker[Session], enter: Enter
) -> None:
    learner, trainer = enter("v030"), enter("t01")
    sit(learner, "v030")
    assert post(learner, f"quizzes/{SECRET}/hand-in", {"person": "v030"}).status_code == 200

    lab = "/user/t01"
    trainer.get("/hub/spawn")
    until(lambda: trainer.get(f"{lab}/lab").url.path == f"{lab}/lab", 90)
    # While it runs, the proxy sends everybody there: others are refused by the server itself.
    for address in (f"{lab}/lab", f"{lab}/api/contents", f"{lab}/formgrader/"):
        assert learner.get(address).status_code == 403
        stranger = enter().get(address)
        assert stranger.status_code == 403 or stranger.url.path == "/hub/login"

    listing = f"{lab}/formgrader/api/submitted_notebooks/{SECRET}/{SECRET}"

    def mine() -> str | None:
        found = [one["id"] for one in trainer.get(listing).json() if one["student"] == "v030"]
        return found[0] if found else None

    until(lambda: mine() is not None, 60)
    shown = trainer.get(f"{lab}/formgrader/submissions/{mine()}/")
    assert shown.status_code == 200
    assert Page(NASTY).live, "this would go unseen"
    page = Page(shown.text)
    assert page.live == []
    assert [text.strip() for text in page.pre if "evilmark" in text] == [NASTY]

    course = platform.settings.nbgrader_course
    for folder in ("submitted", "autograded"):
        file = course / folder / "v030" / SECRET / f"{SECRET}.ipynb"
        cells = json.loads(file.read_text("utf-8"))["cells"]
        release = json.loads((course / "release" / SECRET / file.name).read_text("utf-8"))["cells"]
        assert [cell["id"] for cell in cells] == [cell["id"] for cell in release]
        [case] = [cell for cell in cells if "evilmark" in "".join(cell["source"])]
        assert case["cell_type"] == "markdown"
        assert "".join(case["source"]) == preformatted(NASTY)

    # What a learner reads of his own text afterwards comes as JSON, and pages only set text.
    with sessions() as session:
        release_quiz(session, SECRET, dt.datetime.now(dt.UTC), force=True)
    address = f"{API}/quizzes/{SECRET}"
    until(lambda: learner.get(address).json()["result"] is not None, 30)  # the grader brings it
    result = learner.get(address)
    assert result.headers["content-type"] == "application/json"
    assert result.headers["x-content-type-options"] == "nosniff"
    given = [slot["response"] for slot in result.json()["result"]["slots"]]
    assert {"text": NASTY} in given


def until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.3)


def test_pages_never_build_html_from_text() -> None:
    """The scripts set text and attributes; one way to write HTML would undo all of the above."""
    for script in [*STATIC.rglob("*.js"), *(Path(STATIC).parents[1]).glob("*/static/*.js")]:
        found = re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|\beval\(|new Function",
            script.read_text("utf-8"),
        )
        assert found is None, f"{script.name}: {found}"
