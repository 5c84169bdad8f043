"""After a contest: the protocol and certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from lawlab.api.caller import CallerOf, Database, Host, Now, is_host, site_address, state_of
from lawlab.api.downloads import download
from lawlab.api.quizzes import ForPerson
from lawlab.api.routing import Route
from lawlab.api.verify import VERIFY
from lawlab.errors import NotFound
from lawlab.services.audit import note_alone
from lawlab.services.certificate_document import certificate_file, zipped
from lawlab.services.certificate_pdf import certificate_pages
from lawlab.services.certificate_words import Printed, read_seal, words_of
from lawlab.services.contest_certificates import (
    certificates,
    find_certificate,
    holding,
    issue,
)
from lawlab.services.contest_protocol import answers_to, loaded_protocol, protocol
from lawlab.services.contest_sheets import protocol_file
from lawlab.services.quizzes import items_being_answered
from lawlab.services.sessions import Caller
from lawlab.store.tables import Certificate

router = APIRouter(route_class=Route)


@router.get("/contests/{contest}/protocol")
def one_protocol(session: Database, caller: CallerOf, now: Now, contest: int) -> dict[str, Any]:
    """The protocol as far as the caller may see it, with his certificates."""
    loaded = loaded_protocol(session, contest, now)
    host = is_host(caller)
    closed = set() if host else items_being_answered(session, caller.person_id, now)
    told = protocol(loaded, caller, host=host, closed=closed)
    return told | {"certificates": certificates(session, loaded, caller, host=host)}


@router.get("/contests/{contest}/protocol/{turn}")
def answers(session: Database, _host: Host, now: Now, contest: int, turn: int) -> dict[str, Any]:
    """Every answer to one question, for hosts."""
    loaded = loaded_protocol(session, contest, now)
    return {"turn": turn, "answers": answers_to(loaded, turn)}


@router.get("/contests/{contest}/protocol.xlsx")
def protocol_sheet(
    request: Request, session: Database, host: Host, now: Now, contest: int
) -> Response:
    """The whole protocol as a file."""
    loaded = loaded_protocol(session, contest, now)
    content = protocol_file(loaded, state_of(request).settings.zone)
    note_alone(session, now, host.login, "contest.export", f"contest:{contest}")
    return download(content, f"contest-{contest}.xlsx", f"{loaded.row.title}-赛事记录.xlsx")


@router.post("/contests/{contest}/certificates")
def make_certificates(
    session: Database, host: Host, now: Now, contest: int, asked: ForPerson
) -> dict[str, Any]:
    """Make the certificates that are due and not there yet."""
    asked.check(host)
    loaded = issue(session, contest, host, now)
    return certificates(session, loaded, host, host=True)


@router.get("/contests/{contest}/certificates.zip")
def every_document(
    request: Request, session: Database, _host: Host, now: Now, contest: int
) -> Response:
    """All certificates that hold, a document each."""
    title = loaded_protocol(session, contest, now).row.title
    seal = read_seal(state_of(request).settings.data)
    files = [
        (
            f"{number:02} {row.award} {row.holder}.docx",
            certificate_file(_words(request, row, title), seal),
        )
        for number, row in enumerate(holding(session, contest), 1)
    ]
    return download(zipped(files), f"certificates-{contest}.zip", f"{title}-证书.zip")


@router.get("/contests/{contest}/certificates.pdf")
def every_page(
    request: Request, session: Database, _host: Host, now: Now, contest: int
) -> Response:
    """The same as one file to print, a page each."""
    title = loaded_protocol(session, contest, now).row.title
    content = _pages(request, holding(session, contest), title)
    return download(content, f"certificates-{contest}.pdf", f"{title}-证书.pdf")


@router.get("/contests/{contest}/certificates/{number}.docx")
def one_document(
    request: Request, session: Database, caller: CallerOf, now: Now, contest: int, number: int
) -> Response:
    """One certificate, for its holder and for hosts."""
    title, row = _own(session, caller, now, contest, number)
    seal = read_seal(state_of(request).settings.data)
    content = certificate_file(_words(request, row, title), seal)
    return download(content, f"certificate-{number}.docx", f"{row.award} {row.holder}.docx")


@router.get("/contests/{contest}/certificates/{number}.pdf")
def one_page(
    request: Request, session: Database, caller: CallerOf, now: Now, contest: int, number: int
) -> Response:
    """The same, to look at on a phone and to print."""
    title, row = _own(session, caller, now, contest, number)
    content = _pages(request, [row], title)
    return download(content, f"certificate-{number}.pdf", f"{row.award} {row.holder}.pdf")


def _own(
    session: Session, caller: Caller, now: datetime, contest: int, number: int
) -> tuple[str, Certificate]:
    """The contest's title and a certificate that the caller may have."""
    loaded = loaded_protocol(session, contest, now)
    row = find_certificate(session, contest, number)
    if not is_host(caller) and row.person_id != caller.person_id:
        raise NotFound("no_certificate", "这张证书不是您的。")
    return loaded.row.title, row


def _pages(request: Request, rows: Sequence[Certificate], title: str) -> bytes:
    seal = read_seal(state_of(request).settings.data)
    return certificate_pages((_words(request, row, title) for row in rows), title, seal)


def _words(request: Request, row: Certificate, title: str) -> Printed:
    address = f"{site_address(request)}{VERIFY}"
    return words_of(row, title, state_of(request).settings.town, address)
