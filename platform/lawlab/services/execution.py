"""Runs lessons as a page would: cell by cell in a real kernel. All lessons share one kernel, which
starts slowly; each begins with nothing of the one before.

Only lessons whose cells were read and found allowed may come here: what runs, runs for real.
"""

from __future__ import annotations

import os
import queue
import re
import sys
import tempfile
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from lawlab.domain.lesson import Lesson
from lawlab.errors import LawlabError

START_S, CELL_S = 60.0, 30.0
Name = TypeVar("Name", bound=Hashable)
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV", "PYTHONPATH")
_FRESH = "%reset -f"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_lessons(lessons: Mapping[Name, Lesson]) -> dict[Name, list[str]]:
    """Name → its faults, for the lessons that do not run: the first cell that fails.

    Raises LawlabError `no_kernel` when no kernel starts at all.
    """
    if not lessons:
        return {}
    with _kernel() as client:
        found = {name: _run(client, lesson) for name, lesson in lessons.items()}
    return {name: faults for name, faults in found.items() if faults}


def _run(client: BlockingKernelClient, lesson: Lesson) -> list[str]:
    _execute(client, _FRESH)
    for number, cell in enumerate(lesson.notebook.get("cells", []), 1):
        fault = _execute(client, cell["source"]) if cell["cell_type"] == "code" else ""
        if fault:
            name = f"（{cell['id']}）" if cell.get("id") else ""
            return [f"第 {number} 格{name}：运行不了：{fault}"]
    return []


def _execute(client: BlockingKernelClient, code: str) -> str:
    """What went wrong, or nothing."""
    try:
        reply = client.execute(
            code, store_history=False, allow_stdin=False, reply=True, timeout=CELL_S
        )
    except (TimeoutError, queue.Empty):
        return f"{CELL_S:.0f} 秒没有结果。"
    content: dict[str, Any] = reply["content"]
    if content["status"] == "ok":
        return ""
    return _COLOUR.sub("", f"{content.get('ename', '')}：{content.get('evalue', '')}")[:300]


@contextmanager
def _kernel() -> Iterator[BlockingKernelClient]:
    """A kernel of this very Python, whatever kernels the person has installed; nobody else can
    reach it, and it knows nothing of the installation."""
    with tempfile.TemporaryDirectory(prefix="lawlab-check-") as folder:
        manager = KernelManager(
            kernel_spec_manager=_OwnKernel(),
            connection_file=str(Path(folder) / "kernel.json"),
            transport="ipc",
            ip=str(Path(folder) / "kernel"),
        )
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {"HOME": folder, "IPYTHONDIR": str(Path(folder) / "ipython")}
        manager.start_kernel(env=environment, cwd=folder)
        client = manager.blocking_client()
        try:
            client.start_channels(iopub=False, stdin=False, hb=False, control=False)
            client.kernel_info(reply=True, timeout=START_S)
            yield client
        except (TimeoutError, queue.Empty) as error:
            raise LawlabError(
                "no_kernel", "运行课文用的 Python 内核没有启动，请用 lawlab doctor 检查安装。"
            ) from error
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


class _OwnKernel(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name=kernel_name,
            language="python",
        )
