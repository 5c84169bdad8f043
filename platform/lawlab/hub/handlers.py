"""The Hub's pages that are ours: sign in, sign out, choose a password, the privacy notice.

They stand in front of JupyterHub's handlers of the same address; pages of its own that nobody here
needs (tokens, sharing, admin) are closed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jupyterhub import orm
from jupyterhub.apihandlers.base import API404
from jupyterhub.handlers.base import SESSION_COOKIE_NAME, BaseHandler, Template404
from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from jupyterhub.utils import url_path_join
from sqlalchemy.exc import SQLAlchemyError
from tornado import web

from lawlab.errors import LawlabError
from lawlab.hub.devices import Device, client_address
from lawlab.services.signin import SignIn, State, Try
from lawlab.store.faults import DatabaseFault, database_fault
from lawlab.ui.assets import STATIC

STATIC_HERE = Path(__file__).with_name("static")
DEVICE_COOKIE = "lawlab-device"
SCAN_COOKIE = "lawlab-scan"
"""Set by the API for some minutes when this browser scanned a sign-in code."""
TICKET_COOKIE = "lawlab-password"
"""Proof that the first password was right, good for choosing an own one and nothing else."""
DEVICE_DAYS = 400
TICKET_DAYS = 15 / (24 * 60)


def routes() -> list[tuple[Any, ...]]:
    """Addresses below /hub, in front of the Hub's own."""
    return [
        (r"/login", SigninHandler),
        (r"/logout", SignoutHandler),
        (r"/password", PasswordHandler),
        (r"/privacy", PrivacyHandler),
        (r"/ui/[0-9a-f]+/(.*)", UiFiles, {"path": str(STATIC)}),
        (r"/pages/(.*)", web.StaticFileHandler, {"path": str(STATIC_HERE)}),
        (r"/token", Template404),
        (r"/accept-share", Template404),
        (r"/admin", Template404),
        # Whose a token or a cookie is, is for nobody to ask; JupyterHub crashes at some of these.
        (r"/api/authorizations(?:/.*)?", API404),
    ]


class FrontHandler(BaseHandler):
    """What the pages before a session have in common."""

    def device(self) -> Device:
        """This browser; a new one is given its cookie."""
        value = self.get_secure_cookie(DEVICE_COOKIE, max_age_days=DEVICE_DAYS)
        if value:
            return Device.from_cookie(value.decode())
        fresh = Device.fresh()
        self._keep(fresh)
        return fresh

    def remember_device(self, login: str) -> None:
        """Note that this name has signed in here: strangers' failures no longer slow it."""
        self._keep(self.device().remembering(login))

    def attempt(self, login: str) -> Try:
        """A try of this browser for a name. One that keeps no cookies shares its brake with all
        such."""
        value = self.get_secure_cookie(DEVICE_COOKIE, max_age_days=DEVICE_DAYS)
        device = Device.from_cookie(value.decode()) if value else Device("")
        address = client_address(
            self.request.headers.get("X-Forwarded-For", ""), self.request.remote_ip or ""
        )
        typed = Try.typed(login, device=device.id, address=address)
        return Try.typed(
            login, device=device.id, address=address, known_device=device.knows(typed.login)
        )

    def set_login_cookie(self, user: Any) -> None:
        """A sign-in begins a session of its own: nothing that an earlier person left in this
        browser, or put there, carries over."""
        if self.request.method == "POST":
            self.clear_login_cookie()
            self.set_session_cookie()
            self.remember_device(user.name)
        super().set_login_cookie(user)
        self.set_hub_cookie(user)

    def get_next_url(self, *args: Any, **kwargs: Any) -> str:
        """As JupyterHub checks it; an address that no header can carry is dropped as well."""
        address: str = super().get_next_url(*args, **kwargs)
        return address if address.isprintable() else str(self.default_url)

    async def end_api_sessions(self) -> None:
        """End the API's sessions that stand on this browser's session of the Hub."""
        session_id = self.get_cookie(SESSION_COOKIE_NAME)
        if session_id:
            hashed = hashlib.sha256(session_id.encode()).hexdigest()
            await self.authenticator.end_api_sessions(hashed)

    def _keep(self, device: Device) -> None:
        self._set_cookie(
            DEVICE_COOKIE,
            device.cookie,
            expires_days=DEVICE_DAYS,
            path=self.hub.base_url,
            samesite="Lax",
        )


class SigninHandler(FrontHandler, LoginHandler):
    """/hub/login"""

    outcome: SignIn | None = None
    """Set by the authenticator: what became of the try."""

    async def get(self) -> None:
        if not self.current_user:
            self.device()
        await super().get()

    def _render(self, **context: Any) -> Any:
        scanned = bool(self.get_cookie(SCAN_COOKIE))
        return super()._render(left=self.get_argument("left", ""), scanned=scanned, **context)

    async def post(self) -> None:
        login = self.get_body_argument("username", "", strip=True)
        password = self.get_body_argument("password", "", strip=False)
        if not login or not password:
            await self._again(422, "请填写登录名和密码。", login)
            return
        try:
            user = await self.login_user({"username": login, "password": password})
            if user:
                await self.end_api_sessions()
        except (LawlabError, SQLAlchemyError) as error:
            await self._cannot(error, login)
            return
        if user:
            self.redirect(self.get_next_url(user), status=303)
        elif self.outcome and self.outcome.state is State.MUST_CHANGE:
            self._give_ticket(self.outcome)
        elif self.outcome and self.outcome.state is State.WAIT:
            await self._again(429, self.outcome.sentence, login)
        else:
            await self._again(403, self.outcome.sentence if self.outcome else "", login)

    async def _cannot(self, error: Exception, login: str) -> None:
        """Our database or the Hub's own cannot do it now: nobody is in, what was typed stays."""
        fault = error if isinstance(error, DatabaseFault) else database_fault(error)
        if fault is None:
            raise error
        self.db.rollback()
        self.clear_login_cookie()
        self.set_header("Retry-After", str(fault.facts["retry_after"]))
        await self._again(fault.status, fault.sentence, login)

    async def _again(self, status: int, sentence: str, login: str) -> None:
        self.set_status(status)
        self.finish(await self._render(login_error=sentence, username=login[:40]))

    def _give_ticket(self, outcome: SignIn) -> None:
        path = url_path_join(self.hub.base_url, "password")
        self._set_cookie(
            TICKET_COOKIE,
            json.dumps([outcome.login, outcome.stamp]),
            expires_days=None,
            path=path,
            samesite="Strict",
        )
        following = self.get_argument("next", "")
        self.redirect(f"{path}?{urlencode({'next': following})}" if following else path, status=303)


class SignoutHandler(FrontHandler, LogoutHandler):
    """/hub/logout"""

    async def get(self) -> None:
        """As JupyterHub's; while the database is away nobody is told that he is out."""
        try:
            await super().get()
        except DatabaseFault as fault:
            self.set_status(fault.status)
            self.set_header("Retry-After", str(fault.facts["retry_after"]))
            self.finish(await self.render_template("error.html", fault=fault.sentence))

    async def default_handle_logout(self) -> None:
        await self.end_api_sessions()
        if self.current_user:
            self.log.info("User logged out: %s", self.current_user.name)
        # Also without a valid session: a dead cookie must not come to life again later.
        self.clear_login_cookie()

    async def render_logout_page(self) -> None:
        self.redirect(f"{self.settings['login_url']}?left=1")


class PasswordHandler(FrontHandler):
    """/hub/password: after the first sign-in by a ticket, later by the present password."""

    async def get(self) -> None:
        if self._whose() is None:
            self.redirect(self.settings["login_url"])
            return
        await self._show()

    async def post(self) -> None:
        login = self._whose()
        if login is None:
            self.redirect(self.settings["login_url"], status=303)
            return
        new = self.get_body_argument("new", "", strip=False)
        if new != self.get_body_argument("again", "", strip=False):
            await self._show(422, "两次输入的新密码不一样，请再输一次。")
            return
        try:
            stamp = await self._proved(login)
            if stamp is None:
                return
            model = await self.authenticator.choose_password(login, stamp, new)
        except LawlabError as error:
            await self._show(error.status, error.sentence)
            return
        await self._enter(model)

    def _whose(self) -> str | None:
        """The person whose password this is about: a ticket goes before a session."""
        ticket = self._ticket()
        if ticket:
            return ticket[0]
        return self.current_user.name if self.current_user else None

    def _ticket(self) -> tuple[str, str] | None:
        value = self.get_secure_cookie(TICKET_COOKIE, max_age_days=TICKET_DAYS)
        if not value:
            return None
        login, stamp = json.loads(value)
        return login, stamp

    async def _proved(self, login: str) -> str | None:
        ticket = self._ticket()
        if ticket:
            return ticket[1]
        present = self.get_body_argument("present", "", strip=False)
        result = await self.authenticator.check(self.attempt(login), present)
        if result.state is not State.IN:
            await self._show(403, result.sentence or "现在的密码已不能用，请重新登录。")
            return None
        return str(result.stamp)

    async def _enter(self, model: dict[str, Any]) -> None:
        """Sign in with the new password; whoever was in with the old one is out."""
        user = await self.auth_to_user(model)
        user.orm_user.cookie_id = orm.new_token()
        for token in self.db.query(orm.APIToken).filter(
            orm.APIToken.user_id == user.id, orm.APIToken.session_id.isnot(None)
        ):
            self.db.delete(token)
        self.db.commit()
        self.clear_cookie(TICKET_COOKIE, path=url_path_join(self.hub.base_url, "password"))
        self.set_login_cookie(user)
        self.redirect(self.get_next_url(user), status=303)

    async def _show(self, status: int = 200, fault: str = "") -> None:
        self.set_status(status)
        self.device()
        page = await self.render_template(
            "password.html",
            login=self._whose(),
            first=self._ticket() is not None,
            fault=fault,
            following=self.get_argument("next", ""),
        )
        self.finish(page)


class PrivacyHandler(BaseHandler):
    """/hub/privacy: what is stored of a person and who sees it; open to everybody."""

    async def get(self) -> None:
        self.finish(await self.render_template("privacy.html"))


class UiFiles(web.StaticFileHandler):
    """The shared stylesheet. Its address changes with its content, so it is kept for a year."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
