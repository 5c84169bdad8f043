"""Whether items still say what the law says: an item whose article changed is stale and leaves
papers and lessons, until the text is again the one it was checked with, or a new version is
published.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lawlab.domain.citation import evidence_faults, number_faults
from lawlab.domain.question import Question
from lawlab.domain.statute import Article, ArticleRef, Law, number_title
from lawlab.errors import NotFound
from lawlab.services.content_state import STALE, clear_state, set_state, states
from lawlab.store.content import newest_items
from lawlab.store.engine import writing
from lawlab.store.statutes import Statutes, china_day
from lawlab.store.tables import ContentState, ItemVersion

SYSTEM = "系统"


@dataclass(frozen=True)
class _Verdict:
    """What becomes of one item: stale for `reasons`; with none of them as good as checked."""

    row: ItemVersion
    reasons: tuple[str, ...]
    prints: dict[str, str]
    """Fingerprints of articles of a law that was imported since the item was published."""


def mark_stale(session: Session, statutes: Statutes, now: dt.datetime) -> list[str]:
    """Compare every item with the law in force, and commit what follows. Returns the items that
    left the papers now.

    What an item was waiting for (a law that the town imports itself) is compared with its evidence
    and its numbers.
    """
    if not _verdicts(session, statutes, now):
        return []
    writing(session)
    known, gone = states(session, "item"), []
    for verdict in _verdicts(session, statutes, now):
        item = verdict.row.item
        if verdict.prints:
            verdict.row.article_prints = verdict.row.article_prints | verdict.prints
        if not verdict.reasons:
            clear_state(session, "item", item, SYSTEM, now, action="fresh")
            continue
        set_state(session, "item", item, STALE, "；".join(verdict.reasons), SYSTEM, now)
        if item not in known:
            gone.append(item)
    session.commit()
    return gone


def _verdicts(session: Session, statutes: Statutes, now: dt.datetime) -> list[_Verdict]:
    """Of the items about which something is new."""
    rows, known = newest_items(session), states(session, "item")
    laws = _Laws(statutes, china_day(now))
    verdicts = (_judge(row, laws) for row in rows.values())
    return [verdict for verdict in verdicts if _is_news(verdict, known.get(verdict.row.item))]


def _is_news(verdict: _Verdict, state: ContentState | None) -> bool:
    if state is not None and state.state != STALE:
        return bool(verdict.prints)  # a trainer withdrew it; it is his
    reason = "；".join(verdict.reasons)
    return bool(verdict.prints) or reason != (state.reason if state else "")


class _Laws:
    """The laws in force on one day, each looked up once."""

    def __init__(self, statutes: Statutes, on: dt.date) -> None:
        self._statutes, self._on = statutes, on
        self._found: dict[str, Law | NotFound] = {}
        self._prints: dict[tuple[str, str], str] = {}

    def law(self, name: str) -> Law | NotFound:
        """The law, or why there is none."""
        if name not in self._found:
            try:
                self._found[name] = self._statutes.law(name, on=self._on)
            except NotFound as error:
                self._found[name] = error
        return self._found[name]

    def print_of(self, ref: ArticleRef, article: Article) -> str:
        key = (ref.law, article.title)
        if key not in self._prints:
            self._prints[key] = article.fingerprint
        return self._prints[key]


def _judge(row: ItemVersion, laws: _Laws) -> _Verdict:
    reasons: list[str] = []
    prints: dict[str, str] = {}
    cited: list[Article] = []
    found: dict[str, Law] = {}
    waiting = False
    for text in row.body["articles"]:
        ref = ArticleRef.parse(text)
        known = row.article_prints.get(str(ref))
        law = laws.law(ref.law)
        if isinstance(law, NotFound):
            if law.code == "no_law" and known is None:
                waiting = True
            else:
                reasons.append(_no_law(ref, law))
            continue
        try:
            article = law.at(ref.key)
        except NotFound:
            reasons.append(f"《{ref.law}》里没有{number_title(ref.key)}")
            continue
        cited.append(article)
        found[ref.law] = law
        now = laws.print_of(ref, article)
        if known is None:
            prints[str(ref)] = now
        elif known != now:
            reasons.append(f"《{ref.law}》{article.title}的条文变了")
    if prints and not waiting and (wrong := _disagreement(row, cited, found)):
        # The prints are not kept, so that the next look finds the same.
        return _Verdict(row, (*reasons, wrong), {})
    return _Verdict(row, tuple(dict.fromkeys(reasons)), prints)


def _no_law(ref: ArticleRef, error: NotFound) -> str:
    sentence = {
        "no_law": "现在没有收录",
        "law_repealed": "已经废止",
        "law_not_in_force": "现在没有施行的文本",
    }
    return f"《{ref.law}》{sentence.get(error.code, '现在不能引用')}"


def _disagreement(row: ItemVersion, cited: list[Article], found: dict[str, Law]) -> str:
    """What the check at publishing could not say, because the law was not there yet."""
    question = Question.from_json(row.body)
    faults = evidence_faults(question.evidence, cited, found) + number_faults(question, cited)
    return "".join(f"和导入的条文对不上：{fault}" for fault in faults[:1])
