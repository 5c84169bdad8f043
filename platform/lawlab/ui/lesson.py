"""What a lesson's cells may call. Each call is one piece of the page; its arguments are literals.

Publishing allows these names and nothing else in a lesson's code cells, so a lesson is text and
cannot do anything. A wrong argument says in Chinese what is allowed.
"""

from __future__ import annotations

import re
from html import escape

from lawlab.domain.statement import statement_digest
from lawlab.errors import LawlabError
from lawlab.ui.element import Element, items, paragraphs, tag

ITEM = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
ARTICLE = re.compile(r"[1-9][0-9]{0,3}(之[1-9][0-9]?)?")
TAKEAWAYS = 3


def begin() -> Element:
    """The toolbar of the lesson: reading aloud and progress."""
    return Element(tag("lawlab-reader"))


def article(law: str, number: int | str) -> Element:
    """A button that opens the official text of one article: `article("反电信网络诈骗法", 31)`;
    an article 之N is written `"31之1"`."""
    name = _text("article", "法律名称", law)
    if set(name) & set("#《》"):
        raise _bad("article", f"法律名称“{law}”里不要有书名号或 #，例如写“反电信网络诈骗法”")
    if isinstance(number, bool) or not ARTICLE.fullmatch(str(number)):
        raise _bad("article", f"条号 {number!r} 不对，应为数字，例如 31，或者“31之1”")
    label = escape(f"看法条：《{name}》第 {number} 条")
    return Element(tag("lawlab-article", label, law=name, number=str(number)))


def check(item: str) -> Element:
    """A check card with one question of the bank: `check("atf-012")`."""
    if not ITEM.fullmatch(_text("check", "题号", item)):
        raise _bad("check", f"题号 {item!r} 不对，应为小写字母、短横线和数字，例如“atf-012”")
    return Element(tag("lawlab-question", item=item))


def steps(*texts: str) -> Element:
    """A procedure drawn as numbered steps, at least two."""
    if len(texts) < 2:
        raise _bad("steps", f"写了 {len(texts)} 步，至少要写两步")
    checked = [_text("steps", f"第 {n} 步", text) for n, text in enumerate(texts, 1)]
    return Element(tag("ol", items(checked), class_="steps"))


def takeaway(*sentences: str) -> Element:
    """The three sentences to take home."""
    if len(sentences) != TAKEAWAYS:
        raise _bad("takeaway", f"写了 {len(sentences)} 句，应为 {TAKEAWAYS} 句")
    checked = [_text("takeaway", f"第 {n} 句", text) for n, text in enumerate(sentences, 1)]
    title = tag("p", "带回家的三句话", class_="takeaway-title")
    return Element(tag("section", title + tag("ol", items(checked)), class_="takeaway"))


def unconfirmed(text: str, *, source: str) -> Element:
    """A fact that no installed text supports, with the mark 待核 and its source."""
    fact = escape(_text("unconfirmed", "内容", text))
    origin = escape(_text("unconfirmed", "来源 source", source))
    marked = tag("p", tag("span", "待核", class_="mark") + fact)
    where = tag("p", f"来源：{origin}", class_="source")
    shown = tag("aside", marked + where, class_="unconfirmed")
    # The page is the same for everybody and always; whether somebody confirmed it, the API says.
    return Element(tag("lawlab-unconfirmed", shown, statement=statement_digest(text, source)))


def staff(text: str) -> Element:
    """The second layer for enforcement staff, folded; an empty line begins a new paragraph."""
    body = paragraphs(_text("staff", "内容", text))
    return Element(tag("details", tag("summary", "给执法人员") + body, class_="staff"))


def finish() -> Element:
    """The end of the lesson: progress, what is missing, the next lesson."""
    return Element(tag("lawlab-lesson-end"))


def _text(call: str, what: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _bad(call, f"{what}要写文字，不能是空的")
    return value.strip()


def _bad(call: str, sentence: str) -> LawlabError:
    return LawlabError("bad_lesson_call", f"lesson.{call}：{sentence}。", call=call)
