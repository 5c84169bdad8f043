"""Rules of signing in: how failures slow down the next try, and what a new password must be.

Which tries are counted, and the hashing, are left to the services; a session at the Hub needs both
an active person and a password of his own choice (`session_allowed`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from lawlab.errors import LawlabError

WINDOW = timedelta(minutes=15)
"""Older failures are forgotten."""
FREE_TRIES = 5
"""Wrong passwords that one device may give for one name before it has to wait."""
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 300.0

NAME_STEPS = ((120, 10.0), (60, 5.0), (20, 2.0))
"""From so many failures for one name on, tries from strange devices stand so many seconds apart."""
ADDRESS_STEPS = ((80, 2.0), (40, 1.0))
"""The same for one address, by the number of different names that failed there. A hall of 124
people shares one address, and a quarter of them mistype at their first sign-in."""

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
_COMMON = """
12345678 123456789 1234567890 12341234 87654321 11223344 123123123 12344321 123454321 1q2w3e4r
1qaz2wsx password password1 passw0rd p@ssw0rd qwertyui qwertyuiop qwer1234 asdfghjk asdf1234
abcd1234 abc12345 abcdefgh a1234567 a12345678 aa123456 aa12345678 woaini1314 woaini520
5201314520 iloveyou admin123 admin1234 zxcvbnm1 zhongguo lianbingchang
"""
COMMON_PASSWORDS = frozenset(_COMMON.split())


class Brake(Enum):
    """Why a try has to wait."""

    PAIR = "pair"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True)
class Tally:
    """Failures of the last `WINDOW` around one try. Tries still being checked count as failures."""

    pair: int = 0
    pair_last: datetime | None = None
    name: int = 0
    name_last: datetime | None = None
    address_names: int = 0
    address_last: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether a password may be checked now; if not, after how many seconds, and why."""

    wait: float = 0.0
    brake: Brake | None = None

    @property
    def go(self) -> bool:
        return self.brake is None


def judge(tally: Tally, *, known_device: bool, now: datetime) -> Verdict:
    """Decide whether a try may be checked.

    A device that has signed in with this name before is only held back by its own failures, so that
    nobody can lock a colleague out. The brakes on a name and on an address hold strange devices
    apart by seconds; they never close the door.
    """
    brakes = [Verdict(_remaining(pair_wait(tally.pair), tally.pair_last, now), Brake.PAIR)]
    if not known_device:
        name_gap = _step(NAME_STEPS, tally.name)
        address_gap = _step(ADDRESS_STEPS, tally.address_names)
        brakes += [
            Verdict(_remaining(name_gap, tally.name_last, now), Brake.NAME),
            Verdict(_remaining(address_gap, tally.address_last, now), Brake.ADDRESS),
        ]
    return max((brake for brake in brakes if brake.wait > 0), key=_wait, default=Verdict())


def pair_wait(failures: int) -> float:
    """Seconds that one device waits for one name after so many failures: 30, 60, 120 … 300."""
    if failures < FREE_TRIES:
        return 0.0
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * float(2 ** min(failures - FREE_TRIES, 10)))


def wrong_sentence(failures: int) -> str:
    """What a person reads after his `failures`-th wrong password on this device."""
    left = FREE_TRIES - failures
    if left > 0:
        return f"登录名或密码不对。还可以试 {left} 次；忘了密码请找管理员重置。"
    return f"登录名或密码不对。请等{spoken(pair_wait(failures))}再试；忘了密码请找管理员重置。"


def wait_sentence(verdict: Verdict) -> str:
    """What a person reads whose try could not be checked."""
    if verdict.brake is Brake.PAIR:
        return f"输错的次数太多，请等{spoken(verdict.wait)}再试；忘了密码请找管理员重置。"
    found = "这个登录名" if verdict.brake is Brake.NAME else "这个网络上的登录"
    return f"{found}刚才被输错了很多次，请等{spoken(verdict.wait)}再按一次“登录”。"


def spoken(seconds: float) -> str:
    """A wait in Chinese, rounded up: 30 秒, 2 分钟."""
    whole = max(1, -int(-seconds // 1))
    return f" {whole} 秒" if whole < 60 else f" {-(-whole // 60)} 分钟"


def session_allowed(*, active: bool, must_change_password: bool) -> bool:
    """Whether a person may have a session at all. Before his first own password he has none."""
    return active and not must_change_password


def tidy_login(typed: str) -> str:
    """A sign-in name as stored: half-width and lower case, whatever keyboard it came from."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def tidy_password(typed: str) -> str:
    """A password as hashed: a full-width ! or 1 of a Chinese keyboard is the half-width one."""
    return unicodedata.normalize("NFKC", typed)


def check_new_password(new: str, *, login: str, same_as_old: bool) -> None:
    """Raises LawlabError `weak_password` with the first thing that is wrong."""
    plain = tidy_password(new)
    if len(plain) < SHORTEST_PASSWORD:
        fault = f"新密码至少要 {SHORTEST_PASSWORD} 位，现在是 {len(plain)} 位。"
    elif len(plain) > LONGEST_PASSWORD:
        fault = f"新密码最多 {LONGEST_PASSWORD} 位。"
    elif same_as_old:
        fault = "新密码不能和原来的密码一样。"
    elif plain.lower() == login:
        fault = "新密码不能和登录名一样。"
    elif plain.lower() in COMMON_PASSWORDS or re.fullmatch(r"(.)\1*", plain):
        fault = "这个密码太常见，别人容易猜到，请换一个。"
    else:
        return
    raise LawlabError("weak_password", fault)


def _step(steps: tuple[tuple[int, float], ...], count: int) -> float:
    return next((gap for least, gap in steps if count >= least), 0.0)


def _remaining(gap: float, last: datetime | None, now: datetime) -> float:
    if last is None or gap <= 0:
        return 0.0
    # A clock that was set back makes nobody wait longer.
    return max(0.0, min(gap, gap - (now - last).total_seconds()))


def _wait(verdict: Verdict) -> float:
    return verdict.wait
