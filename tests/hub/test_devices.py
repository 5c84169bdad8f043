"""Which browser and which address a try is counted under."""

from __future__ import annotations

import pytest

from lawlab.hub.devices import REMEMBERED_NAMES, Device, client_address


def test_a_device_knows_the_names_that_signed_in_on_it() -> None:
    device = Device.fresh()
    assert not device.knows("s001")
    both = device.remembering("s001").remembering("v001")
    assert both.knows("s001")
    assert both.knows("v001")
    assert both.id == device.id
    assert Device.from_cookie(both.cookie) == both
    assert "s001" not in both.cookie


def test_a_device_forgets_the_oldest_name() -> None:
    device = Device.fresh()
    for number in range(REMEMBERED_NAMES + 1):
        device = device.remembering(f"s{number}")
    assert not device.knows("s0")
    assert device.knows("s1")
    assert device.remembering("s1").names[0] == Device(device.id).remembering("s1").names[0]
    assert len(device.remembering("s1").names) == REMEMBERED_NAMES


def test_a_name_on_one_device_is_nothing_on_another() -> None:
    known = Device.fresh().remembering("s001")
    assert not Device(Device.fresh().id, known.names).knows("s001")


@pytest.mark.parametrize(
    ("forwarded", "peer", "address"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.5", "127.0.0.1", "10.0.0.5"),
        ("::ffff:10.0.0.5", "127.0.0.1", "10.0.0.5"),
        (
            "9.9.9.9, 10.0.0.5",
            "127.0.0.1",
            "10.0.0.5",
        ),  # the client's own invention, then the truth
        ("9.9.9.9, 10.0.0.5, 127.0.0.1", "127.0.0.1", "10.0.0.5"),  # a front proxy on this machine
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("not an address", "10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "127.0.0.1", "2001:db8:1:2::/64"),
        ("", "", "unknown"),
    ],
)
def test_the_address_is_the_one_our_proxy_saw(forwarded: str, peer: str, address: str) -> None:
    assert client_address(forwarded, peer) == address
