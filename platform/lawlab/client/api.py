"""The API as Python: dataclasses and data frames, one error type with a Chinese sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import pandas as pd

GROUPS = {"staff": "干部职工", "villager": "法律明白人", "unit": "单位"}
PERSON_COLUMNS = {
    "rank": "名次",
    "name": "姓名",
    "unit": "单位",
    "points": "积分",
    "learn": "课程",
    "quiz": "测验",
}
UNIT_COLUMNS = {
    "rank": "名次",
    "unit": "单位",
    "members": "应参加",
    "participants": "已参加",
    "participation": "参与率",
    "points": "人均积分",
}


class ApiError(Exception):
    """The API refused or did not answer; the text is a sentence for people, `code` is stable."""

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Me:
    """The person this client speaks for."""

    login: str
    full_name: str
    roles: tuple[str, ...]
    unit: str | None


class Api:
    """Reads for one person. `headers` carry his token; nothing here writes."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float = 10) -> None:
        self._http = httpx.Client(base_url=base_url, headers=dict(headers), timeout=timeout)
        self._boards: dict[str, tuple[str, pd.DataFrame]] = {}

    def me(self) -> Me:
        body = self._get("/me")
        return Me(body["login"], body["full_name"], tuple(body["roles"]), body["unit"])

    def board(self, group: str) -> pd.DataFrame:
        """The board of `staff`, `villager` or `unit` with Chinese column names, best first.

        Asking again costs little while nothing changed: the API answers "not modified".
        """
        import pandas as pd

        known = self._boards.get(group)
        reply = self._ask("/board", {"group": group}, {"If-None-Match": known[0]} if known else {})
        if known and reply.status_code == 304:
            return known[1].copy()
        columns = UNIT_COLUMNS if group == "unit" else PERSON_COLUMNS
        frame = pd.DataFrame(reply.json()["rows"], columns=list(columns))
        frame = frame.rename(columns=columns)
        self._boards[group] = (reply.headers.get("etag", ""), frame)
        return frame.copy()

    def article(self, law: str, number: int | str) -> dict[str, Any]:
        """The official text of one article: paragraphs, chapter path, dates."""
        return self._get(f"/statutes/{law}/articles/{number}")

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _get(self, path: str) -> dict[str, Any]:
        body: dict[str, Any] = self._ask(path, {}, {}).json()
        return body

    def _ask(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        try:
            reply = self._http.get(path, params=dict(params), headers=dict(headers))
        except httpx.HTTPError as error:
            raise ApiError("unreachable", "暂时连不上系统，稍后会自动再试。") from error
        if reply.status_code < 400:
            return reply
        try:
            body = reply.json()
        except ValueError:
            body = {}
        raise ApiError(
            body.get("code", "unknown"),
            body.get("message", "系统没有给出说明，请稍后再试。"),
            reply.status_code,
        )


def connect(env: Mapping[str, str] = os.environ) -> Api:
    """A client for the person whom this kernel or JupyterLab belongs to.

    Raises ApiError `no_token` outside of both.
    """
    if token := env.get("LAWLAB_TOKEN"):
        return Api(env["LAWLAB_API"], {"Authorization": f"Bearer {token}"})
    if token := env.get("JUPYTERHUB_API_TOKEN"):
        return Api(env["LAWLAB_API"], {"Authorization": f"token {token}"})
    raise ApiError("no_token", "请在平台的页面或教员的 JupyterLab 里运行。")
