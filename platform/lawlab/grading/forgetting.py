"""Whoever was forgotten has no name in the gradebook either; his marks stay under his sign-in
name."""

from __future__ import annotations

from nbgrader.api import Student
from sqlalchemy import create_engine, inspect, update

from lawlab.config import Settings
from lawlab.grading.config import gradebook_url


def rename_student(settings: Settings, login: str, name: str) -> None:
    """Call somebody otherwise; a repeat, and a gradebook that does not know him, do no harm."""
    url = gradebook_url(settings)
    if url.startswith("sqlite") and not (settings.nbgrader_course / "gradebook.db").exists():
        return
    engine = create_engine(url)
    try:
        if inspect(engine).has_table(Student.__tablename__):
            with engine.begin() as connection:
                known = update(Student).where(Student.id == login)
                connection.execute(known.values(first_name=name))
    finally:
        engine.dispose()
