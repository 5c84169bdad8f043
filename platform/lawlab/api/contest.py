"""The live contest: seat, console and projector, by WebSocket and, where a network forbids that, by
asking again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from lawlab.api.border import Word, own_origin
from lawlab.api.caller import (
    HUB_SESSION_COOKIE,
    SESSION_COOKIE,
    CallerOf,
    Database,
    Now,
    is_host,
    require_host,
    site_address,
    state_of,
)
from lawlab.api.check_in import SignedIn
from lawlab.api.contest_crowd import Seat
from lawlab.api.contest_room import Room
from lawlab.api.live import FOREIGN, NOT_YOURS, SIGNED_OUT
from lawlab.api.pace import TOO_FAST, Words
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.domain.contest_events import Did
from lawlab.errors import LawlabError, NotFound
from lawlab.services.contest_list import contests_now
from lawlab.services.sessions import Caller, SignedOut
from lawlab.store.faults import database_fault

if TYPE_CHECKING:
    from fastapi.requests import HTTPConnection

router = APIRouter(route_class=Route, prefix="/contests")
MALFORMED = {"type": "refused", "code": "malformed", "message": "没有看懂，请刷新页面再试。"}
OTHER_PERSON = {
    "type": "refused",
    "code": "other_person",
    "message": "这条答案是另一位的，没有保存。请那一位登录后再提交。",
}
Command = Literal[
    "open",
    "start",
    "show",
    "arm",
    "pause",
    "resume",
    "extend",
    "close",
    "reveal",
    "board",
    "void",
    "unvoid",
    "exclude",
    "include",
    "add",
    "undo",
    "finish",
]


class Answering(ForPerson):
    turn: int = Field(ge=1, le=2**31 - 1)
    response: Any


class Pressing(ForPerson):
    turn: int = Field(ge=1, le=2**31 - 1)


class Commanding(ForPerson):
    """`seq`: of the view that the host saw. `login`, `turn`, `reason`, `seconds`, `team`, `stake`
    as the command wants them."""

    key: Word = Field(min_length=16, max_length=64)
    seq: int = Field(ge=0, le=2**31 - 1)
    command: Command
    turn: int | None = Field(None, ge=1, le=2**31 - 1)
    seconds: int | None = Field(None, ge=1, le=3600)
    reason: Word = Field("", max_length=400)
    login: Word = Field("", max_length=40)
    team: Word = Field("", max_length=80)
    stake: int | None = Field(None, ge=0, le=1000)


@router.get("/now")
def now_open(session: Database, caller: CallerOf, now: Now) -> dict[str, Any]:
    """The contests in which the caller may take part now."""
    return {"contests": contests_now(session, caller, now)}


@router.get("/{contest}/seat")
async def seat(request: Request, caller: SignedIn, contest: int) -> dict[str, Any]:
    """What the caller's phone shows; asked again and again where there is no socket."""
    room = await _room(request, contest)
    await room.meet(caller)
    return room.telling.view(caller, "seat")


@router.post("/{contest}/answers")
async def answers(
    request: Request, caller: SignedIn, contest: int, asked: Answering
) -> dict[str, Any]:
    """An answer, for the same effect as on the socket."""
    arrived = state_of(request).contests.now(contest)
    asked.check(caller)
    room = await _room(request, contest)
    return await room.answers.answer(caller.person_id, asked.turn, asked.response, arrived)


@router.post("/{contest}/buzz")
async def buzz(request: Request, caller: SignedIn, contest: int, asked: Pressing) -> dict[str, Any]:
    """抢答: the caller pressed."""
    arrived = state_of(request).contests.now(contest)
    asked.check(caller)
    room = await _room(request, contest)
    return await room.buzzes.press(caller.person_id, asked.turn, arrived)


@router.get("/{contest}/host")
async def console(request: Request, caller: SignedIn, contest: int) -> dict[str, Any]:
    """What the host's console shows."""
    require_host(caller)
    room = await _room(request, contest)
    await room.look()  # a command follows: it must not come from what another process knows better
    return room.telling.view(caller, "host", site_address(request))


@router.get("/{contest}/screen")
async def screen(request: Request, caller: SignedIn, contest: int) -> dict[str, Any]:
    """What the projector shows."""
    require_host(caller)
    room = await _room(request, contest)
    return room.telling.view(caller, "screen", site_address(request))


@router.post("/{contest}/commands")
async def commands(
    request: Request, caller: SignedIn, contest: int, asked: Commanding
) -> dict[str, Any]:
    """What the host does; a repeat with the same key does nothing again."""
    asked.check(caller)
    require_host(caller)
    room = await _room(request, contest)
    if room.loaded.contest.phase == "draft":
        await room.look()  # it may have been changed since
    try:
        data = await _data(room, asked)
        await room.command(Did(asked.command), caller.login, data, asked.key, asked.seq)
    except LawlabError as error:
        if error.code in ("host_moved", "raced", "not_now"):
            error.facts["view"] = room.telling.view(caller, "host", site_address(request))
        raise
    return room.telling.view(caller, "host", site_address(request))


@router.websocket("/{contest}/socket")
async def socket(socket: WebSocket, contest: int) -> None:
    """One page of a contest, as `seat`, `host` or `screen`."""
    await socket.accept()
    if not own_origin(socket):
        await socket.close(FOREIGN)
        return
    kind = socket.query_params.get("as", "seat")
    token = socket.cookies.get(SESSION_COOKIE)
    hub_session = socket.cookies.get(HUB_SESSION_COOKIE)
    try:
        if not token or not hub_session:
            raise SignedOut
        caller = await state_of(socket).callers.ask((token, hub_session))
        room = await _room(socket, contest)
    except SignedOut:
        await socket.close(SIGNED_OUT)
        return
    except NotFound:
        await socket.close(NOT_YOURS)
        return
    if kind not in ("seat", "host", "screen") or (kind != "seat" and not is_host(caller)):
        await socket.close(NOT_YOURS)
        return
    await _serve(room, Seat(socket, caller, kind, site_address(socket)))


async def _serve(room: Room, seat: Seat) -> None:
    if seat.kind == "seat":
        await room.meet(seat.caller)
    room.crowd.enter(seat)
    room.telling.count_soon()
    words = Words()
    try:
        await room.crowd.send(seat, room.telling.view(seat.caller, seat.kind, seat.origin))
        while (message := await seat.socket.receive())["type"] != "websocket.disconnect":
            arrived = room.clock()
            if words.too_many():
                await seat.socket.close(TOO_FAST)
                break
            reply = await _hear(room, seat.caller, message.get("text"), arrived)
            if reply:
                text = json.dumps(reply, ensure_ascii=False)
                # A lone surrogate that was sent may come back in its refusal and could not be sent.
                await seat.socket.send_text(text.encode(errors="replace").decode())
    except (WebSocketDisconnect, RuntimeError):
        pass  # it hung up while it was told something
    finally:
        room.crowd.leave(seat)
        room.telling.count_soon()


async def _hear(room: Room, caller: Caller, text: str | None, arrived: Any) -> dict[str, Any]:
    """The reply to what a page said; {} for none."""
    try:
        word = json.loads(text or "")
    except (ValueError, RecursionError):
        return MALFORMED
    if isinstance(word, dict) and word.get("person", caller.login) != caller.login:
        turn = word.get("turn")
        return OTHER_PERSON | ({"turn": turn} if type(turn) is int else {})
    match word:
        case {"type": "answer", "turn": int(turn), "response": response} if turn is not True:
            return await _refusing(
                room.answers.answer(caller.person_id, turn, response, arrived), turn
            )
        case {"type": "buzz", "turn": int(turn)} if turn is not True:
            return await _refusing(room.buzzes.press(caller.person_id, turn, arrived), turn)
        case {"type": "got", "turn": int(turn)} if turn is not True:
            room.telling.got(turn, caller.person_id)
            return {}
        case {"type": "ping"}:
            return {"type": "pong"}
    return MALFORMED


async def _refusing(work: Any, turn: int) -> dict[str, Any]:
    try:
        reply: dict[str, Any] = await work
    except LawlabError as error:
        return {"type": "refused", "turn": turn, "code": error.code, "message": error.sentence}
    except SQLAlchemyError as error:
        if (fault := database_fault(error)) is None:
            raise
        # Not acknowledged: the page keeps it and sends it again.
        word = {"type": "refused", "turn": turn, "code": fault.code, "message": fault.sentence}
        return word | {"again": True}
    return reply


async def _data(room: Room, asked: Commanding) -> dict[str, Any]:
    """What the command is about, with the person's id for his sign-in name."""
    data: dict[str, Any] = {
        name: value
        for name in ("turn", "seconds", "reason", "team", "stake")
        if (value := getattr(asked, name)) not in (None, "")
    }
    if asked.command in ("exclude", "include", "add"):
        data["person"] = await room.memory.find(asked.login)
    return data


async def _room(connection: HTTPConnection, contest: int) -> Room:
    return await state_of(connection).contests.get(contest)
