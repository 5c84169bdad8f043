"""What somebody, and the town, remembers of the law: by article, chapter and course."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain import drill
from lawlab.domain.mastery import article_mastery, mastery_over
from lawlab.domain.points import mastery_points
from lawlab.domain.statute import ArticleRef, number_text, number_title
from lawlab.services.drill_days import store_score
from lawlab.services.progress import law_address
from lawlab.store.engine import writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import Course, DerivedState, DrillItem, Memory

SOURCE = "drill:mastery"
STATE = "mastery"
SHOWN = 5
"""Strongest and weakest articles."""
FORGOTTEN, ENOUGH_PEOPLE = 20, 3
_KNOWN = (Memory.stability, Memory.last, Memory.last_right)
"""What `_recall` wants. Columns and no rows: a town has a hundred thousand."""


def mastery_map(session: Session, person_id: int, now: dt.datetime) -> dict[str, Any]:
    """The map of the law of one person: courses, chapters, articles, strong and weak ones."""
    day = china_day(now)
    known = _articles(session, person_id, day)
    titles = _titles(session)
    shelves: dict[str, dict[str, list[dict[str, Any]]]] = {}
    places = session.execute(
        select(DrillItem.course, DrillItem.chapter, DrillItem.article, func.count())
        .group_by(DrillItem.course, DrillItem.chapter, DrillItem.article)
        .order_by(DrillItem.course, func.min(DrillItem.position))
    )
    every: list[dict[str, Any]] = []
    for course, chapter, article, count in places:
        ref = ArticleRef.parse(article)
        seen, mastery = known.get(article, (0, None))
        line = {
            "ref": article,
            "law": ref.law,
            "number": number_text(ref.key),
            "title": number_title(ref.key),
            "mastery": mastery,
            "items": count,
            "seen": seen,
            "url": law_address(ref.law, number_text(ref.key)),
        }
        every.append(line)
        shelves.setdefault(course, {}).setdefault(chapter, []).append(line)
    whole = mastery_over({line["ref"]: line["mastery"] for line in every})
    met = sorted((one for one in every if one["seen"]), key=lambda one: one["mastery"])
    return {
        "mastery": whole,
        "points": mastery_points(whole),
        "courses": [
            _course(slug, titles.get(slug, slug), shelves[slug])
            for slug in [*titles, *shelves.keys() - titles.keys()]
            if slug in shelves
        ],
        "weak": met[:SHOWN],
        "strong": met[::-1][:SHOWN] if len(met) > SHOWN else [],
    }


def mastery_of(session: Session, person_id: int, day: dt.date) -> float:
    """How much of everything that is practised somebody remembers on a day, 0 to 1."""
    known = _articles(session, person_id, day)
    articles = session.scalars(select(DrillItem.article).distinct())
    return mastery_over({one: known.get(one, (0, None))[1] for one in articles})


def update_mastery_score(session: Session, person_id: int, now: dt.datetime) -> None:
    """In the caller's transaction: the points of one person for what he remembers today."""
    points = mastery_points(mastery_of(session, person_id, china_day(now)))
    store_score(session, person_id, SOURCE, points, now)


def update_everybody(session: Session, now: dt.datetime) -> int:
    """Once on each of the town's days, the same for all who ever practised, and commit; returns for
    how many. People forget also when they do nothing."""
    day = china_day(now).isoformat()
    state = session.get(DerivedState, STATE)
    if state is not None and state.fingerprint == day:
        session.commit()
        return 0
    writing(session)
    people = session.scalars(select(Memory.person_id).distinct()).all()
    for person_id in people:
        update_mastery_score(session, person_id, now)
    state = session.get(DerivedState, STATE) or DerivedState(name=STATE)
    state.fingerprint, state.at = day, now
    session.add(state)
    session.commit()
    return len(people)


def forgotten(session: Session, now: dt.datetime) -> list[dict[str, Any]]:
    """The articles that the town is forgetting: the lowest mean chance to know them today, over
    everybody who met them, of those that ENOUGH_PEOPLE met."""
    day = china_day(now)
    sums: dict[tuple[str, str], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    rows = session.execute(
        select(DrillItem.article, DrillItem.course, Memory.person_id, *_KNOWN).join(
            Memory, Memory.item == DrillItem.item
        )
    )
    for article, course, person_id, stability, last, right in rows:
        sums[article, course][person_id].append(_recall(stability, last, right, day))
    titles = _titles(session)
    lines = []
    for (article, course), people in sums.items():
        if len(people) < ENOUGH_PEOPLE:
            continue
        ref = ArticleRef.parse(article)
        means = [article_mastery(values) or 0.0 for values in people.values()]
        lines.append(
            {
                "ref": article,
                "title": number_title(ref.key),
                "law": ref.law,
                "course": titles.get(course, course),
                "mastery": sum(means) / len(means),
                "people": len(people),
                "url": law_address(ref.law, number_text(ref.key)),
            }
        )
    return sorted(lines, key=lambda line: (line["mastery"], line["ref"]))[:FORGOTTEN]


def _articles(
    session: Session, person_id: int, day: dt.date
) -> dict[str, tuple[int, float | None]]:
    """Article → how many of its questions somebody met, and how well he knows it."""
    recalls: dict[str, list[float]] = defaultdict(list)
    rows = session.execute(
        select(DrillItem.article, *_KNOWN)
        .join(Memory, Memory.item == DrillItem.item)
        .where(Memory.person_id == person_id)
    )
    for article, stability, last, right in rows:
        recalls[article].append(_recall(stability, last, right, day))
    return {one: (len(values), article_mastery(values)) for one, values in recalls.items()}


def _recall(stability: float, last: dt.date, last_right: bool, day: dt.date) -> float:
    # Whoever was told the answer just now would know it for a moment: that is not remembering.
    return drill.recall_of(stability, last, day) if last_right else 0.0


def _course(slug: str, title: str, chapters: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    lines = [line for inside in chapters.values() for line in inside]
    return {
        "slug": slug,
        "title": title,
        "mastery": mastery_over({line["ref"]: line["mastery"] for line in lines}),
        "seen": sum(line["seen"] for line in lines),
        "items": sum(line["items"] for line in lines),
        "chapters": [
            {
                "chapter": chapter,
                "mastery": mastery_over({line["ref"]: line["mastery"] for line in inside}),
                "articles": inside,
            }
            for chapter, inside in chapters.items()
        ],
    }


def _titles(session: Session) -> dict[str, str]:
    rows = session.execute(select(Course.slug, Course.title).order_by(Course.position, Course.slug))
    return dict(iter(rows))
