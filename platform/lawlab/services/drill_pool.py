"""What practice may ask (`drill_items`): the banks' questions that a machine marks, and those made
from the articles that lessons treat. Derived from content and laws; nothing else writes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import case, delete, func, insert, select, text
from sqlalchemy.orm import Session, aliased

from lawlab.domain.chapters import Chapter, chapter_of, chapters
from lawlab.domain.made_items import Setting, made_of
from lawlab.domain.question import Question
from lawlab.domain.statute import ArticleRef, Law
from lawlab.errors import LawlabError
from lawlab.services.item_versions import digest
from lawlab.services.lesson_contents import lesson_contents
from lawlab.services.search import content_mark
from lawlab.store.content import MADE_BANK, bank_items, courses
from lawlab.store.drill import characters
from lawlab.store.engine import writing
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import Answer, DerivedState, DrillItem, ItemVersion, Mark

STATE = "drill_pool"
RULES = 4
"""Counts changes of the rules by which questions are made and ordered."""
MAKER = "系统"
ENOUGH, TOO_HARD = 20, 0.2
"""With so many first answers, of which fewer are right, a made question is a poor one …"""
MANY, TOO_EASY = 30, 0.97
"""… and with so many, of which more are right, too."""


@dataclass(frozen=True)
class Found:
    """A question for the pool, and where it belongs. One that was made now may not be stored."""

    question: Question
    version_id: int | None
    course: str
    made: bool
    ref: ArticleRef
    chapter: str
    article_print: str = ""


def bring_pool_in_step(session: Session, statutes: Statutes, now: dt.datetime) -> bool:
    """Make the pool anew when content, a law or the day changed since it was made, and commit; says
    whether it was made. A question out of use stays in it: whoever asks leaves it out.
    """
    mark = _mark(session, now)
    state = session.get(DerivedState, STATE)
    if state is not None and state.fingerprint == mark:
        session.commit()
        return False
    # Reading articles takes a moment: nobody waits for it with what he writes.
    laws = _Laws(statutes, now)
    found = [*_of_banks(session, laws), *_made(session, laws)]
    writing(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(hashtext('lawlab drill pool'))"))
    still = _mark(session, now) == mark
    rows = _rows(found, _stored(session, found, now))
    session.execute(delete(DrillItem))
    if rows:
        session.execute(insert(DrillItem), rows)
    # Made questions are versions too: what changed the mark just now is not news. What others
    # changed since the beginning is; then it is made anew at the next look.
    state = session.get(DerivedState, STATE, populate_existing=True) or DerivedState(name=STATE)
    state.fingerprint, state.at = _mark(session, now) if still else mark, now
    session.add(state)
    session.commit()
    return True


def poor_items(session: Session) -> dict[str, str]:
    """Made question → why it is not asked: nearly nobody knew it at the first try, or everybody
    did. For trainers, as a sentence."""
    first = (
        select(func.min(Answer.id).label("id"))
        .join(ItemVersion, ItemVersion.id == Answer.item_version_id)
        .where(ItemVersion.bank == MADE_BANK)
        .group_by(Answer.person_id, ItemVersion.item)
        .subquery()
    )
    other = aliased(Mark)
    newest = select(func.max(other.id)).where(other.answer_id == Answer.id).scalar_subquery()
    right = func.sum(case((Mark.points >= Mark.max_points, 1), else_=0))
    rows = session.execute(
        select(ItemVersion.item, func.count(), right)
        .join(Answer, Answer.item_version_id == ItemVersion.id)
        .join(first, first.c.id == Answer.id)
        .join(Mark, Mark.id == newest)
        .group_by(ItemVersion.item)
    )
    poor = {}
    for item, count, hits in rows:
        share = hits / count
        if count >= ENOUGH and share < TOO_HARD:
            poor[item] = f"{count} 人第一次答，只有 {hits} 人答对，题目可能说不清。"
        elif count >= MANY and share > TOO_EASY:
            poor[item] = f"{count} 人第一次答，{hits} 人答对，太容易了。"
    return poor


class _Laws:
    """The laws in force today with their chapters, each looked up once."""

    def __init__(self, statutes: Statutes, now: dt.datetime) -> None:
        self._statutes, self._on = statutes, china_day(now)
        self._found: dict[str, tuple[Law, tuple[Chapter, ...]] | None] = {}

    def law(self, name: str) -> Law | None:
        """None: awaited, repealed or not yet in force."""
        found = self._look(name)
        return found[0] if found else None

    def chapter(self, ref: ArticleRef) -> str:
        found = self._look(ref.law)
        chapter = chapter_of(found[1], ref.key) if found else None
        return chapter.title if chapter else ""

    def _look(self, name: str) -> tuple[Law, tuple[Chapter, ...]] | None:
        if name not in self._found:
            try:
                law = self._statutes.law(name, on=self._on)
            except LawlabError:
                self._found[name] = None
            else:
                self._found[name] = (law, chapters(law))
        return self._found[name]


def _of_banks(session: Session, laws: _Laws) -> Iterator[Found]:
    for shelf in courses(session):
        for version_id, _, question in bank_items(session, shelf.slug).values():
            if question.manual or not question.articles:
                continue
            ref = ArticleRef.parse(question.articles[0])
            yield Found(question, version_id, shelf.slug, False, ref, laws.chapter(ref))


def _made(session: Session, laws: _Laws) -> Iterator[Found]:
    poor = poor_items(session)
    settings: dict[tuple[str, str], Setting] = {}
    for course, ref in _treated(session):
        law = laws.law(ref.law)
        article = next((one for one in law.articles if one.key == ref.key), None) if law else None
        if law is None or article is None:
            continue
        key = (ref.law, course)
        if key not in settings:
            settings[key] = Setting(ref.law, course, law.articles)
        for question in made_of(article, settings[key]):
            if question.id not in poor:
                chapter = laws.chapter(ref)
                yield Found(question, None, course, True, ref, chapter, article.fingerprint)


def _treated(session: Session) -> list[tuple[str, ArticleRef]]:
    """Every article that lessons treat, with the first course that does."""
    shelves = courses(session)
    contents = lesson_contents(session, (row for shelf in shelves for row in shelf.lessons))
    first: dict[ArticleRef, str] = {}
    for shelf in shelves:
        for row in shelf.lessons:
            for ref in contents[row.course, row.lesson].articles:
                first.setdefault(ref, shelf.slug)
    return [(course, ref) for ref, course in first.items()]


def _stored(session: Session, found: list[Found], now: dt.datetime) -> dict[str, int]:
    """Made question → the id of its version; those that are new are stored."""
    known = select(ItemVersion.item, ItemVersion.id).where(ItemVersion.bank == MADE_BANK)
    stored = dict(iter(session.execute(known)))
    for one in found:
        if one.made and one.question.id not in stored:
            row = _version(one, now)
            session.add(row)
            session.flush()
            stored[one.question.id] = row.id
    return stored


def _version(one: Found, now: dt.datetime) -> ItemVersion:
    body = one.question.to_json()
    return ItemVersion(
        item=one.question.id,
        version=1,
        bank=MADE_BANK,
        type=one.question.type.value,
        body=body,
        sha256=digest(body),
        article_prints={one.question.articles[0]: one.article_print},
        reviewer=MAKER,
        published_at=now,
    )


def _rows(found: list[Found], stored: dict[str, int]) -> list[dict[str, object]]:
    """By course: the bank's questions before the made ones, those of the course's own law before
    those of others, each by article."""
    once = {one.question.id: one for one in found}
    own: dict[str, Counter[str]] = {}
    for one in once.values():
        own.setdefault(one.course, Counter())[one.ref.law] += not one.made
    main = {course: laws.most_common(1)[0][0] for course, laws in own.items()}
    ordered = sorted(
        once.values(),
        key=lambda one: (
            one.course,
            one.made,
            one.ref.law != main[one.course],
            one.ref,
            one.question.id,
        ),
    )
    count: dict[str, int] = {}
    rows: list[dict[str, object]] = []
    for one in ordered:
        count[one.course] = count.get(one.course, 0) + 1
        rows.append(
            {
                "item": one.question.id,
                "item_version_id": one.version_id or stored[one.question.id],
                "course": one.course,
                "position": count[one.course],
                "type": one.question.type.value,
                "made": one.made,
                "chapter": one.chapter[:120],
                "article": str(one.ref),
                "articles": list(one.question.articles),
                "characters": characters(one.question),
            }
        )
    return rows


def _mark(session: Session, now: dt.datetime) -> str:
    return hashlib.sha256(f"{RULES} {content_mark(session, now)}".encode()).hexdigest()
