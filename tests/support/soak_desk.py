"""Trainers and the host of the soak: they plan meetings, build and mark quizzes, hold contests, and
look at everything there is to look at."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from contextlib import suppress
from typing import Any

from soak_deeds import Town
from soak_visitor import API, Stop, Visitor

BANK = "anti-telecom-fraud"
CONTEST_BANK = "national-security"
PAPER = """
title = "{title}"
bank = "{bank}"
minutes = 60
pass_mark = 60
seed = {seed}
attempts = 5
partial = true
[[section]]
type = "single"
count = 8
points = 5
[[section]]
type = "multiple"
count = 4
points = 5
[[section]]
type = "judge"
count = 5
points = 4
[[section]]
type = "case"
count = 1
points = 20
"""
RULES = {"opens_minutes": 10, "present_minutes": 60, "late_minutes": 90}


def at(minutes: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)).isoformat()


async def work(me: Visitor, town: Town, what: str, act: Any, every: float) -> None:
    """Do `act` again and again until the soak is over."""
    number = 0
    while not town.over.is_set():
        number += 1
        me.book.deeds[what] += 1
        try:
            await act(me, town, number)
            me.book.done[what] += 1
        except Stop:
            pass
        except (KeyError, TypeError, AssertionError, ValueError) as error:
            me.book.fail(f"{me.login} {what}: {error!r}")
        for _ in range(int(every * me.chance.uniform(0.7, 1.3) * 2)):
            if not town.over.is_set():
                await asyncio.sleep(0.5)


async def plan_meeting(me: Visitor, town: Town, number: int) -> None:
    """One in the hall, one online, one later; the oldest is closed."""
    form = await me.get("/desk/activities/form", "desk")
    units = [one["id"] for one in form["units"]]
    for kind, starts in (("hall", 1.0), ("online", -1.0), ("later", 24 * 60.0)):
        plan = {"title": f"学习会（{kind}）{number}", "phase": "learn", "units": units}
        plan |= {"place": "礼堂", "online": kind == "online", "trainers": ["t01", "t02"]}
        plan |= {"starts_at": at(starts), "ends_at": at(starts + 120), "rules": RULES}
        key = secrets.token_urlsafe(18)
        me.book.said["meeting"].add(key)
        made = await me.post("/desk/activities", plan | {"key": key}, "meeting")
        me.book.kept["meeting"][key] = True
        [activity] = made["ids"]
        if kind == "online":
            await me.post(f"/desk/activities/{activity}/card", {}, "desk", allow=["card_shows"])
        lists = {"hall": town.meetings, "online": town.rooms, "later": town.coming}
        lists[kind].append(activity)
    hall = town.meetings[-1]
    await me.page(f"/attendance/sign/{hall}")
    for _ in range(4):
        await me.get(f"/desk/activities/{hall}/sign", "desk")
        await me.get(f"/desk/activities/{hall}/board", "desk")
        await me.rest(1, 3)
    if len(town.meetings) > 2:
        await me.post(f"/desk/activities/{town.meetings.pop(0)}/close", {}, "desk")


async def hold_quiz(me: Visitor, town: Town, number: int) -> None:
    """Build one and open it; the marks of the one before are released when all are there."""
    name = f"soak-{me.login}-{number}"
    text = PAPER.format(title=f"测验 {number}", bank=BANK, seed=number)
    await me.post("/desk/quizzes/build", {"name": name, "text": text}, "build")
    await me.post(f"/desk/quizzes/{name}/open", {}, "desk")
    for _ in range(120):
        if (await me.get(f"/desk/quizzes/{name}", "desk"))["state"] == "open":
            break
        await me.rest(0.5, 1.5)
    town.quizzes.append(name)
    if len(town.quizzes) > 2:
        old = town.quizzes.pop(0)
        town.closing.append(old)
        await me.rest(20, 30)  # whoever sits hands in
        await release(me, town, old)
        town.closing.remove(old)


async def release(me: Visitor, town: Town, quiz: str) -> None:
    """Give the marks out as soon as all are there."""
    while not town.over.is_set():
        with suppress(Stop):
            await me.post(f"/desk/quizzes/{quiz}/release", {}, "desk", allow=["not_ready"])
            return
        await me.rest(3, 5)


async def mark(me: Visitor, town: Town, number: int) -> None:
    """The written answers that wait; then the figures."""
    await me.page("/desk")
    await me.get("/desk/quizzes", "desk")
    if not town.quizzes:
        return
    quiz = me.chance.choice(town.closing or town.quizzes)  # first those who wait
    root = f"/desk/quizzes/{quiz}/marking"
    overview = await me.get(root, "desk")
    for question in overview["questions"]:
        after = None
        for _ in range(5):
            if town.over.is_set():
                return
            address = f"{root}/{question['item']}"
            given = await me.post(f"{address}/next", {"after": after}, "desk")
            if (one := given["answer"]) is None:
                break
            await me.rest(0.3, 1.5)
            rubric = [me.chance.randint(0, int(p["points"])) for p in one["question"]["rubric"]]
            words = secrets.token_hex(12)  # by it the mark is found again
            me.book.said["mark"].add((me.login, words))
            said = {"revision": one["revision"], "rubric": rubric, "comment": words}
            allow = ["marked_meanwhile", "being_marked"]
            await me.post(f"{address}/answers/{one['code']}", said, "mark", allow=allow)
            me.book.kept["mark"][me.login, words] = [float(points) for points in rubric]
            after = one["code"]
    await me.get(f"/desk/quizzes/{quiz}/report", "desk")
    await me.get(f"/desk/quizzes/{quiz}/statistics", "desk")


async def look(me: Visitor, town: Town, number: int) -> None:
    """Sheets, records, the year's report, the training desk, a plan. A mark comes last: those of
    other units' trainers are refused, which ends the deed."""
    year = dt.datetime.now(dt.UTC).year
    for path in (
        "/desk/activities",
        f"/desk/attendance/year/{year}",
        f"/desk/attendance/person/{me.chance.choice(town.logins)}",
        "/desk/report/2022",
        "/desk/overview",
        "/desk/training",
        "/desk/training/reports",
        "/desk/banks",
        f"/desk/items?bank={BANK}",
    ):
        await me.get(path, "desk")
        await me.rest(0.2, 1)
    await download(me, f"/desk/attendance/year/{year}.xlsx")
    if town.meetings:
        hall = town.meetings[-1]
        await me.get(f"/desk/attendance/sheet/{hall}", "desk")
        await download(me, f"/desk/attendance/sheet/{hall}.xlsx")
        who = me.chance.sample(town.logins, 2)
        said = {"people": who, "status": "present", "key": secrets.token_urlsafe(18)}
        allow = ["closed", "not_your_units", "too_early"]
        await me.post(f"/desk/activities/{hall}/mark", said, "desk", allow=allow)


async def download(me: Visitor, path: str) -> None:
    async def take() -> int:
        async with me.http.get(API + path) as reply:
            if reply.status != 200:
                raise OSError(f"{reply.status} {path}")
            return len(await reply.read())

    assert await me._until_done("sheet", take) > 1000


async def hold_contest(me: Visitor, town: Town, number: int) -> None:
    """A contest of three questions, from the draft to the result; the first time also one that
    everybody answers when he likes."""
    if town.window is None:
        window = await make(me, "window", 8, 30)
        await command(me, window, "open")
        town.window = window
    contest = await make(me, "person", 3, 6)
    await command(me, contest, "open")
    await me.page(f"/host/{contest}")
    town.contest = contest
    await me.rest(4, 6)
    await command(me, contest, "start")
    for _ in range(3):
        await command(me, contest, "show")
        await me.rest(7, 8)
        for word in ("close", "reveal", "board"):
            await command(me, contest, word)
            await me.rest(0.2, 1)
    await command(me, contest, "finish")
    await me.rest(2, 3)
    town.contest = None
    await me.get(f"/contests/{contest}/protocol", "desk")
    await me.mine(f"/contests/{contest}/certificates", {}, "desk")


async def make(me: Visitor, kind: str, count: int, seconds: int) -> int:
    """A contest of so many questions, drawn; its number."""
    wish = {"count": count, "seed": secrets.token_hex(4), "banks": [CONTEST_BANK]}
    types = ["single", "multiple", "judge"]
    drawn = await me.mine("/contests/draw", wish | {"types": types}, "desk")
    items = [one["item"] for one in drawn["questions"]]
    title = "法律知识比武"
    one = {"kind": "all", "title": title, "seconds": seconds, "points": 100, "items": items}
    plan: dict[str, Any] = {"title": title, "format": kind, "awards": [], "rounds": [one]}
    plan["awards"] = [{"name": "一等奖", "count": 3}]
    if kind == "window":
        plan["window"] = {"opens_at": at(-1), "closes_at": at(120), "minutes": 60, "count": count}
    return int(
        (await me.mine("/contests", {"key": secrets.token_urlsafe(18), "plan": plan}, "desk"))["id"]
    )


async def command(me: Visitor, contest: int, word: str) -> None:
    view = await me.get(f"/contests/{contest}/host", "desk")
    said = {"key": secrets.token_urlsafe(18), "seq": view["seq"], "command": word}
    await me.mine(f"/contests/{contest}/commands", said, "command")


STAFF = {
    "t01": [("plan_meeting", plan_meeting, 60.0)],
    "t02": [("hold_quiz", hold_quiz, 150.0), ("look", look, 20.0)],
    "t03": [("mark", mark, 5.0)],
    "host": [("hold_contest", hold_contest, 75.0)],
}
"""Who does what, and how many seconds he rests in between."""
