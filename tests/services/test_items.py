"""Questions from draft to publication and out of use, on both databases, with made-up law."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.item_form import blank
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.article_finder import find_articles
from lawlab.services.content import publish_bank
from lawlab.services.content_state import set_state
from lawlab.services.item_desk import item_detail, version_form
from lawlab.services.item_drafts import (
    Save,
    discard_draft,
    new_bank,
    new_item,
    restore_draft,
    save_draft,
)
from lawlab.services.item_list import Wanted, bank_list, item_list
from lawlab.services.item_publishing import (
    ItemFaults,
    confirm_item,
    publish_draft,
    restore_item,
    withdraw_item,
)
from lawlab.services.sessions import Caller
from lawlab.store.content import bank_items
from lawlab.store.engine import writing
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Course, ItemDraft, ItemVersion, Person, Publication

if TYPE_CHECKING:
    from collections.abc import Callable

Sessions = sessionmaker[Session]
LAW = "某镇爱护桥梁条例"
OTHER = "某镇码头管理办法"
ARTICLES = {
    1: "为了爱护桥梁，方便行人，制定本条例。",
    3: "任何人不得在桥面上堆放石料、木料和其他重物。",
    4: "发现桥面有裂缝的，应当在二日内告知镇人民政府。",
}
LAWS = {LAW: ARTICLES, OTHER: {2: "码头早上六时开门。", 4: "任何人不得在码头上晾晒渔网。"}}
STEMS = [
    "村民甲想把一车石料卸在桥上过夜，行不行？",
    "发现桥面裂了一道口子，该在几天之内告诉镇政府？",
    "条例为什么要定下来，它自己是怎样说的？",
    "有人把渔网铺满了码头来晒太阳，合不合规矩？",
    "早晨几点钟起可以进码头装货、卸货？",
]


def form(number: int = 0, **changed: Any) -> dict[str, Any]:
    whole = {
        "stem": STEMS[number],
        "options": {"A": "可以照办", "B": "按条例办"},
        "answer": "B",
        "explanation": "条例是这样要求的。",
        "why_wrong": {"A": "条例不是这样说的。"},
        "articles": [f"{LAW}#3"],
        "evidence": "不得在桥面上堆放石料",
        "difficulty": 2,
        "tags": ["桥面"],
    }
    return blank() | whole | changed


class Desk:
    """Two trainers at one desk, a bank, and a law that can change."""

    def __init__(self, sessions: Sessions, make: Callable[..., Statutes], now: datetime) -> None:
        self.sessions, self.make, self.now = sessions, make, now
        self.statutes = make(LAWS)
        with sessions() as session:
            session.add_all(
                Person(login=login, full_name=name, created_at=now)
                for login, name in (("t01", "教员001"), ("t02", "教员002"))
            )
            session.commit()
            new_bank(session, "bridges", LAW, "brg", self.statutes, now)

    def caller(self, login: str = "t01") -> Caller:
        return Caller(int(login[1:]), login, login, frozenset({"trainer"}))

    def new(self, login: str = "t01") -> ItemDraft:
        with self.sessions() as session:
            return new_item(session, self.caller(login), "bridges", self.now)

    def save(
        self,
        item: str,
        revision: int,
        form: dict[str, Any],
        base: int | None = None,
        by: str = "t01",
    ) -> ItemDraft:
        with self.sessions() as session:
            given = Save(revision, base, form)
            return save_draft(session, self.caller(by), item, given, self.now)

    def publish(self, item: str, revision: int, reviewer: str = "审核人甲") -> ItemVersion:
        with self.sessions() as session:
            return publish_draft(
                session, self.caller(), item, revision, reviewer, self.statutes, self.now
            )

    def published(self, number: int = 0, **changed: Any) -> str:
        """A new item that is published already."""
        draft = self.new()
        draft = self.save(draft.item, draft.revision, form(number, **changed))
        self.publish(draft.item, draft.revision)
        return draft.item

    def withdraw(self, item: str, reason: str = "有歧义") -> None:
        with self.sessions() as session:
            withdraw_item(session, self.caller(), item, reason, self.now)

    def restore(self, item: str) -> str:
        with self.sessions() as session:
            return restore_item(session, self.caller(), item, self.statutes, self.now)

    def confirm(self, item: str, reviewer: str = "审核人甲") -> ItemVersion:
        with self.sessions() as session:
            return confirm_item(session, self.caller(), item, reviewer, self.statutes, self.now)

    def mark_stale(self, item: str, law: dict[int, str]) -> None:
        self.statutes = self.make({LAW: law, OTHER: LAWS[OTHER]})
        with self.sessions() as session:
            writing(session)
            set_state(session, "item", item, "stale", "第三条变了。", "系统", self.now)
            session.commit()

    def detail(self, item: str) -> dict[str, Any]:
        with self.sessions() as session:
            return item_detail(session, item, self.statutes, self.now)

    def in_use(self) -> list[str]:
        with self.sessions() as session:
            return list(bank_items(session, "bridges"))

    def count(self, table: type[Any]) -> int:
        with self.sessions() as session:
            return session.query(table).count()


@pytest.fixture
def desk(sessions: Sessions, make_statutes: Callable[..., Statutes], now: datetime) -> Desk:
    return Desk(sessions, make_statutes, now)


# ---- banks and drafts ---------------------------------------------------------------------------


def test_a_bank_is_made_once_for_a_law_that_is_there(desk: Desk) -> None:
    cases = [
        ("Bridges", LAW, "abc", "bad_bank"),
        ("x" * 41, LAW, "abc", "bad_bank"),
        ("more", LAW, "编号", "bad_bank"),
        ("more", LAW, "a" * 21, "bad_bank"),
        ("more", "没有的条例", "abc", "no_law"),
        ("bridges", LAW, "abc", "bank_exists"),
        ("more", LAW, "brg", "bank_exists"),
    ]
    for slug, law, prefix, code in cases:
        with desk.sessions() as session, pytest.raises(LawlabError) as caught:
            new_bank(session, slug, law, prefix, desk.statutes, desk.now)
        assert caught.value.code == code, (slug, law, prefix)
    with desk.sessions() as session:
        new_bank(session, "docks", f"《{OTHER}》", "dck", desk.statutes, desk.now)
        assert [(b["slug"], b["law"]) for b in bank_list(session)] == [
            ("bridges", LAW),
            ("docks", OTHER),
        ]


def test_banks_stand_in_the_order_of_the_courses(desk: Desk) -> None:
    with desk.sessions.begin() as session:
        session.add(Course(slug="docks", title="码头", law=OTHER, position=1, about={}))
    with desk.sessions() as session:
        new_bank(session, "docks", OTHER, "dck", desk.statutes, desk.now)
        assert [bank["slug"] for bank in bank_list(session)] == ["docks", "bridges"]


def test_a_new_item_takes_the_next_free_id_and_nobody_else_sees_it(desk: Desk) -> None:
    assert [desk.new().item, desk.new("t02").item] == ["brg-001", "brg-002"]
    assert desk.in_use() == []
    with desk.sessions() as session, pytest.raises(NotFound):
        new_item(session, desk.caller(), "nothing", desk.now)


def test_who_begins_at_once_gets_an_id_of_his_own(desk: Desk) -> None:
    with ThreadPoolExecutor(2) as pool:
        drafts = list(pool.map(lambda login: desk.new(login), ("t01", "t02")))
    assert sorted(draft.item for draft in drafts) == ["brg-001", "brg-002"]


def test_of_first_saves_at_once_one_begins_the_draft(desk: Desk) -> None:
    item = desk.published()

    def save(number: int) -> str:
        try:
            desk.save(item, 0, form(number), base=1, by=f"t0{number}")
        except Conflict as conflict:
            return conflict.code
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, (1, 2))) == ["draft_conflict", "saved"]


def test_a_draft_is_kept_as_it_is_however_incomplete(desk: Desk) -> None:
    draft = desk.new()
    half = form(options={"A": "", "B": "按条例办"}, difficulty=None)
    saved = desk.save(draft.item, draft.revision, half, by="t02")
    assert saved.revision == draft.revision + 1
    found = desk.detail(draft.item)
    assert found["draft"]["form"] == half
    assert (found["draft"]["author"], found["draft"]["login"]) == ("教员002", "t02")
    assert {fault["field"] for fault in found["faults"]} == {"options/A", "difficulty"}


def test_a_save_over_unseen_work_is_refused_and_shows_both(desk: Desk) -> None:
    draft = desk.new()
    theirs = desk.save(draft.item, draft.revision, form(), by="t02")
    with pytest.raises(Conflict) as caught:
        desk.save(draft.item, draft.revision, form(1))
    assert caught.value.code == "draft_conflict"
    assert caught.value.sentence.startswith("教员002 在您之后保存过")
    with pytest.raises(Conflict, match="您在另一个窗口保存过"):
        desk.save(draft.item, draft.revision, form(1), by="t02")
    facts: Any = caught.value.facts
    assert facts["draft"]["form"] == form()
    assert facts["draft"]["revision"] == theirs.revision
    assert [change["field"] for change in facts["changes"]] == ["stem"]
    assert desk.detail(draft.item)["draft"]["form"] == form()
    mine = desk.save(draft.item, theirs.revision, form(1))
    assert desk.detail(draft.item)["draft"]["revision"] == mine.revision


def test_a_save_whose_reply_was_lost_is_repeated_without_a_conflict(desk: Desk) -> None:
    draft = desk.new()
    first = desk.save(draft.item, draft.revision, form())
    again = desk.save(draft.item, draft.revision, form())
    assert (again.revision, desk.count(ItemDraft)) == (first.revision, 1)


def test_of_saves_at_once_one_is_kept_and_the_others_are_told(desk: Desk) -> None:
    draft = desk.new()

    def save(number: int) -> str:
        try:
            desk.save(draft.item, draft.revision, form(number), by=f"t0{number + 1}")
        except Conflict as conflict:
            return conflict.code
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(save, range(4))) == ["draft_conflict"] * 3 + ["saved"]


def test_a_window_with_a_draft_thrown_away_cannot_meet_the_next_one(desk: Desk) -> None:
    item = desk.published()
    old = desk.save(item, 0, form(1), base=1)
    with desk.sessions() as session:
        discard_draft(session, desk.caller(), item, old.revision)
    with pytest.raises(Conflict) as caught:
        desk.save(item, old.revision, form(1), base=1)
    assert caught.value.code == "no_draft"
    new = desk.save(item, 0, form(2), base=1, by="t02")
    assert new.revision != old.revision
    with pytest.raises(Conflict) as caught:
        desk.save(item, old.revision, form(3), base=1)
    assert caught.value.code == "draft_conflict"


def test_throwing_away_can_be_undone_also_for_an_item_never_published(desk: Desk) -> None:
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form())
    with desk.sessions() as session, pytest.raises(Conflict):
        discard_draft(session, desk.caller(), draft.item, draft.revision - 1)
    with desk.sessions() as session:
        held = discard_draft(session, desk.caller(), draft.item, draft.revision)
    with pytest.raises(NotFound):
        desk.detail(draft.item)
    with desk.sessions() as session:
        given = Save(0, held["base_version"], held["form"])
        restore_draft(session, desk.caller(), draft.item, held["bank"], given, desk.now)
    assert desk.detail(draft.item)["draft"]["form"] == form()
    with desk.sessions() as session, pytest.raises(Conflict) as caught:
        restore_draft(session, desk.caller(), draft.item, "bridges", given, desk.now)
    assert caught.value.code == "item_exists"


@pytest.mark.parametrize("item", ["xyz-001", "brg", "brg-", "BRG-001", "brg-" + "9" * 70])
def test_undo_takes_only_ids_of_the_bank(desk: Desk, item: str) -> None:
    with desk.sessions() as session, pytest.raises(LawlabError) as caught:
        restore_draft(session, desk.caller(), item, "bridges", Save(0, None, form()), desk.now)
    assert caught.value.code == "bad_item"


def test_what_does_not_exist_cannot_be_saved_or_named_as_base(desk: Desk) -> None:
    item = desk.published()
    with pytest.raises(NotFound):
        desk.save("brg-777", 0, form())
    with pytest.raises(NotFound):
        desk.save(item, 0, form(), base=2)
    assert desk.count(ItemDraft) == 0


# ---- publishing ---------------------------------------------------------------------------------


def test_a_draft_becomes_a_version_with_its_reviewer_and_a_line_of_history(desk: Desk) -> None:
    item = desk.published()
    assert desk.in_use() == [item]
    with desk.sessions() as session:
        row = session.query(ItemVersion).one()
        assert (row.version, row.reviewer, row.bank) == (1, "审核人甲", "bridges")
        assert list(row.article_prints) == [f"{LAW}#3"]
        line = session.query(Publication).one()
        assert (line.action, line.by, line.reviewer, line.version) == (
            "publish",
            "t01",
            "审核人甲",
            1,
        )
    found = desk.detail(item)
    assert (found["draft"], found["published"]["version"], found["faults"]) == (None, 1, [])
    assert found["history"][0] | {"at": ""} == {
        "action": "发布",
        "version": 1,
        "is_version": True,
        "by": "教员001",
        "reviewer": "审核人甲",
        "note": "",
        "at": "",
    }


def test_a_change_is_a_second_version_and_the_first_stays(desk: Desk) -> None:
    item = desk.published()
    draft = desk.save(item, 0, form(explanation="写得更明白。"), base=1)
    found = desk.detail(item)
    assert [change["field"] for change in found["changes"]] == ["explanation"]
    assert found["published"]["form"]["explanation"] == "条例是这样要求的。"
    assert desk.publish(item, draft.revision).version == 2
    with desk.sessions() as session:
        old = version_form(session, item, 1)
        assert old["form"]["explanation"] == "条例是这样要求的。"
        assert [change["field"] for change in old["changes"]] == ["explanation"]
        with pytest.raises(NotFound):
            version_form(session, item, 3)


def test_nothing_is_published_with_a_fault_and_all_are_told(desk: Desk) -> None:
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form(evidence="条文里没有这句", why_wrong={}))
    with pytest.raises(ItemFaults) as caught:
        desk.publish(draft.item, draft.revision)
    facts: Any = caught.value.facts
    assert [fault["field"] for fault in facts["faults"]] == ["why_wrong/A", "evidence"]
    assert (desk.count(ItemVersion), desk.count(Publication), desk.count(ItemDraft)) == (0, 0, 1)


@pytest.mark.parametrize("reviewer", ["", "  ", "名" * 41])
def test_nothing_is_published_without_a_reviewer(desk: Desk, reviewer: str) -> None:
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form())
    with pytest.raises(LawlabError) as caught:
        desk.publish(draft.item, draft.revision, reviewer)
    assert caught.value.code == "no_reviewer"


def test_only_the_draft_that_was_seen_is_published(desk: Desk) -> None:
    draft = desk.new()
    seen = desk.save(draft.item, draft.revision, form())
    desk.save(draft.item, seen.revision, form(1), by="t02")
    with pytest.raises(Conflict) as caught:
        desk.publish(draft.item, seen.revision)
    assert caught.value.code == "draft_conflict"
    with pytest.raises(NotFound):
        desk.publish("brg-777", 1)


def test_a_draft_that_began_from_an_older_version_is_compared_first(desk: Desk) -> None:
    item = desk.published()
    draft = desk.save(item, 0, form(explanation="我改的。"), base=1)
    with desk.sessions() as session:
        publish_bank(session, bank_file(item, explanation="别人改的。"), desk.statutes, desk.now)
    with pytest.raises(Conflict) as caught:
        desk.publish(item, draft.revision)
    assert caught.value.code == "published_meanwhile"
    (change,) = desk.detail(item)["changes"]
    assert ("gone", "别人") in change["pieces"]
    rebased = desk.save(item, draft.revision, form(explanation="我改的。"), base=2)
    assert desk.publish(item, rebased.revision).version == 3


def test_a_draft_like_what_is_published_is_not_published_again(desk: Desk) -> None:
    item = desk.published()
    draft = desk.save(item, 0, form(), base=1)
    with pytest.raises(Conflict) as caught:
        desk.publish(item, draft.revision)
    assert caught.value.code == "nothing_changed"


def test_a_question_like_another_one_is_a_fault_unless_that_one_is_withdrawn(desk: Desk) -> None:
    first = desk.published()
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form(stem=STEMS[0].replace("一车", "两车")))
    with pytest.raises(ItemFaults) as caught:
        desk.publish(draft.item, draft.revision)
    assert first in caught.value.sentence
    desk.withdraw(first)
    assert desk.publish(draft.item, draft.revision).version == 1


def test_of_two_who_publish_at_once_one_does(desk: Desk) -> None:
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form())

    def publish(_n: int) -> str:
        try:
            desk.publish(draft.item, draft.revision)
        except LawlabError as error:
            return error.code
        return "published"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(publish, range(4)))
    assert outcomes.count("published") == 1
    assert set(outcomes) <= {"published", "no_draft", "published_meanwhile"}
    assert (desk.count(ItemVersion), desk.count(Publication)) == (1, 1)


def test_an_id_that_a_file_of_another_bank_took_meanwhile_is_refused(desk: Desk) -> None:
    draft = desk.new()
    draft = desk.save(draft.item, draft.revision, form())
    with desk.sessions() as session:
        text = bank_file(draft.item, 1).replace("bank: bridges", "bank: docks")
        publish_bank(session, text, desk.statutes, desk.now)
    with pytest.raises(Conflict) as caught:
        desk.publish(draft.item, draft.revision)
    assert caught.value.code == "item_exists"


def bank_file(item: str, number: int = 0, explanation: str = "条例是这样要求的。") -> str:
    return f"""bank: bridges
law: {LAW}
items:
  - id: {item}
    type: single
    stem: {STEMS[number]}
    options: {{A: 可以照办, B: 按条例办}}
    answer: B
    explanation: {explanation}
    why_wrong: {{A: 条例不是这样说的。}}
    articles: ["{LAW}#3"]
    evidence: 不得在桥面上堆放石料
    difficulty: 2
    tags: [桥面]
"""


# ---- bank files ---------------------------------------------------------------------------------


def test_a_bank_file_is_published_with_a_reviewer_and_history(desk: Desk) -> None:
    with desk.sessions() as session:
        publish_bank(session, bank_file("brg-001"), desk.statutes, desk.now)
        publish_bank(session, bank_file("brg-002", 1), desk.statutes, desk.now, "审核人乙")
        with pytest.raises(LawlabError):
            publish_bank(session, bank_file("brg-003", 2), desk.statutes, desk.now, " ")
    with desk.sessions() as session:
        rows = session.query(ItemVersion).order_by(ItemVersion.id).all()
        lines = session.query(Publication).order_by(Publication.id).all()
    assert [row.reviewer for row in rows] == ["命令行", "审核人乙"]
    assert [(line.name, line.by, line.reviewer) for line in lines] == [
        ("brg-001", "命令行", "命令行"),
        ("brg-002", "命令行", "审核人乙"),
    ]


def test_a_file_brings_back_what_was_stale_and_never_what_was_withdrawn(desk: Desk) -> None:
    stale, withdrawn = desk.published(0), desk.published(1)
    desk.mark_stale(stale, ARTICLES)
    desk.withdraw(withdrawn)
    with desk.sessions() as session:
        for item, number in ((stale, 0), (withdrawn, 1)):
            text = bank_file(item, number, "改过的解析。")
            publish_bank(session, text, desk.statutes, desk.now)
    assert desk.in_use() == [stale]
    assert desk.detail(withdrawn)["published"]["version"] == 2


# ---- withdrawing and restoring ------------------------------------------------------------------


def test_withdrawing_needs_a_reason_and_restoring_undoes_it(desk: Desk) -> None:
    item = desk.published()
    for reason in ("", "  ", "长" * 401):
        with pytest.raises(LawlabError) as caught:
            desk.withdraw(item, reason)
        assert caught.value.code == "no_reason"
    with pytest.raises(Conflict):
        desk.restore(item)
    desk.withdraw(item, "选项有歧义")
    with pytest.raises(Conflict):
        desk.withdraw(item)
    found = desk.detail(item)
    assert (desk.in_use(), found["state"]["reason"], found["state"]["by"]) == (
        [],
        "选项有歧义",
        "教员001",
    )
    assert desk.restore(item) == ""
    assert [line["action"] for line in desk.detail(item)["history"]] == ["恢复", "撤下", "发布"]
    assert desk.in_use() == [item]
    for act in (desk.withdraw, desk.restore):
        with pytest.raises(NotFound):
            act("brg-777")


def test_an_item_restored_by_several_at_once_comes_back_once(desk: Desk) -> None:
    item = desk.published()

    def restore(_n: int) -> str:
        try:
            return desk.restore(item)
        except Conflict as conflict:
            return conflict.code

    for _ in range(3):
        desk.withdraw(item)
        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(restore, range(4)))
        assert "" in outcomes
        assert set(outcomes) <= {"", "not_withdrawn"}
    actions = [line["action"] for line in desk.detail(item)["history"]]
    assert actions == ["恢复", "撤下"] * 3 + ["发布"]


def test_publishing_a_changed_draft_brings_a_withdrawn_item_back(desk: Desk) -> None:
    item = desk.published()
    desk.withdraw(item)
    draft = desk.save(item, 0, form(explanation="改好了。"), base=1)
    desk.publish(item, draft.revision)
    assert desk.in_use() == [item]


def test_a_restored_item_whose_law_changed_is_stale(desk: Desk) -> None:
    item = desk.published()
    desk.withdraw(item)
    desk.statutes = desk.make({LAW: ARTICLES | {3: "任何人不得在桥面上堆放石料和木料。"}})
    assert desk.restore(item) == "stale"
    assert desk.detail(item)["state"]["state"] == "stale"
    assert desk.in_use() == []


# ---- when the law changes -----------------------------------------------------------------------


def test_a_stale_item_that_is_still_right_is_published_again_with_new_prints(desk: Desk) -> None:
    item = desk.published()
    desk.mark_stale(item, ARTICLES | {3: "任何人不得在桥面上堆放石料和木料。"})
    (changed,) = desk.detail(item)["article_changes"]
    assert (changed["ref"], changed["new"]) == (f"{LAW}#3", "任何人不得在桥面上堆放石料和木料。")
    assert desk.detail(item)["faults"] == []
    assert desk.confirm(item).version == 2
    found = desk.detail(item)
    assert (found["state"], found["article_changes"]) == (None, [])
    assert found["history"][0]["note"] == "条文变了，核对过，仍然正确。"
    with desk.sessions() as session:
        old, new = session.query(ItemVersion).order_by(ItemVersion.version)
        assert old.body == new.body
        assert old.article_prints != new.article_prints
    assert desk.in_use() == [item]
    with pytest.raises(Conflict) as caught:
        desk.confirm(item)
    assert caught.value.code == "not_stale"


def test_the_old_text_is_shown_when_a_version_of_the_law_still_holds_it(
    desk: Desk, make_statutes: Callable[..., Statutes]
) -> None:
    item = desk.published()
    desk.mark_stale(item, {3: "桥面上不得堆放石料、木料和其他重物。"})
    desk.statutes = make_statutes(
        {LAW: {3: "桥面上不得堆放石料、木料和其他重物。"}}, {LAW: ARTICLES}
    )
    (changed,) = desk.detail(item)["article_changes"]
    assert changed["old"] == ARTICLES[3]
    assert changed["pieces"][-1] == ("same", "堆放石料、木料和其他重物。")


def test_a_stale_item_that_the_law_does_not_bear_out_any_more_has_to_be_edited(desk: Desk) -> None:
    item = desk.published()
    desk.mark_stale(item, ARTICLES | {3: "桥面上的东西，由镇里清理。"})
    with pytest.raises(ItemFaults) as caught:
        desk.confirm(item)
    assert "依据摘句" in caught.value.sentence
    with pytest.raises(LawlabError):
        desk.confirm(item, "")
    draft = desk.save(item, 0, form(evidence="桥面上的东西，由镇里清理"), base=1)
    assert desk.publish(item, draft.revision).version == 2
    assert desk.in_use() == [item]
    assert [line["action"] for line in desk.detail(item)["history"]][1:] == [
        "条文核对无误，恢复",
        "条文变了，停用",
        "发布",
    ]


def test_a_stale_draft_without_a_change_may_be_published(desk: Desk) -> None:
    item = desk.published()
    draft = desk.save(item, 0, form(), base=1)
    desk.mark_stale(item, ARTICLES | {3: "任何人不得在桥面上堆放石料和木料。"})
    assert desk.publish(item, draft.revision).version == 2


# ---- the list -----------------------------------------------------------------------------------


@pytest.fixture
def shelf(desk: Desk) -> Desk:
    """Four published (one withdrawn, one stale, one with a draft) and one new question."""
    for number in range(4):
        desk.published(number, difficulty=number + 1, tags=["桥面"] if number < 2 else ["码头"])
    desk.withdraw("brg-001")
    desk.mark_stale("brg-002", ARTICLES)
    desk.save("brg-003", 0, form(2, explanation="在改。"), base=1)
    desk.now += timedelta(minutes=1)
    desk.new()
    return desk


def listed(desk: Desk, **wanted: Any) -> list[str]:
    with desk.sessions() as session:
        return [row["item"] for row in item_list(session, Wanted(**wanted))["rows"]]


def test_the_list_begins_with_drafts_and_counts_each_state(shelf: Desk) -> None:
    assert listed(shelf, bank="bridges") == [f"brg-00{n}" for n in (5, 3, 1, 2, 4)]
    with shelf.sessions() as session:
        found = item_list(session, Wanted(bank="bridges"))
        (bank,) = bank_list(session)
    counts = {"in_use": 2, "draft": 2, "withdrawn": 1, "stale": 1}
    assert (found["states"], bank["counts"]) == (counts, counts)
    assert (found["total"], found["found"], found["more"]) == (5, 5, False)
    assert dict(found["tags"]) == {"桥面": 2, "码头": 2}
    assert found["rows"][1]["state"] == "in_use"
    assert found["rows"][1]["draft"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"state": "in_use"}, ["brg-003", "brg-004"]),
        ({"state": "draft"}, ["brg-005", "brg-003"]),
        ({"state": "withdrawn"}, ["brg-001"]),
        ({"state": "stale"}, ["brg-002"]),
        ({"difficulty": 4}, ["brg-004"]),
        ({"tag": "码头"}, ["brg-003", "brg-004"]),
        ({"type": "judge"}, []),
        ({"words": "BRG-002"}, ["brg-002"]),
        ({"words": "渔网 码头"}, ["brg-004"]),
        ({"words": "，。"}, ["brg-005", "brg-003", "brg-001", "brg-002", "brg-004"]),
        ({"words": "没有这个词"}, []),
        ({"bank": "docks"}, []),
        ({"page": 2}, []),
    ],
)
def test_the_list_is_narrowed(shelf: Desk, wanted: dict[str, Any], expected: list[str]) -> None:
    assert listed(shelf, **wanted) == expected


def test_the_list_comes_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawlab.services.item_list.PAGE", 2)
    for _ in range(3):
        desk.new()
    with desk.sessions() as session:
        first = item_list(session, Wanted())
        second = item_list(session, Wanted(page=2))
    assert (len(first["rows"]), first["more"]) == (2, True)
    assert (len(second["rows"]), second["more"], second["found"]) == (1, False, 3)


# ---- articles to cite ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "words", "expected"),
    [
        ("", "3", [f"{LAW}#3"]),
        ("", "第四条", [f"{LAW}#4", f"{OTHER}#4"]),
        ("", "重物", [f"{LAW}#3"]),
        ("", "任何人 不得", [f"{LAW}#3", f"{OTHER}#4"]),
        ("", f"{OTHER} 2", [f"{OTHER}#2"]),
        ("", f"{OTHER}#2", [f"{OTHER}#2"]),
        (OTHER, "4", [f"{OTHER}#4"]),
        (OTHER, "重物", []),
        ("", "99", []),
        ("", "", []),
        ("", "，", []),
    ],
)
def test_an_article_is_found_by_number_or_words_in_the_laws_of_the_bank_first(
    desk: Desk, law: str, words: str, expected: list[str]
) -> None:
    desk.published(3, articles=[f"{LAW}#3", f"{OTHER}#4"])
    with desk.sessions() as session:
        on = china_day(desk.now)
        found = find_articles(session, "bridges", law, words, desk.statutes, on)
    assert [article["ref"] for article in found["articles"]] == expected
    assert found["laws"] == [LAW, OTHER]


def test_a_law_is_offered_by_its_name(desk: Desk) -> None:
    with desk.sessions() as session:
        on = china_day(desk.now)
        assert find_articles(session, "bridges", "", "码头管理", desk.statutes, on)["named"] == [
            OTHER
        ]
        with pytest.raises(NotFound):
            find_articles(session, "bridges", "没有的条例", "1", desk.statutes, on)
        with pytest.raises(NotFound):
            find_articles(session, "nothing", "", "1", desk.statutes, on)
