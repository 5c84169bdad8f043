"""`lawlab bank export` and `import --reviewer`, as people type them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from lawlab.services.content_state import set_state
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import ItemVersion

BANK = """bank: sample
law: 反电信网络诈骗法
items:
  - id: smp-001
    type: judge
    stem: 电话卡不用了，可以租给别人。
    answer: 错
    explanation: 第三十一条不许。
    articles: [反电信网络诈骗法#31]
    evidence: 不得提供实名核验帮助
    difficulty: 1
  - id: smp-002
    type: judge
    stem: 公安机关在反诈工作里起牵头的作用。
    answer: 对
    explanation: 第六条写明了。
    articles: [反电信网络诈骗法#6]
    evidence: 公安机关牵头负责
    difficulty: 2
    tags: [职责]
"""


def lawlab(data: Path, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, output and errors of the command as people run it."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *map(str, words)],
        capture_output=True,
        text=True,
        env={"LAWLAB_DATA": str(data), "COLUMNS": "200", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def data(tmp_path: Path) -> Path:
    migrate(f"sqlite:///{tmp_path / 'lawlab.sqlite'}")
    (tmp_path / "sample.yaml").write_text(BANK, "utf-8")
    words = ("bank", "import", tmp_path / "sample.yaml", "--reviewer", "审核人甲")
    assert lawlab(tmp_path, *words)[0] == 0
    return tmp_path


def test_the_reviewer_is_kept_and_without_one_nothing_is_written(data: Path) -> None:
    engine = make_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with make_sessions(engine)() as session:
        assert set(session.scalars(select(ItemVersion.reviewer))) == {"审核人甲"}
    engine.dispose()
    (data / "sample.yaml").write_text(BANK.replace("第六条写明了。", "第六条写得很明白。"), "utf-8")
    code, _, error = lawlab(data, "bank", "import", data / "sample.yaml", "--reviewer", " ")
    assert (code, "法律审核人" in error) == (2, True)
    code, out, _ = lawlab(data, "bank", "import", data / "sample.yaml")
    assert (code, out) == (0, "sample：新增 0 题，修改 1 题，未变 1 题。\n")


def test_an_export_goes_to_the_screen_or_to_a_file_and_back(data: Path) -> None:
    code, screen, error = lawlab(data, "bank", "export", "sample")
    assert (code, error) == (0, "")
    file = data / "again.yaml"
    code, out, error = lawlab(data, "bank", "export", "sample", file)
    assert (code, out, error) == (0, "", f"{file}：写了 2 题。\n")
    assert file.read_text("utf-8") == screen
    assert lawlab(data, "bank", "import", file)[1] == (
        "sample：新增 0 题，修改 0 题，未变 2 题。\n"
    )


def test_a_file_that_is_there_is_replaced_only_when_asked_to(data: Path) -> None:
    file = data / "old.yaml"
    file.write_text("旧的", "utf-8")
    code, _, error = lawlab(data, "bank", "export", "sample", file)
    assert (code, "--force" in error) == (2, True)
    assert file.read_text("utf-8") == "旧的"
    assert lawlab(data, "bank", "export", "sample", file, "--force")[0] == 0
    assert file.read_text("utf-8") == BANK  # as people write it
    code, _, error = lawlab(data, "bank", "export", "sample", data / "nowhere" / "x.yaml")
    assert (code, "写不了" in error) == (2, True)
    assert lawlab(data, "bank", "export", "nothing")[0] == 2


def test_what_is_out_of_use_is_named_and_left_out(data: Path) -> None:
    engine = make_engine(f"sqlite:///{data / 'lawlab.sqlite'}")
    with make_sessions(engine)() as session:
        ids = session.scalars(select(ItemVersion.item)).all()
        row = session.query(ItemVersion).filter_by(item="smp-001").one()
        set_state(session, "item", "smp-001", "withdrawn", "有歧义", "t01", row.published_at)
        session.commit()
    engine.dispose()
    assert sorted(ids) == ["smp-001", "smp-002"]
    _, out, error = lawlab(data, "bank", "export", "sample")
    assert "smp-001" not in out
    assert "没有写已撤下或条文已变的 1 题：smp-001。" in error
    assert "smp-001" in lawlab(data, "bank", "export", "sample", "--all")[1]
