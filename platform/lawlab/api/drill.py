"""Daily practice: the state of today, what comes next, the book, favourites, the map of the law."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from lawlab.api.border import Version, Word
from lawlab.api.caller import CallerOf, Database, Now
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.errors import LawlabError
from lawlab.services import chain, duel_pages, item_reports
from lawlab.services.drill import DAILY, MOST, drill_state, next_items, shown_items
from lawlab.services.drill_book import book, favour
from lawlab.services.drill_days import is_done, span
from lawlab.services.drill_scopes import Scope, practice_items, scopes
from lawlab.services.duel_beginning import challenge
from lawlab.services.mastery import mastery_map

router = APIRouter(route_class=Route, prefix="/drill")
DuelId = Annotated[Version, Path()]
MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])")


@router.get("")
def state(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """How far the caller is today, and what waits for him."""
    person = caller.person_id
    week = chain.chain_week(now)
    return drill_state(session, caller, now) | {
        "duels": duel_pages.waiting(session, person, now),
        "replies": item_reports.unseen(session, person),
        "chain": {
            "best": chain.best(session, person, week),
            "total_best": chain.best(session, person),
        },
    }


class Asking(BaseModel):
    """What the page wants next. `without`: ids that it has already, with commas."""

    model_config = ConfigDict(extra="forbid")
    mode: Literal["daily", "practice"] = "daily"
    count: int = Field(10, ge=1, le=MOST)
    without: str = Field("", max_length=4000)
    course: str = Field("", max_length=40)
    chapter: str = Field("", max_length=120)
    article: str = Field("", max_length=120)
    type: str = Field("", max_length=20)
    source: Literal["all", "wrong", "favourite", "unseen"] = Field("all", alias="from")
    order: Literal["sequence", "mixed"] = "mixed"
    anew: bool = False


@router.get("/next")
def coming(
    session: Database, caller: CallerOf, now: Now, asking: Annotated[Asking, Query()]
) -> dict[str, Any]:
    """The next questions without their keys."""
    without = set(filter(None, asking.without.split(",")))
    if asking.mode == "daily":
        asked = next_items(session, caller, now, asking.count, without)
        done = is_done(session, caller.person_id, now)
        over = done and all(one.why in ("ahead", "new") for one in asked)
        return {
            "items": shown_items(session, caller, asked, DAILY),
            "left": None,
            "done": done,
            "state": "empty" if not asked else "done" if over else "go",
        }
    scope = Scope(
        asking.course,
        asking.chapter,
        asking.article,
        asking.type,
        asking.source,
        asking.order == "sequence",
    )
    asked, total = practice_items(
        session, caller, scope, now, asking.count, without, anew=asking.anew
    )
    return {
        "items": shown_items(session, caller, asked, scope.place),
        "left": total,
        "done": False,
        "state": "go" if asked else "done" if total else "empty",
    }


@router.get("/scopes")
def everything(session: Database, caller: CallerOf) -> dict[str, Any]:
    """What can be practised, by course, chapter and type."""
    return scopes(session, caller)


@router.get("/calendar")
def calendar(
    session: Database, caller: CallerOf, now: Now, month: Annotated[str, Query(max_length=7)]
) -> dict[str, Any]:
    """The days of a month with what was practised."""
    if not MONTH.fullmatch(month):
        raise LawlabError("bad_month", f"“{month}”不是月份，应写成 2026-11。")
    first = dt.date.fromisoformat(f"{month}-01")
    following = (first + dt.timedelta(days=32)).replace(day=1)
    last = following - dt.timedelta(days=1)
    return {"month": month, "days": span(session, caller.person_id, first, last)}


@router.get("/book")
def wrong_ones(
    session: Database,
    caller: CallerOf,
    now: Now,
    kind: Literal["wrong", "favourite"] = "wrong",
    course: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, Any]:
    """The wrong-question book, or the favourites."""
    return book(session, caller, kind, course, now)


class Favouring(ForPerson):
    item: Word = Field(max_length=60)
    on: bool


@router.post("/favourites")
def favourites(session: Database, caller: CallerOf, now: Now, asked: Favouring) -> dict[str, Any]:
    """Keep a question, or no longer."""
    asked.check(caller)
    count = favour(session, caller, asked.item, asked.on, now)
    return {"item": asked.item, "on": asked.on, "count": count}


@router.get("/map")
def map_of_the_law(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """What the caller remembers, by course, chapter and article."""
    return mastery_map(session, caller.person_id, now)


class Beginning(ForPerson):
    key: Word = Field(min_length=16, max_length=64)


@router.get("/chain")
def chain_now(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """挑战答题: the run under way, the bests, the week's board."""
    return chain.chain_state(session, caller, now)


@router.post("/chain")
def chain_begin(session: Database, caller: CallerOf, now: Now, asked: Beginning) -> dict[str, Any]:
    """Begin a run, or go on with the one under way."""
    asked.check(caller)
    return chain.begin(session, caller, asked.key, now)


class Challenge(Beginning):
    opponent: Word | None = Field(None, max_length=40)


@router.get("/duels")
def duel_all(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """双人对战: the caller's duels, and whom he may challenge."""
    return duel_pages.duel_list(session, caller, now)


@router.post("/duels", status_code=201)
def duel_begin(session: Database, caller: CallerOf, now: Now, asked: Challenge) -> dict[str, Any]:
    """Challenge somebody; without a name somebody is drawn."""
    asked.check(caller)
    return {"id": challenge(session, caller, asked.key, asked.opponent, now)}


@router.get("/duels/{duel}")
def duel_one(session: Database, caller: CallerOf, now: Now, duel: DuelId) -> dict[str, Any]:
    """One duel; the question shown is dealt by this."""
    return duel_pages.duel_state(session, caller, duel, now)


@router.post("/duels/{duel}/decline")
def duel_decline(
    session: Database, caller: CallerOf, now: Now, duel: DuelId, asked: ForPerson
) -> dict[str, Any]:
    """Say no to a challenge."""
    asked.check(caller)
    return duel_pages.decline(session, caller, duel, now)


@router.post("/duels/{duel}/seen")
def duel_seen(
    session: Database, caller: CallerOf, now: Now, duel: DuelId, asked: ForPerson
) -> dict[str, Any]:
    """The caller saw the result."""
    asked.check(caller)
    duel_pages.see(session, caller, duel, now)
    return {"id": duel}
