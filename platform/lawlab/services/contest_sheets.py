"""The protocol of a contest as an .xlsx: whoever doubts a score finds every answer and its time."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from lawlab.domain.contest_script import FOR_TEAMS, KIND_NAMES, rules
from lawlab.services.contest import Loaded
from lawlab.services.contest_protocol import every_answer, questions_of
from lawlab.services.contest_words import event_text
from lawlab.services.sheets import fill

PEOPLE = ("名次", "登录名", "姓名", "单位", "队", "得分", "答对", "作答", "总用时（秒）")
TEAMS = ("名次", "队或单位", "得分", "登记人数", "到场人数", "平均用时（秒）")
QUESTIONS = (
    *("题号", "轮", "形式", "由谁答", "题干", "答案", "作答人数", "答对人数", "得分率"),
    *("各选项人数", "送达最快和最慢相差（秒）", "作废原因"),
)
ANSWERS = (
    *("题号", "登录名", "姓名", "单位", "答案", "对错", "得分", "到达时间", "用时（秒）"),
    "作废原因",
)
LOG = ("序号", "时间", "谁", "做了什么")
NOBODY = 0
"""As whom the questions are looked at: no person has this id."""
_TEAM_KINDS = {KIND_NAMES[kind] for kind in FOR_TEAMS}


def protocol_file(loaded: Loaded, zone: ZoneInfo) -> bytes:
    """The sheets 总成绩, 团队成绩, 每题, 每人每题, 主持记录 and 说明. Times are the town's, to the
    millisecond."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "总成绩"
    _fill(first, [PEOPLE, *_people(loaded)])
    _fill(book.create_sheet("团队成绩"), [TEAMS, *_teams(loaded)])
    _fill(book.create_sheet("每题"), [QUESTIONS, *_questions(loaded)])
    _fill(book.create_sheet("每人每题"), [ANSWERS, *_answers(loaded, zone)])
    _fill(book.create_sheet("主持记录"), [LOG, *_log(loaded, zone)])
    _fill(book.create_sheet("说明"), [["比武规则和计算方法"], *([one] for one in _notes(loaded))])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _people(loaded: Loaded) -> Iterable[Sequence[Any]]:
    for row in loaded.results():
        card = loaded.people[row.person]
        yield (
            row.rank if row.answered else "—",
            *(card.login, card.name, card.unit, row.team),
            *(row.points, row.right, row.answered, row.milliseconds / 1000),
        )
    for person, reason in loaded.contest.excluded.items():
        card = loaded.people[person]
        yield ("取消资格", card.login, card.name, card.unit, "", "", "", "", reason)


def _teams(loaded: Loaded) -> Iterable[Sequence[Any]]:
    for row in loaded.contest.teams():
        seconds = row.milliseconds / 1000
        yield (row.rank, row.team, row.points, row.members, row.present, seconds)


def _questions(loaded: Loaded) -> Iterable[Sequence[Any]]:
    for one in questions_of(loaded, NOBODY, host=True):
        spread = one["spread"]
        apart = (spread["slowest_ms"] - spread["fastest_ms"]) / 1000 if spread else "—"
        yield (
            *(one["number"], one["round"], one["kind_name"]),
            one["team"] if one["kind_name"] in _TEAM_KINDS else "全体",
            *(one["question"]["stem"], one["revealed"]["answer"], one["answered"], one["right"]),
            f"{one['right'] / one['answered']:.1%}" if one["answered"] else "—",
            "，".join(f"{letter} {count}" for letter, count in one["counts"].items()),
            *(apart, one["voided"] or ""),
        )


def _answers(loaded: Loaded, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    questions = {one["turn"]: one for one in questions_of(loaded, NOBODY, host=True)}
    for turn, answers in every_answer(loaded):
        for one in answers:
            yield (
                *(questions[turn]["number"], one["login"], one["name"], one["unit"], one["answer"]),
                "对" if one["right"] else "错",
                *(one["earned"], _time(datetime.fromisoformat(one["at"]), zone)),
                *(one["milliseconds"] / 1000, questions[turn]["voided"] or ""),
            )


def _log(loaded: Loaded, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    for event in loaded.contest.events:
        who = event.by or "系统"
        yield (event.seq, _time(event.at, zone), who, event_text(loaded, event))


def _notes(loaded: Loaded) -> Iterable[str]:
    yield from rules(loaded.script)
    yield "到达时间是服务器收到答案的时间；保存得晚不影响。"
    if loaded.script.window:
        yield "每题的用时是从这个人开始答题到收到这一题的答案；题号是题目在赛程里的顺序。"
        yield "总用时到交卷为止；全部答完的到最后一题为止，没有交卷的到时间到为止。"
        return
    yield "总用时把每道算分的题加起来，没答的按全部时间算。"
    yield "作废的题谁都不得分，也不算用时；撤回的题不算，有人答过的仍然列在这里。"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _fill(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    fill(sheet, rows)
    for cell in sheet[1]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
    sheet.freeze_panes = "A2"
    for column in "BCDE":
        sheet.column_dimensions[column].width = 18
