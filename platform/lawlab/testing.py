"""For tests and benchmarks: serves an installation for real, makes the demo data, and starts a
database server."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from lawlab.config import Settings, load_settings
from lawlab.supervise.ports import is_free
from lawlab.supervise.state import ServeState, read_state

READY_WITHIN = 60.0
"""Seconds. A second start takes less than 10 alone; a test machine does other things meanwhile."""

STOPPED_WITHIN = 10.0

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
"""Debian 12's; `make test` installs it. A missing database is a failure, never a skip."""


class Running:
    """A `lawlab serve` that answers. Made by `running`."""

    def __init__(self, settings: Settings, process: subprocess.Popen[bytes]) -> None:
        self.settings = settings
        self.url = settings.public_url
        self.process = process

    def state(self) -> ServeState:
        """What the supervisor says of itself and its programs."""
        state = read_state(self.settings.data)
        if state is None:
            raise AssertionError(f"lawlab serve is not running:\n{self.log()[-3000:]}")
        return state

    def pids(self) -> dict[str, int]:
        """Name → process of hub, proxy, learn, api and grader, and of `api-2` and the like."""
        return {name: one.pid for name, one in self.state().programs.items()}

    def pid(self, name: str) -> int:
        return self.pids()[name]

    def kill(self, name: str) -> int:
        """SIGKILL one program; returns its process, for `wait_for(name, after=…)`."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for(self, name: str, *, after: int = 0, within: float = 15.0) -> float:
        """Wait until a program answers in another process than `after`; returns the seconds."""
        began = time.monotonic()
        while True:
            one = self.state().programs.get(name)
            if one is not None and one.ready and one.pid != after:
                return time.monotonic() - began
            if time.monotonic() - began > within:
                raise AssertionError(f"{name} is not back in {within} s:\n{self.log()[-3000:]}")
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        """The supervisor's whole tree, with kernels and trainers' servers."""
        with suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        return []

    def log(self) -> str:
        """Everything that `lawlab serve` and its programs said."""
        file = self.settings.data / "logs" / "lawlab.log"
        return file.read_text("utf-8") if file.exists() else ""

    def connections(self, name: str) -> int:
        """How many connections an API process has on the port that all of them share."""
        found = psutil.Process(self.pid(name)).net_connections("tcp")
        port = self.settings.api_port
        return sum(one.status == "ESTABLISHED" and one.laddr.port == port for one in found)

    def stop(self) -> float:
        """Stop as Ctrl-C does; returns the seconds. AssertionError when something is left."""
        tree = self.processes()
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            end(tree)
            raise AssertionError(f"no stop in {STOPPED_WITHIN} s:\n{self.log()[-3000:]}") from None
        took = time.monotonic() - began
        if left := [one for one in tree if alive(one)]:
            names = [repr(one) for one in left]
            end(left)
            raise AssertionError(f"left behind: {', '.join(names)}")
        return took


@contextmanager
def running(data_dir: Path, port: int | None = None, **settings: str) -> Iterator[Running]:
    """Serve the installation in `data_dir` with `lawlab serve` on a block of free ports, and yield
    it when everything answers. Afterwards it is stopped, and nothing is left.

    Further settings go by their names in `lawlab.toml`: `database_url="postgresql+psycopg://…"`.
    """
    environment = {
        name: text for name, text in os.environ.items() if not name.startswith("LAWLAB_")
    }
    environment |= {f"LAWLAB_{name.upper()}": text for name, text in settings.items()}
    environment |= {"LAWLAB_DATA": str(data_dir)}
    count = load_settings(environment).port_count
    environment |= {"LAWLAB_PORT": str(port or free_ports(count))}
    command = [sys.executable, "-m", "lawlab.cli", "serve"]
    with tempfile.TemporaryFile() as terminal:
        process = subprocess.Popen(
            command, env=environment, stdout=terminal, stderr=subprocess.STDOUT
        )
        site = Running(load_settings(environment), process)
        try:
            _wait_until_ready(site, terminal)
            yield site
        finally:
            if process.poll() is None:
                site.stop()


def demo_program(data_dir: Path, **settings: str) -> None:
    """Make the demo program in `data_dir`: people, content and one open quiz. A repeat changes
    nothing. Settings as in `running`."""
    from lawlab.cli.init import prepare  # brings nbgrader along; who only serves does without

    environment = {f"LAWLAB_{name.upper()}": text for name, text in settings.items()}
    prepare(load_settings(environment | {"LAWLAB_DATA": str(data_dir)}), demo=True)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of its own on a Unix socket; yields the address of its database
    `postgres`. Afterwards nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="lawlab-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"

    def control(*words: str) -> None:
        subprocess.run(
            [*as_user, str(POSTGRES_BIN / words[0]), *words[1:]],
            check=True,
            capture_output=True,
            cwd=folder,
        )

    control("initdb", "-D", str(data), "-A", "trust", "-U", "lawlab", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=60"
    control("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://lawlab@/postgres?host={folder}"
    finally:
        control("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, below those that connections are given."""
    while True:
        first = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        if all(is_free(port) for port in range(first, first + count)):
            return first


def alive(process: psutil.Process) -> bool:
    """Whether it is still there; one that has died and was not waited for is not."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def end(processes: list[psutil.Process]) -> None:
    """Kill what is left of a failed test, so that it does not disturb the next."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=5)


def _wait_until_ready(site: Running, terminal: IO[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _is_ready(site):
        if site.process.poll() is not None or time.monotonic() > deadline:
            terminal.seek(0)
            said = terminal.read().decode("utf-8", "replace")
            raise AssertionError(f"lawlab serve is not up:\n{said}\n{site.log()[-3000:]}")
        time.sleep(0.05)


def _is_ready(site: Running) -> bool:
    state = read_state(site.settings.data)
    # The file of a supervisor that was killed is still there.
    return state is not None and state.ready and state.pid in {p.pid for p in site.processes()}
