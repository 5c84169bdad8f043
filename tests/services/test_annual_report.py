"""The yearly report: each figure computed a second way, the two files, the template that breaks."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from annual_town import PHONE, AnnualTown, at, random_town
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.demo import demo_roster
from lawlab.domain.annual_rows import spans
from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services import annual_chart
from lawlab.services.annual_chart import chinese_font, no_font
from lawlab.services.annual_report import (
    Made,
    faults_of,
    make_report,
    year_report,
    years_with_data,
)
from lawlab.services.annual_shipped import shipped_template
from lawlab.services.annual_template import SHIPPED, own_template, write_own_template
from lawlab.services.annual_words import placeholders
from lawlab.services.people import apply_import, plan_import
from lawlab.store.engine import make_engine, make_sessions
from lawlab.store.tables import (
    Activity,
    Answer,
    Attendance,
    Base,
    ItemVersion,
    LeaveRequest,
    Person,
    Quiz,
    Score,
)

CHINA = dt.timezone(dt.timedelta(hours=8))
NOW = dt.datetime(2026, 11, 26, 2, 0, tzinfo=dt.UTC)
COUNTED = re.compile(r"\d+(?:\.\d+)?(?:人次|人|个|场|次|份|分|%)")
"""How a figure looks in the text; years and days look otherwise."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", town="大河镇 <一&二>")


@pytest.fixture(scope="module")
def filled(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sessionmaker[Session]]:
    """A year with something of everything, for tests that only read."""
    file = tmp_path_factory.mktemp("annual") / "lawlab.sqlite"
    shutil.copy(migrated_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    made = make_sessions(engine)
    with made() as session:
        _fill(AnnualTown(session))
    yield made
    engine.dispose()


def _fill(town: AnnualTown) -> None:
    town.course()
    first = town.person("s001", "司法所", "staff", name="干部 <001>&")
    second = town.person("s002", "综治办 <A&B>", "staff", "villager")
    third = town.person("v001", "河口村", "villager")
    town.person("v002", "北社区", "villager", until=dt.date(2022, 12, 31))
    june = town.meeting(at(2022, 6, 1), organizer="司法所", title="宪法 <一> & “二”")
    july = town.meeting(at(2022, 7, 1), "drill", "河口村", online=True)
    late = town.meeting(at(2022, 12, 31, 23), "compete")
    for person, stands in ((first, "ppp"), (second, "ple"), (third, "aap")):
        words = {"p": "present", "l": "late", "e": "excused", "a": "absent"}
        for meeting, letter in zip((june, july, late), stands, strict=True):
            town.stand(meeting, person, words[letter], expected=(person, meeting) != (first, july))
    town.leave(late, second, "approved")
    town.leave(july, third, "refused")
    town.walk_in(june)
    town.meeting(at(2022, 8, 1), cancelled=True)
    town.meeting(at(2022, 8, 2), closed=False)
    town.quiz(at(2022, 9, 1), [(first, 80.0), (second, 59.0), (third, None)])
    town.study(first, 1, at(2022, 3, 1), at(2022, 3, 2))
    town.session.commit()


def make(
    sessions: sessionmaker[Session],
    settings: Settings,
    find_font: Callable[[], str] = chinese_font,
    year: int = 2022,
) -> Made:
    with sessions() as session:
        return make_report(session, settings, year, NOW, find_font)


# ---- every figure a second way, from the rows of the tables alone --------------------------------


def _year(at: dt.datetime) -> int:
    return at.astimezone(CHINA).year


def second_way(session: Session, year: int) -> dict[str, float | None]:
    """The figures, counted without the report's code, SQL of its own or the quiz report."""
    last = dt.date(year, 12, 31)

    def holds(one: Any) -> bool:
        return one.since <= last and not (one.until and one.until <= last)

    cohorts: dict[str, set[str]] = {}
    units: dict[str, str] = {}
    for person in session.scalars(select(Person)):
        gone = person.disabled_at and person.disabled_at.astimezone(CHINA).date() <= last
        mine = {one.cohort for one in person.cohorts if holds(one)}
        if mine and not (not person.active and gone):
            cohorts[person.login] = mine
            units |= {one.unit.name: one.unit.kind for one in person.units if holds(one)}
    meetings = {
        one.id: one
        for one in session.scalars(select(Activity))
        if _year(one.starts_at) == year and one.closed_at and not one.cancelled_at
    }
    kinds = Counter(one.organizer.kind if one.organizer else None for one in meetings.values())
    phases = Counter(one.phase for one in meetings.values())
    stands = [one for one in session.scalars(select(Attendance)) if one.activity_id in meetings]
    there = [one for one in stands if one.status in ("present", "late")]
    expected = Counter(one.status for one in stands if one.expected)
    times = Counter(meetings[one.activity_id].phase for one in there)
    present = expected["present"] + expected["late"]
    found: dict[str, float | None] = {
        "people": len(cohorts),
        "staff": sum("staff" in one for one in cohorts.values()),
        "villagers": sum("villager" in one for one in cohorts.values()),
        "units": len(units),
        "departments": sum(kind == "department" for kind in units.values()),
        "villages": sum(kind == "village" for kind in units.values()),
        "meetings": len(meetings),
        "by_departments": kinds["department"],
        "by_villages": kinds["village"],
        "by_town": kinds[None],
        "online_meetings": sum(one.online for one in meetings.values()),
        **{f"{one}_meetings": phases[one] for one in ("learn", "drill", "compete")},
        **{f"{one}_times": times[one] for one in ("learn", "drill", "compete")},
        "person_times": len(there),
        "attended": len({one.person_id for one in there}),
        "expected_times": expected.total(),
        "expected_there": present,
        "attendance_rate": present / expected.total() if expected else None,
        "late": expected["late"],
        "leave": expected["excused"],
        "absent": expected["absent"],
        "guests": sum(not one.expected for one in there),
        "leave_requests": sum(
            one.state == "approved" and one.activity_id in meetings
            for one in session.scalars(select(LeaveRequest))
        ),
    }
    return found | _second_quizzes(session, year) | _second_lessons(session, year)


def _second_quizzes(session: Session, year: int) -> dict[str, float | None]:
    tables = Base.metadata.tables
    sittings = session.execute(select(tables["sittings"])).mappings().all()
    grades = {
        row["sitting_id"]: row for row in session.execute(select(tables["grades"])).mappings()
    }
    people = {person.id: person for person in session.scalars(select(Person))}
    number, took, marks = 0, 0, []
    for quiz in session.scalars(select(Quiz)):
        if not quiz.opened_at or _year(quiz.opened_at) != year or quiz.state != "released":
            continue
        if quiz.blueprint["mock"]:
            continue
        day = quiz.opened_at.astimezone(CHINA).date()
        was_there = set()
        for person in people.values():
            left = person.disabled_at and person.disabled_at.astimezone(CHINA).date()
            inside = any(
                one.since <= day and (one.until is None or one.until > day)
                for one in person.cohorts
            )
            if inside and (left is None or left > day):
                was_there.add(person.id)
        number += 1
        for row in sittings:
            if row["assignment"] == quiz.assignment and row["person_id"] in was_there:
                took += 1
                grade = grades[row["id"]]
                if not grade["needs_manual"]:
                    marks.append(grade["score"])
    return {
        "quizzes": number,
        "quiz_takers": took,
        "quiz_average": sum(marks) / len(marks) if marks else None,
        "pass_rate": sum(mark >= 60 for mark in marks) / len(marks) if marks else None,
    }


def _second_lessons(session: Session, year: int) -> dict[str, float | None]:
    items = {one.id: one.item for one in session.scalars(select(ItemVersion))}
    given: dict[tuple[int, str], dict[str, dt.datetime]] = {}
    for answer in session.scalars(select(Answer).order_by(Answer.received_at)):
        place = given.setdefault((answer.person_id, answer.place), {})
        place.setdefault(items[answer.item_version_id], answer.received_at)
    done = [
        person
        for (person, place), cards in given.items()
        if _year(max(cards.values())) == year and session.get_one(Score, (person, place)).completed
    ]
    return {"lessons": len(done), "lesson_people": len(set(done))}


def test_every_figure_comes_out_the_same_a_second_way(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        _fill(AnnualTown(session))
        found = year_report(session, 2022, NOW)
        assert {name: one.value for name, one in found.figures.items()} == pytest.approx(
            second_way(session, 2022)
        )
        some = {"people": 3, "staff": 2, "villagers": 2, "meetings": 3, "person_times": 6}
        assert {name: found.figures[name].value for name in some} == some
        assert found.notes == (
            "还有 1 场活动没有结束登记，没有算进去。",
            "现场登记的 1 人次还没有对上名册，没有算进去。",
        )


def test_the_demo_roster_has_74_staff_and_50_legal_literate_people(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as session:
        roster, today = demo_roster(), dt.date(2022, 12, 31)
        plan = plan_import(session, "演示名册", roster, today)
        hashes = dict.fromkeys((row.login for row in roster.rows), "x")
        apply_import(session, "演示名册", roster, plan, hashes, now=at(2022, 12, 5), today=today)
        AnnualTown(session).meeting(at(2022, 5, 1))
        session.commit()
        figures = year_report(session, 2022, NOW).figures
        names = ("staff", "villagers", "people", "departments", "villages", "meetings")
        assert [figures[name].value for name in names] == [74, 50, 124, 10, 12, 1]


@pytest.mark.parametrize("seed", range(6))
def test_on_random_data_too_every_figure_has_the_rows_that_prove_it(
    sessions: sessionmaker[Session], seed: int
) -> None:
    with sessions() as session:
        random_town(session, seed)
        years = years_with_data(session)
        for year in (2021, 2022, 2023):
            if year not in years:
                with pytest.raises(NotFound) as refused:
                    year_report(session, year, NOW)
                assert (refused.value.code, refused.value.facts["years"]) == ("empty_year", years)
                continue
            found = year_report(session, year, NOW)
            figures = {name: one.value for name, one in found.figures.items()}
            assert figures == pytest.approx(second_way(session, year))
            for one in found.figures.values():
                if one.unit in ("场", "人次", "份") or one.name in ("people", "staff", "villagers"):
                    assert len(one.rows) == one.value, one.name


# ---- the two files -------------------------------------------------------------------------------


def notes_in(document: bytes) -> dict[int, str]:
    """Number → text of the footnotes, as Word numbers them."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        assert archive.testzip() is None
        root = parse_xml(archive.read("word/footnotes.xml"))
    texts = {
        one.get(qn("w:id")): "".join(text.text for text in one.iter(qn("w:t")))
        for one in root.findall(qn("w:footnote"))
    }
    assert len(texts) == len(root.findall(qn("w:footnote")))
    body = Document(io.BytesIO(document)).element.body
    order = [one.get(qn("w:id")) for one in body.iter(qn("w:footnoteReference"))]
    assert len(set(order)) == len(order)
    return {number: texts[one].strip() for number, one in enumerate(order, 1)}


def sheets_of(made: Made) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(made.sheets))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_footnotes_are_those_of_the_appendix_and_every_figure_has_one(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    made = make(filled, settings)
    notes, sheets = notes_in(made.document), sheets_of(made)
    assert list(sheets) == ["说明", "人员", "单位", "活动", "出勤", "请假", "测验", "课时"]
    listed = {}
    for footnotes, label, text, how, where, _rows in sheets["说明"][1:]:
        for number in footnotes.split("、") if footnotes not in ("—", "注意") else ():
            listed[int(number)] = (text, f"{label}：{how}依据：附件“{made.sheets_name}”{where}。")
    assert {number: text for number, (_, text) in listed.items()} == notes
    number = 0
    for paragraph in Document(io.BytesIO(made.document)).paragraphs:
        runs = list(paragraph._p.iter(qn("w:r")))
        for run, after in zip(runs, [*runs[1:], None], strict=True):
            text = "".join(one.text or "" for one in run.iter(qn("w:t")))
            figures = COUNTED.findall(text)
            noted = after is not None and after.find(qn("w:footnoteReference")) is not None
            assert len(figures) == noted, text
            if noted:
                number += 1
                assert text.endswith(listed[number][0])
    assert number == len(notes) > 20


def test_the_rows_that_a_figure_names_are_those_of_the_sheet(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    made = make(filled, settings)
    sheets, figures = sheets_of(made), made.report.figures

    def rows(name: str) -> list[tuple[Any, ...]]:
        one = figures[name]
        return [sheets[one.sheet][row - 1] for row in one.rows]

    assert [row[0] for row in rows("staff")] == ["s001", "s002"]
    assert {row[6] for row in rows("person_times")} == {"出勤", "迟到"}
    assert [(row[3], row[5]) for row in rows("guests")] == [("s001", "旁听")]
    assert [row[3] for row in rows("by_villages")] == ["河口村"]
    assert [row[5] for row in rows("leave_requests")] == ["已批准"]
    assert [row[5:] for row in rows("quiz_average")] == [(80, "及格"), (59, "不及格")]
    assert [row[1:] for row in rows("lessons")] == [("s001", "干部 <001>&", "爱护桥梁", "第1座桥")]
    assert figures["guests"].where == f"“出勤”表第{spans(figures['guests'].rows)}行"


def test_names_are_kept_as_they_are_and_phones_and_reasons_stay_out(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    made = make(filled, settings)
    text = "\n".join(one.text for one in Document(io.BytesIO(made.document)).paragraphs)
    assert "大河镇 <一&二>" in text
    assert "“宪法 <一> & “二””" in text
    assert "综治办 <A&B>66.7%" in text
    assert "【请填写" in text
    every = str(sheets_of(made)) + text
    assert "干部 <001>&" in every
    assert not {PHONE, "13900002222", "家里有事"} & set(re.findall(r"\d{11}|家里有事", every))
    assert not re.search("[\ue000\ue001]|{{|{%", every)


def test_a_year_with_lessons_only_reads_well(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions() as session:
        town = AnnualTown(session)
        town.course()
        town.study(town.person("s001", "司法所", "staff"), 2, at(2022, 1, 1, 0))
        session.commit()
    made = make(sessions, settings)
    lines = [one.text for one in Document(io.BytesIO(made.document)).paragraphs]
    assert "本年度没有举办大练兵活动。本年度没有公布成绩的测验。" in lines
    assert "本年度没有举办大比武活动。" in lines
    assert "本年度没有应到的人次，不计出勤率。" in lines
    assert "—" not in "".join(lines)
    assert not Document(io.BytesIO(made.document)).inline_shapes


def test_an_empty_year_says_which_years_have_anything(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    with pytest.raises(NotFound) as refused:
        make(filled, settings, year=2021)
    assert refused.value.code == "empty_year"
    assert refused.value.facts == {"year": 2021, "years": [2022]}
    assert "有记录的年份：2022。" in refused.value.sentence


# ---- the font ------------------------------------------------------------------------------------


def test_without_a_chinese_font_nothing_is_made(
    filled: sessionmaker[Session],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nowhere() -> str:
        raise no_font()

    with pytest.raises(LawlabError) as refused:
        make(filled, settings, nowhere)
    assert refused.value.code == "no_font"
    assert "fonts-noto-cjk" in refused.value.sentence
    assert "Noto Sans CJK SC" in refused.value.sentence
    assert faults_of(settings, nowhere) == [refused.value.sentence]
    monkeypatch.setattr(annual_chart, "FONTS", ("没有的字体",))
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", list)
    with pytest.raises(LawlabError, match="没有的字体"):
        chinese_font()


# ---- the template --------------------------------------------------------------------------------


def test_the_shipped_template_is_what_its_script_makes() -> None:
    assert parts(SHIPPED.read_bytes()) == parts(shipped_template())


def parts(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: etree.canonicalize(archive.read(name).decode())
            if name.endswith((".xml", ".rels"))
            else archive.read(name)
            for name in archive.namelist()
        }


def own(settings: Settings, *lines: str) -> None:
    """The town's own template with these paragraphs."""
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    path = own_template(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))


def test_the_towns_own_template_is_used_and_numbers_follow_the_text(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    path = write_own_template(settings)
    assert path.read_bytes() == SHIPPED.read_bytes()
    with pytest.raises(Conflict, match="--force"):
        write_own_template(settings)
    own(settings, "活动{{ meetings }}，干部{{ staff }}，还是{{ meetings }}。", "{{ chart }}")
    made = make(filled, settings)
    document = Document(io.BytesIO(made.document))
    assert [one.text for one in document.paragraphs] == ["活动3场，干部2人，还是3场。", ""]
    about = {row[1]: row[0] for row in sheets_of(made)["说明"][1:]}
    assert (about["学习活动"], about["干部职工"], about["法律明白人"]) == ("1、3", "2", "—")
    (picture,) = document.element.body.iter(qn("wp:docPr"))
    assert "6月应到3人次、实到2人次" in picture.get("descr")
    write_own_template(settings, force=True)
    assert path.read_bytes() == SHIPPED.read_bytes()


def test_a_figure_in_a_header_has_no_footnote_and_leaves_no_mark(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "{{ town }}：{{ staff }}"
    document.add_paragraph("{{ villagers }}")
    own_template(settings).parent.mkdir(parents=True)
    document.save(str(own_template(settings)))
    made = make(filled, settings)
    header = Document(io.BytesIO(made.document)).sections[0].header
    assert header.paragraphs[0].text == "大河镇 <一&二>：2人"
    assert list(notes_in(made.document)) == [1]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("共{{ staf }}人", "不认识的占位符：staf。"),
        ("共{{ staff }人", "写得不对"),
        ("共｛｛ staff ｝｝人", "“｛｛ staff ｝｝”里有全角的花括号"),
        ("{% if meetings %}共{{ meetings }}", "写得不对"),
        ("{{ staff.whatever }}", "用了没有的内容"),
        ("{{ staff | nothing }}", "写得不对"),
        ("{{ staff / 0 }}", "出了错"),
        ("{{ town.__class__.__mro__ }}", "算不出来"),
    ],
)
def test_a_broken_template_says_what_and_where_and_the_way_back(
    filled: sessionmaker[Session],
    settings: Settings,
    line: str,
    found: str,
) -> None:
    own(settings, "第一段", line, "第三段")
    with pytest.raises(LawlabError) as refused:
        make(filled, settings)
    assert refused.value.code == "bad_template"
    sentence = refused.value.sentence
    assert found in sentence
    assert str(own_template(settings)) in sentence
    assert "lawlab report template --force" in sentence
    assert all(name in sentence for name in placeholders())
    assert faults_of(settings, chinese_font) == [sentence]


def test_a_syntax_fault_names_its_paragraph(
    filled: sessionmaker[Session], settings: Settings
) -> None:
    own(settings, "一", "二", "三", "四", "这一段写错了{{ staff }}{% endfor %}", "六")
    with pytest.raises(LawlabError, match="在“这一段写错了"):
        make(filled, settings)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", SHIPPED.read_bytes()[:9000]])
def test_a_file_that_is_no_document_is_refused(
    filled: sessionmaker[Session], settings: Settings, content: bytes
) -> None:
    own_template(settings).parent.mkdir(parents=True)
    own_template(settings).write_bytes(content)
    with pytest.raises(LawlabError, match="不是完整的 Word 文档") as refused:
        make(filled, settings)
    assert refused.value.code == "bad_template"
