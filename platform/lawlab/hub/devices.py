"""Where a sign-in comes from: the device by a cookie of ours, the address by the proxy's word."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

REMEMBERED_NAMES = 8
"""A phone that two people share remembers both; a hall's PC forgets the oldest."""


@dataclass(frozen=True)
class Device:
    """A browser, and short prints of the names that have signed in on it, newest first."""

    id: str
    names: tuple[str, ...] = ()

    @classmethod
    def fresh(cls) -> Device:
        return cls(secrets.token_hex(12))

    @classmethod
    def from_cookie(cls, value: str) -> Device:
        """The device behind a cookie whose signature was checked."""
        first, *names = value.split(".")
        return cls(first, tuple(names))

    @property
    def cookie(self) -> str:
        return ".".join((self.id, *self.names))

    def knows(self, login: str) -> bool:
        return self._print(login) in self.names

    def remembering(self, login: str) -> Device:
        mine = self._print(login)
        others = tuple(name for name in self.names if name != mine)
        return Device(self.id, (mine, *others)[:REMEMBERED_NAMES])

    def _print(self, login: str) -> str:
        return hashlib.sha256(f"{self.id} {login}".encode()).hexdigest()[:12]


def client_address(forwarded_for: str, peer: str) -> str:
    """The address that failures are counted under.

    Our proxy appends the peer it saw, so only the last entry that is not this machine is to be
    trusted; `X-Real-Ip` and what stands further left may be the client's own invention.
    """
    for entry in reversed([*forwarded_for.split(","), ""]):
        found = _parsed(entry)
        if found and not found.is_loopback:
            return _network(found)
    own = _parsed(peer)
    return _network(own) if own else "unknown"


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def _network(address: IPv4Address | IPv6Address) -> str:
    """One household has a whole /64 of IPv6 to choose from."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
