"""Settings: environment over file over default, and every fault in one sentence each."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError


def load(folder: Path, text: str = "", **env: str) -> Settings:
    (folder / "lawlab.toml").write_text(text, "utf-8")
    return load_settings({"LAWLAB_DATA": str(folder), **env})


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    settings = load(tmp_path, 'port = 9000\ntown = "甲镇"\n', LAWLAB_PORT="9100")
    assert (settings.port, settings.town, settings.host) == (9100, "甲镇", "127.0.0.1")
    assert settings.database == f"sqlite:///{tmp_path / 'lawlab.sqlite'}"


@pytest.mark.parametrize(
    ("text", "env", "says"),
    [
        ("port = [", {}, "不是有效的 TOML"),
        ('port = "abc"', {}, "“port”的值 'abc' 不对，应为整数"),
        ("town = 5", {}, "“town”的值 5 不对，应为加引号的文字"),
        ("demo = 1", {}, "“demo”的值 1 不对，应为 true 或 false"),
        ("colour = 1", {}, "“colour”不认识。可用的设置：port"),
        ("port = 80", {}, "应在 1024 到 65531 之间"),
        ("port = 65532", {}, "应在 1024 到 65531 之间"),
        ('timezone = "北京"', {}, "“北京”不对，应为时区名称"),
        ("", {"LAWLAB_PORT": "80a"}, "LAWLAB_PORT 的值“80a”不对，应为整数"),
        ("", {"LAWLAB_DEMO": "maybe"}, "LAWLAB_DEMO 的值“maybe”不对"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(
    tmp_path: Path, text: str, env: dict[str, str], says: str
) -> None:
    with pytest.raises(LawlabError) as refused:
        load(tmp_path, text, **env)
    assert refused.value.code == "bad_setting"
    assert says in refused.value.sentence


def test_all_faults_come_together(tmp_path: Path) -> None:
    with pytest.raises(LawlabError) as refused:
        load(tmp_path, 'port = "x"\ncolour = 1\n', LAWLAB_DEMO="maybe")
    assert len(refused.value.sentence.splitlines()) == 4


def test_processes_that_start_together_end_with_one_secret_of_mode_0600(tmp_path: Path) -> None:
    found: list[str] = []
    start = threading.Barrier(8)

    def read() -> None:
        start.wait()
        found.append(Settings(data=tmp_path).secrets["cookie"])

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8
    assert (tmp_path / "secrets" / "cookie").stat().st_mode & 0o777 == 0o600
