"""124 signed-out phones scan the code in the hall at the same moment, sign in and are counted, all
through the proxy. Prints one JSON line: seconds until the last one is in."""

from __future__ import annotations

import asyncio
import datetime as dt
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
    base_url: str, login: str, password: str, start: float, tls: ssl.SSLContext, scan: str
) -> Arrival:
    """From what the code holds (`scan`) to the acknowledged check-in, as a browser would; without a
    scan, from the bare address to the home page."""
    async with httpx.AsyncClient(
        base_url=base_url, timeout=120, follow_redirects=True, verify=tls, trust_env=False
    ) as http:
        form = await http.get(scan or "/")
        field = XSRF_FIELD.search(form.text)
        assert field, f"no sign-in form at {form.url}: {form.status_code} {form.text[:300]}"
        page = await http.post(
            form.url, data={"username": login, "password": password, "_xsrf": field[1]}
        )
        wanted = "/services/learn/checkin/" if scan else "/services/learn/home"
        ended = f"{login} ended at {page.url}: {page.status_code} {page.text[:300]}"
        assert page.url.path.startswith(wanted), ended
        assert page.status_code == 200, page.status_code
        me = await http.get("/services/api/me")
        assert me.json()["login"] == login, me.text
        if scan:
            await check_in(http, login, page.url.path.rpartition("/")[2])
        return Arrival(login, time.monotonic() - start, http.cookies)


async def check_in(http: httpx.AsyncClient, login: str, receipt: str) -> None:
    counted = await http.post(
        "/services/api/check-in",
        json={"person": login, "receipt": receipt},
        headers={"X-Lawlab": "1"},
    )
    assert counted.json()["status"] == "present", counted.text


async def all_arrive(
    base_url: str, logins: list[str], password: str, scan: str = ""
) -> list[Arrival]:
    """Everybody at once; fails when one is not let in."""
    # One for all: a context for each of 124 clients costs this process 40 s, not the platform.
    tls = ssl.create_default_context()
    start = time.monotonic()
    return await asyncio.gather(
        *(arrive(base_url, login, password, start, tls, scan) for login in logins)
    )


def logins(count: int = PEOPLE) -> list[str]:
    """74 staff, then villagers, as in the demo program."""
    return ([f"s{n:03}" for n in range(1, 75)] + [f"v{n:03}" for n in range(1, 51)])[:count]


def main() -> None:
    import tempfile
    from pathlib import Path

    from sqlalchemy import func, select

    from lawlab.demo import DEMO_PASSWORD
    from lawlab.services.checkin_tokens import qr_token
    from lawlab.store.engine import make_engine, make_sessions
    from lawlab.store.tables import Activity, Attendance
    from lawlab.testing import demo_program, running

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        demo_program(data)
        with running(data) as platform:
            sessions = make_sessions(make_engine(platform.settings.database))
            with sessions() as session:
                activity = session.scalars(
                    select(Activity.id).where(Activity.closed_at.is_(None))
                ).one()
            secret, now = platform.settings.secrets["check-in"], dt.datetime.now(dt.UTC)
            address = f"/services/api/c/{qr_token(secret, activity, now)}"
            arrivals = asyncio.run(all_arrive(platform.url, logins(), DEMO_PASSWORD, address))
            with sessions() as session:
                counted = select(func.count()).where(Attendance.activity_id == activity)
                assert session.scalars(counted).one() == PEOPLE
    times = sorted(arrival.seconds for arrival in arrivals)
    line = {"bench": "signin", "metric": "signin-124", "ours": round(times[-1], 2)}
    print(json.dumps({**line, "theirs": None, "ratio": None, "unit": "s"}))


if __name__ == "__main__":
    main()
