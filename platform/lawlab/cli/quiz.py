"""`lawlab quiz …`: from a blueprint to the report; nbgrader runs in this process."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table
from sqlalchemy.orm import Session, sessionmaker

from lawlab.cli.installation import installation
from lawlab.config import Settings
from lawlab.domain.audit import COMMAND
from lawlab.errors import Conflict, LawlabError
from lawlab.services.audit import note_alone

app = typer.Typer(help="测验：组卷、开放、收卷、判分、公布成绩。", no_args_is_help=True)
console = Console()
Assignment = Annotated[str, typer.Argument(help="测验编号，即组卷文件的名字，例如 atf-quiz-1。")]
STATES = {"built": "已组卷", "open": "答题中", "released": "已公布"}
LOOK_AGAIN = 0.5
"""Seconds between two looks at jobs that the grader process has taken."""

AT_ONCE = 40
"""Jobs taken in one round: few enough for their lease, many enough for all workers."""

# nbgrader takes a second to import: each command imports what it needs when it runs.


@app.command("build")
def build(
    file: Annotated[
        Path, typer.Argument(help="组卷文件，例如 assessments/papers/atf-quiz-1.toml。")
    ],
) -> None:
    """按组卷文件抽题，生成 nbgrader 的源笔记本。开放之前可以反复组卷。"""
    from lawlab.grading.build import write_source
    from lawlab.services.quiz_building import build_quiz
    from lawlab.services.quiz_papers import paper_of
    from lawlab.store.statutes import statutes_with

    with installation() as (settings, sessions):
        with sessions() as session:
            quiz = build_quiz(session, file, _now(), statutes_with(sessions), settings.zone)
            paper = paper_of(session, quiz.assignment)
        console.print(f"已组卷“{paper.title}”:{len(paper.slots)} 题。", markup=False)
        if not paper.mock:
            with console.status("正在生成笔记本……"):
                notebook = write_source(settings, paper)
            console.print(f"源笔记本：{notebook}", markup=False, soft_wrap=True)
        console.print(f"下一步:lawlab quiz open {quiz.assignment}", markup=False)


@app.command("open")
def open_(assignment: Assignment) -> None:
    """通过 nbgrader 发布试卷，让学员开始答题。"""
    from lawlab.grading.build import open_assignment

    with installation() as (settings, sessions):
        with console.status("nbgrader 正在发布试卷……"):
            open_assignment(sessions, settings, assignment, _now())
        console.print(f"测验“{assignment}”已开放。", markup=False)


@app.command("collect")
def collect(assignment: Assignment) -> None:
    """为到时间的人交卷，并把交换目录里的答卷收进课程文件夹。"""
    from lawlab.grading.submission import collect_all
    from lawlab.services.quizzes import close_due_sittings
    from lawlab.store.quizzes import find_quiz

    with installation() as (settings, sessions):
        with sessions() as session:
            find_quiz(session, assignment)
            session.rollback()
            closed = close_due_sittings(session, _now())
        with console.status("nbgrader 正在收卷……"):
            held = collect_all(settings, assignment)
        console.print(f"到时间自动交卷 {closed} 份，课程文件夹里共有答卷 {held} 份。")


@app.command("grade")
def grade(
    assignment: Assignment,
    again: Annotated[bool, typer.Option("--again", help="已经判过的也重新判一遍。")] = False,
) -> None:
    """判完一个测验里还没有判的答卷；教员已评的分保留。"""
    from lawlab.services.quiz_papers import ask_grading
    from lawlab.services.quizzes import close_due_sittings

    with installation() as (settings, sessions):
        with sessions() as session:
            close_due_sittings(session, _now())
            subjects = ask_grading(session, assignment, _now(), again=again)
        _run_jobs(sessions, settings, subjects)
        _bring_marks_back(sessions, settings)
        _report(sessions, subjects)


@app.command("release")
def release(
    assignment: Assignment,
    force: Annotated[
        bool, typer.Option("--force", help="还有人在答题、答卷没判完或没评完，也现在公布。")
    ] = False,
) -> None:
    """公布成绩：学员看到得分、正确答案、解析和法条。"""
    from lawlab.services.quiz_papers import release_quiz

    with installation() as (settings, sessions):
        _bring_marks_back(sessions, settings)
        with sessions() as session:
            try:
                quiz = release_quiz(session, assignment, _now(), force=force)
            except Conflict as error:
                if error.code != "not_ready":
                    raise
                hint = f"{error.sentence}一定要现在公布，请加 --force。"
                raise Conflict(error.code, hint, **error.facts) from error
        console.print(f"“{quiz.title}”的成绩已公布。", markup=False)


@app.command("list")
def list_() -> None:
    """列出所有测验和进度。"""
    from lawlab.services.quiz_papers import quiz_lines

    title = Column("标题", overflow="fold")
    table = Table("编号", title, "状态", "题数", "答题", "交卷", "待判", "待评")
    with installation() as (_, sessions), sessions() as session:
        for line in quiz_lines(session):
            counts = (line.questions, line.sitting, line.handed_in, line.ungraded)
            table.add_row(
                line.assignment,
                line.title,
                STATES[line.state],
                *(str(count) for count in (*counts, line.missing_marks)),
            )
    console.print(table if table.row_count else "还没有测验。先用 lawlab quiz build 组卷。")


@app.command("report")
def report(
    assignment: Assignment,
    out: Annotated[
        Path | None, typer.Option("--out", help="另外写进这个 .xlsx 文件：汇总、名单、试题分析。")
    ] = None,
) -> None:
    """各单位、各人群的应考、实考、及格和平均分；加 --out 得到表格。"""
    from lawlab.domain.quiz_report import COLUMN_NAMES
    from lawlab.services.quiz_results import quiz_results, quiz_statistics
    from lawlab.services.quiz_sheets import summary_rows, write_results

    if out is not None and out.suffix.lower() != ".xlsx":
        raise typer.BadParameter("文件名应以 .xlsx 结尾。", param_hint="--out")
    with installation() as (settings, sessions):
        _bring_marks_back(sessions, settings)
        with sessions() as session:
            results = quiz_results(session, assignment)
            statistics = quiz_statistics(session, assignment)
        table = Table("单位或人群", *COLUMN_NAMES.values())
        for row in summary_rows(results):
            table.add_row(*map(str, row))
        console.print(f"“{results.title}”，{results.day} 开放时的名册", markup=False)
        console.print(table)
        if out is not None:
            try:
                with sessions() as session:
                    note_alone(session, _now(), COMMAND, "quiz.export", assignment)
                write_results(results, statistics, out)
            except OSError as error:
                raise LawlabError(
                    "not_written", f"写不了 {out}：{error.strerror}。请换一个文件夹。"
                ) from error
            console.print(f"已写入 {out}。", markup=False)


def _run_jobs(sessions: sessionmaker[Session], settings: Settings, subjects: set[str]) -> None:
    """Work on the queue beside the grader process, if one runs, until nothing is under way."""
    from lawlab.grading.batch import batch
    from lawlab.grading.course import ensure_course
    from lawlab.grading.worker import run_batch
    from lawlab.services import jobs

    ensure_course(settings)
    # The workers are forked before the progress bar starts its thread.
    with batch(settings) as graders, Progress(console=console) as progress:
        bar = progress.add_task("判分", total=len(subjects))
        while True:
            with sessions() as session:
                states = jobs.states(session, "hand_in", subjects)
                session.rollback()
                taken = jobs.claim_many(session, _now(), "hand_in", subjects, AT_ONCE)
            progress.update(bar, completed=sum(s in ("done", "failed") for s in states.values()))
            if taken:
                ended = run_batch(sessions, settings, graders, taken, lambda: progress.advance(bar))
                for outcome in ended:
                    if outcome.kernel:
                        console.print(
                            f"{outcome.given.login} 的答卷改用原版 nbgrader 判：{outcome.kernel}。",
                            markup=False,
                        )
            elif "running" in states.values():
                time.sleep(LOOK_AGAIN)
            else:
                return


def _bring_marks_back(sessions: sessionmaker[Session], settings: Settings) -> None:
    from lawlab.grading.course import ensure_course
    from lawlab.grading.gradebook import read_gradebook
    from lawlab.services.quiz_grades import bring_back

    ensure_course(settings)
    readings = read_gradebook(settings)
    with sessions() as session:
        bring_back(session, readings, _now())


def _report(sessions: sessionmaker[Session], subjects: set[str]) -> None:
    from lawlab.services import jobs

    with sessions() as session:
        left = jobs.unfinished(session, "hand_in", subjects)
    console.print(f"判完 {len(subjects) - len(left)} 份，没有判完 {len(left)} 份。")
    if left:
        reasons = [f"  答卷 {job.subject}：{job.error or '还在等待'}" for job in left]
        raise LawlabError("not_graded", "\n".join(["这些答卷没有判完：", *reasons]))


def _now() -> datetime:
    return datetime.now(UTC)
