"""The check card: saved once whatever the network does, and never under another's name."""

from __future__ import annotations

from typing import Any, TypeAlias

from playwright.sync_api import Locator, Page, expect

# The fixtures' classes stand in conftest.py, which no module can import.
Phones: TypeAlias = Any
Site: TypeAlias = Any

LESSON = "/services/learn/lesson/anti-telecom-fraud/01_scams"
WAITING = "网络不稳，答案已留在手机上，正在重试"


def card(page: Page, n: int = 0) -> Locator:
    found = page.locator("lawlab-question").nth(n)
    found.locator("fieldset, .verdict").first.wait_for()
    return found


def answer(page: Page, n: int, *options: str) -> Locator:
    question = card(page, n)
    for option in options:
        question.locator(".option", has_text=option).tap()
    question.get_by_role("button", name="确定").tap()
    return question


def come_back(page: Page) -> None:
    """What the browser tells a page after a lock or a dead spot."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def test_an_answer_is_saved_and_explained(phones: Phones, site: Site) -> None:
    question = answer(phones.open(LESSON), 0, "先转一点")
    expect(question.locator(".verdict")).to_have_text("答错了")
    expect(question.get_by_text("转了就难追回")).to_be_visible()
    expect(question.locator(".is-right")).to_contain_text("挂断")
    expect(question.locator(".save-state")).to_contain_text("已保存 ")
    (stored,) = site.stored.values()
    assert stored["person"] == "v001"
    assert stored["place"] == "lesson:anti-telecom-fraud/01_scams"
    assert stored["response"] == {"chosen": ["A"]}


def test_each_kind_of_question_can_be_answered_and_completes_the_lesson(
    phones: Phones, site: Site
) -> None:
    page = phones.open(LESSON)
    answer(page, 0, "挂断")
    answer(page, 1, "电话卡", "银行卡")
    answer(page, 2, "错")
    card(page, 3).locator("textarea").fill("停止转账")
    answer(page, 3)
    expect(page.locator("lawlab-lesson-end")).to_contain_text("本课学完了")
    expect(page.get_by_role("link", name="下一课：卡和账户")).to_be_visible()
    responses = [one["response"] for one in site.stored.values()]
    assert responses == [
        {"chosen": ["B"]},
        {"chosen": ["A", "B"]},
        {"chosen": ["错"]},
        {"text": "停止转账"},
    ]


def test_all_cards_of_a_lesson_share_one_request(phones: Phones, site: Site) -> None:
    card(phones.open(LESSON), 3)
    assert [asked for asked in site.asked if "/lessons/" in asked] == [
        "GET /lessons/anti-telecom-fraud/01_scams"
    ]


def test_confirming_without_a_choice_says_what_to_do(phones: Phones, site: Site) -> None:
    question = answer(phones.open(LESSON), 0)
    expect(question.locator(".save-state")).to_have_text("请先选一个答案，再点确定。")
    assert site.stored == {}


def test_an_answer_waits_while_the_server_is_away_and_is_stored_once(
    phones: Phones, site: Site
) -> None:
    page = phones.open(LESSON)
    card(page)
    site.down = True
    question = answer(page, 0, "挂断")
    expect(question.locator(".save-state")).to_contain_text(WAITING)
    site.down = False
    expect(question.locator(".verdict")).to_have_text("答对了")
    assert len(site.stored) == 1


def test_an_answer_whose_reply_was_lost_is_repeated_with_its_key(
    phones: Phones, site: Site
) -> None:
    site.lose_replies = 2
    question = answer(phones.open(LESSON), 0, "挂断")
    expect(question.locator(".verdict")).to_have_text("答对了")
    assert site.asked.count("POST /answers") == 3
    assert len(site.stored) == 1


def test_an_answer_that_another_tab_sent_is_shown_as_saved(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    # This tab alone has no network: only the other can send what waits on the phone.
    page.route("**/services/api/answers", lambda route: route.abort())
    question = answer(page, 0, "先转一点")
    expect(question).to_contain_text(WAITING)
    other = page.context.new_page()
    other.goto(site.address + LESSON)
    expect(question.locator(".verdict")).to_be_visible()
    expect(question).not_to_contain_text(WAITING)
    assert len(site.stored) == 1


def test_an_answer_survives_a_reload_without_network(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    card(page)
    site.down = True
    expect(answer(page, 0, "挂断").locator(".save-state")).to_contain_text(WAITING)
    page.reload()
    site.down = False
    come_back(page)
    expect(card(page).locator(".verdict")).to_have_text("答对了")
    assert len(site.stored) == 1


def test_a_choice_not_yet_confirmed_survives_a_reload(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    card(page, 3).locator("textarea").fill("先停手")
    page.reload()
    expect(card(page, 3).locator("textarea")).to_have_value("先停手")
    assert site.stored == {}


def test_a_session_that_ran_out_is_renewed_without_a_word(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    card(page)
    site.session = False
    question = answer(page, 0, "挂断")
    expect(question.locator(".verdict")).to_have_text("答对了")
    assert site.asked.count("POST /answers") == 2
    assert len(site.stored) == 1


def test_a_signed_out_person_keeps_the_answer_and_gets_a_link(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    card(page)
    site.session = site.hub = False
    question = answer(page, 0, "挂断")
    expect(question.locator(".save-state")).to_contain_text("登录已过期。答案已留在手机上")
    link = page.get_by_role("link", name="重新登录")
    expect(link).to_have_attribute("href", f"/services/api/enter?next={LESSON.replace('/', '%2F')}")
    site.session = True
    page.reload()
    expect(card(page).locator(".verdict")).to_have_text("答对了")
    assert len(site.stored) == 1


def test_anothers_answers_are_neither_shown_nor_sent(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    card(page)
    site.down = True
    expect(answer(page, 0, "挂断").locator(".save-state")).to_contain_text(WAITING)
    site.login, site.down = "v002", False
    page.reload()
    expect(page.locator(".bar-who")).to_contain_text("明白人002")
    expect(card(page).locator(".is-chosen")).to_have_count(0)
    come_back(page)
    answer(page, 1, "电话卡")
    expect(card(page, 1).locator(".verdict")).to_be_visible()
    assert [one["person"] for one in site.stored.values()] == ["v002"]
    site.login = "v001"
    page.reload()
    expect(card(page).locator(".verdict")).to_have_text("答对了")
    assert sorted(one["person"] for one in site.stored.values()) == ["v001", "v002"]


def test_an_answer_given_after_somebody_else_signed_in_waits_for_its_person(
    phones: Phones, site: Site
) -> None:
    page = phones.open(LESSON)
    card(page)
    site.login = "v002"
    answer(page, 0, "挂断")
    expect(page.locator(".bar-who")).to_contain_text("明白人002")
    expect(card(page).locator(".is-chosen")).to_have_count(0)
    assert site.stored == {}
    site.login = "v001"
    come_back(page)
    expect(page.locator(".bar-who")).to_contain_text("明白人001")
    expect(card(page).locator(".verdict")).to_have_text("答对了")


def test_the_end_of_a_lesson_leads_to_what_is_missing(phones: Phones) -> None:
    page = phones.open(LESSON)
    answer(page, 0, "挂断")
    end = page.locator("lawlab-lesson-end")
    expect(end).to_contain_text("还有 3 题没有做")
    end.get_by_role("button", name="第 3 题").tap()
    expect(card(page, 2).locator("input").first).to_be_focused()


def test_a_lesson_that_cannot_be_loaded_says_so_and_loads_later(phones: Phones, site: Site) -> None:
    site.down = True
    page = phones.open(LESSON)
    expect(page.get_by_text("网络不稳，练习还没有打开，正在重试。").first).to_be_visible()
    site.down = False
    page.get_by_role("button", name="马上重试").first.tap()
    card(page)


def test_a_card_out_of_use_is_explained_and_an_answered_one_says_what_became_of_it(
    phones: Phones, site: Site
) -> None:
    page = phones.open(LESSON)
    answer(page, 0, "先转一点")
    expect(card(page, 0).locator(".verdict")).to_be_visible()

    def change(route: Any) -> None:
        body = route.fetch().json()
        body["cards"][0]["since"] = "updated"
        body["resting"] = [body["cards"].pop(1)["id"]]
        route.fulfill(json=body | {"total": 3})

    page.route("**/lessons/**", change)
    page.reload()
    expect(card(page, 0)).to_contain_text("这道题后来改过，这里是您当时做的那一版。")
    expect(page.locator("lawlab-question").nth(1)).to_contain_text("暂时撤下了，不用做")
    expect(card(page, 2)).to_contain_text("练习 2/3")


FILL = {
    "id": "atf-005",
    "type": "fill",
    "type_name": "填空题",
    "stem": "在____内向____报告。",
    "options": {},
    "blanks": 2,
}
ORDER = {
    "id": "atf-006",
    "type": "order",
    "type_name": "排序题",
    "stem": "先后怎么办？",
    "options": {"A": "立案", "B": "报案", "C": "侦查"},
}
SHOW = """async ([question, response, revealed]) => {
  const made = {...await import('/ui/choices.js'), ...await import('/ui/marked.js')};
  window.given = null;
  const card = document.createElement('section');
  card.className = 'card question';
  if (revealed) card.append(...made.markedQuestion(question, response, revealed).flat(3));
  else card.append(made.answerForm(question, response, (value) => { window.given = value; }));
  document.querySelector('main').replaceChildren(card);
}"""


def test_blanks_are_fields_in_the_stem(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    page.evaluate(SHOW, [FILL, {"filled": ["三十日", ""]}, None])
    first, second = (
        page.get_by_label("第 1 空", exact=True),
        page.get_by_label("第 2 空", exact=True),
    )
    expect(first).to_have_value("三十日")
    second.fill("公安机关")
    assert page.evaluate("window.given") == {"filled": ["三十日", "公安机关"]}
    assert second.evaluate("node => node.getBoundingClientRect().height") >= 48
    revealed = {"blanks": [["三十日", "30日"], ["公安机关"]], "answer": "三十日；公安机关"}
    page.evaluate(SHOW, [FILL, {"filled": ["30日", ""]}, revealed])
    expect(page.locator("main li")).to_have_text(
        ["30日　正确答案：三十日", "（没有填）　正确答案：公安机关"]
    )


def test_steps_are_moved_by_keyboard_and_keep_the_focus(phones: Phones, site: Site) -> None:
    page = phones.open(LESSON)
    page.evaluate(SHOW, [ORDER, None, None])
    page.get_by_role("button", name="A 下移").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.given") == {"chosen": ["B", "A", "C"]}
    expect(page.get_by_role("button", name="A 下移")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="A 上移")).to_be_focused()
    assert page.evaluate("window.given") == {"chosen": ["B", "C", "A"]}
    page.evaluate(SHOW, [ORDER, {"chosen": ["B", "C", "A"]}, {"answer": "BAC"}])
    expect(page.locator("main ol").last).to_contain_text("报案")
    expect(page.locator("main")).to_contain_text("正确的顺序")


def test_shuffled_options_show_the_letter_of_their_place(phones: Phones, site: Site) -> None:
    own = {
        "id": "atf-007",
        "type": "multiple",
        "type_name": "多选题",
        "stem": "哪些对？",
        "options": {"C": "丙的话", "A": "甲的话", "B": "乙的话"},
    }
    page = phones.open(LESSON)
    page.evaluate(SHOW, [own, None, None])
    expect(page.locator("main .option")).to_have_text(["A丙的话", "B甲的话", "C乙的话"])
    page.locator("main .option", has_text="丙的话").tap()
    page.locator("main .option", has_text="乙的话").tap()
    assert page.evaluate("window.given") == {"chosen": ["C", "B"]}  # the server's letters
    page.evaluate(SHOW, [own, {"chosen": ["C"]}, {"answer": "AC", "why_wrong": {}}])
    expect(page.locator("main .option.is-right")).to_have_text(
        ["A丙的话 您选的 正确答案", "B甲的话 正确答案"]
    )
    said = page.evaluate(
        "import('/ui/choices.js').then((made) => made.shownChoice("
        "{type: 'single', options: {C: '丙', A: '甲'}}, ['A']))"
    )
    assert said == "B"
