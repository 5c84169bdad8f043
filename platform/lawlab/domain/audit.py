"""What stands in the audit trail: acts that change what others may, get or see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COMMAND, SYSTEM = "command", "system"
"""Who acts when nobody is signed in: the command line, and the platform itself."""

ACTORS = {COMMAND: "命令行", SYSTEM: "平台"}
ACTIONS = {
    "people.import": "导入名册",
    "people.new": "新增人员",
    "people.change": "修改人员",
    "people.disable": "停用",
    "people.enable": "启用",
    "people.forget": "删除个人信息",
    "people.password": "重置密码",
    "people.export": "导出名册",
    "people.units": "定教员负责的单位",
    "quiz.build": "组卷",
    "quiz.open": "开放测验",
    "quiz.release": "公布成绩",
    "quiz.export": "导出成绩",
    "quiz.regrade": "重新评分",
    "quiz.mark": "改评分",
    "content.publish": "发布",
    "content.state": "撤下或恢复",
    "content.confirm": "核对待核内容",
    "content.law": "导入法规",
    "activity.cancel": "取消活动",
    "activity.restore": "恢复活动",
    "activity.close": "结束签到",
    "activity.reopen": "重新打开签到",
    "activity.correct": "更正考勤",
    "activity.walk_in": "处理现场登记",
    "activity.leave": "批请假",
    "activity.list": "导入签到名单",
    "activity.export": "导出考勤",
    "contest.decide": "主持人的决定",
    "contest.cancel": "取消比武",
    "contest.delete": "删除比武草稿",
    "contest.settle": "结算比武",
    "contest.certificates": "做证书",
    "contest.export": "导出赛事记录",
    "contest.revoke": "证书作废或恢复",
    "board.rules": "改排行榜规则",
    "drill.plan": "改练习安排",
    "report.made": "生成年度报告",
    "data.own": "下载自己的数据",
    "data.backup": "备份",
    "data.restore": "恢复备份",
    "data.recompute": "重新计算",
    "data.retention": "删除到期的个人信息",
}
"""Action → how it is said. The part before the dot groups them."""

FORBIDDEN = ("phone", "password", "full_name", "name")
"""Never in the detail of an entry: it stays for good."""


def action_name(action: str) -> str:
    return ACTIONS.get(action, action)


def actor_name(actor: str) -> str:
    return ACTORS.get(actor, actor)


def detail_text(detail: Mapping[str, Any]) -> str:
    """The detail on one line."""
    return "；".join(f"{key}＝{_short(value)}" for key, value in detail.items())


def _short(value: object) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
