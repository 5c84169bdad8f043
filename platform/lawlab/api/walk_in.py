"""The one page that needs no session: somebody without an account scanned the code in the hall and
writes down his name. A plain form, so that it works in any browser."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from lawlab.api.border import page_of
from lawlab.api.caller import Now, state_of
from lawlab.api.check_in import SCAN_COOKIE, phone
from lawlab.api.routing import Route
from lawlab.domain.attendance import STATUS_NAMES
from lawlab.errors import LawlabError
from lawlab.services.walk_ins import walk_in

router = APIRouter(route_class=Route)

PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>现场登记 · 法治练兵场</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/services/learn/ui/{version}/lawlab.css">
</head>
<body>
{trial}<main class="page page-narrow">
<h1>现场登记</h1>
{body}
</main>
</body>
</html>
"""
FORM = """<p>没有账号也可以签到。写下您的姓名和手机号最后四位，教员会核对。</p>
{fault}
<form method="post" action="/services/api/walk-in">
<div class="field"><label for="name">姓名</label>
<input id="name" name="full_name" value="{name}" maxlength="40" required autocomplete="name"></div>
<div class="field"><label for="tail">手机号最后四位</label>
<input id="tail" name="phone_tail" value="{tail}" inputmode="numeric" pattern="[0-9]{{4}}"
 maxlength="4" required autocomplete="off"></div>
<p><button class="button button-wide" type="submit">登记</button></p>
</form>
<p class="small"><a href="/services/learn/home">我有账号，去登录</a></p>"""
DONE = """<section class="notice notice-good" role="status">
<p><b>{name}，登记好了（{status}）</b></p>
<p>{title}，{place}</p></section>
<p class="quiet">教员核对以后，会记到您的名下。可以关掉这一页。</p>"""
AGAIN = """<section class="card"><p>请先扫会场屏幕上的二维码，再到这里登记。</p>
<p class="quiet">扫码以后 10 分钟内有效。也可以直接找教员登记。</p></section>"""
FIELDS = ("full_name", "phone_tail")


@router.get("/walk-in")
def form(request: Request) -> HTMLResponse:
    """The form, for a phone that has just scanned."""
    if not request.cookies.get(SCAN_COOKIE):
        return _page(request, AGAIN)
    return _page(request, _form("", "", ""))


@router.post("/walk-in")
async def note(request: Request, now: Now) -> HTMLResponse:
    """Write somebody down; a repeat is harmless."""
    body = (await request.body()).decode("utf-8", "replace")
    given = {name: values[0][:200] for name, values in parse_qs(body).items() if name in FIELDS}
    name, tail = (given.get(field, "").replace("\0", "") for field in FIELDS)
    state = state_of(request)

    def write() -> dict[str, str]:
        with state.sessions() as session:
            made, activity, _ = walk_in(
                session,
                state.settings.secrets["check-in"],
                request.cookies.get(SCAN_COOKIE, ""),
                phone(request),
                (name, tail),
                now,
            )
            return {
                "name": made.full_name,
                "status": STATUS_NAMES[made.status],
                "title": activity.title,
                "place": activity.place,
            }

    try:
        words = await run_in_threadpool(write)
    except LawlabError as error:
        fault = f'<p class="notice notice-bad" role="alert">{escape(error.sentence)}</p>'
        return _page(request, _form(fault, name, tail), error.status)
    state.live.nudge()
    told = {word: escape(text) for word, text in words.items()}
    return _page(request, DONE.format(**told))


def _form(fault: str, name: str, tail: str) -> str:
    return FORM.format(fault=fault, name=escape(name), tail=escape(tail))


def _page(request: Request, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page_of(request, PAGE, body=body), status)
