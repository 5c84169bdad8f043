"""Choices over an article: which body decides, which word the law uses, which article says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lawlab.domain.made_text import Setting, choice, digest, draw, place_of, quoted, sentences
from lawlab.domain.question import Question
from lawlab.domain.statute import Article

TERM, WHICH_ARTICLE = "用语", "哪一条规定"
TELLING, TIRING = 30, 110
"""A shorter sentence could stand in many articles, nobody reads a longer one to find its place."""
EASY_TO_READ = 90
"""Nor more than this to choose between three small words."""

MODALS = ("应当", "可以", "不得")
_MODAL = re.compile("|".join(MODALS))
_NEGATED = re.compile(
    "必须|禁止|有权|不应当|不可以|可以不|应当不|不能|不得已|不得不|(?:应当|可以)(?:知道|预见|注意|认定)"
    "|是否|认为(?:应当|可以)|根据需要|有条件"
)
"""With these a sentence would say nearly the same with another word, or the word is a small
matter."""
_OBVIOUS = {
    "应当": re.compile(
        "加强|建立|完善|健全|推进|推动|促进|坚持|尊重|遵守|协助|支持|指导|组织|会同|开展|落实|融入"
        "|贯彻|原则|配合|真实|载明|写明|出发|保密|保障|宣传|教育引导|履行[^，。]{0,8}(?:职责|义务)"
        "|应当(?:都|共同|自觉|积极|主动|认真|及时|依法(?!承担|赔偿))"
    ),
    "不得": re.compile(
        "侵犯|侵害|损害|危害|歧视|捏造|破坏|滥用|泄露|特权|非法|虐待|干涉|诽谤|侮辱"
    ),
    "可以": re.compile("(?!)"),
}
"""Nobody needs the law to know that authorities do their work and that harm is forbidden."""
_CONDITION = re.compile(r"[^，。；：]*的(?:[，。；：]|$)")
"""What goes on to the end of a condition (应当承担责任的，……)."""

_Words = tuple[str, str, tuple[str, ...]]
WORDS: tuple[_Words, ...] = (
    (
        r"(?:连带|按份|补充)责任",
        "连带|按份|补充",
        ("连带责任", "按份责任", "补充责任"),
    ),
    (
        r"从重处罚|从轻或者减轻处罚|减轻或者免除处罚|减轻或者不予处罚|从轻、减轻或者不予处罚|不予处罚",
        "从重|从轻|减轻|免除|不予处罚|不予行政处罚|加重|加倍|免予",
        ("从重处罚", "从轻或者减轻处罚", "不予处罚", "加倍处罚"),
    ),
    (
        "过半数",
        "半数|分之|全体",
        ("过半数", "三分之一以上", "三分之二以上", "四分之三以上"),
    ),
    (
        r"(?:有效|无效)(?=[，。；]|$)",
        "有效|无效|效力|撤销",
        ("有效", "无效", "效力待定"),
    ),
    (
        "(?<=采用)书面形式",
        "书面|口头|公证|其他形式",
        ("书面形式", "口头形式", "公证形式"),
    ),
)
"""What is looked for; what may stand only once in the sentence; what can be chosen."""

_PROMISE = re.compile("^国家(?:支持|鼓励|健全|建立|加强|推进|推动|完善)")
"""It could stand in every law."""
_NO_PLACE = ("附则", "附 则", "附　则", "")


def which_word(article: Article, setting: Setting) -> Iterator[Question]:
    """A word on which much depends, from a closed set of which only one is right."""
    for sentence in sentences(article):
        for pattern, once, choices in WORDS:
            found = list(re.finditer(pattern, sentence))
            if len(found) != 1:
                continue
            span, right = found[0].span(), found[0].group()
            if re.search(once, sentence[: span[0]] + "\n" + sentence[span[1] :]):
                continue
            stem = quoted(setting, sentence, span, "哪个词")
            wrong = [one for one in choices if not _says_the_same(one, right)][:3]
            yield choice(article, setting, stem, right, wrong, sentence, TERM, 2)


def modal(article: Article, setting: Setting) -> Iterator[Question]:
    """Whether the law orders, allows or forbids."""
    for sentence in sentences(article):
        found = list(_MODAL.finditer(sentence))
        if len(found) != 1 or len(sentence) > EASY_TO_READ or _NEGATED.search(sentence):
            continue
        right = found[0].group()
        if _CONDITION.match(sentence, found[0].end()) or _OBVIOUS[right].search(sentence):
            continue
        if sentence[: found[0].start()].endswith(("依法", "所")):
            continue  # a part of a condition, too (依法应当缴纳的税款)
        stem = quoted(setting, sentence, found[0].span(), "哪个词")
        wrong = [one for one in MODALS if one != right]
        yield choice(article, setting, stem, right, wrong, sentence, TERM, 2)


def which_article(article: Article, setting: Setting) -> Iterator[Question]:
    """Among articles of other chapters, so that it helps to know what the law treats where."""
    right = place_of(article)
    others = {
        place: found for place, found in setting.places.items() if place not in (right, *_NO_PLACE)
    }
    if right in _NO_PLACE or len(others) < 3:
        return
    for sentence in sentences(article):
        if not TELLING <= len(sentence) <= TIRING or _PROMISE.match(sentence):
            continue
        if setting.text.count(sentence.rstrip("。")) != 1:
            continue
        stem = f"“{sentence}”这句话出自《{setting.law}》的哪一条？"
        wrong = [_in_place(_one_of(others[place], stem)) for place in draw(others, 3, stem)]
        yield choice(article, setting, stem, _in_place(article), wrong, sentence, WHICH_ARTICLE, 3)


def _one_of(articles: Sequence[Article], seed: str) -> Article:
    return min(articles, key=lambda one: digest(seed, one.title))


def _in_place(article: Article) -> str:
    return f"{article.title}（{place_of(article)}）"


def _says_the_same(one: str, right: str) -> bool:
    """Whether a choice is the right one or a part of what it says."""
    return one == right or one.removesuffix("处罚") in right
