"""Checking a certificate by its code, for anybody, without signing in."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from lawlab.api.border import Word, page_of
from lawlab.api.caller import Database, Now, state_of
from lawlab.api.routing import Route
from lawlab.domain.contest_awards import grouped
from lawlab.errors import TooMany
from lawlab.services.contest_certificates import verify
from lawlab.store.statutes import china_day

router = APIRouter(route_class=Route)
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
{trial}<main class="page page-narrow">
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


@router.get("/verify")
def check(
    request: Request,
    session: Database,
    now: Now,
    code: Annotated[Word, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Whether a certificate is genuine. A reply says no more than the certificate itself."""
    return _page(request, session, now, code)


@router.get("/verify/{code}")
def check_scanned(request: Request, session: Database, now: Now, code: str) -> HTMLResponse:
    """The same, for whoever scanned it."""
    return _page(request, session, now, code[:40])


def _page(request: Request, session: Session, now: datetime, code: str) -> HTMLResponse:
    brake = state_of(request).verify_brake
    address = request.client.host if request.client else ""
    body, status, headers = "", 200, {}
    if code:
        try:
            brake.take(address, now)
        except TooMany as refused:
            body = _notice("notice-bad", f"<p>{refused}</p>")
            status, headers = 429, {"Retry-After": str(refused.facts["retry_after"])}
        else:
            body, status = _told(session, code)
            if status == 200:
                brake.give_back(address)
    # A lone surrogate that was sent could not be sent back.
    typed = escape(code.encode(errors="replace").decode(), quote=True)
    html = page_of(request, PAGE, body=body, code=typed)
    return HTMLResponse(html, status, headers)


def _told(session: Session, code: str) -> tuple[str, int]:
    found = verify(session, code)
    if not found:
        return _notice(
            "notice-bad",
            "<p>没有这个编号的证书。"
            "请对照证书再输一遍；如果编号没有输错，这张证书不是本平台发的。</p>",
        ), 404
    row, title = found
    facts = f"{row.holder}，{title}，{row.award}（第 {row.rank} 名）"
    day = china_day(row.made_at)
    issued = f"发证日期 {day.year} 年 {day.month} 月 {day.day} 日，编号 {grouped(row.code)}"
    look, word = (
        ("notice-bad", "这张证书已经作废") if row.revoked_at else ("notice-good", "真实有效")
    )
    why = f"<p>原因：{escape(row.revoked_why)}。</p>" if row.revoked_at else ""
    return _notice(look, f"<p><b>{word}</b></p><p>{escape(facts)}</p><p>{issued}</p>{why}"), 200


def _notice(look: str, inner: str) -> str:
    return f'<div class="notice {look}" role="status">{inner}</div>'
