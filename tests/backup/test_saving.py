"""What a backup is: private, complete or not there, and never older than the database it holds."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from full_town import NOW, fill_folders
from saved_town import bring, refused, small

from lawlab.backup import databases, saving
from lawlab.backup.saving import save
from lawlab.config import Settings
from lawlab.grading.course import course_lock, locked


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
