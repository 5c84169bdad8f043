"""The leaderboard app: boards for 干部职工, 法律明白人 and units, changing while they are open."""

from __future__ import annotations

import asyncio
import logging
from html import escape

import ipywidgets as widgets
import pandas as pd

from lawlab.client import Api, ApiError, connect
from lawlab.client.api import GROUPS
from lawlab.ui.chart import bars

PERIOD_S = 2.0
CHART_ROWS = 10
EMPTY = "还没有成绩。学完一课或参加一次测验，这里就会出现名次。"
log = logging.getLogger("lawlab.ui")


class Leaderboard:
    """One visitor's board. `widget` is what the page shows; `refresh` brings it up to date."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._shown: tuple[str, pd.DataFrame] | None = None
        me = api.me()
        self._name, self._unit = me.full_name, me.unit
        self._group = widgets.ToggleButtons(
            options=[(title, group) for group, title in GROUPS.items()],
            value="staff",
            layout=widgets.Layout(width="100%"),
        )
        self._group.add_class("board-tabs")
        self._chart = widgets.HTML()
        self._table = widgets.HTML()
        self._note = widgets.HTML()
        self._group.observe(lambda _change: self.refresh(), names="value")
        self.widget = widgets.VBox([self._group, self._note, self._chart, self._table])
        self.widget.add_class("board-live")

    def refresh(self) -> None:
        """Show the chosen board as it stands now; what was shown stays when the API is away."""
        group: str = self._group.value
        if group not in GROUPS:  # a page can send any value over its socket
            return
        try:
            frame = self._api.board(group)
        except ApiError as error:
            self._note.value = f'<p class="notice">{escape(str(error))}</p>'
            return
        self._note.value = ""
        if self._shown and self._shown[0] == group and frame.equals(self._shown[1]):
            return
        self._shown = (group, frame)
        self._chart.value = self._draw(group, frame)
        self._table.value = table(group, frame, self._unit if group == "unit" else self._name)

    async def keep_fresh(self) -> None:
        """Refresh for ever. A failure is logged and tried again: the board never freezes."""
        while True:
            await asyncio.sleep(PERIOD_S)
            try:
                self.refresh()
            except Exception:
                log.exception("the board could not be refreshed")

    def _draw(self, group: str, frame: pd.DataFrame) -> str:
        label, value = ("单位", "人均积分") if group == "unit" else ("姓名", "积分")
        best = frame[frame[value] > 0].head(CHART_ROWS)
        if best.empty:
            return ""
        mine = self._unit if group == "unit" else self._name
        title = f"{GROUPS[group]}{value}前 {len(best)} 名"
        return bars(list(best[label]), list(best[value]), title=title, marked=mine)


def table(group: str, frame: pd.DataFrame, mine: str | None) -> str:
    """The board as an HTML table, the row of `mine` marked; a sentence when nobody has points."""
    points = "人均积分" if group == "unit" else "积分"
    if frame.empty or not (frame[points] > 0).any():
        return f'<p class="empty">{EMPTY}</p>'
    shown = frame.copy()
    if group == "unit":
        shown["参与率"] = shown["参与率"].map("{:.0%}".format)
    head = "".join(f"<th scope='col'>{column}</th>" for column in shown.columns)
    key = "单位" if group == "unit" else "姓名"
    body = "".join(
        f"<tr{' class=mine' if mine and row[key] == mine else ''}>"
        + "".join(f"<td>{_cell(value)}</td>" for value in row)
        + "</tr>"
        for _, row in shown.iterrows()
    )
    look = "of-units" if group == "unit" else "of-people"
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
