"""The API as Python: dataclasses and data frames, one error type with a Chinese sentence."""

from __future__ import annotations

import datetime as dt
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import pandas as pd

GROUPS = {"staff": "干部职工", "villager": "法律明白人", "unit": "单位", "cohort": "两类人员"}

LABELS = {"unit": "单位", "cohort": "人群"}
"""What the lines of a board are called that are no people."""
PERSON_COLUMNS = {
    "rank": "名次",
    "name": "姓名",
    "unit": "单位",
    "points": "积分",
    "learn": "课程",
    "quiz": "测验",
    "meet": "活动",
    "drill": "练习",
}
UNIT_COLUMNS = {
    "rank": "名次",
    "unit": "单位",
    "members": "应参加",
    "participants": "已参加",
    "participation": "参与率",
    "points": "人均积分",
}


QUIZ_COLUMNS = {
    "assignment": "编号",
    "title": "标题",
    "state": "状态",
    "questions": "题数",
    "sitting": "答题",
    "handed_in": "交卷",
    "ungraded": "待判",
    "missing_marks": "待评",
}
QUIZ_STATES = {"built": "已组卷", "open": "答题中", "released": "已公布"}
ITEM_COLUMNS = {
    "question": "题号",
    "type_name": "题型",
    "stem": "题干",
    "attempts": "作答人数",
    "facility": "得分率",
    "index": "区分度",
    "efficiency": "区分效率",
    "blank": "未作答",
    "flags": "提示",
}

OPTION_COLUMNS = {
    "question": "题号",
    "option": "选项",
    "text": "文字",
    "right": "正确",
    "chosen": "选的人数",
    "upper": "高分组",
    "lower": "低分组",
}

ATTENDANCE_COLUMNS = {
    "login": "登录名",
    "name": "姓名",
    "unit": "单位",
    "expected": "应到",
    "there": "实到",
    "present": "出勤",
    "late": "迟到",
    "excused": "请假",
    "absent": "缺勤",
    "share": "出勤率",
    "points": "积分",
    "most": "满分",
    "behind": "落后",
}
ATTENDANCE_UNIT_COLUMNS = {
    "unit": "单位",
    "members": "现有人数",
    "expected": "应到人次",
    "there": "实到人次",
    "share": "出勤率",
    "points": "积分",
    "most": "满分",
}
ACTIVITY_COLUMNS = {
    "id": "编号",
    "starts_at": "时间",
    "title": "名称",
    "phase": "阶段",
    "place": "地点",
    "organizer": "主办",
    "closed": "已结束",
    "expected": "应到",
    "there": "实到",
}
MARK_COLUMNS = {"activity": "编号", "login": "登录名", "status": "状态"}
PHASES = {"learn": "大学习", "drill": "大练兵", "compete": "大比武"}
STATUSES = {"present": "出勤", "late": "迟到", "excused": "请假", "absent": "缺勤"}


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


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates count. Reading them takes longer than a call, so it is done once."""
    return httpx.create_ssl_context()


class Api:
    """Reads for one person. `headers` carry his token; nothing here writes."""

    def __init__(self, base_url: str, headers: Mapping[str, str], timeout: float = 10) -> None:
        self._http = httpx.Client(
            base_url=base_url, headers=dict(headers), timeout=timeout, verify=trust()
        )
        self._boards: dict[str, tuple[str, pd.DataFrame]] = {}

    def me(self) -> Me:
        body = self._get("/me")
        return Me(body["login"], body["full_name"], tuple(body["roles"]), body["unit"])

    def board(self, group: str, span: str = "all", phase: str = "total") -> pd.DataFrame:
        """The best of a board with Chinese column names: one of GROUPS, in a span and a phase of
        `domain.board_spans`.

        Asking again costs little while nothing changed: the API answers "not modified".
        """
        import pandas as pd

        asked = {"group": group, "span": span, "phase": phase}
        key = "/".join(asked.values())
        known = self._boards.get(key)
        reply = self._ask("/board", asked, {"If-None-Match": known[0]} if known else {})
        if known and reply.status_code == 304:
            return known[1].copy()
        gathered = group in LABELS
        columns = UNIT_COLUMNS | {"unit": LABELS[group]} if gathered else PERSON_COLUMNS
        frame = pd.DataFrame(reply.json()["rows"], columns=list(columns))
        frame = frame.rename(columns=columns)
        self._boards[key] = (reply.headers.get("etag", ""), frame)
        return frame.copy()

    def board_news(self, after: str) -> str:
        """The revision of the boards, as soon as it is another than `after`: at once for "", and
        as it is after some 20 seconds."""
        body = self._ask("/board/news", {"after": after}, {}, timeout=40).json()
        return str(body["revision"])

    def article(self, law: str, number: int | str) -> dict[str, Any]:
        """The official text of one article: paragraphs, chapter path, dates."""
        return self._get(f"/statutes/{law}/articles/{number}")

    def quizzes(self) -> pd.DataFrame:
        """All quizzes with their counts, the newest first. For trainers."""
        import pandas as pd

        rows = self._get("/desk/quizzes")["quizzes"]
        frame = pd.DataFrame(rows, columns=list(QUIZ_COLUMNS)).rename(columns=QUIZ_COLUMNS)
        frame["状态"] = frame["状态"].map(QUIZ_STATES)
        return frame

    def quiz_report(self, assignment: str) -> pd.DataFrame:
        """应考 to 参考率 by unit and cohort, and the total; shares from 0 to 1. For trainers.

        Raises ApiError `no_quiz`, `quiz_not_open`.
        """
        import pandas as pd

        body = self._get(f"/desk/quizzes/{assignment}/report")
        columns = {"label": "单位或人群", **body["columns"]}
        rows = [*body["units"], *body["cohorts"], body["total"]]
        return pd.DataFrame(rows, columns=list(columns)).rename(columns=columns)

    def quiz_items(self, assignment: str) -> pd.DataFrame:
        """A quiz's questions with how they did: facility from 0 to 1, discrimination index and
        efficiency in percent as Moodle defines them. For trainers. Raises ApiError `no_quiz`."""
        import pandas as pd

        items = self._get(f"/desk/quizzes/{assignment}/statistics")["items"]
        rows = [
            item | {"flags": "；".join(flag["name"] for flag in item["flags"])} for item in items
        ]
        return pd.DataFrame(rows, columns=list(ITEM_COLUMNS)).rename(columns=ITEM_COLUMNS)

    def quiz_options(self, assignment: str) -> pd.DataFrame:
        """How often each option of each question was chosen. For trainers. Raises ApiError
        `no_quiz`."""
        import pandas as pd

        items = self._get(f"/desk/quizzes/{assignment}/statistics")["items"]
        rows = [
            {"question": item["question"], **option} for item in items for option in item["options"]
        ]
        return pd.DataFrame(rows, columns=list(OPTION_COLUMNS)).rename(columns=OPTION_COLUMNS)

    def quiz_alpha(self, assignment: str) -> float | None:
        """Cronbach's alpha of a quiz; None while it cannot be said. Raises ApiError `no_quiz`."""
        alpha: float | None = self._get(f"/desk/quizzes/{assignment}/statistics")["paper"]["alpha"]
        return alpha

    def attendance_years(self) -> list[int]:
        """The years with activities that were not cancelled, in order. For trainers."""
        years = self._year(dt.datetime.now(dt.UTC).year)["years"]
        return [year for year in years if self._year(year)["activities"]]

    def attendance(self, year: int) -> pd.DataFrame:
        """A year of attendance, a person a row: how often expected and there, each status, 出勤率
        from 0 to 1 (none: not expected yet), 落后 for who is there too rarely. For trainers."""
        import pandas as pd

        rows = self._year(year)["people"]
        frame = pd.DataFrame(rows, columns=list(ATTENDANCE_COLUMNS))
        frame["share"] = frame["share"].astype(float)
        return frame.rename(columns=ATTENDANCE_COLUMNS)

    def attendance_units(self, year: int) -> pd.DataFrame:
        """The same of units, each counted by who belonged to it on the day. For trainers."""
        import pandas as pd

        rows = self._year(year)["units"]
        frame = pd.DataFrame(rows, columns=list(ATTENDANCE_UNIT_COLUMNS))
        frame["share"] = frame["share"].astype(float)
        frame["unit"] = frame["unit"].fillna("没有单位")
        return frame.rename(columns=ATTENDANCE_UNIT_COLUMNS)

    def activities(self, year: int) -> pd.DataFrame:
        """A year's activities that were not cancelled, in order; 应到 and 实到 hold once
        已结束, and 出勤率 is none before. Times are those of the town. For trainers."""
        import pandas as pd

        rows = self._year(year)["activities"]
        frame = pd.DataFrame(rows, columns=list(ACTIVITY_COLUMNS)).rename(columns=ACTIVITY_COLUMNS)
        frame["时间"] = pd.to_datetime(frame["时间"], utc=True).dt.tz_convert("Asia/Shanghai")
        frame["阶段"] = frame["阶段"].map(PHASES)
        frame["已结束"] = frame["已结束"].astype(bool)
        share = frame["实到"].astype(float) / frame["应到"].astype(float)
        frame["出勤率"] = share.where(frame["已结束"] & (frame["应到"] > 0))
        return frame

    def attendance_marks(self, year: int) -> pd.DataFrame:
        """Each person at each closed activity at which he was expected: 编号 of the activity,
        登录名, 状态. For trainers."""
        import pandas as pd

        frame = pd.DataFrame(self._year(year)["marks"], columns=list(MARK_COLUMNS))
        frame["status"] = frame["status"].map(STATUSES)
        return frame.rename(columns=MARK_COLUMNS)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _year(self, year: int) -> dict[str, Any]:
        return self._get(f"/desk/attendance/year/{year}")

    def _get(self, path: str) -> dict[str, Any]:
        body: dict[str, Any] = self._ask(path, {}, {}).json()
        return body

    def _ask(
        self,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        timeout: float | None = None,
    ) -> httpx.Response:
        patience = timeout or self._http.timeout
        try:
            reply = self._http.get(
                path, params=dict(params), headers=dict(headers), timeout=patience
            )
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
