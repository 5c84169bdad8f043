"""Personal data: how a phone number is shown, how somebody who was forgotten is called, and how
long what is kept (个人信息保护法, articles 6, 19, 47 and 51)."""

from __future__ import annotations

import re
from dataclasses import dataclass

MASKED = re.compile(r"\d{3}\*{4}\d{4}")
FORGOTTEN = "已离开人员"
NO_REASON = "（已删除）"


@dataclass(frozen=True)
class Rule:
    """How long one kind of personal data stays."""

    what: str
    kept: str
    name: str = ""
    """Of what is deleted when it is over; empty: it stays."""


FAILURE_DAYS = 1
PROOF_DAYS = 365
"""After its activity, a proof for leave was seen by whoever decides and by the yearly report."""
WALK_IN_DAYS = 30
"""Name and phone tail of a visitor, once a trainer has said who he was, or that it was nobody."""


def rules(keep_signins_days: int) -> tuple[Rule, ...]:
    """What is kept, how it is said, and what is deleted when it is over."""
    return (
        Rule("登录失败的时间、账号、网络地址", f"{FAILURE_DAYS} 天", "failures"),
        Rule("已结束的登录记录", f"{keep_signins_days} 天", "sessions"),
        Rule("请假的证明图片", f"活动以后 {PROOF_DAYS} 天", "proofs"),
        Rule("现场登记的姓名和手机尾号", f"处理以后 {WALK_IN_DAYS} 天", "walk_ins"),
        Rule("姓名、手机号、单位、类别、角色", "在册期间；离开以后由管理员删除姓名和手机号"),
        Rule("学习、作答、成绩、考勤、签名、比武、证书", "长期保存：年度报告和成绩要靠它们证明"),
        Rule("运行日志里的账号和网络地址", "日志自己轮换，最多 30 MB"),
        Rule("操作记录", "长期保存：不含姓名、手机号和密码"),
    )


def mask_phone(phone: str | None) -> str:
    """A phone number as others may see it: 138****1234."""
    if not phone:
        return ""
    if len(phone) < 11:
        return "*" * len(phone)
    return f"{phone[:3]}****{phone[-4:]}"


def is_masked(phone: str | None) -> bool:
    """Whether a cell of a roster holds a number as `mask_phone` shows it."""
    return bool(phone and MASKED.fullmatch(phone))


def forgotten_name(person_id: int) -> str:
    return f"{FORGOTTEN}{person_id:03}"
