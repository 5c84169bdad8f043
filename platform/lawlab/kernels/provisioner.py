"""The `KernelProvisioner`: forks where it can, and else starts a kernel as everybody does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, List, Unicode

from lawlab.kernels.forks import ForkedProcess, parent_with
from lawlab.kernels.request import Request


class ForkProvisioner(LocalProvisioner):
    """Forks IPython kernels of this same Python. Every other kernel, and every one that a warm
    parent cannot give, is started by `LocalProvisioner`, of which this is a kind."""

    modules = List(
        Unicode(), help="What the parent imports before it forks, besides ipykernel."
    ).tag(config=True)
    debugger = Bool(True, help="Whether kernels can be debugged.").tag(config=True)

    process: Any
    """A `subprocess.Popen` of the base, or a ForkedProcess."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        request = request_of(cmd, kwargs)
        parent = parent_with(self.modules, debugger=self.debugger)
        process = await parent.fork(request) if request else None
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process
        self.pid = self.pgid = process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end; of a forked kernel without looking ten times a second."""
        process = self.process
        if isinstance(process, ForkedProcess):
            await process.ended()
            self.process = None
            return 0
        return await super().wait()

    async def send_signal(self, signum: int) -> None:
        if isinstance(self.process, ForkedProcess):
            self.process.send_signal(signum)
            return
        await super().send_signal(signum)


def request_of(command: list[str], options: dict[str, Any]) -> Request | None:
    """What the parent is asked; None for a command or options that it cannot serve."""
    if command[1:3] != ["-m", "ipykernel_launcher"] or not _same_python(command[0]):
        return None
    if any(options.get(name) is not None for name in ("stdin", "stdout", "stderr")):
        return None
    environment = dict(options.get("env") or os.environ)
    owner = None if options.get("independent") else os.getpid()
    return Request(command[3:], environment, str(options.get("cwd") or Path.cwd()), owner)


def _same_python(name: str) -> bool:
    # Not resolved: a virtual environment's Python is a link to that of another.
    return name == "python" or Path(name).absolute() == Path(sys.executable).absolute()
