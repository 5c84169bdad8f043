"""How questions and lessons may be worded: what stands in the way of shuffling, of a fair choice,
and of good Chinese print. What they say about the law is `lawlab.domain.citation`'s business."""

from __future__ import annotations

import re

from lawlab.domain.question import Question
from lawlab.domain.statute import normalised

_HAN = "\u3400-\u9fff"
_HALF_WIDTH = re.compile(
    rf"""[{_HAN}“”‘’《》（），。？！：；、][,;:!?()"']|[,;:!?()"'][{_HAN}“”‘’《》（）]"""
    rf"|[{_HAN}]\.(?![\w.])"
)
_MARKUP = re.compile(r"[*_`]+")
_LETTER = re.compile(r"(?<![A-Za-z0-9])[A-F](?![A-Za-z0-9级型类超股座区])")
_CATCH_ALL = re.compile(
    r"(以上|上述|前述|前面|其他|其余|这些|选项)?(选项|各项|几项|[两二三四]项|说法|做法|情形|行为)*"
    r"(全部|全都|都|均|皆|全)(不|没有)?(对|是|正确|错|错误|成立|属于)"
    r"|(以上|上述|前述)(选项|各项|几项|[两二三四]项|说法|做法|情形|答案|全部|全都|都|均|皆|全|没有).*"
    r"|没有(一[项个条]|任何一[项个条]|)(正确|对|错)的?(选项|说法|答案)?"
    r"|(无|没有)正确(选项|答案|说法)"
)


def question_wording_faults(question: Question) -> list[str]:
    """Options that lean on the others, letters that would go wrong when options are shuffled, and
    half-width punctuation. `evidence` is the law's own print and is left alone."""
    faults = [
        f"选项 {letter}“{text}”要靠别的选项才能判断，请换成具体的内容。"
        for letter, text in question.options.items()
        if _CATCH_ALL.fullmatch(normalised(text))
    ]
    for name, text in texts_of(question):
        if question.options and (letter := _LETTER.search(text)):
            faults.append(
                f"{name}里的“{around(text, letter)}”提到了选项字母；"
                "选项会打乱顺序，请写出选项的内容。"
            )
        faults += [f"{name}{fault}" for fault in punctuation_faults(text)]
    return faults


def texts_of(question: Question) -> list[tuple[str, str]]:
    """Every text of a question in its author's own words, with the name of its field. Of a blank
    only the spelling that is shown."""
    blanks = [("blanks", spellings[0]) for spellings in question.blanks]
    answer = [] if question.options or blanks else [("answer", question.answer)]
    return [
        ("stem", question.stem),
        *((f"选项 {letter}", text) for letter, text in question.options.items()),
        *answer,
        *blanks,
        ("explanation", question.explanation),
        *((f"why_wrong {letter}", text) for letter, text in question.why_wrong.items()),
        *(("rubric", point.text) for point in question.rubric),
        ("derived", question.derived),
        ("unconfirmed", question.unconfirmed),
    ]


def punctuation_faults(text: str) -> list[str]:
    """Half-width punctuation beside Chinese characters: one fault, with the first place."""
    plain = _MARKUP.sub("", text)
    found = _HALF_WIDTH.search(plain)
    if found is None:
        return []
    return [f"里的“{around(plain, found)}”用了半角标点，请改成全角（，。？！：；（）“”）。"]


def around(text: str, found: re.Match[str]) -> str:
    """The words around a find, so that it can be looked for in an editor."""
    before = text[max(0, found.start() - 6) : found.start()].rpartition("\n")[2]
    after = text[found.end() : found.end() + 6].partition("\n")[0]
    return f"{before}{found[0]}{after}".strip()
