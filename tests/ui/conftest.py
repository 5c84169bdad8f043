"""A real browser in front of a scripted API: the elements meet every reply of the contract, also
those that a healthy server gives only by bad luck (a lost reply, a session that ends in mid-quiz).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, ConsoleMessage, Page

from lawlab.ui import lesson as build
from lawlab.ui.assets import STATIC

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws://127.0.0.1:*; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
PEOPLE = {"v001": ("明白人001", "银杏社区"), "v002": ("明白人002", "大河村")}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "atf-001",
        "type": "single",
        "type_name": "单选题",
        "stem": "有人来电要您把钱转到“安全账户”，您怎么做？",
        "options": {"A": "先转一点", "B": "挂断，打 110 核实", "C": "报验证码"},
    },
    {
        "id": "atf-002",
        "type": "multiple",
        "type_name": "多选题",
        "stem": "哪些不能借给别人？",
        "options": {"A": "电话卡", "B": "银行卡", "C": "锄头"},
    },
    {
        "id": "atf-003",
        "type": "judge",
        "type_name": "判断题",
        "stem": "不收钱就能借卡。",
        "options": {},
    },
    {"id": "atf-004", "type": "case", "type_name": "案例分析题", "stem": "您让村民乙怎么做？"},
]
KEYS = {"atf-001": "B", "atf-002": "AB", "atf-003": "错", "atf-004": "停止转账，打 110。"}
LESSON = "/services/learn/lesson/anti-telecom-fraud/01_scams"
QUIZ = "/services/learn/quiz/atf-1"
SLUG, LAW, AWAITED = "anti-telecom-fraud", "反电信网络诈骗法", "信访工作条例"
COURSE = f"/services/learn/course/{SLUG}"
LAW_PAGE = "/services/learn/law"
LAW_ADDRESS = f"{LAW_PAGE}/{LAW}"
NOT_IMPORTED = f"本镇还没有导入《{AWAITED}》的官方文本，导入后这里能看到条文。"
CHAPTERS: list[tuple[str, list[str]]] = [
    ("第一章 总则", [str(n) for n in range(1, 9)]),
    ("第二章 电信治理", [str(n) for n in range(9, 16)]),
    ("第一章 综合措施", [*map(str, range(16, 33)), "32之1", *map(str, range(33, 46))]),
    ("第二章 法律责任", [str(n) for n in range(46, 60)]),
]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Site:
    """The scripted server. Tests change its fields and read what was asked and stored."""

    def __init__(self) -> None:
        self.address = ""
        self.login = "v001"
        self.session = self.hub = True
        self.down = False
        self.lose_replies = 0
        self.stored: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.seconds = 1200.0
        self.sitting: dict[str, Any] | None = None
        self.result: dict[str, Any] | None = None
        self.revision = 1
        self.points = {"v001": 5.0, "v002": 9.0}
        self.empty = self.awaiting = False
        self.practice: dict[str, Any] | None = None
        self.searches = 0

    def given(self, place: str) -> dict[str, dict[str, Any]]:
        """The signed-in person's answers at a place, the latest of each question."""
        mine = (a for a in self.stored.values() if (a["person"], a["place"]) == (self.login, place))
        return {answer["item"]: answer for answer in mine}

    def reply(self, answer: dict[str, Any]) -> dict[str, Any]:
        key = KEYS[answer["item"]]
        chosen = "".join(answer["response"].get("chosen", []))
        revealed = {
            "answer": key,
            "explanation": "因为法律这样写。",
            "why_wrong": {"A": "转了就难追回。"},
        }
        revealed |= {"articles": ["反电信网络诈骗法#31"], "rubric": [], "unconfirmed": ""}
        kept = {name: answer[name] for name in ("key", "stored_at", "response")}
        right = None if answer["item"] == "atf-004" else chosen == key
        return {**kept, "right": right, "points": 1, "max_points": 1, "revealed": revealed}

    def progress(self, place: str) -> dict[str, Any]:
        done = len(self.given(place))
        return {"answered": done, "total": len(KEYS), "complete": done == len(KEYS)}

    def quiz(self) -> dict[str, Any]:
        slots = []
        given = self.given("quiz:atf-1")
        if self.sitting and not self.sitting["handed_in_at"]:
            slots = [
                {
                    "slot": f"q{n}",
                    "points": 5,
                    "question": {**question, "version": 1},
                    "response": given.get(question["id"], {}).get("response"),
                }
                for n, question in enumerate(QUESTIONS, 1)
            ]
        left = 0.0
        if self.sitting:
            left = (dt.datetime.fromisoformat(self.sitting["deadline"]) - _now()).total_seconds()
        return {
            "assignment": "atf-1",
            "title": "第一次测验",
            "minutes": 20,
            "points": 20,
            "pass_mark": 60,
            "questions": len(QUESTIONS),
            "state": "released" if self.result else "open",
            "server_time": _now().isoformat(),
            "sitting": self.sitting and {**self.sitting, "seconds_left": max(0, int(left))},
            "slots": slots,
            "result": self.result,
        }


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status)


def _page(body: str) -> HTMLResponse:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/ui/lawlab.css">'
        '<script type="module" src="/ui/lawlab.js"></script>'
    )
    html = f"<body><lawlab-bar></lawlab-bar><main class=page>{body}</main></body>"
    text = f"<!doctype html><html lang=zh-CN><head>{head}</head>{html}</html>"
    return HTMLResponse(text, headers={"Content-Security-Policy": CSP})


def _lesson_page() -> HTMLResponse:
    steps = build.steps("对方让您害怕", "催您马上转账")
    pieces = [build.begin(), steps, build.article("反电信网络诈骗法", 31)]
    pieces += [build.check(item) for item in KEYS]
    pieces += [build.takeaway("不转账。", "不借卡。", "打 110。"), build.finish()]
    return _page("<h1>骗局</h1><p>第一段。第二句。</p>" + "".join(p.html for p in pieces))


def make_app(site: Site) -> FastAPI:
    app = FastAPI()
    app.mount("/ui", StaticFiles(directory=STATIC))
    api = "/services/api"

    @app.middleware("http")
    async def gate(request: Request, call_next: Any) -> Response:
        path = request.url.path
        if path.startswith(api):
            site.asked.append(f"{request.method} {path.removeprefix(api)}")
            if site.down:
                return HTMLResponse("<h1>503</h1>", 503)
            if not site.session and path != f"{api}/enter":
                return _error(401, "signed_out", "请重新登录。")
        reply: Response = await call_next(request)
        return reply

    @app.get(f"{api}/enter")
    def enter(next: str) -> Response:
        site.session = site.session or site.hub
        return RedirectResponse(next if site.session else "/hub/login")

    @app.get("/hub/login")
    def sign_in() -> Response:
        return _page("<h1>登录</h1>")

    @app.get(f"{api}/me")
    def me() -> Any:
        name, unit = PEOPLE[site.login]
        person = {"login": site.login, "full_name": name, "unit": unit, "cohorts": ["villager"]}
        return {**person, "demo": True, "town": "大河镇", "server_time": _now().isoformat()}

    @app.get(f"{api}/home")
    def home() -> Any:
        course: dict[str, Any] = {"slug": SLUG, "title": LAW, "law": LAW, "url": COURSE}
        course |= {"lessons": 2, "done": 1, "begun": True, "next": {"number": 2, "title": "骗局"}}
        fresh = {**course, "title": "宪法", "done": 0, "begun": False}
        finished = {**course, "title": "民法典", "done": 2, "next": None}
        reading = [{"title": "某镇爱护桥梁条例", "law": "", "url": f"{LAW_PAGE}/某镇爱护桥梁条例"}]
        quiz: dict[str, Any] = {
            "title": "第一次测验",
            "url": QUIZ,
            "minutes": 20,
            "questions": 4,
            "points": 20,
        }
        quiz |= {"state": "open", "my": "new", "deadline": None}
        due = [{"kind": "lesson", "title": "骗局", "url": LESSON, "note": "4 道练习"}]
        due[0]["place"] = f"{LAW} · 第 2 课"
        full = {"courses": [course, fresh, finished], "quizzes": [quiz], "due": due, "points": 5}
        full |= {"practice": site.practice}
        nothing: dict[str, Any] = {"courses": [], "quizzes": [], "due": [], "points": 0}
        return {**nothing, "reading": []} if site.empty else {**full, "reading": reading}

    @app.get(f"{api}/lessons/{{course}}/{{stem}}")
    def lesson(course: str, stem: str) -> Any:
        place = f"lesson:{course}/{stem}"
        given = site.given(place)
        replies = {item: site.reply(answer) for item, answer in given.items()}
        cards = [{**q, "version": 1, "answered": replies.get(q["id"])} for q in QUESTIONS]
        following = {"title": "卡和账户", "url": "/services/learn/lesson/atf/02_cards"}
        around = {"course_title": LAW, "course_url": COURSE, "number": 1}
        return {"cards": cards, "next": following, **around, **site.progress(place)}

    @app.post(f"{api}/answers")
    async def answers(request: Request) -> Response:
        assert request.headers["x-lawlab"] == "1"
        answer = await request.json()
        if answer["person"] != site.login:
            return _error(409, "other_person", "这条答案是另一位的。")
        if answer["place"].startswith("quiz:") and (site.sitting or {}).get("handed_in_at"):
            return _error(409, "quiz_closed", "测验已经结束，这个答案没有计入。")
        first = answer["key"] not in site.stored
        kept = site.stored.setdefault(answer["key"], {**answer, "stored_at": _now().isoformat()})
        if site.lose_replies:
            site.lose_replies -= 1
            return HTMLResponse("<h1>502</h1>", 502)
        reply = {"key": kept["key"], "stored_at": kept["stored_at"]}
        if answer["place"].startswith("lesson:"):
            reply = site.reply(kept) | {"progress": site.progress(answer["place"])}
        return JSONResponse(reply, 201 if first else 200)

    add_library(app, api, site)

    @app.get(f"{api}/statutes/{{law}}/articles/{{number}}")
    def article(law: str, number: str) -> Any:
        if law == AWAITED:
            return _error(404, "law_not_imported", NOT_IMPORTED)
        if number != "31":
            return _error(404, "no_article", f"《{law}》没有第 {number} 条。")
        found = {"law": f"中华人民共和国{law}", "short": law, "number": "第三十一条"}
        return {**found, "path": ["第五章"], "paragraphs": ["第一款。"], "effective": "2022-12-01"}

    @app.get(f"{api}/quizzes/{{name}}")
    def quiz(name: str) -> Any:
        return site.quiz()

    @app.post(f"{api}/quizzes/{{name}}/start")
    def start(name: str) -> Any:
        deadline = _now() + dt.timedelta(seconds=site.seconds)
        site.sitting = {"deadline": deadline.isoformat(), "handed_in_at": None, "receipt": None}
        return site.quiz()

    @app.post(f"{api}/quizzes/{{name}}/hand-in")
    def hand_in(name: str) -> Any:
        assert site.sitting
        site.sitting |= {"handed_in_at": _now().isoformat(), "receipt": "7K2M-QX9D"}
        return {"receipt": "7K2M-QX9D", "handed_in_at": site.sitting["handed_in_at"]}

    @app.get(f"{api}/board")
    def board(group: str, span: str, phase: str) -> Any:
        ranked = sorted(site.points.items(), key=lambda pair: -pair[1])
        parts = dict.fromkeys(("quiz", "meet", "drill", "contest"), 0.0)
        rows: list[dict[str, Any]] = [
            {"rank": n, "id": n, "login": login, "name": PEOPLE[login][0], "unit": PEOPLE[login][1]}
            | {"points": points, "learn": points, "mine": login == site.login, **parts}
            | {"phases": {"learn": points, "drill": 0.0, "compete": 0.0}}
            for n, (login, points) in enumerate(ranked, 1)
        ]
        if group == "unit":
            unit = {"rank": 1, "unit": "银杏社区", "members": 4, "participants": 3, "mine": True}
            rows = [{**unit, "participation": 0.75, "points": 4.5}]
        asked = {"group": group, "span": span, "phase": phase, "own": None, "masked": False}
        asked |= {"weights": {"learn": 1.0, "drill": 1.0, "compete": 1.0}}
        revision = {"revision": str(site.revision), "as_of": _now().isoformat()}
        return {**asked, **revision, "rows": [] if site.empty else rows}

    @app.websocket(f"{api}/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        if not site.session or site.down:
            await socket.close(4401 if site.session else 1011)
            return
        told = 0
        gone = asyncio.create_task(socket.receive())
        while not gone.done():
            if site.revision != told:
                told = site.revision
                await socket.send_json({"type": "board", "revision": str(told)})
            await asyncio.wait([gone], timeout=0.05)

    @app.get("/services/learn/lesson/{course}/{stem}")
    def lesson_page() -> Response:
        return _lesson_page()

    @app.get("/services/learn/{app}")
    @app.get("/services/learn/{app}/{rest}")
    def page(app: str) -> Response:
        return _page(f"<lawlab-{app}></lawlab-{app}>")

    return app


def add_library(app: FastAPI, api: str, site: Site) -> None:
    """A course of two lessons, and its law of 60 articles in four chapters, two below a part."""

    @app.get(f"{api}/courses/{{slug}}")
    def course(slug: str) -> Any:
        if slug != SLUG:
            return _error(404, "no_course", "没有这门课程。")
        lessons = [
            {"number": n, "title": title, "url": LESSON, "cards": 4, "unconfirmed": 1}
            | {"answered": answered, "complete": answered == 4}
            for n, (title, answered) in enumerate([("骗局", 4), ("卡和账户", 2)], 1)
        ]
        treated = {1: ([1], ["2", "3"]), 3: ([1, 2], ["31", "32之1"])}
        leaves = []
        for n, (title, numbers) in enumerate(CHAPTERS, 1):
            taught, named = treated.get(n, ([], []))
            leaf = {"title": title, "articles": len(numbers), "treated": len(named), "chapter": n}
            leaves.append(leaf | {"numbers": named, "lessons": taught})
        part = {"title": "第二编 分则", "articles": 45, "treated": 2, "parts": leaves[2:]}
        page: dict[str, Any] = {"slug": slug, "title": LAW, "law": LAW, "law_url": LAW_ADDRESS}
        page |= {"reading": False, "audience": ["法律明白人"], "sources": ["某法（2022年）"]}
        page |= {"checked": "2026-11-24", "lessons": lessons, "done": 1, "others": []}
        drawn = {"articles": 60, "treated": 4, "outline": [*leaves[:2], part]}
        waiting = "导入官方文本后，这里会列出各章。"
        shown = (None, waiting) if site.awaiting else (drawn, "")
        return page | dict(zip(("map", "waiting"), shown, strict=True))

    @app.get(f"{api}/search")
    def search(q: str) -> Any:
        site.searches += 1
        complete = site.searches > 1
        piece = {"text": q, "hit": True}
        hit = {"kind": "lesson", "ref": "x", "place": LAW, "url": LESSON}
        hit |= {"title": [piece, {"text": "<b>怎么退", "hit": False}], "excerpt": [piece]}
        translated = [{"words": ["聘礼", "彩礼"], "legal": ["借婚姻索取财物"], "article": ""}]
        answer = {"query": q, "complete": complete, "translated": translated if complete else []}
        answer |= {"loose": q == "相近"}
        return answer | {"hits": [hit] if complete and q != "没有" else []}

    @app.get(f"{api}/statutes")
    def statutes() -> Any:
        ours = [
            {"law": LAW, "url": LAW_ADDRESS, "courses": [LAW], "imported": True},
            {"law": AWAITED, "url": "", "courses": ["信访"], "imported": False},
        ]
        laws = [{"law": name} for name in (LAW, "民法典", "土地管理法")]
        return {"courses": ours, "laws": [*laws, {"law": "某镇渡船条例", "mark": "已废止"}]}

    @app.get(f"{api}/statutes/{{law}}")
    def statute(law: str) -> Any:
        if law == AWAITED:
            return _error(404, "law_not_imported", NOT_IMPORTED)
        if law != LAW:
            message = f"没有找到“{law}”。名称相近的有：{LAW}。"
            body = {"code": "no_law", "message": message, "near": [LAW]}
            return JSONResponse(body, 404)
        leaves = [
            {"title": title, "chapter": n, "numbers": numbers}
            for n, (title, numbers) in enumerate(CHAPTERS, 1)
        ]
        outline = [*leaves[:2], {"title": "第二编 分则", "parts": leaves[2:]}]
        lesson = {"course": LAW, "title": "骗局", "url": LESSON}
        page = {"law": f"中华人民共和国{law}", "short": law, "dates": "2022年12月1日起施行。"}
        page |= {"note": "", "version": "2022-09-02", "articles": 60}
        return {**page, "outline": outline, "lessons": {"31": [lesson]}}

    @app.get(f"{api}/statutes/{{law}}/chapters/{{n}}")
    def chapter(law: str, n: int) -> Any:
        title, numbers = CHAPTERS[n - 1]
        articles = [
            {"number": number, "title": f"第{number}条", "section": "第一节" if n == 4 else ""}
            | {"paragraphs": [f"第{number}条的第一款。", "第二款写得长一些，" * 9 + "完。"]}
            for number in numbers
        ]
        path = ["第二编 分则"] if n > 2 else []
        return {"chapter": n, "title": title, "path": path, "articles": articles, "paragraphs": []}


@pytest.fixture
def site() -> Iterator[Site]:
    """A scripted server on a free port, new for each test."""
    state = Site()
    config = uvicorn.Config(make_app(state), port=0, log_level="critical", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    state.address = f"http://{host}:{port}"
    yield state
    server.force_exit = server.should_exit = True
    thread.join(10)


class Phones:
    """Opens pages of the site as on a phone; what a page complains of is in `complaints`."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self.complaints: list[str] = []
        self.pages: list[Page] = []

    def open(self, path: str, width: int = 390, script: str = "", **options: Any) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": 844}, has_touch=True, locale="zh-CN", **options
        )
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.pages.append(page)
        page.goto(self._site.address + path)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser itself reports every 401 and 503 that a test has asked for.
        asked_for = "Failed to load resource" in message.text or "WebSocket" in message.text
        if message.type in {"error", "warning"} and not asked_for:
            self.complaints.append(message.text)


@pytest.fixture
def phones(browser: Browser, site: Site) -> Iterator[Phones]:
    """Opens pages; the test fails when one of them logged an error or broke the CSP."""
    opened = Phones(browser, site)
    yield opened
    for page in opened.pages:
        page.context.close()
    assert opened.complaints == []
