"""How the description of the API tells what a refusal looks like."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Failure(BaseModel):
    """What `border.failure` answers; more facts stand beside, as the code has them."""

    model_config = ConfigDict(extra="allow")
    code: str
    message: str


FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Failure, "description": "Refused: a code for programs, a sentence for people."}
}
"""Of every route."""
