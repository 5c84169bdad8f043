"""`lawlab audit …` on a real database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from lawlab.cli import app
from lawlab.cli.audit_state import records
from lawlab.config import Settings
from lawlab.domain.sealing import Link, grouped
from lawlab.services.audit import note
from lawlab.services.sealing import seal
from lawlab.services.written_heads import write_head
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import SigninFailure

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
Change = Callable[[str], None]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    made = Settings(data=tmp_path)
    monkeypatch.setenv("LAWLAB_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    migrate(made.database)
    engine = make_engine(made.database)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()


def linked(session: Session, count: int = 3) -> list[Link]:
    links = []
    for minute in range(count):
        now = NOW + dt.timedelta(minutes=minute)
        note(session, now, "admin", "people.disable", f"s00{minute}", before=True)
        session.commit()
        links.append(link := seal(session, now))
        assert link is not None
    return links  # type: ignore[return-value]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["audit", *map(str, words)])


def test_a_look_at_untouched_records_ends_well(session: Session) -> None:
    linked(session)
    session.commit()
    shown = run("verify")
    assert shown.exit_code == 0
    assert "都对得上：3 环，3 条记录" in shown.output


def test_a_change_ends_with_2_and_says_where(session: Session) -> None:
    linked(session)
    session.execute(text("update audit_entries set subject = 's009' where id = 2"))
    session.commit()
    shown = run("verify")
    assert shown.exit_code == 2
    assert "第 2 环：2026-11-26 09:00:00 到 2026-11-26 09:01:00 之间的“操作记录”" in shown.output


def test_written_heads_are_checked(session: Session, tmp_path: Path) -> None:
    links = linked(session)
    heads = tmp_path / "heads"
    for link in links:
        write_head(link, str(heads), tmp_path / "no-log")
    assert "3 个校验码也都对得上" in run("verify", "--heads", heads).output
    typed = "-".join(grouped(links[1].head).split("-")[:4])
    assert "校验码对得上：第 2 环" in run("verify", "--head", typed).output
    wrong = run("verify", "--head", "0000-0000-0000-0000")
    assert wrong.exit_code == 2
    assert "平台里没有这个校验码" in wrong.output
    session.execute(text("delete from seals where id = 3"))
    session.commit()
    cut = run("verify", "--heads", heads)
    assert cut.exit_code == 2
    assert "最后几环被删掉了" in cut.output
    short = run("verify", "--head", "3F2A")
    assert short.exit_code == 2
    assert "至少前四组" in short.output


def test_entries_are_listed_in_words(session: Session) -> None:
    linked(session, 1)
    shown = run("list", "--action", "people", "--since", "2026-11-26", "--until", "2026-11-26")
    assert "停用" in shown.output
    assert "s000" in shown.output
    assert "没有找到" in run("list", "--actor", "t01").output


def test_the_day_fits_on_a_page(session: Session, tmp_path: Path) -> None:
    [link] = linked(session, 1)
    page = tmp_path / "page.md"
    assert run("daily", "--day", "2026-11-26", "--out", page).exit_code == 0
    text_of = page.read_text("utf-8")
    assert "停用：1" in text_of
    for group in grouped(link.head).split("-"):
        assert group in text_of
    assert grouped(link.head) in run("head").output
    assert "还没有封存过" in run("daily", "--day", "2026-11-25").output


def test_doctor_says_how_the_chain_is(session: Session, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, audit_head_file=str(tmp_path / "heads"))

    def said() -> dict[str, tuple[str, bool]]:
        found = records(settings, NOW)
        return {subject: (sentence, good) for subject, sentence, good in found}

    assert said()["存证"][1]
    for link in linked(session):
        write_head(link, settings.audit_head_file, tmp_path / "no-log")
    session.commit()
    good = said()
    assert [good[subject][1] for subject in ("存证", "存证码文件", "个人信息")] == [True] * 3
    assert "最近 3 个对得上" in good["存证码文件"][0]
    session.execute(text("update audit_entries set subject = 's009' where id = 3"))
    old = SigninFailure(login="x", device="d", address="a", at=NOW - dt.timedelta(days=9))
    session.add(old)
    session.execute(text("update seals set head = 'x' || substr(head, 2) where id = 1"))
    session.commit()
    bad = said()
    assert not any(bad[subject][1] for subject in ("存证", "存证码文件", "个人信息"))
    assert bad["存证"][0].startswith("第 1 环")
    (tmp_path / "nothing").mkdir()
    assert list(records(Settings(data=tmp_path / "nothing"), NOW)) == []
    assert list((tmp_path / "nothing").iterdir()) == []
