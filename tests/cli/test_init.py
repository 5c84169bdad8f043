"""`lawlab init`: a new installation is private, and making it again changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path

from lawlab.cli.init import prepare
from lawlab.config import Settings


def test_a_new_data_folder_is_for_its_account_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    assert prepare(settings, demo=False)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert prepare(settings, demo=False) is None


def test_a_folder_that_somebody_made_keeps_his_choice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    tmp_path.chmod(0o750)
    prepare(settings, demo=False)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750
