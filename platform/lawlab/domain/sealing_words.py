"""What a look at the chain of seals found, in words."""

from __future__ import annotations

import datetime as dt

from lawlab.domain.sealing import Break, Link, grouped

TABLES = {
    "answers": "作答",
    "attendance_events": "考勤记录",
    "audit_entries": "操作记录",
    "board_rules": "排行榜规则",
    "certificates": "荣誉证书",
    "contest_events": "比武的主持记录",
    "drill_plans": "练习安排",
    "imported_laws": "导入的法规",
    "item_versions": "题目的版本",
    "lesson_versions": "课文的版本",
    "manual_marks": "人工评分",
    "presence_answers": "线上会议的答题卡",
    "publications": "发布记录",
    "regrades": "重新评分",
}


def break_text(found: Break, zone: dt.tzinfo) -> str:
    """One sentence: between which times, of what, and what kind of change."""
    at = _moment(found.at, zone)
    when = f"{_moment(found.since, zone)} 到 {at} 之间" if found.since else f"{at} 以前"
    table = TABLES.get(found.table, found.table)
    if found.kind == "changed":
        return f"第 {found.number} 环：{when}的“{table}”有内容被改过（共 {found.expected} 条）。"
    if found.kind in ("missing", "added"):
        many = abs(found.expected - found.found)
        done = "少了" if found.kind == "missing" else "多了"
        return (
            f"第 {found.number} 环：{when}的“{table}”{done} {many} 条"
            f"（封存时 {found.expected} 条，现在 {found.found} 条）。"
        )
    if found.kind == "head_differs":
        return f"第 {found.number} 环（{at}）和写在外面的校验码不一样：这一环和以前的记录被重写过。"
    if found.at is None:
        return f"第 {found.number} 环写在外面有，平台里没有了：最后几环被删掉了。"
    if found.kind == "link_missing":
        return f"第 {found.number} 环不见了（{when}）。"
    return f"第 {found.number} 环（{at}）本身被改过。"


def link_text(link: Link, zone: dt.tzinfo) -> str:
    """A link on one line, as somebody copies it."""
    return f"第 {link.number} 环，{_moment(link.at, zone)}，校验码 {grouped(link.head)}"


def daily_page(
    town: str, day: dt.date, counts: dict[str, int], link: Link | None, zone: dt.tzinfo
) -> str:
    """The page that somebody prints, signs and keeps. `counts`: how an action is said → how often
    it was done on the day; `link`: the newest at the end of the day."""
    lines = [f"# {town}法治练兵场：{day:%Y 年 %m 月 %d 日}存证", ""]
    if link is None:
        return "\n".join([*lines, "到这一天结束，还没有封存过记录。", ""])
    lines += [f"- 操作记录：{sum(counts.values())} 条"]
    lines += [f"  - {name}：{many}" for name, many in sorted(counts.items())]
    groups = grouped(link.head).split("-")
    lines += [
        f"- 封存到：第 {link.number} 环，{_moment(link.at, zone)}",
        "- 校验码：",
        "",
        *(f"      {'  '.join(groups[n : n + 4])}" for n in range(0, len(groups), 4)),
        "",
        "以后核对：`lawlab audit verify --head 校验码`（写前四组就可以）。",
        "校验码对得上，这一天和以前的记录就没有改过。",
        "",
        "签名：____________________    日期：____________________",
        "",
    ]
    return "\n".join(lines)


def _moment(at: dt.datetime | None, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else ""
