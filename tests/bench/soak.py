"""124 people use everything for a quarter of an hour, while one program after the other is killed.

Everybody signs in at the Hub, and then does what the pages do, through the proxy, in a mixture by a
seed: reads, learns, practises, sits quizzes, checks in, plays, looks at boards. Three trainers and
a host plan, mark and hold contests. Every 20 to 60 seconds a program gets SIGKILL: hub, proxy,
learn, api, grader, the parent of the kernels, or a kernel.

It fails

- when somebody is shown an error: a refusal that a correct page would not get, a crash, or anything
  that his browser tried in vain for 30 seconds;
- when something that was acknowledged is not stored exactly once;
- when a program writes a traceback; one that is killed writes none;
- when boards, or anything else that derives, are not what follows from the answers, or the audit
  trail does not hold;
- when the memory of the whole tree grows: its median in the last fifth of the time may be a tenth
  above that of the second fifth (minutes 3 to 6 of 15). Kernels count as they are, for as many live
  pages are open early as late;
- when, after everybody has gone, a program has MORE_FILES more files or MORE_THREADS more threads
  than before anybody came.

`soak.py SECONDS` makes a trial; its lines name the time.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import random
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from signin import all_arrive, logins

sys.path.append(str(Path(__file__).parents[1] / "support"))

import soak_after as after
from soak_deeds import Town, live
from soak_desk import STAFF, work
from soak_visitor import Book, Visitor
from soak_watch import PROGRAMS, Kills, Watch, files_and_threads

from lawlab.demo import DEMO_PASSWORD, QUIZ
from lawlab.store.engine import make_engine, make_sessions
from lawlab.testing import Running, demo_program, running

SECONDS = 15 * 60
PEOPLE = 124
KILL_EVERY = (20.0, 60.0)
ARRIVALS = 40
"""Sign-ins at once: setting the scene, not what is measured."""
SEED = 8
GROWS = 1.10
MORE_FILES, MORE_THREADS = 60, 45
"""Forty threads answer requests of the API; a file for each of its connections to the database."""
LEAVING_S = 90.0
"""So long what is on its way may take when all is over."""


class Soak:
    """One run; `problems` are the promises that it broke."""

    def __init__(self, platform: Running, asked: argparse.Namespace) -> None:
        self.platform, self.asked = platform, asked
        self.sessions = make_sessions(make_engine(platform.settings.database))
        self.problems: list[str] = []
        self.book = Book()
        self.kills = Kills(random.Random(SEED), tuple(asked.kill_every))
        self.watch = Watch(asked.seconds)

    def tell(self, metric: str, ours: float, unit: str, *, broken: str = "") -> None:
        """One line; `broken` names a promise that does not hold."""
        name = "soak" if self.asked.seconds == SECONDS else f"soak-{self.asked.seconds:g}s"
        line = {"bench": "soak", "metric": f"{name}-{metric}", "ours": round(ours, 3)}
        print(json.dumps({**line, "theirs": None, "ratio": None, "unit": unit}), flush=True)
        if broken:
            self.problems.append(f"{metric}: {broken}")

    async def run(self) -> None:
        people = logins()[:: PEOPLE // self.asked.people][: self.asked.people]
        since = dt.datetime.now(dt.UTC)
        idle = files_and_threads(self.platform)
        everybody = [*people, *STAFF]
        arrivals = []
        for start in range(0, len(everybody), ARRIVALS):
            group = everybody[start : start + ARRIVALS]
            arrivals += await all_arrive(self.platform.url, group, DEMO_PASSWORD)
        town = self._town(people)
        async with AsyncExitStack() as opened:
            visitors = {}
            for n, one in enumerate(arrivals):
                chance = random.Random(f"{SEED}-{n}")
                found = Visitor(self.platform.url, one.login, one.cookies, self.book, chance)
                opened.push_async_callback(found.close)
                visitors[one.login] = found
            await self._live(town, visitors)
            graded = await self._try(after.graded(self.sessions))
            await self._compare_boards(visitors["t01"])
        self._tell_people(since, people, graded or 0.0)
        await asyncio.sleep(10)  # connections that nobody uses are closed
        self._tell_platform(idle, files_and_threads(self.platform))

    def _town(self, people: list[str]) -> Town:
        pages = sorted(self.platform.settings.pages.glob("*/*.ipynb"))
        lessons = [(page.parent.name, page.stem) for page in pages]
        laws = ["反电信网络诈骗法", "民法典", "宪法"]
        secret = self.platform.settings.secrets["check-in"]
        town = Town(secret, people, lessons, laws)
        town.quizzes.append(QUIZ)
        return town

    async def _live(self, town: Town, visitors: dict[str, Visitor]) -> None:
        """Everybody until the time is over, and until what they began is done."""
        everybody = [asyncio.create_task(live(visitors[login], town)) for login in town.logins]
        for login, duties in STAFF.items():
            for what, act, every in duties:
                task = work(visitors[login], town, what, act, every)
                everybody.append(asyncio.create_task(task))
        killing = asyncio.create_task(self.kills.go_on(self.platform, town.over))
        watching = asyncio.create_task(self.watch.go_on(self.platform, town.over))
        await asyncio.sleep(self.asked.seconds)
        town.over.set()
        await asyncio.gather(killing, watching)
        _, late = await asyncio.wait(everybody, timeout=LEAVING_S)
        for task in late:
            self.problems.append(f"somebody hangs: {task.get_stack(limit=4)}")
            task.cancel()
        results = await asyncio.gather(*everybody, return_exceptions=True)
        self.problems += [f"of the soak itself: {one!r}" for one in results if one is not None]

    async def _try(self, act: Any) -> Any:
        """What comes of it; None when it does not hold."""
        try:
            return await act
        except AssertionError as error:
            self.problems.append(str(error))
            return None

    async def _compare_boards(self, trainer: Visitor) -> None:
        shown = await after.boards_shown(trainer)
        code, said = after.lawlab(self.platform, "recompute", "--check")
        self.tell("recompute", code, "exit code", broken=said if code else "")
        changed = after.boards_made_anew(self.sessions, dt.datetime.now(dt.UTC))
        self.tell("boards-changed", changed, "lines", broken="other than shown" * bool(changed))
        again = await after.boards_shown(trainer)
        other = sum(shown[one] != again[one] for one in shown)
        rows = sum(len(one) for one, _ in shown.values())
        self.tell("boards-shown", rows, f"rows on {len(shown)} boards")
        self.tell("boards-other", other, "boards", broken="made anew they differ" * bool(other))
        code, said = after.lawlab(self.platform, "audit", "verify")
        self.tell("audit", code, "exit code", broken=said if code else "")

    def _tell_people(self, since: dt.datetime, people: list[str], graded: float) -> None:
        with self.sessions() as session:
            found = after.stored(session, people, since)
        for kind, (count, lost, doubled) in after.compare(self.book, found).items():
            self.tell(f"{kind}-acknowledged", count, "times")
            self.tell(f"{kind}-lost", len(lost), "times", broken=f"{lost[:5]}" * bool(lost))
            broken = f"{doubled[:5]}" * bool(doubled)
            self.tell(f"{kind}-doubled", len(doubled), "times", broken=broken)
        errors = self.book.errors
        self.tell("errors-shown", len(errors), "errors", broken="\n".join(errors[:20]))
        self.tell("retries", self.book.retries.total(), "tries")
        self.tell("graded-after", graded, "s")
        for kind, times in sorted(self.book.times.items()):
            ordered = sorted(times)
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                took = ordered[int(len(ordered) * share)]
                self.tell(f"{kind.replace(' ', '-')}-{name}", took, f"s, of {len(times)}")
        self.tell("slowest", self.book.slowest[0], f"s until acknowledged ({self.book.slowest[1]})")
        for deed, count in sorted(self.book.deeds.items()):
            done = self.book.done[deed]
            # A short trial may be over before somebody's turn comes.
            broken = "nobody came to its end" * (not done and self.asked.seconds >= 300)
            self.tell(f"deed-{deed}", done, f"of {count} done", broken=broken)
        print(dict(self.book.retries.most_common(20)), dict(self.book.refused), file=sys.stderr)

    def _tell_platform(self, idle: dict[str, Any], now: dict[str, Any]) -> None:
        done = self.kills.done
        self.tell("kills", len(done), "programs", broken="\n".join(self.kills.trouble))
        for name in sorted({one for one, _ in done}):
            back = [seconds for one, seconds in done if one == name]
            if name in PROGRAMS:
                self.tell(f"back-{name}", max(back), f"s at most, of {len(back)}")
            else:
                self.tell(f"killed-{name.replace(' ', '-')}", len(back), "times")
        found = after.tracebacks(self.platform)
        self.tell("tracebacks", len(found), "in the log", broken="\n\n".join(found[:5]))
        early, late = self.watch.medians()
        grown = f"{early:.0f} → {late:.0f} MiB" if late > early * GROWS else ""
        if not self.asked.any_memory:
            self.tell("memory-early", early, "MiB")
            self.tell("memory-late", late, "MiB", broken=grown)
        for name, (files, threads) in now.items():
            more = files - idle[name][0], threads - idle[name][1]
            too_many = more[0] > MORE_FILES or more[1] > MORE_THREADS
            broken = f"{idle[name]} → {now[name]}" if too_many else ""
            self.tell(f"{name}-files", files, f"open, {idle[name][0]} before", broken=broken)
            self.tell(f"{name}-threads", threads, f"threads, {idle[name][1]} before")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--kill-every", nargs=2, type=float, default=KILL_EVERY)
    parser.add_argument("--demo", type=Path, help="a demo program that is made already")
    parser.add_argument("--any-memory", action="store_true", help="too short to tell")
    parser.add_argument("--logs", type=Path, help="where the programs' logs are kept afterwards")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        if asked.demo:
            shutil.copytree(asked.demo, data)
        else:
            demo_program(data)
        with running(data) as platform:
            began = time.monotonic()
            soak = Soak(platform, asked)
            try:
                asyncio.run(soak.run())
            finally:
                if asked.logs:
                    shutil.copytree(data / "logs", asked.logs, dirs_exist_ok=True)
            soak.tell("whole", time.monotonic() - began, "s")
    for one in soak.problems:
        print(one, file=sys.stderr)
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
