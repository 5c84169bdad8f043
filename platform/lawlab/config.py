"""Settings: read once by the entry point, from the environment over `lawlab.toml` over defaults.

Nothing else reads `os.environ` for settings; every factory takes a `Settings`.
"""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from lawlab.domain.attendance import Rules
from lawlab.errors import LawlabError

REPOSITORY = Path(__file__).resolve().parents[2]
"""Where `courses/`, `assessments/`, `voila_apps/` and `platform/` lie."""

DEFAULT_PORT = 8000

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that only this machine's own browsers reach."""

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Settings:
    """Where this installation lives and how it is reached. All paths are absolute."""

    data: Path
    port: int = DEFAULT_PORT
    host: str = "127.0.0.1"
    database_url: str = ""
    demo: bool = False
    timezone: str = "Asia/Shanghai"
    town: str = "大河镇"
    program_year: int = 2022
    address: str = ""
    lan_trial: bool = False
    tls_certificate: str = ""
    tls_key: str = ""
    trainers_account: str = ""
    api_processes: int = 1
    learn_shards: int = 1
    backup_folder: str = ""
    backup_hour: int = 2
    backup_keep: int = 14
    audit_head_file: str = ""
    keep_signins_days: int = 180
    kernel_cap_total: int = 160
    kernel_cap_person: int = 2
    cull_disconnected_s: int = 180
    cull_idle_s: int = 1800
    checkin_opens_minutes: int = 30
    checkin_present_minutes: int = 15
    checkin_late_minutes: int = 30
    points_present: int = 2
    points_late: int = 1
    points_excused: int = 1
    points_absent: int = 0

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the platform's database."""
        return self.database_url or f"sqlite:///{self.data / 'lawlab.sqlite'}"

    @property
    def public_url(self) -> str:
        """What people's browsers open; no trailing slash."""
        return self.address or self.own_url

    @property
    def own_url(self) -> str:
        """The proxy as this machine itself reaches it; no trailing slash."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        scheme = "https" if self.tls_certificate else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def scheme(self) -> str:
        """How people's browsers come here: `https`, also when a front does the encryption."""
        return self.public_url.partition(":")[0]

    # Internal listeners stand on the ports after the public one, all on loopback, so that two
    # installations on one machine need only two public ports, ten apart; with several processes of
    # a kind, `port_count` apart.
    @property
    def proxy_api_port(self) -> int:
        return self.port + 1

    @property
    def hub_port(self) -> int:
        return self.port + 2

    @property
    def learn_port(self) -> int:
        return self.port + 3

    @property
    def api_port(self) -> int:
        return self.port + 4

    @property
    def learn_ports(self) -> tuple[int, ...]:
        """The port of each shard of `learn`, the first one's first."""
        return self.learn_port, *range(self.port + 5, self.port + 4 + self.learn_shards)

    @property
    def api_own_ports(self) -> tuple[int, ...]:
        """Of several API processes, the port on which each answers alone; all share `api_port`.
        Empty when there is one."""
        first = self.port + 4 + self.learn_shards
        return tuple(range(first, first + self.api_processes)) if self.api_processes > 1 else ()

    @property
    def port_count(self) -> int:
        """How many ports in a row are used, from the public one on."""
        return _port_count(self.api_processes, self.learn_shards)

    @property
    def hub_api_url(self) -> str:
        """The Hub's REST API, reached directly and not through the proxy."""
        return f"http://127.0.0.1:{self.hub_port}/hub/api"

    @property
    def api_url(self) -> str:
        """lawlab's API, reached directly and not through the proxy."""
        return f"http://127.0.0.1:{self.api_port}/services/api"

    @property
    def pages(self) -> Path:
        """Published lessons as notebooks, written by publishing and read by `learn`."""
        return self.data / "pages"

    @property
    def nbgrader_course(self) -> Path:
        """The nbgrader course of the program year: source/, release/, submitted/, autograded/ …"""
        return self.data / "trainers" / f"law{self.program_year}"

    @property
    def trainers_root(self) -> Path:
        """Root of the trainers' JupyterLab; formgrader needs the course below it."""
        return self.data / "trainers"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def attendance_rules(self) -> Rules:
        """What a new activity is planned with."""
        return Rules(
            self.checkin_opens_minutes,
            self.checkin_present_minutes,
            self.checkin_late_minutes,
            (self.points_present, self.points_late, self.points_excused, self.points_absent),
        )

    @cached_property
    def secrets(self) -> Mapping[str, str]:
        """Secrets made at first use, one file of mode 0600 each: `cookie`, `kernel`, `proxy`,
        `check-in`, `service-learn`, `service-api`, `service-grader`."""
        return {name: _secret(self.data / "secrets" / name) for name in SECRET_NAMES}


SECRET_NAMES = (
    "cookie",
    "kernel",
    "proxy",
    "check-in",
    "service-learn",
    "service-api",
    "service-grader",
)


def learn_prefix(shard: int) -> str:
    """Below which address a shard of `learn` is reached: the first at that of the service."""
    return f"/services/learn/s{shard}/" if shard else "/services/learn/"


def load_settings(env: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read settings from `LAWLAB_*` variables over `<data>/lawlab.toml` over defaults.

    Raises LawlabError `bad_setting` that names every wrong one, and what is allowed.
    """
    root = (data or Path(env.get("LAWLAB_DATA", "data"))).resolve()
    file = root / "lawlab.toml"
    values, faults = _read_file(file)
    for name, kind in _FIELDS.items():
        if text := env.get(f"LAWLAB_{name.upper()}"):
            value = _parse(text, kind)
            if value is None:
                faults.append(f"LAWLAB_{name.upper()} 的值“{text}”不对，应为{_KINDS[kind]}。")
            values[name] = value
    faults += _value_faults(values)
    if faults:
        raise LawlabError("bad_setting", "设置有问题，没有启动：\n" + "\n".join(faults))
    return Settings(data=root, **values)


def _read_file(file: Path) -> tuple[dict[str, Any], list[str]]:
    if not file.exists():
        return {}, []
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [f"{file} 不是有效的 TOML 文件：{error}。"]
    faults = []
    for name, value in values.items():
        if name not in _FIELDS:
            faults.append(f"{file} 里的“{name}”不认识。可用的设置：{'、'.join(_FIELDS)}。")
        elif type(value) is not _FIELDS[name]:
            wanted = _KINDS[_FIELDS[name]]
            faults.append(f"{file} 里“{name}”的值 {value!r} 不对，应为{wanted}。")
    return {name: value for name, value in values.items() if name in _FIELDS}, faults


def _parse(text: str, kind: type) -> Any:
    """The value in a variable's text, or None when it is none of that kind."""
    if kind is bool:
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            text.lower()
        )
    if kind is int:
        return int(text) if text.removeprefix("-").isdecimal() else None
    return text


def _value_faults(values: Mapping[str, Any]) -> list[str]:
    faults = []
    port = values.get("port")
    # The ports after it are used too.
    most = 65_536 - _port_count(values.get("api_processes"), values.get("learn_shards"))
    if isinstance(port, int) and not 1024 <= port <= most:
        faults.append(f"port 的值 {port} 不对，应在 1024 到 {most} 之间。")
    zone = values.get("timezone")
    if isinstance(zone, str) and zone not in available_timezones():
        faults.append(f"timezone 的值“{zone}”不对，应为时区名称，如 Asia/Shanghai。")
    address = values.get("address")
    if isinstance(address, str) and address and not _ADDRESS.fullmatch(address):
        faults.append(
            f"address 的值“{address}”不对，应为大家输入的网址，如 https://fazhi.example.cn，"
            "后面不带 / 。"
        )
    for name, (least, most) in _BOUNDS.items():
        if name in values and isinstance(values[name], int) and not least <= values[name] <= most:
            faults.append(f"{name} 的值 {values[name]} 不对，应在 {least} 到 {most} 之间。")
    for name in (name for name in values if name.startswith(("checkin_", "points_"))):
        most = 240 if name.startswith("checkin_") else 100
        if isinstance(values[name], int) and not 0 <= values[name] <= most:
            faults.append(f"{name} 的值 {values[name]} 不对，应在 0 到 {most} 之间。")
    present, late = (
        values.get(name, getattr(Settings, name))
        for name in ("checkin_present_minutes", "checkin_late_minutes")
    )
    if isinstance(present, int) and isinstance(late, int) and present > late:
        faults.append(
            f"checkin_present_minutes（{present}）不能大于 checkin_late_minutes（{late}）。"
        )
    return faults


def _port_count(api_processes: object, learn_shards: object) -> int:
    """Anything but a number above one counts as one; a wrong number has a sentence of its own."""
    api = api_processes if isinstance(api_processes, int) and api_processes > 1 else 0
    shards = learn_shards if isinstance(learn_shards, int) and learn_shards > 1 else 1
    return 4 + shards + api


_BOUNDS = {
    "api_processes": (1, 16),
    "learn_shards": (1, 16),
    "backup_hour": (0, 23),
    "backup_keep": (1, 400),
    "keep_signins_days": (7, 3650),
}

_KINDS = {int: "整数", str: "加引号的文字", bool: " true 或 false"}

_FIELDS: dict[str, type] = {
    "port": int,
    "host": str,
    "database_url": str,
    "demo": bool,
    "timezone": str,
    "town": str,
    "program_year": int,
    "address": str,
    "lan_trial": bool,
    "tls_certificate": str,
    "tls_key": str,
    "trainers_account": str,
    "api_processes": int,
    "learn_shards": int,
    "backup_folder": str,
    "backup_hour": int,
    "backup_keep": int,
    "audit_head_file": str,
    "keep_signins_days": int,
    "kernel_cap_total": int,
    "kernel_cap_person": int,
    "cull_disconnected_s": int,
    "cull_idle_s": int,
    "checkin_opens_minutes": int,
    "checkin_present_minutes": int,
    "checkin_late_minutes": int,
    "points_present": int,
    "points_late": int,
    "points_excused": int,
    "points_absent": int,
}


def _secret(path: Path) -> str:
    """Read a secret, or make it. Those who make it at the same moment end with the same one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
            os.link(new, path)  # refuses when somebody was faster
        except FileExistsError:
            pass
        finally:
            new.unlink(missing_ok=True)
    return path.read_text("ascii")
