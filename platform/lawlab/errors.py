"""One family of errors. Tests assert the `code`; people read the sentence; the log has the rest.

A sentence is Chinese where a learner, trainer or admin reads it: what was found, where, what is
allowed, what to do.
"""

from __future__ import annotations

from collections.abc import Iterable


class LawlabError(Exception):
    """Base of all errors that a person may read.

    `code` is stable and English; `sentence` is for people; `facts` are for the caller (a form that
    marks the faulty field, a client that waits `retry_after` seconds).
    """

    status = 400

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.facts = facts


class NotFound(LawlabError):
    """The thing asked for does not exist, or not for this person."""

    status = 404


class Refused(LawlabError):
    """The person is known and may not do this."""

    status = 403


class Conflict(LawlabError):
    """The request contradicts what is already stored."""

    status = 409


class TooMany(LawlabError):
    """A limit is reached for now; `facts["retry_after"]` holds seconds when a wait helps."""

    status = 429


class FileFaults(LawlabError):
    """All faults of one file, roster or blueprint together; nothing was written."""

    status = 422

    def __init__(self, where: str, faults: Iterable[str]) -> None:
        self.where = where
        self.faults = list(faults)
        super().__init__(
            "file_faults",
            f"{where} 有 {len(self.faults)} 处问题，没有保存任何内容：\n"
            + "\n".join(f"  {n}. {fault}" for n, fault in enumerate(self.faults, 1)),
            faults=self.faults,
        )
