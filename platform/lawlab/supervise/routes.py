"""Gives a restarted proxy its routes back at once, also while the Hub is away.

The Hub is the authority: it writes the trainers' routes and corrects all of them from time to
time. But a killed proxy forgets them, and the Hub looks only every few minutes. Routes of which the
Hub knows nothing are kept here alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from lawlab.config import Settings

Route = Mapping[str, object]


class Routes:
    """What the proxy was last seen to know, first of all the routes of the services."""

    def __init__(self, settings: Settings, first: Mapping[str, Route]) -> None:
        self._api = f"http://127.0.0.1:{settings.proxy_api_port}/api/routes"
        self._headers = {"Authorization": f"token {settings.secrets['proxy']}"}
        self._known: dict[str, Route] = dict(first)
        self._ours = {path: route for path, route in first.items() if "jupyterhub" not in route}

    async def table(self, client: httpx.AsyncClient) -> Mapping[str, Route]:
        """What the proxy knows now; what it was last seen to know when it does not answer."""
        try:
            reply = await client.get(self._api, headers=self._headers)
            found = reply.raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return self._known
        # Only what the Hub or we wrote.
        written = {path: route for path, route in found.items() if "jupyterhub" in route}
        return written | {path: found[path] for path in self._ours if path in found}

    def lacking(self, table: Mapping[str, Route]) -> bool:
        """Whether a route is missing that nobody but us would write again."""
        return not self._ours.keys() <= table.keys()

    def keep(self, table: Mapping[str, Route]) -> None:
        """Remember `table` for the next `restore`."""
        self._known = self._ours | dict(table)

    async def restore(self, client: httpx.AsyncClient) -> None:
        """Write the remembered routes into a proxy that has just started, `/` after all that lies
        below it: from then on the Hub gets whatever has no route.

        Raises httpx.HTTPError when it does not take them.
        """
        for path, route in sorted(self._known.items(), reverse=True):
            written = {name: value for name, value in route.items() if name != "last_activity"}
            reply = await client.post(self._api + path, headers=self._headers, json=written)
            reply.raise_for_status()
