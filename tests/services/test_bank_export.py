"""The published bank as a file: what it holds, and that importing it changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.item_form import file_item
from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.errors import LawlabError, NotFound
from lawlab.services.bank_export import _BankDumper, export_bank
from lawlab.services.checking import parse_bank
from lawlab.services.content import publish_bank
from lawlab.services.content_state import set_state
from lawlab.store.statutes import Statutes
from lawlab.store.tables import ItemBank, ItemVersion

if TYPE_CHECKING:
    from collections.abc import Callable

Sessions = sessionmaker[Session]
LAW = "某镇爱护桥梁条例"
BANK = f"""bank: bridges
law: {LAW}
awaits: [待来的条例]
items:
  # 随手写的说明，导出时不留
  - id: brg-001
    type: multiple
    stem: "哪些东西不能堆在桥面上：选一选？"
    options:
      A: 石料
      B: 木料
      C: "2 瓶水"
    answer: AB
    explanation: 第三条把石料和木料都写进去了。
    why_wrong:
      C: 随手带的水不是堆放。
    articles: ["{LAW}#3"]
    evidence: 不得在桥面上堆放石料
    difficulty: 2
    tags: [桥面, "2022"]
  - id: brg-002
    type: judge
    stem: 桥面上可以堆石料。
    answer: 错
    explanation: 不可以。
    articles: ["{LAW}#3"]
    evidence: 不得在桥面上堆放石料
    difficulty: 1
    unconfirmed: 听镇里说的。
  - id: brg-003
    type: case
    stem: |-
      第一段。
      第二段。
    answer: 请他搬走。
    explanation: 条例不许。
    articles: ["{LAW}#3", "待来的条例#2"]
    evidence: 不得在桥面上堆放石料
    difficulty: 3
    rubric:
      - {{text: 说明, points: 12}}
      - {{text: 搬走, points: 8}}
"""


@pytest.fixture
def statutes(make_statutes: Callable[..., Statutes]) -> Statutes:
    return make_statutes({LAW: {3: "任何人不得在桥面上堆放石料、木料和其他重物。"}})


def test_importing_what_was_exported_changes_nothing(
    sessions: Sessions, statutes: Statutes, now: datetime
) -> None:
    with sessions() as session:
        publish_bank(session, BANK, statutes, now)
        done = export_bank(session, "bridges")
        again = publish_bank(session, done.text, statutes, now)
        assert again.same == ("brg-001", "brg-002", "brg-003")
        assert export_bank(session, "bridges") == done
    assert (done.items, done.left_out) == (3, ())


def test_an_export_is_a_whole_bank_for_an_empty_town(
    sessions: Sessions, statutes: Statutes, now: datetime
) -> None:
    with sessions() as session:
        publish_bank(session, BANK, statutes, now)
        exported = export_bank(session, "bridges").text
        before = {row.item: row.body for row in session.query(ItemVersion)}
        for table in ("item_versions", "item_banks", "publications"):
            session.execute(sql(f"delete from {table}"))
        session.commit()
        publish_bank(session, exported, statutes, now)
        assert {row.item: row.body for row in session.query(ItemVersion)} == before
        home = session.get_one(ItemBank, "bridges")
        assert (home.law, home.awaits, home.prefix) == (LAW, ["待来的条例"], "brg")


def test_an_export_reads_like_a_file_that_people_write(
    sessions: Sessions, statutes: Statutes, now: datetime
) -> None:
    with sessions() as session:
        publish_bank(session, BANK, statutes, now)
        lines = export_bank(session, "bridges").text.splitlines()
    assert lines[:3] == ["bank: bridges", f"law: {LAW}", "awaits: [待来的条例]"]
    assert "    tags: [桥面, '2022']" in lines
    assert "    stem: 哪些东西不能堆在桥面上：选一选？" in lines
    assert "        points: 12" in lines
    assert not any(line.rstrip().endswith((": ''", ": []", ": {}")) for line in lines)


def test_what_is_out_of_use_is_left_out_unless_everything_is_wanted(
    sessions: Sessions, statutes: Statutes, now: datetime
) -> None:
    with sessions() as session:
        publish_bank(session, BANK, statutes, now)
        set_state(session, "item", "brg-001", "withdrawn", "有歧义", "t01", now)
        set_state(session, "item", "brg-003", "stale", "变了", "系统", now)
        session.commit()
        done = export_bank(session, "bridges")
        assert (done.items, done.left_out) == (1, ("brg-001", "brg-003"))
        assert export_bank(session, "bridges", everything=True).items == 3
        set_state(session, "item", "brg-002", "withdrawn", "有歧义", "t01", now)
        session.commit()
        with pytest.raises(LawlabError) as caught:
            export_bank(session, "bridges")
        assert caught.value.code == "bank_empty"
        with pytest.raises(NotFound):
            export_bank(session, "nothing")


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), min_size=1, max_size=30
).filter(lambda text: text == text.strip() and text != "")


@given(stem=WORDS, why=WORDS, tag=WORDS, points=st.integers(1, 19))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_a_text_holds_it_comes_back_the_same(
    stem: str, why: str, tag: str, points: int
) -> None:
    question = Question(
        id="brg-001",
        type=QuestionType.CASE,
        stem=stem,
        options={},
        answer=why,
        explanation="yes",
        articles=("某镇爱护桥梁条例#3",),
        evidence="1e3",
        difficulty=3,
        tags=(tag, "null"),
        rubric=(RubricPoint(stem, points), RubricPoint("~", 20 - points)),
    )
    data = {"bank": "b", "law": "l", "items": [file_item(question)]}
    text = yaml.dump(data, Dumper=_BankDumper, allow_unicode=True, sort_keys=False, width=10_000)
    bank, _ = parse_bank(text)
    assert bank.questions == (question,)
