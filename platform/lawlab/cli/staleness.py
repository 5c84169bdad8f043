"""What commands say of items whose law changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

_MOST_NAMED = 12


def say_stale(console: Console, stale: Sequence[str]) -> None:
    """Which items are stale since now."""
    if stale:
        more = f" 等 {len(stale)} 题" if len(stale) > _MOST_NAMED else ""
        console.print(
            f"有 {len(stale)} 题依据的条文变了，已从试卷和课时里撤下："
            f"{'、'.join(stale[:_MOST_NAMED])}{more}。请在“题库”页核对、改好、重新发布。",
            markup=False,
        )
    else:
        console.print("没有题目因此过期。")
