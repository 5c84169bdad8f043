"""How routes of the API are run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from fastapi.routing import APIRoute
from sqlalchemy.orm import Session


class Route(APIRoute):
    """A route whose transaction ends with it, in its own thread, also when it had nothing to commit
    (a repeat, a refusal). FastAPI needs a thread again to put the reply in its form: one that still
    held the database's only write would wait for all those who wait for it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, _ending(endpoint), **options)


def _ending(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(endpoint):
        return endpoint  # such a route leaves its transactions to functions that end them

    @wraps(endpoint)
    def run(*args: Any, **given: Any) -> Any:
        try:
            return endpoint(*args, **given)
        finally:
            for one in given.values():
                if isinstance(one, Session):
                    one.rollback()

    return run
