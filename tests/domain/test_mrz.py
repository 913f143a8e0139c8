"""Machine-readable zones: the specimens of ICAO 9303, and slips of recognition."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.mrz import Zone, check_digit, is_zone_line, read_zone

TD3 = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
TD1 = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]
TD2 = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"]


def read(lines: list[str]) -> Zone:
    zone = read_zone(lines)
    assert zone is not None
    return zone


@pytest.mark.parametrize(("lines", "form", "number"), [(TD1, "TD1", "D23145890"), (TD2, "TD2", "D23145890"),
                                                       (TD3, "TD3", "L898902C3")])  # fmt: skip
def test_the_specimens(lines: list[str], form: str, number: str) -> None:
    zone = read(lines)
    assert zone.valid
    assert not zone.corrected
    assert (zone.form, zone.number, zone.surname, zone.given_names) == (form, number, "ERIKSSON", "ANNA MARIA")
    assert (zone.birth_date, zone.expiry_date, zone.sex) == (date(1974, 8, 12), date(2012, 4, 15), "F")
    assert (zone.issuer, zone.nationality) == ("UTO", "UTO")


@pytest.mark.parametrize(
    ("wrong", "right"), [("L8989O2C36UTO74O8122F12O4159", "L898902C3"), ("L898902C36UTO7408I22F1204I59", "L898902C3")]
)
def test_slips_are_put_right_where_a_check_digit_confirms(wrong: str, right: str) -> None:
    zone = read([TD3[0], wrong + TD3[1][28:]])
    assert (zone.number, zone.birth_date) == (right, date(1974, 8, 12))
    assert zone.corrected
    assert zone.checks["number"]


def test_a_slip_that_no_digit_confirms_stays() -> None:
    zone = read([TD3[0], TD3[1].replace("L898902C3", "L898902D3")])
    assert (zone.number, zone.checks["number"], zone.valid) == ("L898902D3", False, False)


def test_lost_fillers_are_put_back() -> None:
    zone = read([TD3[0][:-4], TD3[1].replace("<<<<<", "<<<<")])
    assert (zone.surname, zone.given_names, zone.number) == ("ERIKSSON", "ANNA MARIA", "L898902C3")


def test_other_lines_are_no_zone() -> None:
    assert not is_zone_line("The quick brown fox jumps over the lazy dog and")
    assert read_zone(["Net pay 1,234.00", "Gross pay 2,345.00"]) is None
    assert read_zone(["P<UTO" + "A" * 39, "0" * 44]) is None


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=9, max_size=9),
    st.dates(date(1930, 1, 1), date(2025, 12, 31)),
    st.dates(date(2026, 1, 1), date(2040, 1, 1)),
)
def test_what_is_written_is_read(number: str, born: date, expires: date) -> None:
    first = "P<SWELINDQVIST<<ANNA".ljust(44, "<")
    body = f"{number}{check_digit(number)}SWE{born:%y%m%d}{check_digit(f'{born:%y%m%d}')}F{expires:%y%m%d}"
    body += check_digit(f"{expires:%y%m%d}") + "<" * 14 + "0"
    second = body + check_digit(body[:10] + body[13:20] + body[21:43])
    zone = read([first, second])
    assert zone.valid
    assert (zone.number, zone.expiry_date) == (number, expires)
    assert zone.birth_date is not None
    assert f"{zone.birth_date:%m%d}" == f"{born:%m%d}"
    assert (zone.birth_date.year - born.year) % 100 == 0
