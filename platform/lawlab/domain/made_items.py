"""Questions made from an article's own text: blanks, which body decides, which word the law uses,
which article says it.

They are right by construction: what is asked for was taken out of a sentence of the law, and every
other choice does not stand there. Nothing of them is written by hand, and none leaves the database.
"""

from __future__ import annotations

from itertools import islice

from lawlab.domain.made_blanks import AMOUNT, DEADLINE, quantity_blanks
from lawlab.domain.made_bodies import WHICH_BODY, which_body
from lawlab.domain.made_choices import (
    MODALS,
    TERM,
    WHICH_ARTICLE,
    modal,
    which_article,
    which_word,
)
from lawlab.domain.made_text import BLANK, Setting, sentences
from lawlab.domain.question import Question
from lawlab.domain.statute import Article

__all__ = [
    "AMOUNT",
    "BLANK",
    "DEADLINE",
    "FEW",
    "MODALS",
    "MOST",
    "TERM",
    "WHICH_ARTICLE",
    "WHICH_BODY",
    "Setting",
    "made_of",
    "sentences",
]

MOST = 4
"""Questions made from one article."""
FEW = 2
"""With fewer than these, it is asked too which article says a sentence: hard, and least worth."""


def made_of(article: Article, setting: Setting) -> list[Question]:
    """The questions that can be made of one article: at most MOST, the most telling kinds first.
    The same text always makes the same questions, with the same ids."""
    kinds = [
        quantity_blanks(article, setting),
        which_body(article, setting),
        which_word(article, setting),
        islice(modal(article, setting), 1),
    ]
    waiting = [list(kind) for kind in kinds]
    found: dict[str, Question] = {}
    # One of each kind before a second of any.
    while any(waiting) and len(found) < MOST:
        for kind in waiting:
            if kind and len(found) < MOST:
                question = kind.pop(0)
                found.setdefault(question.stem, question)
    if len(found) < FEW:
        found |= {one.stem: one for one in islice(which_article(article, setting), 1)}
    return list(found.values())
