"""What keeps a question from being published, said beside the field that it concerns.

The rules are those of bank files (`bank`, `wording`, `citation`); here they are asked about a form
that may be half filled, and their sentences use the words of the form instead of those of a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Any

from lawlab.domain.bank import (
    CASE_POINTS,
    FEWEST_STEPS,
    MOST_POINTS,
    question_faults,
    read_item,
)
from lawlab.domain.citation import evidence_faults, is_awaited, law_faults
from lawlab.domain.item_form import LABELS, Form, item_of, written_blanks
from lawlab.domain.question import Question
from lawlab.domain.statute import Article, ArticleRef, Law, normalised
from lawlab.domain.wording import texts_of
from lawlab.errors import LawlabError

FindLaw = Callable[[str], Law]
_STOPGAP = "还没有写。"


@dataclass(frozen=True)
class Fault:
    """`field` is a field of the form, or `options/B`, `why_wrong/B`, `rubric`; empty when the
    sentence concerns the whole question."""

    field: str
    text: str


def check_form(
    item: str, form: Form, find_law: FindLaw, awaits: Container[str] = ()
) -> tuple[Question | None, list[Fault]]:
    """The question that a form holds, when it is whole, and everything that is wrong with it."""
    unfilled = list(_unfilled(form))
    gaps = {fault.field for fault in unfilled}
    if not all(map(_can_wait, gaps)):
        return None, unfilled + _law_faults(form, find_law, awaits)
    question, sentences = read_item(item_of(item, _with_stopgaps(form, gaps)), item)
    if question is not None and not question_faults(question):
        sentences = sentences + law_faults(question, find_law, awaits)
    placed = [_placed(sentence.removeprefix(f"{item}："), question) for sentence in sentences]
    return (
        None if unfilled else question,
        unfilled + [fault for fault in placed if fault.field not in gaps],
    )


def _can_wait(field: str) -> bool:
    """True where something can stand in, so that the rest is checked in the same round."""
    return field in ("explanation", "difficulty") or field.startswith("why_wrong/")


def _with_stopgaps(form: Form, gaps: set[str]) -> dict[str, Any]:
    filled = {**form, "why_wrong": dict(form["why_wrong"])}
    for field in gaps:
        name, _, letter = field.partition("/")
        if letter:
            filled[name][letter] = _STOPGAP
        else:
            filled[name] = 1 if name == "difficulty" else _STOPGAP
    return filled


def _unfilled(form: Form) -> Iterator[Fault]:
    if not form["stem"].strip():
        yield Fault("stem", "请写题干。")
    yield from _BY_TYPE.get(form["type"], _choice)(form)
    if not form["explanation"].strip():
        yield Fault("explanation", "请写解析：为什么这样是对的。")
    if not form["articles"]:
        yield Fault("articles", "请选至少一条依据的条文。")
    if not form["evidence"].strip():
        yield Fault("evidence", "请从依据的条文里选一段作摘句。")
    if form["difficulty"] is None:
        yield Fault("difficulty", "请选难度。")


def _choice(form: Form) -> Iterator[Fault]:
    options, answer = form["options"], form["answer"]
    if len(options) < 2:
        yield Fault("options", "至少要有两个选项。")
    yield from _empty_options(form)
    if not answer:
        yield Fault("answer", "请在正确的选项前打勾。")
    elif form["type"] == "multiple" and len(answer) < 2:
        yield Fault("answer", "多选题至少有两个正确的选项。只有一个正确的，请把题型改成单选题。")
    elif form["type"] == "single" and len(answer) > 1:
        yield Fault("answer", "单选题只能有一个正确的选项。有几个正确的，请把题型改成多选题。")
    for letter in options:
        if answer and letter not in answer and not form["why_wrong"].get(letter, "").strip():
            yield Fault(f"why_wrong/{letter}", f"请说明选项 {letter} 为什么错。")


def _empty_options(form: Form) -> Iterator[Fault]:
    for letter, text in form["options"].items():
        if not text.strip():
            yield Fault(f"options/{letter}", f"选项 {letter} 还没有写。")


def _order(form: Form) -> Iterator[Fault]:
    if len(form["options"]) < FEWEST_STEPS:
        yield Fault("options", f"排序题至少要有 {FEWEST_STEPS} 步。")
    yield from _empty_options(form)
    if not form["answer"].strip():
        yield Fault("answer", "请按正确的顺序写出字母，如 BDAC。")


def _fill(form: Form) -> Iterator[Fault]:
    blanks = written_blanks(form)
    if not blanks:
        yield Fault("blanks", "请写每个空的答案。题干里每个空写四条下划线。")
    for n, spellings in enumerate(blanks, 1):
        if not spellings:
            yield Fault("blanks", f"第 {n} 空的答案还没有写。")


def _judge(form: Form) -> Iterator[Fault]:
    if form["answer"] not in ("对", "错"):
        yield Fault("answer", "请选这句话是对还是错。")


def _written(form: Form) -> Iterator[Fault]:
    if not form["answer"].strip():
        yield Fault("answer", "请写参考答案。")
    points = form["rubric"]
    if not points:
        wanted = f"分数合计 {CASE_POINTS} 分" if form["type"] == "case" else "写明每点的分数"
        yield Fault("rubric", f"请写评分要点，{wanted}。")
        return
    for number, point in enumerate(points, 1):
        if not point["text"].strip():
            yield Fault("rubric", f"第 {number} 个评分要点还没有写。")
        if not (point["points"] or 0) > 0:
            yield Fault("rubric", f"第 {number} 个评分要点的分数应大于 0。")
    total = sum(point["points"] or 0 for point in points)
    if form["type"] == "case" and total != CASE_POINTS:
        yield Fault("rubric", f"评分要点的分数应合计 {CASE_POINTS}，现在合计 {total:g}。")
    elif total > MOST_POINTS:
        yield Fault("rubric", f"评分要点的分数合计最多 {MOST_POINTS}，现在合计 {total:g}。")


_BY_TYPE = {
    "judge": _judge,
    "case": _written,
    "short": _written,
    "fill": _fill,
    "order": _order,
}


def _law_faults(form: Form, find_law: FindLaw, awaits: Container[str]) -> list[Fault]:
    """What the law says already to a form that is not whole."""
    cited: list[Article] = []
    laws: dict[str, Law] = {}
    faults, waiting = [], False
    for text in form["articles"]:
        try:
            ref = ArticleRef.parse(text)
            laws[ref.law] = find_law(ref.law)
            cited.append(laws[ref.law].at(ref.key))
        except LawlabError as error:
            if is_awaited(text.partition("#")[0], error, awaits):
                waiting = True
            else:
                faults.append(Fault("articles", f"“{text}”不可用：{error.sentence}"))
    if cited and form["evidence"].strip() and not faults and not waiting:
        found = evidence_faults(form["evidence"], cited, laws)
        faults += [Fault("evidence", _in_words(sentence)) for sentence in found]
    return faults


# ---- a file's sentence in the words of the form -------------------------------------------------

_NAMES = "|".join(LABELS)
_WORD = re.compile(rf"(?<![A-Za-z_])({_NAMES})(?![A-Za-z_])")
_SPACED = re.compile(rf" ?(?<![A-Za-z_])({_NAMES})(?![A-Za-z_]) ?(?=(.?))")
_OPTION = re.compile("(why_wrong|错{0,1}误{0,1}选项) ([A-F])")
_COPIED = re.compile(r"“(.+?)…?”有 \d+ 个字和")


def _placed(sentence: str, question: Question | None) -> Fault:
    return Fault(_place(sentence, question), _in_words(sentence))


def _place(sentence: str, question: Question | None) -> str:
    """The field of the form that a sentence is about."""
    if copied := _COPIED.match(sentence):
        return _holder(copied[1], question)
    if sentence.startswith("引用的") or "不是条文引用" in sentence or "不是条号" in sentence:
        return "articles"
    if option := _OPTION.match(sentence):
        return f"{'why_wrong' if option[1] == 'why_wrong' else 'options'}/{option[2]}"
    if word := _WORD.search(sentence):
        return word[1]
    return "options" if "选项" in sentence else ""


def _holder(run: str, question: Question | None) -> str:
    for name, text in texts_of(question) if question else ():
        if run in normalised(text):
            return name.replace("选项 ", "options/").replace("why_wrong ", "why_wrong/")
    return ""


def _in_words(sentence: str) -> str:
    def word(found: re.Match[str]) -> str:
        label = LABELS[found[1]]
        return label if found[2] in ("“", "里") else f"“{label}”"

    sentence = re.sub(r"why_wrong ([A-F])", r"选项 \1 的说明", sentence)
    return _SPACED.sub(word, sentence)
