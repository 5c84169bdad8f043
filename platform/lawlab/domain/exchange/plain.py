"""A plain-text question bank as people type it: stem, `A. …`, `答案：AB`, `解析：…`.

A question begins with a number (`12.`, `12、`), or after a blank line once the one before has its
answer. A heading such as `一、单选题` or a word such as `【多选】` before the stem says the type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lawlab.domain.exchange.answers import type_of
from lawlab.domain.exchange.build import MOST_CHARACTERS, Draft, build, joined, types_faults
from lawlab.domain.exchange.model import Found, ImportResult
from lawlab.domain.exchange.text import UNFINISHED

_NUMBER = re.compile(r"\s*(?:第\s*(\d{1,5})\s*题|(\d{1,5})\s*[.、．)）](?!\d))\s*[:：.、]?\s*(.*)")
_OPTION = re.compile(r"\s*[(（]?([A-Ha-hＡ-Ｈ])\s*[.、．:：)）]\s*(.*)")
_NEXT_OPTION = re.compile(r"(?<!\s)\s+(?=[(（]?[B-HＢ-Ｈ][.、．)）])")
_LABEL = re.compile(
    r"\s*[【\[]?\s*(正确答案|参考答案|标准答案|答案解析|试题解析|答案|解析|难度|章节|知识点|考点"
    r"|标签|题型|分值)\s*(?:[】\]]\s*[:：]?|[:：])\s*(.*)"
)
_ANS = re.compile(r"\s*\\ans[:：](.*)")
_HEADING = re.compile(r"\s*[一二三四五六七八九十]+\s*[、.．]\s*(\w{2,10}?题)(?:\s*[(（:：].*)?")
_KIND = re.compile(r"\s*[【\[(（〔]\s*(\w{2,10})\s*[】\])）〕]\s*(.*)", re.DOTALL)
_FIELDS = {
    **dict.fromkeys(("正确答案", "参考答案", "标准答案", "答案"), "answer"),
    **dict.fromkeys(("答案解析", "试题解析", "解析"), "explanation"),
    **dict.fromkeys(("知识点", "考点", "标签"), "tags"),
    "难度": "difficulty",
    "章节": "chapter",
    "题型": "type_word",
    "分值": "points",
}


def read_plain(text: str, types: Mapping[str, str] | None = None) -> ImportResult:
    """The questions of a text; places are the lines where they begin."""
    reader = _Reader(types or {})
    types_faults(reader.types, reader.found)
    for number, line in enumerate(text.split("\n"), 1):
        reader.take(number, line.rstrip())
    reader.close()
    if reader.found.items and not text.endswith("\n"):
        reader.found.warn(reader.found.items[-1].place, UNFINISHED)
    return reader.found.result()


class _Reader:
    """Line by line; `at` is the field that an unmarked line continues."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self.found = Found()
        self.draft: Draft | None = None
        self.fields: dict[str, str] = {}
        self.number = 0
        self.at = "stem"
        self.heading = ""
        self.blank = False

    def take(self, number: int, line: str) -> None:
        if not line.strip():
            self.blank = True
            return
        if len(line) > MOST_CHARACTERS:
            self.found.fault(f"第 {number} 行", f"这一行超过 {MOST_CHARACTERS} 个字，请分行。")
            return
        heading = _HEADING.fullmatch(line)
        if heading and type_of(heading[1], self.types):
            self.close()
            self.heading = heading[1]
        elif self._begins(line):
            self._open(number, line)
        else:
            self._continue(line)
        self.blank = False

    def close(self) -> None:
        """Ends the question that is open, if there is one."""
        draft, self.draft = self.draft, None
        if draft is None:
            return
        fields = {key: value.strip() for key, value in self.fields.items()}
        draft.stem, draft.type_word = _kind_and_stem(fields.pop("stem", ""), self.types)
        draft.type_word = fields.pop("type_word", "") or draft.type_word or self.heading
        draft.tags = tuple(re.split(r"[、,，;；]", fields.pop("tags", "")))
        for letter in [key for key in fields if len(key) == 1]:
            draft.options[letter] = fields.pop(letter)
        for key, value in fields.items():
            setattr(draft, key, value)
        if "answer" not in fields and not draft.type_word:
            self.found.fault(draft.place, "没有写答案。请另起一行写“答案：A”这样的一行。")
        else:
            build(draft, self.found, self.types)

    def _begins(self, line: str) -> bool:
        if self.draft is None:
            return True
        numbered = _NUMBER.fullmatch(line)
        if numbered and int(numbered[1] or numbered[2]) == self.number + 1:
            return self.blank or self.at != "stem"
        marked = _OPTION.fullmatch(line) or _LABEL.fullmatch(line) or _ANS.fullmatch(line)
        return self.blank and "answer" in self.fields and not marked

    def _open(self, number: int, line: str) -> None:
        self.close()
        self.draft = Draft(f"第 {number} 行")
        self.fields, self.at = {}, "stem"
        numbered = _NUMBER.fullmatch(line)
        if numbered:
            self.number = int(numbered[1] or numbered[2])
            line = numbered[3]
        self._continue(line)

    def _continue(self, line: str) -> None:
        stem, mark, answer = line.rpartition("\\ans")
        if mark and (found := _ANS.fullmatch(mark + answer)):
            if stem.strip():
                self._continue(stem)
            self._begin_field("answer", found[1].strip())
            return
        label, option = _LABEL.fullmatch(line), _OPTION.fullmatch(line)
        if label:
            self._begin_field(_FIELDS[label[1]], label[2])
        elif option and self._takes_options():
            for part in _NEXT_OPTION.split(line):
                if single := _OPTION.fullmatch(part):
                    self._begin_field(_letter(single[1]), single[2])
        else:
            self.fields[self.at] = joined(self.fields.get(self.at, ""), line)

    def _takes_options(self) -> bool:
        """Below an answer only where none stood above it: explanations speak of `A.` too."""
        if self.at == "answer":
            return "A" not in self.fields
        return self.at != "explanation" and bool(self.fields.get("stem"))

    def _begin_field(self, field: str, text: str) -> None:
        if field in self.fields and self.draft:
            name = (
                f"选项 {field}"
                if len(field) == 1
                else next(label for label, key in _FIELDS.items() if key == field)
            )
            self.found.fault(
                self.draft.place, f"这一题的{name}写了两次，两题之间可能少了题号或空行。"
            )
        self.fields[field], self.at = text, field


def _letter(mark: str) -> str:
    return chr((ord(mark) - 0xFEE0) if ord(mark) > 0xFF00 else ord(mark)).upper()


def _kind_and_stem(stem: str, types: Mapping[str, str]) -> tuple[str, str]:
    """The stem without a type word before it, and that word."""
    found = _KIND.fullmatch(stem)
    if found and type_of(found[1], types):
        return found[2], found[1]
    return stem, ""
