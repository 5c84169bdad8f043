"""Which body an article means. Whoever could be meant as well is no wrong choice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from lawlab.domain.made_text import Setting, choice, draw, quoted, sentences
from lawlab.domain.question import Question
from lawlab.domain.statute import Article

WHICH_BODY = "哪个机关"

_GOVERNMENTS = (
    "国务院",
    "地方各级人民政府",
    "县级以上人民政府",
    "县级以上地方人民政府",
    "县级以上地方各级人民政府",
    "乡镇人民政府",
)
_DEPARTMENTS = (
    "公安机关",
    "国家安全机关",
    "司法行政部门",
    "民政部门",
    "教育行政部门",
    "电信主管部门",
    "网信部门",
    "中国人民银行",
)
_JUSTICE = (
    "最高人民法院",
    "最高人民检察院",
    "人民法院",
    "人民检察院",
    "监察机关",
    "公安机关",
    "国家安全机关",
)
_ASSEMBLIES = ("全国人民代表大会常务委员会", "全国人民代表大会")
_VILLAGE = ("村民委员会", "居民委员会", "村民会议", "村民代表会议", "村民选举委员会")
_OTHERS = ("国家主席", "中央军事委员会", "登记机构", "仲裁机构", "村务监督机构")
_USUAL = (
    "人民法院",
    "人民检察院",
    "公安机关",
    "监察机关",
    "村民委员会",
    "民政部门",
    "司法行政部门",
    "教育行政部门",
)
"""Choices when a law itself names too few."""
_BODY = re.compile(
    "|".join(
        sorted(
            {*_GOVERNMENTS, *_DEPARTMENTS, *_JUSTICE, *_ASSEMBLIES, *_VILLAGE, *_OTHERS},
            key=len,
            reverse=True,
        )
    )
)
_CONFUSED = (
    {*_GOVERNMENTS, *_DEPARTMENTS},
    {"公安机关", "国家安全机关"},
    {*_VILLAGE},
    {*_ASSEMBLIES},
)
"""A government leads its departments, and a village's bodies act for each other."""
_REPORTED = re.compile("报案|控告|举报|立案|侦查|自首|线索|本级人民代表大会|查处|犯罪嫌疑")
"""With these any body of justice could be meant."""

_JOINED_BEFORE = (
    *("和", "、", "或者", "及", "与", "的", "级", "同", "本", "原", "国家", "以上", "当地", "移送"),
    *("上一级", "有关", "向", "其他"),
)
_WHOLE_NAME = re.compile(
    "[，。；]|应当|可以|不得|依法|对|向|根据|负责|决定|在|按照|会同|自|提出|起诉|申请|予以|处|责令"
    "|批准|裁决|认定|报告|登记|通知|撤销|给予|作出|接到|发现|认为|支持|协助|领导|监督|提起|指定"
    "|请求|备案|调解"
)
"""What may follow a name that is not a part of a longer one."""


def which_body(article: Article, setting: Setting) -> Iterator[Question]:
    """Who decides, where the sentence names one body only."""
    for sentence in sentences(article):
        found = list(_BODY.finditer(sentence))
        if len(found) != 1:
            continue
        span, right = found[0].span(), found[0].group()
        if not _whole(sentence, span) or right in setting.law:
            continue
        others = [one for one in _named_in(setting.text) if not _could_be(one, right, sentence)]
        if len(others) < 3:
            others += [one for one in _USUAL if not _could_be(one, right, sentence)]
        stem = quoted(setting, sentence, span, "哪个机关或者组织")
        wrong = draw(others, 3, stem)
        if len(wrong) == 3:
            yield choice(article, setting, stem, right, wrong, sentence, WHICH_BODY, 2)


def _whole(sentence: str, span: tuple[int, int]) -> bool:
    """Whether the name is no part of a longer one, and not one of several."""
    before, after = sentence[: span[0]], sentence[span[1] :]
    joined = before.endswith(_JOINED_BEFORE) and not before.endswith(("，向", "可以向", "应当向"))
    return not joined and bool(_WHOLE_NAME.match(after))


@lru_cache(maxsize=64)
def _named_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.group() for match in _BODY.finditer(text)))


def _could_be(one: str, right: str, sentence: str) -> bool:
    """Whether a body could be meant too: it stands in the sentence, it belongs to the same power,
    or one name holds the other."""
    if one in sentence or one in right or right in one:
        return True
    if any(one in group and right in group for group in _CONFUSED):
        # Different departments have different tasks.
        return not (one in _DEPARTMENTS and right in _DEPARTMENTS) or "安全" in one + right
    return bool(_REPORTED.search(sentence)) and one in _JUSTICE
