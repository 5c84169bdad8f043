"""A contest over the API: its host, and what phones send."""

from __future__ import annotations

from typing import Any

from contesting import add_contest, one_round
from sqlalchemy import select
from tests.api.conftest import Browser, Office

from lawlab.domain.question import Question
from lawlab.store.engine import writing
from lawlab.store.tables import ItemVersion, Person, Role

HOST = "t01"


class Table:
    """One contest and who runs it."""

    def __init__(self, hall: Office, *rounds: Any, **script: Any) -> None:
        self.hall = hall
        with hall.sessions() as session:
            host = Person(login=HOST, full_name="教员01", created_at=hall.clock.now)
            host.roles = [Role(role="trainer")]
            session.add(host)
            session.commit()
            made = [one_round(session, **one) for one in rounds or ({},)]
            self.id = add_contest(writing(session), hall.clock.now, made, **script)
        self.host = hall.browser(HOST)

    def do(self, command: str, **data: Any) -> Any:
        seq = self.host.get(f"/contests/{self.id}/host").json()["seq"]
        body = {"person": HOST, "key": next(self.hall.keys), "seq": seq, "command": command}
        return self.host.post(f"/contests/{self.id}/commands", body | data)

    def run(self, *commands: str) -> dict[str, Any]:
        view: dict[str, Any] = {}
        for command in commands:
            reply = self.do(command)
            assert reply.status_code == 200, reply.text
            view = reply.json()
        return view

    def show(self, **data: Any) -> dict[str, Any]:
        """The next question, with its time running."""
        reply = self.do("show", **data)
        assert reply.status_code == 200, reply.text
        self.hall.clock.pass_(milliseconds=500)
        view: dict[str, Any] = reply.json()
        return view

    def seat(self, who: Browser) -> dict[str, Any]:
        view: dict[str, Any] = who.get(f"/contests/{self.id}/seat").json()
        return view

    def answer(self, who: Browser, view: dict[str, Any], *, right: bool = True) -> Any:
        with self.hall.sessions() as session:
            body = session.scalars(
                select(ItemVersion.body).where(ItemVersion.item == view["question"]["id"])
            ).first()
        assert body is not None
        key = Question.from_json(body).answer
        if view["question"]["type"] == "judge":
            chosen = [key if right else {"对": "错", "错": "对"}[key]]
        else:
            wrong = [one for one in view["question"]["options"] if one not in key]
            chosen = list(key) if right else wrong[:1] or [key[0]]
        body = {
            "person": who.login,
            "turn": view["question"]["turn"],
            "response": {"chosen": chosen},
        }
        return who.post(f"/contests/{self.id}/answers", body)
