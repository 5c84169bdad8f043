"""The system account of the trainers' servers, when the platform is started as root.

A trainer's notebook runs any code. Under an account of its own that code reaches the trainers'
folders and nothing else; under the platform's it reaches everything. See docs/decisions/0014.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawlab.config import Settings

SHELF = 0o1770
"""Sticky: the account makes what it likes beside what is root's, and moves nothing of that."""

COURSE_PARTS = ("source", "release", "submitted", "autograded", "feedback")


@dataclass(frozen=True)
class Account:
    """Who owns what the trainers write."""

    name: str
    uid: int
    gid: int


def trainers_account(settings: Settings) -> Account | None:
    """The account that is used; None: the platform's own, for it was not started as root, or no
    account is set. Raises KeyError for one that there is not."""
    if not settings.trainers_account or os.geteuid() != 0:
        return None
    found = pwd.getpwnam(settings.trainers_account)
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def account_faults(settings: Settings) -> Iterator[str]:
    """Every reason why the trainers' servers could not be started like this."""
    name = settings.trainers_account
    try:
        account = trainers_account(settings)
    except KeyError:
        yield (
            f"没有 trainers_account 里写的系统账号“{name}”。请先建立："
            f"useradd --system --shell /usr/sbin/nologin {name}"
        )
        return
    if account is None:
        return
    if 0 in (account.uid, account.gid):
        yield f"trainers_account 不能是“{name}”：它什么都能看。请为教员另建一个系统账号。"
        return
    if settings.data.exists() and settings.data.stat().st_uid == account.uid:
        yield f"数据文件夹 {settings.data} 属于账号“{name}”，教员就什么都能看。请换一个账号。"
    for folder in reversed(settings.data.parents):
        if not _may_pass(folder, account):
            yield (
                f"账号“{name}”进不了 {folder}，教员的 JupyterLab 打不开。"
                f"请输入：chmod o+x {folder}，或把数据放到别处。"
            )
            return


def account_warnings(settings: Settings) -> Iterator[str]:
    """What the admin should know, though the platform starts."""
    if not settings.trainers_account:
        if os.geteuid() == 0:
            yield (
                "平台以 root 启动，又没有写 trainers_account：教员在 JupyterLab 里运行的程序什么都"
                "能看、能改。请用专门的账号启动，或照管理员手册第 18 节给教员另设账号。"
            )
        return
    if os.geteuid() != 0:
        yield (
            f"trainers_account 写了“{settings.trainers_account}”，但平台不是以 root 启动的，"
            "教员和平台仍是同一个账号。"
        )
        return
    account = trainers_account(settings)
    if account and not _may_run(account):
        yield (
            f"账号“{account.name}”用不了 {sys.executable}，教员的 JupyterLab 会打不开。"
            "请把平台装在大家都能读的地方，例如 /opt/lawlab。"
        )


def described(settings: Settings) -> str:
    """For `lawlab doctor`: under which account trainers' code runs."""
    if not settings.trainers_account:
        return "和平台同一个账号：教员能看到、能改动平台的全部数据"
    return f"设为 {settings.trainers_account}（平台以 root 启动时才有用）"


def prepare(settings: Settings) -> None:
    """The data folder is nobody else's, or only there to pass through for the trainers' account;
    that gets its folders, and a course that it may read."""
    account = trainers_account(settings)
    settings.data.chmod(0o711 if account else 0o700)
    if account is None:
        return
    homes = settings.data / "homes"
    for folder, mode in ((settings.trainers_root, SHELF), (homes, 0o711)):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, 0, account.gid)
        folder.chmod(mode)
    settings.nbgrader_course.mkdir(exist_ok=True)
    for own in (*homes.iterdir(), *settings.trainers_root.iterdir()):
        if own != settings.nbgrader_course:
            hand_over(own, account)
    share_course(settings)


def share_course(settings: Settings) -> None:
    """Let the trainers' account read the course and write marks into its gradebook. The course
    itself stays root's, so that what the grader reads and runs nobody else has prepared."""
    account = trainers_account(settings)
    course = settings.nbgrader_course
    if account is None or not course.exists():
        return
    for part in COURSE_PARTS:
        (course / part).mkdir(exist_ok=True)
        share(course / part, account)
    for file in course.glob("*.py"):
        _open_to(file, account, 0o640)
    for file in course.glob("gradebook.db*"):
        _open_to(file, account, 0o660)
    os.chown(course, 0, account.gid)
    course.chmod(SHELF)


def share(folder: Path, account: Account) -> None:
    """Let the account read what lies below a folder of root's."""
    for place, _, files in os.walk(folder):
        _open_to(Path(place), account, 0o750)
        for name in files:
            _open_to(Path(place) / name, account, 0o640)


def hand_over(path: Path, account: Account) -> None:
    """Give the account what root made below a folder of the account's own. Nothing is followed:
    links are left alone, and so is a file that has a second name."""
    if path.is_symlink() or not path.is_dir():
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _give(path.name, folder, account)
        finally:
            os.close(folder)
        return
    for _, _, names, handle in os.fwalk(path, follow_symlinks=False):
        os.fchown(handle, account.uid, account.gid)
        for name in names:
            _give(name, handle, account)


def as_its_folder(handle: int, folder: Path) -> None:
    """Let an open file that root made belong to whoever owns its folder."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _give(name: str, folder: int, account: Account) -> None:
    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if facts.st_uid == 0 and stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1:
        os.chown(name, account.uid, account.gid, dir_fd=folder, follow_symlinks=False)


def _open_to(path: Path, account: Account, mode: int) -> None:
    """Of root's own files alone: beside the course the account may have put anything."""
    facts = path.lstat()
    if facts.st_uid != 0 or not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
        return
    if (facts.st_gid, facts.st_mode & 0o7777) != (account.gid, mode):
        os.chown(path, 0, account.gid, follow_symlinks=False)
        path.chmod(mode)


def _may_pass(folder: Path, account: Account) -> bool:
    facts = folder.stat()
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)


def _may_run(account: Account) -> bool:
    command = [sys.executable, "-c", "import jupyterhub, lawlab"]
    try:
        tried = subprocess.run(
            command, user=account.uid, group=account.gid, extra_groups=[], capture_output=True
        )
    except OSError:
        return False
    return tried.returncode == 0
