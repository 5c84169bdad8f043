"""Making contests over HTTP: who may, what a page sends, what it is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Browser, Office, make_person

from lawlab.services.content_state import set_state
from lawlab.store.tables import Role, Unit


def join(office: Office, login: str, role: str) -> Browser:
    with office.sessions() as session:
        unit = Unit(name=f"{login} 的单位", kind="department")
        person = make_person(login, f"某{login}", unit, office.clock.now)
        person.roles = [Role(role="learner"), Role(role=role)]
        session.add(person)
        session.commit()
    return office.browser(login)


@pytest.fixture
def host(office: Office) -> Browser:
    return join(office, "host", "host")


def plan_of(items: list[str], **facts: Any) -> dict[str, Any]:
    one = {"kind": "all", "title": "第一轮", "seconds": 20, "points": 100, "items": items}
    awards = [{"name": "一等奖", "count": 1}]
    return {"title": "法律知识比武", "format": "person", "awards": awards, "rounds": [one]} | facts


def test_a_learner_may_not_make_contests_nor_see_keys(office: Office) -> None:
    learner = office.browser("s001")
    plan = plan_of(["atf-001"])
    mine = {"person": "s001"}
    for reply in (
        learner.get("/contests"),
        learner.get("/contests/form"),
        learner.get("/contests/items"),
        learner.get("/contests/1/plan"),
        learner.post("/contests", mine | {"key": "k" * 16, "plan": plan}),
        learner.post("/contests/check", plan),
        learner.post("/contests/draw", mine | {"count": 1, "seed": "1"}),
        learner.post("/contests/1/plan", mine | {"revision": 1, "plan": plan}),
        learner.post("/contests/1/copy", mine | {"key": "k" * 16, "rehearsal": True}),
        learner.post("/contests/1/cancel", mine),
        learner.post("/contests/1/delete", mine),
    ):
        assert (reply.status_code, reply.json()["code"]) == (403, "hosts_only")


def test_a_host_draws_makes_changes_rehearses_and_deletes(office: Office, host: Browser) -> None:
    me = {"person": "host"}
    drawn = host.post("/contests/draw", me | {"count": 4, "seed": "1", "types": ["single"]}).json()
    items = [one["item"] for one in drawn["questions"]]
    assert len(set(items)) == 4
    plan = plan_of(items)
    told = host.post("/contests/check", plan).json()
    assert (told["faults"], told["questions"], told["expected"]) == ([], 4, 4)

    asked = me | {"key": "k" * 16, "plan": plan}
    contest = host.post("/contests", asked).json()["id"]
    assert host.post("/contests", asked).json()["id"] == contest
    assert [one["id"] for one in host.get("/contests").json()["contests"]] == [contest]
    shown = host.get(f"/contests/{contest}/plan").json()
    assert shown["plan"]["rounds"] == plan["rounds"]
    change = me | {"revision": 1, "plan": shown["plan"] | {"title": "改了名称"}}
    assert host.post(f"/contests/{contest}/plan", change).json()["revision"] == 2
    late = host.post(f"/contests/{contest}/plan", change | {"plan": plan})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")

    trainer = join(office, "t09", "trainer")
    body = {"person": "t09", "key": "r" * 16, "rehearsal": True}
    rehearsal = trainer.post(f"/contests/{contest}/copy", body).json()["id"]
    assert host.get(f"/contests/{rehearsal}/plan").json()["rehearsal"] is True
    assert host.post(f"/contests/{rehearsal}/delete", me).json() == {"id": rehearsal}
    assert host.post(f"/contests/{rehearsal}/delete", me).status_code == 404


def test_a_contest_with_a_question_out_of_use_is_not_opened(office: Office, host: Browser) -> None:
    me = {"person": "host"}
    asked = me | {"key": "k" * 16, "plan": plan_of(["atf-001", "atf-002"])}
    contest = host.post("/contests", asked).json()["id"]
    with office.sessions() as session:
        now = office.clock.now
        set_state(session, "item", "atf-002", "withdrawn", "写错了", "t01", now)
        session.commit()
    opening = me | {"key": "o" * 16, "seq": 0, "command": "open"}
    refused = host.post(f"/contests/{contest}/commands", opening)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert "第一轮第 2 题" in refused.json()["message"]
    changed = me | {"revision": 1, "plan": plan_of(["atf-001"])}
    assert host.post(f"/contests/{contest}/plan", changed).status_code == 200
    again = host.post(f"/contests/{contest}/commands", opening | {"key": "p" * 16})
    assert (again.status_code, again.json()["phase"]) == (200, "lobby")
    late = host.post(f"/contests/{contest}/plan", changed | {"revision": 2})
    assert (late.status_code, late.json()["code"]) == (409, "not_draft")


def test_faults_come_with_their_fields_and_odd_requests_are_refused(
    office: Office, host: Browser
) -> None:
    me = {"person": "host"}
    wrong = plan_of(["atf-001", "atf-001"], title="")
    reply = host.post("/contests", me | {"key": "k" * 16, "plan": wrong})
    assert (reply.status_code, reply.json()["code"]) == (422, "plan_faults")
    assert [one["field"] for one in reply.json()["faults"]] == ["title", "rounds/0/items/1"]
    other = host.post("/contests", {"person": "s001", "key": "k" * 16, "plan": wrong})
    assert (other.status_code, other.json()["code"]) == (409, "other_person")
    for odd in (
        plan_of(["atf-001"], format="party"),
        plan_of(["atf\u0000001"]),
        plan_of(["atf-001"], units=[2**31]),
        plan_of(["atf-001"], window={"opens_at": "2026-12-04T09:00:00"}),
    ):
        assert host.post("/contests/check", odd).status_code == 422
    assert host.get("/contests/items?page=0").status_code == 422
    assert host.get("/contests/99999999999/plan").status_code == 422
