"""Questions made from articles are right by construction, over everything that lessons treat."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lawlab.config import REPOSITORY
from lawlab.domain.lesson import read_lesson
from lawlab.domain.made_items import (
    BLANK,
    FEW,
    MODALS,
    MOST,
    TERM,
    WHICH_ARTICLE,
    WHICH_BODY,
    Setting,
    made_of,
    sentences,
)
from lawlab.domain.marking import mark
from lawlab.domain.question import GAP, Question, QuestionType
from lawlab.domain.statute import Article, ArticleRef
from lawlab.errors import LawlabError
from lawlab.store.statutes import open_statutes


def an_article(number: int, text: str) -> Article:
    return Article((number, 0), f"第{number}条", text)


@pytest.fixture(scope="module")
def treated() -> list[tuple[Article, Setting]]:
    """Every article that a lesson treats and that is installed, each once."""
    statutes = open_statutes()
    found: dict[ArticleRef, tuple[Article, Setting]] = {}
    for path in sorted(REPOSITORY.glob("courses/*/*.ipynb")):
        lesson, _ = read_lesson(json.loads(path.read_text("utf-8")))
        for ref in lesson.articles:
            try:
                law = statutes.law(ref.law)
            except LawlabError:
                continue  # a law that the town imports itself
            found[ref] = (law.at(ref.key), Setting(ref.law, path.parent.name, law.articles))
    return list(found.values())


def each(treated: list[tuple[Article, Setting]]) -> Iterator[tuple[Article, Setting, Question]]:
    for article, setting in treated:
        for question in made_of(article, setting):
            yield article, setting, question


def test_putting_the_answer_back_gives_the_laws_own_words(
    treated: list[tuple[Article, Setting]],
) -> None:
    kinds: set[str] = set()
    for article, _, question in each(treated):
        kinds.add(question.tags[1])
        if question.tags[1] == WHICH_ARTICLE:
            sentence = question.stem[1 : question.stem.index("”这句话")]
            assert question.options[question.answer] == article.title
        else:
            answers = (
                [one[0] for one in question.blanks]
                if question.type is QuestionType.FILL
                else [question.options[question.answer]]
            )
            assert question.stem.count(BLANK) == len(answers) == len(GAP.findall(question.stem))
            sentence = question.stem
            for answer in answers:
                sentence = sentence.replace(BLANK, answer, 1)
            # Behind the law's name and before the question.
            sentence = sentence.partition("：")[2].strip("“").partition("”横线上")[0]
        assert sentence in article.text, question.id
        assert question.evidence in article.text
    assert kinds == {"期限", "数额", WHICH_BODY, TERM, WHICH_ARTICLE}


def test_there_is_one_right_answer_and_what_is_wrong_is_not_in_the_sentence(
    treated: list[tuple[Article, Setting]],
) -> None:
    letters: dict[str, int] = {}
    for _, setting, question in each(treated):
        if question.type is QuestionType.FILL:
            filled = {"filled": [one[0] for one in question.blanks]}
            assert mark(question, filled, 1).right
            # What stays of the sentence does not give it away.
            assert not any(one[0] in question.stem for one in question.blanks)
            continue
        assert len(set(question.options.values())) == (3 if question.tags[1] == TERM else 4)
        letters[question.answer] = letters.get(question.answer, 0) + 1
        wrong = [text for letter, text in question.options.items() if letter != question.answer]
        if question.tags[1] == WHICH_BODY:
            assert not any(one in question.stem for one in wrong)
        if question.tags[1] == TERM:
            assert not any(one in question.stem for one in MODALS)
        if question.tags[1] == WHICH_ARTICLE:
            sentence = question.stem[1 : question.stem.index("”这句话")]
            others = [one for one in setting.articles if one.title in wrong]
            assert len(others) == 3
            assert not any(sentence in one.text for one in others)
    # Nobody learns that it is always the last one.
    assert max(letters.values()) < 0.5 * sum(letters.values())


def test_ids_are_kept_unique_and_short(treated: list[tuple[Article, Setting]]) -> None:
    ids = [question.id for _, _, question in each(treated)]
    assert len(set(ids)) == len(ids) > 500
    assert max(map(len, ids)) <= 60
    assert ids == [question.id for _, _, question in each(treated)]


def test_no_article_is_asked_to_death(treated: list[tuple[Article, Setting]]) -> None:
    assert all(len(made_of(article, setting)) <= MOST for article, setting in treated)
    assert FEW <= MOST


def test_a_sentence_that_leans_on_another_is_not_asked() -> None:
    alone = "村民应当在收到通知之日起三十日内，把材料交到村委会登记备案。"
    article = an_article(
        3,
        f"{alone}前款规定的期限为十日，逾期没有交材料的，不再登记备案。\n（一）列表里的一项，也要在五日内交到。\n"
        "依照本法第九条规定，应当在六十日内交清全部材料并且签字。\n短句。",
    )
    assert list(sentences(article)) == [alone]


def test_a_number_that_stands_twice_is_not_asked() -> None:
    article = an_article(3, "村民在三十日内交材料，村委会在三十日内答复，双方都要签字并且备案。")
    others = [an_article(number, f"第{number}件事情。") for number in (1, 2, 4)]
    assert not [
        one
        for one in made_of(article, Setting("示例条例", "course", [*others, article]))
        if one.type is QuestionType.FILL
    ]
