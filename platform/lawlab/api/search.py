"""One search over lessons, articles and explanations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from lawlab.api.caller import CallerOf, Database, Now, state_of
from lawlab.api.routing import Route
from lawlab.domain.search import LONGEST_QUERY
from lawlab.services.search import search as find

router = APIRouter(route_class=Route)


@router.get("/search")
def search(
    request: Request,
    session: Database,
    caller: CallerOf,
    now: Now,
    q: Annotated[str, Query(max_length=4 * LONGEST_QUERY)] = "",
) -> dict[str, Any]:
    """Results by kind, with the words of the law for what was asked in everyday words. Titles and
    excerpts come in pieces `{"text": …, "hit": true}`, never as markup. `loose` says that nothing
    has all words; `complete` is false while the index is still being brought in step after a
    start."""
    state = state_of(request)
    found = find(session, caller, q, state.everyday, now)
    return {
        "query": found.query.text,
        "translated": [asdict(entry) for entry in found.query.translated],
        "loose": found.loose,
        "complete": state.indexer.ready,
        "hits": [asdict(hit) for hit in found.hits],
    }
