"""`lawlab course draft|diff|withdraw|restore|history`: what the trainers' desk does, by command."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.installation import database
from lawlab.domain.statute import CHINA_TIME
from lawlab.domain.statute_diff import plain_marks
from lawlab.services.draft_files import drafts_of
from lawlab.services.item_versions import COMMAND_LINE
from lawlab.services.lesson_desk import STATES, course_detail, lesson_detail
from lawlab.services.lesson_drafts import begin_course, draft_from_version
from lawlab.services.lesson_publishing import restore_lesson, withdraw_lesson
from lawlab.store.statutes import statutes_of

Slug = Annotated[str, typer.Argument(help="课程的文件夹名，例如 anti-telecom-fraud。")]
Lesson = Annotated[str, typer.Argument(help="课时的文件名，不带 .ipynb。")]
OneLesson = Annotated[str, typer.Argument(help="课时的文件名，不带 .ipynb；不写则为全部课时。")]

_SIGNS = {"changed": "改", "added": "增", "removed": "删"}


def draft(
    slug: Slug,
    lesson: Annotated[str, typer.Option("--lesson", help="只要这一课，和 --version 一起用。")] = "",
    version: Annotated[int, typer.Option("--version", help="以这一版为底稿。", min=0)] = 0,
) -> None:
    """把已发布的课程放进“备课”文件夹，作为草稿。已有的文件不动。

    写了 --lesson 和 --version，就以那一版为这一课的底稿；原来的草稿收进“旧稿”。"""
    console, now = _console(), dt.datetime.now(dt.UTC)
    if bool(lesson) != bool(version):
        raise typer.BadParameter("--lesson 和 --version 要一起写。")
    with database() as (settings, session):
        files = drafts_of(settings)
        if lesson:
            aside = draft_from_version(session, files, slug, lesson, version, now)
            kept = f"原来的草稿在“旧稿”里：{aside}。" if aside else ""
            console.print(f"{lesson} 的草稿是第 {version} 版的内容了。{kept}", markup=False)
            return
        done = begin_course(session, files, slug)
        console.print(
            f"{files.folder / slug}：放好 {len(done.written)} 个文件，"
            f"{len(done.kept)} 个本来就在，没有动。",
            markup=False,
        )


def diff(slug: Slug, lesson: OneLesson = "") -> None:
    """比较草稿和已发布的课文，并说出草稿里的问题。"""
    console, now = _console(), dt.datetime.now(dt.UTC)
    with database() as (settings, session):
        files, statutes = drafts_of(settings), statutes_of(session)
        course = course_detail(session, files, slug, statutes, now)
        for text in (*course["faults"], *course["notes"]):
            console.print(f"  {text}", markup=False)
        names = [lesson] if lesson else [line["lesson"] for line in course["lessons"]]
        for name in names:
            found = lesson_detail(session, files, slug, name, statutes, now)
            _print_lesson(console, found, full=bool(lesson))


def withdraw(
    slug: Slug,
    lesson: Lesson,
    reason: Annotated[str, typer.Option("--reason", help="为什么撤下。")],
) -> None:
    """撤下一课：学员不再看到，做过的练习和积分都还在。"""
    with database() as (settings, session):
        now = dt.datetime.now(dt.UTC)
        withdraw_lesson(session, slug, lesson, reason, settings.pages, now, by=COMMAND_LINE)
    _console().print(f"{slug}/{lesson} 已撤下。", markup=False)


def restore(slug: Slug, lesson: Lesson) -> None:
    """恢复撤下的一课。"""
    with database() as (settings, session):
        now = dt.datetime.now(dt.UTC)
        restore_lesson(session, slug, lesson, settings.pages, now, by=COMMAND_LINE)
    _console().print(f"{slug}/{lesson} 已恢复。", markup=False)


def history(slug: Slug, lesson: OneLesson = "") -> None:
    """一课的历史：哪一版、什么时候、谁发布、谁审核。"""
    console, now = _console(), dt.datetime.now(dt.UTC)
    with database() as (settings, session):
        files, statutes = drafts_of(settings), statutes_of(session)
        course = course_detail(session, files, slug, statutes, now)
        names = [lesson] if lesson else [line["lesson"] for line in course["lessons"]]
        for name in names:
            found = lesson_detail(session, files, slug, name, statutes, now)
            console.print(f"{name}：{found['title']}", markup=False)
            for event in found["history"]:
                console.print(f"  {_event(event)}", markup=False)


def _print_lesson(console: Console, found: dict[str, object], *, full: bool) -> None:
    line = [STATES[str(found["state"])]]
    relation = found["draft"]["relation"] if isinstance(found["draft"], dict) else "none"
    line.append(_RELATIONS[relation])
    console.print(f"{found['lesson']}：{found['title']}（{'，'.join(line)}）", markup=False)
    faults = found["faults"]
    assert isinstance(faults, list)
    for fault in faults:
        cell = f"第 {fault['cell']} 格：" if fault["cell"] else ""
        console.print(f"  要改：{cell}{fault['text']}", markup=False)
    changes = found["changes"]
    assert isinstance(changes, list)
    touched = [change for change in changes if change["state"] != "same"]
    if relation == "new" and not full:
        return
    for change in touched:
        text = plain_marks(change["pieces"])
        about = f"（{change['about']}）" if change["about"] else ""
        console.print(
            f"  [{_SIGNS[change['state']]}] {change['kind']}：{text}{about}", markup=False
        )


_RELATIONS = {
    "none": "没有草稿",
    "same": "草稿没有改动",
    "behind": "草稿是较早的一版",
    "changed": "草稿有修改",
    "new": "还没有发布",
}


def _event(event: dict[str, object]) -> str:
    at = dt.datetime.fromisoformat(str(event["at"])).astimezone(CHINA_TIME)
    what = f"第 {event['version']} 版 " if event["is_version"] else ""
    facts = [f"{at:%Y-%m-%d %H:%M}", f"{what}{event['action']}", str(event["by"])]
    if event["reviewer"]:
        facts.append(f"审核：{event['reviewer']}")
    if event["note"]:
        facts.append(str(event["note"]))
    return "，".join(filter(None, facts))


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)
