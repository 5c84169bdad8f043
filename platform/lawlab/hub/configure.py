"""All that JupyterHub is told, as one tested function that `deploy/jupyterhub_config.py` calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lawlab.config import Settings
from lawlab.dressing import dressing
from lawlab.headers import trial_bar
from lawlab.hub import logs
from lawlab.hub.authenticator import TRAINERS, LawlabAuthenticator
from lawlab.hub.database import Connection
from lawlab.hub.trainers import configure_spawner
from lawlab.services.sessions import LIFETIME
from lawlab.ui.assets import version

TEMPLATES = Path(__file__).with_name("templates")
HOME = "/services/learn/home"

# No inline script, no foreign host: JupyterHub's own scripts are not on our pages.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

# A learner may be named and may open the two services. He has no server, makes no tokens and sees
# nobody else: JupyterHub's own `user` role would give him a server at /hub/spawn.
LEARNER_SCOPES = [
    "read:users:name!user",
    "read:users:groups!user",
    "access:services!service=learn",
    "access:services!service=api",
]

# A trainer has a server besides. Not JupyterHub's `self`: he makes no tokens, which would outlive
# his password, and shares his server with nobody.
TRAINER_SCOPES = [
    "servers!user",
    "access:servers!user",
    "read:users!user",
    "users:activity!user",
]


def configure(c: Any, settings: Settings) -> None:
    """Apply lawlab's choices to a traitlets `Config`. Reads and writes nothing but our secrets."""
    _network(c, settings)
    _sign_in(c, settings)
    _services(c, settings)
    _pages(c, settings)
    configure_spawner(c, settings)


def role_groups(settings: Settings) -> dict[str, list[str]]:
    """Hub groups that follow from a person's roles; nbgrader reads the second."""
    return {"trainer": [TRAINERS, f"formgrade-law{settings.program_year}"]}


def _network(c: Any, settings: Settings) -> None:
    hub = f"http://127.0.0.1:{settings.hub_port}"
    c.JupyterHub.bind_url = settings.own_url
    if settings.address:
        # What cookies and addresses on pages follow, whatever a request says of itself.
        c.JupyterHub.public_url = f"{settings.address}/"
    c.JupyterHub.hub_bind_url = hub
    c.JupyterHub.hub_connect_url = hub
    c.JupyterHub.db_url = f"sqlite:///{settings.data / 'hub.sqlite'}"
    c.JupyterHub.db_kwargs = {
        "connect_args": {"check_same_thread": False, "factory": Connection},
    }
    c.JupyterHub.logging_config = logs.CONFIG
    c.JupyterHub.cookie_secret = bytes.fromhex(settings.secrets["cookie"])
    c.ConfigurableHTTPProxy.should_start = False
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.proxy_api_port}"
    c.ConfigurableHTTPProxy.auth_token = settings.secrets["proxy"]


def _sign_in(c: Any, settings: Settings) -> None:
    c.JupyterHub.authenticator_class = LawlabAuthenticator
    c.LawlabAuthenticator.database_url = settings.database
    c.LawlabAuthenticator.role_groups = role_groups(settings)
    c.JupyterHub.cookie_max_age_days = LIFETIME.days  # phones and PCs are shared
    cookies = {"samesite": "Lax"} | ({"secure": True} if settings.scheme == "https" else {})
    c.JupyterHub.tornado_settings = {
        "cookie_options": dict(cookies),  # JupyterHub adds to each of them
        "xsrf_cookie_kwargs": dict(cookies),
        "headers": {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Cache-Control": "no-store",
        },
        "transforms": [dressing(settings)],
    }


def _services(c: Any, settings: Settings) -> None:
    c.JupyterHub.services = [
        _browser_service("learn", settings.learn_port, settings),
        _browser_service("api", settings.api_port, settings),
        {"name": "grader", "api_token": settings.secrets["service-grader"], "display": False},
    ]
    c.JupyterHub.load_roles = [
        {"name": "user", "scopes": LEARNER_SCOPES},
        {"name": "trainer", "scopes": TRAINER_SCOPES, "groups": [TRAINERS]},
        # A disabled person loses everything at the Hub: tokens, cookies, a running server.
        {
            "name": "offboarding",
            "scopes": ["read:users", "delete:users", "delete:servers"],
            "services": ["api"],
        },
    ]
    c.JupyterHub.service_check_interval = 0  # `lawlab doctor` says what is up


def _browser_service(name: str, port: int, settings: Settings) -> dict[str, Any]:
    return {
        "name": name,
        "url": f"http://127.0.0.1:{port}",
        "api_token": settings.secrets[f"service-{name}"],
        "oauth_no_confirm": True,
        "oauth_redirect_uri": f"/services/{name}/oauth_callback",
        "display": False,
        # The Hub waits so long at its own start before it opens the routes; ours start beside it.
        "timeout": 1,
    }


def _pages(c: Any, settings: Settings) -> None:
    c.JupyterHub.default_url = "/services/api/enter"
    c.JupyterHub.template_paths = [str(TEMPLATES)]
    c.JupyterHub.template_vars = {
        "town": settings.town,
        "demo": settings.demo,
        "learn_home": HOME,
        "ui_version": version(),
        "trial": trial_bar(settings),
    }
