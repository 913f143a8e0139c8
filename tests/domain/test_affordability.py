"""Ratios and room for a further instalment, exact at two decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.affordability import Household, gap_pct, share_pct

CENT = Decimal("0.01")
money = st.decimals(0, 50_000, places=2)
incomes = st.decimals(1, 50_000, places=2)


def test_worked_example() -> None:
    # The design's case: 2,450.00 net, 764.90 of instalments to come to 47 %, 386.64 of them new.
    household = Household(Decimal("2450.00"), Decimal("764.90"), Decimal("900.00"))
    assert household.dsr_pct() == Decimal("31.22")
    assert household.dsr_pct(Decimal("386.64")) == Decimal("47.00")
    assert household.disposable(Decimal("386.64")) == Decimal("398.46")


@pytest.mark.parametrize(
    ("part", "whole", "share"), [("1", "3", "33.33"), ("2", "3", "66.67"), ("0.125", "1", "12.50")]
)
def test_shares_round_half_up(part: str, whole: str, share: str) -> None:
    assert share_pct(Decimal(part), Decimal(whole)) == Decimal(share)


def test_there_is_no_share_of_nothing() -> None:
    assert share_pct(Decimal(1), Decimal(0)) is None
    assert Household(Decimal(0), Decimal(10), None).dsr_pct() is None


def test_unknown_living_expenses_leave_the_disposable_income_unknown() -> None:
    assert Household(Decimal(100), Decimal(10), None).disposable() is None


def test_the_gap_is_in_percent_of_what_is_documented() -> None:
    assert gap_pct(Decimal("3100.00"), Decimal("2450.00")) == Decimal("26.53")
    assert gap_pct(Decimal("2000.00"), Decimal("2500.00")) == Decimal("-20.00")
    assert gap_pct(Decimal("2000.00"), Decimal(0)) is None


@given(incomes, money, st.decimals(1, 90, places=2))
def test_the_room_meets_the_ratio_and_a_cent_more_does_not(income: Decimal, owed: Decimal, limit: Decimal) -> None:
    household = Household(income, owed, None)
    room = household.room(limit, Decimal(0))
    at, beyond = household.dsr_pct(room), household.dsr_pct(room + CENT)
    assert at is not None
    assert beyond is not None
    assert at <= limit < beyond


@given(incomes, money, money, st.decimals(0, 1000, places=2))
def test_the_room_leaves_the_minimum_to_live_on(
    income: Decimal, owed: Decimal, living: Decimal, least: Decimal
) -> None:
    household = Household(income, owed, living)
    room = household.room(Decimal(10_000), least)
    assert household.disposable(room) == least
