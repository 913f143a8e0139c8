"""Prices: floor and cap, fees, expected loss, break-even rate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.apr import TOLERANCE, Flow, effective_apr, level_flows, level_rates
from app.domain.money import annuity_instalment
from app.domain.pricing import (
    PLAIN,
    PriceRules,
    bounded_rate,
    break_even_rate_pct,
    expected_loss,
    price_of,
    price_rules,
)
from app.errors import InputError

D = Decimal


@given(st.integers(1, 120), st.decimals(0, 80, places=2), st.decimals(0, 900, places=2))
@settings(max_examples=60, deadline=None)
def test_the_closed_form_is_the_general_one(months: int, rate: Decimal, fee: Decimal) -> None:
    instalment = annuity_instalment(D(10_000), rate, months)
    general = effective_apr([Flow(D(10_000) - fee, Fraction(0))], level_flows(instalment, months))
    assert abs(level_rates(D(10_000) - fee, instalment, months).effective - general) <= 2 * TOLERANCE


def test_a_price_tells_its_rates_and_cost() -> None:
    """6,000 in 36 payments of 200 is 12 CFR 1026 Appendix J's payment stream, here with a regular first period."""
    price = price_of(D(12_000), 36, D("6.90"), PriceRules(fee=D(50), fee_pct=D("0.5")))
    assert price is not None
    assert (price.fee, price.instalment) == (D("110.00"), annuity_instalment(D(12_000), D("6.90"), 36))
    assert price.total_cost == price.instalment * 36 + 110 - 12_000
    assert price.apr_pct > price.nominal_apr_pct > D("6.90")
    assert price.apr_pct == price.apr_pct.quantize(D("1e-8"))
    plain = price_of(D(12_000), 36, D("6.90"))
    assert plain is not None
    assert abs(plain.nominal_apr_pct - D("6.90")) < D("0.001"), "only the instalment's rounding lies between"


def test_a_fee_above_the_loan_has_no_price() -> None:
    assert price_of(D(100), 12, D(5), PriceRules(fee=D(100))) is None
    with pytest.raises(InputError):
        level_rates(D(0), D(1), 12)


RULES = st.builds(
    PriceRules,
    floor_pct=st.none() | st.decimals(0, 20, places=2),
    cap_apr_pct=st.none() | st.decimals(1, 40, places=2),
    fee=st.decimals(0, 200, places=2),
    fee_pct=st.decimals(0, 3, places=2),
)


@given(st.decimals(0, 40, places=2), st.integers(300, 50_000), st.integers(3, 84), RULES)
@settings(max_examples=60, deadline=None)
def test_the_rate_keeps_floor_and_cap_and_is_the_nearest_to_the_grid(
    grid: Decimal, amount: int, months: int, rules: PriceRules
) -> None:
    rate = bounded_rate(grid, D(amount), months, rules)
    floor = rules.floor_pct or D(0)
    cap = rules.cap_apr_pct
    if rate is None:
        lowest = price_of(D(amount), months, floor, rules)
        assert lowest is None or (cap is not None and lowest.apr_pct > cap)
        return
    assert rate >= floor
    price = price_of(D(amount), months, rate, rules)
    assert price is not None
    if cap is not None:
        assert price.apr_pct <= cap
    if rate < max(grid, floor):
        above = price_of(D(amount), months, rate + D("0.01"), rules)
        assert above is not None
        assert cap is not None
        assert above.apr_pct > cap
    else:
        assert rate == max(grid, floor)


def test_a_grid_without_a_rate_has_no_price() -> None:
    assert bounded_rate(None, D(1000), 12, PLAIN) is None


def test_expected_loss_is_the_product() -> None:
    assert expected_loss(D("0.043210"), D(45), D("12000.00")) == D("233.33")


def test_without_default_or_fee_money_costs_what_it_costs() -> None:
    assert break_even_rate_pct(D(10_000), 36, D(0), PriceRules(lgd_pct=D(45), funding_pct=D("3.25"))) == D("3.25")
    assert break_even_rate_pct(D(10_000), 36, D("0.05"), PriceRules(funding_pct=D(3))) is None


def test_a_certain_loss_has_no_rate() -> None:
    assert break_even_rate_pct(D(10_000), 36, D(1), PriceRules(lgd_pct=D(100))) is None


@given(st.decimals("0.001", "0.3", places=3), st.decimals(1, 100, places=0), st.integers(1, 84))
@settings(max_examples=60, deadline=None)
def test_more_risk_needs_a_higher_rate_and_a_fee_a_lower_one(pd: Decimal, lgd: Decimal, months: int) -> None:
    rules = PriceRules(lgd_pct=lgd, funding_pct=D(2))
    even = break_even_rate_pct(D(5000), months, pd, rules)
    assume(even is not None)
    assert even is not None
    assert even >= D(2)
    safer = break_even_rate_pct(D(5000), months, pd / 2, rules)
    with_fee = break_even_rate_pct(D(5000), months, pd, PriceRules(lgd_pct=lgd, funding_pct=D(2), fee=D(40)))
    assert safer is not None
    assert with_fee is not None
    assert safer <= even
    assert with_fee <= even


def test_the_break_even_of_one_month_follows_by_hand() -> None:
    """(1 - h) (1 + i) + h R = 1 with h the month's default: i = h (1 - R) / (1 - h)."""
    pd, months = D("0.12"), 1
    h = 1 - float(1 - pd) ** (1 / 12)
    wanted = h * 0.6 / (1 - h) * 1200
    found = break_even_rate_pct(D(1000), months, pd, PriceRules(lgd_pct=D(60)))
    assert found is not None
    assert wanted <= float(found) < wanted + 0.01


def test_the_rules_are_read_from_the_terms_table() -> None:
    rules = price_rules({"unit": 1, "floor_pct": 5, "cap_apr_pct": "30.5", "fee": 25, "fee_pct": 1, "lgd_pct": 45})
    assert rules == PriceRules(D(5), D("30.5"), D(25), D(1), D(45), D(0))
    assert price_rules({"unit": 1}) == PLAIN
    with pytest.raises(InputError):
        price_rules({"fee": "much"})
