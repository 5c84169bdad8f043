"""What learners browse: courses with their maps, and whole statutes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from lawlab.api.caller import CallerOf, Database, state_of
from lawlab.api.routing import Route
from lawlab.services.course_page import course_page
from lawlab.services.laws import law_chapter, law_list, law_page, lookup

router = APIRouter(route_class=Route)
ONE_MINUTE = "private, max-age=60"
ONE_DAY = "private, max-age=86400"


@router.get("/courses/{slug}")
def course(request: Request, session: Database, caller: CallerOf, slug: str) -> dict[str, Any]:
    """A course: its lessons with the caller's progress, and the map over its law."""
    return course_page(session, caller, state_of(request).statutes, slug)


@router.get("/statutes")
def statutes(
    request: Request, response: Response, session: Database, _caller: CallerOf
) -> dict[str, Any]:
    """The laws of the courses, and the names of all laws."""
    found = law_list(session, state_of(request).statutes)
    response.headers["Cache-Control"] = ONE_MINUTE
    return found


@router.get("/statutes/{law}")
def statute(
    request: Request, response: Response, session: Database, _caller: CallerOf, law: str
) -> dict[str, Any]:
    """What a law says of itself, its outline, and which lessons treat its articles."""
    found = law_page(session, state_of(request).statutes, law)
    response.headers["Cache-Control"] = ONE_MINUTE
    return found


@router.get("/statutes/{law}/articles/{number}")
def article(
    request: Request,
    response: Response,
    session: Database,
    _caller: CallerOf,
    law: str,
    number: str,
) -> dict[str, Any]:
    """The official text of one article, such as `31` or `31之1`."""
    statutes = state_of(request).statutes
    with lookup(session, statutes, law):
        found = statutes.article(law, number)
    # A newer text that a trainer imports must not wait for a day.
    response.headers["Cache-Control"] = ONE_MINUTE
    return asdict(found)


@router.get("/statutes/{law}/chapters/{number}")
def chapter(
    request: Request,
    response: Response,
    session: Database,
    _caller: CallerOf,
    law: str,
    number: int,
    v: str = "",
) -> dict[str, Any]:
    """The text of one chapter, numbered as the outline says. Who names the version of the law (`v`)
    may keep the answer: another version has another address."""
    found = law_chapter(session, state_of(request).statutes, law, number)
    response.headers["Cache-Control"] = ONE_DAY if v else ONE_MINUTE
    return found
