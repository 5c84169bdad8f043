"""Reads the articles of an official file in order and names everything that is out of order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lawlab.domain.statute import Appendix, Article, Key, number_title
from lawlab.domain.statute_lines import (
    LEVELS,
    SUPPLEMENT,
    ArticleLine,
    HeadingLine,
    Line,
    appendix_title,
    article_line,
    heading_line,
    heading_number,
    is_item,
    item_text,
    missing_between,
    next_keys,
)

_SENTENCE_ENDS = tuple("。；：！？”’）〉》…")
_NOTE = re.compile(
    r"(?:(?:信息|文章)?来源|(?:责任)?编辑|责编|作者|发布(?:时间|日期)|浏览次数|附注|注) ?[:：].*"
    r"|[（(](?:此件|责任编辑|来源).*|【.*|(?:上一篇|下一篇|扫一扫|分享到|打印本页|相关链接|返回).*"
)
_SHORT = 30
"""Characters of a heading's name that stands on a line of its own."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where. `line` is 0 when it is missing and so stands nowhere."""

    line: int
    text: str
    sentence: str
    field: str = ""
    """The field of `Given` that mends it, where a person can say what the file does not."""

    def say(self, unit: str = "行") -> str:
        """`第 12 行“第五条 …”：…`; `unit` is 段 for files whose paragraphs were counted."""
        if not self.line:
            return self.sentence
        shown = self.text if len(self.text) <= 24 else f"{self.text[:23]}…"
        return f"第 {self.line} {unit}“{shown}”：{self.sentence}"


@dataclass
class Body:
    """What was read. `left_out` are lines behind the text that do not belong to it."""

    articles: list[Article] = field(default_factory=list)
    appendices: list[Appendix] = field(default_factory=list)
    left_out: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Open:
    """An article or appendix that is being read."""

    line: Line
    key: Key | None
    title: str
    path: tuple[str, ...]
    lines: list[Line]


def read_body(lines: Sequence[Line], *, wrapped: bool) -> Body:
    """The articles. `wrapped`: a paragraph may go on over several lines, as in a text file."""
    reader = _Reader(wrapped)
    for line in lines:
        reader.take(line)
    return reader.end()


class _Reader:
    def __init__(self, wrapped: bool) -> None:
        self._wrapped = wrapped
        self._body = Body()
        self._headings = _Headings(self._body.faults)
        self._seen: dict[Key, Line] = {}
        self._last: Key | None = None
        self._open: _Open | None = None
        self._appendices: list[_Open] = []

    def take(self, line: Line) -> None:
        if self._appendices:
            self._take_appendix(line)
        elif heading := heading_line(line.text):
            self._close()
            self._headings.open(heading, line)
        elif (start := article_line(line.text)) and self._begins(start, line):
            self._close()
            self._begin(start, line)
        elif self._seen and appendix_title(line.text):
            self._close()
            self._appendices.append(_Open(line, None, line.text, (), []))
        elif self._open:
            self._open.lines.append(line)
        elif not self._headings.name(line):
            self._fault(
                line, "这一行不在任何一条里，认不出是什么。请删去，或者放进它所在的那一条。"
            )

    def end(self) -> Body:
        last = self._open
        if last:
            last.lines, self._body.left_out = _without_notes(last.lines)
        self._close()
        self._headings.end()
        if not self._seen:
            sentence = "没有找到“第一条”：这不是分条的法规，或者条号写成了图片、自动编号。"
            self._body.faults.append(Fault(0, "", sentence))
        for one in self._appendices:
            text = "\n".join(line.text for line in one.lines)
            self._body.appendices.append(Appendix(one.title, text))
        return self._body

    def _begins(self, start: ArticleLine, line: Line) -> bool:
        """False when the line goes on with a sentence that happens to name an article here."""
        if start.spaced or start.key in next_keys(self._last) or not self._open:
            return True
        before = self._open.lines[-1:]
        return not (
            self._wrapped
            and before
            and line.number - before[0].number <= 1
            and not before[0].text.endswith(_SENTENCE_ENDS)
        )

    def _begin(self, start: ArticleLine, line: Line) -> None:
        self._headings.filled()
        key = start.key
        if key is None:
            self._fault(line, "条号写错了，应写成第五条、第一百三十三条之一的样子。")
        else:
            self._check_order(key, line)
        first = [Line(line.number, start.rest)] if start.rest else []
        title = number_title(key) if key else line.text[:10]
        self._open = _Open(line, key, title, self._headings.path, first)

    def _check_order(self, key: Key, line: Line) -> None:
        title, last = number_title(key), self._last
        if key in self._seen:
            self._fault(line, f"{title}重复了，第 {self._seen[key].number} {{unit}}已经有一个。")
            return
        if key[1] and (key[0], 0) not in self._seen:
            self._fault(line, f"有{title}，前面却没有{number_title((key[0], 0))}。")
            self._seen[key] = line
            return
        if last and key < last:
            self._fault(line, f"{title}排在{number_title(last)}后面，次序不对。")
        elif key not in next_keys(last):
            after = f"，前一条是{number_title(last)}" if last else ""
            self._fault(line, f"缺{missing_between(last, key)}{after}。")
        self._seen[key] = line
        self._last = max(key, last or key)

    def _take_appendix(self, line: Line) -> None:
        start = article_line(line.text)
        if appendix_title(line.text):
            self._appendices.append(_Open(line, None, line.text, (), []))
            return
        if start and start.spaced and self._last and start.key == (self._last[0] + 1, 0):
            self._fault(
                line,
                f"正文到{number_title(self._last)}，这一条却在"
                f"“{self._appendices[-1].title[:12]}”后面。附件应放在全部条文之后。",
            )
        self._appendices[-1].lines.append(line)

    def _close(self) -> None:
        done, self._open = self._open, None
        if not done:
            return
        text = "\n".join(_paragraphs(done.lines, wrapped=self._wrapped))
        if not text:
            self._fault(done.line, f"{done.title}没有内容。")
        if done.key:
            self._body.articles.append(Article(done.key, done.title, text, done.path))

    def _fault(self, line: Line, sentence: str) -> None:
        self._body.faults.append(Fault(line.number, line.text, sentence))


class _Headings:
    """The headings in force, and whether each follows from those before it."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._path: list[HeadingLine] = []
        self._last: dict[str, Key] = {}
        self._may_restart: set[str] = set(LEVELS)
        self._empty: tuple[HeadingLine, Line] | None = None

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(heading.title for heading in self._path)

    def open(self, heading: HeadingLine, line: Line) -> None:
        if self._empty and _rank(heading) <= _rank(self._empty[0]):
            self._say_empty()
        self._empty = (heading, line)
        self._path = [above for above in self._path if _rank(above) < _rank(heading)]
        if heading.key:
            self._check(heading, heading.key, line)
            self._last[heading.level] = heading.key
            self._may_restart.discard(heading.level)
            self._may_restart.update(LEVELS[_rank(heading) + 1 :])
        self._path.append(heading)

    def filled(self) -> None:
        """An article stands under the last heading."""
        self._empty = None

    def name(self, line: Line) -> bool:
        """Take a line as the name of a heading that had only its number: 第一章 / 总则."""
        if not self._empty or self._empty[0].name or not self._path:
            return False
        name = re.sub(r"\s", "", line.text)
        if len(name) > _SHORT or name.endswith(_SENTENCE_ENDS):
            return False
        named = HeadingLine(self._path[-1].level, self._path[-1].key, name)
        self._path[-1], self._empty = named, (named, self._empty[1])
        return True

    def end(self) -> None:
        if self._empty:
            self._say_empty()

    def _check(self, heading: HeadingLine, key: Key, line: Line) -> None:
        level, last = heading.level, self._last.get(heading.level)
        above = {one.level for one in self._path}
        if level == "分编" and "编" not in above:
            self._fault(line, f"{heading.number}不在任何一编里。")
        elif level == "节" and "章" not in above:
            self._fault(line, f"{heading.number}不在任何一章里。")
        allowed = next_keys(last)
        if level in self._may_restart:
            allowed = (*allowed, (1, 0))
        if key not in allowed:
            wanted = heading_number(level, (1, 0) if last is None else next_keys(last)[0])
            before = f"前面是{heading_number(level, last)}，" if last else ""
            self._fault(line, f"{before}这里应是{wanted}。")

    def _say_empty(self) -> None:
        assert self._empty
        heading, line = self._empty
        self._fault(line, f"{heading.number}下面没有条文。")

    def _fault(self, line: Line, sentence: str) -> None:
        self._faults.append(Fault(line.number, line.text, sentence))


def _rank(heading: HeadingLine) -> int:
    """附则 without a number closes everything, as a book would."""
    return 0 if heading.number == SUPPLEMENT else LEVELS.index(heading.level)


def _paragraphs(lines: Iterable[Line], *, wrapped: bool) -> list[str]:
    """款 and 项, one each. A line that ends in the middle of a sentence goes on in the next."""
    found: list[str] = []
    before = 0
    for line in lines:
        goes_on = (
            wrapped
            and found
            and line.number - before == 1
            and not found[-1].endswith(_SENTENCE_ENDS)
            and not is_item(line.text)
        )
        if goes_on:
            found[-1] += line.text
        else:
            found.append(item_text(line.text))
        before = line.number
    return found


def _without_notes(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of the last article, and those behind them that speak of the page they were on."""
    end = next((n for n, line in enumerate(lines) if n and _NOTE.fullmatch(line.text)), len(lines))
    if any(line.text.endswith("。") for line in lines[:end]):
        while end > 1 and not lines[end - 1].text.endswith(_SENTENCE_ENDS):
            end -= 1
    return lines[:end], lines[end:]
