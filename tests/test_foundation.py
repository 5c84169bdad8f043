"""What holds for the tree as a whole: its shape, its locks, and what may never be committed."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = {
    "",
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".lock",
    ".ipynb",
    ".sh",
    ".js",
    ".css",
}
TEXT |= {".html", ".j2", ".service", ".txt", ".mako", ".ini", ".cfg", ".xml", ".svg"}


def tracked() -> list[Path]:
    """Every file that is or may be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:  # an unpacked archive, without its history
        skipped = {".git", ".venv", "node_modules", "data", "__pycache__"}
        return [f for f in ROOT.rglob("*") if f.is_file() and not skipped & set(f.parts)]
    names = listing.stdout.decode("utf-8").split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    for file in tracked():
        if file.suffix in TEXT and file != Path(__file__):
            yield str(file.relative_to(ROOT)), file.read_text("utf-8")


def found(pattern: str) -> list[str]:
    """`file:line` of every match in the tree."""
    rule = re.compile(pattern)
    return [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if rule.search(line)
    ]


def notebooks() -> list[Path]:
    return [file for file in tracked() if file.suffix == ".ipynb"]


def load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_platform_is_a_folder_and_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "platform.py").exists()
    assert [file.parent.name for file in (ROOT / "platform").glob("*/__init__.py")] == ["lawlab"]


def test_no_index_and_no_machine_is_named() -> None:
    # Brackets, so that this file names none either.
    hosts = r"py[p]i\.org|python[h]osted|registry\.[n]pmjs|deb\.[d]ebian|conda\.[a]naconda"
    assert found(hosts) == []
    assert found(r"--(extra-)?index-url|--find-links") == []
    assert found(r"(?<![\w.])/(work|farm)/") == []
    assert found(r'"resolved": ') == []


def test_no_secret_is_committed() -> None:
    names = [file.name for file in tracked()]
    bad = {".env", "id_rsa", "jupyterhub_cookie_secret", "lawlab.sqlite", "jupyterhub.sqlite"}
    assert bad.isdisjoint(names)
    assert [name for name in names if name.endswith((".pem", ".key", ".sqlite", ".db"))] == []
    assert found(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}|ghp_\w{36}") == []
    locks = {"requirements.lock", "requirements-dev.lock", "tests/store/fingerprints.json"}
    keys = [place for place in found(r"\b[0-9a-f]{64}\b") if place.partition(":")[0] not in locks]
    assert keys == []


@pytest.mark.parametrize("file", notebooks(), ids=lambda file: file.name)
def test_a_notebook_has_no_outputs_and_every_cell_an_id(file: Path) -> None:
    notebook = json.loads(file.read_text("utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)
    cells = notebook["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)


def test_domain_imports_the_standard_library_and_itself() -> None:
    """And `fsrs` in one adapter: a rule engine that reads neither clock nor disk."""
    foreign = []
    for file in (ROOT / "platform" / "lawlab" / "domain").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign += [
                f"{file.name}: {name}"
                for name in names
                if name.partition(".")[0] not in sys.stdlib_module_names
                and not name.startswith(("lawlab.domain", "lawlab.errors"))
            ]
    assert foreign == ["drill.py: fsrs"]


def test_dependencies_point_one_way() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_only_these_modules_read_the_environment() -> None:
    readers = {
        str(file.relative_to(ROOT / "platform" / "lawlab"))
        for file in (ROOT / "platform" / "lawlab").rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", file.read_text("utf-8"))
    }
    allowed = {
        "config.py",  # the settings
        "client/api.py",  # in a kernel: the token of its person
        "supervise/programs.py",  # an allow-list for the programs
        "learn/kernels.py",  # an allow-list for the kernels
        "services/execution.py",  # the same for the kernel that tries lessons
        "grading/course.py",  # a path for the command that nbgrader calls
        # A kernel's environment is handed on, whoever asked for it; none of it is a setting.
        "kernels/forks.py",
        "kernels/parent.py",
        "kernels/provisioner.py",
        "testing.py",
    }
    assert readers <= allowed, readers - allowed


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_everything_by_hash(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 100
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert [block.splitlines()[0] for block in blocks if "==" not in block.splitlines()[0]] == []
    assert "://" not in text


def test_the_locks_agree_and_know_every_dependency() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\]+)", text, re.MULTILINE))

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run.items() <= dev.items()

    def name(wanted: str) -> str:
        found = re.match(r"[A-Za-z0-9_.-]+", wanted)
        assert found is not None
        return re.sub(r"[-_.]+", "-", found[0]).lower()

    known = {re.sub(r"[-_.]+", "-", pin).lower() for pin in run}
    assert {name(wanted) for wanted in project["dependencies"]} <= known
    known |= {re.sub(r"[-_.]+", "-", pin).lower() for pin in dev}
    assert {name(wanted) for wanted in project["optional-dependencies"]["dev"]} <= known


def test_conda_gets_the_versions_of_the_lock() -> None:
    conda = load(ROOT / "platform" / "deploy" / "conda.py")
    wanted = conda.environment(
        (ROOT / "pyproject.toml").read_text("utf-8"),
        (ROOT / "requirements.lock").read_text("utf-8"),
    )
    assert (ROOT / "environment.yml").read_text("utf-8") == wanted, "run `make lock`"


def test_the_proxy_is_pinned_by_hash_and_names_no_address() -> None:
    lock = json.loads((ROOT / "platform" / "proxy" / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if not one.get("integrity")] == []
    assert [name for name, one in packages.items() if "resolved" in one] == []
    wanted = json.loads((ROOT / "platform" / "proxy" / "package.json").read_text("utf-8"))
    for name, version in wanted["dependencies"].items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_the_commands_that_others_call_are_there() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    assert {"run", "test", "check", "bench", "lock"} <= targets
    ci = ROOT / ".ci" / "run"
    assert ci.stat().st_mode & 0o111
    assert "make test" in ci.read_text("utf-8")


def test_every_command_of_lawlab_is_there_and_helps_in_chinese() -> None:
    from typer.main import get_command
    from typer.testing import CliRunner

    from lawlab.cli import COMMANDS, app

    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0, result.output
    for name in COMMANDS:
        assert name in result.output
    assert get_command(app) is not None


def test_chinese_sentences_have_full_width_punctuation() -> None:
    # Narrow marks between Chinese characters look wrong on every page. Tests hold rosters as towns
    # bring them, and this file's own pattern.
    narrow = found(r"[一-鿿”》][,;!?](?=[一-鿿“《])")
    assert [
        place
        for place in narrow
        if not place.startswith(("tests/", "platform/lawlab/domain/statute_rows"))
    ] == []
