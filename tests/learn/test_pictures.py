"""Pictures beside lessons: for signed-in people, as nothing but pictures."""

from __future__ import annotations

import httpx
import pytest
from learn_harness import Site, write_notebook

from lawlab.learn.render import PlainMarkdown

MEDIA = "/services/learn/lesson/telecom-fraud/media"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9"/></svg>'
SECRET = b"not for everybody"


@pytest.fixture(scope="module", autouse=True)
def folder(site: Site) -> None:
    course = site.settings.pages / "telecom-fraud"
    (course / "media").mkdir(exist_ok=True)
    for name in ("map.svg", "photo.png", "photo.jpg", "photo.webp"):
        (course / "media" / name).write_bytes(DRAWING)
    (course / "media" / "notes.txt").write_bytes(SECRET)
    (course / "media" / ".part.svg").write_bytes(SECRET)
    (site.settings.pages / "secret.svg").write_bytes(SECRET)
    write_notebook(
        course / "03_picture.ipynb",
        '# 看图\n\n![桥 <b>"在哪里"</b>](media/map.svg)',
        page="once",
        title="看图",
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("map.svg", "image/svg+xml"),
        ("photo.png", "image/png"),
        ("photo.jpg", "image/jpeg"),
        ("photo.webp", "image/webp"),
    ],
)
def test_a_picture_is_exactly_what_its_name_says_and_can_do_nothing(
    first: httpx.Client, name: str, kind: str
) -> None:
    reply = first.get(f"{MEDIA}/{name}")
    assert (reply.status_code, reply.content) == (200, DRAWING)
    assert reply.headers["content-type"] == kind
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "private, no-cache"
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "sandbox" in policy
    assert "script" not in policy


def test_an_unchanged_picture_is_not_sent_again_and_a_corrected_one_is(
    site: Site, first: httpx.Client
) -> None:
    path = site.settings.pages / "telecom-fraud" / "media" / "changing.svg"
    path.write_bytes(DRAWING)
    etag = first.get(f"{MEDIA}/changing.svg").headers["etag"]
    again = first.get(f"{MEDIA}/changing.svg", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    path.write_bytes(DRAWING + b"\n")
    again = first.get(f"{MEDIA}/changing.svg", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (200, DRAWING + b"\n")
    path.unlink()
    assert first.get(f"{MEDIA}/changing.svg").status_code == 404


def test_nobody_sees_a_picture_without_signing_in(anonymous: httpx.Client) -> None:
    reply = anonymous.get(f"{MEDIA}/map.svg")
    assert reply.status_code == 302
    assert reply.headers["location"].startswith("/hub/api/oauth2/authorize")


@pytest.mark.parametrize(
    "address",
    [
        "none.svg",
        "notes.txt",
        ".part.svg",
        "map.SVG",
        "map.svg/",
        "map.svg%00",
        "map.svg%0a",
        "../../secret.svg",
        "..%2f..%2fsecret.svg",
        "%2e%2e/%2e%2e/secret.svg",
        "..%5c..%5csecret.svg",
        "",
    ],
)
def test_nothing_else_can_be_had(first: httpx.Client, address: str) -> None:
    reply = first.get(f"{MEDIA}/{address}")
    assert reply.status_code in (400, 404)
    assert SECRET not in reply.content


def test_a_course_name_cannot_lead_elsewhere(first: httpx.Client) -> None:
    for course in ("..", "%2e%2e", "Telecom-fraud", "telecom-fraud%2f..", "."):
        reply = first.get(f"/services/learn/lesson/{course}/media/map.svg")
        assert reply.status_code in (400, 404), course


def test_a_lesson_shows_its_picture_with_words_for_all(first: httpx.Client) -> None:
    page = first.get("/services/learn/lesson/telecom-fraud/03_picture").text
    words = "桥 &quot;在哪里&quot;"
    assert f'<img src="media/map.svg" alt="{words}" loading="lazy" decoding="async">' in page
    assert f'<span class="picture-text" aria-hidden="true">{words}</span>' in page


def test_what_a_picture_is_called_is_never_html() -> None:
    for words in ('"><script>', "&quot;&gt;&lt;script&gt;", '<script "'):
        shown = PlainMarkdown.image(object(), words, '"><script>')  # type: ignore[arg-type]
        assert "<script" not in shown
        assert shown.count('"') == 14
