"""What a question claims must stand in the law it cites: the articles, the evidence, the numbers.

Pure: the caller says which text of a law is in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lawlab.domain.numerals import missing_quantities
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import Article, ArticleRef, Law, normalised
from lawlab.errors import LawlabError

EVIDENCE_CHARACTERS = 6
EVIDENCE_ARTICLES = 3
"""A phrase that stands in more articles of its law than this does not point anywhere."""


def law_faults(question: Question, find_law: Callable[[str], Law]) -> list[str]:
    """What the cited law does not bear out. `find_law` gives the text in force of a law by its
    name, or raises NotFound with the reason."""
    cited: list[Article] = []
    laws: dict[str, Law] = {}
    faults: list[str] = []
    for ref in map(ArticleRef.parse, question.articles):
        try:
            laws[ref.law] = find_law(ref.law)
            cited.append(laws[ref.law].at(ref.key))
        except LawlabError as error:
            faults.append(f"引用的 {ref} 不可用：{error.sentence}")
    if not faults:
        faults = evidence_faults(question.evidence, cited, laws) + number_faults(question, cited)
    return [f"{question.id}：{fault}" for fault in faults]


def evidence_faults(evidence: str, cited: list[Article], laws: Mapping[str, Law]) -> list[str]:
    """Faults of an evidence phrase: too short, not in a cited article, or in too many."""
    plain = normalised(evidence)
    if len(plain) < EVIDENCE_CHARACTERS:
        return [f"evidence“{evidence}”不足 {EVIDENCE_CHARACTERS} 个字（标点不算）。"]
    if not any(plain in article.plain for article in cited):
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


def number_faults(question: Question, cited: list[Article]) -> list[str]:
    """Numbers and time limits of the right answer that no cited article states."""
    if question.derived:
        return []
    missing = missing_quantities(claim(question), "\n".join(article.text for article in cited))
    if not missing:
        return []
    return [
        f"正确答案里的 {'、'.join(missing)} 不在所引条文里。请核对，或在 derived 写明怎么得出的。"
    ]


def claim(question: Question) -> str:
    """What the right answer states. A false statement to judge states nothing."""
    if question.options:
        return "\n".join(question.options[letter] for letter in question.answer)
    if question.type is QuestionType.JUDGE:
        return question.stem if question.answer == "对" else ""
    return question.answer
