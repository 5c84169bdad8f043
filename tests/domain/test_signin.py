"""How failures slow down sign-in, and what a password must be."""

from __future__ import annotations

import datetime as dt

import pytest

from lawlab.domain.signin import (
    Brake,
    Tally,
    Verdict,
    check_new_password,
    judge,
    pair_wait,
    session_allowed,
    spoken,
    tidy_login,
    wait_sentence,
    wrong_sentence,
)
from lawlab.errors import LawlabError

NOW = dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)


def ago(seconds: float) -> dt.datetime:
    return NOW - dt.timedelta(seconds=seconds)


def test_without_failures_a_try_goes() -> None:
    assert judge(Tally(), known_device=False, now=NOW).go


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (8, 240), (9, 300), (10, 300), (10_000, 300)],
)
def test_one_device_waits_longer_with_each_failure_after_the_fifth(
    failures: int, seconds: float
) -> None:
    assert pair_wait(failures) == seconds


@pytest.mark.parametrize(("elapsed", "go"), [(0, False), (29.9, False), (30, True), (31, True)])
def test_a_device_may_try_again_when_its_wait_is_over(elapsed: float, go: bool) -> None:
    tally = Tally(pair=5, pair_last=ago(elapsed))
    assert judge(tally, known_device=True, now=NOW).go is go


def test_a_wait_counts_down() -> None:
    verdict = judge(Tally(pair=5, pair_last=ago(10)), known_device=False, now=NOW)
    assert verdict == Verdict(20.0, Brake.PAIR)


@pytest.mark.parametrize(
    ("failures", "gap"), [(19, 0), (20, 2), (59, 2), (60, 5), (119, 5), (120, 10), (9999, 10)]
)
def test_strange_devices_stand_apart_at_a_name_under_attack(failures: int, gap: float) -> None:
    tally = Tally(name=failures, name_last=NOW)
    assert judge(tally, known_device=False, now=NOW).wait == gap
    later = Tally(name=failures, name_last=ago(gap))
    assert judge(later, known_device=False, now=NOW).go


def test_a_known_device_does_not_feel_an_attack_on_its_name_or_address() -> None:
    tally = Tally(name=500, name_last=NOW, address_names=500, address_last=NOW)
    assert judge(tally, known_device=True, now=NOW).go


@pytest.mark.parametrize(("names", "gap"), [(1, 0), (39, 0), (40, 1), (79, 1), (80, 2), (124, 2)])
def test_an_address_is_slowed_only_for_many_different_names(names: int, gap: float) -> None:
    tally = Tally(address_names=names, address_last=NOW)
    assert judge(tally, known_device=False, now=NOW).wait == gap


def test_the_longest_wait_counts() -> None:
    tally = Tally(pair=5, pair_last=ago(29), name=120, name_last=NOW)
    assert judge(tally, known_device=False, now=NOW) == Verdict(10.0, Brake.NAME)


@pytest.mark.parametrize(
    ("failures", "part"),
    [(1, "还可以试 4 次"), (4, "还可以试 1 次"), (5, "请等 30 秒再试"), (9, "请等 5 分钟再试")],
)
def test_the_sentence_says_what_is_left(failures: int, part: str) -> None:
    assert part in wrong_sentence(failures)
    assert "找管理员重置" in wrong_sentence(failures)


def test_a_brake_says_whose_failures_it_is_about() -> None:
    assert "这个登录名" in wait_sentence(Verdict(2, Brake.NAME))
    assert "这个网络" in wait_sentence(Verdict(2, Brake.ADDRESS))
    assert "输错的次数太多" in wait_sentence(Verdict(2, Brake.PAIR))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.1, " 1 秒"), (59, " 59 秒"), (59.2, " 1 分钟"), (61, " 2 分钟"), (300, " 5 分钟")],
)
def test_waits_are_spoken_rounded_up(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@pytest.mark.parametrize(
    ("active", "must_change", "allowed"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_a_session_needs_an_active_person_and_an_own_password(
    active: bool, must_change: bool, allowed: bool
) -> None:
    assert session_allowed(active=active, must_change_password=must_change) is allowed


@pytest.mark.parametrize("typed", ["s001", " S001 ", "ｓ００１", "Ｓ001\n"])
def test_a_name_is_the_same_from_any_keyboard(typed: str) -> None:
    assert tidy_login(typed) == "s001"


@pytest.mark.parametrize(
    ("new", "same", "part"),
    [
        ("", False, "至少要 8 位，现在是 0 位"),
        ("abc1237", False, "现在是 7 位"),
        ("x" * 129, False, "最多 128 位"),
        ("qinglian-77", True, "不能和原来的密码一样"),
        ("Village01", False, "不能和登录名一样"),
        ("12345678", False, "太常见"),
        ("Password1", False, "太常见"),
        ("嗯嗯嗯嗯嗯嗯嗯嗯", False, "太常见"),
        ("１２３４５６７８", False, "太常见"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(new: str, same: bool, part: str) -> None:
    with pytest.raises(LawlabError) as caught:
        check_new_password(new, login="village01", same_as_old=same)
    assert caught.value.code == "weak_password"
    assert part in caught.value.sentence


@pytest.mark.parametrize("new", ["abc12378", "x1" * 64, "我家在大河边上住", "qinglian-77"])
def test_ordinary_passwords_pass(new: str) -> None:
    check_new_password(new, login="v001", same_as_old=False)
