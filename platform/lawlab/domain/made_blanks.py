"""Blanks over the quantities of an article: deadlines, ages, amounts and shares."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lawlab.domain.made_text import Setting, fill, head, listed, sentences
from lawlab.domain.numerals import CHINESE
from lawlab.domain.question import Question
from lawlab.domain.statute import Article

DEADLINE, AMOUNT = "期限", "数额"
FROM_ONE_SENTENCE = 2
"""Questions over different quantities of a sentence."""

_NUMBER = f"[{CHINESE}]+"
_COUNTED = f"(?!一[人名次户]){_NUMBER}(?:人|名|次(?!性)|户|株|倍|千克|克|平方米)"
_QUANTITY = re.compile(
    rf"(?<![第数几近月每零〇{CHINESE}])(?:"
    rf"(?P<day>{_NUMBER}月{_NUMBER}日)"
    rf"|(?P<time>{_NUMBER}(?:个工作日|个月|日|年|周岁|小时)(?![龄份代]))"
    rf"|(?P<share>{_NUMBER}分之{_NUMBER})"
    rf"|(?P<amount>{_NUMBER}元|{_COUNTED})"
    r")"
)
_BETWEEN = ("以上", "至", "以上不满", "不满", "以上至")
"""Between the two ends of a range."""
_HINTS = {
    "day": "横线上填几月几日",
    "time": "横线上填数字和单位",
    "share": "横线上填比例",
    "amount": "横线上填数字和单位",
}


def quantity_blanks(article: Article, setting: Setting) -> Iterator[Question]:
    """Where nothing else of the sentence gives the answer away."""
    for sentence in sentences(article):
        found = list(_of_text(article, setting, sentence))
        # A number that comes again in the harder cases is often alone in the rule itself.
        yield from found or _of_text(article, setting, head(sentence))
    for text in listed(article):
        yield from _of_text(article, setting, text)


def _of_text(article: Article, setting: Setting, text: str) -> Iterator[Question]:
    matches = list(_QUANTITY.finditer(text))
    words = [match.group() for match in matches]
    asked = 0
    for group in _ranges(matches, text):
        if asked == FROM_ONE_SENTENCE:
            return
        if any(words.count(match.group()) > 1 for match in group):
            continue
        asked += 1
        kind = group[0].lastgroup or ""
        yield fill(
            article,
            setting,
            text,
            [match.span() for match in group],
            DEADLINE if kind in ("day", "time") else AMOUNT,
            _HINTS[kind],
        )


def _ranges(matches: list[re.Match[str]], text: str) -> Iterator[list[re.Match[str]]]:
    """Each quantity alone, the two ends of a range together."""
    waiting = list(matches)
    while waiting:
        group = [waiting.pop(0)]
        if waiting and text[group[0].end() : waiting[0].start()] in _BETWEEN:
            group.append(waiting.pop(0))
        yield group
