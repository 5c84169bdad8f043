"""The supervisor: starts all programs at once, restarts what dies, stops everything in time.

It never blocks, and it waits for every child itself, adopted ones too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpx

from lawlab import linux
from lawlab.config import Settings
from lawlab.supervise.log import Log
from lawlab.supervise.orphans import Family
from lawlab.supervise.ports import holder
from lawlab.supervise.process import Process, start
from lawlab.supervise.programs import Program, service_routes
from lawlab.supervise.routes import Routes
from lawlab.supervise.state import ProcessState, ServeState, state_file, write_state

WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before the 1st, 2nd … restart in a row."""

STEADY = 30.0
"""Who was ready and lived so many seconds begins again at the first wait."""

PATIENCE = 6.0
"""Seconds that the programs have for an orderly stop, all together."""

LAST_GRACE = 1.5
"""Seconds that what they leave has then."""

_TICK = 2.0


class Supervisor:
    """Keeps `programs` alive until it is asked to stop."""

    def __init__(
        self, settings: Settings, programs: Iterable[Program], log: Log, welcome: str = ""
    ) -> None:
        self._settings = settings
        self._programs = list(programs)
        self._log = log
        self._welcome = welcome
        self._routes = Routes(settings, service_routes(settings))
        self._family = Family()
        self._processes: dict[str, Process] = {}
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._since = time.time()
        self._began = time.monotonic()
        self._was_ready = False

    async def run(self) -> int:
        """Return 0 after a stop that somebody asked for. No descendant is left then."""
        linux.become_subreaper()
        self._listen_to_signals()
        self._log.say("lawlab", f"正在启动，数据在 {self._settings.data}")
        try:
            async with (
                # Nobody but this machine's own ports is asked.
                httpx.AsyncClient(trust_env=False, timeout=2, verify=False) as client,  # noqa: S501
                asyncio.TaskGroup() as group,
            ):
                tasks = [group.create_task(self._keep(one, client)) for one in self._programs]
                tasks.append(group.create_task(self._look_around(client)))
                await self._stopping.wait()
                await self._stop()
                for task in tasks:
                    task.cancel()
        finally:
            for word in linux.end_descendants(0 if self._hurry.is_set() else LAST_GRACE):
                self._log.say("lawlab", f"结束遗留进程 {word}", loud=False)
            state_file(self._settings.data).unlink(missing_ok=True)
        self._log.say("lawlab", "已全部停止。")
        return 0

    # ---- signals ---------------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, self._asked_to_stop, sign)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def _asked_to_stop(self, sign: signal.Signals) -> None:
        if not self._stopping.is_set():
            self._log.say("lawlab", "正在停止……（再按一次 Ctrl-C 立即结束）")
            self._log.stopping = True
            self._stopping.set()
        elif sign == signal.SIGINT:  # a second SIGTERM may be the same wish, sent by `make` too
            self._hurry.set()

    def _reap(self) -> None:
        by_pid = {process.pid: process for process in self._processes.values()}
        for pid, code in linux.reap().items():
            if pid in by_pid and by_pid[pid].alive:
                by_pid[pid].ended.set_result(code)
                self._log.say(by_pid[pid].program.name, f"进程 {pid} 已结束", loud=False)

    # ---- one program -----------------------------------------------------------------------------

    async def _keep(self, program: Program, client: httpx.AsyncClient) -> None:
        starts = in_a_row = 0
        while True:
            await self._wait_for_ports(program)
            if self._stopping.is_set():
                return
            starts += 1
            process = self._start(program, starts)
            greeting = asyncio.create_task(self._greet(process, client))
            code = await process.ended
            greeting.cancel()
            if self._stopping.is_set():
                return
            in_a_row = 0 if process.ready and process.seconds > STEADY else in_a_row
            wait = WAITS[min(in_a_row, len(WAITS) - 1)]
            in_a_row += 1
            self._tell_of_death(process, code, wait)
            await asyncio.sleep(wait)

    def _start(self, program: Program, starts: int) -> Process:
        process = start(program, starts, self._log)
        self._processes[program.name] = process
        self._log.say(program.name, f"启动（进程 {process.pid}）", loud=False)
        self._publish()
        return process

    async def _greet(self, process: Process, client: httpx.AsyncClient) -> None:
        """Wait until a program answers, and say so."""
        program = process.program
        while not (program.health is None or await _answers(client, program.health)):
            await asyncio.sleep(0.1)
        if program.forgets_routes:
            await self._restore_routes(client)
        process.ready = True
        self._log.say(program.name, f"就绪（{process.seconds:.1f} 秒）", loud=process.starts > 1)
        if not self._was_ready and self._all_ready():
            self._was_ready = True
            took = time.monotonic() - self._began
            self._log.say("lawlab", f"全部就绪（{took:.1f} 秒）：{self._settings.public_url}")
            if self._welcome:
                self._log.say("lawlab", self._welcome)
        self._publish()

    async def _restore_routes(self, client: httpx.AsyncClient) -> None:
        try:
            await self._routes.restore(client)
        except httpx.HTTPError as error:
            self._log.say("proxy", f"没有接受路由表（{error!r}），等 Hub 补上")

    def _all_ready(self) -> bool:
        return len(self._processes) == len(self._programs) and all(
            process.ready for process in self._processes.values()
        )

    def _tell_of_death(self, process: Process, code: int, wait: float) -> None:
        process.ready = False
        name = process.program.name
        when = f"{wait:g} 秒后" if wait else "立即"
        self._log.say(name, f"{_cause(code)}（运行了 {process.seconds:.0f} 秒），{when}重启")
        if not process.program.orphans_stay:
            for word in self._family.end_orphans(process, self._processes.values()):
                self._log.say(name, f"结束遗留进程 {word}", loud=False)
        self._publish()

    async def _wait_for_ports(self, program: Program) -> None:
        """An orphan that holds a port would answer in the program's place: say it, and wait."""
        shared = program.shared_port
        for port in [*program.ports, *([shared] if shared else [])]:
            said = False
            while found := holder(port, self._sharing(shared) if port == shared else ()):
                if not said:
                    self._log.say(
                        program.name, f"端口 {port} 被别的进程占着（{found}），等它退出后再启动"
                    )
                said = True
                await asyncio.sleep(0.5)

    def _sharing(self, port: int | None) -> set[int]:
        """Our processes that listen on a shared port."""
        lives = self._processes.values()
        return {one.pid for one in lives if one.alive and one.program.shared_port == port}

    async def _look_around(self, client: httpx.AsyncClient) -> None:
        while True:
            await asyncio.sleep(_TICK)
            for process in [*self._processes.values()]:
                # One that has just started knows nothing yet, and that must not be remembered.
                if process.program.forgets_routes and process.ready:
                    table = await self._routes.table(client)
                    if process.ready:
                        self._routes.keep(table)
                        if self._routes.lacking(table):
                            await self._restore_routes(client)
            self._family.look(self._processes.values())

    # ---- the end ---------------------------------------------------------------------------------

    async def _stop(self) -> None:
        deadline = time.monotonic() + PATIENCE
        for last in (False, True):
            lives = [
                process
                for process in self._processes.values()
                if process.program.stops_last is last and process.alive
            ]
            for process in lives:
                process.signal(signal.SIGTERM)
            await self._wait_for_ends(lives, deadline)
            for process in lives:
                if process.alive:
                    self._log.say(process.program.name, "没有按时停下，强行结束")
                process.signal(signal.SIGKILL)  # the rest of its group

    async def _wait_for_ends(self, lives: Iterable[Process], deadline: float) -> None:
        waiting = [process for process in lives if process.alive]
        hurry = asyncio.create_task(self._hurry.wait())
        while waiting and not hurry.done() and (left := deadline - time.monotonic()) > 0:
            events: list[asyncio.Future[Any]] = [hurry, *(process.ended for process in waiting)]
            await asyncio.wait(events, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            waiting = [process for process in waiting if process.alive]
        hurry.cancel()

    def _publish(self) -> None:
        programs = {
            name: ProcessState(
                process.pid, process.since, process.starts, process.ready, process.program.health
            )
            for name, process in self._processes.items()
        }
        url = self._settings.public_url
        state = ServeState(os.getpid(), self._since, url, self._was_ready, programs)
        write_state(self._settings.data, state)


async def _answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address)).status_code == 200
    except httpx.HTTPError:
        return False


def _cause(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"被信号 {signal.Signals(-code).name} 结束"
    return f"退出（代码 {code}）"
