"""Nothing of a backup is believed: damage, other archives and bad names are told at once."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

from full_town import NOW
from saved_town import bring, refused, small

from lawlab.backup.manifest import HEAD, MANIFEST
from lawlab.backup.saving import save


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
