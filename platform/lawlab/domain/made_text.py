"""What of an article can be asked about alone, and how a question is put together from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from lawlab.domain.numerals import CHINESE
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import Article, ArticleRef

BLANK = "____"
SHORTEST, LONGEST = 18, 150
"""Characters of a sentence that is asked about."""

_LEANING = re.compile(
    r"[前上本]款|前[两三]款|前述|上述|前列|本[条章节编]|前条|第[^，。]{1,8}条|施行|废止|如下"
    r"|具体办法|实施办法"
    r"|^(?:但是?|其中|其|该|此|对此|必要时|否则|情节|尚不|构成|有前|属于|违反规定|除外)"
)
"""A sentence that leans on another one cannot be understood alone."""
_LIST = re.compile("下列|以下(?:情形|行为|条件|事项|内容)")
_SENTENCE = re.compile(r"[^。]+。")
_HEADING = re.compile(rf"^第[{CHINESE}]+(?:分编|编|章|节)\s*")
_NO_NAME = ("一般规定", "其他规定")
"""Such a section is named with the chapter that it belongs to."""
_ENTRY = ("（", "(")


@dataclass(frozen=True)
class Setting:
    """What questions of a law are made with. `articles`: all of it, in order, the treated ones
    among them; wrong choices come from there."""

    law: str
    course: str
    articles: Sequence[Article]

    @cached_property
    def text(self) -> str:
        """All that the law says."""
        return "\n".join(article.text for article in self.articles)

    @cached_property
    def places(self) -> dict[str, list[Article]]:
        """Heading → the articles below it."""
        found: dict[str, list[Article]] = {}
        for article in self.articles:
            found.setdefault(place_of(article), []).append(article)
        return found


def place_of(article: Article) -> str:
    """The innermost heading over an article, without its number; empty where there is none."""
    names = [_HEADING.sub("", heading) for heading in article.path]
    return "·".join(names[-2:] if names and names[-1] in _NO_NAME else names[-1:])


def sentences(article: Article) -> Iterator[str]:
    """The sentences of an article that can be understood alone. Of one that is too long, what
    stands before its first semicolon."""
    for paragraph in article.paragraphs:
        if paragraph.strip().startswith(_ENTRY):
            continue  # an entry of a list
        for match in _SENTENCE.finditer(paragraph):
            sentence = match.group().strip()
            text = sentence if len(sentence) <= LONGEST else head(sentence)
            if _alone(text) and not _LIST.search(text):
                yield text


def head(sentence: str) -> str:
    """What stands before the first semicolon; the law's rule, without what makes it worse or
    better."""
    return sentence.partition("；")[0]


def listed(article: Article) -> Iterator[str]:
    """A rule for several cases with the first of them: “有下列行为之一的，处……：（一）……的”."""
    lines = [line.strip() for line in article.paragraphs]
    for opening, entry in pairwise(lines):
        text = opening + entry.rstrip("；。")
        if opening.endswith("：") and entry.startswith("（一）") and _alone(text):
            yield text


def fill(
    article: Article,
    setting: Setting,
    sentence: str,
    spans: Sequence[tuple[int, int]],
    kind: str,
    hint: str,
) -> Question:
    """Asks for what stands at `spans`. `hint` says what belongs there."""
    answers = tuple((sentence[a:b],) for a, b in spans)
    return _question(
        article,
        setting,
        QuestionType.FILL,
        f"《{setting.law}》：{without(sentence, spans)}（{hint}）",
        answer="；".join(one[0] for one in answers),
        blanks=answers,
        evidence=_clause(sentence, spans[0]),
        kind=kind,
        difficulty=2,
    )


def choice(
    article: Article,
    setting: Setting,
    stem: str,
    right: str,
    wrong: Sequence[str],
    sentence: str,
    kind: str,
    difficulty: int,
) -> Question:
    """One of `right` and `wrong`, in an order that says nothing."""
    texts = sorted([right, *wrong], key=lambda one: digest("order", stem, one))
    options = dict(zip("ABCD", texts, strict=False))
    return _question(
        article,
        setting,
        QuestionType.SINGLE,
        stem,
        answer=next(letter for letter, text in options.items() if text == right),
        options=options,
        evidence=_clause(sentence, (0, 1)),
        kind=kind,
        difficulty=difficulty,
    )


def quoted(setting: Setting, sentence: str, span: tuple[int, int], asked: str) -> str:
    """A stem that shows a sentence with a gap."""
    return f"《{setting.law}》里有这样一句：“{without(sentence, [span])}”横线上是{asked}？"


def without(sentence: str, spans: Iterable[tuple[int, int]]) -> str:
    """The sentence with a gap in place of each span."""
    for start, end in sorted(spans, reverse=True):
        sentence = sentence[:start] + BLANK + sentence[end:]
    return sentence


def draw(names: Iterable[str], count: int, seed: str) -> list[str]:
    """Some of them, the same for the same seed, whatever their order."""
    return sorted(dict.fromkeys(names), key=lambda one: digest(seed, one))[:count]


def digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _alone(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and not _LEANING.search(text)


def _question(
    article: Article,
    setting: Setting,
    type: QuestionType,
    stem: str,
    *,
    answer: str,
    evidence: str,
    kind: str,
    difficulty: int,
    options: dict[str, str] | None = None,
    blanks: tuple[tuple[str, ...], ...] = (),
) -> Question:
    number = "-".join(str(part) for part in article.key if part)
    return Question(
        id=f"made-{setting.course[:24]}-{number}-{digest(kind, stem, answer)[:8]}",
        type=type,
        stem=stem,
        options=options or {},
        answer=answer,
        explanation=f"这句话出自《{setting.law}》{article.title}，以法条原文为准。",
        articles=(str(ArticleRef(setting.law, article.key)),),
        evidence=evidence,
        difficulty=difficulty,
        tags=("法条", kind),
        blanks=blanks,
    )


def _clause(sentence: str, span: tuple[int, int]) -> str:
    """The part between marks in which a span stands."""
    marks = "，；。："
    begin = max(sentence.rfind(mark, 0, span[0]) for mark in marks) + 1
    ends = [at for mark in marks if (at := sentence.find(mark, span[1])) >= 0]
    return sentence[begin : min(ends, default=len(sentence))]
