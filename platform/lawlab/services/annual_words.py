"""What a template of the yearly report may name, and what is written in its place.

A figure is written with a mark behind it, of which `annual_footnotes` makes a footnote; so whoever
edits the template writes `{{ staff }}` and never has to make a footnote himself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from lawlab.domain.annual_facts import YearFacts
from lawlab.domain.annual_figures import unit_figure
from lawlab.domain.annual_report import AnnualReport, annual_report
from lawlab.domain.annual_rows import FIRST_ROW, Figure, UnitRow
from lawlab.domain.attendance import PHASE_NAMES

OPEN, CLOSE = "\ue000", "\ue001"
"""Around the name of a figure: private characters, which no text of ours has."""
MOST_TITLES = 3

WORDS: Mapping[str, str] = {
    "town": "镇名",
    "year": "年份",
    "day": "人数按哪一天算，例如 12月31日",
    "made": "做报告的日期",
    "organizers": "谁组织了几场",
    "learn_titles": "大学习的几场活动的名称",
    "drill_titles": "大练兵的几场活动的名称",
    "compete_titles": "大比武的几场活动的名称",
    "leading_units": "出勤率在九成以上的单位",
    "lagging_units": "出勤率不到七成的单位",
    "chart": "各月出勤率的图，没有活动时是空的",
}
"""Placeholders that are no figures."""


class Shown:
    """A figure in a template. False where it is 0 or there is nothing to take it from;
    `value` can be compared."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self.value = figure.value

    def __bool__(self) -> bool:
        return self.value is not None and not (isinstance(self.value, int) and self.value == 0)

    def __str__(self) -> str:
        return plain(self._figure.text) + marked(self._figure.name)

    def __html__(self) -> str:
        return escape(str(self))


def marked(name: str) -> str:
    """Where the footnote of a figure belongs."""
    return f"{OPEN}{plain(name)}{CLOSE}"


def plain(text: str) -> str:
    """Without characters that a document cannot hold or that are our marks."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff\ue000\ue001\ufffe\uffff]", " ", text)


def sample() -> AnnualReport:
    """The report of a year without anything: it has every figure's name."""
    day = date(2022, 12, 31)
    return annual_report(YearFacts(2022, day, {}, (), (), (), (), (), ()))


def placeholders() -> dict[str, str]:
    """Every name that a template may use, and what it stands for."""
    figures = {name: one.label for name, one in sample().figures.items()}
    return {**WORDS, **figures}


def notes_of(report: AnnualReport) -> dict[str, Figure]:
    """Every figure that can have a footnote: those of the report, and the rate of each unit."""
    rates = (unit_figure(unit, row) for row, unit in enumerate(report.units, FIRST_ROW))
    return {**report.figures, **{plain(one.name): one for one in rates}}


def context(report: AnnualReport, town: str, made: date) -> dict[str, Any]:
    """What each placeholder is replaced with; `chart` is left to the caller."""
    notes = notes_of(report)
    held_by = [report.figures[name] for name in ("by_town", "by_departments", "by_villages")]
    return {
        "town": plain(town),
        "year": report.year,
        "day": f"{report.day.month}月{report.day.day}日",
        "made": f"{made.year}年{made.month}月{made.day}日",
        "organizers": _listed(
            f"{escape(one.label)}{Shown(one).__html__()}" for one in held_by if one.value
        ),
        **{f"{phase}_titles": _titles(report, phase) for phase in PHASE_NAMES},
        "leading_units": _units(report.leading, notes),
        "lagging_units": _units(report.lagging, notes),
        **{name: Shown(figure) for name, figure in report.figures.items()},
    }


def _units(units: Sequence[UnitRow], notes: Mapping[str, Figure]) -> Markup:
    return _listed(
        f"{escape(plain(unit.name))}{Shown(notes[plain(f'unit:{unit.name}')]).__html__()}"
        for unit in units
    )


def _titles(report: AnnualReport, phase: str) -> str:
    titles = list(dict.fromkeys(plain(one.title) for one in report.meetings if one.phase == phase))
    more = "等" if len(titles) > MOST_TITLES else ""
    return "".join(f"“{title}”" for title in titles[:MOST_TITLES]) + more


def _listed(parts: Iterable[str]) -> Markup:
    return Markup("、").join(Markup(part) for part in parts)  # noqa: S704 - each part is escaped
