"""The trainers' quizzes over HTTP, without a browser: who asks is named by sign-in name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services.sessions import begin_session

ROOT = "/services/api/desk/quizzes"


class DeskCalls:
    """`get` and `post` below ROOT; people who were not `signed_in` are strangers."""

    def __init__(
        self, app: TestClient, sessions: sessionmaker[Session], now: datetime, people: Iterable[str]
    ) -> None:
        self.app, self.sessions = app, sessions
        self.cookies: dict[str, str] = {}
        with sessions() as session:
            for login in people:
                token = begin_session(session, login, "hub", now)
                self.cookies[login] = f"lawlab-session={token}; jupyterhub-session-id=hub"

    def get(self, path: str, login: str = "t01", **headers: str) -> Any:
        own = {"Cookie": self.cookies.get(login, "")} | headers
        return self.app.get(f"{ROOT}{path}", headers=own)

    def post(self, path: str, body: Any, login: str = "t01", **headers: str) -> Any:
        own = {"X-Lawlab": "1", "Content-Type": "application/json"} | headers
        own["Cookie"] = self.cookies.get(login, "")
        # By json.dumps a lone surrogate arrives as a hostile client would send it.
        return self.app.post(f"{ROOT}{path}", content=json.dumps(body), headers=own)
