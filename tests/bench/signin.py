"""124 signed-out people sign in at the same moment, through the proxy, until each has his home page
and the API knows him. Prints one JSON line: seconds until the last one is in."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import time
from dataclasses import dataclass

import httpx

PEOPLE = 124
XSRF_FIELD = re.compile(r'name="_xsrf"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Arrival:
    """One person's way in: seconds from the common start, and the cookies he ended with."""

    login: str
    seconds: float
    cookies: httpx.Cookies


async def arrive(
    base_url: str, login: str, password: str, start: float, tls: ssl.SSLContext
) -> Arrival:
    """From the bare address to a loaded home page and a known person, as a browser would."""
    async with httpx.AsyncClient(
        base_url=base_url, timeout=120, follow_redirects=True, verify=tls, trust_env=False
    ) as http:
        form = await http.get("/")
        field = XSRF_FIELD.search(form.text)
        assert field, f"no sign-in form at {form.url}: {form.status_code} {form.text[:300]}"
        page = await http.post(
            form.url, data={"username": login, "password": password, "_xsrf": field[1]}
        )
        assert page.url.path == "/services/learn/home", f"{login} ended at {page.url}"
        assert page.status_code == 200, page.status_code
        me = await http.get("/services/api/me")
        assert me.json()["login"] == login, me.text
        return Arrival(login, time.monotonic() - start, http.cookies)


async def all_arrive(base_url: str, logins: list[str], password: str) -> list[Arrival]:
    """Everybody at once; fails when one is not let in."""
    # One for all: a context for each of 124 clients costs this process 40 s, not the platform.
    tls = ssl.create_default_context()
    start = time.monotonic()
    return await asyncio.gather(
        *(arrive(base_url, login, password, start, tls) for login in logins)
    )


def logins(count: int = PEOPLE) -> list[str]:
    """74 staff, then villagers, as in the demo program."""
    return ([f"s{n:03}" for n in range(1, 75)] + [f"v{n:03}" for n in range(1, 51)])[:count]


def main() -> None:
    import tempfile
    from pathlib import Path

    from lawlab.demo import DEMO_PASSWORD
    from lawlab.testing import demo_program, running

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        demo_program(data)
        with running(data) as platform:
            arrivals = asyncio.run(all_arrive(platform.url, logins(), DEMO_PASSWORD))
    times = sorted(arrival.seconds for arrival in arrivals)
    line = {"bench": "signin", "metric": "signin-124", "ours": round(times[-1], 2)}
    print(json.dumps({**line, "theirs": None, "ratio": None, "unit": "s"}))


if __name__ == "__main__":
    main()
