"""`lawlab init`: a new installation is private, and making it again changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lawlab.cli.init import prepare
from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.store.engine import make_engine


def test_a_new_data_folder_is_for_its_account_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    assert prepare(settings, demo=False)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert prepare(settings, demo=False) is None
    assert rows_of(settings, "drill_items") > 1000  # one can practise at once


def test_a_folder_that_somebody_made_keeps_his_choice(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    tmp_path.chmod(0o750)
    prepare(settings, demo=False)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_demo_in_a_folder_with_settings_is_marked_and_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "lawlab.toml").write_text('town = "甲镇"\n', "utf-8")
    prepare(load_settings({"LAWLAB_DATA": str(tmp_path)}), demo=True)
    settings = load_settings({"LAWLAB_DATA": str(tmp_path)})
    assert (settings.demo, settings.town) == (True, "甲镇")
    assert rows_of(settings, "drill_items") > 1000
    assert rows_of(settings, "contests") == 1  # one can rehearse at once


def test_a_folder_that_is_said_to_be_no_demo_gets_no_demo_people(tmp_path: Path) -> None:
    (tmp_path / "lawlab.toml").write_text("demo = false\n", "utf-8")
    settings = load_settings({"LAWLAB_DATA": str(tmp_path)})
    with pytest.raises(LawlabError) as refused:
        prepare(settings, demo=True)
    assert refused.value.code == "not_a_demo"
    assert rows_of(settings, "people") == 0


def rows_of(settings: Settings, table: str) -> int:
    engine = make_engine(settings.database)
    with engine.connect() as connection:
        count = connection.exec_driver_sql(f"select count(*) from {table}").scalar_one()
    engine.dispose()
    return int(count)
