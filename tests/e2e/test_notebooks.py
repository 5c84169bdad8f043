"""Every notebook for trainers runs, as the person it belongs to; so does a trainer's own script."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import expect

from lawlab.client import ApiError, connect
from lawlab.config import REPOSITORY
from lawlab.tokens import kernel_token

if TYPE_CHECKING:
    from conftest import Visitors

    from lawlab.testing import Running

NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_runs_from_top_to_bottom(platform: Running, file: Path) -> None:
    token = kernel_token(platform.settings.secrets["kernel"], "t01")
    notebook = nbformat.read(file, as_version=4)
    environment = os.environ | {"LAWLAB_TOKEN": token, "LAWLAB_API": platform.settings.api_url}
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute(env=environment)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert shown
    assert all(output.output_type != "error" for output in shown)


def test_there_are_notebooks_to_run() -> None:
    assert NOTEBOOKS


def test_a_forged_or_foreign_token_reads_nothing(platform: Running) -> None:
    address = platform.settings.api_url
    for token in ("", "x", kernel_token("another secret", "t01")):
        refuse({"LAWLAB_TOKEN": token or "-", "LAWLAB_API": address})
    refuse({"JUPYTERHUB_API_TOKEN": "0" * 32, "LAWLAB_API": address})
    with pytest.raises(ApiError) as outside:
        connect({})
    assert outside.value.code == "no_token"


def refuse(environment: dict[str, str]) -> None:
    with connect(environment) as api, pytest.raises(ApiError) as refused:
        api.me()
    assert refused.value.code == "signed_out"


def test_a_trainers_lab_reads_the_api_as_that_trainer(
    platform: Running, visitors: Visitors
) -> None:
    page = visitors.desk()
    visitors.sign_in(page, "t02")
    page.goto("/hub/spawn")
    page.wait_for_url("**/user/t02/lab**", timeout=60_000)
    expect(page.get_by_text("看数据").first).to_be_visible(timeout=60_000)
    servers = [one for one in platform.processes() if "jupyterhub.singleuser" in one.cmdline()]
    environment = next(e for one in servers if (e := one.environ())["JUPYTERHUB_USER"] == "t02")
    with connect(environment) as api:
        me = api.me()
    assert (me.login, me.full_name) == ("t02", "教员02")
    held = " ".join(environment.values())
    for secret in (platform.settings.data / "secrets").iterdir():
        assert secret.read_text() not in held
