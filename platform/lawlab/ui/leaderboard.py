"""The leaderboard app: boards of 干部职工, 法律明白人, units and cohorts, by time and phase, with a
chart, changing while they are open."""

from __future__ import annotations

import asyncio
import logging
import random
from html import escape

import ipywidgets as widgets
import pandas as pd

from lawlab.client import Api, ApiError, connect
from lawlab.client.api import GROUPS, LABELS, Me
from lawlab.domain.board_spans import PHASE_NAMES, SPAN_NAMES
from lawlab.ui.chart import bars

PERIOD_S = 2.0
CHART_ROWS = 10
EMPTY = "还没有成绩。学完一课或参加一次测验，这里就会出现名次。"
log = logging.getLogger("lawlab.ui")


class Leaderboard:
    """One visitor's board. `widget` is what the page shows; `refresh` brings it up to date."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._shown: tuple[tuple[str, str, str], pd.DataFrame] | None = None
        self._me: Me | None = None
        self._group = _toggles(GROUPS, "staff")
        self._span = _toggles(SPAN_NAMES, "all")
        self._phase = _toggles(PHASE_NAMES, "total")
        self._chart = widgets.HTML()
        self._table = widgets.HTML()
        self._note = widgets.HTML()
        choices = [self._group, self._span, self._phase]
        for choice in choices:
            choice.observe(lambda _change: self.refresh(), names="value")
        self.widget = widgets.VBox([*choices, self._note, self._chart, self._table])
        self.widget.add_class("board-live")

    def refresh(self) -> None:
        """Show the chosen board as it stands now; what was shown stays when the API is away."""
        asked: tuple[str, str, str] = (self._group.value, self._span.value, self._phase.value)
        group, span, phase = asked
        # A page can send any value over its socket.
        if group not in GROUPS or span not in SPAN_NAMES or phase not in PHASE_NAMES:
            return
        try:
            # Asked here, so that a page that is opened while the API is away says so and recovers.
            me = self._me = self._me or self._api.me()
            frame = self._api.board(group, span, phase)
        except ApiError as error:
            self._note.value = f'<p class="notice">{escape(str(error))}</p>'
            return
        self._note.value = ""
        if self._shown and self._shown[0] == asked and frame.equals(self._shown[1]):
            return
        self._shown = (asked, frame)
        mine = me.unit if group == "unit" else me.full_name
        self._chart.value = self._draw(
            group, frame, mine, f"{SPAN_NAMES[span]}{PHASE_NAMES[phase]}"
        )
        self._table.value = table(group, frame, mine)

    async def keep_fresh(self) -> None:
        """Refresh whenever something was earned, for ever. A failure is said or logged, and tried
        again: the board never freezes."""
        known = ""
        while True:
            # Not oftener, and not everybody in the same instant.
            await asyncio.sleep(PERIOD_S * (0.5 + random.random()))  # noqa: S311 - no secret
            try:
                known = await asyncio.to_thread(self._api.board_news, known)
            except ApiError:
                known = ""  # `refresh` says it
            try:
                self.refresh()
            except Exception:
                log.exception("the board could not be refreshed")

    def _draw(self, group: str, frame: pd.DataFrame, mine: str | None, what: str) -> str:
        label, value = (LABELS[group], "人均积分") if group in LABELS else ("姓名", "积分")
        best = frame[frame[value] > 0].head(CHART_ROWS)
        if best.empty:
            return ""
        title = f"{GROUPS[group]}{what}，{value}前 {len(best)} 名"
        return bars(list(best[label]), list(best[value]), title=title, marked=mine)


def _toggles(names: dict[str, str], chosen: str) -> widgets.ToggleButtons:
    """Buttons of which one is pressed: value → what it says."""
    buttons = widgets.ToggleButtons(
        options=[(title, value) for value, title in names.items()],
        value=chosen,
        layout=widgets.Layout(width="100%"),
    )
    buttons.add_class("board-tabs")
    return buttons


def table(group: str, frame: pd.DataFrame, mine: str | None) -> str:
    """The board as an HTML table, the row of `mine` marked; a sentence when nobody has points."""
    points = "人均积分" if group in LABELS else "积分"
    if frame.empty or not (frame[points] > 0).any():
        return f'<p class="empty">{EMPTY}</p>'
    shown = frame.copy()
    if group in LABELS:
        shown["参与率"] = shown["参与率"].map("{:.0%}".format)
    head = "".join(f"<th scope='col'>{column}</th>" for column in shown.columns)
    key = LABELS.get(group, "姓名")
    body = "".join(
        f"<tr{' class=mine' if mine and row[key] == mine else ''}>"
        + "".join(f"<td>{_cell(value)}</td>" for value in row)
        + "</tr>"
        for _, row in shown.iterrows()
    )
    look = "of-units" if group in LABELS else "of-people"
    head = f"<thead><tr>{head}</tr></thead>"
    return f'<table class="board-table {look}">{head}<tbody>{body}</tbody></table>'


def _cell(value: object) -> str:
    if value is None or value != value:  # pandas marks a missing unit with NaN
        return "—"
    return f"{value:g}" if isinstance(value, float) else escape(str(value))


def show() -> widgets.Widget:
    """The page's only call: a board for the person this kernel belongs to."""
    board = Leaderboard(connect())
    board.refresh()
    board.widget.keeper = asyncio.get_event_loop().create_task(board.keep_fresh())
    return board.widget
