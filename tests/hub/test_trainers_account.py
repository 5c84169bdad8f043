"""Trainers' code under an account of its own: what it reaches, tried from a kernel of a real
trainer's server. Without root's rights nothing can be given away; the configuration is tried then.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from traitlets.config import Config
from websockets.sync.client import connect

from lawlab.accounts import (
    account_faults,
    account_warnings,
    prepare,
    share_course,
    trainers_account,
)
from lawlab.config import Settings
from lawlab.grading.course import ensure_course
from lawlab.hub.configure import configure
from lawlab.hub.trainers import write_config
from lawlab.services.draft_files import drafts_of

ROOT = os.geteuid() == 0
NOBODY = "nobody"
"""An account of every Linux, which owns nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, trainers_account=NOBODY)


def test_who_is_not_root_shares_his_account_and_is_told_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert trainers_account(settings) is None
    assert list(account_faults(settings)) == []
    (warning,) = account_warnings(settings)
    assert "不是以 root 启动" in warning
    config = Config()
    configure(config, settings)
    assert "account" not in config.TrainersSpawner
    assert config.Spawner.args == []


def test_as_root_the_account_is_used_and_root_is_not_allowed_to_be_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    config = Config()
    configure(config, settings)
    assert config.TrainersSpawner.account.name == NOBODY
    assert config.Spawner.args == []
    for wrong, says in (("root", "什么都能看"), ("no-such-account", "没有")):
        (fault,) = account_faults(Settings(data=settings.data, trainers_account=wrong))
        assert says in fault
        assert wrong in fault
    without = Config()
    configure(without, Settings(data=settings.data))
    assert "account" not in without.TrainersSpawner
    assert without.Spawner.args == ["--allow-root"]


def test_root_without_an_account_for_trainers_is_warned(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (warning,) = account_warnings(Settings(data=settings.data))
    assert "以 root 启动" in warning
    assert "trainers_account" in warning
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert list(account_warnings(Settings(data=settings.data))) == []


def test_a_folder_on_the_way_that_is_closed_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    settings.data.parent.chmod(0o700)
    faults = list(account_faults(Settings(settings.data / "data", trainers_account=NOBODY)))
    assert any("chmod o+x" in fault for fault in faults)


def test_the_data_folder_is_nobody_else_s(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    prepare(Settings(data=data))
    assert data.stat().st_mode & 0o7777 == 0o700
    if ROOT:
        prepare(Settings(data=data, trainers_account=NOBODY))
        assert data.stat().st_mode & 0o7777 == 0o711


@dataclass
class Kernel:
    """A kernel in the trainer's server, as JupyterLab opens one."""

    lab: httpx.Client
    address: str

    def run(self, code: str) -> str:
        """What `code` prints."""
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.lab.cookies.jar)
        message = {
            "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
            | {"username": "", "session": "s", "date": "2022-12-05T02:00:00Z"},
            "parent_header": {},
            "metadata": {},
            "content": {"code": code, "silent": False, "store_history": False}
            | {"user_expressions": {}, "allow_stdin": False, "stop_on_error": True},
            "channel": "shell",
        }
        said = ""
        with connect(self.address, additional_headers={"Cookie": cookies}, max_size=None) as line:
            line.send(json.dumps(message))
            while True:
                word = json.loads(line.recv(60))
                if word["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                    continue
                if word["msg_type"] == "stream":
                    said += word["content"]["text"]
                if word["msg_type"] == "error":
                    raise AssertionError("\n".join(word["content"]["traceback"]))
                # Two channels: what was printed may come after the reply, but not after this.
                if word["content"].get("execution_state") == "idle":
                    return said


ATTEMPTS = """
import json, os, signal
from pathlib import Path
data, pids, course = Path({data!r}), {pids!r}, Path({course!r})

def attempt(act):
    try:
        act()
    except PermissionError as refused:
        return "refused"
    except OSError as error:
        return f"{{type(error).__name__}} {{error}}"
    return "done"

tried = {{
    "whoami": os.getuid(), "groups": os.getgroups(),
    "rights": [l for l in open("/proc/self/status") if l.startswith(("CapEff", "NoNewPrivs"))],
}}
for name in ("secrets", "backups", "logs", "grading", "exchange", "run", "cache", "pages"):
    tried[f"list {{name}}"] = attempt(lambda: os.listdir(data / name))
for name in ("secrets/cookie", "secrets/kernel", "lawlab.sqlite", "hub.sqlite", "lawlab.toml"):
    tried[f"read {{name}}"] = attempt(lambda: (data / name).read_bytes())
    tried[f"append {{name}}"] = attempt(lambda: open(data / name, "ab"))
tried["list data"] = attempt(lambda: os.listdir(data))
tried["write beside"] = attempt(lambda: (data / "new").write_text("x"))
tried["change config"] = attempt(lambda: (data / "jupyter/jupyter_server_config.py").write_text(""))
tried["move course"] = attempt(lambda: course.rename(course.parent / "moved"))
tried["forge release"] = attempt(lambda: (course / "release" / "x").mkdir())
tried["forge submission"] = attempt(lambda: (course / "submitted" / "x").symlink_to("/"))
tried["forge course config"] = attempt(lambda: (course / "nbgrader_config.py").write_text(""))
for name, pid in pids.items():
    tried[f"environ {{name}}"] = attempt(lambda: Path(f"/proc/{{pid}}/environ").read_bytes())
    tried[f"memory {{name}}"] = attempt(lambda: open(f"/proc/{{pid}}/mem", "rb"))
    tried[f"files {{name}}"] = attempt(lambda: os.listdir(f"/proc/{{pid}}/fd"))
    tried[f"kill {{name}}"] = attempt(lambda: os.kill(pid, signal.SIGTERM))
tried["own"] = attempt(lambda: (data / "trainers" / "我的.txt").write_text("x"))
tried["draft"] = attempt(lambda: (data / "trainers/备课/courses/甲.txt").write_text("x"))
tried["edit draft"] = attempt(lambda: open(data / "trainers/备课/courses/demo/a.ipynb", "r+"))
tried["home"] = attempt(lambda: Path("~/x").expanduser().write_text("x"))
tried["read graded"] = attempt(lambda: (course / "autograded/s001/q/q.ipynb").read_text())
import sqlite3
def mark():
    with sqlite3.connect(course / "gradebook.db") as book:
        book.execute("create table if not exists proof (word text)")
        book.execute("insert into proof values ('x')")
tried["mark"] = attempt(mark)
print(json.dumps(tried))
"""


@pytest.fixture
def lab_data() -> Iterator[Path]:
    """Below /tmp itself: the folder of a test run is closed to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="lawlab-trainers-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


if ROOT:

    @pytest.mark.filterwarnings("ignore:Object of type <")  # nbgrader's own
    def test_trainers_code_reaches_what_is_theirs_and_nothing_of_the_platform_s(
        opening: Any, lab_data: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        settings = Settings(data=lab_data, trainers_account=NOBODY)
        _lay_out(settings)
        with opening(settings) as site, site.browser() as browser:
            course = site.settings.nbgrader_course
            login = site.add("t001", "learner", "trainer")
            site.add("s001")
            browser.sign_in(login)
            browser.open_lab(login)
            server = site.lab_of(login)
            assert server.uids().real == server.uids().effective == trainers_account(settings).uid
            kernel = _kernel(site, browser, login)
            pids = {name: _pid(site, name) for name in ("jupyterhub", "lawlab.api")}
            pids["test"] = os.getpid()
            code = ATTEMPTS.format(data=str(lab_data), pids=pids, course=str(course))
            tried = json.loads(kernel.run(code))
            assert tried.pop("whoami") == trainers_account(settings).uid
            assert tried.pop("groups") == []
            assert tried.pop("rights") == ["CapEff:\t0000000000000000\n", "NoNewPrivs:\t1\n"]
            theirs = {"own", "draft", "edit draft", "home", "read graded", "mark"}
            assert {name: tried.pop(name) for name in theirs} == dict.fromkeys(theirs, "done")
            assert tried == dict.fromkeys(tried, "refused")
            assert all(psutil.pid_exists(pid) for pid in pids.values())

            # The grader, root, goes on writing where the trainers have been.
            ensure_course(settings)
            with sqlite3.connect(course / "gradebook.db") as book:
                assert book.execute("select word from proof").fetchone() == ("x",)
                book.execute("insert into proof values ('y')")
            drafts_of(settings).replace(b"{}", "demo", "a.ipynb")
            assert kernel.run(f"print(open({str(_draft(settings))!r}, 'r+').read())") == "{}\n"
            _grade_by_hand(site, browser, login)

    def _lay_out(settings: Settings) -> None:
        os.umask(0o077)
        write_config(settings)
        prepare(settings)
        ensure_course(settings)
        graded = settings.nbgrader_course / "autograded" / "s001" / "q"
        graded.mkdir(parents=True)
        (graded / "q.ipynb").write_text("{}", "utf-8")
        (settings.nbgrader_course / "source" / "q").mkdir()
        share_course(settings)
        drafts_of(settings).add(b"{ }", "demo", "a.ipynb")
        for name in ("backups", "logs", "run", "cache", "pages"):
            (settings.data / name).mkdir(exist_ok=True)
        (settings.data / "lawlab.toml").write_text(f'trainers_account = "{NOBODY}"\n', "utf-8")
        _reachable_python(settings)

    def _reachable_python(settings: Settings) -> None:
        """The interpreter of a test run may lie where no other account comes: then the system's
        own takes its place, with the same libraries."""
        if not list(account_warnings(settings)):
            return
        venv = settings.data / "python"
        (venv / "bin").mkdir(parents=True)
        (venv / "bin" / "python").symlink_to("/usr/bin/python3.11")
        for name in ("lib", "share", "etc"):
            (venv / name).symlink_to(Path(sys.prefix) / name)
        (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11\n", "utf-8")
        for place in (venv, venv / "bin", venv / "pyvenv.cfg"):
            place.chmod(0o755)
        extra = settings.data / "hub.d"
        extra.mkdir()
        command = [str(venv / "bin" / "python"), "-m", "jupyterhub.singleuser"]
        (extra / "python.py").write_text(f"c.Spawner.cmd = {command!r}\n", "utf-8")

    def _draft(settings: Settings) -> Path:
        return settings.trainers_root / "备课" / "courses" / "demo" / "a.ipynb"

    def _kernel(site: Any, browser: Any, login: str) -> Kernel:
        address, number = site.url.replace("http", "ws"), browser.new_kernel(login)
        return Kernel(browser, f"{address}/user/{login}/api/kernels/{number}/channels")

    def _pid(site: Any, module: str) -> int:
        for process in psutil.process_iter(["cmdline"]):
            runs = module in (process.info["cmdline"] or [])
            if runs and process.environ().get("LAWLAB_DATA") == str(site.settings.data):
                return int(process.pid)
        raise AssertionError(module)

    def _grade_by_hand(site: Any, browser: Any, login: str) -> None:
        """A mark by formgrader, in the trainer's server, arrives in the gradebook."""
        from nbgrader.api import Gradebook

        settings = site.settings
        address = f"sqlite:///{settings.nbgrader_course / 'gradebook.db'}"
        with Gradebook(address, f"law{settings.program_year}") as book:
            book.add_assignment("q")
            book.add_notebook("q", "q")
            book.add_grade_cell("case", "q", "q", max_score=5, cell_type="markdown")
            book.add_solution_cell("case", "q", "q")
            book.add_student("s001")
            book.add_submission("q", "s001")
            grade = book.find_grade("case", "q", "q", "s001")
            number = grade.id
        base = f"/user/{login}/formgrader"
        found = browser.get(f"{base}/api/assignments", headers=browser.lab_headers(login))
        assert found.status_code == 200, (found.url, found.headers, found.text[:1500])
        assert [one["name"] for one in found.json()] == ["q"]
        reply = browser.put(
            f"{base}/api/grade/{number}",
            json={"id": number, "manual_score": 4, "extra_credit": 0},
            headers=browser.lab_headers(login),
        )
        assert reply.status_code == 200, reply.text
        with Gradebook(address, f"law{settings.program_year}") as book:
            assert book.find_grade("case", "q", "q", "s001").manual_score == 4
