"""By which address and how safely the platform may be reached; every fault in a sentence.

This machine's own browsers need no encryption. Everybody else comes by HTTPS, served here or by a
front on this machine, or is told on each page that it is a trial.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from cryptography import x509

from lawlab.config import LOOPBACK, Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by name: --lan, --lan-trial
SOON = dt.timedelta(days=14)
"""A certificate that ends within this time is spoken of at each start."""


def opened(settings: Settings, *, lan: bool = False, trial: bool = False) -> Settings:
    """The settings with what `--lan` or `--lan-trial` ask for; a host that was given stays."""
    trial = trial or (settings.lan_trial and not lan)
    if not (lan or trial):
        return settings
    host = EVERYWHERE if settings.host in LOOPBACK else settings.host
    return replace(settings, host=host, lan_trial=trial)


def network_faults(settings: Settings, now: dt.datetime) -> Iterator[str]:
    """Every reason why the platform must not be opened like this."""
    away = settings.host not in LOOPBACK
    if away and settings.demo:
        yield (
            "演示数据的密码人人知道，只能在本机打开：网址应为 127.0.0.1，"
            f"不能是 {settings.host}，试用也不行。请先用 lawlab init 建立正式的数据。"
        )
    elif away and not settings.tls_certificate and not settings.lan_trial:
        yield (
            f"不能不加密就对局域网开放（{settings.host}）：密码和答题别人会看到。请任选一种：\n"
            "  1. 有证书：设置 tls_certificate 和 tls_key，再用 lawlab serve --lan；\n"
            "  2. 本机有 Caddy 或 nginx：把 host 改回 127.0.0.1，由它对外用 HTTPS；\n"
            "  3. 只是试用，没有真实的人：lawlab serve --lan-trial。"
        )
    yield from _address_faults(settings)
    if settings.lan_trial and settings.tls_certificate:
        yield (
            "lan_trial 是不加密的试用，tls_certificate 是加密，只能选一样。"
            "有证书就用 lawlab serve --lan，并去掉 lan_trial。"
        )
    yield from _certificate_faults(settings, now)


def network_warnings(settings: Settings, now: dt.datetime) -> Iterator[str]:
    """What does not keep it from starting, but will need somebody soon."""
    certificate = _certificate(settings)
    if certificate is None:
        return
    left = certificate.not_valid_after_utc - now
    if dt.timedelta(0) < left < SOON:
        end = certificate.not_valid_after_utc.astimezone(settings.zone)
        yield (
            f"HTTPS 证书 {end.year} 年 {end.month} 月 {end.day} 日到期，还有 {left.days} 天。"
            "请换上新的证书，再重新启动。"
        )
    host = urlsplit(settings.address).hostname
    if host and not _is_for(certificate, host):
        yield f"HTTPS 证书不是给 {host} 的，浏览器会警告。请换成给它的证书，或者改 address。"


def where_to_type(settings: Settings) -> str:
    """What the people in the hall type, said at the start; empty when only this machine may."""
    if settings.host in LOOPBACK or settings.address:
        return f"大家用这个网址打开：{settings.address}" if settings.address else ""
    hosts = _own_addresses() if settings.host == EVERYWHERE else [settings.host]
    words = "、".join(f"{settings.scheme}://{host}:{settings.port}" for host in hosts)
    return f"大家用这个网址打开：{words}" if words else ""


def _address_faults(settings: Settings) -> Iterator[str]:
    if not settings.address:
        return
    parts = urlsplit(settings.address)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK and not settings.lan_trial:
        yield (
            f"address 是 {settings.address}，没有加密：密码和答题别人会看到。"
            "应以 https:// 开头；只是试用，请用 lawlab serve --lan-trial。"
        )
    if parts.scheme == "https" and settings.lan_trial:
        yield (
            f"address 是 {settings.address}，但 lan_trial 是不加密的试用，登录会不成功。"
            "试用时请去掉 address。"
        )


def _certificate_faults(settings: Settings, now: dt.datetime) -> Iterator[str]:
    names = {"tls_certificate": settings.tls_certificate, "tls_key": settings.tls_key}
    given = {name: Path(text) for name, text in names.items() if text}
    if not given:
        return
    for name in names.keys() - given.keys():
        yield f"设置了 {'、'.join(given)}，还缺 {name}：证书和密钥要一起设置。"
    readable = True
    for name, file in given.items():
        for fault in _file_faults(name, file):
            readable = False
            yield fault
    key = given.get("tls_key")
    if key and key.is_file() and (mode := key.stat().st_mode & 0o777) & 0o077:
        yield (f"密钥文件 {key} 的权限是 {mode:04o}，别的账号也能看。请输入：chmod 600 {key}")
    if not readable or len(given) < 2:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_certificate, settings.tls_key, password=_no_password
        )
    except (ssl.SSLError, ValueError) as error:
        yield f"{_why(error)}（{settings.tls_certificate}，{settings.tls_key}）"
        return
    certificate = _certificate(settings)
    if certificate is None:
        return
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end <= now:
        yield f"HTTPS 证书在 {end.astimezone(settings.zone):%Y-%m-%d} 已到期。请换上新的证书。"
    elif begin > now:
        yield (
            f"HTTPS 证书从 {begin.astimezone(settings.zone):%Y-%m-%d} 起才有效。"
            "请看看本机的时间对不对（timedatectl）。"
        )


def _file_faults(name: str, file: Path) -> Iterator[str]:
    if not file.is_absolute():
        yield f"{name} 是“{file}”，应写完整的位置，以 / 开头。"
    elif not file.is_file():
        yield f"{name} 指的文件 {file} 没有找到，请看看位置写对没有。"
    elif not os.access(file, os.R_OK):
        yield f"{name} 指的文件 {file} 读不了，请让运行平台的账号能读它。"


def _no_password() -> str:
    raise ValueError("encrypted")


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", "") or str(error)
    if reason == "KEY_VALUES_MISMATCH":
        return "证书和密钥不是一对，请找到和证书一起发的那个密钥。"
    if reason == "encrypted":
        return "密钥带有密码，平台打不开，请换成不带密码的密钥。"
    return "证书或密钥的内容读不懂，应为 PEM 格式，以 -----BEGIN 开头。"


def _certificate(settings: Settings) -> x509.Certificate | None:
    """The first certificate of the file: the server's own."""
    if not settings.tls_certificate:
        return None
    try:
        return x509.load_pem_x509_certificate(Path(settings.tls_certificate).read_bytes())
    except (OSError, ValueError):
        return None


def _is_for(certificate: x509.Certificate, host: str) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    names = found.get_values_for_type(x509.DNSName)
    if host in names or f"*.{host.partition('.')[2]}" in names:
        return True
    return host in map(str, found.get_values_for_type(x509.IPAddress))


def _own_addresses() -> list[str]:
    return [
        one.address
        for addresses in psutil.net_if_addrs().values()
        for one in addresses
        if one.family == socket.AF_INET and not one.address.startswith("127.")
    ]
