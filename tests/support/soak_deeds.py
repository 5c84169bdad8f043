"""What learners do in the soak, one deed after the other, each as its page does it."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from guessing import respond
from phones import Phone
from soak_live import leaderboard
from soak_visitor import API, Stop, Visitor

from lawlab.services.checkin_tokens import qr_token

IN_CONTEST = ("in_contest", "withdrawn")
"""A question may enter a contest while somebody has it before him; practice then says so."""
LATE = (*IN_CONTEST, "not_now", "too_many", "in_quiz")
WORDS = ("诈骗", "离婚", "未成年人", "宅基地", "处罚", "信访", "禁毒", "宪法", "电话卡", "村委会")
BOARDS = [
    (group, span, phase)
    for group in ("staff", "villager", "unit", "cohort")
    for span in ("all", "year", "week", "day")
    for phase in ("total", "learn", "drill", "compete")
]


@dataclass
class Town:
    """What people see of each other's doings."""

    secret: str
    logins: list[str]
    lessons: list[tuple[str, str]]
    laws: list[str]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    quizzes: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)
    """Quizzes that nobody begins any more, and whose marks are awaited."""
    meetings: list[int] = field(default_factory=list)
    """In a hall, open for whoever comes."""
    rooms: list[int] = field(default_factory=list)
    """Online."""
    coming: list[int] = field(default_factory=list)
    """Later, so that one can ask for leave."""
    contest: int | None = None
    window: int | None = None
    phones: dict[int, list[Phone]] = field(default_factory=dict)
    live: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(5))
    own: dict[tuple[str, str], set[Any]] = field(default_factory=dict)
    """(Person, what) → what he has done already."""

    def did(self, who: Visitor, what: str) -> set[Any]:
        return self.own.setdefault((who.login, what), set())


async def answer(me: Visitor, question: dict[str, Any], place: str, **how: Any) -> Any:
    """Answer one question; the reply."""
    response = respond(question, me.chance)
    body = {"item": question["id"], "version": question["version"], "place": place}
    said = body | {"response": response}
    return await me.keep("answer", "/answers", said, response, **how)


async def reading(me: Visitor, town: Town) -> None:
    await me.page("/home")
    await me.get("/me", "read")
    await me.get("/home", "read")
    await me.rest(0.5, 2)
    course = me.chance.choice(town.lessons)[0]
    await me.page(f"/course/{course}")
    await me.get(f"/courses/{course}", "read")
    await me.get("/activities", "read")
    await me.get("/me/data", "read")


async def laws(me: Visitor, town: Town) -> None:
    law = me.chance.choice(town.laws)
    await me.page("/laws")
    await me.get("/statutes", "read")
    await me.page(f"/law/{law}")
    found = await me.get(f"/statutes/{law}", "read")
    await me.rest(0.5, 2)
    await me.get(f"/statutes/{law}/chapters/1?v={found['version']}", "read")
    await me.page("/search")
    await me.get(f"/search?q={me.chance.choice(WORDS)}", "search")


async def lesson(me: Visitor, town: Town) -> None:
    course, stem = me.chance.choice(town.lessons)
    await me.page(f"/lesson/{course}/{stem}")
    state = await me.get(f"/lessons/{course}/{stem}", "read")
    for card in state["cards"]:
        if town.over.is_set():
            return
        if card["answered"] is None:
            await me.rest(0.3, 2)
            await answer(me, card, f"lesson:{course}/{stem}", allow=IN_CONTEST)


async def drill(me: Visitor, town: Town) -> None:
    await me.page("/drill")
    await me.get("/drill", "read")
    mode = me.chance.choice(
        ["daily", "daily", f"practice&course={me.chance.choice(town.lessons)[0]}", "practice"]
    )
    coming = await me.get(f"/drill/next?count=5&mode={mode}", "next")
    for item in coming["items"]:
        if town.over.is_set():
            return
        await me.rest(0.3, 2)
        await answer(me, item, item["place"], allow=IN_CONTEST)
        if me.chance.random() < 0.2:
            await favour(me, item["id"], me.chance.random() < 0.7)
        if me.chance.random() < 0.1:
            facts = {"item": item["id"], "version": item["version"], "place": item["place"]}
            await me.keep("report", "/item-reports", facts | {"text": "选项有歧义"})
    await me.get("/drill/map", "read")
    await me.get(f"/drill/calendar?month={dt.datetime.now(dt.UTC):%Y-%m}", "read")


async def favour(me: Visitor, item: str, on: bool) -> None:
    mark, kept = (me.login, item), me.book.kept["favourite"]
    kept.pop(mark, None)  # until it is acknowledged it may stand or not
    me.book.said["favourite"].add(mark)
    await me.mine("/drill/favourites", {"item": item, "on": on}, "favourite")
    me.book.said["favourite"].discard(mark)
    if on:
        me.book.said["favourite"].add(mark)
        kept[mark] = True


async def book(me: Visitor, town: Town) -> None:
    """The wrong-question book, and what is practised out of it."""
    await me.get("/drill/book?kind=favourite", "read")
    await me.get("/drill/book", "read")
    await me.get("/drill/scopes", "read")
    coming = await me.get("/drill/next?mode=practice&from=wrong&count=3", "next")
    for item in coming["items"]:
        await me.rest(0.3, 1)
        await answer(me, item, item["place"], allow=IN_CONTEST)
    await me.get("/item-reports", "read")


async def chain(me: Visitor, town: Town) -> None:
    await me.get("/drill/chain", "read")
    run = (await me.mine("/drill/chain", {"key": secrets.token_urlsafe(18)}, "chain"))["run"]
    me.book.said["chain"].add((me.login, run["id"]))
    me.book.kept["chain"][me.login, run["id"]] = True
    item = run["item"]
    while item and not town.over.is_set():
        await me.rest(0.3, 1.5)
        game = (await answer(me, item, f"drill:chain/{run['id']}", allow=LATE))["game"]
        item = None if game["over"] else game["item"]


async def duel(me: Visitor, town: Town) -> None:
    found = await me.get("/drill/duels", "read")
    played = town.did(me, "duels")
    number = next((one["id"] for one in found["mine"] if one["id"] not in played), None)
    if number is None:
        other = me.chance.choice(found["people"])["login"]
        began = await me.keep("duel", "/drill/duels", {"opponent": other}, allow=LATE)
        number = began["id"]
    played.add(number)
    for _ in range(10):
        state = await me.get(f"/drill/duels/{number}", "next", allow=LATE)
        if not state["item"] or town.over.is_set():
            break
        await me.rest(0.3, 1.5)
        await answer(me, state["item"], f"drill:duel/{number}", allow=LATE)


async def quiz(me: Visitor, town: Town) -> None:
    if not town.quizzes:
        return
    name = me.chance.choice(town.quizzes)
    await me.page(f"/quiz/{name}")
    state = await me.get(f"/quizzes/{name}", "read")
    running = state["sitting"] and not state["sitting"]["handed_in_at"]
    if not state["may_start"] and not running:
        return
    begun = [one for one in state["attempts"] if not one["handed_in_at"]]
    attempt = begun[0]["attempt"] if begun else len(state["attempts"]) + 1
    asked = {"attempt": attempt}
    started = await me.mine(f"/quizzes/{name}/start", asked, "start", allow=["quiz_closed"])
    slots = started["slots"]
    for slot in slots:
        if town.over.is_set() and me.chance.random() < 0.5:
            break  # whoever must go hands in what he has
        await me.rest(0.2, 1)
        response = respond(slot["question"], me.chance)
        question = slot["question"]
        said = {"item": question["id"], "version": question["version"], "response": response}
        said |= {"place": f"quiz:{name}", "attempt": attempt}
        await me.keep("answer", "/answers", said, response)
    mark = (me.login, name, attempt)
    me.book.said["hand-in"].add(mark)
    done = await me.mine(f"/quizzes/{name}/hand-in", asked, "hand-in")
    me.book.kept["hand-in"][mark] = done["receipt"]


async def meeting(me: Visitor, town: Town) -> None:
    """Check in where somebody has not yet: in a hall by the code on its screen, or online."""
    done = town.did(me, "meetings")
    hall = next((one for one in town.meetings if one not in done), None)
    if hall is not None:
        done.add(hall)
        await check_in(me, town, hall)
    online = next((one for one in town.rooms if one not in done), None)
    if online is None:
        return
    done.add(online)
    me.book.said["check-in"].add((me.login, online))
    room = await me.mine(f"/activities/{online}/room/enter", {}, "check-in", allow=["over"])
    me.book.kept["check-in"][me.login, online] = True
    for _ in range(3):
        if card := room["card"]:
            said = {"card": card["number"], "response": respond(card["question"], me.chance)}
            late = ["card_over"]
            await me.mine(f"/activities/{online}/room/answer", said, "card", allow=late)
            return
        await me.rest(1, 2)
        room = await me.get(f"/activities/{online}/room", "read")


async def check_in(me: Visitor, town: Town, activity: int) -> None:
    token = qr_token(town.secret, activity, dt.datetime.now(dt.UTC))

    async def scan() -> str:
        async with me.http.get(f"{API}/c/{token}", allow_redirects=False) as reply:
            if reply.status != 302:
                raise aiohttp.ClientError(f"{reply.status} scan")
            return reply.headers["Location"].rpartition("%2F")[2]

    receipt = await me._until_done("scan", scan)
    await me.page(f"/checkin/{receipt}")
    me.book.said["check-in"].add((me.login, activity))
    await me.mine("/check-in", {"receipt": receipt}, "check-in", allow=["over"])
    me.book.kept["check-in"][me.login, activity] = True


async def leave(me: Visitor, town: Town) -> None:
    asked = town.did(me, "leave")
    number = next((one for one in town.coming if one not in asked), None)
    if number is None:
        await me.get("/activities", "read")
        return
    asked.add(number)
    reason = {"reason": "因公外出"}
    await me.keep("leave", f"/activities/{number}/leave", reason, allow=["was_there", "too_late"])
    await me.get(f"/activities/{number}", "read")
    if me.chance.random() < 0.3:
        await me.mine(f"/activities/{number}/leave/withdraw", {}, "withdraw", allow=["too_late"])


async def boards(me: Visitor, town: Town) -> None:
    """The board's page, open for a while with its socket."""
    await me.page("/board")
    etag, rows = "", []
    ends = asyncio.get_running_loop().time() + me.chance.uniform(3, 12)
    group, span, phase = me.chance.choice(BOARDS)
    if me.chance.random() < 0.5:
        group, span, phase = "staff" if me.login.startswith("s") else "villager", "all", "total"
    address = f"/board?group={group}&span={span}&phase={phase}"
    with suppress(
        aiohttp.ClientError, TimeoutError, OSError
    ):  # a page without one asks now and then
        async with me.socket(f"{API}/live?topic=board") as socket:
            while (left := ends - asyncio.get_running_loop().time()) > 0:
                with suppress(TimeoutError):
                    word = await socket.receive(timeout=left)
                    if word.type is not aiohttp.WSMsgType.TEXT:
                        break
                    shown = await me.get(address, "board", **{"If-None-Match": etag})
                    if shown:
                        etag, rows = shown["etag"], [*shown["rows"], shown["own"]]
    for one in rows:
        if one and one["mine"] and "id" in one:
            await me.get(f"/board/points?person={one['id']}&span={span}", "read")


async def window(me: Visitor, town: Town) -> None:
    """限时答题赛: once for everybody, when he likes."""
    number, done = town.window, town.did(me, "window")
    if number is None or number in done:
        return
    done.add(number)
    await me.page(f"/contest/{number}")
    root = f"/contests/{number}/window"
    view = await me.mine(f"{root}/begin", {}, "start")
    for question in view["questions"]:
        if question["answered"]:
            continue
        await me.rest(0.2, 1)
        response, place = respond(question, me.chance), question["place"]
        mark = (me.login, number, place)
        me.book.said["contest"].add(mark)
        await me.mine(f"{root}/answers", {"place": place, "response": response}, "contest")
        me.book.kept["contest"][mark] = response
    await me.mine(f"{root}/finish", {}, "finish")


async def contest(me: Visitor, town: Town) -> None:
    """Play until it is over, or until one leaves."""
    number = town.contest
    if number is None or number in town.did(me, "contests"):
        return
    town.did(me, "contests").add(number)
    await me.page(f"/contest/{number}")
    socket = f"{me.base.replace('http', 'ws')}{API}/contests/{number}/socket"
    phone = Phone(socket, me.login, me.cookie(), me.chance.random() < 0.3, me.chance)
    town.phones.setdefault(number, []).append(phone)
    life = asyncio.create_task(phone.live())
    try:
        while town.contest == number and phone.shown.get("phase") != "finished":
            await asyncio.sleep(0.2)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
    for turn, response in phone.acknowledged.items():
        me.book.kept["contest"][me.login, number, turn] = response
    await me.get(f"/contests/{number}/protocol", "read", allow=["not_finished"])


Deed = Callable[[Visitor, Town], Awaitable[None]]
DEEDS: dict[Deed, int] = {
    reading: 3,
    laws: 2,
    lesson: 4,
    drill: 5,
    book: 1,
    chain: 2,
    duel: 2,
    quiz: 3,
    meeting: 3,
    leave: 1,
    boards: 2,
    window: 1,
    leaderboard: 2,
}
"""How often each is chosen."""


async def live(me: Visitor, town: Town) -> None:
    """One learner, until the soak is over."""
    while not town.over.is_set():
        [deed] = me.chance.choices(list(DEEDS), list(DEEDS.values()))
        if town.contest is not None and town.contest not in town.did(me, "contests"):
            deed = contest
        name = deed.__name__
        me.book.deeds[name] += 1
        try:
            await deed(me, town)
            me.book.done[name] += 1
        except Stop:
            pass
        except (KeyError, TypeError, AssertionError, ValueError) as error:
            # A reply that a page could not show.
            me.book.fail(f"{me.login} {name}: {error!r}")
        await me.rest(0.5, 4)
