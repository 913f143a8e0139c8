"""Amounts in every style of numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.extraction.amounts import Style, amounts_in, currency_of, style_of

NONE = Style()


def read(text: str, style: Style = NONE) -> list[tuple[str, str | None]]:
    return [(str(found.value), found.currency) for found in amounts_in(text, style)]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1,234.56", "1234.56", None),
        ("1.234,56 EUR", "1234.56", "EUR"),
        ("1 234,56 €", "1234.56", "EUR"),
        ("1'234.56", "1234.56", None),
        ("CHF 1’234.56", "1234.56", "CHF"),
        ("£12", "12", "GBP"),
        ("$1,234", "1234", "USD"),
        ("-45,00", "-45.00", None),
        ("(1,250.00)", "-1250.00", None),
        ("12.50-", "-12.50", None),
        ("1.234.567,89", "1234567.89", None),
        ("1,23,456.78", "123456.78", None),
        ("¥16,164.16", "16164.16", "CNY"),
        ("人民币12000元", "12000", "CNY"),
        ("35万", "350000", None),
        ("RM9.00", "9.00", "MYR"),
        ("87.50 DR", "-87.50", None),
        ("3 450 kr", "3450", "SEK"),
    ],
)
def test_styles(text: str, value: str, currency: str | None) -> None:
    assert read(text) == [(value, currency)]


def test_two_columns_are_two_amounts() -> None:
    assert read("3.450,00\t31.050,00", Style(",")) == [("3450.00", None), ("31050.00", None)]


@pytest.mark.parametrize("text", ["25.10.2026", "10/2026", "21 %", "12:30", "A123", "2026-10-25"])
def test_what_is_no_amount(text: str) -> None:
    assert [found for found in amounts_in(text, NONE) if found.quality >= 0.8] == []


@pytest.mark.parametrize(
    ("page", "mark"), [("12.50 and 1,200.00", "."), ("12,50 und 1.200,00", ","), ("no figures", None)]
)
def test_the_page_shows_its_style(page: str, mark: str | None) -> None:
    assert style_of(page).decimal == mark


def test_three_digits_behind_a_mark_are_thousands() -> None:
    assert read("1.200", Style(",")) == [("1200", None)]
    assert read("1,200", Style(".")) == [("1200", None)]


def test_the_currency_named_most() -> None:
    assert currency_of("Net pay 1,200.00 EUR, gross 1,500.00 EUR; 3 USD") == "EUR"
    assert currency_of("nothing") is None


def test_slips_of_recognition_are_read_with_less_trust() -> None:
    assert read("l,2O4.S0") == []
    found = next(amounts_in("l,2O4.S0", NONE, slips=True))
    assert (found.value, found.quality < 0.7) == (Decimal("1204.50"), True)


@given(st.decimals(Decimal("0.01"), Decimal("99999999.99"), places=2), st.sampled_from([",.", ".,", " ,", "'.", "’."]))
def test_every_style_reads_back(amount: Decimal, marks: str) -> None:
    thousands, point = marks
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", point).replace("\0", thousands)
    assert read(text) == [(str(amount), None)]
