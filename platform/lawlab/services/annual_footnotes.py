"""Makes footnotes of the marks behind the figures of a rendered report.

Word numbers footnotes as they stand in the text, so whoever moves a sentence in the template moves
its footnotes; the numbers are read from the finished text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement

from lawlab.services.annual_words import CLOSE, OPEN

MARK = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
SMALL = "18"
"""Half points: footnotes are set in 9 pt."""


def place_footnotes(document: Document, texts: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Put a footnote in the place of each mark; `texts` maps names to what the footnote says.
    Returns name → the numbers that its footnotes have in the document.

    Word allows footnotes neither in headers, footnotes nor text boxes: marks there are dropped.
    """
    body = document.element.body
    part, root = _footnotes(document)
    used = [int(one.get(qn("w:id"))) for one in root.findall(qn("w:footnote"))]
    next_id = max([0, *used]) + 1
    names: dict[str, str] = {}
    for run in list(body.iter(qn("w:r"))):
        if not any(MARK.search(text.text or "") for text in run.findall(qn("w:t"))):
            continue
        allowed = next(run.iterancestors(qn("w:txbxContent")), None) is None
        pieces: list[Any] = []
        for name, piece in _split(run):
            if name is None:
                pieces.append(piece)
            elif allowed:
                names[str(next_id)] = name
                pieces.append(_reference(next_id))
                root.append(_note(next_id, texts[name]))
                next_id += 1
        for piece in pieces:
            run.addprevious(piece)
        run.getparent().remove(run)
    part._blob = serialize_part_xml(root)  # python-docx knows footnotes only as bytes
    _drop_elsewhere(document)
    return _numbers(body, names)


def _split(run: Any) -> list[tuple[str | None, Any]]:
    """The run as runs without marks, and the names of the marks between them."""
    pieces: list[tuple[str | None, Any]] = []
    looks = run.find(qn("w:rPr"))

    def new_run() -> Any:
        made = OxmlElement("w:r")
        if looks is not None:
            made.append(deepcopy(looks))
        pieces.append((None, made))
        return made

    current = new_run()
    for child in list(run):
        if child.tag == qn("w:rPr"):
            continue
        if child.tag != qn("w:t"):
            current.append(child)
            continue
        # Every second part is the name in a mark.
        for number, text in enumerate(MARK.split(child.text or "")):
            if number % 2:
                pieces.append((text, None))
                current = new_run()
            elif text:
                written = OxmlElement("w:t")
                written.text = text
                written.set(qn("xml:space"), "preserve")
                current.append(written)
    return [(name, piece) for name, piece in pieces if name is not None or len(piece)]


def _reference(number: int) -> Any:
    return parse_xml(
        f'<w:r {nsdecls("w")}><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        f'<w:footnoteReference w:id="{number}"/></w:r>'
    )


def _note(number: int, text: str) -> Any:
    size = f'<w:sz w:val="{SMALL}"/>'
    note = parse_xml(
        f'<w:footnote {nsdecls("w")} w:id="{number}"><w:p>'
        # The lines of the text are far apart.
        '<w:pPr><w:spacing w:line="240" w:lineRule="auto"/></w:pPr>'
        f'<w:r><w:rPr>{size}<w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:rPr>{size}</w:rPr><w:t xml:space="preserve"></w:t></w:r></w:p></w:footnote>'
    )
    next(note.iter(qn("w:t"))).text = f" {text}"
    return note


def _footnotes(document: Document) -> tuple[Part, Any]:
    """The part that holds footnotes, made when the template has none, and its XML."""
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES:
            root = parse_xml(relation.target_part.blob)
            _drop_marks(root)
            return relation.target_part, root
    lines = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}">'
        f"<w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>"
        for number, kind in ((-1, "separator"), (0, "continuationSeparator"))
    )
    root = parse_xml(f"<w:footnotes {nsdecls('w')}>{lines}</w:footnotes>")
    name = PackURI("/word/footnotes.xml")
    package = document.part.package
    assert package is not None
    part = Part(name, CONTENT_TYPE.WML_FOOTNOTES, b"", package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    return part, root


def _drop_elsewhere(document: Document) -> None:
    package = document.part.package
    assert package is not None
    for part in package.iter_parts():
        if isinstance(part, XmlPart) and part is not document.part:
            _drop_marks(part.element)


def _drop_marks(root: Any) -> None:
    for element in root.iter():
        if not len(element) and OPEN in (element.text or ""):
            element.text = MARK.sub("", element.text)


def _numbers(body: Any, names: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    references = [
        one
        for one in body.iter(qn("w:footnoteReference"))
        if one.get(qn("w:customMarkFollows")) not in ("1", "true", "on")
    ]
    for number, reference in enumerate(references, 1):
        if name := names.get(reference.get(qn("w:id"))):
            found[name] = (*found.get(name, ()), number)
    return found
