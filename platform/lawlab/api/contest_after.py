"""After a contest: the protocol, certificates, and checking one by its code."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from lawlab.api.border import Word
from lawlab.api.caller import CallerOf, Database, Host, Now, is_host, state_of
from lawlab.api.downloads import download
from lawlab.api.quizzes import ForPerson
from lawlab.domain.contest_awards import grouped
from lawlab.errors import NotFound
from lawlab.services.certificate_document import SEAL, certificate_file, zipped
from lawlab.services.contest_certificates import (
    all_of,
    certificates,
    find_certificate,
    issue,
    verify,
)
from lawlab.services.contest_protocol import answers_to, loaded_protocol, protocol
from lawlab.services.contest_sheets import protocol_file
from lawlab.store.statutes import china_day
from lawlab.ui import assets

router = APIRouter()
VERIFY = "/services/api/verify"
PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>查验证书</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/services/learn/ui/{version}/lawlab.css">
</head>
<body>
<main class="page page-narrow">
<h1>查验荣誉证书</h1>
{body}
<form class="card" method="get" action="/services/api/verify">
<div class="field"><label for="code">证书编号</label>
<input id="code" name="code" value="{code}" autocomplete="off" maxlength="40" required>
<p class="hint">证书左下角的 12 位字母和数字，短横可以不写。</p></div>
<button class="button button-wide">查验</button>
</form>
</main>
</body>
</html>
"""


@router.get("/contests/{contest}/protocol")
def one_protocol(session: Database, caller: CallerOf, now: Now, contest: int) -> dict[str, Any]:
    """The protocol as far as the caller may see it, with his certificates."""
    loaded = loaded_protocol(session, _id(contest), now)
    host = is_host(caller)
    told = protocol(loaded, caller, host=host)
    return told | {"certificates": certificates(session, loaded, caller, host=host)}


@router.get("/contests/{contest}/protocol/{turn}")
def answers(session: Database, _host: Host, now: Now, contest: int, turn: int) -> dict[str, Any]:
    """Every answer to one question, for hosts."""
    loaded = loaded_protocol(session, _id(contest), now)
    return {"turn": turn, "answers": answers_to(loaded, turn)}


@router.get("/contests/{contest}/protocol.xlsx")
def protocol_sheet(
    request: Request, session: Database, _host: Host, now: Now, contest: int
) -> Response:
    """The whole protocol as a file."""
    loaded = loaded_protocol(session, _id(contest), now)
    content = protocol_file(loaded, state_of(request).settings.zone)
    return download(content, f"contest-{contest}.xlsx", f"{loaded.row.title}-赛事记录.xlsx")


@router.post("/contests/{contest}/certificates")
def make_certificates(
    session: Database, host: Host, now: Now, contest: int, asked: ForPerson
) -> dict[str, Any]:
    """Make what is due; revoke what no longer holds."""
    asked.check(host)
    loaded = loaded_protocol(session, _id(contest), now)
    issue(session, loaded, host, now)
    return certificates(session, loaded, host, host=True)


@router.get("/contests/{contest}/certificates.zip")
def every_certificate(
    request: Request, session: Database, host: Host, now: Now, contest: int
) -> Response:
    """All certificates that hold, a document each."""
    loaded = loaded_protocol(session, _id(contest), now)
    rows = [one["id"] for one in certificates(session, loaded, host, host=True)["made"]]
    made = [find_certificate(session, contest, row) for row in rows]
    if not made:
        raise NotFound("no_certificate", "还没有做证书。请先点“做证书”。")
    files = [(name, _document(request, row, loaded.row.title)) for name, row in all_of(made)]
    name = f"{loaded.row.title}-证书.zip"
    return download(zipped(files), f"certificates-{contest}.zip", name)


@router.get("/contests/{contest}/certificates/{number}.docx")
def one_certificate(
    request: Request, session: Database, caller: CallerOf, now: Now, contest: int, number: int
) -> Response:
    """One certificate, for its holder and for hosts."""
    loaded = loaded_protocol(session, _id(contest), now)
    row = find_certificate(session, contest, _id(number))
    if not is_host(caller) and row.person_id != caller.person_id:
        raise NotFound("no_certificate", "这张证书不是您的。")
    content = _document(request, row, loaded.row.title)
    return download(content, f"certificate-{number}.docx", f"{row.award} {row.holder}.docx")


@router.get("/verify")
def check(session: Database, code: Annotated[Word, Query(max_length=40)] = "") -> HTMLResponse:
    """Whether a certificate is genuine, for anybody: the codes cannot be guessed, and a reply says
    no more than the certificate itself."""
    return _page(session, code)


@router.get("/verify/{code}")
def check_scanned(session: Database, code: str) -> HTMLResponse:
    """The same, for whoever scanned it."""
    return _page(session, code[:40])


def _page(session: Database, code: str) -> HTMLResponse:
    found = verify(session, code) if code else None
    status = 200
    if found:
        row, title = found
        facts = f"{row.holder}，{title}，{row.award}（第 {row.rank} 名）"
        day = china_day(row.made_at)
        issued = f"发证日期 {day.year} 年 {day.month} 月 {day.day} 日，编号 {grouped(row.code)}"
        look, word = (
            ("notice-bad", "这张证书已经作废") if row.revoked_at else ("notice-good", "真实有效")
        )
        why = f"<p>原因：{escape(row.revoked_why)}。</p>" if row.revoked_at else ""
        body = f"<p><b>{word}</b></p><p>{escape(facts)}</p><p>{issued}</p>{why}"
        body = f'<div class="notice {look}" role="status">{body}</div>'
    elif code:
        status = 404
        body = (
            '<div class="notice notice-bad" role="status"><p>没有这个编号的证书。'
            "请对照证书再输一遍；如果编号没有输错，这张证书不是本平台发的。</p></div>"
        )
    else:
        body = ""
    html = PAGE.format(version=assets.version(), body=body, code=escape(code, quote=True))
    return HTMLResponse(html, status)


def _document(request: Request, row: Any, title: str) -> bytes:
    settings = state_of(request).settings
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    address = f"{scheme}://{request.headers.get('host', '')}{VERIFY}"
    return certificate_file(row, title, settings.town, address, settings.data / SEAL)


def _id(number: int) -> int:
    if not 1 <= number < 2**31:
        raise NotFound("no_contest", "没有这场比武，请从“比武”里重新打开。")
    return number
