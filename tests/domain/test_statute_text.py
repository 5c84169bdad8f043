"""Reading official statute files: any tree in any dress is read back, and every fault is named."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawlab.domain.numerals import to_chinese
from lawlab.domain.statute import Article, Key, number_title
from lawlab.domain.statute_text import Given, StatuteText, read_statute

NAME = "某市爱护桥梁条例"
BODY = "某市人民代表大会常务委员会"
ADOPTED, EFFECTIVE = dt.date(2020, 7, 31), dt.date(2020, 9, 1)
NOTE = "（2020年7月31日某市第十届人民代表大会常务委员会第五次会议通过）"
LAST = "本条例自2020年9月1日起施行。"

OPENINGS = (
    "为了爱护桥梁，保障通行，制定本条例。",
    "镇人民政府负责桥梁的保护，履行下列职责：",
    "损坏桥梁的，依照本条例第三条第二款的规定处理；情节较轻的，依照第一章、第二章处理。",
    "本市桥梁的巡查，每月不少于2次。",
)
FURTHER = (
    "（一）宣传爱护桥梁的知识；",
    "（十二）巡查桥梁。",
    "1.三吨以上的车辆；",
    "第三条规定的车辆不得上桥。",
    "第五条、第六条所称的桥梁，包括栈桥。",
    "第一章规定的职责不得转让。",
    "附件的式样由市人民政府规定。",
    "任何人发现桥梁损坏，可以向镇人民政府报告。",
)


# ---- statutes and their dresses ------------------------------------------------------------------


@dataclass
class Tree:
    """A statute as a list of headings (level, number, name) and articles, in order."""

    parts: list[tuple[str, int, str] | Article] = field(default_factory=list)

    @property
    def articles(self) -> list[Article]:
        return [part for part in self.parts if isinstance(part, Article)]


@dataclass(frozen=True)
class Dress:
    """How a file writes it down."""

    gap: str = "　"
    arabic: bool = False
    heading_gap: str = " "
    indent: str = ""
    contents: bool = False
    markdown: bool = False
    narrow_items: bool = False
    width: int = 0
    blank: bool = True
    head: int = 0


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    tree, path = Tree(), dict[str, str]()
    number = 0
    chapters = 0
    restart = draw(st.booleans())

    def heading(level: str, n: int, name: str) -> None:
        order = ["编", "分编", "章", "节"]
        for lower in order[order.index(level) :]:
            path.pop(lower, None)
        path[level] = f"第{to_chinese(n)}{level} {name}"
        tree.parts.append((level, n, name))

    def articles(most: int = 3) -> None:
        nonlocal number
        for _ in range(draw(st.integers(1, most))):
            number += 1
            article((number, 0))
            for insertion in range(1, draw(st.sampled_from([0, 0, 0, 0, 2])) + 1):
                article((number, insertion))

    def article(key: Key) -> None:
        first = draw(st.sampled_from(OPENINGS))
        more = draw(st.lists(st.sampled_from(FURTHER), max_size=3))
        text = "\n".join([first, *more])
        tree.parts.append(Article(key, number_title(key), text, tuple(path.values())))

    def chapter(n: int) -> None:
        heading("章", n, draw(st.sampled_from(["总则", "桥梁的保护", "法律责任"])))
        sections = draw(st.sampled_from([0, 0, 2]))
        if sections == 0 or draw(st.booleans()):
            articles()
        for section in range(1, sections + 1):
            heading("节", section, "一般规定")
            articles(2)

    def all_chapters() -> None:
        nonlocal chapters
        chapters = 0 if restart else chapters
        for _ in range(draw(st.integers(1, 2))):
            chapters += 1
            chapter(chapters)

    match draw(st.sampled_from(["bare", "chapters", "books"])):
        case "bare":
            articles(5)
        case "chapters":
            all_chapters()
        case _:
            for book in range(1, draw(st.integers(1, 2)) + 1):
                heading("编", book, "物权")
                for part in range(1, draw(st.sampled_from([0, 2])) + 1):
                    heading("分编", part, "通则")
                    all_chapters()
                if "分编" not in path:
                    all_chapters()
    if draw(st.booleans()):
        path.clear()
        path["附则"] = "附则"
        tree.parts.append(("附则", 0, "附则"))
    number += 1
    tree.parts.append(Article((number, 0), number_title((number, 0)), LAST, tuple(path.values())))
    return tree


DRESSES = st.builds(
    Dress,
    gap=st.sampled_from(["　", " ", "　　", ""]),
    arabic=st.booleans(),
    heading_gap=st.sampled_from([" ", "　", ""]),
    indent=st.sampled_from(["", "　　", "    "]),
    contents=st.booleans(),
    markdown=st.booleans(),
    narrow_items=st.booleans(),
    width=st.sampled_from([0, 0, 12, 17, 30]),
    blank=st.booleans(),
    head=st.integers(0, 5),
)


def render(tree: Tree, dress: Dress) -> list[tuple[int, str]]:
    lines = [dress.indent + line for line in HEADS[dress.head]]
    if dress.contents:
        lines.append("目　　录")
        lines += [
            f"{heading_text(part, dress)}……{n}"
            for n, part in enumerate(tree.parts)
            if not isinstance(part, Article)
        ]
    for part in tree.parts:
        if isinstance(part, Article):
            lines += article_lines(part, dress)
        else:
            lines.append(("## " if dress.markdown else "　　　") + heading_text(part, dress))
    spread = [text for line in lines for text in ([line, ""] if spaced(dress) else [line])]
    return list(enumerate(spread, 1))


def spaced(dress: Dress) -> bool:
    # A paragraph that goes on over several lines has no empty ones inside.
    return dress.blank and not dress.width


def heading_text(part: tuple[str, int, str], dress: Dress) -> str:
    level, number, name = part
    if level == "附则":
        return "附　则"
    shown = "　".join(name) if dress.heading_gap == "　" and len(name) == 2 else name
    return f"第{numeral(number, dress)}{level}{dress.heading_gap}{shown}"


def article_lines(article: Article, dress: Dress) -> list[str]:
    number, insertion = article.key
    title = f"第{numeral(number, dress)}条"
    if insertion:
        title += f"之{numeral(insertion, dress)}"
    if dress.markdown and not dress.width:
        title = f"**{title}**"
    first, *more = article.text.split("\n")
    if dress.narrow_items:
        more = [line.replace("（", "(").replace("）", ")") for line in more]
    paragraphs = [f"{title}{dress.gap}{first}", *more]
    return [line for text in paragraphs for line in wrapped(dress.indent + text, dress.width)]


def wrapped(text: str, width: int) -> list[str]:
    if not width:
        return [text]
    lines = []
    while len(text) > width + 1:
        # Where a line ends with a sentence, nothing tells that the paragraph goes on.
        cut = next(n for n in range(width, 1, -1) if text[n - 1] not in "。；：”）")
        lines.append(text[:cut])
        text = text[cut:]
    return [*lines, text]


def numeral(number: int, dress: Dress) -> str:
    return str(number) if dress.arabic else to_chinese(number)


HEADS = [
    [NAME, NOTE],
    ["某市人民代表大会常务委员会公告", "（第12号）", NAME, NOTE],
    [
        f"《{NAME}》已由某市第十届人民代表大会常务委员会第五次会议于2020年7月31日通过，现予公布。",
        BODY,
        "2020年7月31日",
        f"# {NAME}",
        "<!-- INFO END -->",
    ],
    ["某市爱护", "桥梁条例", "（2020年7月31日某市第十届人民代表大会", "常务委员会第五次会议通过）"],
    [" ".join(NAME), "(二〇二〇年七月三十一日某市第十届人民代表大会常务委员会第五次会议通过)"],
    [f"[{NAME}](#x)", "2020年7月31日 某市第十届人民代表大会常务委员会第五次会议通过"],
]


@settings(deadline=None, max_examples=150)
@given(tree=trees(), dress=DRESSES)
def test_any_tree_in_any_dress_is_read_back(tree: Tree, dress: Dress) -> None:
    found, faults = read_statute(render(tree, dress))
    assert [fault.say() for fault in faults] == []
    assert list(found.articles) == tree.articles
    assert (found.name, found.issuer, found.kind) == (NAME, BODY, "地方性法规")
    assert (found.adopted, found.published, found.effective) == (ADOPTED, ADOPTED, EFFECTIVE)
    assert found.version == ADOPTED
    assert (found.left_out, found.appendices) == ((), ())


# ---- single forms --------------------------------------------------------------------------------


def read(text: str, given: Given | None = None) -> tuple[StatuteText, list[str]]:
    lines = list(enumerate(text.strip("\n").split("\n"), 1))
    found, faults = read_statute(lines, given)
    return found, [fault.say() for fault in faults]


def good(text: str, given: Given | None = None) -> StatuteText:
    found, faults = read(text, given)
    assert faults == []
    return found


def statute(body: str, head: str = f"{NAME}\n{NOTE}") -> str:
    return f"{head}\n{body}"


SMALL = statute(f"第一条 为了爱护桥梁，制定本条例。\n第二条 {LAST}")


def test_the_smallest_statute() -> None:
    found = good(SMALL)
    assert [article.title for article in found.articles] == ["第一条", "第二条"]
    assert found.counts == {"编": 0, "分编": 0, "章": 0, "节": 0, "条": 2}
    law = found.law("x")
    assert (law.info.short, law.info.status, law.info.begins) == (NAME, "本地导入", EFFECTIVE)


@pytest.mark.parametrize(
    ("head", "name", "issuer", "kind"),
    [
        ("中华人民共和国\n爱护桥梁法", "中华人民共和国爱护桥梁法", "", "法律"),
        ("某镇人民政府\n爱护桥梁管理办法", "爱护桥梁管理办法", "某镇人民政府", "其他"),
        ("某镇人民政府关于\n爱护桥梁的规定", "某镇人民政府关于爱护桥梁的规定", "", "其他"),
        ("某镇爱护桥梁办法\n（试行）", "某镇爱护桥梁办法（试行）", "", "其他"),
        ("某镇爱护桥梁办法（2020年修订）", "某镇爱护桥梁办法", "", "其他"),
        ("《某县桥梁条例》", "某县桥梁条例", "", "地方性法规"),
        ("中共某镇委员会\n党员爱护桥梁准则", "党员爱护桥梁准则", "中共某镇委员会", "党内法规"),
        ("中华人民共和国国务院令\n第7号\n桥梁条例", "桥梁条例", "中华人民共和国国务院", "行政法规"),
        (
            "某省实施《中华人民共和国爱护桥梁法》\n办法",
            "某省实施《中华人民共和国爱护桥梁法》办法",
            "",
            "其他",
        ),
        (
            "桥梁条例\n（2020年7月31日国务院令第666号公布　自2020年9月1日起施行）",
            "桥梁条例",
            "国务院",
            "行政法规",
        ),
        (
            "爱护桥梁法\n（2020年7月31日第十届全国人民代表大会常务委员会第五次会议通过"
            "　2020年7月31日中华人民共和国主席令第3号公布）",
            "爱护桥梁法",
            "全国人民代表大会常务委员会",
            "法律",
        ),
        (
            "党员桥梁条例\n2020年7月1日 中共中央政治局会议审议批准\n"
            "2020年7月31日 中共中央、国务院发布",
            "党员桥梁条例",
            "中共中央、国务院",
            "党内法规",
        ),
    ],
)
def test_name_body_and_kind_are_found(head: str, name: str, issuer: str, kind: str) -> None:
    found, _ = read(statute(f"第一条 {LAST}", head))
    assert (found.name, found.issuer, found.kind) == (name.replace("《某县", "某县"), issuer, kind)


def test_amendments_make_the_version() -> None:
    found = good(
        statute(
            f"第一条 {LAST}",
            f"{NAME}\n（1998年3月2日某市第七届人民代表大会常务委员会第二次会议通过　"
            "根据2010年5月6日某市第九届人民代表大会常务委员会第三次会议《关于修改〈某市爱护桥梁条例〉的决定》"
            "第一次修正\n根据2020年7月31日某市第十届人民代表大会常务委员会第五次会议第二次修正）",
        )
    )
    assert found.adopted == dt.date(1998, 3, 2)
    assert found.published == dt.date(1998, 3, 2)
    assert found.amendments == (dt.date(2010, 5, 6), ADOPTED)
    assert found.version == ADOPTED


def test_what_a_city_adopts_and_a_province_approves_is_published_on_the_later_day() -> None:
    note = (
        "（2020年7月1日某市人民代表大会常务委员会通过　"
        "2020年7月31日某省人民代表大会常务委员会批准）"
    )
    found = good(statute(f"第一条 {LAST}", f"{NAME}\n{note}"))
    assert (found.adopted, found.published) == (dt.date(2020, 7, 1), ADOPTED)
    assert found.issuer == BODY


@pytest.mark.parametrize(
    ("article", "day"),
    [
        ("本条例自公布之日起施行。", ADOPTED),
        (
            "本条例自2021年1月1日起施行。1999年5月1日起施行的《某市桥梁办法》同时废止。",
            dt.date(2021, 1, 1),
        ),
        (
            "自1999年5月1日起施行的《桥梁办法》同时废止，本条例自2021年1月1日起施行。",
            dt.date(2021, 1, 1),
        ),
        ("本条例自二〇二一年一月一日起实施。", dt.date(2021, 1, 1)),
    ],
)
def test_the_first_day_stands_in_the_last_article(article: str, day: dt.date) -> None:
    assert good(statute(f"第一条 为了爱护桥梁。\n第二条 {article}")).effective == day


def test_the_first_day_may_stand_in_an_article_before_the_last() -> None:
    body = "第一条 甲。\n第二条 本条例自2021年1月1日起施行。\n第三条 本条例由市人民政府解释。"
    assert good(statute(body)).effective == dt.date(2021, 1, 1)


def test_what_a_person_says_counts_more_than_the_file() -> None:
    day = dt.date(2022, 2, 2)
    found = good(SMALL, Given("另一条例", "另一机关", "其他", day, day, day))
    assert (found.name, found.issuer, found.kind) == ("另一条例", "另一机关", "其他")
    assert (found.published, found.effective, found.version) == (day, day, day)


def test_a_heading_may_have_its_name_on_the_next_line() -> None:
    found = good(statute(f"第一章\n总　则\n第一条 为了爱护桥梁。\n第二章 附则\n第二条 {LAST}"))
    assert [article.path for article in found.articles] == [("第一章 总则",), ("第二章 附则",)]


def test_appendices_are_kept_apart() -> None:
    found = good(SMALL + "\n附件1：桥梁名录\n第一条 某桥。\n东桥、西桥\n附表 限重\n东桥 3吨")
    assert len(found.articles) == 2
    assert [(one.title, one.text) for one in found.appendices] == [
        ("附件1：桥梁名录", "第一条 某桥。\n东桥、西桥"),
        ("附表 限重", "东桥 3吨"),
    ]
    assert found.law("x").appendices == found.appendices


def test_notes_behind_the_text_are_left_out_and_told() -> None:
    found = good(SMALL + "\n来源：某市人大网\n责任编辑：编辑001\n（此件公开发布）\n打印本页")
    assert found.articles[-1].text == LAST
    assert [line.text for line in found.left_out] == [
        "来源：某市人大网",
        "责任编辑：编辑001",
        "（此件公开发布）",
        "打印本页",
    ]


def test_a_last_article_of_several_paragraphs_is_whole() -> None:
    found = good(SMALL + "\n《某市桥梁办法》同时废止。")
    assert found.articles[-1].text == f"{LAST}\n《某市桥梁办法》同时废止。"
    assert found.left_out == ()


def test_comments_rules_and_page_numbers_are_no_text() -> None:
    text = SMALL.replace(
        "第二条", "<!-- 第五条 不算\n第六条 不算 -->\n---\n- 3 -\n第 3 页 共 9 页\n```\n第二条"
    )
    assert len(good(text).articles) == 2


def test_an_article_with_a_title_in_brackets() -> None:
    found = good(statute(f"第一条【目的】为了爱护桥梁。\n第二条（施行日期）\n{LAST}"))
    assert [article.text for article in found.articles] == [
        "【目的】为了爱护桥梁。",
        f"（施行日期）\n{LAST}",
    ]


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("为了爱护桥梁，大家都来出力。", ["没有找到“第一条”"]),
        (
            "第一条 甲。\n第二条 乙。\n第四条 丁。",
            ["第 5 行“第四条 丁。”：缺第三条，前一条是第二条。"],
        ),
        ("第一条 甲。\n第六条 己。", ["第 4 行“第六条 己。”：缺第二条至第五条，前一条是第一条。"]),
        ("第三条 丙。", ["第 3 行“第三条 丙。”：缺第一条至第二条。"]),
        (
            "第一条 甲。\n第二条 乙。\n第二条 丙。",
            ["第 5 行“第二条 丙。”：第二条重复了，第 4 行已经有一个。"],
        ),
        (
            "第一条 甲。\n第三条 丙。\n第二条 乙。",
            ["缺第二条", "第 5 行“第二条 乙。”：第二条排在第三条后面，次序不对。"],
        ),
        (
            "第一条 甲。\n第三条之一 丙。\n第二条 乙。",
            ["第 4 行“第三条之一 丙。”：有第三条之一，前面却没有第三条。"],
        ),
        ("第一条 甲。\n第一条之二 丙。\n第二条 乙。", ["缺第一条之一，前一条是第一条。"]),
        ("第一条 甲。\n第二条\n第三条 丙。", ["第 4 行“第二条”：第二条没有内容。"]),
        ("第一条 甲。\n第二条　\n第二章 乙\n第三条 丙。", ["第二条没有内容。", "这里应是第一章。"]),
        (
            "第一章 总则\n第一条 甲。\n第三章 附则\n第二条 乙。",
            ["第 5 行“第三章 附则”：前面是第一章，这里应是第二章。"],
        ),
        (
            "第一章 总则\n第一条 甲。\n第一章 附则\n第二条 乙。",
            ["第 5 行“第一章 附则”：前面是第一章，这里应是第二章。"],
        ),
        (
            "第一章 总则\n第一条 甲。\n第二章 空的\n第三章 附则\n第二条 乙。",
            ["第 5 行“第二章 空的”：第二章下面没有条文。"],
        ),
        ("第一条 甲。\n第一章 总则", ["第 4 行“第一章 总则”：第一章下面没有条文。"]),
        ("第一节 通则\n第一条 甲。", ["第 3 行“第一节 通则”：第一节不在任何一章里。"]),
        ("第一分编 通则\n第一条 甲。", ["第一分编不在任何一编里。"]),
        ("第〇条 甲。\n第一条 乙。", ["第 3 行“第〇条 甲。”：条号写错了"]),
        (
            "第一章 总则\n这一句不知道从哪里来，也没有条号。\n第一条 甲。",
            ["第 4 行“这一句不知道从哪里来，也没有条号。”：这一行不在任何一条里"],
        ),
        ("第一条 甲。\n第二条 乙�丙。", ["第 4 行“第二条 乙�丙。”：有认不出的字"]),
        (
            "第一条 甲。\n附件\n名录\n第二条 乙。",
            ["第 6 行“第二条 乙。”：正文到第一条，这一条却在“附件”后面。"],
        ),
    ],
)
def test_a_fault_is_named_with_its_place(body: str, faults: list[str]) -> None:
    _, found = read(statute(body), Given(effective=EFFECTIVE))
    assert len(found) == len(faults), found
    for sentence, wanted in zip(found, faults, strict=True):
        assert wanted in sentence


@pytest.mark.parametrize(
    ("head", "given", "faults"),
    [
        ("（2020年7月31日某机关通过）", Given(), ["没有找到法规的名称"]),
        (NAME, Given(), ["没有找到公布（通过）的日期"]),
        (f"{NAME}\n（2020年2月30日某机关通过）", Given(), ["日期“2020年2月30日”不存在", "公布"]),
        (f"{NAME}\n{NOTE}", Given(name="桥" * 81), ["名称“桥"]),
        (f"{NAME}\n{NOTE}", Given(name="桥梁#条例"), ["带有 #。名称要有汉字"]),
        (
            f"某镇?a=b条例\n{NOTE}",
            Given(),
            ["第 1 行“某镇?a=b条例”：名称“某镇?a=b条例”不对：带有 ?。"],
        ),
        (f"{NAME}\n{NOTE}", Given(name="某镇<img src=x>条例"), ["带有 < >。名称要有汉字"]),
        (f"{NAME}\n{NOTE}", Given(name='%&"\\/条例'), ['带有 / \\ % & "。名称要有汉字']),
        (f"{NAME}\n{NOTE}", Given(name="."), ["名称“.”不对：没有汉字。"]),
        (f"{NAME}\n{NOTE}", Given(name="中华人民共和国.."), ["没有汉字"]),
        (f"{NAME}\n{NOTE}", Given(kind="说明"), ["类别“说明”不对"]),
        (f"{NAME}\n{NOTE}", Given(issuer="某" * 201), ["制定机关最多 200 个字"]),
    ],
)
def test_a_head_that_says_too_little_is_named(head: str, given: Given, faults: list[str]) -> None:
    _, found = read(statute(f"第一条 {LAST}", head), given)
    assert len(found) == len(faults), found
    for sentence, wanted in zip(found, faults, strict=True):
        assert wanted in sentence


def test_a_missing_first_day_is_named() -> None:
    assert read(statute("第一条 为了爱护桥梁。"))[1] == ["没有找到施行日期，请写明施行日期。"]


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    _, found = read("第一条\n第三条 丙。\n第三条 丙。\n第一节 通则\n第四条 丁�。")
    assert len(found) == 8
    places = [int(text.split()[1]) for text in found if text.startswith("第 ")]
    assert places == sorted(places)


def test_paragraphs_of_a_document_are_counted_as_such() -> None:
    _, faults = read_statute([(1, NAME), (2, "第二条 甲。")], unit="段")
    assert "第 2 段“第二条 甲。”：缺第一条。" in [fault.say("段") for fault in faults]


def test_a_file_of_endless_lines_is_not_read() -> None:
    _, faults = read("第一条 甲。\n" * 30_001)
    assert faults == ["有 30001 行，不像一部法规（最多 30000 行）。"]


def test_a_head_of_endless_dates_is_read_quickly() -> None:
    began = time.monotonic()
    read(statute("第一条 甲。", f"{NAME}\n（{'2020年7月31日通过' * 100_000}）"))
    assert time.monotonic() - began < 5  # alone some 0.1 s


@pytest.mark.parametrize(
    "text", ["", "\n\n", "第" * 5000, "（" * 5000, "第一条" * 3000, "# " * 4000]
)
def test_nonsense_is_refused_quickly(text: str) -> None:
    assert read(text)[1] != []
