"""Moodle's GIFT format, read and written.

Read: choice with one or several right answers, true/false, short answer (as fill) and essay (as
short). Matching and numerical questions are faults. Model answers stand in the general feedback,
difficulty, points and the case type in tags, as `write_gift` puts them there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lawlab.domain.exchange.build import Draft, build, with_feedback
from lawlab.domain.exchange.html_text import has_picture, html_to_text
from lawlab.domain.exchange.marks import (
    apply_tags,
    has_wildcard,
    model_feedback,
    refuse_unwritable,
    split_feedback,
    star,
    tags_of,
    unstar,
)
from lawlab.domain.exchange.model import Found, ImportedItem, ImportResult, short

_QUESTION = re.compile(r"((?:\\.|[^\\{}])*)\{((?:\\.|[^\\{}])*)\}((?:\\.|[^\\{}])*)", re.DOTALL)
_TITLE = re.compile(r"::(?:\\.|[^\\:]|:(?!:))*::", re.DOTALL)
_TAG = re.compile(r"\[tag:((?:\\.|[^\\\]])*)\]")
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,10})?)%")
_PIECE = re.compile(r"\\.|####|[#=~]|[^\\#=~]+|\\", re.DOTALL)
_TRUTH = {"T": "对", "TRUE": "对", "F": "错", "FALSE": "错"}


@dataclass
class _Choice:
    """One answer between the braces, unescaped. `weight` is None where none is written."""

    right: bool
    text: str
    weight: float | None
    feedback: str


def read_gift(text: str) -> ImportResult:
    """The questions of a GIFT file; blank lines stand between them."""
    found, chapter = Found(), ""
    for line_number, lines in _blocks(text):
        place, tags, kept = f"第 {line_number} 行", list[str](), list[str]()
        for line in lines:
            if line.lstrip().startswith("//"):
                tags += [re.sub(r"\\(.)", r"\1", tag) for tag in _TAG.findall(line[:5000])]
            elif line.lstrip().startswith("$CATEGORY:"):
                chapter = chapter_of(line.partition(":")[2])
            else:
                kept.append(line)
        if block := "\n".join(kept).strip():
            _read_block(block, Draft(place, chapter=chapter), tags, found)
    return found.result()


def write_gift(items: Iterable[ImportedItem]) -> str:
    """A GIFT file that `read_gift` reads back. Raises LawlabError, naming the items, where there
    are ordering questions or several blanks in one question, for which GIFT has no form."""
    items = list(items)
    refuse_unwritable(items, "GIFT", order=False)
    out, chapter = list[str](), ""
    for item in items:
        if item.chapter != chapter:
            chapter = item.chapter
            out.append(f"$CATEGORY: {category_of(chapter)}\n\n")
        tags = tags_of(item, points=True)
        if tags:
            marks = " ".join("[tag:" + re.sub(r"([\\\]])", r"\\\1", tag) + "]" for tag in tags)
            out.append(f"// {marks}\n")
        feedback = model_feedback(item)
        general = f"####{_part(feedback)}" if feedback else ""
        out.append(f"[plain]{_escape(item.stem)}{{{_answers(item)}{general}}}\n\n")
    return "".join(out)


def chapter_of(category: str) -> str:
    """A Moodle category's path without the course and its root."""
    return re.sub(r"^\$\w+\$/?", "", category.strip()).removeprefix("top").strip("/ ")


def category_of(chapter: str) -> str:
    return "$course$/top" + (f"/{' '.join(chapter.split())}" if chapter else "")


def _blocks(text: str) -> Iterable[tuple[int, list[str]]]:
    block, start = list[str](), 1
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            if not block:
                start = number
            block.append(line)
        elif block:
            yield start, block
            block = []


def _read_block(block: str, draft: Draft, tags: list[str], found: Found) -> None:
    title = _TITLE.match(block)
    block = block[title.end() :] if title else block
    parts = _QUESTION.fullmatch(block.strip())
    if not parts:
        found.fault(
            draft.place,
            f"“{short(block)}”后面应有一对花括号写答案，如 {{=对的 ~错的}}。"
            "文字里的花括号前要加 \\ ，题目之间空一行，题目里面不空行；最后一题也可能不完整。",
        )
        return
    before, body, after = parts.groups()
    form = _format_of(before)
    stem = [_clean(before, form), _clean(after, form)]
    draft.stem = " ____ ".join(stem) if stem[1] else stem[0]
    if has_picture(before + body):
        found.warn(draft.place, "题目里的图片没有导入。")
    body, general = _cut(body, "####")
    draft.explanation = _clean(general, form)
    if _read_body(body.strip(), form, draft, found):
        apply_tags(draft, tags)
        build(draft, found, {})


def _read_body(body: str, form: str, draft: Draft, found: Found) -> bool:
    """Type, options and answer into the draft; False: a fault was added."""
    truth, feedback = _cut(body, "#")
    if not body:
        draft.type_word = "short"
        draft.answer, draft.explanation = split_feedback(draft.explanation)
        return True
    if (answer := _TRUTH.get(truth.strip().upper())) is not None:
        draft.type_word, draft.answer = "judge", answer
        said = [_clean(part, form) for part in _split(feedback, "#")]
        draft.explanation = with_feedback(
            draft.explanation, zip(("答错", "答对"), said, strict=False)
        )
        return True
    if body.startswith("#"):
        found.fault(draft.place, "数值题（{#…}）不能导入，请改成填空题或单选题。")
        return False
    choices = _choices(body, form)
    if choices is None:
        found.fault(
            draft.place, "花括号里每个答案前应有 = （对）或 ~ （错），“=”等符号前要加 \\ 。"
        )
        return False
    if all(c.right and c.weight is None and "->" in c.text for c in choices):
        found.fault(draft.place, "配对题（=甲 -> 乙）不能导入，请改成单选题。")
        return False
    if all(choice.right for choice in choices):
        return _fill(choices, draft, found)
    return _choose(choices, draft, found)


def _fill(choices: list[_Choice], draft: Draft, found: Found) -> bool:
    whole = [choice for choice in choices if choice.weight in (None, 100)]
    if len(whole) < len(choices):
        found.warn(draft.place, "只得部分分的答案没有导入。")
    if any(has_wildcard(choice.text) for choice in whole):
        found.warn(draft.place, "答案里的通配符 * 按普通字符导入，请核对。")
    spellings = tuple(unstar(choice.text) for choice in whole if choice.text)
    draft.type_word, draft.blanks = "fill", (spellings,) if spellings else ()
    draft.explanation = with_feedback(draft.explanation, ((c.text, c.feedback) for c in choices))
    return True


def _choose(choices: list[_Choice], draft: Draft, found: Found) -> bool:
    if len(choices) > 26:
        found.fault(draft.place, f"有 {len(choices)} 个选项，最多 26 个。")
        return False
    lettered = [(chr(ord("A") + n), choice) for n, choice in enumerate(choices)]
    several = not any(choice.right for choice in choices)
    right = [key for key, c in lettered if c.right or (several and (c.weight or 0) > 0)]
    total = sum(c.weight or 0 for _, c in lettered if (c.weight or 0) > 0)
    if several and right and not 98 <= total <= 102:
        found.warn(draft.place, f"各正确选项的权重合计 {total:g}%，不是 100%，请核对答案。")
    if not several and any(not c.right and (c.weight or 0) > 0 for c in choices):
        found.warn(draft.place, "只得部分分的选项按错误选项导入。")
    draft.type_word = "不定项" if several else "single"
    draft.options = {key: choice.text for key, choice in lettered}
    draft.answer = "".join(right)
    draft.said = {key: choice.feedback for key, choice in lettered}
    return True


def _choices(body: str, form: str) -> list[_Choice] | None:
    parts: list[list[str]] = []
    for piece in _PIECE.findall(body):
        if piece in ("=", "~"):
            parts.append([piece, ""])
        elif not parts:
            return None
        else:
            parts[-1][1] += piece
    choices = []
    for mark, text in parts:
        weight = _WEIGHT.match(text)
        said, feedback = _cut(text[weight.end() :] if weight else text, "#")
        choices.append(
            _Choice(
                mark == "=",
                _clean(said, form),
                float(weight[1]) if weight else None,
                _clean(feedback, form),
            )
        )
    return choices


def _cut(text: str, mark: str) -> tuple[str, str]:
    """Before and after the first unescaped mark."""
    at = 0
    for piece in _PIECE.findall(text):
        if piece == mark or (mark == "#" and piece == "####"):
            return text[:at], text[at + len(mark) :]
        at += len(piece)
    return text, ""


def _split(text: str, mark: str) -> list[str]:
    first, rest = _cut(text, mark)
    return [first, rest] if rest else [first]


def _format_of(text: str) -> str:
    found = _FORMAT.match(text)
    return found[1].lower() if found else "moodle"


def _clean(text: str, form: str) -> str:
    """Unescaped plain text, markup gone where the text's own or the question's format is HTML."""
    found = _FORMAT.match(text)
    if found:
        text, form = text[found.end() :], found[1].lower()
    text = re.sub(r"\\([~=#{}:\\n])", lambda m: "\n" if m[1] == "n" else m[1], text)
    return html_to_text(text) if form == "html" else text.strip()


def _escape(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", r"\n")


def _part(text: str) -> str:
    """An option or feedback that does not begin like a format mark."""
    return ("[plain]" if text.lstrip().startswith("[") else "") + _escape(text)


def _answers(item: ImportedItem) -> str:
    if item.type == "judge":
        return "T" if item.answer == "对" else "F"
    if item.type == "fill":
        return "".join(
            f"={_weighed(100, star(text), '%' in text[:1] or '->' in text)}"
            for text in item.blanks[0]
        )
    if item.type == "multiple":
        share = round(100 / len(item.answer), 5)
        return "".join(
            f"~{_weighed(share if key in item.answer else -100, text, True)}"
            for key, text in item.options.items()
        )
    return "".join(
        f"{'=' if right else '~'}{_weighed(100 if right else 0, text, text.startswith('%'))}"
        for key, text in item.options.items()
        for right in (key in item.answer,)
    )


def _weighed(weight: float, text: str, shown: bool) -> str:
    return (f"%{weight:g}%" if shown else "") + _part(text)
