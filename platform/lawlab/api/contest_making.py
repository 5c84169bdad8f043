"""Making contests: the list, the editor, drawing. For hosts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from lawlab.api.border import Word
from lawlab.api.caller import Database, Host, Now
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.domain.contest_draw import Wish
from lawlab.domain.contest_plan import Plan, PlannedRound, PlannedTeam
from lawlab.domain.contest_script import Award, Format, Kind, Window
from lawlab.services import contest_drawing, contest_form, contest_making
from lawlab.store.statutes import china_day

router = APIRouter(route_class=Route, prefix="/contests")

ContestId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Key = Annotated[Word, Field(min_length=16, max_length=64)]
Item = Annotated[Word, Field(max_length=60)]
Login = Annotated[Word, Field(max_length=40)]
UnitId = Annotated[int, Field(ge=1, le=2**31 - 1)]
Number = Annotated[int, Field(ge=-(10**6), le=10**6)]
"""What a field of the form holds; the services say what is allowed."""
QuestionTypeName = Literal["single", "multiple", "judge", "fill", "order"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RoundIn(Strict):
    kind: Kind
    title: Word = Field(max_length=200)
    seconds: Number
    points: Number
    items: list[Item] = Field(max_length=500)


class TeamIn(Strict):
    name: Word = Field(max_length=200)
    members: list[Login] = Field(max_length=1000)


class AwardIn(Strict):
    name: Word = Field(max_length=200)
    count: Number


class WindowIn(Strict):
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    minutes: Number
    count: Number


class PlanIn(Strict):
    """What a host fills in; what is wrong with it, the services say field by field."""

    title: Word = Field(max_length=300)
    format: Format
    speed: bool | None = None
    cohorts: list[Annotated[Word, Field(max_length=20)]] = Field([], max_length=20)
    units: list[UnitId] = Field([], max_length=1000)
    teams: list[TeamIn] = Field([], max_length=100)
    awards: list[AwardIn] = Field(max_length=100)
    window: WindowIn | None = None
    rounds: list[RoundIn] = Field(max_length=100)

    def plan(self) -> Plan:
        return Plan(
            title=self.title,
            format=self.format,
            rounds=tuple(
                PlannedRound(one.kind, one.title, one.seconds, one.points, tuple(one.items))
                for one in self.rounds
            ),
            speed=self.speed,
            cohorts=tuple(dict.fromkeys(self.cohorts)),
            units=tuple(dict.fromkeys(self.units)),
            teams=tuple(
                PlannedTeam(one.name, tuple(dict.fromkeys(one.members))) for one in self.teams
            ),
            awards=tuple(Award(one.name, one.count) for one in self.awards),
            window=Window(**self.window.model_dump()) if self.window else None,
        )


class NewIn(ForPerson):
    key: Key
    plan: PlanIn


class ChangedIn(ForPerson):
    """`revision`: of the draft that the host began with."""

    revision: int = Field(ge=1, le=2**31 - 1)
    plan: PlanIn


class CopyIn(ForPerson):
    key: Key
    rehearsal: bool


class DrawIn(ForPerson):
    """Empty lists mean: any. `without`: what the contest has already."""

    count: int = Field(ge=1, le=100)
    seed: Word = Field(min_length=1, max_length=40)
    banks: list[Annotated[Word, Field(max_length=40)]] = Field([], max_length=100)
    types: list[QuestionTypeName] = Field([], max_length=10)
    difficulties: list[Annotated[int, Field(ge=1, le=5)]] = Field([], max_length=5)
    without: list[Item] = Field([], max_length=1000)


class LookIn(Strict):
    bank: Word = Field("", max_length=40)
    words: Word = Field("", max_length=100)
    type: Word = Field("", max_length=20)
    difficulty: int = Field(0, ge=0, le=5)
    page: int = Field(1, ge=1, le=1000)


@router.get("")
def listed(session: Database, _host: Host) -> dict[str, Any]:
    return {"contests": contest_form.contest_list(session)}


@router.get("/form")
def form(session: Database, _host: Host, now: Now) -> dict[str, Any]:
    return contest_form.contest_form(session, china_day(now))


@router.get("/items")
def items(
    session: Database, _host: Host, now: Now, look: Annotated[LookIn, Query()]
) -> dict[str, Any]:
    wanted = contest_drawing.Look(**look.model_dump())
    return contest_drawing.found_questions(session, wanted, now)


@router.post("/draw")
def draw(session: Database, host: Host, now: Now, asked: DrawIn) -> dict[str, Any]:
    asked.check(host)
    wish = Wish(
        asked.count, asked.seed, asked.banks, asked.types, asked.difficulties, asked.without
    )
    return contest_drawing.draw_questions(session, wish, now)


@router.post("/check")
def check(session: Database, _host: Host, now: Now, given: PlanIn) -> dict[str, Any]:
    """Nothing is stored: what saving would find, and the rules as everybody will read them."""
    return contest_making.check_plan(session, given.plan(), now)


@router.post("", status_code=201)
def make(session: Database, host: Host, now: Now, given: NewIn) -> dict[str, Any]:
    given.check(host)
    plan = given.plan.plan()
    return {"id": contest_making.make_contest(session, plan, host, now, given.key)}


@router.get("/{contest}/plan")
def plan(session: Database, _host: Host, now: Now, contest: ContestId) -> dict[str, Any]:
    return contest_form.contest_plan(session, contest, now)


@router.post("/{contest}/plan")
def change(
    session: Database, host: Host, now: Now, contest: ContestId, given: ChangedIn
) -> dict[str, Any]:
    """A host who is late gets the revision that holds now, and reads the plan again."""
    given.check(host)
    contest_making.change_contest(session, contest, given.plan.plan(), given.revision)
    return contest_form.contest_plan(session, contest, now)


@router.post("/{contest}/copy", status_code=201)
def copy(
    session: Database, host: Host, now: Now, contest: ContestId, asked: CopyIn
) -> dict[str, Any]:
    asked.check(host)
    copied = contest_making.copy_contest(
        session, contest, host, now, asked.key, rehearsal=asked.rehearsal
    )
    return {"id": copied}


@router.post("/{contest}/cancel")
def cancel(
    session: Database, host: Host, now: Now, contest: ContestId, asked: ForPerson
) -> dict[str, Any]:
    asked.check(host)
    contest_making.cancel_contest(session, contest, host.login, now)
    return {"id": contest}


@router.post("/{contest}/delete")
def delete(
    session: Database, host: Host, now: Now, contest: ContestId, asked: ForPerson
) -> dict[str, Any]:
    asked.check(host)
    contest_making.delete_contest(session, contest, host.login, now)
    return {"id": contest}
