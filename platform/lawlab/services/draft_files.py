"""The folder 备课, where trainers keep drafts of lessons and edit them in JupyterLab.

Only here files of it are opened. Names come from requests: they are checked, a link is never
followed, and nothing that somebody wrote is overwritten or deleted; it is put into 旧稿.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lawlab.accounts import as_its_folder
from lawlab.config import REPOSITORY, Settings
from lawlab.domain.course import LESSON, SLUG
from lawlab.domain.picture import FOLDER as MEDIA
from lawlab.domain.statute import CHINA_TIME
from lawlab.errors import Conflict, LawlabError, NotFound

DRAFTS = "备课"
ABOUT = "course.toml"
OLD = "旧稿"
BASES = ".bases.json"
MOST_NOTEBOOK = 1_000_000
MOST_ABOUT = 64_000
MOST_FILES = 200
"""Of one folder; more can only be a script gone wild."""


@dataclass(frozen=True)
class DraftFile:
    """A file as it lies there now."""

    content: bytes
    changed_at: dt.datetime


class DraftFiles:
    """The courses in one folder. `base` is trusted; `names` below it are looked at each time."""

    def __init__(self, base: Path, *names: str) -> None:
        self._base = base
        self._names = names

    @property
    def folder(self) -> Path:
        return self._base.joinpath(*self._names)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Requests that look and then write here do so one after the other. JupyterLab does not
        wait: what it writes is moved aside and never replaced. Not to be entered twice."""
        self._make_folders()
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def slugs(self) -> list[str]:
        """The courses that have a folder here."""
        if not self._is_folder():
            return []
        return [name for name in self._entries() if SLUG.fullmatch(name) and self.has(name)]

    def has(self, slug: str) -> bool:
        return self._is_folder(slug)

    def notebooks(self, slug: str) -> list[str]:
        """Names without `.ipynb` of the notebooks of a course, whatever they are called."""
        names = self._entries(slug) if self.has(slug) else []
        return [name.removesuffix(".ipynb") for name in names if name.endswith(".ipynb")]

    def pictures(self, slug: str) -> list[str]:
        """Names of the files in a course's folder of pictures."""
        return self._entries(slug, MEDIA) if self._is_folder(slug, MEDIA) else []

    def notebook(self, slug: str, stem: str) -> DraftFile | None:
        """A lesson's file. Raises LawlabError `bad_draft` for what is no ordinary file, or too
        large."""
        return self._read(MOST_NOTEBOOK, slug, f"{stem}.ipynb")

    def about(self, slug: str) -> DraftFile | None:
        return self._read(MOST_ABOUT, slug, ABOUT)

    def picture(self, slug: str, name: str, most: int) -> DraftFile | None:
        return self._read(most, slug, MEDIA, name)

    def mark(self, slug: str, stem: str) -> tuple[int, int] | None:
        """Changes with each save of a lesson's file; None when there is none. Opens nothing."""
        self._refuse_links(slug, f"{stem}.ipynb")
        try:
            found = self._path(slug, f"{stem}.ipynb").lstat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def add(self, content: bytes, slug: str, *name: str) -> bool:
        """Write a new file. False, and nothing is written, when there is one already."""
        self._make_folders(slug, *name[:-1])
        path = self._path(slug, *name)
        part = _part(path, content)
        try:
            os.link(part, path)
        except FileExistsError:
            return False
        finally:
            part.unlink()
        return True

    def replace(self, content: bytes, slug: str, name: str) -> None:
        """Write `course.toml`, or a file of the platform's own, over what is there."""
        self._make_folders(slug)
        path = self._path(slug, name)
        _part(path, content).replace(path)

    def bases(self, slug: str) -> dict[str, int]:
        """Lesson → the newest version when its draft began, or was last published."""
        try:
            file = self._read(MOST_ABOUT, slug, BASES) if self.has(slug) else None
            found = json.loads(file.content) if file else {}
        except (LawlabError, ValueError, RecursionError):
            found = {}
        pairs = found.items() if isinstance(found, dict) else ()
        return {stem: base for stem, base in pairs if type(base) is int}

    def set_bases(self, slug: str, bases: Mapping[str, int]) -> None:
        """Remember some of them. Beside the lessons, not in them: a file that JupyterLab has open
        must not change under it."""
        known = self.bases(slug)
        if known != (now := known | dict(bases)):
            self.replace(json.dumps(now, sort_keys=True).encode(), slug, BASES)

    def put_aside(self, slug: str, stem: str, now: dt.datetime) -> str:
        """Move a lesson's file to 旧稿; returns its name there. Raises NotFound `no_draft`."""
        self._refuse_links(slug, f"{stem}.ipynb")
        self._make_folders(slug, OLD)
        moment = now.astimezone(CHINA_TIME).strftime("%Y%m%d-%H%M%S")
        name = f"{stem}-{moment}-{secrets.token_hex(2)}.ipynb"
        try:
            self._path(slug, f"{stem}.ipynb").rename(self._path(slug, OLD, name))
        except FileNotFoundError:
            raise NotFound("no_draft", "这一课现在没有草稿。请刷新页面。") from None
        return name

    def kept(self, slug: str, name: str) -> DraftFile | None:
        """A lesson's file in 旧稿. Raises as `notebook`."""
        return self._read(MOST_NOTEBOOK, slug, OLD, name)

    def drop_kept(self, slug: str, name: str) -> None:
        """Delete a file in 旧稿, whose content is stored elsewhere."""
        self._refuse_links(slug, OLD)
        self._path(slug, OLD, name).unlink(missing_ok=True)

    def bring_back(self, slug: str, stem: str, name: str) -> None:
        """Take a file out of 旧稿. Raises NotFound `no_draft`, Conflict `draft_exists`."""
        kept = name.startswith(f"{stem}-") and self.kept(slug, name)
        if not kept:
            raise NotFound("no_draft", f"{OLD} 里没有这份草稿，可能已经有人移走了。")
        if not self.add(kept.content, slug, f"{stem}.ipynb"):
            raise Conflict("draft_exists", f"这一课又有了新的草稿，旧的一份还在 {OLD} 里。")
        self.drop_kept(slug, name)

    # ---- below: nothing outside, nothing through a link -----------------------------------------

    def _path(self, *names: str) -> Path:
        for name in names:
            if not name or name in (".", "..") or set(name) & {"/", "\\", "\0"}:
                raise NotFound("no_draft", "没有这份草稿。")
        return self.folder.joinpath(*names)

    def _is_folder(self, *names: str) -> bool:
        self._refuse_links(*names)
        return self._path(*names).is_dir()

    def _refuse_links(self, *names: str) -> None:
        self._path(*names)
        path = self._base
        for name in (*self._names, *names):
            path /= name
            if path.is_symlink():
                raise LawlabError(
                    "bad_draft",
                    f"“{name}”是一个链接。{DRAFTS}文件夹里只能放真正的文件和文件夹，请删去链接。",
                )

    def _entries(self, *names: str) -> list[str]:
        found = sorted(entry.name for entry in self._path(*names).iterdir())
        if len(found) > MOST_FILES:
            where = "/".join((*self._names, *names))
            raise LawlabError(
                "bad_draft",
                f"{where} 里有 {len(found)} 个文件，最多 {MOST_FILES} 个。请先清理。",
            )
        return found

    def _make_folders(self, *names: str) -> None:
        self._refuse_links(*names)
        folder = self._path(*names)
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            handle = os.open(one, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            as_its_folder(handle, one.parent)
            os.close(handle)

    def _read(self, most: int, *names: str) -> DraftFile | None:
        self._refuse_links(*names)
        try:
            # Without O_NONBLOCK a pipe would hold the whole request.
            handle = os.open(self._path(*names), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise LawlabError("bad_draft", f"{names[-1]} 打不开，请找管理员。") from error
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):  # before fdopen, which leaves a folder open
            os.close(handle)
            raise LawlabError("bad_draft", f"{names[-1]} 不是普通文件，请删去。")
        with os.fdopen(handle, "rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise LawlabError("bad_draft", f"{names[-1]} 太大了，最多 {most // 1000} kB。")
        return DraftFile(content, dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC))


def drafts_of(settings: Settings) -> DraftFiles:
    """The courses that trainers of this installation are writing."""
    return DraftFiles(settings.trainers_root, DRAFTS, "courses")


def checked_names(slug: str, stem: str | None = None) -> None:
    """Raises NotFound `no_draft` for a name that no course or lesson can have."""
    if not SLUG.fullmatch(slug) or (stem is not None and not LESSON.fullmatch(stem)):
        raise NotFound("no_draft", "没有这份草稿。")


def lab_address(slug: str, stem: str = "") -> str:
    """Where JupyterLab shows a course's folder, or opens a lesson; starts it when need be."""
    file = f"/{stem}.ipynb" if stem else ""
    return f"/hub/user-redirect/lab/tree/{DRAFTS}/courses/{slug}{file}"


def lay_out(settings: Settings) -> None:
    """Make the folder with its explanation, and the sample of a quiz. A repeat changes nothing that
    a trainer wrote."""
    base = settings.trainers_root / DRAFTS
    for name in ("courses", "banks", "papers"):
        if not base.is_symlink() and not (base / name).is_symlink():
            (base / name).mkdir(parents=True, exist_ok=True)
    for file, content in _lay_out_files():
        target = base / file
        if not (target.is_symlink() or target.exists()) and target.parent.is_dir():
            (base / file).write_bytes(content)


def _lay_out_files() -> Iterator[tuple[str, bytes]]:
    yield "说明.md", README.encode()
    for paper in sorted((REPOSITORY / "assessments" / "papers").glob("*.toml")):
        yield f"papers/{paper.name}", paper.read_bytes()


def _part(path: Path, content: bytes) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with part.open("xb") as file:
        as_its_folder(file.fileno(), path.parent)
        file.write(content)
    return part


README = f"""# 备课

这里放教员正在写的东西。学员看不到这里，发布以后才看得到。

| 文件夹 | 里面是什么 |
|---|---|
| `courses` | 课程的草稿，一门课一个文件夹，一课一个文件 |
| `banks` | 题库文件，用文件写题时才用得到 |
| `papers` | 测验的组卷文件 |

怎么改一门课：

1. 打开“教员工作台”（页面上方的“工作台”）。
2. 选课程，点“开始修改这门课”。平台把已发布的课时放到 `courses` 里。
3. 在左边双击一课，改文字，按 Ctrl+S 保存。
4. 在工作台点“预览”，看学员将看到的样子。您每保存一次，预览自己更新。
5. 改好了，在工作台看“有哪些改动”，填审核人，点“发布”。

- 平台从不覆盖这里已有的文件。放弃的旧稿在各门课的 `{OLD}` 文件夹里。
- 图片放在那门课的 `{MEDIA}` 文件夹里。
- 法律条文不要自己打字，用 `lesson.article("法律名称", 条号)`。
- 文件名只用小写字母、数字、下划线和连字符，例如 `04_who-to-ask.ipynb`。
"""
