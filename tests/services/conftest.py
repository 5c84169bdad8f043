"""A town with a published course of two lessons, where trainers write in the folder 备课."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.domain.lesson import read_lesson
from lawlab.services.answers import Receipt, Submission, record_answer
from lawlab.services.content import Published, publish_bank, publish_course
from lawlab.services.draft_files import DraftFiles, drafts_of
from lawlab.services.lesson_publishing import Chosen, publish_draft
from lawlab.services.sessions import Caller
from lawlab.store.statutes import Statutes
from lawlab.store.tables import Person

BRIDGES = "某镇爱护桥梁条例"
LAW = {
    1: "为了爱护桥梁，保障通行，制定本条例。",
    2: "三吨以上的车辆不得通过木桥。",
    3: "镇人民政府每月巡查桥梁不少于二次。",
}
FIRST, SECOND = "01_first", "02_second"


def make_lesson(
    title: str, cards: Sequence[int], prose: str = "桥是大家的。", *more: str
) -> dict[str, Any]:
    """A notebook as JupyterLab saves it; `more` are further code cells."""
    code = ["from lawlab.ui import lesson", "lesson.begin()", f'lesson.article("{BRIDGES}", 2)']
    code += [f'lesson.check("brg-{card:03}")' for card in cards]
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "t", "metadata": {}, "source": f"# {title}\n\n{prose}"}
    ]
    cells += [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate([*code, *more, "lesson.finish()"])
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def make_bank(count: int = 9, unconfirmed: str = "") -> str:
    items = "".join(
        f"""
  - id: brg-{number:03}
    type: judge
    stem: 第{number}座木桥上可以走四吨的车。
    answer: 错
    explanation: 太重的车会压坏它。
    articles: ["{BRIDGES}#2"]
    evidence: 以上的车辆不得通过木桥
    derived: 四吨多于三吨。
    difficulty: 1
{f"    unconfirmed: {unconfirmed}" if number == 1 and unconfirmed else ""}
"""
        for number in range(1, count + 1)
    )
    return f"bank: bridges\nlaw: {BRIDGES}\nitems:{items}"


class Desk:
    """The course `bridges`, its drafts, and two learners."""

    def __init__(
        self, sessions: sessionmaker[Session], settings: Settings, statutes: Statutes
    ) -> None:
        self.sessions, self.settings, self.statutes = sessions, settings, statutes
        self.now = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)
        self.files: DraftFiles = drafts_of(settings)
        self.folder = self.files.folder / "bridges"
        self._keys: Iterator[int] = itertools.count()

    def pass_(self, **span: int) -> None:
        self.now += dt.timedelta(**span)

    def write(self, stem: str, notebook: dict[str, Any], slug: str = "bridges") -> Path:
        """What a trainer saves in JupyterLab."""
        path = self.files.folder / slug / f"{stem}.ipynb"
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), "utf-8")
        return path

    def publish(self, *stems: str, reviewer: str = "审核人甲", **more: Any) -> Published:
        chosen = [stem if isinstance(stem, Chosen) else Chosen(stem) for stem in stems]
        with self.sessions() as session:
            return publish_draft(
                session,
                self.files,
                more.pop("slug", "bridges"),
                chosen,
                reviewer,
                self.statutes,
                self.settings.pages,
                self.now,
                by="t01",
                **more,
            )

    def answer(self, card: int, chosen: str = "错", login: str = "s001") -> Receipt:
        submission = Submission(
            key=f"key-{next(self._keys):016}",
            person=login,
            item=f"brg-{card:03}",
            version=1,
            place=f"lesson:bridges/{FIRST}",
            response={"chosen": [chosen]},
        )
        with self.sessions() as session:
            return record_answer(session, self.caller(login), submission, self.now)

    def caller(self, login: str = "s001") -> Caller:
        with self.sessions() as session:
            person = session.query(Person).filter_by(login=login).one()
        return Caller(person.id, login, login, frozenset({"learner"}))


@pytest.fixture
def desk(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path, make_statutes: Any
) -> Desk:
    statutes = make_statutes({BRIDGES: LAW})
    settings = Settings(data=tmp_path / "data", database_url=database_url)
    made = Desk(sessions, settings, statutes)
    shipped = tmp_path / "shipped" / "bridges"
    shipped.mkdir(parents=True)
    (shipped / "course.toml").write_text(
        f'title = "爱护桥梁"\nlaw = "{BRIDGES}"\norder = ["{FIRST}", "{SECOND}"]\n'
        'sources = ["条例"]\nchecked = 2022-12-01\naudience = ["干部职工"]\n',
        "utf-8",
    )
    note = 'lesson.unconfirmed("巡桥电话是 123。", source="镇政府公告")'
    for stem, notebook in {
        FIRST: make_lesson("第一课", [1, 2, 3], "桥是大家的。", note),
        SECOND: make_lesson("第二课", [4, 5, 6]),
    }.items():
        assert read_lesson(notebook)[1] == []
        (shipped / f"{stem}.ipynb").write_text(json.dumps(notebook, ensure_ascii=False), "utf-8")
    with sessions() as session:
        publish_bank(session, make_bank(unconfirmed="木桥有两座（镇志）。"), statutes, made.now)
        publish_course(session, shipped, statutes, "审核人甲", settings.pages, made.now)
        session.add_all(
            Person(login=login, full_name=f"干部{login[1:]}", created_at=made.now)
            for login in ("s001", "s002")
        )
        session.commit()
    return made
