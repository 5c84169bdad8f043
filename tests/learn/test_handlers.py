from __future__ import annotations

import pytest

from lawlab.learn.handlers import live_policy, page_policy, with_nonce
from lawlab.learn.notices import NOTICES, notice_for, notice_page


def test_a_plain_page_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = page_policy("town.example:8000")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self' ws://town.example:8000 wss://town.example:8000; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )


def test_a_live_page_allows_inline_scripts_by_nonce_only_and_no_eval() -> None:
    scripts = live_policy("h", "N").partition("script-src ")[2].partition(";")[0]
    assert scripts == "'self' 'nonce-N' blob:"


@pytest.mark.parametrize("host", ["evil.example; script-src *", "a b", "'none'", ""])
def test_a_strange_host_adds_nothing_to_the_policy(host: str) -> None:
    assert "connect-src 'self';" in page_policy(host)


def test_the_nonce_stands_on_every_script_tag_and_on_nothing_else() -> None:
    html = '<script>1</script><script src="x"></script><scripted>\\u003cscript>'
    assert with_nonce(html, "N") == (
        '<script nonce="N">1</script><script nonce="N" src="x"></script><scripted>\\u003cscript>'
    )


def test_every_notice_has_a_way_on_and_no_number() -> None:
    for status in [*NOTICES, 400, 418, 502]:
        page = notice_page(notice_for(status), "/ui", signed_in=False)
        assert '<html lang="zh-CN">' in page
        assert '<a class="button"' in page
        assert str(status) not in page
        assert "lawlab-bar" not in page
    assert "<lawlab-bar>" in notice_page(notice_for(404), "/ui", signed_in=True)


def test_a_full_server_is_asked_again_by_itself() -> None:
    assert '<meta http-equiv="refresh" content="15">' in notice_page(notice_for(503), "/ui", False)
