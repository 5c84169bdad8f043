"""HTML of a question to plain text: lines stay lines, everything else of the markup goes."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<!--|-->|</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_LINES = frozenset(
    (
        "br",
        "p",
        "div",
        "li",
        "tr",
        "ul",
        "ol",
        "table",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    )
)
_DROPPED = frozenset(("script", "style"))


def html_to_text(source: str) -> str:
    """The text a reader would see, pictures left out; takes time in proportion to its length."""
    parts: list[str] = []
    at, inside = 0, ""
    for tag in _TAG.finditer(source):
        if not inside:
            parts.append(html.unescape(re.sub(r"\s+", " ", source[at : tag.start()])))
        at = tag.end()
        name = (tag[1] or "").lower()
        if inside:
            closes = tag[0] == "-->" if inside == "!" else name == inside and tag[0][1] == "/"
            inside = "" if closes else inside
        elif tag[0] == "<!--":
            inside = "!"
        elif name in _DROPPED and tag[0][1] != "/":
            inside = name
        elif name in _LINES:
            parts.append("\n")
    if not inside:
        parts.append(html.unescape(re.sub(r"\s+", " ", source[at:])))
    lines = (line.strip() for line in "".join(parts).replace("\xa0", " ").split("\n"))
    return "\n".join(line for line in lines if line)


def has_picture(source: str) -> bool:
    return re.search(r"<(img|video|audio|svg|object)\b", source, re.IGNORECASE) is not None
