"""What the supervisor tells others: one small file in the data folder, replaced as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessState:
    """One program as the supervisor last saw it; `since` is seconds since the epoch."""

    pid: int
    since: float
    starts: int
    ready: bool
    health: str | None


@dataclass(frozen=True)
class ServeState:
    """A running `lawlab serve`. `ready`: everything answered at least once."""

    pid: int
    since: float
    url: str
    ready: bool
    programs: Mapping[str, ProcessState]


def state_file(data: Path) -> Path:
    return data / "run" / "serve.json"


def write_state(data: Path, state: ServeState) -> None:
    file = state_file(data)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(asdict(state), ensure_ascii=False), "utf-8")
    new.replace(file)


def read_state(data: Path) -> ServeState | None:
    """The state left in the data folder, or None. It may be of a supervisor that was killed; then
    `is_running` says no."""
    try:
        found = json.loads(state_file(data).read_text("utf-8"))
    except FileNotFoundError:
        return None
    found["programs"] = {name: ProcessState(**one) for name, one in found["programs"].items()}
    return ServeState(**found)


def is_running(state: ServeState) -> bool:
    """Whether the supervisor of this state is still there."""
    try:
        os.kill(state.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
