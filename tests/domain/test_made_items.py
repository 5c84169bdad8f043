"""Questions made from articles are right by construction, over everything that lessons treat."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from lawlab.config import REPOSITORY
from lawlab.domain.lesson import read_lesson
from lawlab.domain.made_items import (
    BLANK,
    FEW,
    MOST,
    TERM,
    WHICH_ARTICLE,
    WHICH_BODY,
    Setting,
    made_of,
    sentences,
)
from lawlab.domain.marking import mark
from lawlab.domain.numerals import CHINESE
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
    for article, setting, question in each(treated):
        kinds.add(question.tags[1])
        if question.tags[1] == WHICH_ARTICLE:
            sentence = question.stem[1 : question.stem.index("”这句话")]
            assert question.options[question.answer].startswith(f"{article.title}（")
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
            if question.type is QuestionType.FILL:
                sentence = sentence.removeprefix(f"《{setting.law}》：").rpartition("（横线上填")[0]
            else:
                sentence = sentence.partition("：“")[2].rpartition("”横线上")[0]
        assert sentence in "".join(article.paragraphs), question.id
        assert question.evidence in article.text
    assert kinds == {"期限", "数额", WHICH_BODY, TERM, WHICH_ARTICLE}


def test_a_blank_is_given_away_by_nothing_and_takes_its_own_answer_only(
    treated: list[tuple[Article, Setting]],
) -> None:
    for _, _, question in each(treated):
        if question.type is not QuestionType.FILL:
            continue
        words = [one[0] for one in question.blanks]
        assert len(set(words)) == len(words) <= 2
        assert mark(question, {"filled": words}, 1).right
        for word in words:
            assert not re.search(f"(?<![{CHINESE}]){word}", question.stem), question.id
        for other in ("九十九日", "九十九元", "百分之九十九", "99", ""):
            assert not mark(question, {"filled": [other] * len(words)}, 1).right


def test_one_choice_is_right_and_the_others_do_not_stand_there(
    treated: list[tuple[Article, Setting]],
) -> None:
    letters: Counter[str] = Counter()
    for article, setting, question in each(treated):
        if question.type is QuestionType.FILL:
            continue
        letters[question.answer] += 1
        right = question.options[question.answer]
        wrong = [text for text in question.options.values() if text != right]
        assert len(set(wrong)) == len(question.options) - 1 in (2, 3)
        if question.tags[1] == WHICH_ARTICLE:
            sentence = question.stem[1 : question.stem.index("”这句话")].rstrip("。")
            titles = [one.partition("（")[0] for one in wrong]
            others = [one for one in setting.articles if one.title in titles]
            assert len(others) == 3
            assert not any(sentence in one.text for one in others)
            assert len({one.path for one in [article, *others]}) == 4
            continue
        sentence = question.stem.partition("：“")[2].rpartition("”横线上")[0]
        whole = "".join("".join(one.paragraphs) for one in setting.articles)
        for text in wrong:
            assert text not in sentence, question.id
            assert sentence.replace(BLANK, text) not in whole, question.id
    # Nobody learns that it is always the last one.
    assert max(letters.values()) < 0.5 * sum(letters.values())


def test_ids_are_kept_unique_and_short(treated: list[tuple[Article, Setting]]) -> None:
    ids = [question.id for _, _, question in each(treated)]
    assert len(set(ids)) == len(ids) > 400
    assert max(map(len, ids)) <= 60
    assert ids == [question.id for _, _, question in each(treated)]


def test_no_article_is_asked_to_death(treated: list[tuple[Article, Setting]]) -> None:
    assert all(len(made_of(article, setting)) <= MOST for article, setting in treated)
    assert FEW <= MOST


def test_a_sentence_that_leans_on_another_is_not_asked() -> None:
    alone = "村民应当在收到通知之日起三十日内，把材料交到村委会登记备案。"
    article = an_article(
        3,
        f"{alone}前款规定的期限为十日，逾期没有交材料的，不再登记备案。\n"
        "（一）列表里的一项，也要在五日内交到村委会登记备案。\n"
        "依照本法第九条规定，应当在六十日内交清全部材料并且签字。\n短句。\n"
        "情节严重的，应当在九十日内交清全部材料并且签字备案。\n"
        "采取上述措施的，应当在七十日内交清全部材料并且签字。",
    )
    assert list(sentences(article)) == [alone]


def made(text: str, others: Sequence[str] = ()) -> list[Question]:
    """What is made of an article of a law of nobody's."""
    article = an_article(3, text)
    rest = [an_article(4 + n, other) for n, other in enumerate(others)]
    return made_of(article, Setting("示例条例", "course", [article, *rest]))


def blanks(text: str) -> list[list[str]]:
    return [
        [one[0] for one in question.blanks]
        for question in made(text)
        if question.type is QuestionType.FILL
    ]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("村民在三十日内交材料，村委会在三十日内答复，双方都要签字并且备案。", []),
        ("擅自砍伐桥边树木的，处二百元以上五百元以下罚款，并且补种。", [["二百元", "五百元"]]),
        ("召开村民会议，要有三分之二以上的户派代表参加才算数，并且记录。", [["三分之二"]]),
        ("每年十二月四日为爱桥日，全镇各村都要开展爱护桥梁的宣传活动。", [["十二月四日"]]),
        ("上一级单位每年检查一次，第三年起由本村一人继续检查并且记录。", []),
        # The rule alone, when the harder case says the same number again.
        (
            "堵塞桥面通行的，处五日以下拘留；情节较重的，处五日以上十日以下拘留并且公告。",
            [["五日"]],
        ),
        (
            "有下列行为之一的，处五十元以下罚款：\n（一）在桥上晾晒粮食的；\n（二）在桥上拴牲口的。",
            [["五十元"]],
        ),
    ],
)
def test_quantities_are_asked_where_nothing_gives_them_away(
    text: str, filled: list[list[str]]
) -> None:
    assert blanks(text) == filled


def words(text: str) -> list[str]:
    return [one.options[one.answer] for one in made(text) if one.options]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("过桥的车辆在桥上发生故障的，司机可以请求村民委员会派人帮忙推下桥。", ["可以"]),
        # Nobody needs the law for this, or it is only a condition.
        ("各村应当加强爱护桥梁的宣传，提高大家爱护桥梁的意识和能力。", []),
        ("因修桥应当补偿的，由修桥的单位在开工以前付清全部的补偿。", []),
        ("任何单位和个人不得破坏桥梁以及桥头的石碑、栏杆和路灯。", []),
        ("两家共同损坏桥梁的，由两家对修桥的费用承担连带责任，一起付清。", ["连带责任"]),
        ("约定过桥的人对桥上的事故自己负责，这样的约定对任何人都无效。", ["无效"]),
    ],
)
def test_a_small_word_is_asked_where_much_depends_on_it(text: str, right: list[str]) -> None:
    assert words(text) == right


def test_whoever_could_be_meant_too_is_no_choice() -> None:
    others = ["国务院。", "县级以上人民政府。", "教育行政部门。", "人民法院。", "监察机关。"]
    asked = "砍伐桥边树木的，由公安机关给予警告，并且责令补种同样多的树木。"
    (question,) = [one for one in made(asked, others) if one.tags[1] == WHICH_BODY]
    assert question.options[question.answer] == "公安机关"
    assert not {"国务院", "县级以上人民政府"} & set(question.options.values())
    # Reports are taken by every body of justice.
    asked = "公安机关接到破坏桥梁的举报的，在二十四小时内派人到桥边查看并且登记。"
    (question,) = [one for one in made(asked, others) if one.tags[1] == WHICH_BODY]
    assert not {"人民法院", "监察机关"} & set(question.options.values())
    # Two names, or a part of a longer one.
    for text in (
        "由公安机关和民政部门给予警告，并且责令补种同样多的树木。",
        "由国务院公安部门规定检查桥梁的办法，各地按照办法检查桥梁。",
    ):
        assert not [one for one in made(text, others) if one.tags[1] == WHICH_BODY]
