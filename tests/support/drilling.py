"""Practising over the API: the next questions, and answers that are right or wrong for certain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lawlab.domain.question import Question
from lawlab.store.tables import ItemVersion

Office = Any
"""`tests.api.conftest.Office`; its `Browser` is the one that asks."""
Browser = Any


def key_of(office: Office, item: dict[str, Any]) -> dict[str, Any]:
    """The right response to a question."""
    with office.sessions() as session:
        body = session.scalars(
            select(ItemVersion.body).where(
                ItemVersion.item == item["id"], ItemVersion.version == item["version"]
            )
        ).one()
    question = Question.from_json(body)
    if question.blanks:
        return {"filled": [one[0] for one in question.blanks]}
    if item["type"] == "judge":
        return {"chosen": [question.answer]}
    return {"chosen": list(question.answer)}


def wrong_for(office: Office, item: dict[str, Any]) -> dict[str, Any]:
    right = key_of(office, item)
    if "filled" in right:
        return {"filled": ["不知道" for _ in right["filled"]]}
    if item["type"] == "judge":
        return {"chosen": ["错" if right["chosen"] == ["对"] else "对"]}
    if item["type"] == "order":
        return {"chosen": right["chosen"][::-1]}
    letters = [one for one in item["options"] if one not in right["chosen"]]
    return {"chosen": letters[:1] or right["chosen"][:1]}


def give(
    office: Office, who: Browser, item: dict[str, Any], right: bool = True, **changes: Any
) -> Any:
    response = (key_of if right else wrong_for)(office, item)
    body = {
        "key": next(office.keys),
        "person": who.login,
        "item": item["id"],
        "version": item["version"],
        "place": item["place"],
        "response": response,
    }
    return who.post("/answers", body | changes)


def coming(who: Browser, query: str = "count=10") -> list[dict[str, Any]]:
    reply = who.get(f"/drill/next?{query}")
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items
