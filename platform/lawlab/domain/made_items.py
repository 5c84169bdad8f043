"""Questions made from an article's own text: blanks, which article says it, which body decides.

They are right by construction: what is asked for was taken out of a sentence of the law, and every
other choice does not stand there. Nothing of them is written by hand, and none leaves the database.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lawlab.domain.numerals import CHINESE
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import Article, ArticleRef

BLANK = "____"
MOST = 4
"""Questions made from one article."""
FEW = 2
"""With fewer than these, it is asked too which article says a sentence: hard, and least worth."""
SHORTEST, LONGEST = 18, 150
"""Characters of a sentence that is asked about."""
TELLING = 30
"""A shorter sentence could stand in many articles."""
DEADLINE, AMOUNT, TERM = "期限", "数额", "用语"
WHICH_ARTICLE, WHICH_BODY = "哪一条规定", "哪个机关"

_NUMBER = f"[{CHINESE}]+"
_TIME = re.compile(rf"(?<![第数{CHINESE}]){_NUMBER}(?:个工作日|个月|日|年|周岁|小时)(?![龄份代])")
_MONEY = re.compile(rf"(?<![第数{CHINESE}])(?:百分之{_NUMBER}|{_NUMBER}(?:元|倍))")
_BODIES = (
    "全国人民代表大会常务委员会",
    "全国人民代表大会",
    "地方各级人民政府",
    "县级以上人民政府",
    "县级以上地方人民政府",
    "乡镇人民政府",
    "国务院",
    "国家主席",
    "中央军事委员会",
    "最高人民法院",
    "最高人民检察院",
    "人民法院",
    "人民检察院",
    "监察机关",
    "公安机关",
    "国家安全机关",
    "司法行政部门",
    "民政部门",
    "教育行政部门",
    "电信主管部门",
    "网信部门",
    "中国人民银行",
    "村民委员会",
    "居民委员会",
    "登记机构",
    "仲裁机构",
)
_BODY = re.compile("|".join(sorted(_BODIES, key=len, reverse=True)))
_JOINED_BEFORE = ("和", "、", "或者", "及", "与", "的", "级", "同", "本", "原", "上一级", "国家")
_WHOLE_NAME = re.compile(
    "[，。；]|应当|可以|不得|依法|对|向|根据|负责|决定|在|按照|会同|自|提出|起诉|申请|予以|处|责令"
    "|批准|裁决|认定|报告|登记|通知|撤销|给予|作出|接到|发现|认为|支持|协助|领导|监督|提起|指定"
)
"""What may follow a name that is not a part of a longer one."""
MODALS = ("应当", "可以", "不得")
_MODAL = re.compile("|".join(MODALS))
_NEGATED = re.compile("必须|禁止|有权|不应当|不可以|可以不|应当不|不能|应当知道")
"""With these a sentence would say nearly the same with another word."""
_TERM = re.compile(r"^本(?:法|条例)所称(?:的)?(?P<term>[\u4e00-\u9fff]{2,12}?)，?是指")
_LEANING = re.compile(
    r"[前上本]款|前[两三]款|本条|前条|第[^，。]{1,8}条|施行|废止|下列|如下|^但是|^其中|^其"
)
"""A sentence that leans on another one, or on a list, cannot be understood alone."""
_SENTENCE = re.compile(r"[^。]+。")


@dataclass(frozen=True)
class Setting:
    """What questions of a law are made with. `articles`: all of it, in order, the treated ones
    among them; wrong choices come from there."""

    law: str
    course: str
    articles: Sequence[Article]
    bodies: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        text = "\n".join(article.text for article in self.articles)
        found = dict.fromkeys(match.group() for match in _BODY.finditer(text))
        object.__setattr__(self, "bodies", tuple(found))


def made_of(article: Article, setting: Setting) -> list[Question]:
    """The questions that can be made of one article: at most MOST, the most telling kinds first.
    The same text always makes the same questions, with the same ids."""
    found: dict[str, Question] = {}
    kinds = [_blanks(article, setting), _which_body(article, setting)]
    kinds += [_terms(article, setting), _which_word(article, setting)]
    # One of each kind before a second of any.
    waiting = [list(kind) for kind in kinds]
    while any(waiting) and len(found) < MOST:
        for kind in waiting:
            if kind and len(found) < MOST:
                question = kind.pop(0)
                found.setdefault(question.stem, question)
    if len(found) < FEW:
        for question in islice(_which_article(article, setting), 1):
            found[question.stem] = question
    return list(found.values())


def sentences(article: Article) -> Iterator[str]:
    """The sentences of an article that can be understood alone."""
    for paragraph in article.paragraphs:
        if paragraph.startswith(("（", "(")):
            continue  # an entry of a list
        for match in _SENTENCE.finditer(paragraph):
            sentence = match.group().strip().lstrip("　 ")
            if SHORTEST <= len(sentence) <= LONGEST and not _LEANING.search(sentence):
                yield sentence


def _blanks(article: Article, setting: Setting) -> Iterator[Question]:
    for sentence in sentences(article):
        for kind, pattern in ((DEADLINE, _TIME), (AMOUNT, _MONEY)):
            spans = [match.span() for match in pattern.finditer(sentence)][:2]
            if len(spans) == 2 and spans[1][0] - spans[0][1] > 2:
                spans = spans[:1]  # no range: one blank is enough
            # What another place of the sentence gives away is no question.
            if spans and all(sentence.count(sentence[a:b]) == 1 for a, b in spans):
                yield _fill(article, setting, sentence, spans, kind)


def _terms(article: Article, setting: Setting) -> Iterator[Question]:
    for sentence in sentences(article):
        match = _TERM.search(sentence)
        if match and sentence.count(match["term"]) == 1 and match["term"] not in setting.law:
            yield _fill(article, setting, sentence, [match.span("term")], TERM)


def _which_body(article: Article, setting: Setting) -> Iterator[Question]:
    for sentence in sentences(article):
        found = list(_BODY.finditer(sentence))
        if len(found) != 1:
            continue
        span, right = found[0].span(), found[0].group()
        before, after = sentence[: span[0]], sentence[span[1] :]
        if before.endswith(_JOINED_BEFORE) or not _WHOLE_NAME.match(after):
            continue  # a part of a longer name, or one of several
        others = [one for one in setting.bodies if not _related(one, right, sentence)]
        if len(others) < 3:
            others += [one for one in _BODIES if not _related(one, right, sentence)]
        stem = f"《{setting.law}》里有这样一句：“{_without(sentence, [span])}”横线上是哪个机关？"
        wrong = _draw(others, 3, stem)
        yield _choice(article, setting, stem, right, wrong, sentence, WHICH_BODY, 2)


def _which_word(article: Article, setting: Setting) -> Iterator[Question]:
    """Whether the law orders, allows or forbids."""
    for sentence in sentences(article):
        found = list(_MODAL.finditer(sentence))
        if len(found) != 1 or _NEGATED.search(sentence):
            continue
        stem = (
            f"《{setting.law}》里有这样一句：“{_without(sentence, [found[0].span()])}”"
            "横线上是哪个词？"
        )
        wrong = [one for one in MODALS if one != found[0].group()]
        yield _choice(article, setting, stem, found[0].group(), wrong, sentence, TERM, 2)


def _which_article(article: Article, setting: Setting) -> Iterator[Question]:
    place = next(n for n, one in enumerate(setting.articles) if one.key == article.key)
    for sentence in sentences(article):
        unique = sum(sentence.rstrip("。") in one.text for one in setting.articles) == 1
        if not unique or len(sentence) < TELLING:
            continue
        near = [one.title for n, one in enumerate(setting.articles) if 0 < abs(n - place) <= 12]
        if len(near) < 3:
            continue
        stem = f"“{sentence}”这句话出自《{setting.law}》的哪一条？"
        wrong = _draw(near, 3, stem)
        yield _choice(article, setting, stem, article.title, wrong, sentence, WHICH_ARTICLE, 3)


def _fill(
    article: Article,
    setting: Setting,
    sentence: str,
    spans: Sequence[tuple[int, int]],
    kind: str,
) -> Question:
    answers = tuple((sentence[a:b],) for a, b in spans)
    stem = f"《{setting.law}》：{_without(sentence, spans)}"
    return _question(
        article,
        setting,
        QuestionType.FILL,
        stem,
        answer="；".join(one[0] for one in answers),
        blanks=answers,
        evidence=_clause(sentence, spans[0]),
        kind=kind,
        difficulty=2,
    )


def _choice(
    article: Article,
    setting: Setting,
    stem: str,
    right: str,
    wrong: Sequence[str],
    sentence: str,
    kind: str,
    difficulty: int,
) -> Question:
    texts = sorted([right, *wrong], key=lambda one: _digest("order", stem, one))
    options = dict(zip("ABCD", texts, strict=False))
    answer = next(letter for letter, text in options.items() if text == right)
    return _question(
        article,
        setting,
        QuestionType.SINGLE,
        stem,
        answer=answer,
        options=options,
        evidence=_clause(sentence, (0, 1)),
        kind=kind,
        difficulty=difficulty,
    )


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
        id=f"made-{setting.course[:24]}-{number}-{_digest(kind, stem, answer)[:8]}",
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


def _without(sentence: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        sentence = sentence[:start] + BLANK + sentence[end:]
    return sentence


def _clause(sentence: str, span: tuple[int, int]) -> str:
    """The part between commas in which a span stands."""
    begin = max(sentence.rfind(mark, 0, span[0]) for mark in "，；。") + 1
    ends = [at for mark in "，；。" if (at := sentence.find(mark, span[1])) >= 0]
    return sentence[begin : min(ends, default=len(sentence))]


def _related(one: str, other: str, sentence: str) -> bool:
    """Whether a body could be meant too: it stands in the sentence, or one holds the other."""
    shared = one.removeprefix("县级以上").removeprefix("地方各级").removeprefix("最高")
    stem = other.removeprefix("县级以上").removeprefix("地方各级").removeprefix("最高")
    return one in sentence or shared in stem or stem in shared


def _draw(names: Sequence[str], count: int, seed: str) -> list[str]:
    """Some of them, the same for the same seed, whatever their order."""
    return sorted(dict.fromkeys(names), key=lambda one: _digest(seed, one))[:count]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
