"""`lawlab bank blind` and `compare`: a second reader answers from the law alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lawlab.cli.publishing import Installed, known_statutes
from lawlab.domain.bank import Bank
from lawlab.domain.question import TYPE_NAMES, Question
from lawlab.domain.second_reading import Comparison, compare, read_answers, shuffled
from lawlab.domain.statute import ArticleRef, number_title
from lawlab.errors import FileFaults, LawlabError
from lawlab.services.checking import parse_bank, read_text
from lawlab.store.statutes import Statutes

BankFile = Annotated[Path, typer.Argument(help="题库文件。")]


def blind(
    file: BankFile,
    out: Annotated[
        Path | None, typer.Option("--out", help="写进这个文件；不写则显示在屏幕上。")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="决定题目次序的号码。")] = 1,
    installed: Installed = False,
) -> None:
    """给复核人的卷子：有题目和条文，没有答案和解析。"""
    bank = _bank(file)
    with known_statutes(installed) as statutes:
        text = "\n".join(_sheet(bank, seed, statutes))
    if out is None:
        print(text)
        return
    out.write_text(text + "\n", "utf-8")
    print(f"已写入 {out}：{len(bank.questions)} 题。")


def compare_answers(
    file: BankFile,
    answers: Annotated[Path, typer.Argument(help="复核人的答案，每行“题号 答案”，如 civ-001 B。")],
) -> None:
    """列出复核人的答案和题库答案不一致的题。

    有不一致时，退出码为 2。"""
    questions = _bank(file).questions
    given, faults = read_answers(read_text(answers), questions)
    if faults:
        raise FileFaults(answers.name, faults)
    found = compare(questions, given)
    _print(Console(highlight=False, soft_wrap=True), found)
    if found.disagreements:
        raise typer.Exit(2)


def _bank(file: Path) -> Bank:
    bank, faults = parse_bank(read_text(file))
    if not bank.questions:
        raise FileFaults(file.name, faults)
    return bank


def _sheet(bank: Bank, seed: int, statutes: Statutes) -> list[str]:
    lines = [
        f"题库 {bank.slug}（{bank.law}）复核卷：{len(bank.questions)} 题，次序号 {seed}",
        "请只看条文作答。每行写一题：题号 答案。例如：",
        "  civ-001 B        civ-002 ABD        civ-003 对",
        "填空题各空之间写“；”，排序题按正确的顺序写字母。",
        "案例分析题和简答题不用写答案，请看条文能不能回答它的问题。",
    ]
    for number, question in enumerate(shuffled(bank.questions, seed), 1):
        lines += ["", "─" * 40, *_question(number, question, statutes)]
    return lines


def _question(number: int, question: Question, statutes: Statutes) -> list[str]:
    lines = [f"{number}. {question.id}　{TYPE_NAMES[question.type]}", question.stem]
    lines += [f"  {letter}. {text}" for letter, text in question.options.items()]
    for ref in map(ArticleRef.parse, question.articles):
        lines += ["", f"《{ref.law}》{number_title(ref.key)}"]
        try:
            lines += [f"  {paragraph}" for paragraph in statutes.cited(str(ref)).paragraphs]
        except LawlabError as error:
            missing = "这部法律还没有导入，看不到条文。"
            lines.append(f"  （{missing if error.code == 'no_law' else error.sentence}）")
    return lines


def _print(console: Console, found: Comparison) -> None:
    for row in found.disagreements:
        console.print(f"{row.item}：题库 {row.key}，复核 {row.answer}", markup=False)
    console.print(
        f"一致 {found.agreed} 题，不一致 {len(found.disagreements)} 题，"
        f"没有作答 {len(found.unread)} 题，案例分析题和简答题 {len(found.cases)} 题不比较。",
        markup=False,
    )
    if found.unread:
        console.print(f"没有作答：{'、'.join(found.unread)}。", markup=False)
