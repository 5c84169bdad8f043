"""Who is asking: the Hub says so; and what he may reach: his own kernels and nothing else."""

from __future__ import annotations

import time
from typing import Any

from jupyter_server.auth import Authorizer, User
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyterhub.services.auth import HubOAuth
from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from tornado.web import HTTPError
from traitlets import default

from lawlab.config import Settings, learn_prefix

PREFIX = learn_prefix(0)
"""Cookies are for everything below it: somebody who signed in has done so for all shards."""
REMEMBERED = 5
"""Seconds for which the Hub's answer about a session is believed; a lost session ends that soon.
The price is a request to the Hub for each person and five seconds of clicking, some 3 ms of its
processor time and 2 ms of ours: 124 people in the same second cost about half a second."""
RECENT = 600
"""Seconds for which somebody who was here is asked about in `standing`."""


class DisabledError(HTTPError):
    """The Hub knows this person, the API says that he may no longer take part."""

    def __init__(self, person: str) -> None:
        super().__init__(403, "%s is disabled", person)


def cookies(settings: Settings) -> dict[str, Any]:
    """What all cookies have: no other site's page sends them along, except by a link to one of our
    pages; and nobody reads them on the way where people come encrypted."""
    return {"samesite": "Lax"} | ({"secure": True} if settings.scheme == "https" else {})


class HubAwayError(HTTPError):
    """Nobody can be asked now whose session it is: the Hub starts, or starts again."""

    def __init__(self) -> None:
        super().__init__(503, "the Hub does not answer")


def hub_oauth(settings: Settings, parent: Any) -> HubOAuth:
    """The Hub as this service sees it; nothing comes from the environment."""
    return HubOAuth(
        parent=parent,
        api_url=settings.hub_api_url,
        api_token=settings.secrets["service-learn"],
        base_url=PREFIX,
        hub_prefix="/hub/",
        hub_host="",
        oauth_client_id="service-learn",
        access_scopes={"access:services!service=learn"},
        cache_max_age=REMEMBERED,
        cookie_options=cookies(settings),
    )


class HubIdentity(JupyterHubIdentityProvider):
    """Identifies visitors by the Hub's OAuth and remembers who was here lately."""

    def __init__(self, **kwargs: Any) -> None:
        # Voila passes both; the Hub's provider has its own ideas about them.
        for name in ("token", "login_handler_class"):
            kwargs.pop(name, None)
        super().__init__(**kwargs)
        self._seen: dict[str, float] = {}
        self.ended: set[str] = set()

    @default("hub_auth")
    def _default_hub_auth(self) -> HubOAuth:
        return hub_oauth(self.parent.settings, self)

    async def get_user(self, handler: JupyterHandler) -> User | None:
        """The visitor, None when nobody is signed in.

        Raises DisabledError for somebody whom the API has reported as ended, HubAwayError.
        """
        try:
            user: User | None = await super().get_user(handler)
        except HTTPError as error:
            if error.status_code < 500:
                raise
            raise HubAwayError from error
        if user is None:
            if self.parent.shard and not isinstance(handler, APIHandler):
                # Signing in begins and ends at the first server, which remembers what it began.
                first = handler.request.uri.replace(self.parent.prefix, PREFIX, 1)
                visited: Any = handler
                visited.get_login_url = lambda: first if "?" in first else f"{first}?"
            return None
        self._seen[user.username] = time.monotonic()
        if user.username in self.ended:
            raise DisabledError(user.username)
        return user

    async def still_signed_in(self, handler: JupyterHandler) -> bool:
        """Ask the Hub again about the session with which a socket was opened."""
        token = self.hub_auth.get_token(handler)
        session = self.hub_auth.get_session_id(handler)
        found = await self.hub_auth.user_for_token(token, session_id=session, sync=False)
        return bool(found)

    def recent(self) -> set[str]:
        """Who was here lately, and who is known as ended (he may be allowed back)."""
        oldest = time.monotonic() - RECENT
        self._seen = {person: seen for person, seen in self._seen.items() if seen > oldest}
        return set(self._seen) | self.ended

    def forget(self, person: str) -> None:
        """Drop what the Hub said about a person's sessions."""
        cache = self.hub_auth.cache
        for key, model in list(cache.values.items()):
            if model and model.get("name") == person:
                cache.pop(key, None)

    def get_handlers(self) -> list[Any]:
        """None: `server` mounts the callback with the prefix and the error pages it needs."""
        return []


class OwnerOnly(Authorizer):
    """Everything is forbidden except a person's own kernels."""

    def is_authorized(
        self, handler: JupyterHandler, user: User, action: str, resource: str
    ) -> bool:
        """True for a kernel that belongs to this user."""
        if resource != "kernels" or user is None:
            return False
        kernel = getattr(handler, "kernel_id", None) or handler.path_kwargs.get("kernel_id")
        kernels: Any = handler.kernel_manager
        owner = kernels.owner(kernel)
        return owner is not None and owner == user.username
