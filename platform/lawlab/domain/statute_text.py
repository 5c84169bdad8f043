"""From the lines of an official file to a statute: its head, its articles, its faults.

Everything that is wrong is found in one go. What a file does not say, or says wrong, a person may
give beside it (`Given`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lawlab.domain.statute import Appendix, Article, Heading, Law, LawInfo, short_name
from lawlab.domain.statute_body import Fault, read_body
from lawlab.domain.statute_dates import commencement
from lawlab.domain.statute_head import KINDS, Head, kind_of, read_head
from lawlab.domain.statute_lines import (
    LEVELS,
    Line,
    article_line,
    clean,
    heading_line,
    is_contents,
)

__all__ = ["KINDS", "Fault", "Given", "StatuteText", "read_statute"]

LONGEST_NAME, LONGEST_ISSUER = 80, 200
NOT_IN_NAMES = '#@/\\?%&<>"'
"""A name is part of addresses and references; these mean something else there."""
MOST_LINES = 30_000
"""The longest code has some 3,000. A file that is no statute must not keep the server busy."""
MOST_HEAD, LONGEST_HEAD = 300, 1000
"""Lines of the head that are looked at, and characters of each."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")
IMPORTED = "本地导入"
"""The status of a law that a trainer imported."""


@dataclass(frozen=True)
class Given:
    """What a person says of a file; it counts more than what the file says."""

    name: str = ""
    issuer: str = ""
    kind: str = ""
    published: dt.date | None = None
    effective: dt.date | None = None
    version: dt.date | None = None


@dataclass(frozen=True)
class StatuteText:
    """A statute as read. Dates are None and name and issuer empty where nobody said them."""

    name: str
    issuer: str
    kind: str
    adopted: dt.date | None
    published: dt.date | None
    effective: dt.date | None
    version: dt.date | None
    """The day of the last amendment, or of publication."""
    amendments: tuple[dt.date, ...]
    articles: tuple[Article, ...]
    appendices: tuple[Appendix, ...]
    notes: tuple[str, ...]
    left_out: tuple[Line, ...]

    @property
    def insertions(self) -> tuple[str, ...]:
        """Titles of the articles 之N."""
        return tuple(article.title for article in self.articles if article.key[1])

    @property
    def counts(self) -> dict[str, int]:
        """How many 编, 分编, 章, 节 and 条."""
        titles = list(_titles(Law(self._info(""), self.articles).tree))
        found = {
            level: sum(bool(re.match(rf"第[^ 编章节]+{level}", title)) for title in titles)
            for level in LEVELS
        }
        return found | {"条": len(self.articles)}

    def law(self, law_id: str) -> Law:
        """The statute as a law; only of one without a fault."""
        return Law(self._info(law_id), self.articles, self.appendices)

    def _info(self, law_id: str) -> LawInfo:
        unknown = dt.date.min
        return LawInfo(
            law_id,
            self.name,
            self.kind,
            self.issuer,
            IMPORTED,
            self.published or unknown,
            self.effective or unknown,
            self.version or unknown,
        )


def _titles(headings: Sequence[Heading]) -> Iterator[str]:
    for heading in headings:
        yield heading.title
        yield from _titles(heading.children)


def read_statute(
    lines: Sequence[tuple[int, str]], given: Given | None = None, *, unit: str = "行"
) -> tuple[StatuteText, list[Fault]]:
    """The statute in the numbered lines of a file, and every fault. `unit` says what was counted:
    行 of a text file, or 段 of a document, whose paragraphs are whole."""
    given = given or Given()
    if len(lines) > MOST_LINES:
        sentence = f"有 {len(lines)} {unit}，不像一部法规（最多 {MOST_LINES} {unit}）。"
        return _statute(read_head(()), given, (), (), ()), [Fault(0, "", sentence)]
    cleaned = clean(lines)
    faults = [
        Fault(line.number, line.text, "有认不出的字（�），文件的编码坏了。请从原处重新下载或另存。")
        for line in cleaned
        if "\ufffd" in line.text
    ]
    head_end, start = _places(cleaned)
    top = cleaned[:head_end][-MOST_HEAD:]
    head = read_head([Line(line.number, line.text[:LONGEST_HEAD]) for line in top])
    body = read_body(cleaned[start:], wrapped=unit == "行")
    statute = _statute(head, given, tuple(body.articles), tuple(body.appendices), body.left_out)
    faults += [
        replace(fault, sentence=fault.sentence.replace("{unit}", unit)) for fault in body.faults
    ]
    faults += _head_faults(statute, head, given)
    return statute, sorted(faults, key=lambda fault: fault.line)


def _places(lines: Sequence[Line]) -> tuple[int, int]:
    """Where the head ends and where the text begins; between them stands the table of contents."""
    first = next(
        (n for n, line in enumerate(lines) if article_line(line.text)),
        len(lines),
    )
    headings = [(n, found) for n in range(first) if (found := heading_line(lines[n].text))]
    contents = [n for n in range(first) if is_contents(lines[n].text)]
    if not headings:
        return (contents[0] if contents else first), first
    place, opening = headings[0]
    # The table of contents names the first heading once more than the text does.
    start = max(n for n, found in headings if found.number == opening.number)
    return min([place, *contents]), start


def _statute(
    head: Head,
    given: Given,
    articles: tuple[Article, ...],
    appendices: tuple[Appendix, ...],
    left_out: Sequence[Line],
) -> StatuteText:
    dates = head.dates
    name = re.sub(r"\s", "", given.name) or head.name
    issuer = given.issuer.strip() or head.issuer
    amendments = tuple(sorted(set(dates.amendments)))
    published = (
        given.published or dates.published or dates.approved or max(amendments, default=None)
    )
    stated, from_publication = commencement(articles)
    effective = given.effective or stated
    if effective is None and from_publication:
        effective = published
    if effective is None:
        effective = dates.effective or (published if dates.from_publication else None)
    version = given.version or max(filter(None, [published, *amendments]), default=None)
    return StatuteText(
        name,
        issuer,
        given.kind or kind_of(name, issuer),
        dates.adopted,
        published,
        effective,
        version,
        amendments,
        articles,
        appendices,
        head.notes,
        tuple(left_out),
    )


def _wrong_name(name: str) -> str:
    """What keeps a statute from having this name, "" when nothing does."""
    if len(name) > LONGEST_NAME:
        return f"有 {len(name)} 个字"
    if found := [sign for sign in NOT_IN_NAMES if sign in name]:
        return f"带有 {' '.join(found)}"
    return "" if _CHINESE.search(short_name(name)) else "没有汉字"


def _head_faults(statute: StatuteText, head: Head, given: Given) -> list[Fault]:
    place = (head.place.number, head.place.text) if head.place and not given.name else (0, "")
    faults = []
    if not short_name(statute.name):
        faults.append(Fault(0, "", "没有找到法规的名称，请写明。", "name"))
    elif wrong := _wrong_name(statute.name):
        sentence = (
            f"名称“{statute.name[:30]}”不对：{wrong}。"
            f"名称要有汉字，最多 {LONGEST_NAME} 个字，不要带 {' '.join(NOT_IN_NAMES)}。"
        )
        faults.append(Fault(*place, sentence, "name"))
    if len(statute.issuer) > LONGEST_ISSUER:
        faults.append(Fault(0, "", f"制定机关最多 {LONGEST_ISSUER} 个字。", "issuer"))
    if statute.kind not in KINDS:
        sentence = f"类别“{statute.kind[:10]}”不对，可写：{'、'.join(KINDS)}。"
        faults.append(Fault(0, "", sentence, "kind"))
    for date in head.dates.wrong:
        faults.append(Fault(0, "", f"标题下面的日期“{date}”不存在。"))
    if statute.published is None:
        sentence = "没有找到公布（通过）的日期，请写明公布日期。"
        faults.append(Fault(0, "", sentence, "published"))
    if statute.effective is None:
        faults.append(Fault(0, "", "没有找到施行日期，请写明施行日期。", "effective"))
    return faults
