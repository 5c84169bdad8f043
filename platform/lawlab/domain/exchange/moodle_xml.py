"""Moodle's XML question format, read and written.

Read: multichoice, truefalse, shortanswer (as fill), essay (as short) and ordering, whose options
come in their right order: shuffle them before showing. Entities and DTDs are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from lawlab.domain.exchange.build import Draft, build, with_feedback
from lawlab.domain.exchange.gift import category_of, chapter_of
from lawlab.domain.exchange.html_text import has_picture, html_to_text
from lawlab.domain.exchange.marks import (
    apply_tags,
    has_wildcard,
    number,
    refuse_unwritable,
    star,
    tags_of,
    unstar,
)
from lawlab.domain.exchange.model import (
    MOST_ITEMS,
    Found,
    ImportedItem,
    ImportResult,
    refused,
    short,
)
from lawlab.domain.exchange.text import MOST_BYTES

_KINDS = {
    "multichoice": "single",
    "truefalse": "judge",
    "shortanswer": "fill",
    "essay": "short",
    "ordering": "order",
}
_NAMES = {
    "matching": "配对题",
    "numerical": "数值题",
    "cloze": "完形填空题",
    "calculated": "计算题",
}
_WRITTEN = {
    **{kind: name for name, kind in _KINDS.items()},
    "multiple": "multichoice",
    "case": "essay",
}
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def read_moodle_xml(text: str) -> ImportResult:
    """The questions of a Moodle XML file, already decoded: its own declaration is not asked."""
    if len(text) > MOST_BYTES:
        return refused(f"文件太大，最大 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件。")
    try:
        root = fromstring(_DECLARATION.sub("", text, count=1), forbid_dtd=True)
    except ParseError as error:
        line = error.position[0]
        return refused(f"第 {line} 行附近不是完整的 XML，文件可能被截断或改坏，请重新导出。")
    except (ValueError, LookupError, RecursionError):  # DTD or entities; broken characters
        return refused(
            "XML 里有 DTD、实体定义或不能用的字符，为安全起见不导入。请从 Moodle 重新导出。"
        )
    if root.tag != "quiz":
        return refused(f"这不是 Moodle 题库：最外层应为 <quiz>，现在是 <{short(str(root.tag))}>。")
    found, chapter, place = Found(), "", 0
    for node in root.findall("question")[: MOST_ITEMS * 2]:
        kind = node.get("type", "")
        if kind == "category":
            chapter = chapter_of(_raw(node.find("category")))
            continue
        place += 1
        _read_question(node, kind, Draft(f"第 {place} 题", chapter=chapter), found)
    return found.result()


def write_moodle_xml(items: Iterable[ImportedItem]) -> str:
    """A file that `read_moodle_xml` reads back, ordering options in their right order. Raises
    LawlabError, naming the items, where one question has several blanks."""
    items = list(items)
    refuse_unwritable(items, "Moodle XML", order=True)
    out, chapter = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'], ""
    for place, item in enumerate(items, 1):
        if item.chapter != chapter:
            chapter = item.chapter
            path = _text("category", category_of(chapter), form="")
            out.append(f'<question type="category">{path}</question>\n')
        out.append(_written(place, item))
    return "".join(out) + "</quiz>\n"


def _read_question(node: Element, kind: str, draft: Draft, found: Found) -> None:
    if kind == "description":
        found.warn(draft.place, "这是一段说明，不是题目，没有导入。")
        return
    if kind not in _KINDS:
        name = _NAMES.get(kind, f"“{short(kind)}”类型的题")
        found.fault(draft.place, f"{name}不能导入，请在 Moodle 里改成单选、多选、判断或填空题。")
        return
    form = node.find("questiontext")
    draft.stem = _shown(form)
    if has_picture(_raw(form)) or node.find(".//file") is not None:
        found.warn(draft.place, "题目里的图片或附件没有导入。")
    draft.explanation = _shown(node.find("generalfeedback"))
    draft.points = (node.findtext("defaultgrade") or "").strip()
    if re.fullmatch(r"0*(\.0*)?", draft.points):
        draft.points = ""
    draft.type_word = _KINDS[kind]
    _read_answers(node, kind, draft, found)
    apply_tags(draft, [_raw(tag) for tag in node.findall("tags/tag")])
    build(draft, found, {})


def _read_answers(node: Element, kind: str, draft: Draft, found: Found) -> None:
    answers = node.findall("answer")
    fractions = [_fraction(answer) for answer in answers]
    if len(answers) > 26:
        found.fault(draft.place, f"有 {len(answers)} 个答案，最多 26 个。")
        return
    letters = [chr(ord("A") + n) for n in range(len(answers))]
    texts = [_shown(answer) for answer in answers]
    said = [_shown(answer.find("feedback")) for answer in answers]
    if kind == "essay":
        draft.answer = _shown(node.find("graderinfo"))
    elif kind == "truefalse":
        right = [text.lower() for text, part in zip(texts, fractions, strict=True) if part > 0]
        draft.answer = {"true": "T", "false": "F"}.get(right[0], right[0]) if right else ""
        draft.explanation = with_feedback(draft.explanation, zip(texts, said, strict=True))
    elif kind == "shortanswer":
        spellings = [
            text for text, part in zip(texts, fractions, strict=True) if part >= 100 and text
        ]
        if any(0 < part < 100 for part in fractions):
            found.warn(draft.place, "只得部分分的答案没有导入。")
        if any(map(has_wildcard, spellings)):
            found.warn(draft.place, "答案里的通配符 * 按普通字符导入，请核对。")
        draft.blanks = (tuple(map(unstar, spellings)),) if spellings else ()
        draft.explanation = with_feedback(draft.explanation, zip(texts, said, strict=True))
    else:
        draft.options = dict(zip(letters, texts, strict=True))
        draft.answer = "".join(letters)
        if kind == "multichoice":
            _choose(node, fractions, draft, found)
        draft.said = dict(zip(letters, said, strict=True))


def _choose(node: Element, fractions: list[float], draft: Draft, found: Found) -> None:
    several = (node.findtext("single") or "true").strip().lower() in ("false", "0")
    draft.type_word = "不定项" if several else "single"
    least = 0 if several else 99.9
    draft.answer = "".join(
        letter
        for letter, part in zip(draft.options, fractions, strict=True)
        if part > 0 and part >= least
    )
    total = sum(part for part in fractions if part > 0)
    if several and not 98 <= total <= 102:
        found.warn(draft.place, f"各正确选项的权重合计 {total:g}%，不是 100%，请核对答案。")
    if not several and any(0 < part < least for part in fractions):
        found.warn(draft.place, "只得部分分的选项按错误选项导入。")


def _fraction(answer: Element) -> float:
    text = answer.get("fraction", "0").strip()
    return float(text) if re.fullmatch(r"-?\d{1,6}(\.\d{1,12})?", text) else 0.0


def _raw(node: Element | None) -> str:
    if node is None:
        return ""
    text = node.find("text")
    return "".join(text.itertext() if text is not None else [node.text or ""]).strip()


def _shown(node: Element | None) -> str:
    """Plain text; only what says it is plain is not read as HTML."""
    raw = _raw(node)
    form = node.get("format", "html") if node is not None else "html"
    return raw if form in ("plain_text", "markdown") else html_to_text(raw)


def _text(
    tag: str, text: str, *, form: str = "plain_text", inner: str = "", fraction: str = ""
) -> str:
    attributes = (f' fraction="{fraction}"' if fraction else "") + (
        f' format="{form}"' if form else ""
    )
    body = escape(_FORBIDDEN.sub("", text)).replace("\r", "&#13;")
    return f"<{tag}{attributes}><text>{body}</text>{inner}</{tag}>"


def _written(place: int, item: ImportedItem) -> str:
    parts = [
        _text("name", f"第 {place} 题", form=""),
        _text("questiontext", item.stem),
        _text("generalfeedback", item.explanation),
        "" if item.points is None else f"<defaultgrade>{number(item.points)}</defaultgrade>",
        *_written_answers(item),
    ]
    tags = "".join(_text("tag", tag, form="") for tag in tags_of(item, points=False))
    parts.append(f"<tags>{tags}</tags>" if tags else "")
    inner = "\n  ".join(part for part in parts if part)
    return f'<question type="{_WRITTEN[item.type]}">\n  {inner}\n</question>\n'


def _written_answers(item: ImportedItem) -> Iterable[str]:
    if item.type == "judge":
        for word, truth in (("true", "对"), ("false", "错")):
            share = "100" if item.answer == truth else "0"
            yield _text("answer", word, form="moodle_auto_format", fraction=share)
    elif item.type == "fill":
        for spelling in item.blanks[0]:
            yield _text("answer", star(spelling), fraction="100")
    elif item.type == "order":
        for n, letter in enumerate(item.answer, 1):
            yield _text("answer", item.options[letter], fraction=str(n))
    elif item.type in ("short", "case"):
        yield _text("graderinfo", item.answer)
    else:
        several = item.type == "multiple"
        share = f"{100 / max(len(item.answer), 1):.5f}".rstrip("0").rstrip(".")
        yield f"<single>{'false' if several else 'true'}</single>"
        yield "<shuffleanswers>false</shuffleanswers>"
        for letter, text in item.options.items():
            wrong = "-100" if several else "0"
            yield _text("answer", text, fraction=share if letter in item.answer else wrong)
