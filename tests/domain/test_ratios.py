"""Ratios: worked examples, exact rounding, and the facts made of them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.ratios import (
    INCOME_USED,
    RATIO_BY_NAME,
    RATIOS,
    Ratio,
    at_two_decimals,
    completed,
    derived_facts,
    with_sources,
)
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()
CASE = "C-2026-000001"
CREDIT_DATA_1: dict[str, FactValue] = {  # the first row of credit_data, money times ten
    "request.amount": Decimal(8000),
    "request.goods_price": Decimal(8460),
    "request.term_months": 60,
    "income.net_monthly_stated": Decimal(1290),
    "expenses.monthly_living": Decimal(730),
    "assets.total": Decimal(0),
}


def fact(name: str, value: FactValue, unit: str = "EUR", confidence: str = "1") -> Fact:
    source = Source(SourceKind.ROW, document="0" * 64, row=2)
    return new_fact(CASE, name, value, unit, source, confidence=Decimal(confidence))


def facts(values: dict[str, FactValue]) -> dict[str, Fact]:
    return {
        name: fact(name, value, "months" if name == "request.term_months" else "EUR") for name, value in values.items()
    }


def test_worked_example() -> None:
    """8000/8460 is 94.56 %, 8000/1290 is 6.20 incomes, (1290 - 730) * 60 / 8000 is 4.2."""
    values = completed([ratio.name for ratio in RATIOS], CREDIT_DATA_1)
    assert values == {
        "ratio.financed_pct": Decimal("94.56"),
        "ratio.amount_to_income": Decimal("6.20"),
        "ratio.assets_to_amount": Decimal("0.00"),
        "ratio.free_income_cover": Decimal("4.20"),
    }


@pytest.mark.parametrize("ratio", RATIOS, ids=lambda ratio: ratio.name)
def test_ratios_and_their_inputs_are_in_the_catalogue(ratio: Ratio) -> None:
    assert CATALOGUE[ratio.name].kind.value == ratio.unit
    assert all(name in CATALOGUE and not CATALOGUE.prohibited(name) for name in with_sources([ratio.name]))


amounts = st.decimals("-99999999.99", "99999999.99", places=2)


@given(above=amounts, minus=amounts, over=st.decimals("0.01", "99999999.99", places=2), months=st.integers(1, 480))
def test_ratios_are_exact_to_the_last_digit(above: Decimal, minus: Decimal, over: Decimal, months: int) -> None:
    ratio = Ratio("x", "number", plus=("a",), minus=("b",), times="n", over="c")
    value = ratio.value({"a": above, "b": minus, "n": months, "c": over})
    exact = (Fraction(above) - Fraction(minus)) * months / Fraction(over)
    assert value is not None
    assert abs(Fraction(value) - exact) <= Fraction(1, 200)
    if abs(Fraction(value) - exact) == Fraction(1, 200):
        assert abs(value) > abs(exact)  # halves go away from zero


@pytest.mark.parametrize(
    ("above", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("1.255", "1.26")]
)
def test_inputs_and_halves_are_rounded_half_up(above: str, expected: str) -> None:
    ratio = Ratio("x", "number", plus=("a",), over="c")
    assert ratio.value({"a": Decimal(above), "c": Decimal(1)}) == Decimal(expected)


@pytest.mark.parametrize("over", [None, Decimal(0), Decimal("-5"), Decimal("0.004")])
def test_no_ratio_over_nothing(over: Decimal | None) -> None:
    assert Ratio("x", "number", plus=("a",), over="c").value({"a": Decimal(1), "c": over}) is None


def test_a_missing_input_leaves_the_ratio_missing() -> None:
    for name in ("request.amount", "request.goods_price"):
        rest = {other: value for other, value in CREDIT_DATA_1.items() if other != name}
        assert RATIO_BY_NAME["ratio.financed_pct"].value(rest) is None


def test_amounts_beyond_the_bound_count_as_the_bound() -> None:
    ratio = Ratio("x", "number", plus=("a",), over="c")
    assert ratio.value({"a": Decimal("1e15"), "c": Decimal(1)}) == Decimal(10**10)
    assert ratio.value({"a": Decimal("-1e15"), "c": Decimal(1)}) == Decimal(-(10**10))


@pytest.mark.parametrize("value", [True, "12", None, Decimal("NaN"), Decimal("-Infinity")])
def test_only_finite_numbers_are_numbers(value: FactValue | None) -> None:
    with pytest.raises(ValueError, match="number"):
        at_two_decimals(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_two_decimals_for_any_size(value: Decimal) -> None:
    assert abs(Fraction(at_two_decimals(value)) - Fraction(value)) <= Fraction(1, 200)


# Facts


def test_the_income_used_is_the_best_known() -> None:
    known = facts({"income.net_monthly_stated": Decimal(1290), "income.net_monthly_banked": Decimal(1100)})
    (used,) = derived_facts(CASE, [INCOME_USED], known)
    assert used.value == Decimal(1100)
    assert used.source.inputs == (known["income.net_monthly_banked"].id,)
    known["income.net_monthly_documented"] = fact("income.net_monthly_documented", Decimal(1050))
    assert derived_facts(CASE, [INCOME_USED], known)[0].value == Decimal(1050)


def test_derived_facts_name_formula_inputs_and_least_confidence() -> None:
    known = facts(CREDIT_DATA_1)
    known["expenses.monthly_living"] = fact("expenses.monthly_living", Decimal(730), confidence="0.6")
    income, cover = derived_facts(CASE, ["ratio.free_income_cover"], known)
    assert (income.name, cover.name) == (INCOME_USED, "ratio.free_income_cover")
    assert cover.value == Decimal("4.20")
    assert cover.unit == "number"
    assert cover.confidence == Decimal("0.6")
    assert cover.source.kind is SourceKind.COMPUTATION
    assert cover.source.method == (
        "(income.net_monthly - expenses.monthly_living) * request.term_months / request.amount"
    )
    inputs = (income, *(known[name] for name in ("expenses.monthly_living", "request.term_months", "request.amount")))
    assert cover.source.inputs == tuple(entry.id for entry in inputs)


def test_what_is_known_is_not_derived_again() -> None:
    known = facts(CREDIT_DATA_1)
    first = derived_facts(CASE, [ratio.name for ratio in RATIOS], known)
    assert len(first) == 1 + len(RATIOS)
    assert derived_facts(CASE, [ratio.name for ratio in RATIOS], known | {made.name: made for made in first}) == []


def test_amounts_of_different_currencies_have_no_ratio() -> None:
    known = facts(CREDIT_DATA_1)
    known["request.goods_price"] = fact("request.goods_price", Decimal(8460), "SEK")
    assert derived_facts(CASE, ["ratio.financed_pct"], known) == []


def test_no_income_no_income_used() -> None:
    assert derived_facts(CASE, [INCOME_USED], {}) == []
