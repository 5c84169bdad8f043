"""How a phone number is shown."""

from __future__ import annotations

import pytest

from lawlab.domain.personal import forgotten_name, is_masked, mask_phone, rules


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13900001234", "139****1234"), (None, ""), ("", ""), ("12345", "*****")],
)
def test_a_phone_number_is_masked(phone: str | None, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_only_a_masked_number_looks_like_one() -> None:
    assert is_masked("139****1234")
    assert not any(map(is_masked, ("13900001234", "139***1234", "****", None, "")))


def test_the_name_of_somebody_forgotten_is_no_name() -> None:
    assert forgotten_name(7) == "已离开人员007"
    assert "180 天" in [rule.kept for rule in rules(180)]
