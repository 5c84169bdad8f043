"""From a blueprint to a built quiz: one paper for all, or a plan by which each person draws."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.audit import COMMAND
from lawlab.domain.blueprint import Blueprint, Candidate, Mode
from lawlab.domain.blueprint_file import read_blueprint
from lawlab.domain.paper import TooFew, draw, plan, pools
from lawlab.domain.question import Question
from lawlab.domain.statute import CHINA_TIME
from lawlab.errors import Conflict, FileFaults, NotFound
from lawlab.services.audit import note
from lawlab.store.content import bank_items
from lawlab.store.engine import writing
from lawlab.store.quizzes import paper_of_sitting
from lawlab.store.statutes import Statutes
from lawlab.store.tables import Quiz, Sitting

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""A lone surrogate cannot be stored, a NUL not in PostgreSQL."""


def build_quiz(
    session: Session,
    file: Path,
    now: datetime,
    statutes: Statutes | None = None,
    zone: tzinfo = CHINA_TIME,
) -> Quiz:
    """Draw the paper of a blueprint file and store it as `built`; again while nobody could see it.

    Raises as `build_quiz_text`.
    """
    return build_quiz_text(session, file.name, _read(file), now, statutes, zone)


def build_quiz_text(
    session: Session,
    name: str,
    text: str,
    now: datetime,
    statutes: Statutes | None = None,
    zone: tzinfo = CHINA_TIME,
    by: str = COMMAND,
) -> Quiz:
    """The same from the blueprint's text; `name` is its file's. `statutes` are asked where a
    section names chapters; times without a zone are the town's.

    Raises FileFaults with all faults, Conflict `quiz_exists` once the quiz was opened.
    """
    writing(session)
    assignment, data = name.removesuffix(".toml"), _parsed(name, text)
    without = _items_of_first(session, name, data)

    def questions_of(bank: str) -> list[Candidate]:
        known = statutes if _names_chapters(data) else None
        return [one for one in candidates(session, bank, known) if one.question.id not in without]

    blueprint = read_blueprint(name, assignment, data, questions_of, zone)
    held = questions_of(blueprint.bank)
    try:
        paper = _paper(blueprint, held)
    except TooFew as error:
        raise FileFaults(name, [str(error)]) from error
    quiz = session.get(Quiz, assignment)
    if quiz is not None and quiz.state != "built":
        raise Conflict(
            "quiz_exists",
            f"测验“{assignment}”已经开放过，不能重新组卷。请把文件改名，作为新的测验。",
        )
    if quiz is None:
        quiz = Quiz(assignment=assignment, state="built")
        session.add(quiz)
    if blueprint.mode is Mode.DRAWN:
        blueprint = replace(blueprint, pools=_pools(blueprint, held))
    quiz.title, quiz.minutes = blueprint.title, blueprint.minutes
    quiz.pass_mark, quiz.built_at = blueprint.pass_mark, now
    quiz.blueprint, quiz.paper = blueprint.to_json(), paper
    items = [slot["item"] for slot in paper if "item" in slot]
    note(session, now, by, "quiz.build", assignment, questions=len(paper), items=items)
    session.commit()
    return quiz


def candidates(session: Session, bank: str, statutes: Statutes | None = None) -> list[Candidate]:
    """The questions of a bank in use, with the chapters they cite when `statutes` are given."""
    return [
        Candidate(question, version, _chapters(statutes, question) if statutes else frozenset())
        for _, version, question in bank_items(session, bank).values()
    ]


def _chapters(statutes: Statutes, question: Question) -> frozenset[str]:
    headings: set[str] = set()
    for reference in question.articles:
        law, _, number = reference.partition("#")
        # A law that is not installed, or an article that is gone, has no chapter to be named by.
        with suppress(NotFound):
            headings.update(statutes.article(law, number).path)
    return frozenset(headings)


def _names_chapters(data: Mapping[str, Any]) -> bool:
    sections = data.get("section")
    return isinstance(sections, list) and any(
        isinstance(section, dict) and "chapters" in section for section in sections
    )


def _paper(blueprint: Blueprint, held: Sequence[Candidate]) -> list[dict[str, Any]]:
    return plan(blueprint, held) if blueprint.mode is Mode.DRAWN else draw(blueprint, held)


def _pools(
    blueprint: Blueprint, held: Sequence[Candidate]
) -> tuple[tuple[tuple[str, int], ...], ...]:
    return tuple(
        tuple((one.question.id, one.version) for one in pool)
        for pool in pools(blueprint.sections, held)
    )


def _items_of_first(session: Session, name: str, data: Mapping[str, Any]) -> set[str]:
    """The items of the quiz that is repeated. Where the new one draws for each person, the papers
    of the first are looked at person by person, when he begins. Raises FileFaults when there is no
    such quiz."""
    makeup_of = data.get("makeup_of")
    if not isinstance(makeup_of, str):
        return set()
    first = session.get(Quiz, makeup_of)
    if first is None:
        raise FileFaults(name, [f"“makeup_of”写的测验“{makeup_of}”还没有，请核对编号。"])
    papers = [first.paper]
    if data.get("mode") != Mode.DRAWN:
        sittings = session.scalars(select(Sitting).where(Sitting.assignment == makeup_of))
        papers += [paper_of_sitting(first, one) for one in sittings]
    return {str(slot["item"]) for paper in papers for slot in paper if "item" in slot}


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise FileFaults(str(file), [f"读不到这个文件：{error.strerror}。"]) from error
    except UnicodeDecodeError as error:
        raise FileFaults(file.name, ["文件不是 UTF-8 编码，请另存为 UTF-8。"]) from error


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        data = tomllib.loads(text)
        storable = _is_storable(data)
    except tomllib.TOMLDecodeError as error:
        raise FileFaults(name, [f"不是有效的 TOML：{error}。"]) from error
    except (ValueError, RecursionError):
        what = "里面有太长的数字、不存在的时间，或者括号套得太深，读不懂。请检查写法。"
        raise FileFaults(name, [what]) from None
    if not storable:
        raise FileFaults(name, ["文字里有存不了的字符（空字符或半个字符）。请删去再组卷。"])
    return data


def _is_storable(value: Any) -> bool:
    """Whether no text in a parsed file holds what no database takes: NUL, half a character."""
    if isinstance(value, dict):
        return all(map(_is_storable, (*value.keys(), *value.values())))
    if isinstance(value, list):
        return all(map(_is_storable, value))
    return not isinstance(value, str) or not UNSTORABLE.search(value)
