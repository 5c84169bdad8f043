"""A realistic request for every route of Hub, learn and API, with real names in it.

Where a route takes a body, the usual one is a list, which no route takes: whoever is let in is told
so, after he was asked who he is. A body that is written out here is whole: its route decides by it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from belongings import API, COURSE, DRAFT, DRAFTED, ITEM, LAW, LEARN, LESSON, QUIZ

ME = "{me}"
"""In a body or an address: the sign-in name of whoever knocks, or of whom he names instead."""
PERSON = {"person": ME}
KEYS = (f"knock-{number:012}" for number in itertools.count())
PLACE = {"item": ITEM, "version": 1, "place": f"lesson:{COURSE}/{LESSON}"}


@dataclass(frozen=True)
class Knock:
    """`names` fill the pattern, by name or in their order; `body` None sends none; a `form` posts
    as a plain form."""

    names: Mapping[str, str] | tuple[str, ...] = ()
    body: Any = field(default_factory=list)
    query: str = ""
    form: bool = False


def keyed(**facts: Any) -> dict[str, Any]:
    return PERSON | {"key": "{key}"} | facts


NAMES = {
    "activity": "{hall}",
    "assignment": QUIZ,
    "attachment": "{attachment}",
    "contest": "{live}",
    "course": COURSE,
    "duel": "{duel}",
    "item": ITEM,
    "kernel_id": "{kernel}",
    "law": LAW,
    "lesson": LESSON,
    "login": ME,
    "name": "甲村",
    "note": "{note}",
    "number": "1",
    "report": "{report}",
    "request_id": "{leave}",
    "slug": COURSE,
    "stem": LESSON,
    "token": "{qr}",
    "turn": "1",
    "user_name": ME,
    "user_path": "/lab",
    "version": "1",
    "year": "2022",
}
"""What stands for a name in a pattern, where KNOCKS has nothing else."""

ROOM, DONE, WINDOW = ({"activity": "{activity}"}, {"contest": "{done}"}, {"contest": "{window}"})
OURS = {"slug": DRAFT, "stem": DRAFTED}
PAPER = DONE | {"number": "{certificate}"}
WRITTEN = {"item": "{written}", "code": "0123456789ab"}
ASK = {"client_id": "service-learn", "response_type": "code", "state": "x"}
AUTHORIZE = "&".join(
    f"{name}={quote(text, safe='')}"
    for name, text in (ASK | {"redirect_uri": f"{LEARN}/oauth_callback"}).items()
)

KNOCKS = {
    f"{method} {API}{path}": knock
    for (method, path), knock in {
        # Whose request it is stands in the body, or the key of a repeat.
        ("POST", "/check-in"): Knock(body=PERSON | {"receipt": "{receipt}"}),
        ("POST", "/check-in/code"): Knock(body=PERSON | {"code": "000000"}),
        ("POST", "/contests/{contest}/answers"): Knock(
            body=PERSON | {"turn": 1, "response": {"chosen": ["A"]}}
        ),
        ("POST", "/contests/{contest}/buzz"): Knock(body=PERSON | {"turn": 1}),
        ("POST", "/contests/{contest}/commands"): Knock(body=keyed(seq=0, command="close")),
        ("POST", "/activities/{activity}/leave"): Knock(body=keyed(reason="")),
        ("POST", "/activities/{activity}/leave/proof"): Knock(body=keyed(proof="x")),
        ("POST", "/activities/{activity}/leave/withdraw"): Knock(body=PERSON),
        ("GET", "/activities/{activity}/room"): Knock(ROOM),
        ("POST", "/activities/{activity}/room/enter"): Knock(ROOM, PERSON),
        ("POST", "/activities/{activity}/room/answer"): Knock(
            ROOM, PERSON | {"card": "{card}", "response": {"chosen": ["A"]}}
        ),
        ("POST", "/walk-in"): Knock(body={"full_name": "", "phone_tail": ""}, form=True),
        ("POST", "/answers"): Knock(body=keyed(response={"chosen": ["A"]}) | PLACE),
        ("POST", "/quizzes/{assignment}/start"): Knock(body=PERSON | {"attempt": 9}),
        ("POST", "/quizzes/{assignment}/hand-in"): Knock(body=PERSON | {"attempt": 9}),
        ("POST", "/quizzes/{assignment}/left"): Knock(body=PERSON | {"attempt": 9, "times": 1}),
        ("POST", "/drill/favourites"): Knock(body=PERSON | {"item": ITEM, "on": False}),
        ("POST", "/drill/chain"): Knock(body=keyed()),
        ("POST", "/drill/duels"): Knock(body=keyed(opponent="v023")),
        ("POST", "/drill/duels/{duel}/decline"): Knock(body=PERSON),
        ("POST", "/drill/duels/{duel}/seen"): Knock(body=PERSON),
        ("POST", "/item-reports"): Knock(body=keyed() | PLACE),
        ("POST", "/item-reports/take-back"): Knock(body=keyed()),
        ("POST", "/item-reports/seen"): Knock(body=PERSON | {"ids": [1]}),
        ("POST", "/contests/{contest}/certificates"): Knock(DONE, PERSON),
        ("POST", "/contests/{contest}/window/begin"): Knock(WINDOW, PERSON),
        ("POST", "/contests/{contest}/window/answers"): Knock(
            WINDOW, PERSON | {"place": 1, "response": {"chosen": ["A"]}}
        ),
        ("POST", "/contests/{contest}/window/finish"): Knock(WINDOW, PERSON),
        # A question that an address must have.
        ("GET", "/drill/calendar"): Knock(query="month=2026-11"),
        ("GET", "/board/news"): Knock(query="after="),
        ("GET", "/board/points"): Knock(query="person={person}"),
        ("GET", "/desk/articles"): Knock(query=f"bank={COURSE}&words=1"),
        ("GET", "/desk/laws/versions"): Knock(query=f"law={LAW}"),
        ("GET", "/desk/quizzes/{assignment}/regrade"): Knock(query="item={asked}"),
        ("GET", "/search"): Knock(query="q=诈骗"),
        # Names that mean something else here.
        ("GET", "/desk/activities/{activity}/board"): Knock(ROOM),
        ("GET", "/verify/{code}"): Knock({"code": "{code}"}),
        ("GET", "/contests/{contest}/protocol"): Knock(DONE),
        ("GET", "/contests/{contest}/protocol/{turn}"): Knock(DONE),
        ("GET", "/contests/{contest}/protocol.xlsx"): Knock(DONE),
        ("GET", "/contests/{contest}/certificates.zip"): Knock(DONE),
        ("GET", "/contests/{contest}/certificates.pdf"): Knock(DONE),
        ("GET", "/contests/{contest}/certificates/{number}.docx"): Knock(PAPER),
        ("GET", "/contests/{contest}/certificates/{number}.pdf"): Knock(PAPER),
        ("GET", "/contests/{contest}/window"): Knock(WINDOW),
        ("GET", "/contests/{contest}/window/host"): Knock(WINDOW),
        ("POST", "/desk/training/made/{item}"): Knock({"item": "made-x"}),
        ("POST", "/desk/courses/{slug}/draft"): Knock(body=None),
        ("POST", "/desk/courses/{slug}/lessons/{stem}/discard"): Knock(OURS, None),
        ("GET", "/desk/preview/{slug}/{stem}/stamp"): Knock(OURS),
        ("POST", "/desk/items/{item}/restore"): Knock(body=None),
        ("POST", "/desk/courses/{slug}/lessons/{stem}/restore"): Knock(body=None),
        ("GET", "/desk/quizzes/{assignment}/marking/{item}"): Knock({"item": "{written}"}),
        ("POST", "/desk/quizzes/{assignment}/marking/{item}/answers/{code}/look"): Knock(WRITTEN),
        ("POST", "/desk/quizzes/{assignment}/marking/{item}/answers/{code}"): Knock(WRITTEN),
    }.items()
} | {
    f"GET {LEARN}/ui/{{}}/{{}}": Knock(("{ui}", "lawlab.css")),
    f"GET {LEARN}/voila/{{}}/{{}}": Knock(("{stock}", "static/voila.js")),
    f"GET {LEARN}/{{}}{{}}": Knock(("api", "/contents")),
    f"GET {LEARN}/lesson/{{}}/media/{{}}": Knock((COURSE, "dot.png")),
    f"GET {LEARN}/preview/{{}}/{{}}{{}}": Knock((COURSE, LESSON, "")),
    f"GET {LEARN}/preview/{{}}/media/{{}}": Knock((DRAFT, "dot.png")),
    f"GET {LEARN}/{{}}": Knock(("home",)),
    f"SOCKET {LEARN}/api/kernels/{{kernel_id}}/channels": Knock(query="session_id=abc"),
    "GET /hub/api/authorizations{}": Knock(("/token/x",)),
    "GET /{}": Knock(("robots.txt",)),
    "GET /hub/static/{}": Knock(("favicon.ico",)),
    "GET /hub/ui/[0-9a-f]+/{}": Knock(("lawlab.css",)),
    "GET /hub/pages/{}": Knock(("signin.js",)),
    "GET /hub/error/{}": Knock(("503",)),
    "GET /hub/user-redirect/{}": Knock(("lab",)),
    "POST /hub/login": Knock(body={"username": "", "password": ""}, form=True),
    "POST /hub/password": Knock(body={"new": "一二三四五六", "again": "x"}, form=True),
    "GET /hub/api/oauth2/authorize": Knock(query=AUTHORIZE),
    "GET {}.*": Knock(("/nowhere",)),
    "GET {}": Knock(("/hub/nowhere",)),
    "GET /{}/{}": Knock(("user", ME)),
}

HUB_NAMES = {
    "users": ME,
    "groups": "trainers",
    "services": "learn",
    "tokens": "a1",
    "servers": "x",
    "shared": ME,
    "shares": ME,
    "share-codes": ME,
    "spawn": ME,
    "spawn-pending": ME,
    "token": "a1",
    "cookie": "x",
}
"""What stands for `{}` behind such a word in an address of the Hub."""


def address(route: str, names: Mapping[str, str], me: str) -> str:
    """Where to knock for a route; `me` is whom the request names."""
    pattern = route.partition(" ")[2]
    knock = KNOCKS.get(route, Knock())
    if isinstance(knock.names, tuple) and knock.names:
        for name in knock.names:
            pattern = pattern.replace("{}", name, 1)
    elif not isinstance(knock.names, tuple) or "{}" not in pattern:
        own = dict(knock.names) if knock.names else {}
        pattern = re.sub(r"\{(\w+)(?::path)?\}", lambda one: (NAMES | own)[one[1]], pattern)
    else:
        pattern = _of_hub(pattern)
    pattern = pattern.replace("[0-9a-f]+", "{ui}").replace(".*", "")
    whole = pattern + (f"?{knock.query}" if knock.query else "")
    return filled(whole, names, me)


def body(route: str, names: Mapping[str, str], me: str) -> Any:
    """What to send; None for nothing."""
    knock = KNOCKS.get(route, Knock())
    if route.startswith(("GET", "SOCKET")) or knock.body is None:
        return None
    return _filled(knock.body, names | {"key": next(KEYS)}, me)


def names_somebody(route: str) -> bool:
    """Whether a request names its person in its body."""
    sent = KNOCKS.get(route, Knock()).body
    return isinstance(sent, dict) and "person" in sent


def _of_hub(pattern: str) -> str:
    """An address of the Hub with a name behind each word that wants one."""
    parts: list[str] = []
    for part in pattern.split("/"):
        known = HUB_NAMES.get(parts[-1], "x") if parts else ""
        parts.append(known if part.startswith("{}") else part)
    return "/".join(parts)


def filled(text: str, names: Mapping[str, str], me: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda one: (names | {"me": me})[one[1]], text)


def _filled(value: Any, names: Mapping[str, str], me: str) -> Any:
    if isinstance(value, str):
        return filled(value, names, me)
    if isinstance(value, dict):
        return {name: _filled(one, names, me) for name, one in value.items()}
    return value
