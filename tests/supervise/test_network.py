"""Who may reach the platform, and how: refused in sentences before anything starts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tls import make_certificate

from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.headers import TRIAL
from lawlab.supervise.error_pages import ERRORS, error_folder
from lawlab.supervise.network import network_faults, network_warnings, opened, where_to_type
from lawlab.supervise.preflight import check
from lawlab.supervise.programs import programs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def safe(settings: Settings, now: dt.datetime) -> Settings:
    certificate, key = make_certificate(settings.data / "tls", now)
    return replace(
        settings,
        host="0.0.0.0",
        address="https://localhost",
        tls_certificate=str(certificate),
        tls_key=str(key),
    )


def faults(settings: Settings, now: dt.datetime, **changes: Any) -> str:
    return "\n".join(network_faults(replace(settings, **changes), now))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_alone_needs_no_encryption(
    settings: Settings, now: dt.datetime, host: str
) -> None:
    assert faults(settings, now, host=host, demo=True) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "fazhi.example.cn"])
def test_everybody_else_is_not_let_in_without_encryption_and_is_told_what_to_do(
    settings: Settings, now: dt.datetime, host: str
) -> None:
    said = faults(settings, now, host=host)
    assert host in said
    for way in ("tls_certificate", "nginx", "lawlab serve --lan-trial"):
        assert way in said
    with pytest.raises(LawlabError) as refused:
        check(replace(settings, host=host), [])
    assert refused.value.code == "not_ready"


def test_demo_data_is_for_this_machine_alone_also_in_a_trial(
    safe: Settings, settings: Settings, now: dt.datetime
) -> None:
    for given in (opened(settings, trial=True), safe, replace(settings, host="10.0.0.1")):
        assert "演示数据的密码人人知道" in faults(given, now, demo=True)


def test_a_trial_opens_to_the_network_or_to_the_host_that_was_given(
    settings: Settings, now: dt.datetime
) -> None:
    trial = opened(settings, trial=True)
    assert (trial.host, trial.lan_trial) == ("0.0.0.0", True)
    assert faults(trial, now) == ""
    assert opened(replace(settings, lan_trial=True)) == trial
    assert opened(replace(settings, host="192.168.1.5"), trial=True).host == "192.168.1.5"
    assert opened(settings) == settings
    assert where_to_type(settings) == ""
    assert "http://192.168.1.5:8000" in where_to_type(replace(trial, host="192.168.1.5"))


def test_lan_asks_for_a_certificate(safe: Settings, settings: Settings, now: dt.datetime) -> None:
    assert "tls_certificate" in "\n".join(network_faults(opened(settings, lan=True), now))
    at_home = replace(safe, host="127.0.0.1", lan_trial=True)
    assert opened(at_home, lan=True) == safe
    assert faults(safe, now) == ""
    assert list(network_warnings(safe, now)) == []
    assert where_to_type(safe) == "大家用这个网址打开：https://localhost"


def test_an_address_without_encryption_is_a_trial_s(settings: Settings, now: dt.datetime) -> None:
    assert "没有加密" in faults(settings, now, address="http://fazhi.example.cn")
    assert faults(settings, now, address="https://fazhi.example.cn") == ""
    trial = opened(settings, trial=True)
    assert faults(trial, now, address="http://fazhi.example.cn") == ""
    assert "登录会不成功" in faults(trial, now, address="https://fazhi.example.cn")


def test_all_faults_of_certificate_and_key_are_told_at_once(
    safe: Settings, now: dt.datetime
) -> None:
    Path(safe.tls_key).chmod(0o644)
    said = faults(safe, now, tls_certificate="/nowhere/cert.pem", host="127.0.0.1", lan_trial=True)
    assert "/nowhere/cert.pem 没有找到" in said
    assert "权限是 0644" in said
    assert f"chmod 600 {safe.tls_key}" in said
    assert "只能选一样" in said


def test_one_file_without_the_other_is_named(safe: Settings, now: dt.datetime) -> None:
    assert "还缺 tls_key" in faults(safe, now, tls_key="")
    assert "还缺 tls_certificate" in faults(safe, now, tls_certificate="", host="127.0.0.1")


def test_what_cannot_be_used_says_why(safe: Settings, now: dt.datetime, tmp_path: Path) -> None:
    other = make_certificate(tmp_path / "other", now)
    assert "不是一对" in faults(safe, now, tls_key=str(other[1]))
    assert "应写完整的位置" in faults(safe, now, tls_key="key.pem")
    assert "没有找到" in faults(safe, now, tls_key=str(tmp_path))
    other[0].write_text("没有证书", "utf-8")
    assert "PEM" in faults(safe, now, tls_certificate=str(other[0]))


@pytest.mark.parametrize(
    ("begins", "days", "fault", "warning"),
    [
        (-30, -1, "已到期", ""),
        (2, 30, "起才有效", ""),
        (-30, 13.5, "", "还有 13 天"),
        (-30, 14.5, "", ""),
    ],
)
def test_a_certificate_is_refused_after_its_end_and_spoken_of_two_weeks_before(
    settings: Settings, now: dt.datetime, begins: float, days: float, fault: str, warning: str
) -> None:
    files = make_certificate(settings.data, now, begins=begins, days=days)
    given = replace(settings, tls_certificate=str(files[0]), tls_key=str(files[1]))
    said, warned = faults(given, now), "\n".join(network_warnings(given, now))
    assert (fault in said) if fault else said == ""
    assert (warning in warned) if warning else warned == ""


def test_a_certificate_for_another_name_is_spoken_of(safe: Settings, now: dt.datetime) -> None:
    (warning,) = network_warnings(replace(safe, address="https://fazhi.example.cn"), now)
    assert "不是给 fazhi.example.cn 的" in warning
    assert list(network_warnings(replace(safe, address="https://127.0.0.1"), now)) == []


def test_the_proxy_encrypts_and_says_itself_how_people_came(safe: Settings) -> None:
    proxy = programs(safe)[0]
    words = " ".join(proxy.command)
    assert f"--ssl-cert {safe.tls_certificate} --ssl-key {safe.tls_key}" in words
    assert "--custom-header x-forwarded-proto:https" in words
    assert proxy.health == "https://127.0.0.1:8000/_chp_healthz"
    plain = " ".join(programs(Settings(data=safe.data))[0].command)
    assert "--ssl" not in plain
    assert "x-forwarded-proto:http" in plain
    behind_a_front = Settings(data=safe.data, address="https://fazhi.example.cn")
    assert "--custom-header x-forwarded-proto:https" in " ".join(
        programs(behind_a_front)[0].command
    )
    assert behind_a_front.own_url == "http://127.0.0.1:8000"
    assert behind_a_front.public_url == "https://fazhi.example.cn"


def test_what_an_option_chose_reaches_every_program(settings: Settings) -> None:
    trial = opened(settings, trial=True)
    for program in programs(trial):
        assert load_settings(program.environment) == trial


def test_the_proxy_s_own_page_also_says_that_it_is_a_trial(settings: Settings) -> None:
    assert error_folder(settings) == ERRORS
    trial = error_folder(replace(settings, lan_trial=True))
    page = (trial / "error.html").read_text("utf-8")
    assert TRIAL in page
    assert "正在恢复" in page
    assert str(trial) in programs(replace(settings, lan_trial=True))[0].command


@pytest.mark.parametrize(
    "address", ["fazhi.example.cn", "https://a.cn/", "ftp://a.cn", "https://a.cn/x", "https://a b"]
)
def test_an_address_is_what_people_type(settings: Settings, address: str) -> None:
    with pytest.raises(LawlabError, match="address 的值"):
        load_settings({"LAWLAB_DATA": str(settings.data), "LAWLAB_ADDRESS": address})
