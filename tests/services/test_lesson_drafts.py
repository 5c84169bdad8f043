"""The folder 备课: what the platform puts there, what it leaves alone, and what it never opens."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lawlab.config import Settings
from lawlab.domain.course import CourseFile
from lawlab.domain.course_text import course_toml, lesson_pattern
from lawlab.domain.lesson import read_lesson
from lawlab.errors import Conflict, FileFaults, LawlabError, NotFound
from lawlab.services import lesson_drafts
from lawlab.services.desk_overview import overview
from lawlab.services.draft_course import known_content, read_draft_course
from lawlab.services.draft_files import DraftFiles, drafts_of, lay_out
from lawlab.services.lesson_desk import course_detail
from lawlab.services.lesson_drafts import (
    begin_course,
    draft_from_version,
    draft_text,
    new_course,
    new_lesson,
    save_facts,
)
from lawlab.services.lesson_standing import standing_of
from lawlab.services.reading import make_reading_course
from lawlab.store.statutes import china_day
from lawlab.store.tables import LessonVersion

if TYPE_CHECKING:
    from conftest import Desk

FIRST, SECOND, BRIDGES = "01_first", "02_second", "某镇爱护桥梁条例"
HALF = (
    b'{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "%s"}], "metadata": {},'
    b' "nbformat": 4, "nbformat_minor": 5}'
)
"""A notebook; what is put in may hold half a character."""


def begin(desk: Desk) -> None:
    with desk.sessions() as session:
        begin_course(session, desk.files, "bridges")


def standing(desk: Desk) -> dict[str, str]:
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "bridges", known)
        now = standing_of(session, "bridges")
        return {
            stem: now.of_draft(stem, lesson.digest, lesson.base)
            for stem, lesson in draft.lessons.items()
        }


def faults(desk: Desk, stem: str = FIRST) -> list[tuple[int, str]]:
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "bridges", known)
    return [(fault.cell, fault.text) for fault in draft.lessons[stem].faults]


def about(desk: Desk) -> tuple[CourseFile | None, str]:
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "bridges", known)
    return draft.file, draft.stamp


def about_faults(desk: Desk) -> list[str]:
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        return list(read_draft_course(session, desk.files, "bridges", known).faults)


# ---- the folder ---------------------------------------------------------------------------------


def test_the_platform_lays_out_the_folder_and_a_trainers_own_files_stay(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    lay_out(settings)
    folder = settings.trainers_root / "备课"
    assert (folder / "courses").is_dir()
    assert "预览" in (folder / "说明.md").read_text("utf-8")
    paper = next((folder / "papers").glob("*.toml"))
    paper.write_text("# 我的", "utf-8")
    lay_out(settings)
    assert paper.read_text("utf-8") == "# 我的"


def test_beginning_writes_the_published_course_and_overwrites_nothing(desk: Desk) -> None:
    with desk.sessions() as session:
        done = begin_course(session, desk.files, "bridges")
    assert set(done.written) == {"course.toml", f"{FIRST}.ipynb", f"{SECOND}.ipynb"}
    assert standing(desk) == {FIRST: "same", SECOND: "same"}
    mine = desk.folder / f"{FIRST}.ipynb"
    mine.write_text("我的", "utf-8")
    (desk.folder / f"{SECOND}.ipynb").unlink()
    with desk.sessions() as session:
        again = begin_course(session, desk.files, "bridges")
    assert again.written == (f"{SECOND}.ipynb",)
    assert set(again.kept) == {"course.toml", f"{FIRST}.ipynb"}
    assert mine.read_text("utf-8") == "我的"


def test_a_new_course_has_the_pattern_of_the_house_and_says_what_is_missing(desk: Desk) -> None:
    with desk.sessions() as session:
        new_course(session, desk.files, "new-one", "新课", BRIDGES, desk.statutes, desk.now)
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "new-one", known)
        assert draft.faults == ()
        said = " ".join(fault.text for fault in draft.lessons[FIRST].faults)
        assert "没有题目 tihao-001" in said
        with pytest.raises(Conflict, match="已经有名为“new-one”的课程"):
            new_course(session, desk.files, "new-one", "新课", BRIDGES, desk.statutes, desk.now)
        with pytest.raises(NotFound):
            new_course(session, desk.files, "other", "新课", "没有的法", desk.statutes, desk.now)
        for slug in ("../x", "Upper", "", "a" * 41, "a/b"):
            with pytest.raises(LawlabError, match="文件夹名"):
                new_course(session, desk.files, slug, "新课", BRIDGES, desk.statutes, desk.now)


def test_a_new_lesson_stands_last_in_the_course(desk: Desk) -> None:
    begin(desk)
    with desk.sessions() as session:
        new_lesson(session, desk.files, "bridges", "03_third", "第三课")
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "bridges", known)
        assert draft.file
        assert draft.file.order == (FIRST, SECOND, "03_third")
        for stem in ("03_third", FIRST):
            with pytest.raises(Conflict, match="已经有"):
                new_lesson(session, desk.files, "bridges", stem, "第三课")
        with pytest.raises(LawlabError, match="文件名"):
            new_lesson(session, desk.files, "bridges", "../x", "第三课")
        with pytest.raises(LawlabError, match="名称"):
            new_lesson(session, desk.files, "bridges", "04_x", "<b>")


def test_what_a_course_says_of_itself_is_saved_unless_somebody_else_did(desk: Desk) -> None:
    begin(desk)
    facts = {"title": "爱护“桥”", "order": [SECOND, FIRST], "sources": ['条例 "一"']}
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        stamp = read_draft_course(session, desk.files, "bridges", known).stamp
        save_facts(session, desk.files, "bridges", facts, stamp)
        file = read_draft_course(session, desk.files, "bridges", known).file
        assert file
        assert (file.title, file.order, file.sources) == (
            "爱护“桥”",
            (SECOND, FIRST),
            ('条例 "一"',),
        )
        with pytest.raises(Conflict):
            save_facts(session, desk.files, "bridges", facts, stamp)
        (desk.folder / "course.toml").write_text("order = [", "utf-8")
        draft = read_draft_course(session, desk.files, "bridges", known)
        assert "读不懂" in draft.faults[0]
        with pytest.raises(FileFaults):
            new_lesson(session, desk.files, "bridges", "03_third", "第三课")


def test_two_who_write_course_toml_at_once_lose_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(desk)
    write = lesson_drafts.write_facts

    def slowly(*given: Any) -> None:
        time.sleep(0.02)
        write(*given)

    monkeypatch.setattr(lesson_drafts, "write_facts", slowly)
    stems = [f"1{n}_new" for n in range(6)]

    def add(stem: str) -> None:
        with desk.sessions() as session:
            new_lesson(session, desk.files, "bridges", stem, "新的一课")

    def save(title: str) -> bool:
        with desk.sessions() as session:
            try:
                save_facts(session, desk.files, "bridges", {"title": title}, stamp)
            except Conflict:
                return False
        return True

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, stems))
        file, stamp = about(desk)
        assert file
        assert sorted(file.order) == [FIRST, SECOND, *stems]
        assert sorted(pool.map(save, ["甲", "乙", "丙"])) == [False, False, True]


def test_a_law_for_reading_has_no_lessons_to_change(desk: Desk) -> None:
    with desk.sessions() as session:
        slug, _ = make_reading_course(session, BRIDGES, desk.statutes, "t01", desk.now)
        for step in (
            lambda: begin_course(session, desk.files, slug),
            lambda: new_lesson(session, desk.files, slug, "01_x", "一课"),
            lambda: save_facts(session, desk.files, slug, {"title": "别的"}, ""),
            lambda: course_detail(session, desk.files, slug, desk.statutes, desk.now),
            lambda: desk.publish(slug=slug),
        ):
            with pytest.raises(NotFound) as refused:
                step()
            assert refused.value.code == "no_course"
    assert not desk.files.has(slug)


# ---- faults in words ----------------------------------------------------------------------------


def test_faults_stand_beside_their_cell(desk: Desk) -> None:
    begin(desk)
    path = desk.folder / f"{FIRST}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    sources = [cell["source"] for cell in notebook["cells"]]
    notebook["cells"][sources.index('lesson.check("brg-002")')]["source"] = (
        'lesson.check("brg-999")'
    )
    notebook["cells"][sources.index(f'lesson.article("{BRIDGES}", 2)')]["source"] = (
        f'lesson.article("{BRIDGES}", 9)'
    )
    notebook["cells"][2]["source"] = "lesson.bgin()"
    desk.write(FIRST, notebook)
    found = faults(desk)
    assert (3, "没有 lesson.bgin。可用的有：" in found[0][1]) == (found[0][0], True)
    cells = {text.partition("：")[0].rstrip("。"): cell for cell, text in found}
    assert cells["题库里没有题目 brg-999"] == sources.index('lesson.check("brg-002")') + 1
    assert any(cell == 4 and "没有第 9 条" in text for cell, text in found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"cells": 3}',
        b'{"cells": [{}]}',
        b"[" * 100_000,
        b'{"cells": [], "nbformat": 4, "nbformat_minor": "5", "metadata": [1]}',
        b'{"cells": [{"cell_type": "code", "source": "x", "id": []}], "nbformat": 4}',
        HALF % rb"# a\ud800b",
        HALF % rb"lesson.takeaway('a\ud800b')",
        HALF.replace(b"markdown", b"code") % rb"lesson.takeaway('a\\ud800b')",
    ],
)
def test_half_a_file_is_said_in_a_sentence(desk: Desk, content: bytes) -> None:
    begin(desk)
    (desk.folder / f"{FIRST}.ipynb").write_bytes(content)
    assert faults(desk)
    assert all(text.endswith("。") for _, text in faults(desk))
    with desk.sessions() as session:
        (line,) = overview(session, desk.files, desk.statutes, desk.now)["courses"]
        assert line["changed"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = \n", "第 1 行第 9 列附近读不懂"),
        ("title = '课'\norder = [", "读不懂，请检查写法"),
        ("position = " + "9" * 5000, "读不懂，请检查写法"),
        ("position = " + "[" * 5000, "读不懂，请检查写法"),
    ],
)
def test_where_course_toml_cannot_be_read_is_said_in_chinese(
    desk: Desk, text: str, said: str
) -> None:
    begin(desk)
    (desk.folder / "course.toml").write_text(text, "utf-8")
    assert about_faults(desk) == [f"course.toml {said}。可以在“课程说明”里重新填写。"]
    with desk.sessions() as session, pytest.raises(FileFaults) as refused:
        new_lesson(session, desk.files, "bridges", "03_third", "第三课")
    assert refused.value.faults == [f"{said}。"]
    assert not (desk.folder / "03_third.ipynb").exists()


def test_a_card_of_another_lesson_and_a_notebook_outside_the_course_are_told(desk: Desk) -> None:
    begin(desk)
    notebook = json.loads((desk.folder / f"{SECOND}.ipynb").read_text("utf-8"))
    (desk.folder / f"{FIRST}.ipynb").unlink()
    notebook["cells"][5]["source"] = 'lesson.check("brg-001")'
    desk.write(SECOND, notebook)
    desk.write("extra", notebook)
    desk.write("01_first-Copy1", notebook)
    with desk.sessions() as session:
        known = known_content(session, desk.statutes, china_day(desk.now))
        draft = read_draft_course(session, desk.files, "bridges", known)
    # The published first lesson counts, though it has no draft.
    assert any(f"{FIRST}、{SECOND}" in fault.text for fault in draft.lessons[SECOND].faults)
    assert any("extra 还没有列入课程" in note for note in draft.notes)
    assert any("Copy1.ipynb 不算一课" in note for note in draft.notes)
    assert draft.faults == ()


# ---- versions -----------------------------------------------------------------------------------


def test_an_old_version_becomes_the_draft_and_own_work_is_put_aside(desk: Desk) -> None:
    begin(desk)
    changed = json.loads((desk.folder / f"{FIRST}.ipynb").read_text("utf-8"))
    changed["cells"][0]["source"] = "# 第一课\n\n第二版的话。"
    desk.write(FIRST, changed)
    desk.publish(FIRST)
    mine = changed | {"cells": [{**changed["cells"][0], "source": "# 我的"}, *changed["cells"][1:]]}
    desk.write(FIRST, mine)
    with desk.sessions() as session:
        aside = draft_from_version(session, desk.files, "bridges", FIRST, 1, desk.now)
        assert "我的" in (desk.folder / "旧稿" / aside).read_text("utf-8")
        # Taken up on purpose, so that it can be published: no older draft left lying.
        assert standing(desk)[FIRST] == "changed"
        assert draft_from_version(session, desk.files, "bridges", FIRST, 2, desk.now) == ""
        assert standing(desk)[FIRST] == "same"
        with pytest.raises(NotFound, match="没有第 9 版"):
            draft_from_version(session, desk.files, "bridges", FIRST, 9, desk.now)


def test_what_is_saved_while_an_old_version_becomes_the_draft_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(desk)
    path = desk.folder / f"{FIRST}.ipynb"
    add = DraftFiles.add

    def save_then_add(files: DraftFiles, *given: Any) -> bool:
        path.write_text("刚存的", "utf-8")
        return add(files, *given)

    def take_up() -> str:
        with desk.sessions() as session:
            return draft_from_version(session, desk.files, "bridges", FIRST, 1, desk.now)

    path.write_text("先存的", "utf-8")
    monkeypatch.setattr(DraftFiles, "add", save_then_add)
    with pytest.raises(Conflict, match="刚刚又在 JupyterLab 里保存过"):
        take_up()
    assert path.read_text("utf-8") == "刚存的"
    assert [old.read_text("utf-8") for old in (desk.folder / "旧稿").iterdir()] == ["先存的"]
    monkeypatch.undo()

    def text_then_save(row: LessonVersion) -> str:
        text = draft_text(row)
        path.write_text("又存的", "utf-8")
        return text

    monkeypatch.setattr(lesson_drafts, "draft_text", text_then_save)
    assert (desk.folder / "旧稿" / take_up()).read_text("utf-8") == "又存的"
    assert standing(desk)[FIRST] == "same"


def test_a_draft_left_from_an_older_version_changes_nothing_by_itself(desk: Desk) -> None:
    begin(desk)
    old = (desk.folder / f"{FIRST}.ipynb").read_text("utf-8")
    desk.write(FIRST, json.loads(old.replace("桥是大家的。", "桥是镇上的。")))
    desk.publish(FIRST)
    (desk.folder / ".bases.json").write_text(json.dumps({FIRST: 1, SECOND: 1}), "utf-8")
    (desk.folder / f"{FIRST}.ipynb").write_text(old, "utf-8")
    assert standing(desk)[FIRST] == "behind"


def test_a_draft_is_put_away_and_brought_back(desk: Desk) -> None:
    begin(desk)
    name = desk.files.put_aside("bridges", FIRST, desk.now)
    assert desk.files.notebook("bridges", FIRST) is None
    desk.files.bring_back("bridges", FIRST, name)
    assert desk.files.notebook("bridges", FIRST)
    again = desk.files.put_aside("bridges", FIRST, desk.now)
    begin(desk)
    with pytest.raises(Conflict):
        desk.files.bring_back("bridges", FIRST, again)
    for strange in (f"../{FIRST}.ipynb", f"{FIRST}-/../../x", "x", f"{FIRST}-\0"):
        with pytest.raises(NotFound):
            desk.files.bring_back("bridges", FIRST, strange)


# ---- what is never opened -----------------------------------------------------------------------


def test_links_and_strange_files_are_refused(desk: Desk, tmp_path: Path) -> None:
    begin(desk)
    secret = tmp_path / "secret.ipynb"
    secret.write_text("{}", "utf-8")
    lesson = desk.folder / f"{FIRST}.ipynb"
    lesson.unlink()
    lesson.symlink_to(secret)
    assert any("链接" in text for _, text in faults(desk))
    lesson.unlink()
    os.mkfifo(lesson)
    assert any("不是普通文件" in text for _, text in faults(desk))
    lesson.unlink()
    lesson.write_bytes(b" " * 1_000_001)
    assert any("太大" in text for _, text in faults(desk))
    lesson.unlink()
    lesson.mkdir()
    open_before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        assert any("不是普通文件" in text for _, text in faults(desk))
    assert len(list(Path("/proc/self/fd").iterdir())) < open_before + 20
    (desk.folder / "course.toml").unlink()
    (desk.folder / "course.toml").mkdir()
    assert about_faults(desk) == ["course.toml 不是普通文件，请删去。"]
    media = desk.folder / "media"
    media.symlink_to(tmp_path)
    with pytest.raises(LawlabError, match="链接"):
        desk.files.pictures("bridges")


def test_a_linked_folder_is_no_course(desk: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    desk.files.folder.mkdir(parents=True)
    (desk.files.folder / "linked").symlink_to(elsewhere)
    with pytest.raises(LawlabError, match="链接"):
        desk.files.has("linked")
    whole = Settings(data=tmp_path / "other")
    whole.trainers_root.mkdir(parents=True)
    (whole.trainers_root / "备课").symlink_to(elsewhere)
    with pytest.raises(LawlabError, match="链接"):
        drafts_of(whole).slugs()


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "a\\b", "\0", "../../etc"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    files = DraftFiles(tmp_path, "备课", "courses")
    for step in (
        lambda: files.has(name),
        lambda: files.notebook("course", f"{name}/x"),
        lambda: files.add(b"x", name, "course.toml"),
        lambda: files.put_aside("course", f"../{name}", None),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotFound):
            step()
    assert list(tmp_path.rglob("*")) == []


def test_the_pattern_of_a_lesson_is_right_but_for_its_cards() -> None:
    lesson, found = read_lesson(lesson_pattern("新的一课", "宪法"))
    assert lesson.title == "新的一课"
    assert found == ["练习题 tihao-001 用了 3 次。"]
    assert course_toml({"title": 'a"b\\', "unknown": 3, "order": []}) == 'title = "a\\"b\\\\"\n'
