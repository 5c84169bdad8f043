"""nbgrader's settings on an empty config object, and what we exchange in its pipeline."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from nbgrader.converters import Autograde
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.grading.config import (
    AUTOGRADE,
    configure,
    configure_private_kernel,
    course_config,
)
from lawlab.grading.log import nbgrader_log


def test_the_course_lies_in_the_data_folder(tmp_path: Path) -> None:
    c = Config()
    configure(c, Settings(data=tmp_path, program_year=2023))
    assert c.CourseDirectory.root == str(tmp_path / "trainers" / "law2023")
    assert c.CourseDirectory.course_id == "law2023"
    assert c.CourseDirectory.db_url == f"sqlite:///{tmp_path}/trainers/law2023/gradebook.db"
    assert c.Exchange.root == str(tmp_path / "exchange" / "root")
    assert c.ExchangeCollect.check_owner is False


def test_only_the_saving_of_marks_is_exchanged() -> None:
    stock = [one.__name__ for one in Autograde().autograde_preprocessors]
    ours = [one.rpartition(".")[2] for one in AUTOGRADE]
    assert ours == ["KeepManualMarks" if one == "SaveAutoGrades" else one for one in stock]


def test_the_kernel_listens_in_a_private_folder_unless_its_name_is_too_long(
    tmp_path: Path,
) -> None:
    settings = Settings(data=Path("/srv/lawlab"))
    config = course_config(settings)
    configure_private_kernel(config, settings)
    assert config.KernelManager.transport == "ipc"
    assert config.KernelManager.ip == "/srv/lawlab/grading/kernel"
    long = Settings(data=tmp_path / ("x" * 90))
    config = course_config(long)
    configure_private_kernel(config, long)
    assert "transport" not in config.KernelManager


@pytest.mark.parametrize(
    ("level", "message", "shown"),
    [
        (logging.INFO, "Converting notebook x", False),
        (logging.WARNING, "Attribute 'checksum' for cell q01 has changed!", False),
        (logging.ERROR, "Traceback (most recent call last):\nValueError: x", False),
        (logging.WARNING, "No submitted file: x", True),
        (logging.ERROR, "Unwritable directory", True),
    ],
)
def test_nbgraders_log_is_thinned(
    caplog: pytest.LogCaptureFixture, level: int, message: str, shown: bool
) -> None:
    caplog.set_level(logging.INFO)
    nbgrader_log().log(level, message)
    assert bool(caplog.messages) is shown
