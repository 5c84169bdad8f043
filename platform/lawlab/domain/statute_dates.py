"""Dates in official files: 2020年7月31日 and 二〇二〇年七月三十一日, what happened on them, and the
day from which a statute holds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest

from lawlab.domain.numerals import CHINESE, to_int
from lawlab.domain.statute import Article

_YEAR = "[〇○Ｏ零一二三四五六七八九]{4}"
_SMALL = rf"(\d{{1,2}}|[{CHINESE}]{{1,3}})"
_DATE = rf"(\d{{4}}|{_YEAR}) ?年 ?{_SMALL} ?月 ?{_SMALL} ?日"
DATE = re.compile(_DATE)
_IN_FORCE = "(?:施行|实施|执行|生效)"
_FROM_DAY = re.compile(rf"自 ?{_DATE} ?起 ?(?:正式)?{_IN_FORCE}")
_FROM_PUBLICATION = re.compile(
    rf"自 ?(?:公布|发布|印发|颁布|通过) ?之 ?日 ?起 ?(?:正式)?{_IN_FORCE}"
)
_AMENDED = re.compile("修正|修订|修改")
_ADOPTED = re.compile("通过|批准|审议")
_PUBLISHED = re.compile("公布|发布|印发|颁布")
_MOST_BACK = 5
"""The day from which a statute holds stands in one of its last articles."""


@dataclass(frozen=True)
class Dates:
    """What the notes under a title say. `adopters` and `publishers` are the words beside."""

    adopted: dt.date | None = None
    approved: dt.date | None = None
    """The last of several adoptions: what a city adopts a province approves."""
    published: dt.date | None = None
    effective: dt.date | None = None
    from_publication: bool = False
    amendments: tuple[dt.date, ...] = ()
    adopters: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    """What looks like a date and is none: 2020年2月30日."""


def read_date(text: str) -> dt.date | None:
    """The date that a text is, such as 2020年7月31日 or 二〇二〇年七月三十一日."""
    found = DATE.fullmatch(text.strip())
    return _date(found) if found else None


def read_notes(notes: Iterable[str]) -> Dates:
    """What happened when: each date belongs to the words up to the next one."""
    dates = Dates()
    for note in notes:
        places = list(DATE.finditer(note))
        for place, following in zip_longest(places, places[1:]):
            end = following.start() if following else len(note)
            dates = _with_event(dates, place, note[place.end() : end])
        if _FROM_PUBLICATION.search(note):
            dates = replace(dates, from_publication=True)
    return dates


def _with_event(dates: Dates, place: re.Match[str], words: str) -> Dates:
    day = _date(place)
    if day is None:
        return replace(dates, wrong=(*dates.wrong, place[0]))
    if re.match(rf" ?起 ?(?:正式)?{_IN_FORCE}", words):
        return replace(dates, effective=day)
    if _AMENDED.search(words):
        return replace(dates, amendments=(*dates.amendments, day))
    if _ADOPTED.search(words):
        dates = replace(
            dates,
            adopted=dates.adopted or day,
            approved=day,
            adopters=(*dates.adopters, words),
        )
        # 现予公布 speaks of another day than that of the adoption before it.
        published = _PUBLISHED.search(words) and "现予" not in words
        return replace(dates, published=day) if published else dates
    if _PUBLISHED.search(words) or not words.strip(" ）)。"):
        return replace(dates, published=day, publishers=(*dates.publishers, words))
    return dates


def commencement(articles: Iterable[Article]) -> tuple[dt.date | None, bool]:
    """The day from which the last articles let the statute hold, and whether they say instead that
    it is the day of its publication."""
    for article in list(articles)[-1 : -_MOST_BACK - 1 : -1]:
        found = list(_FROM_DAY.finditer(article.text))
        own = [match for match in found if _of_itself(article.text, match.start())]
        for match in own or found:
            return _date(match), False
        if _FROM_PUBLICATION.search(article.text):
            return None, True
    return None, False


def _of_itself(text: str, start: int) -> bool:
    """本条例自…起施行 and not 1995年起施行的《…》同时废止."""
    return bool(re.search(r"本[^，。；]{0,12}$", text[:start]))


def _date(found: re.Match[str]) -> dt.date | None:
    year, month, day = found.groups()[:3]
    try:
        return dt.date(to_int(re.sub("[○Ｏ]", "〇", year)), to_int(month), to_int(day))
    except ValueError:
        return None
