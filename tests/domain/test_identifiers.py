"""Numbers with check digits: worked examples of their registries, and one wrong digit."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import identifiers
from app.domain.identifiers import CHECKS, credit_code_check, iban_of, is_iban, resident_check_digit, resident_identity
from app.domain.vat_numbers import is_vat

IBANS = ["DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32", "FR14 2004 1010 0505 0001 3M02 606",
         "SE4550000000058398257466", "NL91ABNA0417164300", "NO9386011117947"]  # fmt: skip
VATS = [
    "ATU13585627", "BE0428759497", "BG175074752", "CY10259033P", "CZ25123891", "DE136695976", "DK13585628",
    "EE100931558", "EL094259216", "ESB64717838", "ES54362315K", "FI20774740", "FR40303265045", "GB980780684",
    "HR33392005961", "HU12892312", "IE6433435F", "IE6433435OA", "IT00743110157", "LT119511515", "LU15027442", "LV40003521600",
    "MT11679112", "NL004495445B01", "PL8567346215", "PT501964843", "RO18547290", "SE123456789701", "SI50223054",
    "SK2022749619", "CHE-107.787.577 MWST",
]  # fmt: skip


@pytest.mark.parametrize("text", IBANS)
def test_ibans_of_the_registry(text: str) -> None:
    assert is_iban(text)
    assert not is_iban(text[:-1])


@given(st.text("0123456789", min_size=18, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_an_iban_with_one_digit_changed_is_none(account: str, at: int, more: int) -> None:
    number = iban_of("DE", account)
    assert is_iban(number)
    place = 4 + at
    changed = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert not is_iban(changed)


@pytest.mark.parametrize(("text", "valid"), [("4111 1111 1111 1111", True), ("4111 1111 1111 1112", False),
                                             ("79927398713", False), ("0000 0000 0000 0000", False)])  # fmt: skip
def test_cards(text: str, valid: bool) -> None:
    assert identifiers.is_luhn(text) is valid


def test_a_resident_number_tells_birth_and_sex() -> None:
    found = resident_identity("11010519491231002X")  # the example of GB 11643
    assert found == identifiers.ResidentIdentity("110105", date(1949, 12, 31), "F")
    assert resident_identity("11010519491231003X") is None


@given(st.dates(date(1920, 1, 1), date(2026, 1, 1)), st.integers(0, 999))
def test_resident_numbers_round_trip(born: date, serial: int) -> None:
    body = f"440106{born:%Y%m%d}{serial:03d}"
    found = resident_identity(body + resident_check_digit(body))
    assert found is not None
    assert (found.born_on, found.sex) == (born, "M" if serial % 2 else "F")


@pytest.mark.parametrize(
    "text", ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "123-45-0000", "12-345-6789"]
)
def test_numbers_that_no_social_security_card_has(text: str) -> None:
    assert not identifiers.is_ssn(text)
    assert identifiers.is_ssn("123-45-6789")


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9))
def test_credit_codes_have_one_check_sign(organisation: str) -> None:
    body = "91330106" + organisation
    right = credit_code_check(body)
    assert identifiers.is_credit_code(body + right)
    assert not any(
        identifiers.is_credit_code(body + sign) for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if sign != right
    )


def test_a_real_credit_code() -> None:
    assert identifiers.is_credit_code("91350100M000100Y43")
    assert not identifiers.is_credit_code("91350100M000100Y44")


@pytest.mark.parametrize("text", VATS)
def test_vat_numbers(text: str) -> None:
    assert is_vat(text)


@pytest.mark.parametrize("text", [text for text in VATS if text[-1].isdigit() and not text.startswith(("SE", "NL"))])
def test_vat_numbers_with_another_last_digit(text: str) -> None:
    assert not is_vat(text[:-1] + str((int(text[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["", "DE", "XX123456789", "DE12345678", "DE136695977"])
def test_what_is_no_vat_number(text: str) -> None:
    assert not is_vat(text)


def test_vehicle_numbers() -> None:
    assert identifiers.is_vin("1M8GDM9AXKP042788")
    assert identifiers.vin_check("1M8GDM9AXKP042788")  # the example of 49 CFR 565
    assert not identifiers.vin_check("1M8GDM9A0KP042788")
    assert not identifiers.is_vin("1M8GDM9AXKPO42788")


@given(st.text())
def test_no_check_stumbles_over_a_text(text: str) -> None:
    for check in CHECKS.values():
        assert check(text) in (True, False)
