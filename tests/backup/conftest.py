"""What saving and restoring share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "lawlab.tar.gz"
