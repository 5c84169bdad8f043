"""Search over HTTP: for signed-in people, in pieces, and honest while its index is being made."""

from __future__ import annotations

from typing import Any, TypeAlias

Office: TypeAlias = Any


def joined(pieces: list[dict[str, Any]]) -> str:
    return "".join(piece["text"] for piece in pieces)


def test_nobody_searches_without_signing_in(office: Office) -> None:
    assert office.app.get("/services/api/search?q=电话卡").status_code == 401


def test_a_search_before_the_index_stands_says_so(office: Office) -> None:
    person = office.browser("v001")
    found = person.get("/search?q=电话卡").json()
    assert (found["complete"], found["hits"]) == (False, [])
    office.app.app.state.lawlab.indexer.look()
    found = person.get("/search?q=电话卡").json()
    assert found["complete"]
    kinds = [hit["kind"] for hit in found["hits"]]
    assert "lesson" in kinds
    assert "article" in kinds
    assert "item" not in kinds  # explanations hold keys, and nothing was answered


def test_everyday_words_lead_to_the_article(office: Office) -> None:
    office.app.app.state.lawlab.indexer.look()
    found = office.browser("v001").get("/search?q=卖银行卡").json()
    assert found["translated"]
    articles = [hit for hit in found["hits"] if hit["kind"] == "article"]
    assert articles[0]["url"] == "/services/learn/law/反电信网络诈骗法#31"
    assert any(piece["hit"] for piece in articles[0]["excerpt"])
    assert "电话卡" in joined(articles[0]["excerpt"])


def test_an_explanation_is_found_only_by_who_has_answered(office: Office) -> None:
    office.app.app.state.lawlab.indexer.look()
    learner, other = office.browser("v001"), office.browser("s001")
    assert learner.answer("atf-001", "A").status_code == 201

    def items(person: Any) -> set[str]:
        hits = person.get("/search?q=网上冒充客服").json()["hits"]
        return {hit["ref"] for hit in hits if hit["kind"] == "item"}

    assert items(learner) == {"atf-001"}
    assert items(other) == set()
