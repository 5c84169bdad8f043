"""The Word template of the yearly report: the shipped one, or the town's own in its place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lawlab.config import Settings
from lawlab.errors import Conflict, LawlabError
from lawlab.services.annual_words import placeholders

SHIPPED = Path(__file__).parent / "templates" / "annual_report.docx"
OWN = Path("templates") / "annual_report.docx"
"""Below the data folder."""


@dataclass(frozen=True)
class ReportTemplate:
    path: Path
    content: bytes


def own_template(settings: Settings) -> Path:
    """Where the town's own template lies, or would lie."""
    return settings.data / OWN


def template_of(settings: Settings) -> ReportTemplate:
    """The town's own template, or the shipped one. Raises LawlabError `bad_template` for one that
    cannot be read."""
    path = own_template(settings)
    if not path.exists():
        path = SHIPPED
    try:
        return ReportTemplate(path, path.read_bytes())
    except OSError as error:
        raise bad_template(path, f"文件读不出来：{error.strerror}。") from error


def write_own_template(settings: Settings, *, force: bool = False) -> Path:
    """Put a copy of the shipped template where the town edits it. Raises Conflict
    `template_exists` unless forced, LawlabError `no_file`."""
    path = own_template(settings)
    if path.exists() and not force:
        raise Conflict(
            "template_exists",
            f"已经有 {path}，没有改动它。要换成随平台带来的样子，请加 --force；"
            "您改过的内容会没有，请先另存一份。",
        )
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(SHIPPED.read_bytes())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise LawlabError("no_file", f"写不了 {path}：{error.strerror}。") from error
    return path


def bad_template(path: Path, found: str) -> LawlabError:
    """What is wrong with a template, what it may name, and the way back."""
    return LawlabError(
        "bad_template",
        f"报告模板 {path} 不能用，没有生成报告。{found}\n"
        f"可以用的占位符：{'、'.join(placeholders())}。\n"
        "用 Word 改好后再来一次。要换回随平台带来的模板，请把这个文件改名或删除，"
        "或者运行 lawlab report template --force。",
        file=str(path),
        found=found,
    )
