"""The calls of a lesson's cells: what they show, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lawlab.domain.statement import statement_digest
from lawlab.errors import LawlabError
from lawlab.ui import lesson
from lawlab.ui.element import Element


def test_a_cell_shows_html_and_equal_calls_are_equal() -> None:
    shown = lesson.check("atf-012")
    assert shown._repr_html_() == '<lawlab-question item="atf-012"></lawlab-question>'
    assert shown == lesson.check("atf-012")
    assert "0x" not in repr(shown)  # a page's hash must not hold a memory address


def test_an_article_names_law_and_number() -> None:
    assert lesson.article("反电信网络诈骗法", 31).html == (
        '<lawlab-article law="反电信网络诈骗法" number="31">'
        "看法条：《反电信网络诈骗法》第 31 条</lawlab-article>"
    )
    assert 'number="133之1"' in lesson.article("刑法", "133之1").html


@pytest.mark.parametrize(
    "piece",
    [
        lambda text: lesson.steps(text, "第二步"),
        lambda text: lesson.takeaway(text, "二", "三"),
        lambda text: lesson.unconfirmed(text, source="来源"),
        lambda text: lesson.unconfirmed("内容", source=text),
        lambda text: lesson.staff(text),
        lambda text: lesson.article(text, 31),
    ],
)
def test_text_is_never_html(piece: Callable[[str], Element]) -> None:
    assert "<b>" not in piece('<b class="x">"&').html
    assert "&lt;b" in piece('<b class="x">"&').html


def test_steps_are_a_list_that_reads_without_the_drawing() -> None:
    assert lesson.steps("挂断电话", "打 110").html == (
        '<ol class="steps"><li>挂断电话</li><li>打 110</li></ol>'
    )


def test_an_unconfirmed_fact_carries_mark_and_source() -> None:
    shown = lesson.unconfirmed("打 96110 咨询。", source="公安机关公开宣传").html
    assert '<span class="mark">待核</span>打 96110 咨询。' in shown
    assert "来源：公安机关公开宣传" in shown
    # By this the page knows which statement a trainer has confirmed.
    assert f'statement="{statement_digest("打 96110 咨询。", "公安机关公开宣传")}"' in shown


def test_the_second_layer_is_folded_and_has_paragraphs() -> None:
    shown = lesson.staff("第一段。\n\n第二段。").html
    assert shown.startswith('<details class="staff"><summary>给执法人员</summary>')
    assert "<p>第一段。</p><p>第二段。</p>" in shown


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: lesson.article("", 31), "法律名称"),
        (lambda: lesson.article("《民法典》", 31), "书名号"),
        (lambda: lesson.article("民法典", 0), "条号 0 不对"),
        (lambda: lesson.article("民法典", True), "条号 True 不对"),
        (lambda: lesson.article("民法典", "第三十一条"), "条号 '第三十一条' 不对"),
        (lambda: lesson.article("民法典", "31 "), "条号 '31 ' 不对"),
        (lambda: lesson.check("ATF-1"), "题号 'ATF-1' 不对"),
        (lambda: lesson.check(12), "题号"),  # type: ignore[arg-type]
        (lambda: lesson.steps("只有一步"), "写了 1 步"),
        (lambda: lesson.steps("一", " "), "第 2 步"),
        (lambda: lesson.takeaway("一", "二"), "写了 2 句，应为 3 句"),
        (lambda: lesson.unconfirmed("事", source=""), "来源 source"),
        (lambda: lesson.staff("  "), "内容"),
    ],
)
def test_a_wrong_argument_is_refused_in_chinese(call: Callable[[], Element], told: str) -> None:
    with pytest.raises(LawlabError) as refused:
        call()
    assert refused.value.code == "bad_lesson_call"
    assert told in refused.value.sentence
    assert refused.value.sentence.startswith("lesson.")
