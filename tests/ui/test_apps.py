"""The Voila apps that are one custom element: their notebooks hold one call and nothing else."""

from __future__ import annotations

import nbformat
import pytest

from lawlab.config import REPOSITORY
from lawlab.ui import pages

TITLES = {
    "home": "首页",
    "quiz": "测验",
    "board": "排行榜",
    "mine": "我的数据",
    "laws": "法规导入",
    "bank": "题库",
    "attendance": "活动和签到",
    "calendar": "活动",
    "checkin": "签到",
    "course": "课程",
    "law": "法律条文",
    "contest": "比武",
    "host": "比武主持",
    "bigscreen": "比武大屏幕",
}


@pytest.mark.parametrize("name", TITLES)
def test_an_app_is_one_call_of_a_page(name: str) -> None:
    notebook = nbformat.read(REPOSITORY / "voila_apps" / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    (cell,) = notebook.cells
    assert cell.source == f"from lawlab.ui import pages\npages.{name}()"
    assert cell.outputs == []
    assert cell.id
    assert notebook.metadata.lawlab == {"page": "once", "title": TITLES[name]}
    assert notebook.metadata.kernelspec.name == "python3"
    assert getattr(pages, name)().html == f"<lawlab-{name}></lawlab-{name}>"
