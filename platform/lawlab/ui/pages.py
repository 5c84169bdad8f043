"""The pages that are one custom element: the element reads its address and asks the API itself."""

from __future__ import annotations

from lawlab.ui.element import Element, tag


def home() -> Element:
    """首页: what is due, courses, quizzes, points."""
    return Element(tag("lawlab-home"))


def course() -> Element:
    """课程: lessons with progress, and the map over the law; the address names the course."""
    return Element(tag("lawlab-course"))


def law() -> Element:
    """法律: a whole law to read; without a name in the address, the index of all laws."""
    return Element(tag("lawlab-law"))


def quiz() -> Element:
    """测验: from the rules to the result; the address names the assignment."""
    return Element(tag("lawlab-quiz"))


def board() -> Element:
    """排行榜 for phones, changing while it is open."""
    return Element(tag("lawlab-board"))


def search() -> Element:
    """搜索: lessons, articles and explanations in one box."""
    return Element(tag("lawlab-search"))


def mine() -> Element:
    """我的数据: what the platform holds of somebody, for himself."""
    return Element(tag("lawlab-mine"))


def bank() -> Element:
    """题库 for trainers: the list of questions, or the one that the address names."""
    return Element(tag("lawlab-bank"))


def laws() -> Element:
    """法规导入 for trainers: official files, versions and what changed between them."""
    return Element(tag("lawlab-laws"))


def desk() -> Element:
    """教员工作台: what waits for a person, courses and their drafts, what is 待核."""
    return Element(tag("lawlab-desk"))


def attendance() -> Element:
    """活动 for trainers: planning, signing in, who was there; the address names what."""
    return Element(tag("lawlab-attendance"))


def calendar() -> Element:
    """活动 for everybody: the year, one activity with leave, its room; the address names which."""
    return Element(tag("lawlab-calendar"))


def checkin() -> Element:
    """签到: by the receipt of a scan in the address, or by six digits."""
    return Element(tag("lawlab-checkin"))


def drill() -> Element:
    """每日一练: practice, the wrong-question book, games, the map; the address names what."""
    return Element(tag("lawlab-drill"))


def training() -> Element:
    """练习 for trainers: who practises, what is forgotten, the plan, reports, made questions."""
    return Element(tag("lawlab-training"))


def contest() -> Element:
    """比武: the seat of one contestant; without a number in the address, the open contests."""
    return Element(tag("lawlab-contest"))


def host() -> Element:
    """比武 for hosts: all contests, the editor, the console; the address names which."""
    return Element(tag("lawlab-host"))


def bigscreen() -> Element:
    """比武 for the projector; the address names the contest."""
    return Element(tag("lawlab-bigscreen"))
