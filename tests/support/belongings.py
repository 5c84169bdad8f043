"""What belongs to one learner of the demo program, and the things of trainers and hosts that an
address can name: made for a test that then lets everybody reach for them."""

from __future__ import annotations

import base64
import datetime as dt
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

import httpx
from contesting import add_contest, one_round
from meetings import meet
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.config import Settings
from lawlab.domain.contest_awards import ALPHABET, CODE_LENGTH
from lawlab.domain.contest_events import Did, Event
from lawlab.domain.contest_script import Format, Window
from lawlab.domain.picture import FOLDER
from lawlab.services.checkin_tokens import qr_token, scan
from lawlab.services.contest import store_event
from lawlab.services.draft_files import DRAFTS
from lawlab.store.engine import writing
from lawlab.store.people import person_by_login
from lawlab.store.quizzes import find_quiz
from lawlab.store.tables import (
    Attachment,
    Certificate,
    ItemVersion,
    LeaveRequest,
    PresenceCard,
    WalkIn,
)
from lawlab.ui.assets import version

API, LEARN = "/services/api", "/services/learn"
QUIZ, COURSE, LESSON, ITEM = "atf-quiz-1", "anti-telecom-fraud", "01_what-it-is", "atf-001"
DRAFT, DRAFTED = f"knocked-at-{secrets.token_hex(3)}", "01_first"
LAW = "反电信网络诈骗法"
OWN = {"X-Lawlab": "1"}
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
"""A picture of one grey dot."""
PHONE = "A" * 22
"""The phone with which everybody scanned."""
SAID: dict[Did, dict[str, Any]] = {
    Did.START: {"entered": {}},
    Did.SHOW: {"turn": 1, "step": 0},
    Did.CLOSE: {"turn": 1},
    Did.REVEAL: {"turn": 1, "spread": None},
}


@dataclass
class Belongings:
    """`names`: what addresses and bodies call by name. `secrets`: texts that only the first learner
    and whoever answers for him may read."""

    first: str
    names: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def secret(self, what: str) -> str:
        """A text to look for later."""
        self.secrets.append(f"{what}{secrets.token_hex(4)}")
        return self.secrets[-1]


def ask(client: httpx.Client, path: str, body: object) -> httpx.Response:
    """A POST as a page of ours makes it; it must succeed."""
    reply = client.post(f"{API}{path}", json=body, headers=OWN)
    assert reply.is_success, f"{path}: {reply.text}"
    return reply


def make_belongings(
    session: Session, settings: Settings, first: httpx.Client, trainer: httpx.Client, by: str
) -> Belongings:
    """All of it; `by` is the trainer's sign-in name."""
    made = Belongings(first.get(f"{API}/me").json()["login"])
    now = dt.datetime.now(dt.UTC)
    _on_the_desk(made, settings, session, trainer)
    _meetings(made, session, first, trainer, by, now)
    _learning(made, first)
    _contests(made, session, now)
    token = qr_token(settings.secrets["check-in"], int(made.names["hall"]), now)
    receipt = scan(settings.secrets["check-in"], token, PHONE, now)
    made.names |= {"qr": token, "receipt": receipt}
    return made


def _on_the_desk(
    made: Belongings, settings: Settings, session: Session, trainer: httpx.Client
) -> None:
    about = {"slug": DRAFT, "title": "谁可以看什么", "law": LAW}
    ask(trainer, "/desk/courses", about)
    made.names["own_item"] = ask(trainer, "/desk/items", {"bank": COURSE}).json()["item"]
    asked = [slot["item"] for slot in find_quiz(session, QUIZ).paper]
    cases = select(ItemVersion.item).where(ItemVersion.item.in_(asked), ItemVersion.type == "case")
    made.names |= {"asked": asked[0], "written": str(session.scalar(cases))}
    pictures = settings.trainers_root / DRAFTS / "courses" / DRAFT / FOLDER
    pictures.mkdir(exist_ok=True)
    (pictures / "dot.png").write_bytes(base64.b64decode(DOT))


def _meetings(
    made: Belongings,
    session: Session,
    first: httpx.Client,
    trainer: httpx.Client,
    by: str,
    now: dt.datetime,
) -> None:
    room = {"by": by, "trainers": (by,), "units": (), "people": (made.first,)}
    starts = now - dt.timedelta(minutes=1)
    online = meet(session, starts, online=True, place="线上", **room)
    hall = meet(session, now + dt.timedelta(days=1), planned=now, **room)
    leave = {"person": made.first, "key": secrets.token_hex(8), "reason": made.secret("家事")}
    ask(first, f"/activities/{hall}/leave", leave | {"proof": f"data:image/png;base64,{DOT}"})
    guest = {"full_name": made.secret("来客"), "phone_tail": "0001", "key": secrets.token_hex(8)}
    ask(trainer, f"/desk/activities/{online}/walk-in", guest)
    ask(trainer, f"/desk/activities/{online}/card", {})
    made.names |= {"activity": str(online), "hall": str(hall)}
    cards = select(func.max(PresenceCard.number)).where(PresenceCard.activity_id == online)
    made.names["card"] = str(session.scalar(cards))
    picture = session.scalars(select(Attachment).where(Attachment.activity_id == hall)).first()
    note = session.scalars(select(WalkIn).where(WalkIn.activity_id == online)).first()
    asked = session.scalars(select(LeaveRequest).where(LeaveRequest.activity_id == hall)).first()
    assert picture is not None
    assert note is not None
    assert asked is not None
    made.names |= {"attachment": str(picture.id), "note": str(note.id), "leave": str(asked.id)}


def _learning(made: Belongings, first: httpx.Client) -> None:
    place = {"item": ITEM, "version": 1, "place": f"lesson:{COURSE}/{LESSON}"}
    given = {"person": made.first, "key": secrets.token_hex(8)} | place
    ask(first, "/answers", given | {"response": {"chosen": ["A"]}})
    report = {"person": made.first, "key": secrets.token_hex(8), "text": made.secret("题目有误")}
    made.names["report"] = str(ask(first, "/item-reports", report | place).json()["id"])
    ask(first, f"/quizzes/{QUIZ}/start", {"person": made.first})
    duel = {"person": made.first, "key": secrets.token_hex(8), "opponent": "v022"}
    made.names["duel"] = str(ask(first, "/drill/duels", duel).json()["id"])
    page = first.get(f"{LEARN}/leaderboard").text
    kernel = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert kernel is not None
    stock = re.search(rf"{LEARN}/voila/([0-9a-f]{{12}})/", page)
    assert stock is not None
    made.names |= {"kernel": kernel[1], "stock": stock[1], "ui": version()}


def _contests(made: Belongings, session: Session, now: dt.datetime) -> None:
    def contest(*said: Did, **script: object) -> int:
        number = add_contest(writing(session), now, [one_round(session)], **script)  # type: ignore[arg-type]
        for seq, did in enumerate(said, 1):
            event = Event(seq, did, now, "host", SAID.get(did, {}) | begun)
            store_event(session, number, event, now)
        return number

    begun = {"opens_at": now.isoformat()}

    window = Window(now - dt.timedelta(hours=1), now + dt.timedelta(hours=1), 10, 3)
    live = contest(Did.OPEN)
    done = contest(Did.OPEN, Did.START, Did.SHOW, Did.CLOSE, Did.REVEAL, Did.FINISH)
    own = contest(Did.OPEN, format=Format.WINDOW, speed=False, window=window)
    person = person_by_login(writing(session), made.first)
    assert person is not None
    paper = Certificate(
        code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        contest_id=done,
        person_id=person.id,
        holder=person.full_name,
        award="一等奖",
        rank=1,
        made_by="host",
        made_at=now,
    )
    session.add(paper)
    session.commit()
    numbers = {"live": live, "done": done, "window": own, "person": person.id}
    made.names |= {name: str(number) for name, number in numbers.items()}
    made.names |= {"certificate": str(paper.id), "code": paper.code}
