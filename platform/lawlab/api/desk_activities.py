"""The trainer's desk: activities, from the plan to who was there."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lawlab.api.activities import ActivityId, Key, Year
from lawlab.api.border import Word
from lawlab.api.caller import Database, Now, Trainer, site_address, state_of
from lawlab.api.routing import Route
from lawlab.domain.activity_plan import Plan, Repeat
from lawlab.domain.attendance import Rules
from lawlab.services import activities
from lawlab.services.activity_form import form_facts, plan_facts
from lawlab.services.attachments import picture
from lawlab.services.attendance_board import board, desk_list, history
from lawlab.services.sign_screen import sign_screen
from lawlab.store.attendance import activities_between, find_activity, year_span

router = APIRouter(route_class=Route, prefix="/desk/activities")

Login = Annotated[Word, Field(max_length=40)]
UnitId = Annotated[int, Field(ge=1, le=2**31 - 1)]
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Minutes = Annotated[int, Field(ge=-1000, le=10_000)]
Reason = Annotated[Word, Field(max_length=1000)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NothingIn(Strict):
    """The body of a request that says all by its address."""


class TopicIn(Strict):
    kind: Literal["course", "article", "text"]
    ref: Word = Field(max_length=200)


class MaterialIn(Strict):
    title: Word = Field(max_length=200)
    url: Word = Field("", max_length=1000)


class RulesIn(Strict):
    opens_minutes: Minutes
    present_minutes: Minutes
    late_minutes: Minutes


class RepeatIn(Strict):
    every: Literal["week", "two_weeks", "month"]
    times: int = Field(ge=-1000, le=1000)


class PlanIn(Strict):
    """What a trainer fills in; what is wrong with it, the services say field by field."""

    title: Word = Field(max_length=300)
    phase: Word = Field(max_length=20)
    place: Word = Field("", max_length=300)
    online: bool = False
    organizer: UnitId | None = None
    units: list[UnitId] = Field([], max_length=1000)
    people: list[Login] = Field([], max_length=1000)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    trainers: list[Login] = Field([], max_length=50)
    topics: list[TopicIn] = Field([], max_length=100)
    materials: list[MaterialIn] = Field([], max_length=100)
    note: Word = Field("", max_length=2000)
    rules: RulesIn | None = None

    def plan(self, usual: Rules) -> Plan:
        """What a status earns is the town's to say, not the form's."""
        given = self.rules or RulesIn(
            opens_minutes=usual.opens_minutes,
            present_minutes=usual.present_minutes,
            late_minutes=usual.late_minutes,
        )
        return Plan(
            title=self.title,
            phase=self.phase,
            place=self.place,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            online=self.online,
            organizer=self.organizer,
            units=tuple(dict.fromkeys(self.units)),
            people=tuple(dict.fromkeys(self.people)),
            trainers=tuple(dict.fromkeys(self.trainers)),
            topics=tuple(topic.model_dump() for topic in self.topics),
            materials=tuple(one.model_dump() for one in self.materials),
            note=self.note,
            rules=Rules(
                given.opens_minutes, given.present_minutes, given.late_minutes, usual.points
            ),
        )


class NewPlanIn(PlanIn):
    repeat: RepeatIn | None = None
    key: Key | None = None


class CancelIn(Strict):
    reason: Reason
    following: bool = False


@router.get("")
def listed(
    request: Request, session: Database, trainer: Trainer, now: Now, year: Year = None
) -> dict[str, Any]:
    zone = state_of(request).settings.zone
    chosen = year or now.astimezone(zone).year
    found = activities_between(session, *year_span(chosen, zone))
    return desk_list(session, found, trainer, chosen, now, zone)


@router.get("/form")
def form(request: Request, session: Database, trainer: Trainer, now: Now) -> dict[str, Any]:
    settings = state_of(request).settings
    day = now.astimezone(settings.zone).date()
    return form_facts(session, trainer, settings.attendance_rules, day)


@router.post("", status_code=201)
def plan(
    request: Request, session: Database, trainer: Trainer, now: Now, given: NewPlanIn
) -> dict[str, Any]:
    settings = state_of(request).settings
    repeat = Repeat(given.repeat.every, given.repeat.times) if given.repeat else None
    asked = given.plan(settings.attendance_rules)
    return {
        "ids": activities.plan_activity(
            session, asked, trainer, now, settings.zone, repeat, given.key
        )
    }


@router.get("/{activity}")
def one(session: Database, trainer: Trainer, now: Now, activity: ActivityId) -> dict[str, Any]:
    found = find_activity(session, activity)
    return {
        "plan": plan_facts(session, found, trainer, now),
        "board": board(session, found, trainer, now),
    }


@router.post("/{activity}")
def edit(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: PlanIn,
) -> dict[str, Any]:
    before = Rules.from_json(find_activity(session, activity).rules)
    activities.edit_activity(session, activity, given.plan(before), trainer, now)
    state_of(request).live.nudge()
    return {"id": activity}


@router.post("/{activity}/cancel")
def cancel(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    given: CancelIn,
) -> dict[str, Any]:
    cancelled = activities.cancel_activity(
        session, activity, given.reason, trainer, now, following=given.following
    )
    state_of(request).live.nudge()
    return {"cancelled": cancelled}


@router.post("/{activity}/restore")
def restore(
    request: Request,
    session: Database,
    trainer: Trainer,
    now: Now,
    activity: ActivityId,
    _given: NothingIn,
) -> dict[str, Any]:
    activities.restore_activity(session, activity, trainer, now)
    state_of(request).live.nudge()
    return {"id": activity}


@router.get("/{activity}/board")
def live_board(
    session: Database, trainer: Trainer, now: Now, activity: ActivityId
) -> dict[str, Any]:
    return board(session, find_activity(session, activity), trainer, now)


@router.get("/{activity}/sign")
def sign(
    request: Request, session: Database, _trainer: Trainer, now: Now, activity: ActivityId
) -> dict[str, Any]:
    secret = state_of(request).settings.secrets["check-in"]
    return sign_screen(find_activity(session, activity), secret, site_address(request), now)


@router.get("/{activity}/events")
def events(session: Database, _trainer: Trainer, activity: ActivityId) -> dict[str, Any]:
    return {"events": history(session, find_activity(session, activity))}


@router.get("/{activity}/attachment/{attachment}")
def attachment(
    session: Database, trainer: Trainer, activity: ActivityId, attachment: RowId
) -> Response:
    media_type, content = picture(session, activity, attachment, trainer)
    return Response(content, media_type=media_type)
