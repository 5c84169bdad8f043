"""The list of programs: one of each, and several of a kind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from lawlab.api.__main__ import listeners
from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.supervise.preflight import check
from lawlab.supervise.programs import child_environment, programs, service_routes
from lawlab.supervise.routes import Routes
from lawlab.testing import free_ports

POSTGRES = "postgresql+psycopg://lawlab@/lawlab"


@pytest.fixture
def one(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, port=free_ports(9))


@pytest.fixture
def several(one: Settings) -> Settings:
    return replace(one, api_processes=2, learn_shards=3, database_url=POSTGRES)


def test_one_of_each_has_the_five_ports_and_one_listener(one: Settings) -> None:
    found = programs(one)
    assert [program.name for program in found] == [
        "proxy",
        "hub",
        "learn",
        "api",
        "grader",
        "nightly",
    ]
    ports = sorted(port for program in found for port in program.ports)
    assert ports == list(range(one.port, one.port + 5))
    assert one.port_count == 5
    assert {program.shared_port for program in found} == {None}
    assert set(service_routes(one)) == {"/services/learn", "/services/api", "/"}
    assert listeners(one, 0) is None


def test_several_have_names_ports_and_words_of_their_own(several: Settings) -> None:
    found = {program.name: program for program in programs(several)}
    assert list(found) == [
        "proxy",
        "hub",
        "learn",
        "learn-2",
        "learn-3",
        "api",
        "api-2",
        "grader",
        "nightly",
    ]
    own = [port for program in found.values() for port in program.ports]
    shared = {program.shared_port for program in found.values()} - {None}
    assert shared == {several.api_port}
    assert sorted([*own, *shared]) == list(range(several.port, several.port + several.port_count))
    assert len({program.health for program in found.values() if program.health}) == 7
    assert (
        found["learn-3"].health == f"http://127.0.0.1:{several.port + 6}/services/learn/s2/health"
    )
    assert [found[name].command[-1] for name in ("learn", "learn-3", "api", "api-2")] == list(
        "0201"
    )
    told = load_settings(child_environment(several))
    assert (told.api_processes, told.learn_shards) == (2, 3)
    assert told.port_count == several.port_count


def test_processes_share_a_port_and_have_one_of_their_own(several: Settings) -> None:
    sockets = [socket for number in (0, 1) for socket in listeners(several, number) or []]
    ports = [socket.getsockname()[1] for socket in sockets]
    for socket in sockets:
        socket.close()
    first, second = several.api_own_ports
    assert ports == [several.api_port, first, several.api_port, second]


def test_routes_of_shards_are_ours_alone_and_are_written_again_when_they_are_missing(
    several: Settings,
) -> None:
    first = service_routes(several)
    shard = first["/services/learn/s2"]
    assert shard == {"target": f"http://127.0.0.1:{several.port + 6}", "lawlab": True}
    assert first["/services/learn"]["service"] == "learn"
    routes = Routes(several, first)
    hubs = {path: route for path, route in first.items() if "jupyterhub" in route}
    assert routes.lacking(hubs)
    assert not routes.lacking(first)
    written: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        written.append(request.url.path.removeprefix("/api/routes"))
        return httpx.Response(201)

    async def restore() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            await routes.restore(client)

    routes.keep(hubs)
    asyncio.run(restore())
    assert sorted(written) == sorted(first)


def test_several_api_processes_on_sqlite_are_refused(one: Settings) -> None:
    settings = replace(one, api_processes=2)
    with pytest.raises(LawlabError) as error:
        check(settings, programs(settings))
    assert "api_processes 是 2，但数据库是 SQLite" in error.value.sentence
    several = replace(settings, database_url=POSTGRES)
    check(several, programs(several))


@pytest.mark.parametrize(
    ("facts", "most"),
    [
        ({}, 65_531),
        ({"learn_shards": 3}, 65_529),
        ({"api_processes": 2, "learn_shards": 2}, 65_528),
    ],
)
def test_the_port_leaves_room_for_all_of_them(
    tmp_path: Path, facts: dict[str, Any], most: int
) -> None:
    environment = {f"LAWLAB_{name.upper()}": str(value) for name, value in facts.items()}
    environment |= {"LAWLAB_DATA": str(tmp_path)}
    found = load_settings(environment | {"LAWLAB_PORT": str(most)})
    assert found.port + found.port_count == 65_536
    with pytest.raises(LawlabError, match=f"应在 1024 到 {most} 之间"):
        load_settings(environment | {"LAWLAB_PORT": str(most + 1)})
