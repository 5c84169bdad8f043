"""What counts as a copy of the law, and what may be said in the same words."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from lawlab.domain.quotation import LONGEST, copied_runs, quotation_faults
from lawlab.domain.statute import Article, Law, LawInfo

DAY = dt.date(2020, 1, 1)
TEXTS = [
    "为了爱护桥梁，方便行人和车辆通行，保护大家的安全，制定本条例。",
    "任何单位和个人不得在桥上堆放柴草、晾晒粮食、停放车辆或者摆摊设点。违反的，由镇人民政府责令改正。",
]
INFO = LawInfo("x", "某镇爱护桥梁条例", "条例", "某镇", "现行有效", DAY, DAY, DAY)
LAW = Law(INFO, tuple(Article((n, 0), f"第{n}条", text) for n, text in enumerate(TEXTS, 1)))


def test_a_copied_sentence_is_found_whatever_its_punctuation() -> None:
    own = "请记住：任何单位和个人，不得在桥上堆放柴草，晾晒粮食！"
    assert copied_runs(own, LAW) == ["任何单位和个人不得在桥上堆放柴草晾晒粮食"]
    (fault,) = quotation_faults([own], [LAW])
    assert "有 20 个字和《某镇爱护桥梁条例》的条文一样" in fault


@pytest.mark.parametrize("start", range(12))
def test_one_character_more_than_allowed_is_found_wherever_it_begins(start: int) -> None:
    text = LAW.articles[1].plain
    own = "说" * start + text[4 : 4 + LONGEST + 1] + "说说说"
    assert copied_runs(own, LAW) == [text[4 : 4 + LONGEST + 1]]
    assert copied_runs("说" * start + text[4 : 4 + LONGEST] + "说说说", LAW) == []


def test_a_run_does_not_reach_from_one_article_into_the_next() -> None:
    one, two = LAW.articles[0].plain, LAW.articles[1].plain
    assert copied_runs(one[-15:] + two[:15], LAW) == []


def test_every_copy_in_a_text_is_found() -> None:
    one, two = LAW.articles[0].plain, LAW.articles[1].plain
    assert copied_runs(f"{one}也就是说{two}", LAW) == [one, two]


def test_blocks_find_what_a_plain_search_finds() -> None:
    rng = random.Random(7)
    law = LAW.plain.replace("\n", "")
    for _ in range(200):
        cut = rng.randrange(len(law))
        own = "".join(rng.choices("说的是这样", k=rng.randrange(12))) + law[cut : cut + 30]
        plainly = any(own[n : n + LONGEST + 1] in LAW.plain for n in range(len(own) - LONGEST))
        assert bool(copied_runs(own, LAW)) == plainly
