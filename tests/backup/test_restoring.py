"""A backup made while people write, and what comes back: every row, every file, or nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import sqlite3
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from full_town import NOW, everything, files_of, fill, fill_folders
from sqlalchemy import Engine, insert
from sqlalchemy.engine import make_url

from lawlab.backup import databases, saving
from lawlab.backup.manifest import HEAD, MANIFEST, Manifest
from lawlab.backup.restoring import restore
from lawlab.backup.saving import save
from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.grading.course import course_lock, locked
from lawlab.store.engine import make_engine, migrate
from lawlab.store.tables import Answer, Base, Mark

LEFT = {
    "hub.sqlite",
    "logs/lawlab.log",
    "run/serve.json",
    "cache/page",
    "backups/lawlab-2026-11-25.tar.gz",
    ".bash_history",
    "grading/course.lock",
}
"""What a backup leaves out."""


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Settings:
    """A full installation on either database."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if database_url.startswith("sqlite"):
        shutil.move(make_url(database_url).database or "", data / "lawlab.sqlite")
    settings = Settings(
        data=data, database_url="" if database_url.startswith("sqlite") else database_url
    )
    fill_folders(settings)
    return settings


@pytest.fixture
def engine(town: Settings) -> Iterator[Engine]:
    made = make_engine(town.database)
    fill(made)
    yield made
    made.dispose()


@pytest.fixture
def elsewhere(town: Settings, tmp_path: Path) -> Iterator[Callable[[Path], Settings]]:
    """Settings of the machine onto which a backup comes: the same kind of database, and empty."""
    if not town.database_url:
        yield lambda data: load_settings({}, data=data)
        return
    address = make_url(town.database_url)
    socket = address.query["host"]
    name = "elsewhere"
    with psycopg.connect(f"host={socket} user=lawlab dbname=postgres", autocommit=True) as admin:
        admin.execute(f"create database {name}")
        url = address.set(database=name).render_as_string(hide_password=False)
        yield lambda data: load_settings({"LAWLAB_DATABASE_URL": url}, data=data)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "lawlab.tar.gz"


def small(tmp_path: Path, migrated_sqlite: Path) -> Settings:
    """An installation with little in it, for what does not depend on the database."""
    data = tmp_path / "data"
    (data / "pages").mkdir(parents=True)
    (data / "pages" / "one.ipynb").write_text("一" * 2000, "utf-8")
    (data / "pages" / "two.ipynb").write_text("二", "utf-8")
    shutil.copy(migrated_sqlite, data / "lawlab.sqlite")
    return Settings(data=data)


def refused(act: Callable[[], object]) -> LawlabError:
    with pytest.raises(LawlabError) as caught:
        act()
    return caught.value


def bring(file: Path, data: Path) -> tuple[Manifest, Settings]:
    return restore(file, data, lambda folder: load_settings({}, data=folder))


def test_every_row_and_every_file_come_back_while_others_write(
    town: Settings,
    engine: Engine,
    elsewhere: Callable[[Path], Settings],
    backup: Path,
    tmp_path: Path,
) -> None:
    before = everything(engine)
    assert [name for name, rows in before.items() if not rows] == []
    ended, began = threading.Event(), threading.Event()

    def write() -> None:
        number = 100
        while not ended.is_set():
            number += 1
            facts = {"key": f"key-{number}", "person_id": 1, "item_version_id": 1, "place": "x"}
            answer = facts | {"id": number, "response": {}, "received_at": NOW}
            mark = {"answer_id": number, "key_version": 1, "marker": "auto", "points": 1.0}
            with engine.begin() as connection:
                connection.execute(insert(Answer.__table__), answer)
                connection.execute(
                    insert(Mark.__table__),
                    mark | {"id": number, "max_points": 1.0, "marked_at": NOW},
                )
            if number == 120:
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(20)
        made = save(town, backup, NOW)
    finally:
        ended.set()
        writer.join()

    found, settings = restore(backup, tmp_path / "new", elsewhere)
    assert found == made
    other = make_engine(settings.database)
    rows, after = everything(other), everything(engine)
    other.dispose()
    for name in before:
        if name in ("answers", "marks"):
            # As of one moment: the beginning of what was written, and not all of it.
            assert rows[name] == after[name][: len(rows[name])]
            assert len(before[name]) + 20 <= len(rows[name]) <= len(after[name])
        else:
            assert rows[name] == before[name], name
        assert made.tables[name] == len(rows[name])
    assert [row[0] for row in rows["answers"][3:]] == [row[1] for row in rows["marks"][3:]]
    assert {*rows} == {table.name for table in Base.metadata.sorted_tables}

    kept = {name: text for name, text in files_of(town.data).items() if name not in LEFT}
    assert files_of(settings.data) == kept
    with closing(sqlite3.connect(settings.nbgrader_course / "gradebook.db")) as gradebook:
        assert gradebook.execute("select id from student").fetchall() == [("s001",)]
    for name, mode in (("secrets/cookie", 0o600), ("exchange", 0o700)):
        assert stat.S_IMODE((settings.data / name).stat().st_mode) == mode
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert settings.town == "大河镇"
    assert not [one.name for one in settings.data.iterdir() if one.name.startswith(".")]
    # A second one meets what the first brought.
    assert refused(lambda: restore(backup, tmp_path / "new", elsewhere)).code == "restore_place"
    if town.database_url:
        again = refused(lambda: restore(backup, tmp_path / "newer", elsewhere))
        assert again.code == "restore_place"
        assert not (tmp_path / "newer").exists()


def test_a_backup_is_private_and_complete_or_not_there(
    tmp_path: Path, migrated_sqlite: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    save(settings, backup, NOW)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    content = backup.read_bytes()
    assert refused(lambda: save(settings, backup, NOW)).code == "backup_exists"
    assert backup.read_bytes() == content
    backup.unlink()

    def break_off(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(saving, "save_entry", break_off)
        error = refused(lambda: save(settings, backup, NOW))
    assert error.code == "no_space"
    assert "空间不够" in error.sentence
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data"]
    monkeypatch.setattr(saving, "RESERVE", 2**60)
    assert "最多要" in refused(lambda: save(settings, backup, NOW)).sentence
    inside = refused(lambda: save(settings, settings.data / "x.tar.gz", NOW))
    assert inside.code == "backup_place"
    assert refused(lambda: save(settings, tmp_path / "no" / "x.tar.gz", NOW)).code == "backup_place"


def test_files_are_never_older_than_the_database(
    tmp_path: Path, migrated_sqlite: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is handed in and graded between the two is in the files; the grader is held off while
    they are read."""
    settings = small(tmp_path, migrated_sqlite)
    fill_folders(settings)
    late = settings.nbgrader_course / "submitted" / "s001" / "quiz-1" / "late.ipynb"
    snapshot, entry = saving.snapshot_sqlite, saving.save_entry
    monkeypatch.setattr(saving, "PATIENCE_S", 0.0)
    waits: list[str] = []

    def then_hand_in(source: Path, target: Path) -> databases.Snapshot:
        found = snapshot(source, target)
        late.write_text("late")
        return found

    def look(archive: object, data: Path, name: str) -> None:
        waits.append(f"{name}:{_is_free(settings)}")
        entry(archive, data, name)  # type: ignore[arg-type]

    monkeypatch.setattr(saving, "snapshot_sqlite", then_hand_in)
    monkeypatch.setattr(saving, "save_entry", look)
    assert f"data/{late.relative_to(settings.data)}" in save(settings, backup, NOW).members
    assert {"trainers:False", "exchange:False", "pages:True"} <= {*waits}
    with course_lock(settings):
        busy = refused(lambda: save(settings, tmp_path / "busy.tar.gz", NOW))
    assert busy.code == "course_busy"


def _is_free(settings: Settings) -> bool:
    try:
        with locked(settings.data / "grading" / "course.lock", wait=False):
            return True
    except BlockingIOError:
        return False


def test_a_damaged_database_is_not_saved(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    file = settings.data / "lawlab.sqlite"
    content = bytearray(file.read_bytes())
    content[8192:24576] = bytes(16384)
    file.write_bytes(content)
    assert refused(lambda: save(settings, backup, NOW)).code == "broken_database"
    assert not backup.exists()


def test_a_damaged_database_of_a_trainer_hinders_nothing(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    own = settings.data / "trainers" / "备课" / "own.db"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"SQLite format 3\0" + b"nothing" * 100)
    made = save(settings, backup, NOW)
    assert "照原样备份" in made.remarks[0]
    bring(backup, tmp_path / "new")
    assert (tmp_path / "new" / "trainers/备课/own.db").read_bytes() == own.read_bytes()
    gradebook = settings.nbgrader_course / "gradebook.db"
    gradebook.parent.mkdir(parents=True)
    own.rename(gradebook)
    again = refused(lambda: save(settings, tmp_path / "again.tar.gz", NOW))
    assert again.code == "broken_database"


def test_damage_is_told_and_nothing_is_left(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    save(settings, backup, NOW)
    content = backup.read_bytes()
    broken = tmp_path / "broken.tar.gz"
    new = tmp_path / "new"
    for place in range(200, len(content) - 200, len(content) // 12):
        flipped = bytearray(content)
        flipped[place] ^= 1
        broken.write_bytes(flipped)
        assert refused(lambda: bring(broken, new)).code in ("damaged_backup", "no_backup")
        assert not new.exists()
    for size in (0, 5, 300, len(content) // 2, len(content) - 40_000, len(content) - 300):
        broken.write_bytes(content[:size])
        assert refused(lambda: bring(broken, new)).code in ("damaged_backup", "no_backup")
        assert not new.exists()
    backup.write_bytes(content)
    bring(backup, new)
    assert (new / "pages" / "two.ipynb").read_text("utf-8") == "二"


def rebuilt(
    backup: Path, target: Path, change: Callable[[str, bytes], bytes | None], more: str = ""
) -> Path:
    """The same archive with other contents (None: without that member) and one more member."""
    with tarfile.open(backup) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            changed = change(member.name, content.read()) if content else b""
            if changed is not None:
                member.size = len(changed)
                new.addfile(member, io.BytesIO(changed))
        if more:
            info = tarfile.TarInfo(more)
            info.size = 4
            new.addfile(info, io.BytesIO(b"evil"))
    return target


def test_all_faults_are_told_at_once(tmp_path: Path, migrated_sqlite: Path, backup: Path) -> None:
    save(small(tmp_path, migrated_sqlite), backup, NOW)
    changes = {"data/pages/one.ipynb": None, "data/pages/two.ipynb": b"3"}
    wrong = rebuilt(
        backup,
        tmp_path / "wrong.tar.gz",
        lambda name, old: changes.get(name, old),
        more="../outside",
    )
    error = refused(lambda: bring(wrong, tmp_path / "new"))
    assert error.code == "damaged_backup"
    for sentence in (
        "有 3 处问题，没有恢复任何内容",
        "“../outside”会写到数据文件夹以外",
        "缺少“data/pages/one.ipynb”",
        "“data/pages/two.ipynb”和做备份的时候不一样",
    ):
        assert sentence in error.sentence
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "outside").exists()
    extra = rebuilt(backup, tmp_path / "extra.tar.gz", lambda _, old: old, more="data/more")
    assert "多出“data/more”" in refused(lambda: bring(extra, tmp_path / "new")).sentence


def test_a_link_leads_nowhere(tmp_path: Path, migrated_sqlite: Path, backup: Path) -> None:
    settings = small(tmp_path, migrated_sqlite)
    (settings.data / "pages" / "link").symlink_to("/etc/passwd")
    made = save(settings, backup, NOW)
    assert "data/pages/link" not in made.members
    assert "不是普通文件" in made.remarks[0]
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(backup) as old, tarfile.open(evil, "w:gz") as new:
        first = old.next()
        assert first is not None
        new.addfile(first, old.extractfile(first))
        info = tarfile.TarInfo("data/link")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        new.addfile(info)
    error = refused(lambda: bring(evil, tmp_path / "new"))
    assert "data/link" in error.sentence


def test_what_a_newer_program_made_is_refused(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    save(small(tmp_path, migrated_sqlite), backup, NOW)
    for part, facts in ((HEAD, {"format": 99}), (MANIFEST, {"revision": "9999"})):

        def change(name: str, old: bytes, part: str = part, facts: object = facts) -> bytes:
            assert isinstance(facts, dict)
            return json.dumps(json.loads(old) | facts).encode() if name == part else old

        newer = rebuilt(backup, tmp_path / f"{part}.tar.gz", change)
        error = refused(lambda newer=newer: bring(newer, tmp_path / "new"))  # type: ignore[misc]
        assert error.code == "newer_backup"
        assert "升级" in error.sentence
        assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    text, archive = tmp_path / "text.tar.gz", tmp_path / "archive.tar.gz"
    text.write_text("不是备份", "utf-8")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(text, "data/lawlab.sqlite")
    for file in (text, archive, tmp_path / "missing.tar.gz", tmp_path):
        assert refused(lambda file=file: bring(file, tmp_path / "new")).code == "no_backup"  # type: ignore[misc]
    assert not (tmp_path / "new").exists()


def test_nothing_that_is_there_is_overwritten(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    (settings.data / "lawlab.toml").write_text('town = "旧镇"\n', "utf-8")
    save(settings, backup, NOW)
    assert refused(lambda: bring(backup, settings.data)).code == "restore_place"
    new = tmp_path / "new"
    (new / "pages").mkdir(parents=True)
    error = refused(lambda: bring(backup, new))
    assert "已经有：pages" in error.sentence
    assert sorted(one.name for one in new.iterdir()) == ["pages"]
    (new / "pages").rmdir()
    # A home folder with its own hidden files, settings of the new machine, and a killed attempt.
    (new / ".bashrc").touch()
    (new / ".lawlab-restore-x").mkdir()
    (new / "lawlab.toml").write_text('town = "新镇"\n', "utf-8")
    _, found = bring(backup, new)
    assert found.town == "新镇"
    assert sorted(one.name for one in new.iterdir()) == [
        ".bashrc",
        "lawlab.sqlite",
        "lawlab.toml",
        "pages",
    ]


def test_an_older_database_is_brought_up_to_date(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    file = settings.data / "lawlab.sqlite"
    file.unlink()
    migrate(f"sqlite:///{file}", "0012")
    made = save(settings, backup, dt.datetime.now(dt.UTC))
    assert (made.revision, "audit_entries" in made.tables) == ("0012", False)
    _, found = bring(backup, tmp_path / "new")
    assert "audit_entries" in databases.rows_in(found.database)


def test_the_kind_of_database_must_be_the_same(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    save(small(tmp_path, migrated_sqlite), backup, NOW)
    address = {"LAWLAB_DATABASE_URL": "postgresql+psycopg://lawlab@127.0.0.1:1/lawlab"}
    error = refused(
        lambda: restore(
            backup, tmp_path / "new", lambda folder: load_settings(address, data=folder)
        )
    )
    assert error.code == "restore_place"
    assert "去掉" in error.sentence
    assert not (tmp_path / "new").exists()


def test_a_missing_pg_dump_is_said(
    tmp_path: Path, migrated_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "POSTGRESQL", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(data=tmp_path / "data", database_url=migrated_postgres)
    settings.data.mkdir()
    error = refused(lambda: save(settings, tmp_path / "x.tar.gz", NOW))
    assert error.code == "no_pg_dump"
    assert "postgresql-client" in error.sentence
