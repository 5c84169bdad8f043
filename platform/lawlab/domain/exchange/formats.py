"""One door to all text formats: the bytes of a file and the name of its format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lawlab.domain.exchange.aiken import read_aiken
from lawlab.domain.exchange.gift import read_gift
from lawlab.domain.exchange.model import ImportResult, refused
from lawlab.domain.exchange.moodle_xml import read_moodle_xml
from lawlab.domain.exchange.plain import read_plain
from lawlab.domain.exchange.sheet import read_csv
from lawlab.domain.exchange.text import decode

Form = Literal["csv", "plain", "aiken", "gift", "moodle_xml"]


def read_file(raw: bytes, form: Form, types: Mapping[str, str] | None = None) -> ImportResult:
    """Never raises, whatever the bytes. An .xlsx goes through `sheet.read_sheet` instead."""
    text, fault = decode(raw)
    if fault:
        return refused(fault)
    if not text.strip():
        return refused("文件是空的。")
    match form:
        case "csv":
            return read_csv(text, types)
        case "plain":
            return read_plain(text, types)
        case "aiken":
            return read_aiken(text)
        case "gift":
            return read_gift(text)
        case "moodle_xml":
            return read_moodle_xml(text)
