"""What stands before the first article: the name of the statute, who made it and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lawlab.domain.statute import COUNTRY
from lawlab.domain.statute_dates import DATE, Dates, read_notes
from lawlab.domain.statute_lines import NUMBER, Line

KINDS = ("法律", "行政法规", "地方性法规", "党内法规", "其他")

_ENDS = (
    "法典|法|条例|规定|办法|规则|细则|章程|准则|决定|规程|通则|守则|制度|规范|标准|纲要|方案|意见"
    "|公约|解释"
)
_NAME = re.compile(rf"[^，。；：！？]{{1,76}}(?:{_ENDS})(?:（[^（）]{{1,16}}）)?")
_NEWS = re.compile("现予|现将|公布|发布|印发|已由|通过$")
_TRIAL = re.compile("（(?:试行|暂行|草案)）")
_EDITION = re.compile(r"（[^（）]*(?:\d{4}|修正|修订|修改)[^（）]*）$")
_BODY = re.compile(
    r".*(?:委员会|人民政府|人大常委会|国务院|办公厅|办公室|党委|代表大会|中共中央|[部局委厅署院])"
)
_PAPER = re.compile(r"(?:公告|令|文件)$")
_PAPER_NUMBER = re.compile(rf"[（(]?[^，。；：（）()]{{0,20}}{NUMBER}[）)〕\]]?.{{0,8}}号[）)]?")
_UNFINISHED = re.compile(r"(?:关于|的|和|与|及|以及|、|》|[省市县区州镇乡村旗]|实施|共和国)$")
_DEPENDENT = re.compile(rf"关于.*|实施.*|.{{0,2}}(?:{_ENDS})")
_ACTS = "通过|批准|审议|公布|发布|印发|颁布|修订|修正|施行"
_DATED = re.compile(rf"(?:{DATE.pattern}).{{0,60}}(?:{_ACTS}).*|(?:{DATE.pattern})")
_MOST_NOTE_LINES = 30


@dataclass(frozen=True)
class Head:
    """Name and body are empty where the file does not say them."""

    name: str
    issuer: str
    dates: Dates
    notes: tuple[str, ...]
    place: Line | None
    """Where the name stands."""


def read_head(lines: Sequence[Line]) -> Head:
    """The head of an official file."""
    titles, notes = _without_notes(lines)
    dates = read_notes(notes)
    first, last = _name_lines(titles)
    name = _tidy_name("".join(line.text for line in titles[first:last]))
    rest = [*titles[:first][::-1], *titles[last:]]
    issuer = _issuer(dates) or next(filter(None, (_body_alone(line.text) for line in rest)), "")
    return Head(name, issuer, dates, tuple(notes), titles[last - 1] if name else None)


def _without_notes(lines: Sequence[Line]) -> tuple[list[Line], list[str]]:
    """The lines that may be title or body, and the notes: （2020年7月31日…通过） over any number of
    lines, dated lines, and sentences that tell of a publication."""
    titles: list[Line] = []
    notes: list[str] = []
    open_note: list[str] = []
    for line in lines:
        text = line.text.replace("(", "（").replace(")", "）")
        if not open_note and _PAPER_NUMBER.fullmatch(text):
            continue
        if open_note or (text.startswith("（") and not _TRIAL.fullmatch(text.replace(" ", ""))):
            open_note.append(text)
            joined = "".join(open_note)
            closed = joined.count("（") <= joined.count("）")
            if closed or len(open_note) > _MOST_NOTE_LINES:
                notes.append(joined)
                open_note = []
        elif _DATED.fullmatch(text) or (DATE.search(text) and re.search(_ACTS, text)):
            notes.append(text)
        else:
            titles.append(Line(line.number, text))
    return titles, notes + ["".join(open_note)] * bool(open_note)


def _name_lines(lines: Sequence[Line]) -> tuple[int, int]:
    """Where the name begins and ends among the lines; (0, 0) when there is none."""
    last = next((n for n in reversed(range(len(lines))) if _is_name(lines[n].text)), None)
    if last is None:
        return 0, 0
    first = last
    while first and _goes_on(lines[first - 1], lines[first]):
        first -= 1
    after = last + 1
    if after < len(lines) and _TRIAL.fullmatch(lines[after].text.replace(" ", "")):
        after += 1
    return first, after


def _is_name(text: str) -> bool:
    text = text.replace(" ", "")
    return bool(_NAME.fullmatch(_bare(text))) and not _NEWS.search(text)


def _goes_on(above: Line, below: Line) -> bool:
    """True when the name begins in the line above: 中华人民共和国 / 爱护桥梁法."""
    upper, lower = above.text.replace(" ", ""), below.text.replace(" ", "")
    if re.search(r"[，。；：！？]", upper) or _NEWS.search(upper) or _PAPER.search(upper):
        return False
    if _is_name(upper) and not upper.endswith("》"):
        return False
    if lower.startswith("关于"):
        return True
    if _BODY.fullmatch(upper):
        return False
    adjacent = below.number - above.number <= 1
    return bool(_UNFINISHED.search(upper) or _DEPENDENT.fullmatch(lower) or adjacent)


def _bare(text: str) -> str:
    """《某条例》 as a whole is 某条例."""
    inside = re.fullmatch(r"《([^《》]+)》", text)
    return inside[1] if inside else text


def _tidy_name(text: str) -> str:
    return _EDITION.sub("", _bare(text.replace(" ", "")))


def _issuer(dates: Dates) -> str:
    adopters = [body for words in dates.adopters if (body := _body(words))]
    publishers = [body for words in dates.publishers if (body := _body(words))]
    if adopters and "人民代表大会" in adopters[0]:
        return adopters[0]
    return next(iter([*publishers, *adopters]), "")


def _body(words: str) -> str:
    """Who acted: 某市第十届人民代表大会第五次会议通过 is of 某市人民代表大会."""
    text = re.sub(rf"第 ?{NUMBER} ?届| ", "", words)
    text = re.split(
        rf"第 ?{NUMBER} ?次|[〔\[（(]|第? ?\d+ ?号|会议|公告|令|{_ACTS}", text, maxsplit=1
    )[0]
    text = re.sub("^(?:由|经|根据|已)", "", text)
    return text if 2 < len(text) <= 60 and _BODY.fullmatch(text) else ""


def _body_alone(text: str) -> str:
    """The body that a line names and nothing else: 某镇人民政府, 某市人民代表大会常务委员会公告."""
    parts = [_PAPER.sub("", part) for part in text.split(" ")]
    whole = "".join(parts)
    if len(whole) > 60 or re.search(r"[，。；：《》]", whole) or not _BODY.fullmatch(whole):
        return ""
    return "、".join(parts) if all(_BODY.fullmatch(part) for part in parts) else whole


def kind_of(name: str, issuer: str) -> str:
    """One of KINDS, by who made it, or by its name where that is not known."""
    if re.search("中共|中国共产党", issuer + name) or re.search("党委|党组", issuer):
        return "党内法规"
    if issuer.removeprefix(COUNTRY) in {"全国人民代表大会", "全国人民代表大会常务委员会"}:
        return "法律"
    if issuer.removeprefix(COUNTRY) == "国务院":
        return "行政法规"
    if re.search("人民代表大会|人大常委会", issuer):
        return "地方性法规"
    if issuer:
        return "其他"
    if name.startswith(COUNTRY):
        return "行政法规" if name.endswith("条例") else "法律" if name.endswith("法") else "其他"
    return "地方性法规" if re.match(r".{1,12}?[省市区州县旗].*条例", name) else "其他"
