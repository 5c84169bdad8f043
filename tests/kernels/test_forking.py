"""Real kernels, forked: what they inherit, what they must not, and what they survive."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient import NotebookClient
from traitlets.config import Config

from lawlab.kernels import forks
from lawlab.kernels.forks import ForkedProcess, WarmParent, parent_with
from lawlab.kernels.provisioner import request_of
from lawlab.kernels.request import Request

MODULES = ["numpy", "ipywidgets"]
CONFIG = Config(
    KernelManager={"transport": "ipc"},
    ForkProvisioner={"modules": MODULES, "debugger": False},
    AsyncKernelManager={"client_class": "lawlab.kernels.client.PromptClient"},
)


class Kernel:
    """A kernel and a client of it."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client

    @property
    def process(self) -> Any:
        return self.manager.provisioner.process

    async def says(self, code: str) -> str:
        """What the code prints, or the name of its error."""
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            said.append(content.get("text") or content.get("ename") or "")

        await self.client.execute_interactive(code, output_hook=hear, timeout=20)
        return "".join(said).strip()


@pytest.fixture(autouse=True)
def forking() -> Iterator[None]:
    """Kernels of this module are forked, and nobody else's."""
    factory = KernelProvisionerFactory.instance()
    before = factory.default_provisioner_name
    factory.default_provisioner_name = "lawlab-fork"
    yield
    factory.default_provisioner_name = before


@pytest.fixture(scope="module", autouse=True)
def warm() -> Iterator[WarmParent]:
    parent = parent_with(MODULES, debugger=False)
    parent.start()
    yield parent
    parent.stop()
    forks._PARENTS.clear()


@asynccontextmanager
async def kernel(folder: Path, **options: Any) -> AsyncIterator[Kernel]:
    folder.mkdir(exist_ok=True, parents=True)
    manager = AsyncKernelManager(
        config=CONFIG, connection_file=str(folder / f"{time.monotonic_ns()}.json")
    )
    await manager.start_kernel(extra_arguments=["--HistoryManager.enabled=False"], **options)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=20)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scene()

    asyncio.run(whole())


def test_a_kernel_is_forked_with_the_modules_of_its_parent(
    tmp_path: Path, warm: WarmParent
) -> None:
    async def scene() -> None:
        async with kernel(tmp_path) as one:
            assert isinstance(one.process, ForkedProcess)
            assert psutil.Process(one.process.pid).ppid() == warm.pid
            assert psutil.Process(one.process.pid).name() == "ipykernel"
            assert await one.says("import sys; print('numpy' in sys.modules, len(sys.argv))") == (
                "True 4"
            )

    play(scene)


def test_two_kernels_draw_different_numbers(tmp_path: Path) -> None:
    draw = "import random, numpy; print(numpy.random.rand(), random.random())"

    async def scene() -> None:
        async with kernel(tmp_path) as one, kernel(tmp_path) as other:
            first, second = (await one.says(draw)).split(), (await other.says(draw)).split()
            assert not set(first) & set(second)

    play(scene)


def test_a_kernel_has_the_environment_and_folder_it_was_given_and_nothing_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "of the server")
    given = {"PATH": "/usr/bin", "TZ": "Asia/Shanghai", "PERSON": "s001"}

    async def scene() -> None:
        async with kernel(tmp_path, env=given, cwd=str(tmp_path)) as one:
            names = set((await one.says("import os; print(*os.environ)")).split())
            assert names - {"MPLBACKEND", "JPY_SESSION_NAME"} <= set(given) | _OF_IPYKERNEL
            assert await one.says("print(os.getcwd())") == str(tmp_path)
            assert await one.says("import time; print(time.tzname[0])") == "CST"
            assert "lawlab-fork-" not in await one.says(OPENED)

    play(scene)


OPENED = """
from pathlib import Path
for file in Path("/proc/self/fd").iterdir():
    if file.exists():
        print(file.readlink())
"""

_OF_IPYKERNEL = {
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "FORCE_COLOR",
    "GIT_PAGER",
    "JPY_PARENT_PID",
    "PAGER",
    "PYDEVD_USE_FRAME_EVAL",
    "TERM",
}
"""What ipykernel itself adds."""


def test_widgets_are_registered_though_they_were_imported_before_the_kernel(
    tmp_path: Path,
) -> None:
    ask = "print(sorted(get_ipython().kernel.comm_manager.targets))"

    async def scene() -> None:
        async with kernel(tmp_path) as one:
            assert "jupyter.widget.control" in await one.says(ask)

    play(scene)


def test_the_debugger_is_left_out_and_modules_are_all_there(tmp_path: Path) -> None:
    """The upgrade guard of `leave_out_debugger`: ipykernel lists the modules for the debugger."""

    async def scene() -> None:
        async with kernel(tmp_path) as one:
            listed = "print(len(get_ipython().kernel._kernel_modules))"
            assert await one.says(listed) == "0"
            assert int(await one.says("import sys; print(len(sys.modules))")) > 500
            assert await one.says("print(hasattr(get_ipython().kernel, 'debugger'))") == "False"

    play(scene)


def test_interrupt_restart_and_an_orderly_end(tmp_path: Path) -> None:
    async def scene() -> None:
        async with kernel(tmp_path) as one:
            asleep = asyncio.create_task(one.says("import time\nprint('began')\ntime.sleep(30)"))
            await asyncio.sleep(0.5)
            await one.manager.interrupt_kernel()
            assert "KeyboardInterrupt" in await asyncio.wait_for(asleep, 5)
            first = one.process.pid
            await one.manager.restart_kernel(now=True)
            await one.client.wait_for_ready(timeout=20)
            assert one.process.pid != first
            assert isinstance(one.process, ForkedProcess)
            assert await one.says("print(6 * 7)") == "42"
            process = one.process
            await one.manager.shutdown_kernel()
            assert process.poll() == 0

    play(scene)


def test_a_killed_kernel_is_noticed(tmp_path: Path) -> None:
    async def scene() -> None:
        async with kernel(tmp_path) as one:
            os.kill(one.process.pid, signal.SIGKILL)
            await asyncio.wait_for(one.process.ended(), 5)
            assert not await one.manager.is_alive()

    play(scene)


def test_kernels_outlive_their_parent_and_another_follows(tmp_path: Path, warm: WarmParent) -> None:
    async def scene() -> None:
        async with kernel(tmp_path) as one:
            first = warm.pid
            assert first
            os.kill(first, signal.SIGKILL)
            assert await one.says("print(6 * 7)") == "42"
            async with kernel(tmp_path) as other:  # at the latest the second is a fork again
                assert await other.says("print(1)") == "1"
            async with kernel(tmp_path) as third:
                assert isinstance(third.process, ForkedProcess)
                assert warm.pid not in {None, first}
            assert await one.says("print(2)") == "2"

    play(scene)


def test_a_parent_that_hangs_costs_its_patience_and_no_kernel(
    tmp_path: Path, warm: WarmParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene() -> None:
        async with kernel(tmp_path):
            pass
        assert warm.pid
        monkeypatch.setattr(forks, "PATIENCE", 0.3)
        os.kill(warm.pid, signal.SIGSTOP)
        async with kernel(tmp_path) as one:
            assert not isinstance(one.process, ForkedProcess)
            assert await one.says("print(1)") == "1"

    play(scene)


def test_modules_that_start_a_thread_are_refused(tmp_path: Path) -> None:
    lines = ["import threading, time", "thread = threading.Thread(target=time.sleep, args=(60,))"]
    lines += ["thread.daemon = True", "thread.start()"]
    (tmp_path / "threaded.py").write_text("\n".join(lines))
    paths = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"

    async def scene() -> None:
        parent = WarmParent(["threaded"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", paths)
            assert await parent.fork(Request([], {}, str(tmp_path), None)) is None
        parent.stop()

    play(scene)


def test_what_is_no_request_disturbs_nobody(tmp_path: Path, warm: WarmParent) -> None:
    async def scene() -> None:
        async with kernel(tmp_path):
            pass
        before = warm.pid
        for nonsense in (b"", b"{", b"[]", b'{"arguments": 1}', b"\xff" * 1000):
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                line.connect(str(warm._address))
                line.send(nonsense)
        async with kernel(tmp_path) as one:
            assert isinstance(one.process, ForkedProcess)
        assert warm.pid == before

    play(scene)


def test_other_kernels_are_started_as_ever(tmp_path: Path) -> None:
    ours = [sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"]
    assert request_of(ours, {"cwd": "/tmp"}) == Request(
        ["-f", "x.json"], dict(os.environ), "/tmp", os.getpid()
    )
    assert request_of(["/usr/bin/R", "--slave"], {}) is None
    assert request_of(["/other/python", *ours[1:]], {}) is None
    assert request_of(ours, {"stdout": subprocess.PIPE}) is None
    alone = request_of(ours, {"independent": True})
    assert alone is not None
    assert alone.owner is None


OWNER = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from test_forking import MODULES, kernel, parent_with, KernelProvisionerFactory
from pathlib import Path
KernelProvisionerFactory.instance().default_provisioner_name = "lawlab-fork"
PARENT = parent_with(MODULES, debugger=False)
async def main():
    async with kernel(Path({folder!r})) as one:
        print(one.process.pid, PARENT.pid, PARENT._folder, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_kernel_ends_with_its_server(tmp_path: Path) -> None:
    """Also when nobody could tell it: its server is killed."""
    script = OWNER.format(tests=str(Path(__file__).parent), folder=str(tmp_path))
    server = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    pid, parent, folder = server.stdout.readline().split()
    family = [psutil.Process(int(pid)), psutil.Process(int(parent))]
    assert Path(folder).is_dir()
    server.kill()
    server.wait()
    server.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
    assert not Path(folder).exists()


def test_notebooks_are_executed_by_forked_kernels_too(tmp_path: Path) -> None:
    """nbclient, as nbgrader and Voila use it."""
    cells = [nbformat.v4.new_code_cell(f"print({n}, end='')") for n in range(20)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    config = CONFIG.copy()
    config.KernelManager.transport = "tcp"  # nbclient names no file beside which sockets could lie
    client = NotebookClient(notebook, config=config, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    assert [cell.outputs[0]["text"] for cell in notebook.cells] == [str(n) for n in range(20)]


def test_ten_at_once_are_all_ready_and_miss_nothing(tmp_path: Path) -> None:
    async def one(n: int) -> str:
        async with kernel(tmp_path / str(n)) as made:
            assert isinstance(made.process, ForkedProcess)
            return await made.says(f"print({n})")

    async def scene() -> None:
        said = await asyncio.gather(*(one(n) for n in range(10)))
        assert said == [str(n) for n in range(10)]

    play(scene)
