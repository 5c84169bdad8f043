"""Pictures of lessons: checked with their course, published with it, written beside its pages."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.errors import FileFaults
from lawlab.services.content import publish_course, seed, write_pages
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import Course, LessonPicture, LessonVersion

Sessions = sessionmaker[Session]
NOW = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)
SLUG = "anti-telecom-fraud"
FIRST, SECOND = "01_what-it-is", "02_cards-and-accounts"


def drawing(words: str = "桥") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><text>{words}</text></svg>'.encode()


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


class Desk:
    """A course folder of a test's own, and where it is published."""

    def __init__(self, sessions: Sessions, statutes: Statutes, repository: Path, root: Path):
        self.sessions, self.statutes = sessions, statutes
        self.repository = root / "repository"
        shutil.copytree(repository, self.repository)
        self.folder = self.repository / "courses" / SLUG
        self.media = self.folder / "media"
        self.media.mkdir()
        self.settings = Settings(data=root / "data")
        self.shown = self.settings.pages / SLUG / "media"

    def write(self, text: str, lesson: str = FIRST) -> None:
        """Put a text at the end of a lesson's first cell."""
        path = self.folder / f"{lesson}.ipynb"
        notebook = json.loads(path.read_text("utf-8"))
        notebook["cells"][0]["source"] = [*notebook["cells"][0]["source"], f"\n\n{text}"]
        path.write_text(json.dumps(notebook), "utf-8")

    def seed(self) -> None:
        with self.sessions() as session:
            seed(session, self.repository, self.settings, NOW, self.statutes)

    def publish(self, reviewer: str = "审核人甲") -> None:
        with self.sessions() as session:
            pages = self.settings.pages
            publish_course(session, self.folder, self.statutes, reviewer, pages, NOW)

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.shown.glob("*")}

    def stored(self) -> set[str]:
        with self.sessions() as session:
            return set(session.scalars(select(LessonPicture.name)))


@pytest.fixture
def desk(sessions: Sessions, statutes: Statutes, small_repository: Path, tmp_path: Path) -> Desk:
    return Desk(sessions, statutes, small_repository, tmp_path)


def test_a_picture_is_published_with_its_course_and_goes_with_its_file(desk: Desk) -> None:
    (desk.media / "map.svg").write_bytes(drawing())
    desk.write("![桥在哪里](media/map.svg)")
    desk.seed()
    assert desk.files() == {"map.svg": drawing()}
    (desk.media / "map.svg").write_bytes(drawing("大桥"))
    desk.publish()
    assert desk.files() == {"map.svg": drawing("大桥")}
    original = json.loads((desk.folder / f"{FIRST}.ipynb").read_text("utf-8"))
    original["cells"][0]["source"].pop()
    (desk.folder / f"{FIRST}.ipynb").write_text(json.dumps(original), "utf-8")
    (desk.media / "map.svg").unlink()
    desk.publish()
    assert (desk.files(), desk.stored()) == ({}, set())


def test_a_picture_that_only_a_hidden_lesson_shows_is_not_served(desk: Desk) -> None:
    (desk.media / "map.svg").write_bytes(drawing())
    desk.write("![桥在哪里](media/map.svg)", SECOND)
    desk.seed()
    with desk.sessions() as session:
        course = session.get_one(Course, SLUG)
        order = [stem for stem in course.about["order"] if stem != SECOND]
        course.about = course.about | {"order": order}
        session.commit()
        write_pages(session, desk.settings.pages)
    assert (desk.files(), desk.stored()) == ({}, {"map.svg"})


def test_every_fault_of_pictures_is_named_and_nothing_is_stored(desk: Desk) -> None:
    desk.seed()
    desk.write("![](media/none.png) ![图](http://example.org/a.png) ![图](media/bad.svg)")
    (desk.media / "bad.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    (desk.media / "unused.png").write_bytes(b"no picture")
    (desk.media / "large.jpg").write_bytes(bytes(300_001))
    (desk.media / "图.png").write_bytes(b"")
    (desk.media / "folder").mkdir()
    (desk.media / "link.svg").symlink_to(desk.folder / "course.toml")
    (desk.media / ".hidden").write_bytes(b"")
    with pytest.raises(FileFaults) as refused:
        desk.publish()
    told = "\n".join(refused.value.faults)
    for words in (
        "没有文字说明",
        "图片“![图](http://example.org/a.png)",
        "01_what-it-is.ipynb：media 文件夹里没有图片 none.png。",
        "media/bad.svg：里面不能有 <script>",
        "media/unused.png：内容不是 png 图片",
        "media/unused.png：没有一课用到",
        "media/large.jpg：有 301 kB",
        "media/图.png：文件名应为",
        "media/folder：这里只能放图片文件",
        "media/link.svg：这里只能放图片文件",
    ):
        assert told.count(words) == 1, f"{words} in\n{told}"
    assert ".hidden" not in told
    assert (desk.files(), desk.stored()) == ({}, set())


def test_an_upgrade_brings_new_pictures_and_leaves_a_trainers_alone(desk: Desk) -> None:
    (desk.media / "map.svg").write_bytes(drawing("旧"))
    desk.write("![桥在哪里](media/map.svg)")
    desk.seed()
    (desk.media / "map.svg").write_bytes(drawing("新"))
    desk.seed()
    assert desk.files() == {"map.svg": drawing("新")}
    (desk.media / "map.svg").write_bytes(drawing("教员的"))
    (desk.media / "own.svg").write_bytes(drawing("教员的"))
    desk.write("![路在哪里](media/own.svg)")
    desk.publish()
    (desk.media / "map.svg").write_bytes(drawing("随程序"))
    desk.seed()
    assert desk.files() == {"map.svg": drawing("教员的"), "own.svg": drawing("教员的")}
    with desk.sessions() as session:
        versions = select(LessonVersion.version).where(LessonVersion.lesson == FIRST)
        assert sorted(session.scalars(versions)) == [1, 2]


def test_a_course_without_a_position_comes_after_those_that_have_one(desk: Desk) -> None:
    desk.seed()

    def position() -> int:
        with desk.sessions() as session:
            return session.get_one(Course, SLUG).position

    assert position() == 3
    about = desk.folder / "course.toml"
    about.write_text(about.read_text("utf-8").replace("position = 3\n", ""), "utf-8")
    desk.publish()
    assert position() == 1000
