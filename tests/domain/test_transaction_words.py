"""How statement texts are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.transactions.words import names, payee, plain, tokens
from data.transaction_rules import load_rules

RULES = load_rules()


@pytest.mark.parametrize(
    ("text", "same"), [("LÖN", "lon"), ("Straße", "strasse"), ("Øre", "ore"), ("Łódź", "lodz"), ("Nómina", "nomina")]
)
def test_accents_and_case_do_not_matter(text: str, same: str) -> None:
    assert plain(text) == same


def test_words_stand_alone() -> None:
    assert tokens("Lohn/Gehalt 10-2026") == ("lohn", "gehalt")
    assert not RULES.marks("salary", "Londonderry Cafe")
    assert not RULES.marks("rent", "Brentwood Store")
    assert not RULES.marks("gambling", "Alphabet Books")
    assert RULES.marks("salary", "Gehaltszahlung")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Loan payment May 2026 ref 88123", "LOAN PAYMENT JUNE 2026 REF 90111"),
        ("Miete Mai", "Miete Juni"),
        ("房租 5月", "房租 6月"),
    ],
)
def test_references_and_months_do_not_make_another_payee(one: str, other: str) -> None:
    assert payee(one) == payee(other)


def test_different_payees_stay_apart() -> None:
    assert payee("Loan Fjord Finans") != payee("Loan Svea Direkt")
    assert payee("分期还款 东方信贷") != payee("分期还款 西方信贷")


@pytest.mark.parametrize(
    ("text", "firm", "named"),
    [
        ("SALARY ORION LOGISTICS", "Orion Logistics AB", True),
        ("Lön Orion", "Orion Logistics AB", False),
        ("工资 海港物流有限公司", "海港物流有限公司", True),
        ("Bank Vest card", "Bank Vest", True),
        ("Grocery Market", "AB", False),
        ("anything", "", False),
    ],
)
def test_a_firm_is_named_by_its_telling_words(text: str, firm: str, named: bool) -> None:
    assert names(text, firm) is named


@given(st.text(max_size=60))
def test_no_text_crashes_and_digits_alone_mark_nothing(text: str) -> None:
    assert all(each in RULES.classes for each in RULES.marked(text))
    assert isinstance(payee(text), str)
    assert RULES.marked("1234 / 55.00 - 2026-05-01") == ()
