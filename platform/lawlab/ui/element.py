"""A piece of a page as a notebook cell shows it: escaped HTML, and one repr for the same piece."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Element:
    """What a cell returns. Notebooks and Voila show `html`; two equal pieces are equal objects."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def tag(name: str, content: str = "", **attributes: str) -> str:
    """An HTML element around `content`, which is HTML already. Attribute values are escaped here;
    a trailing underscore makes a name that is a Python keyword (`class_`)."""
    pairs = "".join(f' {key.rstrip("_")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{pairs}>{content}</{name}>"


def paragraphs(text: str) -> str:
    """Plain text as HTML paragraphs; an empty line begins a new one."""
    return "".join(tag("p", escape(part.strip())) for part in text.split("\n\n") if part.strip())


def items(texts: Iterable[str]) -> str:
    """Plain texts as HTML list items."""
    return "".join(tag("li", escape(text.strip())) for text in texts)
