"""Writes environment.yml: what pyproject.toml asks for, at the versions of requirements.lock.

Run by `make lock`; a test says when it was forgotten.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
HEAD = """\
# The same versions as requirements.lock, for those who work with conda. Written by `make lock`.
#   conda env create --file environment.yml
name: lawlab
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def environment(pyproject: str, lock: str) -> str:
    """The text of environment.yml for these two files."""
    pins = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^\s\\]+)", lock, re.MULTILINE)
    }
    lines = []
    for text in tomllib.loads(pyproject)["project"]["dependencies"]:
        wanted = Requirement(text)
        extras = f"[{','.join(sorted(wanted.extras))}]" if wanted.extras else ""
        lines.append(f"      - {wanted.name}{extras}=={pins[canonicalize_name(wanted.name)]}\n")
    return HEAD + "".join(lines) + "      - --editable .\n"


def main() -> None:
    names = ("pyproject.toml", "requirements.lock")
    text = environment(*((ROOT / name).read_text("utf-8") for name in names))
    (ROOT / "environment.yml").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
