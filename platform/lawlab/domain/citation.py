"""What a question claims must stand in the law it cites: the articles, the evidence, the numbers.
And what it says beyond the evidence must not be copied from there.

Pure: the caller says which text of a law is in force.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from lawlab.domain.numerals import missing_quantities, stated_quantities
from lawlab.domain.question import GAP, Question, QuestionType
from lawlab.domain.quotation import quotation_faults
from lawlab.domain.statute import Article, ArticleRef, Law, normalised
from lawlab.domain.wording import texts_of
from lawlab.errors import LawlabError

EVIDENCE_CHARACTERS = 6
EVIDENCE_ARTICLES = 3
"""A phrase that stands in more articles of its law than this does not point anywhere."""


def law_faults(
    question: Question, find_law: Callable[[str], Law], awaits: Container[str] = ()
) -> list[str]:
    """What the cited law does not bear out. `find_law` gives the text in force of a law by its
    name, or raises NotFound with the reason. `awaits` are laws that the town imports itself: until
    then only what the other cited laws can show is a fault."""
    cited: list[Article] = []
    laws: dict[str, Law] = {}
    faults: list[str] = []
    waiting = False
    for ref in map(ArticleRef.parse, question.articles):
        try:
            laws[ref.law] = find_law(ref.law)
            cited.append(laws[ref.law].at(ref.key))
        except LawlabError as error:
            if is_awaited(ref.law, error, awaits):
                waiting = True
            else:
                faults.append(f"引用的 {ref} 不可用：{error.sentence}")
    if not faults:
        faults = evidence_faults(question.evidence, cited, laws, waiting=waiting)
        faults += number_faults(question, cited, waiting=waiting)
    faults += quotation_faults([text for _, text in texts_of(question)], laws.values())
    return [f"{question.id}：{fault}" for fault in faults]


def is_awaited(law: str, error: LawlabError, awaits: Container[str]) -> bool:
    """True when a law is missing only because the town has not imported it yet."""
    return error.code == "no_law" and law in awaits


def evidence_faults(
    evidence: str, cited: list[Article], laws: Mapping[str, Law], *, waiting: bool = False
) -> list[str]:
    """Faults of an evidence phrase: too short, not in a cited article, or in too many. While the
    question is `waiting` for a law it may stand there."""
    plain = normalised(evidence)
    if len(plain) < EVIDENCE_CHARACTERS:
        return [f"evidence“{evidence}”不足 {EVIDENCE_CHARACTERS} 个字（标点不算）。"]
    if not waiting and not any(plain in article.plain for article in cited):
        titles = "、".join(article.title for article in cited)
        return [f"evidence“{evidence}”不在所引条文（{titles}）里，应逐字摘自条文。"]
    # The laws in which a cited article holds the phrase are the ones it has to point into.
    for name, law in laws.items():
        holding = law.holding(evidence)
        if any(article in holding for article in cited) and len(holding) > EVIDENCE_ARTICLES:
            return [
                f"evidence“{evidence}”在{name}的 {len(holding)} 条里都有，"
                f"最多 {EVIDENCE_ARTICLES} 条。请摘更有区别的字句。"
            ]
    return []


def number_faults(question: Question, cited: list[Article], *, waiting: bool = False) -> list[str]:
    """Numbers and time limits of the right answer that no cited article states, and those of the
    wrong options that one does: they might be right somewhere. `derived` says why they stand. While
    the question is `waiting` for a law, that one may state them."""
    if question.derived:
        return []
    text, faults = "\n".join(article.text for article in cited), []
    if not waiting and (missing := missing_quantities(claim(question), text)):
        faults.append(
            f"正确答案里的 {'、'.join(missing)} 不在所引条文里。"
            "请核对，或在 derived 写明怎么得出的。"
        )
    for letter, option in question.options.items():
        stated = [] if letter in question.answer else stated_quantities(option, text)
        if stated:
            faults.append(
                f"错误选项 {letter} 里的 {'、'.join(stated)} 在所引条文里也有。"
                "请换一个数，或在 derived 写明它为什么不对。"
            )
    return faults


def claim(question: Question) -> str:
    """What the right answer states: of a fill question its stem, filled in. A false statement to
    judge states nothing."""
    if question.type is QuestionType.FILL:
        spellings = iter(question.blanks)
        return GAP.sub(lambda gap: next(spellings, (gap[0],))[0], question.stem)
    if question.options:
        return "\n".join(question.options[letter] for letter in question.answer)
    if question.type is QuestionType.JUDGE:
        return question.stem if question.answer == "对" else ""
    return question.answer
