"""Moodle's Aiken format: a stem, lines `A. …` or `A) …`, and `ANSWER: A`."""

from __future__ import annotations

import re

from lawlab.domain.exchange.build import Draft, build, joined
from lawlab.domain.exchange.model import Found, ImportResult, short
from lawlab.domain.exchange.text import UNFINISHED

_OPTION = re.compile(r"\s*([A-Za-z])[.)]\s+(.*)")
_ANSWER = re.compile(r"\s*ANSWER\s*[:：]\s*(.*)", re.IGNORECASE)


def read_aiken(text: str) -> ImportResult:
    """The choice questions of an Aiken file; a question with several letters is a multiple one."""
    found = Found()
    draft: Draft | None = None
    answered = False
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        draft = draft or Draft(f"第 {number} 行")
        if answer := _ANSWER.fullmatch(line):
            draft.answer = answer[1].strip()
            build(draft, found, {})
            draft, answered = None, number == len(lines)
        elif option := _OPTION.fullmatch(line):
            letter = option[1].upper()
            if letter in draft.options:
                found.fault(
                    f"第 {number} 行", f"选项 {letter} 写了两次，上一题可能漏了 ANSWER: 行。"
                )
            draft.options[letter] = option[2]
        elif draft.options:
            found.fault(
                f"第 {number} 行",
                f"“{short(line)}”应为选项（如 A. …）或答案（ANSWER: A）。选项只能写一行。",
            )
            draft = Draft(f"第 {number} 行", stem=line.strip())
        else:
            draft.stem = joined(draft.stem, line)
    if draft:
        found.fault(draft.place, f"“{short(draft.stem)}”没有 ANSWER: 行，文件可能不完整。")
    elif answered:
        found.warn(f"第 {len(lines)} 行", UNFINISHED)
    return found.result()
