"""What is still known on the day of the contest: our practice against random practice and against
fixed intervals, at the same number of answers. Prints JSON lines; `drill-recall` is the smaller of
the ratios to random practice of the two forgetting models. Design, what was chosen when, and what
was tried: docs/decisions/0009-drill-policy.md.

How it is simulated. 124 learners practise 400 questions over 120 days; the contest follows on the
day after. A learner comes on 80 % of the days (the same days under every policy) and gives 10
answers. A question that he does not know he guesses with one in four, as in single choice; he is
told the answer each time, so that he learns also from a mistake. What counts is the mean chance
over all questions, never met ones included (they count 0), to know, not to guess, it on the day.

Two models of forgetting, neither of them FSRS's own. `t` is in days since the last answer, `S` the
strength of the memory, in days until the chance has sunk to 90 %:
- exponential: known with 0.9^(t/S);
- power: known with (1 + t/9S)^-1, which falls faster at first than the exponential and later much
  slower, and yet far faster than FSRS assumes (an exponent of -0.15).
In both the first answer leaves S = 1 day (median; learners differ by a factor of 1.5, questions by
1.6, one standard deviation): between what FSRS found for a first answer that was wrong (0.2) and
right (2.3). Knowing it after a chance of k multiplies S by 1 + a(1.2 - k) with a of 2 (median,
learners differ by 1.3): practice gains more when it is late, the spacing effect. Not knowing it
leaves a third of S, and never less than the first answer did.

Further lines, over fewer seeds, change one thing each:
- `-forgetful`: a first S of 0.21 days, where two thirds are gone after two days. (That was the
  first choice, a strength of 2 days until 1/e, before any result was seen; it says that people
  remember hardly anything, whatever they practise, so it is not the main line.)
- `-steady`: no spacing effect, a first S of 0.7 days, 2.5 times as much after each success
  (learners differ by 1.2), half after a failure; the power law has FSRS-4's exponent of -0.5. The
  policy was not tuned with these.
- `-550`, `-15`, `-550-15`: that many questions, answers a day. `-prior`: everybody knows a fifth
  of the questions for good, each his own.

Ours decides with the functions that the platform itself uses: `domain.drill` and
`domain.practice`. Fixed intervals are 1, 2, 4, 7, 15 and 30 days, back to the first after a
mistake, due ones first (oldest promise first), then new ones in order.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import statistics
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from lawlab.domain import drill, practice

LEARNERS, DAYS, ITEMS, ANSWERS, SEEDS = 124, 120, 400, 10, 20
COMES, GUESS = 0.8, 0.25
FIRST_DAY = dt.date(2022, 8, 1)
FIXED = (1, 2, 4, 7, 15, 30)
Forgetting = Callable[[float, float], float]
MODELS: dict[str, Forgetting] = {
    "exponential": lambda days, strength: 0.9 ** (days / strength),
    "power": lambda days, strength: 1 / (1 + days / (9 * strength)),
}
STEADY_POWER: Forgetting = lambda days, strength: (1 + 19 / 81 * days / strength) ** -0.5  # noqa: E731
STUDENT = {5: 2.776, 20: 2.093}
"""Student's t for an interval of 95 %, by the number of values."""


@dataclass(frozen=True)
class Town:
    """How large the simulation is, and how people remember: `first`, days until 90 % after the
    first answer; `prior`, the share that everybody knows for good; `steady`, without spacing."""

    learners: int = LEARNERS
    days: int = DAYS
    items: int = ITEMS
    answers: int = ANSWERS
    first: float = 1.0
    prior: float = 0.0
    steady: bool = False


TOWNS = {
    "": Town(),
    "-forgetful": Town(first=0.21),
    "-steady": Town(first=0.7, steady=True),
    "-550": Town(items=550),
    "-15": Town(answers=15),
    "-550-15": Town(items=550, answers=15),
    "-prior": Town(prior=0.2),
}


class Policy(Protocol):
    """Decides for one learner. Days count from 0."""

    def choose(self, day: int, count: int) -> Iterator[int]: ...

    def note(self, item: int, right: bool, day: int) -> None: ...


class Random:
    """Any question, each time."""

    def __init__(self, items: int, days: int, rng: random.Random) -> None:
        self.items, self.rng = items, rng

    def choose(self, day: int, count: int) -> Iterator[int]:
        for _ in range(count):
            yield self.rng.randrange(self.items)

    def note(self, item: int, right: bool, day: int) -> None:
        pass


class Fixed:
    """A ladder of intervals; what is due first, then new ones, then what is due soonest."""

    def __init__(self, items: int, days: int, rng: random.Random) -> None:
        self.items = items
        self.step: dict[int, int] = {}
        self.due: dict[int, int] = {}

    def choose(self, day: int, count: int) -> Iterator[int]:
        due = sorted((when, item) for item, when in self.due.items() if when <= day)
        fresh = range(len(self.due), self.items)
        later = sorted((when, item) for item, when in self.due.items() if when > day)
        order = [item for _, item in due] + list(fresh) + [item for _, item in later]
        yield from order[:count]

    def note(self, item: int, right: bool, day: int) -> None:
        step = min(self.step.get(item, -1) + 1, len(FIXED) - 1) if right else 0
        self.step[item], self.due[item] = step, day + FIXED[step]


class Ours:
    """As `services.drill.next_items` decides, with the functions that it calls."""

    def __init__(self, items: int, days: int, rng: random.Random) -> None:
        self.items = items
        self.contest = FIRST_DAY + dt.timedelta(days=days)
        self.plan = drill.Plan(contest=self.contest)
        self.memories: dict[int, drill.Memory] = {}
        self.load: dict[dt.date, int] = {}
        self.repeated: deque[bool] = deque(maxlen=practice.RECENT)

    def choose(self, day: int, count: int) -> Iterator[int]:
        today = FIRST_DAY + dt.timedelta(days=day)
        fresh = list(range(len(self.memories), self.items))
        wanted = practice.new_per_day({"all": len(fresh)}, {}, self.contest, today, ())
        known = sum(self.repeated), len(self.repeated)
        first, quota = practice.new_today(
            wanted, *known, practice.most_new(len(fresh), self.contest, today, ())
        )
        # The oldest promise first, as the query of `next_items` sorts.
        order = sorted(self.memories, key=lambda item: (self.memories[item].due, item))
        due = [item for item in order if self.memories[item].due <= today]
        ahead = order[len(due) :]
        yield from [*fresh[:first], *due, *fresh[first:quota], *ahead, *fresh[quota:]][:count]

    def note(self, item: int, right: bool, day: int) -> None:
        today = FIRST_DAY + dt.timedelta(days=day)
        old = self.memories.get(item)
        if old is not None:
            self.load[old.due] -= 1
            self.repeated.append(right)
        rating = drill.rating_of(right, None, 60)
        new = drill.review(old, rating, today, self.plan, lambda one: self.load.get(one, 0))
        self.memories[item] = new
        self.load[new.due] = self.load.get(new.due, 0) + 1


POLICIES: dict[str, type[Random] | type[Fixed] | type[Ours]] = {
    "random": Random,
    "fixed": Fixed,
    "ours": Ours,
}


def recall(policy: str, model: str, seed: int, town: Town) -> float:
    """The mean chance to know a question on the contest day, over learners and questions."""
    world = random.Random(f"world {seed}")
    hardness = [world.lognormvariate(0, math.log(1.6)) for _ in range(town.items)]
    chance = STEADY_POWER if town.steady and model == "power" else MODELS[model]
    known = 0.0
    for learner in range(town.learners):
        # The same learner with the same days under every policy.
        rng = random.Random(f"{seed} {learner}")
        first = town.first * rng.lognormvariate(0, math.log(1.5))
        gain = (
            2.5 * rng.lognormvariate(0, math.log(1.2))
            if town.steady
            else 2 * rng.lognormvariate(0, math.log(1.3))
        )
        days = [day for day in range(town.days) if rng.random() < COMES]
        always = {item for item in range(town.items) if rng.random() < town.prior}
        luck = random.Random(f"luck {policy} {seed} {learner}")
        decides: Policy = POLICIES[policy](town.items, town.days, luck)
        head = Head(chance, first, gain, hardness, always, town.steady)
        for day in days:
            for item in decides.choose(day, town.answers):
                knows = head.answer(item, day, luck.random())
                decides.note(item, knows or luck.random() < GUESS, day)
        known += head.known(town.days) / town.items
    return known / town.learners


@dataclass
class Head:
    """What one learner really remembers; no policy sees it."""

    chance: Forgetting
    first: float
    gain: float
    hardness: list[float]
    always: set[int]
    steady: bool
    strength: dict[int, float] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)

    def answer(self, item: int, day: int, luck: float) -> bool:
        """Whether he knows it; afterwards he was told."""
        start = self.first * self.hardness[item]
        known = self._chance(item, day)
        knows = luck < known
        if item not in self.last:
            self.strength[item] = start
        elif knows:
            self.strength[item] *= self.gain if self.steady else 1 + self.gain * (1.2 - known)
        else:
            self.strength[item] = max(start, self.strength[item] / (2 if self.steady else 3))
        self.last[item] = day
        return knows

    def known(self, day: int) -> float:
        """How many questions he knows on a day, in the mean."""
        return sum(self._chance(item, day) for item in self.last.keys() | self.always)

    def _chance(self, item: int, day: int) -> float:
        if item in self.always:
            return 1.0
        if item not in self.last:
            return 0.0
        return self.chance(day - self.last[item], self.strength[item])


def interval(values: list[float]) -> tuple[float, float]:
    """The 95 % interval of the mean."""
    half = STUDENT[len(values)] * statistics.stdev(values) / math.sqrt(len(values))
    return statistics.fmean(values) - half, statistics.fmean(values) + half


def main() -> None:
    lines = []
    with ProcessPoolExecutor() as processes:
        jobs = {
            (policy, model, kind, seed): processes.submit(recall, policy, model, seed, town)
            for kind, town in TOWNS.items()
            for model in MODELS
            for policy in POLICIES
            for seed in range(5 if kind else SEEDS)
        }
        known = {key: job.result() for key, job in jobs.items()}
    for kind in TOWNS:
        for model in MODELS:
            for baseline in ("random", "fixed"):
                lines.append(_line(known, model, kind, baseline))
                print(json.dumps(lines[-1]), flush=True)
    against_random = [
        one
        for one in lines
        if one["metric"] in {f"drill-recall-random-{model}" for model in MODELS}
    ]
    least = min(against_random, key=lambda one: float(str(one["ratio"])))
    print(json.dumps({**least, "metric": "drill-recall"}))


def _line(
    known: dict[tuple[str, str, str, int], float], model: str, kind: str, baseline: str
) -> dict[str, object]:
    seeds = sorted({seed for *_, other, seed in known if other == kind})
    ours = [known["ours", model, kind, seed] for seed in seeds]
    theirs = [known[baseline, model, kind, seed] for seed in seeds]
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    low, high = interval(ratios)
    return {
        "bench": "drill-recall",
        "metric": f"drill-recall-{baseline}-{model}{kind}",
        "ours": round(statistics.fmean(ours), 4),
        "theirs": round(statistics.fmean(theirs), 4),
        "ratio": round(statistics.fmean(ratios), 3),
        "unit": "recall",
        "model": model,
        "low": round(low, 3),
        "high": round(high, 3),
    }


if __name__ == "__main__":
    main()
