"""Text into values, as people and banks write it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.values import (
    ValueRefusedError,
    currency_in,
    normalise,
    parse_boolean,
    parse_date,
    parse_number,
    parse_value,
)
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1250.50", "1250.50"), ("1,250.50", "1250.50"), ("1.250,50", "1250.50"), ("1 250,5", "1250.5"),
        ("1'250", "1250"),
        ("€ 1,250", "1250"), ("1250 EUR", "1250"), ("12,5", "12.5"), ("1,234", "1234"), ("1.234.567", "1234567"),
        ("-5", "-5"), ("5-", "-5"), ("(5.00)", "-5.00"), ("5.00 DR", "-5.00"), ("5.00 CR", "5.00"), ("−7", "-7"),
        ("5万", "50000"), ("１２３", "123"), ("3,180.00元", "3180.00"), ("US$12", "12"), ("47 %", "47"), (".5", "0.5"),
    ],
)  # fmt: skip
def test_numbers(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "12..34", "1,23,4", "1.2.3", "NaN", "Infinity", "0x10", "--5", "1e999"])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueRefusedError):
        parse_number(text)


@given(st.decimals(-(10**9), 10**9, places=2), st.sampled_from([".", ","]))
def test_a_number_written_with_groups_is_read_back(number: Decimal, mark: str) -> None:
    text = f"{number:,.2f}"
    if mark == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    assert parse_number(text, mark) == number


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = parse_number(text)
    except ValueRefusedError:
        return
    assert number.is_finite()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-10-28", date(2026, 10, 28)), ("28.10.2026", date(2026, 10, 28)), ("28 Oct 2026", date(2026, 10, 28)),
        ("28/10/2026", date(2026, 10, 28)), ("10/28/2026", date(2026, 10, 28)), ("2026年10月28日", date(2026, 10, 28)),
        ("2026-10-28T10:00:00", date(2026, 10, 28)), ("05/05/2026", date(2026, 5, 5)),
    ],
)  # fmt: skip
def test_dates(text: str, value: date) -> None:
    assert parse_date(text) == value


@pytest.mark.parametrize("text", ["05/06/2026", "31.02.2026", "soon", "13/13/2026", "30/02/2026"])
def test_dates_that_cannot_be_told(text: str) -> None:
    with pytest.raises(ValueRefusedError):
        parse_date(text)


def test_booleans() -> None:
    assert parse_boolean(" Yes ") is True
    assert parse_boolean("否") is False
    with pytest.raises(ValueRefusedError, match="neither yes nor no"):
        parse_boolean("perhaps")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("applicant.housing", "租房", "rent"),
        ("applicant.housing", "priv", "private"),
        ("employment.type", "Self-employed", "freelance"),
        ("request.term_months", "36.0", 36),
        ("employment.seniority_years", "4.505", Decimal("4.51")),
        ("applicant.name", "  Anna \n Lind ", "Anna Lind"),
    ],
)
def test_values_by_the_catalogue(name: str, text: str, value: object) -> None:
    assert parse_value(CATALOGUE[name], text) == value


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("applicant.housing", "castle", "is none of"),
        ("request.term_months", "12.5", "not a whole number"),
        ("request.term_months", "481", "above the greatest value 480"),
        ("applicant.age", "-1", "below the least value 16"),
        ("applicant.name", "a\0b", "no text"),
    ],
)
def test_values_the_catalogue_refuses(name: str, text: str, reason: str) -> None:
    with pytest.raises(ValueRefusedError, match=reason):
        parse_value(CATALOGUE[name], text)


def test_money_in_another_currency_is_refused() -> None:
    with pytest.raises(ValueRefusedError, match="is in USD, not in EUR"):
        parse_value(CATALOGUE["request.amount"], "100 USD", currency="EUR")
    assert parse_value(CATALOGUE["request.amount"], "100 EUR", currency="EUR") == Decimal("100.00")


def test_names_and_currencies() -> None:
    assert normalise("Loan_Amount (EUR)") == "loan amount eur"
    assert normalise("monthlyIncome") == "monthly income"
    assert currency_in("Amount (GBP)") == "GBP"
    assert currency_in("€5") == "EUR"
    assert currency_in("THE SUM") is None


def test_dollars_are_not_euros() -> None:
    with pytest.raises(ValueRefusedError, match="in USD, not in EUR"):
        parse_value(CATALOGUE["request.amount"], "$12,000", currency="EUR")
    assert parse_value(CATALOGUE["request.amount"], "$12,000", currency="CAD") == 12000
