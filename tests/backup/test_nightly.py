"""The nightly program: backups in the data folder, copies elsewhere, what it says of trouble."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lawlab.backup import nightly, saving
from lawlab.backup.nightly import look, read_nightly
from lawlab.backup.restoring import restore
from lawlab.config import Settings, load_settings
from lawlab.domain.nightly import Nightly

START = dt.datetime(2026, 11, 20, 10, 0, tzinfo=Settings(data=Path()).zone)


def night(day: int, hour: int = 2, minute: int = 0) -> dt.datetime:
    return START.replace(day=day, hour=hour, minute=minute)


@pytest.fixture
def settings(tmp_path: Path, migrated_sqlite: Path) -> Settings:
    """An installation whose nights are watched since the 20th, 10 o'clock."""
    data = tmp_path / "data"
    (data / "pages").mkdir(parents=True)
    shutil.copy(migrated_sqlite, data / "lawlab.sqlite")
    made = Settings(data=data, backup_keep=2)
    assert not look(made, START)
    return made


def state(settings: Settings) -> Nightly:
    found = read_nightly(settings)
    assert found is not None
    return found


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_backups_are_made_kept_and_can_be_restored(settings: Settings, tmp_path: Path) -> None:
    for day in (21, 22, 23):
        assert look(settings, night(day))
        assert not look(settings, night(day, 5))
    backups = settings.data / "backups"
    assert names(backups) == ["last.json", "lawlab-2026-11-22.tar.gz", "lawlab-2026-11-23.tar.gz"]
    made = state(settings).made
    assert made is not None
    assert (made.night.day, made.at, made.copied) == (23, night(23), "")
    newest = backups / made.file
    assert made.size == newest.stat().st_size
    restore(newest, tmp_path / "new", lambda folder: load_settings({}, data=folder))
    assert (tmp_path / "new" / "lawlab.sqlite").exists()
    with tarfile.open(newest) as tar:
        assert not [name for name in tar.getnames() if "backups" in name]


def test_copies_are_checked_and_rotated(settings: Settings, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "别人的.tar.gz").touch()
    settings = replace(settings, backup_folder=str(disk))
    for day in (21, 22, 23):
        look(settings, night(day))
    expected = ["lawlab-2026-11-22.tar.gz", "lawlab-2026-11-23.tar.gz", "别人的.tar.gz"]
    assert names(disk) == expected
    made = state(settings).made
    assert made is not None
    assert made.copied == str(disk / made.file)
    own = (settings.data / "backups" / made.file).read_bytes()
    assert (disk / made.file).read_bytes() == own


def no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def half(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("copying", "said"), [(no_space, "满了"), (half, "读回来不一样")], ids=["full", "bad disk"]
)
def test_a_copy_that_fails_is_said_and_made_later(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    copying: Callable[..., None],
    said: str,
) -> None:
    disk = tmp_path / "盘"
    settings = replace(settings, backup_folder=str(disk))
    assert look(settings, night(21))  # it is not plugged in, and must not be made
    assert "没有文件夹" in state(settings).faults[0]
    assert not disk.exists()
    assert (settings.data / "backups" / "lawlab-2026-11-21.tar.gz").exists()
    disk.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(nightly.shutil, "copyfile", copying)
        assert not look(settings, night(21, 2, 30))
        assert look(settings, night(21, 3))
    assert said in state(settings).faults[0]
    assert names(disk) == []
    assert look(settings, night(21, 4))
    assert (state(settings).faults, names(disk)) == ((), ["lawlab-2026-11-21.tar.gz"])
    assert not look(settings, night(21, 6))


def test_a_full_disk_keeps_the_old_ones(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (21, 22):
        look(settings, night(day))
    before = names(settings.data / "backups")
    with monkeypatch.context() as patch:
        patch.setattr(saving, "save_entry", no_space)
        assert look(settings, night(23))
    assert "空间不够" in state(settings).faults[0]
    assert names(settings.data / "backups") == before
    made = state(settings).made
    assert made is not None
    assert made.night.day == 22
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "_make", lambda *_: 1 / 0)
        assert look(settings, night(23, 3))
    assert "ZeroDivisionError" in state(settings).faults[0]
    with monkeypatch.context() as patch:
        patch.setattr(nightly, "_note", no_space)
        assert not look(settings, night(23, 4))
    assert look(settings, night(23, 4))
    assert state(settings).faults == ()


def test_a_damaged_note_is_begun_anew(settings: Settings) -> None:
    look(settings, night(21))
    file = settings.data / "backups" / "last.json"
    for text in ("{", "[]", '{"since": 3}'):
        file.write_text(text, "utf-8")
        assert read_nightly(settings) is None
    assert not look(settings, night(21, 5))
    assert look(settings, night(22))
    assert state(settings).faults == ()


def run(settings: Settings) -> subprocess.Popen[bytes]:
    environment = {"LAWLAB_DATA": str(settings.data), "PATH": os.defpath}
    environment["PYTHONPATH"] = str(Path(saving.__file__).parents[2])
    command = [sys.executable, "-m", "lawlab.supervise.run", "lawlab.backup"]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)


def test_the_program_makes_up_a_missed_night_and_is_small_again(settings: Settings) -> None:
    backups = settings.data / "backups"
    missed = Nightly(since=dt.datetime.now(settings.zone) - dt.timedelta(days=2))
    (backups / "last.json").write_text(json.dumps(missed.to_json()), "utf-8")
    program = run(settings)
    try:
        process, deadline = psutil.Process(program.pid), time.monotonic() + 60
        while state(settings).made is None or process.memory_info().rss > 50 * 2**20:
            assert program.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert len([name for name in names(backups) if name.endswith(".gz")]) == 1
    finally:
        program.terminate()
    assert program.wait(10) in (0, -signal.SIGTERM)  # the latter while it begins anew
    assert program.stderr is not None
    assert "的备份已做好" in program.stderr.read().decode()
    program.stderr.close()


def test_one_program_of_an_installation_watches_and_ends_when_told(settings: Settings) -> None:
    backups = settings.data / "backups"
    leftover = backups / ".lawlab-backup-killed"
    leftover.mkdir()
    (leftover / "half").touch()
    first = run(settings)
    try:
        while leftover.exists():
            assert first.poll() is None
            time.sleep(0.05)
        with run(settings) as second:
            assert second.wait(20) == 1
            assert second.stderr is not None
            assert "不再启动" in second.stderr.read().decode()
    finally:
        first.terminate()
    with first:
        assert first.wait(10) == 0
