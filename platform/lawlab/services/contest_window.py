"""限时答题赛: what a contestant does, and how such a contest ended. What he sees is
`services.contest_window_views`' business."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from lawlab.domain.contest import Contest
from lawlab.domain.contest_scoring import PersonResult, ranked_people
from lawlab.domain.contest_script import Script, Window
from lawlab.domain.contest_window import Paper, Reply, check_answer, is_running, new_paper, result
from lawlab.domain.marking import check_response, mark
from lawlab.domain.question import Question
from lawlab.errors import Conflict, NotFound
from lawlab.services.sessions import Caller
from lawlab.store.content import item_versions
from lawlab.store.contest_papers import paper_of
from lawlab.store.contests import (
    MOST_ID,
    StoredAnswer,
    answer_key,
    answers_of_contest,
    events_of_contest,
    find_contest,
    is_expected,
    place_of,
)
from lawlab.store.engine import writing
from lawlab.store.statutes import china_day
from lawlab.store.tables import Answer, ContestPaper, Person
from lawlab.store.tables import Contest as Row

if TYPE_CHECKING:
    from lawlab.services.contest import Loaded

_WHY_NOT = {
    "not_expected": "您不在这场比武的名单里。要参加请找主持人。",
    "excluded": "主持人取消了您的比赛资格，有疑问请找主持人。",
}


@dataclass(frozen=True)
class Setting:
    """A window contest without anybody's answers."""

    row: Row
    script: Script
    window: Window
    contest: Contest

    @property
    def points(self) -> int:
        """What each right answer is worth."""
        return self.script.rounds[0].points


def setting_of(session: Session, contest_id: int) -> Setting:
    """Raises NotFound `no_contest`, also for a contest of another format."""
    row = find_contest(session, contest_id)
    script = Script.from_json(row.script)
    if script.window is None:
        raise NotFound("no_contest", "这场比武不是限时答题赛，请从“比武”里重新打开。")
    contest = Contest.replay(script, events_of_contest(session, contest_id), [])
    return Setting(row, script, script.window, contest)


def why_not(session: Session, setting: Setting, person: int, now: datetime) -> tuple[str, str]:
    """Why somebody may not take part, as code and sentence: `not_expected`, `excluded`; empty for
    whoever may."""
    code = ""
    day = china_day(setting.row.opened_at or now)
    if person in setting.contest.excluded:
        code = "excluded"
    elif person not in setting.contest.added:
        code = "" if is_expected(session, setting.script, day, person) else "not_expected"
    return code, _WHY_NOT.get(code, "")


def begin(session: Session, caller: Caller, contest_id: int, now: datetime) -> None:
    """Draw the caller's paper and start his time; once, repeats change nothing. Raises NotFound
    `no_contest`; Conflict `not_open`, `closed`, `not_expected`, `excluded`."""
    setting = _locked(session, caller, contest_id)
    if paper_of(session, contest_id, caller.person_id) is None:
        _require_open(setting)
        _require_allowed(session, setting, caller, now)
        versions = [step.slot.version_id for step in setting.script.steps]
        found = item_versions(session, set(versions))
        pool = [found[version][1] for version in versions]
        paper = new_paper(contest_id, caller.person_id, setting.window, pool, now)
        session.add(
            ContestPaper(
                contest_id=contest_id,
                person_id=caller.person_id,
                began_at=paper.began_at,
                deadline=paper.deadline,
                slots=list(paper.slots),
            )
        )
    session.commit()


def answer(
    session: Session, caller: Caller, contest_id: int, place: int, response: Any, at: datetime
) -> dict[str, Any]:
    """Store the caller's answer that arrived at `at`; the first one to a question counts, a repeat
    gets the first reply. Raises NotFound `no_contest`, `no_place`; Conflict `not_begun`,
    `handed_in`, `late`, `closed`, `excluded`; BadResponse."""
    setting = _locked(session, caller, contest_id)
    paper = _require_paper(session, contest_id, caller)
    stored = {one.turn: one for one in answers_of_contest(session, contest_id, caller.person_id)}
    first = place not in stored
    if first:
        step = check_answer(paper, place, at)
        _require_open(setting)
        _require_allowed(session, setting, caller, at)
        version = setting.script.steps[step].slot.version_id
        check_response(item_versions(session, [version])[version][1], response)
        session.add(
            Answer(
                key=answer_key(contest_id, place),
                person_id=caller.person_id,
                item_version_id=version,
                place=place_of(contest_id, setting.row.rehearsal, place),
                contest_id=contest_id,
                response=response,
                received_at=at,
            )
        )
        stored[place] = StoredAnswer(place, caller.person_id, version, response, at)
    session.commit()
    kept = stored[place]
    return {
        "place": place,
        "response": kept.response,
        "at": kept.at.isoformat(),
        "first": first,
        "answered": len(stored),
    }


def finish_own(session: Session, caller: Caller, contest_id: int, now: datetime) -> None:
    """Hand in before the time is over; when it is over, or all is answered, nothing changes. Raises
    NotFound `no_contest`; Conflict `not_begun`."""
    setting = _locked(session, caller, contest_id)
    paper = _require_paper(session, contest_id, caller)
    answered = len(answers_of_contest(session, contest_id, caller.person_id))
    if setting.row.state == "open" and is_running(paper, answered, now):
        row = session.get_one(ContestPaper, (contest_id, caller.person_id))
        row.finished_at = now
    session.commit()


def window_results(loaded: Loaded) -> list[PersonResult]:
    """Everybody who began, by rank; nobody who was excluded. None before the contest's end."""
    replies: dict[int, dict[int, Reply]] = defaultdict(dict)
    for one in loaded.stored:
        replies[one.person][one.turn] = reply_of(loaded.questions, one)
    points = loaded.script.rounds[0].points
    return ranked_people(
        result(paper, replies[paper.person], points)
        for paper in loaded.papers
        if paper.person not in loaded.contest.excluded
    )


def reply_of(questions: Mapping[int, Question], one: StoredAnswer) -> Reply:
    """A stored answer as it counts. `questions`: by id of the version."""
    return Reply(one.at, bool(mark(questions[one.version_id], one.response, 1).right))


def _locked(session: Session, caller: Caller, contest_id: int) -> Setting:
    """The contest, while nobody ends it and nothing else of the caller's is under way."""
    writing(session)
    session.get(Person, caller.person_id, with_for_update={"key_share": True})
    if 1 <= contest_id <= MOST_ID:
        session.get(Row, contest_id, with_for_update={"read": True})
    return setting_of(session, contest_id)


def _require_open(setting: Setting) -> None:
    if setting.row.state == "draft":
        raise Conflict("not_open", "比武还没有开放，请等主持人通知。")
    if setting.row.state != "open":
        raise Conflict("closed", "比赛已经结束或者取消了，不能再答了。")


def _require_allowed(session: Session, setting: Setting, caller: Caller, now: datetime) -> None:
    code, sentence = why_not(session, setting, caller.person_id, now)
    if code:
        raise Conflict(code, sentence)


def _require_paper(session: Session, contest_id: int, caller: Caller) -> Paper:
    paper = paper_of(session, contest_id, caller.person_id)
    if paper is None:
        raise Conflict("not_begun", "您还没有开始，请先点“开始答题”。")
    return paper
