"""Statutes as values: article references, articles, the tree of 编, 分编, 章 and 节, fingerprints.

A law is built from rows as a data file holds them (`lawlab.domain.statute_rows`); where the rows
come from and which version counts today is the store's business.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from lawlab.domain.numerals import CHINESE, to_chinese, to_int
from lawlab.errors import LawlabError, NotFound

COUNTRY = "中华人民共和国"
CHINA_TIME = dt.timezone(dt.timedelta(hours=8))
"""A statute begins on a day of Beijing time."""

Key = tuple[int, int]
"""Number and 之N of an article; (133, 0) is 第一百三十三条, (133, 1) is 第一百三十三条之一."""

LAST = 9999
"""No article number is higher; the longest code has 1260 articles."""

_NUMBER = re.compile(rf"第?(\d+|[{CHINESE}]+)条?(?:之(\d+|[{CHINESE}]+))?")
_NOT_TEXT = re.compile(r"[\W_]")


def short_name(law: str) -> str:
    """`中华人民共和国禁毒法`, `《禁毒法》` and `禁毒法` are all called 禁毒法."""
    return re.sub(r"[《》\s]", "", law).removeprefix(COUNTRY)


def parse_number(text: str | int) -> Key:
    """The key of an article from 31, `31`, `31之1`, `第三十一条` or `第一百三十三条之一`.

    Raises LawlabError `bad_article_number`.
    """
    found = _NUMBER.fullmatch(re.sub(r"\s", "", str(text)))
    try:
        if found and not isinstance(text, bool):
            number, insertion = to_int(found[1]), to_int(found[2]) if found[2] else 0
            if 0 < number <= LAST and (0 < insertion <= LAST or not found[2]):
                return number, insertion
    except ValueError:
        pass
    raise LawlabError(
        "bad_article_number",
        f"“{str(text)[:20]}”不是条号。可以写 31、31之1、第三十一条，或者第一百三十三条之一。",
    )


def number_text(key: Key) -> str:
    """`31` or `133之1`, as references and addresses write it."""
    return f"{key[0]}之{key[1]}" if key[1] else str(key[0])


def number_title(key: Key) -> str:
    """`第三十一条` or `第一百三十三条之一`, as the statute writes it."""
    return f"第{to_chinese(key[0])}条" + (f"之{to_chinese(key[1])}" if key[1] else "")


@dataclass(frozen=True, order=True)
class ArticleRef:
    """`反电信网络诈骗法#31` or `刑法#133之1`."""

    law: str
    key: Key

    @classmethod
    def parse(cls, text: str) -> ArticleRef:
        """Raises LawlabError `bad_article_ref` or `bad_article_number`."""
        law, mark, number = text.partition("#")
        if not mark or not short_name(law):
            raise LawlabError(
                "bad_article_ref", f"“{text}”不是条文引用。应写成“法律简称#条号”，如 刑法#133之1。"
            )
        return cls(short_name(law), parse_number(number))

    def __str__(self) -> str:
        return f"{self.law}#{number_text(self.key)}"


def normalised(text: str) -> str:
    """The text without punctuation and space: copies of a statute differ in nothing else."""
    return _NOT_TEXT.sub("", text)


def fingerprint(text: str) -> str:
    """SHA-256 of the normalised text."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


@dataclass(frozen=True)
class Article:
    """One article. `path` holds its headings from the outermost in; `title` is 第三十一条."""

    key: Key
    title: str
    text: str
    path: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """款 and 项, one each."""
        return tuple(line for line in self.text.split("\n") if line.strip())

    @cached_property
    def plain(self) -> str:
        return normalised(self.text)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.text)


@dataclass(frozen=True)
class Heading:
    """编, 分编, 章, 节 or 附则 with what stands under it. `articles` are those directly below."""

    title: str
    articles: tuple[Key, ...]
    children: tuple[Heading, ...]

    @property
    def first(self) -> Key:
        return min([*self.articles[:1], *(child.first for child in self.children[:1])])

    @property
    def last(self) -> Key:
        return max([*self.articles[-1:], *(child.last for child in self.children[-1:])])


@dataclass(frozen=True)
class LawInfo:
    """What is known of one version of a law besides its text.

    `effective` may be the day on which the law's *first* version began (it precedes `version` in
    110 laws), so the present text is taken to begin on the later of the two.
    """

    id: str
    name: str
    kind: str
    issuer: str
    status: str
    published: dt.date
    effective: dt.date
    version: dt.date

    @property
    def short(self) -> str:
        return short_name(self.name)

    @property
    def begins(self) -> dt.date:
        return max(self.effective, self.version)


@dataclass(frozen=True)
class ArticleText:
    """An article as pages show it; `effective` is an ISO date."""

    law: str
    short: str
    ref: str
    number: str
    path: tuple[str, ...]
    paragraphs: tuple[str, ...]
    effective: str


@dataclass(frozen=True)
class Appendix:
    """附件 with its title as it stands there; it has no articles of the law."""

    title: str
    text: str


@dataclass(frozen=True)
class Law:
    """One version of a law with its articles in order."""

    info: LawInfo
    articles: tuple[Article, ...]
    appendices: tuple[Appendix, ...] = ()

    @cached_property
    def _by_key(self) -> dict[Key, Article]:
        return {article.key: article for article in reversed(self.articles)}

    @cached_property
    def _shown(self) -> dict[Key, ArticleText]:
        return {}

    @cached_property
    def plain(self) -> str:
        """The whole text without punctuation; a line break keeps the articles apart."""
        return "\n".join(article.plain for article in self.articles)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the articles' fingerprints, joined with newlines."""
        joined = "\n".join(article.fingerprint for article in self.articles)
        return hashlib.sha256(joined.encode()).hexdigest()

    @cached_property
    def tree(self) -> tuple[Heading, ...]:
        """The outermost headings; empty for a law without chapters."""
        return _headings(self.articles, 0)

    def article(self, number: str | int) -> Article:
        """Raises NotFound `no_article`, LawlabError `bad_article_number`."""
        return self.at(parse_number(number))

    def at(self, key: Key) -> Article:
        """Raises NotFound `no_article` with what the law has instead."""
        try:
            return self._by_key[key]
        except KeyError:
            raise NotFound("no_article", self._absence(key), law=self.info.short) from None

    def shown(self, key: Key) -> ArticleText:
        """The article as pages show it, made once. Raises NotFound `no_article`."""
        if key not in self._shown:
            article, info = self.at(key), self.info
            self._shown[key] = ArticleText(
                law=info.name,
                short=info.short,
                ref=str(ArticleRef(info.short, key)),
                number=article.title,
                path=article.path,
                paragraphs=article.paragraphs,
                effective=info.effective.isoformat(),
            )
        return self._shown[key]

    def holding(self, phrase: str) -> list[Article]:
        """The articles in which a phrase stands, punctuation and spaces apart."""
        wanted = normalised(phrase)
        return [article for article in self.articles if wanted and wanted in article.plain]

    def _absence(self, key: Key) -> str:
        short, insertions = self.info.short, [i for n, i in self._by_key if n == key[0] and i]
        if key[1] and (key[0], 0) in self._by_key:
            there = f"有之一到之{to_chinese(max(insertions))}" if insertions else "没有“之N”条文"
            return f"{short}第 {key[0]} 条{there}，没有第 {key[0]} 条之{to_chinese(key[1])}。"
        count = len({number for number, _ in self._by_key})
        return f"{short}共 {count} 条，没有第 {key[0]} 条。"


def _headings(articles: tuple[Article, ...], depth: int) -> tuple[Heading, ...]:
    found = []
    for title, group in groupby(articles, lambda a: a.path[depth] if len(a.path) > depth else ""):
        inside = tuple(group)
        if title:
            direct = tuple(a.key for a in inside if len(a.path) == depth + 1)
            found.append(Heading(title, direct, _headings(inside, depth + 1)))
    return tuple(found)
