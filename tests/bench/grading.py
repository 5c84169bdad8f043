"""How long a whole assignment takes to grade: `lawlab quiz grade` against stock nbgrader.

124 people hand in a paper of 20 questions, one of them a case. Ours is the whole command, from the
shell to the marks in the platform, handing in through nbgrader's exchange included. Stock is
`nbgrader autograde` on the same submissions, 12 of them, scaled by what one more costs, so that its
start is not counted twelve times over. Every cell score of both is compared.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.config import REPOSITORY, Settings
from lawlab.domain.question import Question
from lawlab.grading.build import open_assignment, write_source
from lawlab.services.content import publish_bank
from lawlab.services.quiz_building import build_quiz
from lawlab.services.quiz_papers import paper_of
from lawlab.services.quizzes import hand_in, start_sitting
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import open_statutes
from lawlab.store.tables import Answer, ItemVersion, Person

PEOPLE = 124
STOCK = 12
BIN = Path(sys.executable).parent
PAPER = """
title = "判分测速"
bank = "anti-telecom-fraud"
minutes = 60
pass_mark = 60
seed = 1
partial = true
[[section]]
type = "single"
count = 8
points = 4
[[section]]
type = "multiple"
count = 6
points = 5
[[section]]
type = "judge"
count = 5
points = 3.6
[[section]]
type = "case"
count = 1
points = 20
"""


def respond(question: Question, chance: random.Random) -> dict[str, Any]:
    if question.manual:
        return {"text": "应当先报警，再通知银行止付。" * chance.randint(1, 20)}
    if question.type == "judge":
        return {"chosen": [chance.choice("对错")]}
    many = chance.randint(1, len(question.options)) if question.type == "multiple" else 1
    return {"chosen": chance.sample(list(question.options), many)}


def sit(session: Session, person: int, now: dt.datetime, chance: random.Random) -> None:
    paper = paper_of(session, "speed")
    start_sitting(session, person, "speed", now)
    for slot in paper.slots:
        version = session.scalars(
            select(ItemVersion.id).where(
                ItemVersion.item == slot["item"], ItemVersion.version == slot["version"]
            )
        ).one()
        session.add(
            Answer(
                key=slot["slot"],
                person_id=person,
                item_version_id=version,
                place="quiz:speed",
                response=respond(paper.questions[slot["slot"]], chance),
                received_at=now,
            )
        )
    session.commit()
    hand_in(session, person, "speed", now + dt.timedelta(minutes=1))


def prepare(data: Path) -> Settings:
    data.mkdir()
    settings = Settings(data=data)
    migrate(settings.database)
    sessions = make_sessions(make_engine(settings.database))
    now, chance = dt.datetime.now(dt.UTC), random.Random(1)
    with sessions() as session:
        bank = REPOSITORY / "assessments" / "banks" / "anti-telecom-fraud.yaml"
        publish_bank(session, bank, open_statutes(), now)
        people = [
            Person(login=f"u{n:03}", full_name=f"学员{n:03}", created_at=now)
            for n in range(1, PEOPLE + 1)
        ]
        session.add_all(people)
        session.commit()
        blueprint = data / "speed.toml"
        blueprint.write_text(PAPER, "utf-8")
        build_quiz(session, blueprint, now)
        paper = paper_of(session, "speed")
    write_source(settings, paper)
    open_assignment(sessions, settings, "speed", now)
    with sessions() as session:
        for person in [one.id for one in people]:
            sit(session, person, now, chance)
    return settings


def timed(words: list[str], folder: Path, settings: Settings) -> float:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LAWLAB_")}
    environment |= {
        "PATH": f"{BIN}{os.pathsep}{environment['PATH']}",
        "LAWLAB_DATA": str(settings.data),
    }
    begun = time.perf_counter()
    subprocess.run(
        [str(BIN / words[0]), *words[1:]],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun


def scores(course: Path) -> dict[tuple[str, str], tuple[float | None, bool]]:
    """Person and cell → automatic score, and whether a person has to mark."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "law2022") as gradebook:
        return {
            (submission.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
            for submission in gradebook.assignment_submissions("speed")
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(Path(folder) / "data")
        course = settings.nbgrader_course
        untouched = Path(folder) / "untouched.db"
        shutil.copy(course / "gradebook.db", untouched)
        ours = timed(["lawlab", "quiz", "grade", "speed"], settings.data, settings)
        marked = scores(course)
        assert len(marked) == PEOPLE * 20, len(marked)

        # The same submissions, an empty gradebook and nbgrader's own list of steps.
        shutil.rmtree(course / "autograded")
        for file in course.glob("gradebook.db*"):
            file.unlink()
        shutil.copy(untouched, course / "gradebook.db")
        (course / "nbgrader_config.py").unlink()
        everyone = sorted(one.name for one in (course / "submitted").iterdir())
        for login in everyone[STOCK:]:
            shutil.rmtree(course / "submitted" / login)
        first = ["nbgrader", "autograde", "speed", f"--student={everyone[0]}"]
        one = timed(first, course, settings)
        many = timed(["nbgrader", "autograde", "speed"], course, settings)
        each = many / (STOCK - 1)
        stock = scores(course)
        assert len(stock) == STOCK * 20, len(stock)
        differing = [cell for cell, score in stock.items() if marked[cell] != score]
        assert not differing, differing
        theirs = one + each * (PEOPLE - 1)
        line = {
            "bench": "grading",
            "metric": "grading",
            "ours": round(ours, 2),
            "theirs": round(theirs, 1),
            "ratio": round(theirs / ours, 1),
            "unit": "s for 124 submissions of 20 questions",
            "cells_compared": len(stock),
            "cells_differing": len(differing),
        }
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
