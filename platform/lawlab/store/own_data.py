"""All that the platform holds of one person: which tables, which rows, and how they are said.

Complete by a test: a table that refers to people is listed here or in NOT_TOLD, and so is each of
its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from lawlab.store import tables as t

Where = Callable[[int, str], ColumnElement[bool]]
"""(id, sign-in name) → which rows are his."""


@dataclass(frozen=True)
class Kind:
    """One table: `title` is the sheet's name, `columns` are told under these names, in order."""

    title: str
    table: Any
    columns: Mapping[str, str]
    where: Where

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)


def _own(title: str, table: Any, **columns: str) -> Kind:
    return Kind(title, table, columns, lambda person, _: table.person_id == person)


def _of_sittings(title: str, table: Any, **columns: str) -> Kind:
    def where(person: int, _login: str) -> ColumnElement[bool]:
        mine = select(t.Sitting.id).join(t.Quiz, t.Quiz.assignment == t.Sitting.assignment)
        # A trainer may still change his mind until the marks are out.
        out = mine.where(t.Sitting.person_id == person, t.Quiz.state == "released")
        held: ColumnElement[bool] = table.sitting_id.in_(out)
        return held

    return Kind(title, table, columns, where)


def _marks(person: int, _login: str) -> ColumnElement[bool]:
    return t.Mark.answer_id.in_(select(t.Answer.id).where(t.Answer.person_id == person))


def _duels(person: int, _login: str) -> ColumnElement[bool]:
    return or_(t.Duel.challenger_id == person, t.Duel.opponent_id == person)


def _audit(_person: int, login: str) -> ColumnElement[bool]:
    return or_(t.AuditEntry.actor == login, t.AuditEntry.subject == login)


KINDS = (
    Kind(
        "基本信息",
        t.Person,
        {
            **{"login": "登录名", "full_name": "姓名", "phone": "手机号", "active": "在用"},
            **{"created_at": "建立", "privacy_seen_at": "看过隐私说明", "disabled_at": "停用"},
            "must_change_password": "要改密码",
        },
        lambda person, _: t.Person.id == person,
    ),
    _own("单位", t.UnitMembership, unit_id="单位", since="起", until="止"),
    _own("类别", t.CohortMembership, cohort="类别", since="起", until="止"),
    _own("角色", t.Role, role="角色"),
    _own("负责的单位", t.TrainerUnit, unit_id="单位"),
    _own(
        "作答",
        t.Answer,
        **{"id": "编号", "received_at": "时间", "place": "在哪里", "contest_id": "比武"},
        **{"item_version_id": "题目", "response": "回答"},
    ),
    Kind(
        "自动评分",
        t.Mark,
        {
            **{"answer_id": "作答的编号", "points": "得分", "max_points": "满分"},
            **{"marked_at": "时间", "key_version": "按第几版答案", "marker": "谁评"},
        },
        _marks,
    ),
    _own(
        "测验",
        t.Sitting,
        **{"assignment": "测验", "attempt": "第几次", "started_at": "开始", "deadline": "截止"},
        **{"handed_in_at": "交卷", "receipt": "回执", "responses": "交的回答", "paper": "试卷"},
        **{"counts": "计入成绩", "left_page": "离开页面的次数"},
    ),
    _of_sittings(
        "测验成绩",
        t.Grade,
        **{"sitting_id": "答卷", "score": "得分", "max_score": "满分", "slots": "每题"},
        **{"needs_manual": "还要评", "late_penalty": "迟交扣分", "read_at": "时间"},
    ),
    _of_sittings(
        "人工评分",
        t.ManualMark,
        **{"sitting_id": "答卷", "slot": "题", "revision": "第几次", "rubric": "要点得分"},
        **{"points": "得分", "comment": "评语", "marker": "谁评", "marked_at": "时间"},
    ),
    _own("指定参加的活动", t.ActivityPerson, activity_id="活动"),
    _own("负责的活动", t.ActivityTrainer, activity_id="活动"),
    _own(
        "考勤",
        t.Attendance,
        **{"activity_id": "活动", "status": "怎样", "way": "方式", "at": "时间"},
        **{"expected": "应到", "unit_id": "单位", "event_id": "依据的记录"},
    ),
    _own(
        "考勤记录",
        t.AttendanceEvent,
        **{"id": "编号", "activity_id": "活动", "kind": "什么", "status": "怎样", "way": "方式"},
        **{"at": "时间", "received_at": "收到", "by": "谁", "reason": "原因", "device": "设备"},
    ),
    _own(
        "现场登记",
        t.WalkIn,
        **{"activity_id": "活动", "full_name": "写的姓名", "phone_tail": "手机尾号"},
        **{"status": "怎样", "at": "时间", "received_at": "收到", "by": "谁写的"},
        **{"device": "设备", "settled_by": "谁处理", "settled_at": "处理时间"},
    ),
    _own(
        "请假",
        t.LeaveRequest,
        **{"activity_id": "活动", "reason": "原因", "state": "怎样", "asked_at": "申请"},
        **{"decided_by": "谁批", "decided_at": "批的时间", "note": "批的话", "proof_id": "证明"},
    ),
    _own(
        "图片",
        t.Attachment,
        **{"id": "编号", "activity_id": "活动", "kind": "什么", "media_type": "格式"},
        **{"at": "时间", "by": "谁存的"},
    ),
    Kind(
        "线上答题卡",
        t.PresenceAnswer,
        {"card_id": "答题卡", "response": "回答", "at": "时间"},
        lambda person, _: t.PresenceAnswer.person_id == person,
    ),
    _own(
        "积分",
        t.Score,
        **{"source": "来源", "phase": "阶段", "points": "积分", "answered": "答了几题"},
        **{"completed": "完成", "changed_at": "时间"},
    ),
    _own("积分的日子", t.ScoreDay, source="来源", day="哪天", points="积分"),
    _own(
        "排行榜",
        t.BoardRow,
        **{"span": "时段", "cohort": "类别", "unit_id": "单位", "learn": "大学习"},
        **{"drill": "大练兵", "compete": "大比武", "total": "总分", "parts": "各项"},
    ),
    _own(
        "记忆",
        t.Memory,
        **{"item": "题目", "due": "下次", "last": "上次", "first": "第一次", "reviews": "几次"},
        **{"lapses": "忘了几次", "wrongs": "错了几次", "last_wrong_at": "上次答错"},
        **{"rights_since": "以后答对几天", "in_book": "在错题本", "last_right": "上次对"},
        **{"stability": "稳定度", "difficulty": "难度", "state": "状态", "step": "步"},
    ),
    _own("练习的日子", t.DrillDay, day="哪天", answered="答了", right="答对", done_at="完成"),
    _own("收藏", t.Favourite, item="题目", since="时间"),
    _own(
        "挑战答题",
        t.ChainRun,
        **{"id": "编号", "week": "周", "started_at": "开始", "ended_at": "结束"},
        **{"right": "答对", "item_version_id": "正在答的题"},
    ),
    Kind(
        "双人对战",
        t.Duel,
        {
            **{"id": "编号", "challenger_id": "谁发起", "opponent_id": "对手", "items": "题目"},
            **{"created_at": "发起", "until": "截止", "declined_at": "拒绝"},
            **{"finished_at": "结束", "winner_id": "谁赢"},
        },
        _duels,
    ),
    _own(
        "对战的成绩",
        t.DuelSeat,
        **{"duel_id": "对战", "answered": "答了", "right": "答对", "milliseconds": "毫秒"},
        **{"dealt_at": "出题", "finished_at": "答完", "seen_at": "看过结果"},
    ),
    _own(
        "题目反馈",
        t.ItemReport,
        **{"item_version_id": "题目", "place": "在哪里", "text": "您说的", "at": "时间"},
        **{"outcome": "结果", "answer": "回复", "answered_by": "谁回复", "answered_at": "回复时间"},
        seen_at="看过",
    ),
    _own(
        "限时答题赛",
        t.ContestPaper,
        **{"contest_id": "比武", "began_at": "开始", "deadline": "截止", "finished_at": "答完"},
        slots="抽的题",
    ),
    _own(
        "比武成绩",
        t.ContestResult,
        **{"contest_id": "比武", "team": "队", "points": "得分", "right": "答对"},
        **{"answered": "答了", "milliseconds": "毫秒", "rank": "名次"},
    ),
    _own(
        "证书",
        t.Certificate,
        **{"code": "编号", "contest_id": "比武", "holder": "姓名", "award": "奖项", "rank": "名次"},
        **{"team": "队", "made_by": "谁发", "made_at": "时间"},
        **{"revoked_at": "作废", "revoked_why": "为什么"},
    ),
    _own("登录", t.ApiSession, created_at="登录", ended_at="退出"),
    Kind(
        "登录失败",
        t.SigninFailure,
        {"at": "时间", "address": "网络地址", "device": "设备"},
        lambda _, login: t.SigninFailure.login == login,
    ),
    Kind(
        "操作记录",
        t.AuditEntry,
        {"at": "时间", "actor": "谁", "action": "什么", "subject": "对象", "detail": "内容"},
        _audit,
    ),
)

NOT_TOLD = {
    "board_changes": "Work that waits: gone within seconds.",
}
SECRET = {
    "people": ("password_hash",),
    "api_sessions": ("token_hash", "hub_session_hash"),
    "sittings": ("auto_points",),  # known before the marks are out
    "attachments": ("content",),  # beside the sheets, as a picture
    "signin_failures": ("login",),
}
PLAIN = ("id", "person_id", "key")
"""Columns that say nothing of somebody."""
