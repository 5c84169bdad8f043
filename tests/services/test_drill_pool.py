"""The pool of practice follows content and law, and what is made from the law stays in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from tests.services.conftest import BRIDGES, FIRST, LAW, SECOND, Desk, make_bank

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services.bank_export import export_bank
from lawlab.services.confirmations import statements
from lawlab.services.content import publish_bank
from lawlab.services.content_figures import published_banks
from lawlab.services.content_state import clear_state, set_state
from lawlab.services.drill_pool import (
    ENOUGH,
    MADE_BANK,
    MAKER,
    MANY,
    bring_pool_in_step,
    poor_items,
)
from lawlab.services.freshness import mark_stale
from lawlab.services.inspection import published_questions
from lawlab.services.item_desk import item_detail
from lawlab.services.item_drafts import new_bank
from lawlab.services.item_list import Wanted, bank_list, item_list
from lawlab.services.quiz_building import candidates
from lawlab.services.search import refresh_index
from lawlab.store import drill_items
from lawlab.store.content import bank_items, newest_item_ids, newest_items
from lawlab.store.items import item_ids
from lawlab.store.statutes import Statutes
from lawlab.store.tables import Answer, DrillItem, ItemVersion, Mark, Person

# What the desk's own law says in its second article, at more length.
LONG = (
    "三吨以上的车辆不得通过木桥，违反的人由镇人民政府处五十元以上二百元以下罚款。"
    "村民委员会接到报告后，可以在二日内派人到桥边查看。"
)
MILDER = LONG.replace("二日内", "五日内")


class Pool:
    """The desk with a law that says enough to be asked about."""

    def __init__(self, desk: Desk, make_statutes: Any) -> None:
        self.desk, self.sessions = desk, desk.sessions
        self._make = make_statutes
        self.statutes: Statutes = self.law(LONG)

    def law(self, text: str) -> Statutes:
        made: Statutes = self._make({BRIDGES: LAW | {2: text}})
        return made

    def step(self) -> bool:
        with self.sessions() as session:
            return bring_pool_in_step(session, self.statutes, self.desk.now)

    def rows(self) -> dict[str, DrillItem]:
        with self.sessions() as session:
            rows = session.scalars(select(DrillItem).order_by(DrillItem.position))
            return {row.item: row for row in rows}

    def made(self) -> set[str]:
        return {item for item, row in self.rows().items() if row.made}

    def asked(self) -> set[str]:
        """What practice may ask now."""
        with self.sessions() as session:
            return {row.item for row in session.execute(drill_items.pool())}

    def versions(self) -> int:
        """Stored versions of made questions."""
        with self.sessions() as session:
            query = select(func.count()).select_from(ItemVersion)
            return session.scalar(query.where(ItemVersion.bank == MADE_BANK)) or 0

    def state(self, kind: str, name: str, on: bool) -> None:
        with self.sessions() as session:
            if on:
                assert clear_state(session, kind, name, "t01", self.desk.now)
            else:
                set_state(session, kind, name, "withdrawn", "先不用", "t01", self.desk.now)
            session.commit()

    def answers(self, item: str, right: int, wrong: int) -> None:
        """First answers of so many people; whoever was right is wrong later, and otherwise."""
        with self.sessions() as session:
            version = session.scalar(select(ItemVersion.id).where(ItemVersion.item == item))
            for n in range(right + wrong):
                login = f"x{n:03}"
                person = session.scalar(select(Person).where(Person.login == login))
                if person is None:
                    person = Person(login=login, full_name="村民", created_at=self.desk.now)
                    session.add(person)
                    session.flush()
                for time in (0, 1):
                    answer = Answer(
                        person_id=person.id,
                        item_version_id=version,
                        place="drill:daily",
                        key=f"{item}-{time}",
                        response={"chosen": ["A"]},
                        received_at=self.desk.now + timedelta(minutes=time),
                    )
                    session.add(answer)
                    session.flush()
                    hit = (n < right) != bool(time)
                    mark = Mark(answer_id=answer.id, points=float(hit), max_points=1.0)
                    mark.key_version, mark.marker, mark.marked_at = 1, "auto", self.desk.now
                    # The newest mark of an answer counts.
                    old = Mark(answer_id=answer.id, points=1 - mark.points, max_points=1.0)
                    old.key_version, old.marker, old.marked_at = 1, "auto", self.desk.now
                    session.add_all([old, mark])
            session.commit()


@pytest.fixture
def pool(desk: Desk, make_statutes: Any) -> Pool:
    return Pool(desk, make_statutes)


def test_it_holds_the_banks_questions_and_then_those_made_from_treated_articles(
    pool: Pool,
) -> None:
    assert pool.step()
    rows = list(pool.rows().values())
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert [row.made for row in rows] == sorted(row.made for row in rows)
    assert [row.item for row in rows if not row.made] == [f"brg-{n:03}" for n in range(1, 10)]
    assert {row.course for row in rows} == {"bridges"}
    # Only the second article is treated by a lesson.
    assert {row.article for row in rows if row.made} == {f"{BRIDGES}#2"}
    assert pool.made()
    with pool.sessions() as session:
        for row in rows:
            version = session.get_one(ItemVersion, row.item_version_id)
            question = Question.from_json(version.body)
            assert (row.item, row.type) == (question.id, question.type.value)
            assert row.articles == list(question.articles)
            assert row.characters > 10
            assert (version.bank == MADE_BANK) is row.made
            assert (version.reviewer == MAKER) is row.made


def test_nothing_is_done_when_nothing_changed(pool: Pool) -> None:
    assert pool.step()
    with pool.sessions() as session, counted(session) as seen:
        assert not bring_pool_in_step(session, pool.statutes, pool.desk.now)
    assert len(seen) <= 6
    assert not any(word in text.lower() for text in seen for word in ("insert", "delete"))
    pool.desk.pass_(days=1)  # a law may begin
    before = pool.rows().keys()
    assert pool.step()
    assert pool.rows().keys() == before


def test_two_processes_make_it_once_between_them(pool: Pool) -> None:
    start, failed = threading.Barrier(4), []

    def make() -> None:
        start.wait()
        try:
            pool.step()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert pool.versions() == len(pool.made()) > 0
    pool.step()
    assert not pool.step()


def test_it_follows_publications(pool: Pool) -> None:
    pool.step()
    before = pool.rows()
    with pool.sessions() as session:
        text = make_bank(10).replace("第1座木桥上可以走", "第1座老木桥上可以走")
        publish_bank(session, text, pool.statutes, pool.desk.now)
        session.add(written("brg-011", pool))
        session.commit()
    assert pool.step()
    now = pool.rows()
    # One is new, one has a new version; a person marks what is written.
    assert now.keys() - before.keys() == {"brg-010"}
    assert not before.keys() - now.keys()
    changed = {i for i in before if before[i].item_version_id != now[i].item_version_id}
    assert changed == {"brg-001"}


def test_what_is_withdrawn_is_not_asked_and_comes_back(pool: Pool) -> None:
    pool.step()
    everything, one = pool.asked(), sorted(pool.made())[0]
    for item in (one, "brg-002"):
        pool.state("item", item, on=False)
        assert pool.asked() == everything - {item}  # at once
        assert pool.step()
        assert pool.asked() == everything - {item}
        pool.state("item", item, on=True)
        assert pool.step()
        assert pool.asked() == everything


def test_a_lesson_that_is_withdrawn_takes_its_articles_along(pool: Pool) -> None:
    pool.step()
    made = pool.made()
    pool.state("lesson", f"bridges/{FIRST}", on=False)
    pool.step()
    assert pool.made() == made  # the other one treats it too
    pool.state("lesson", f"bridges/{SECOND}", on=False)
    pool.step()
    assert not pool.made()
    pool.state("lesson", f"bridges/{FIRST}", on=True)
    pool.step()
    assert pool.made() == made
    assert pool.versions() == len(made)


def test_it_follows_the_law(pool: Pool) -> None:
    pool.step()
    old, stored = pool.made(), pool.versions()
    pool.statutes = pool.law(MILDER)
    pool.desk.pass_(days=1)
    assert pool.step()
    new = pool.made()
    assert old - new
    assert new - old
    # What people answered keeps its text.
    assert pool.versions() == stored + len(new - old)
    with pool.sessions() as session:
        bodies = session.scalars(select(ItemVersion.body).where(ItemVersion.item.in_(new)))
        assert not [one for one in bodies if "二日内" in str(one)]
    pool.statutes = pool.law(LONG)
    pool.desk.pass_(days=1)
    assert pool.step()
    assert pool.made() == old
    assert pool.versions() == stored + len(new - old)


def test_a_law_that_is_not_there_leaves_the_banks_questions(pool: Pool, make_statutes: Any) -> None:
    pool.step()
    pool.statutes = make_statutes({"某镇爱护水井条例": {1: LONG}})
    pool.desk.pass_(days=1)
    assert pool.step()
    rows = pool.rows()
    assert len(rows) == 9
    assert {row.chapter for row in rows.values()} == {""}


@pytest.mark.parametrize(
    "cases",
    [
        [(3, ENOUGH - 3, "只有 3 人答对"), (4, ENOUGH - 4, ""), (0, ENOUGH - 1, "")],
        [(MANY, 0, "太容易了"), (MANY - 1, 1, ""), (MANY - 1, 0, "")],
    ],
)
def test_what_nobody_or_everybody_knows_at_the_first_try_is_not_asked(
    pool: Pool, cases: list[tuple[int, int, str]]
) -> None:
    pool.step()
    made = pool.made()
    items = dict(zip(sorted(made), cases, strict=False))
    assert len(items) == len(cases)
    for item, (right, wrong, _) in items.items():
        pool.answers(item, right, wrong)
    pool.answers("brg-001", 0, ENOUGH)  # of a bank: trainers see to it
    with pool.sessions() as session:
        found = poor_items(session)
    poor = {item: words for item, (_, _, words) in items.items() if words}
    assert found.keys() == poor.keys()
    assert all(words in found[item] for item, words in poor.items())
    pool.desk.pass_(days=1)
    assert pool.step()
    assert pool.made() == made - poor.keys()
    assert "brg-001" in pool.asked()


def test_made_questions_stand_nowhere_else(pool: Pool) -> None:
    with pool.sessions() as session:
        refresh_index(session, pool.statutes, pool.desk.now)
        before = seen_elsewhere(session)
    pool.step()
    made = pool.made()
    assert made
    with pool.sessions() as session:
        assert seen_elsewhere(session) == before
        assert not made & set(newest_items(session))
        assert not made & set(newest_item_ids(session))
        assert not made & set(item_ids(session))
        assert not bank_items(session, MADE_BANK)
        assert not candidates(session, MADE_BANK)
        assert refresh_index(session, pool.statutes, pool.desk.now) == 0
        # Whatever becomes of the law, they are no stale questions of a bank.
        assert not made & set(mark_stale(session, pool.law(MILDER), pool.desk.now))
        with pytest.raises(NotFound):
            export_bank(session, MADE_BANK)
        with pytest.raises(NotFound):
            item_detail(session, sorted(made)[0], pool.statutes, pool.desk.now)


def test_no_bank_takes_their_name(pool: Pool) -> None:
    now, statutes = pool.desk.now, pool.statutes
    with pool.sessions() as session:
        for slug, prefix in ((MADE_BANK, "xyz"), ("wells", MADE_BANK)):
            with pytest.raises(Conflict, match="由法条生成"):
                new_bank(session, slug, BRIDGES, prefix, statutes, now)
    for old, new in (("bank: bridges", f"bank: {MADE_BANK}"), ("brg-", f"{MADE_BANK}-")):
        with pool.sessions() as session, pytest.raises(FileFaults, match="由法条生成"):
            publish_bank(session, make_bank().replace(old, new), statutes, now)


def seen_elsewhere(session: Session) -> list[Any]:
    """What everything shows that lists, exports, counts or checks questions."""
    listed: list[Any] = [bank_list(session), item_list(session, Wanted())]
    listed += [export_bank(session, "bridges")]
    listed += [[astuple(one) for one in statements(session)], published_banks(session)]
    listed += [published_questions(session), candidates(session, "bridges")]
    return listed


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements that a session's database is sent."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def written(item: str, pool: Pool) -> ItemVersion:
    """A question that a person marks."""
    question = Question(
        id=item,
        type=QuestionType.SHORT,
        stem="车为什么不能过木桥？",
        options={},
        answer="太重。",
        explanation="",
        articles=(f"{BRIDGES}#2",),
        evidence="",
        difficulty=1,
    )
    return ItemVersion(
        item=item,
        version=1,
        bank="bridges",
        type=question.type.value,
        body=question.to_json(),
        sha256="",
        article_prints={},
        published_at=pool.desk.now,
    )
