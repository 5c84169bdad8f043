"""Which questions are the same question, and that it is found quickly."""

from __future__ import annotations

import random
import time
from typing import Any

from lawlab.domain.likeness import Alike, alike_questions
from lawlab.domain.question import Question, QuestionType

STEM = "村民甲在桥上堆放柴草，妨碍大家通行，由谁责令他改正？"
OPTIONS = {"A": "镇人民政府", "B": "村民小组长", "C": "县人民法院", "D": "邻村的村民"}


def make_question(name: str, stem: str = STEM, **changes: Any) -> Question:
    fields: dict[str, Any] = {
        "id": name,
        "type": QuestionType.SINGLE,
        "stem": stem,
        "options": OPTIONS,
        "answer": "A",
        "explanation": "",
        "articles": (),
        "evidence": "",
        "difficulty": 1,
    }
    return Question(**{**fields, **changes})


def pairs(*questions: Question) -> list[tuple[int, int]]:
    return [(pair.first, pair.second) for pair in alike_questions(questions)]


def test_the_same_question_in_a_few_other_words_is_found() -> None:
    again = "摊主丙在桥上堆放柴草，妨碍行人通行，由谁责令改正？"
    assert pairs(make_question("a-1"), make_question("b-1", again)) == [(0, 1)]


def test_permuted_options_do_not_hide_it() -> None:
    options = dict(zip("ABCD", reversed(OPTIONS.values()), strict=True))
    found = alike_questions(
        [make_question("a-1"), make_question("b-1", options=options, answer="D")]
    )
    assert found == [Alike(0, 1, 1.0)]


def test_new_wrong_options_do_not_hide_it() -> None:
    options = OPTIONS | {"B": "市场监管部门", "C": "公安派出所", "D": "老年人协会"}
    assert pairs(make_question("a-1"), make_question("b-1", options=options)) == [(0, 1)]


def test_a_statement_and_its_opposite_are_alike() -> None:
    judge = {"type": QuestionType.JUDGE, "options": {}}
    one = make_question("a-1", "在桥上堆放柴草的，由镇人民政府责令改正。", answer="对", **judge)
    two = make_question("b-1", "在桥上堆放柴草的，不由镇人民政府责令改正。", answer="错", **judge)
    assert pairs(one, two) == [(0, 1)]


def test_another_question_on_the_same_matter_is_kept() -> None:
    other = "镇里查到有人在桥上晾晒粮食，第一次发现的，可以怎样处理？"
    options = {"A": "先劝他收走", "B": "马上罚款", "C": "没收粮食", "D": "扣下车辆"}
    assert pairs(make_question("a-1"), make_question("b-1", other, options=options)) == []


def test_the_same_options_under_another_question_are_kept() -> None:
    other = "村里的老桥塌了一角，修桥的钱按条例主要由哪一方负担，哪一方组织施工？"
    assert pairs(make_question("a-1"), make_question("b-1", other)) == []


def test_versions_of_one_question_are_not_compared() -> None:
    assert pairs(make_question("a-1"), make_question("a-1")) == []


def test_short_texts_are_not_compared() -> None:
    short: dict[str, Any] = {"type": QuestionType.JUDGE, "options": {}, "answer": "对"}
    assert (
        pairs(make_question("a-1", "要报警。", **short), make_question("b-1", "要报警。", **short))
        == []
    )


def test_the_most_alike_come_first_and_all_are_found() -> None:
    near = STEM.replace("柴草", "木料")
    found = alike_questions(
        [make_question("a-1"), make_question("b-1", near), make_question("c-1")]
    )
    assert [(pair.first, pair.second) for pair in found] == [(0, 2), (0, 1), (1, 2)]


def test_a_thousand_questions_that_are_all_alike_take_under_five_seconds() -> None:
    rng = random.Random(3)
    text = [chr(rng.randrange(0x4E00, 0x5E00)) for _ in range(60)]

    def varied(place: int) -> str:
        own = list(text)
        for _ in range(8):
            own[rng.randrange(len(own))] = chr(rng.randrange(0x4E00, 0x9000))
        return "".join(own[:40] if place else own)

    questions = [
        make_question(f"a-{n}", varied(0), options={c: varied(1) for c in "ABCD"})
        for n in range(1000)
    ]
    began = time.perf_counter()
    found = alike_questions(questions)
    assert time.perf_counter() - began < 5
    assert len(found) > 10_000
