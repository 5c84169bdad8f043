"""The calm pages: what people read when there is no page for them. One sentence, one way on.

Nothing of the error itself is shown; the log has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

HOME = "/services/learn/home"


@dataclass(frozen=True)
class Notice:
    """What a notice page says. `again` is the number of seconds after which it tries by itself."""

    title: str
    sentence: str
    button: str = "回到首页"
    link: str = HOME
    again: int = 0


SIGN_IN_AGAIN = Notice("登录没有完成", "刚才的登录没有走完，请再登录一次。", "重新登录")
DISABLED = Notice(
    "账号已停用", "您的账号现在不能使用。如有疑问，请找管理员。", "换人登录", "/hub/logout"
)
BUSY_PERSON = Notice(
    "同时打开的页面太多",
    "您已经打开了几个这样的页面。请先关掉不用的页面，再试一次。",
    "再试一次",
    "",
)
BUSY_ALL = Notice(
    "现在用的人很多", "请稍等，这一页会自动再试。您已经答的题都保存好了。", "现在再试", "", 15
)
HUB_AWAY = Notice(
    "登录服务正在恢复", "请稍等，这一页会自动再试。您已经答的题都保存好了。", "现在再试", "", 2
)
NOTICES = {
    403: Notice("不能打开这一页", "这一页不对您开放。如果需要使用，请找管理员。"),
    404: Notice("没有找到这一页", "地址可能写错了，或者内容已经换了地方。"),
    405: Notice("不能这样打开", "请从首页进入。"),
    429: BUSY_PERSON,
    500: Notice("这一页暂时打不开", "问题已经记下来了。请过一会儿再试；您已经答的题都保存好了。"),
    503: BUSY_ALL,
}


def notice_for(status: int) -> Notice:
    """The words for an HTTP status; any other status speaks like 500 or 404."""
    return NOTICES.get(status) or NOTICES[404 if 400 <= status < 500 else 500]


def notice_page(notice: Notice, ui: str, signed_in: bool, trial: str = "") -> str:
    """A whole HTML page. `ui` is the address of the stylesheet's folder, without a last slash;
    `trial` is what stands on top of every page."""
    again = f'<meta http-equiv="refresh" content="{notice.again}">' if notice.again else ""
    bar = "<lawlab-bar></lawlab-bar>" if signed_in else ""
    script = f'<script type="module" src="{ui}/lawlab.js"></script>' if signed_in else ""
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{again}<title>{escape(notice.title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{ui}/lawlab.css">
{script}
</head>
<body>
{trial}{bar}
<main class="page" data-app="notice">
<section class="card">
<h1>{escape(notice.title)}</h1>
<p>{escape(notice.sentence)}</p>
<p><a class="button" href="{escape(notice.link)}">{escape(notice.button)}</a></p>
</section>
</main>
</body>
</html>
"""
