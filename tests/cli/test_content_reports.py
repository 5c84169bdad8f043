"""`lawlab bank stats`, `blind` and `compare`, `course check --summary`, and checks of drafts beside
what an installation has published."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from lawlab.config import REPOSITORY
from lawlab.services.checking import parse_bank, read_text
from lawlab.store.engine import migrate

BANK = REPOSITORY / "assessments" / "banks" / "anti-telecom-fraud.yaml"
QUESTIONS = parse_bank(read_text(BANK))[0].questions


def lawlab(*words: str | Path, data: Path | None = None) -> tuple[int, str, str]:
    """Exit code, output and errors of the command in an 80-column terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={"LAWLAB_DATA": str(data or "nowhere"), "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def widest(text: str) -> int:
    """Columns that the widest line takes; a Chinese character takes two."""
    wide = ("W", "F")
    return max(
        sum(2 if unicodedata.east_asian_width(c) in wide else 1 for c in line.rstrip())
        for line in text.splitlines()
    )


@pytest.fixture(scope="module")
def course(small_repository: Path) -> Path:
    return small_repository / "courses" / "anti-telecom-fraud"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, course: Path) -> Path:
    """An installation with one bank and one course."""
    data = tmp_path_factory.mktemp("installed")
    migrate(f"sqlite:///{data / 'lawlab.sqlite'}")
    assert lawlab("bank", "import", BANK, data=data)[0] == 0
    assert lawlab("course", "publish", course, "--reviewer", "审核人甲", data=data)[0] == 0
    return data


def test_stats_fit_a_terminal_and_add_up() -> None:
    code, out, _ = lawlab("bank", "stats")
    assert code == 0
    assert widest(out) <= 80
    assert "anti-telecom-fraud" in out
    assert "合计" in out
    assert "停用" not in out


def test_stats_as_json() -> None:
    code, out, _ = lawlab("bank", "stats", BANK, "--json")
    assert code == 0
    (bank,) = json.loads(out)["banks"]
    assert (bank["name"], bank["items"], bank["total"]) == (BANK.stem, len(QUESTIONS), 50)
    assert sum(bank["kinds"].values()) == len(QUESTIONS)
    assert bank["withdrawn"] is None


def test_stats_of_an_installation(installed: Path) -> None:
    code, out, _ = lawlab("bank", "stats", "--installed", data=installed)
    assert code == 0
    assert "停用" in out
    assert widest(out) <= 80


def test_a_blind_sheet_has_the_law_and_no_key() -> None:
    code, out, _ = lawlab("bank", "blind", BANK)
    assert code == 0
    for question in QUESTIONS:
        assert question.id in out
        assert question.stem in out
        assert question.explanation not in out
        assert not any(why in out for why in question.why_wrong.values())
    assert "《反电信网络诈骗法》第三十一条\n  任何单位和个人不得非法买卖" in out


def test_a_blind_sheet_is_shuffled_by_its_seed(tmp_path: Path) -> None:
    assert lawlab("bank", "blind", BANK, "--seed", "7", "--out", tmp_path / "a.txt")[0] == 0
    assert lawlab("bank", "blind", BANK, "--seed", "7", "--out", tmp_path / "b.txt")[0] == 0
    assert lawlab("bank", "blind", BANK, "--out", tmp_path / "c.txt")[0] == 0
    one, same, other = (read_text(tmp_path / f"{name}.txt") for name in "abc")
    assert one == same
    assert one != other


def test_a_blind_sheet_says_when_a_law_is_not_imported(tmp_path: Path) -> None:
    text = read_text(BANK).replace("反电信网络诈骗法#", "某镇爱护桥梁条例#")
    (tmp_path / "bank.yaml").write_text(text, "utf-8")
    code, out, _ = lawlab("bank", "blind", tmp_path / "bank.yaml")
    assert code == 0
    assert "《某镇爱护桥梁条例》第三十一条\n  （这部法律还没有导入，看不到条文。）" in out


def test_compare_prints_the_disagreements(tmp_path: Path) -> None:
    keyed = [question for question in QUESTIONS if not question.manual]
    lines = [f"{question.id} {question.answer}" for question in keyed]
    (tmp_path / "answers.txt").write_text("\n".join(lines), "utf-8")
    code, out, _ = lawlab("bank", "compare", BANK, tmp_path / "answers.txt")
    assert (code, out.startswith(f"一致 {len(keyed)} 题，不一致 0 题")) == (0, True)
    lines[0] = f"{keyed[0].id} {'A' if keyed[0].answer != 'A' else 'B'}"
    (tmp_path / "answers.txt").write_text("\n".join(lines[:-1]), "utf-8")
    code, out, _ = lawlab("bank", "compare", BANK, tmp_path / "answers.txt")
    assert code == 2
    assert f"{keyed[0].id}：题库 {keyed[0].answer}，复核 " in out
    assert f"没有作答：{keyed[-1].id}。" in out


def test_compare_names_every_faulty_line(tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text("atf-999 A\natf-001\n", "utf-8")
    code, _, error = lawlab("bank", "compare", BANK, tmp_path / "answers.txt")
    assert code == 2
    assert "answers.txt 有 2 处问题" in error


def test_a_summary_tells_what_is_covered_and_then_the_faults(tmp_path: Path, course: Path) -> None:
    folder = tmp_path / "anti-telecom-fraud"
    folder.mkdir()
    for path in course.iterdir():
        (folder / path.name).write_text(read_text(path).replace("atf-016", "atf-999"), "utf-8")
    code, out, error = lawlab("course", "check", folder, "--summary")
    assert code == 2
    assert widest(out) <= 80
    assert "没有讲到：" in out
    assert "题库里没有题目 atf-999" in error


def test_a_summary_as_json_knows_the_reviewer(installed: Path, course: Path) -> None:
    code, out, _ = lawlab("course", "check", course, "--json", "--installed", data=installed)
    (figures,) = json.loads(out)
    assert (code, figures["faults"], figures["reviewers"]) == (0, 0, ["审核人甲"])
    assert figures["coverage"]["articles_total"] == 50


def test_drafts_are_checked_beside_what_is_published(installed: Path, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    text = read_text(BANK).replace("bank: anti-telecom-fraud", "bank: draft")
    draft.write_text(text.replace("id: atf-", "id: new-"), "utf-8")
    code, _, error = lawlab("bank", "check", draft, "--installed", data=installed)
    assert code == 2
    assert "和 已发布的题库 anti-telecom-fraud 的 atf-001 问得几乎一样" in error


def test_without_an_installation_the_option_says_so(tmp_path: Path) -> None:
    code, _, error = lawlab("bank", "check", BANK, "--installed", data=tmp_path)
    assert code == 2
    assert error.strip()
