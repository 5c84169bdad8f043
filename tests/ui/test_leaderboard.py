"""The live board's table and chart, from data frames."""

from __future__ import annotations

import pandas as pd

from lawlab.client.api import PERSON_COLUMNS, UNIT_COLUMNS, Api, ApiError, Me
from lawlab.ui.chart import bars
from lawlab.ui.leaderboard import Leaderboard, table


def people(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(PERSON_COLUMNS.values()))


def test_nobody_with_points_gives_a_sentence_and_no_table() -> None:
    html = table("staff", people((1, "干部001", None, 0.0, 0.0, 0.0, 0.0, 0.0)), None)
    assert "还没有成绩" in html
    assert "<table" not in html


def test_the_own_row_is_marked_and_a_missing_unit_is_a_dash() -> None:
    html = table("staff", people((1, "干部001", None, 8.5, 8.5, 0.0, 0.0, 0.0)), "干部001")
    assert "<tr class=mine>" in html
    assert "<td>—</td>" in html
    assert "<td>8.5</td>" in html


def test_names_are_escaped() -> None:
    html = table("staff", people((1, "<script>", "甲村", 1.0, 1.0, 0.0, 0.0, 0.0)), None)
    assert "<script>" not in html


def test_participation_reads_as_a_percentage() -> None:
    frame = pd.DataFrame([(1, "甲村", 4, 3, 0.75, 12.0)], columns=list(UNIT_COLUMNS.values()))
    assert "<td>75%</td>" in table("unit", frame, None)


def test_a_chart_holds_its_words_as_text_and_names_no_address_to_load() -> None:
    svg = bars(["甲村", "乙村"], [12.0, 3.0], title="单位人均积分", marked="乙村")
    assert ">甲村<" in svg
    assert 'aria-label="单位人均积分"' in svg
    assert "<image" not in svg
    assert "href" not in svg.replace('xlink="http://www.w3.org/1999/xlink"', "")


class Asked(Api):
    """An API that remembers for which board it was asked."""

    def __init__(self) -> None:
        super().__init__("http://nowhere.invalid", {})
        self.boards: list[tuple[str, str, str]] = []

    def me(self) -> Me:
        return Me("s001", "干部001", ("learner",), "甲村")

    def board(self, group: str, span: str = "all", phase: str = "total") -> pd.DataFrame:
        self.boards.append((group, span, phase))
        return people((1, "干部001", "甲村", 8.5, 8.5, 0.0, 0.0, 0.0))


def test_group_time_and_phase_are_chosen_by_buttons() -> None:
    api = Asked()
    board = Leaderboard(api)
    board.refresh()
    groups, spans, phases = board.widget.children[:3]
    spans.value, phases.value = "week", "compete"
    assert api.boards == [
        ("staff", "all", "total"),
        ("staff", "week", "total"),
        ("staff", "week", "compete"),
    ]
    assert 'aria-label="干部职工本周大比武，积分前 1 名"' in board.widget.children[4].value
    assert [name for name, _ in groups.options][-1] == "两类人员"


class AwayAtFirst(Asked):
    """An API that does not answer the first time."""

    def me(self) -> Me:
        if not self.boards:
            self.boards.append(("", "", ""))
            raise ApiError("unreachable", "暂时连不上系统，稍后会自动再试。")
        return super().me()


def test_a_board_that_is_opened_while_the_api_is_away_says_so_and_comes_by_itself() -> None:
    board = Leaderboard(AwayAtFirst())
    board.refresh()
    note, _, shown = board.widget.children[3:]
    assert "暂时连不上系统" in note.value
    assert shown.value == ""
    board.refresh()
    assert note.value == ""
    assert "<tr class=mine>" in shown.value
