"""The pages that are one custom element: the element reads its address and asks the API itself."""

from __future__ import annotations

from lawlab.ui.element import Element, tag


def home() -> Element:
    """首页: what is due, courses, quizzes, points."""
    return Element(tag("lawlab-home"))


def quiz() -> Element:
    """测验: from the rules to the result; the address names the assignment."""
    return Element(tag("lawlab-quiz"))


def board() -> Element:
    """排行榜 for phones, changing while it is open."""
    return Element(tag("lawlab-board"))


def search() -> Element:
    """搜索: lessons, articles and explanations in one box."""
    return Element(tag("lawlab-search"))
