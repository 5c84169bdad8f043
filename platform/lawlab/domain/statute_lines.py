"""Single lines of an official statute file: freed of marks, and recognised as heading, article,
item or appendix. What the lines add up to is `statute_text`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lawlab.domain.numerals import CHINESE, to_chinese
from lawlab.domain.statute import LAST, Key, number_title, parse_number
from lawlab.errors import LawlabError

LEVELS = ("编", "分编", "章", "节")
"""From the outermost in."""
SUPPLEMENT = "附则"

NUMBER = rf"(?:\d+|[{CHINESE}](?: ?[{CHINESE}])*)"
_HEADING = re.compile(rf"第 ?({NUMBER}) ?(分编|编|章|节)(?: ?之 ?({NUMBER}))? ?(.*)")
_ARTICLE = re.compile(rf"第 ?({NUMBER}) ?条(?: ?之 ?({NUMBER}))?(.*)")
_REFERENCE = re.compile(
    rf"第 ?{NUMBER} ?[款项条]|规定|的|之|[、，。；）]"
    r"|所(?:称|列|规定|指)|(?:和|与|及|以及|或|或者|至|到)第|中(?:的|所|规定)|[以之]外"
)
"""What follows 第五条 when a sentence speaks of it instead of beginning it."""
_ITEM = re.compile(rf"[（(] ?({NUMBER}) ?[）)]|\d+ ?[.．、]|[①-⑳]")
_ITEM_MARK = re.compile(rf"[（(] ?({NUMBER}) ?[）)] ?")
_APPENDIX = re.compile(rf"附 ?(?:[件表录图] ?(?:{NUMBER})? ?(?:[:：].*| .*)?|[:：].*)")
_PAGE_NUMBER = re.compile(r"[-—–－] ?\d+ ?[-—–－]|第 ?\d+ ?页(?: ?[,，/]? ?共 ?\d+ ?页)?")

_SPACES = re.compile(r"[\s\u3000\xa0\u2000-\u200a]+")
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u200b-\u200f\u2060\ufeff\xad]")
_RULE = re.compile(r"([-*_=~])(?: ?\1){2,}")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_TAG = re.compile(r"</?(?:p|br|center|div|span|b|strong|font|h[1-6])\b[^<>]*>", re.IGNORECASE)
_HEAD_MARK = re.compile(r"(?:#{1,6} |>|[-*+] )+ ?|#{1,6}(?=第)")
_EMPHASIS = re.compile(r"\*\*|__|`")
_ENTITIES = {"&nbsp;": " ", "&emsp;": " ", "&ensp;": " ", "&ldquo;": "“", "&rdquo;": "”"}
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>])")


@dataclass(frozen=True)
class Line:
    """A line that is not empty, with its number in the file (of a .docx: its paragraph)."""

    number: int
    text: str


@dataclass(frozen=True)
class HeadingLine:
    """第二章 总则 as a line of its own. The supplement 附则 has no number, so `key` is None."""

    level: str
    key: Key | None
    name: str

    @property
    def number(self) -> str:
        return heading_number(self.level, self.key) if self.key else SUPPLEMENT

    @property
    def title(self) -> str:
        return f"{self.number} {self.name}" if self.key and self.name else self.number


@dataclass(frozen=True)
class ArticleLine:
    """第五条 at the beginning of a line. `key` is None when the number is none."""

    key: Key | None
    rest: str
    spaced: bool
    """A space or nothing follows: it can be nothing else than the beginning of an article."""


def heading_number(level: str, key: Key) -> str:
    return f"第{to_chinese(key[0])}{level}" + (f"之{to_chinese(key[1])}" if key[1] else "")


def clean(lines: Iterable[tuple[int, str]]) -> list[Line]:
    """The lines with text on them, without marks of Markdown, comments and page numbers."""
    found, in_comment = [], False
    for number, raw in lines:
        text, in_comment = _without_comments(raw, in_comment)
        text = _plain(text)
        if text and not _PAGE_NUMBER.fullmatch(text):
            found.append(Line(number, text))
    return found


def _without_comments(text: str, inside: bool) -> tuple[str, bool]:
    kept = []
    while text:
        before, mark, text = text.partition("-->" if inside else "<!--")
        if not inside:
            kept.append(before)
        inside ^= bool(mark)
    return "".join(kept), inside


def _plain(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        for entity, meant in _ENTITIES.items():
            text = text.replace(entity, meant)
    text = _SPACES.sub(" ", text).strip()
    if _RULE.fullmatch(text) or text.startswith("```"):
        return ""
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", text))
    text = _HEAD_MARK.sub("", text, count=1) if _HEAD_MARK.match(text) else text
    return _ESCAPED.sub(r"\1", text).strip()


def is_contents(text: str) -> bool:
    """目录, the table of contents."""
    return re.sub(r"\s", "", text) in {"目录", "目次"}


def heading_line(text: str) -> HeadingLine | None:
    """The heading that a line is, also without a space behind its number."""
    if re.sub(r"\s", "", text) == SUPPLEMENT:
        return HeadingLine("", None, SUPPLEMENT)
    found = _HEADING.fullmatch(text)
    if not found:
        return None
    name = re.sub(r"\s", "", found[4])
    if len(name) > 40 or re.search(r"[，。；：！？]", name) or _REFERENCE.match(name):
        return None
    key = _key(found[1], found[3])
    return HeadingLine(found[2], key, name) if key else None


def article_line(text: str) -> ArticleLine | None:
    """The beginning of an article that a line may be; None when it only speaks of one."""
    found = _ARTICLE.fullmatch(text)
    if not found or (found[3] and _REFERENCE.match(found[3])):
        return None
    rest = found[3]
    return ArticleLine(_key(found[1], found[2]), rest.strip(), not rest or rest.startswith(" "))


def is_item(text: str) -> bool:
    """（一）, (1), 1. or ① at the beginning."""
    return bool(_ITEM.match(text))


def item_text(text: str) -> str:
    """The line with its item's mark as statutes print it: `(一) 宣传` is （一）宣传."""
    found = _ITEM_MARK.match(text)
    if not found or found[1].isdecimal():
        return text
    return f"（{re.sub(' ', '', found[1])}）{text[found.end() :]}"


def appendix_title(text: str) -> bool:
    """附件, 附件1：…, 附表 … as a line of its own, and no sentence that speaks of one."""
    return bool(_APPENDIX.fullmatch(text)) and len(text) <= 60 and text[-1] not in "。；"


def _key(number: str, insertion: str | None) -> Key | None:
    text = re.sub(" ", "", f"第{number}条" + (f"之{insertion}" if insertion else ""))
    try:
        return parse_number(text)
    except LawlabError:
        return None


def next_keys(key: Key | None) -> tuple[Key, ...]:
    """What may follow: after 第三条 第四条 or 第三条之一, at the beginning 第一条."""
    if key is None:
        return ((1, 0),)
    return (key[0] + 1, 0), (key[0], key[1] + 1)


def missing_between(before: Key | None, key: Key) -> str:
    """The numbers that are left out, in words: 第四条, or 第四条至第六条."""
    if key[1]:
        first = (key[0], before[1] + 1 if before and before[0] == key[0] else 1)
        last = (key[0], key[1] - 1)
    else:
        first, last = ((before[0] if before else 0) + 1, 0), (key[0] - 1, 0)
    first, last = ((min(n, LAST), m) for n, m in (first, last))
    return "至".join(dict.fromkeys(map(number_title, (first, last))))
