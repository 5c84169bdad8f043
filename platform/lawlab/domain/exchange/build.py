"""From what a file says of one question to an item: type and answer read, faults named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lawlab.domain.exchange.answers import (
    RIGHT,
    WRONG,
    blanks_of,
    fill_answer,
    holes_in,
    is_truth_pair,
    letters_of,
    plain,
    truth_of,
    type_of,
)
from lawlab.domain.exchange.model import (
    LETTERS,
    TYPE_NAMES,
    TYPES,
    Found,
    ImportedItem,
    ItemType,
    short,
)

MOST_CHARACTERS = 20_000
_LEVELS = {
    **dict.fromkeys(("容易", "简单", "易", "低"), 1),
    "较易": 2,
    **dict.fromkeys(("中等", "一般", "中", "普通"), 3),
    "较难": 4,
    **dict.fromkeys(("困难", "难", "高"), 5),
}
_CHOICE = ("single", "multiple", "order")


@dataclass
class Draft:
    """One question as the file writes it. `blanks`, where given, stand instead of `answer`. `said`
    is what the file says of single options: letter → text. `refused`: why its answer cannot be read
    is among the faults already."""

    place: str
    stem: str = ""
    type_word: str = ""
    options: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    explanation: str = ""
    difficulty: str = ""
    chapter: str = ""
    tags: tuple[str, ...] = ()
    points: str = ""
    blanks: tuple[tuple[str, ...], ...] = ()
    said: dict[str, str] = field(default_factory=dict)
    refused: bool = False


def joined(text: str, line: str) -> str:
    """The text and one more line, until it is too long anyway."""
    return text if len(text) > MOST_CHARACTERS else f"{text}\n{line.strip()}".strip()


def with_feedback(explanation: str, feedback: Iterable[tuple[str, str]]) -> str:
    """The explanation and below it what was said of single answers: (answer, text)."""
    lines = [f"{letter}：{text}" for letter, text in feedback if text]
    return "\n".join(part for part in (explanation, *lines) if part)


def types_faults(types: Mapping[str, str], found: Found) -> None:
    """A person's answers must name types that exist."""
    for code, kind in types.items():
        if kind not in TYPES:
            found.fault("", f"题型“{code}”不能说明为“{kind}”，可用 {'、'.join(TYPES)}。")


def build(draft: Draft, found: Found, types: Mapping[str, str]) -> None:
    """Adds the item to `found`, or else what is wrong with it."""
    kind = _kind(draft, found, types)
    before = len(found.faults)
    if not draft.stem.strip():
        found.fault(draft.place, "没有写题干。")
    texts = (draft.stem, draft.answer, draft.explanation)
    for text in (*texts, *draft.options.values(), *draft.said.values()):
        if len(text) > MOST_CHARACTERS:
            found.fault(draft.place, f"有一段文字超过 {MOST_CHARACTERS} 个字，可能漏了引号或空行。")
    points = _points(draft, found)
    difficulty = _difficulty(draft, found)
    if kind is None or draft.refused:
        return
    options = {key: text.strip() for key, text in draft.options.items() if text.strip()}
    kind, answer, blanks = _answer(kind, draft, options, found)
    why_wrong, explanation = _said(kind, draft, options, answer)
    if len(found.faults) > before:
        return
    found.items.append(
        ImportedItem(
            place=draft.place,
            type=kind,
            stem=draft.stem.strip(),
            options=options if kind in _CHOICE else {},
            answer=answer,
            blanks=blanks,
            explanation=explanation,
            difficulty=difficulty,
            chapter=draft.chapter.strip(),
            tags=tuple(dict.fromkeys(tag.strip() for tag in draft.tags if tag.strip())),
            points=points,
            why_wrong=why_wrong,
        )
    )


def _said(
    kind: ItemType, draft: Draft, options: Mapping[str, str], answer: str
) -> tuple[dict[str, str], str]:
    """Why the wrong options are wrong, and the explanation, which keeps what is said of others."""
    said = {key: text.strip() for key, text in sorted(draft.said.items()) if text.strip()}
    choice = kind in ("single", "multiple")
    wrong = {key: said[key] for key in options if choice and key in said and key not in answer}
    names = options if kind == "judge" else {}
    rest = ((names.get(key, key), text) for key, text in said.items() if key not in wrong)
    return wrong, with_feedback(draft.explanation.strip(), rest)


def _kind(draft: Draft, found: Found, types: Mapping[str, str]) -> ItemType | None:
    word = draft.type_word.strip()
    if not word:
        return _inferred(draft)
    kind = type_of(word, types)
    if kind is None:
        code = plain(word)
        found.ask(
            code,
            f"{draft.place}的题型写着“{short(word)}”，不同系统含义不同，"
            f"请用 --type {short(code)}=single 说明（可用 {'、'.join(TYPES)}）。",
        )
    return kind


def _inferred(draft: Draft) -> ItemType:
    options = {key: text for key, text in draft.options.items() if text.strip()}
    letters = letters_of(draft.answer)
    if options:
        if is_truth_pair(options):
            return "judge"
        return "multiple" if letters and len(letters) > 1 else "single"
    if plain(draft.answer).upper() in RIGHT | WRONG:
        return "judge"
    if letters and set(letters) <= set(LETTERS) and len(set(letters)) == len(letters):
        return "multiple" if len(letters) > 1 else "single"
    return "fill" if draft.blanks or (holes_in(draft.stem) and draft.answer) else "short"


def _answer(
    kind: ItemType, draft: Draft, options: Mapping[str, str], found: Found
) -> tuple[ItemType, str, tuple[tuple[str, ...], ...]]:
    place, text = draft.place, draft.answer.strip()
    if kind in _CHOICE:
        return *_letters(kind, draft, options, found), ()
    if kind == "judge":
        return kind, _truth(text, options, place, found), ()
    if options:
        found.warn(place, f"{TYPE_NAMES[kind]}不用选项，选项没有导入。")
    if kind == "fill":
        blanks = draft.blanks or blanks_of(text)
        if not blanks:
            found.fault(place, "填空题没有写答案。各空之间用“；”，同一空的几种写法之间用“|”。")
            return kind, "", ()
        holes = holes_in(draft.stem)
        if holes and holes != len(blanks):
            found.warn(
                place,
                f"题干里有 {holes} 个空，答案里有 {len(blanks)} 个。各空之间请用“；”隔开。",
            )
        return kind, fill_answer(blanks), blanks
    if not text:
        found.warn(place, f"{TYPE_NAMES[kind]}没有参考答案，请在导入后补上。")
    return kind, text, ()


def _truth(text: str, options: Mapping[str, str], place: str, found: Found) -> str:
    answer = truth_of(text, options)
    if not text:
        found.fault(place, "没有写答案，判断题应为“对”或“错”。")
    elif answer is None:
        found.fault(
            place,
            f"判断题的答案“{short(text)}”看不懂，应为 对/错、正确/错误、√/×、T/F 或 A/B。",
        )
    elif plain(text).upper() in ("A", "B") and not options:
        found.warn(place, f"判断题的答案“{text}”按 A＝对、B＝错 读作“{answer}”，请核对。")
    return answer or ""


def _letters(
    kind: ItemType, draft: Draft, options: Mapping[str, str], found: Found
) -> tuple[ItemType, str]:
    place, text, keys = draft.place, draft.answer.strip(), sorted(options)
    name = TYPE_NAMES[kind]
    if len(keys) < 2:
        found.fault(place, f"{name}至少要有两个选项，现在有 {len(keys)} 个。")
        return kind, ""
    wanted = [chr(ord("A") + n) for n in range(len(keys))]
    if keys != wanted:
        gap = next(letter for letter in wanted if letter not in keys)
        found.fault(place, f"选项有 {'、'.join(keys)}，中间缺 {gap}。请从 A 起依次填写。")
        return kind, ""
    letters = letters_of(text)
    if not text or letters is None:
        said = f"答案“{short(text)}”看不懂" if text else "没有写答案"
        found.fault(place, f"{said}，{name}应写选项字母，如 {keys[0]} 或 {keys[0]}{keys[1]}。")
        return kind, ""
    outside = sorted(set(letters) - set(keys))
    if outside:
        found.fault(place, f"答案里的 {'、'.join(outside)} 不是选项（选项有 {'、'.join(keys)}）。")
    elif len(set(letters)) < len(letters):
        found.fault(place, f"答案“{short(text)}”里有重复的字母。")
    elif kind == "order":
        if len(letters) != len(keys):
            found.fault(place, f"排序题的答案应把 {'、'.join(keys)} 各写一次，现在是“{text}”。")
        return kind, letters
    elif kind == "single" and len(letters) > 1:
        found.fault(
            place, f"单选题有 {len(letters)} 个答案（{letters}）。请改成一个，或把题型改为多选题。"
        )
    elif kind == "multiple" and len(letters) == 1:
        if "不定项" not in draft.type_word:
            found.fault(place, f"多选题只有一个答案（{letters}）。请补全答案，或把题型改为单选题。")
        else:
            found.warn(place, f"不定项题只有一个答案（{letters}），按单选题导入。")
            return "single", letters
    return kind, "".join(sorted(letters))


def _points(draft: Draft, found: Found) -> float | None:
    text = plain(draft.points).removesuffix("分").strip()
    if not text:
        return None
    try:
        points = float(text)
    except ValueError:
        points = 0.0
    if not 0 < points <= 1000:
        found.fault(draft.place, f"分值“{short(draft.points)}”看不懂，应为大于 0 的数。")
        return None
    return points


def _difficulty(draft: Draft, found: Found) -> int | None:
    text = plain(draft.difficulty)
    if not text:
        return None
    level = _LEVELS.get(text)
    if level is None and text in ("1", "2", "3", "4", "5"):
        level = int(text)
    if level is None:
        found.warn(
            draft.place,
            f"难度“{short(text)}”不认识，没有导入。应为 1 到 5，或 易、较易、中、较难、难。",
        )
    return level
