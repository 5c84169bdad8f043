"""The .docx of the yearly report, rendered from the template."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from lawlab.domain.annual_report import AnnualReport
from lawlab.errors import LawlabError
from lawlab.services.annual_chart import draw_chart
from lawlab.services.annual_footnotes import place_footnotes
from lawlab.services.annual_template import ReportTemplate, bad_template
from lawlab.services.annual_words import context, notes_of, placeholders, plain, sample

CHART_WIDTH = Mm(150)
FULL_WIDTH = re.compile(r"(?:｛[｛{%％]|{[｛％])[^｝}]{0,20}[｝}]{0,2}")
"""How a placeholder begins that was typed with a Chinese keyboard; it would be printed as it is."""


def check_template(template: ReportTemplate) -> None:
    """Raises LawlabError `bad_template` when no report can be made with it."""
    report = sample()
    _render(template, context(report, "", report.day), b"", "")


def make_document(
    report: AnnualReport,
    template: ReportTemplate,
    town: str,
    made: date,
    appendix: str,
    font: str,
) -> tuple[bytes, dict[str, tuple[int, ...]]]:
    """The document, and the footnote numbers of each figure in it. `appendix` is the name of the
    .xlsx, `font` the file of a font that has Chinese. Raises LawlabError `bad_template`."""
    chart = draw_chart(report.months, font) if report.months else b""
    alt = "各月出勤率的柱形图：" + "、".join(
        f"{one.month}月应到{one.expected}人次、实到{one.there}人次" for one in report.months
    )
    rendered = _render(template, context(report, town, made), chart, alt)
    texts = {
        name: f"{figure.label}：{plain(figure.how)}依据：附件“{plain(appendix)}”{figure.where}。"
        for name, figure in notes_of(report).items()
    }
    numbers = place_footnotes(rendered.docx, texts)
    return _saved(rendered), numbers


def _render(
    template: ReportTemplate, words: Mapping[str, Any], chart: bytes, alt: str
) -> DocxTemplate:
    env = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        rendered = DocxTemplate(io.BytesIO(template.content))
        if unknown := _unknown(rendered, env):
            raise bad_template(template.path, f"里面有不认识的占位符：{'、'.join(unknown)}。")
        rendered.render_init()
        written = "".join(text.text or "" for text in rendered.docx.element.iter(qn("w:t")))
        if wide := FULL_WIDTH.search(written):
            raise bad_template(
                template.path, f"“{wide[0]}”里有全角的花括号或百分号，占位符要用半角的来写。"
            )
        # docxtpl mends XML that a misplaced {%p %} broke, and loses text; this refuses it.
        parse_xml(rendered.build_xml({**words, "chart": ""}, env))
        image = InlineImage(rendered, io.BytesIO(chart), CHART_WIDTH) if chart else ""
        rendered.render({**words, "chart": image}, env, autoescape=True)
        _describe(rendered, chart, alt)
        return rendered
    except LawlabError:
        raise
    except TemplateSyntaxError as error:
        raise bad_template(template.path, f"占位符写得不对{_near(error)}（{error}）。") from error
    except UndefinedError as error:
        raise bad_template(template.path, f"用了没有的内容{_near(error)}（{error}）。") from error
    except TemplateError as error:
        raise bad_template(template.path, f"占位符算不出来{_near(error)}（{error}）。") from error
    except SyntaxError as error:
        found = "占位符写在了不能写的地方，文档的结构被它弄断了：每个 {%p … %} 要单独占一段。"
        raise bad_template(template.path, found) from error
    except Exception as error:
        # A foreign file, and a small program in it, can fail anywhere in two libraries.
        found = f"它不是完整的 Word 文档（.docx），或者其中的占位符出了错（{error}）。"
        raise bad_template(template.path, found) from error


def _unknown(rendered: DocxTemplate, env: SandboxedEnvironment) -> list[str]:
    try:
        used: set[str] = rendered.get_undeclared_template_variables(env)
    except TemplateSyntaxError:
        return []  # the rendering meets it again, and knows in which paragraph
    return sorted(used - set(placeholders()))


def _describe(rendered: DocxTemplate, chart: bytes, alt: str) -> None:
    """Say in words what the chart shows; pictures of the town's own keep theirs."""
    parts = rendered.docx.part.related_parts
    for inline in rendered.docx.element.body.iter(qn("wp:inline")):
        ids = [blip.get(qn("r:embed")) for blip in inline.iter(qn("a:blip"))]
        if chart and any(one in parts and parts[one].blob == chart for one in ids):
            inline.find(qn("wp:docPr")).set("descr", alt)


def _near(error: TemplateError) -> str:
    """The paragraph in which docxtpl found the fault."""
    lines = list(getattr(error, "docx_context", []))
    line = getattr(error, "lineno", None)
    text = lines[min(line - 1, 3)].strip() if line and len(lines) > min(line - 1, 3) else ""
    return f"，在“{text[:60]}”附近" if text else ""


def _saved(rendered: DocxTemplate) -> bytes:
    content = io.BytesIO()
    rendered.save(content)
    return content.getvalue()
