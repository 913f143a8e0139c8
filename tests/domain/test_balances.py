"""Balances day by day, and statements whose balances do not add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.balances import accounts, broken_balances, daily_balances, without_repeats
from app.domain.case import Transaction
from tests.underwriting import months, statement

amounts = st.lists(st.integers(-90_000, 90_000), min_size=1, max_size=30)


def lines_of(cents: list[int], opening: str = "100.00", a_day: int = 2) -> list[Transaction]:
    start = date(2026, 5, 1)
    return statement(
        [(start + timedelta(days=n // a_day), str(Decimal(c).scaleb(-2)), f"entry {n}") for n, c in enumerate(cents)],
        opening=opening,
    )


def days_of(lines: list[Transaction]) -> tuple[object, ...]:
    daily = daily_balances(lines)
    assert daily is not None
    return daily.total, daily.overdrawn, [line.text for line in daily.below]


def test_overdrawn_days_run_until_the_next_entry() -> None:
    lines = statement(
        [
            (date(2026, 5, 1), "-150.00", "a"),  # -50 on the 1st to the 4th
            (date(2026, 5, 5), "80.00", "b"),  # 30
            (date(2026, 5, 8), "-40.00", "c"),  # -10 within the day only
            (date(2026, 5, 8), "20.00", "d"),  # 10
        ],
        opening="100.00",
    )
    daily = daily_balances(lines)
    assert daily is not None
    assert daily.overdrawn == tuple(date(2026, 5, day) for day in (1, 2, 3, 4))
    assert [line.text for line in daily.below] == ["a"]
    # four days at -50, three at 30, one at 10
    assert daily.mean == Decimal("-12.50")


def test_statements_without_balances_have_no_daily_balances() -> None:
    assert daily_balances(statement(months(3, 5, "-10.00", "x"), balances=False)) is None
    assert daily_balances([]) is None


def test_an_entry_without_a_balance_moves_the_one_before() -> None:
    lines = lines_of([-5000, -6000, -100])
    gaps = [lines[0], replace(lines[1], balance=None), lines[2]]
    assert days_of(gaps) == days_of(lines)
    assert days_of([replace(lines[0], balance=None), *lines[1:]]) == days_of(lines)


@given(amounts)
def test_a_statement_from_new_to_old_reads_the_same(cents: list[int]) -> None:
    lines = lines_of(cents)
    turned = [replace(line, row=len(lines) + 1 - n) for n, line in enumerate(lines)]
    assert days_of(turned) == days_of(lines)
    assert broken_balances(turned) == {}


def test_a_days_entries_may_stand_in_any_order() -> None:
    # Banks that export a day's entries by account, amount or text, as the 1993 Berka data do.
    lines = lines_of([500, -300, -9000, 7000, 100, -50])
    order = (1, 0, 3, 2, 5, 4)
    mixed = [replace(lines[place], row=row) for row, place in enumerate(order, 2)]
    assert broken_balances(mixed) == {}
    assert days_of(mixed) == days_of(lines)


@given(amounts, st.integers(0, 29), st.integers(1, 500))
def test_any_changed_balance_breaks_the_chain(cents: list[int], at: int, by: int) -> None:
    lines = lines_of(cents, a_day=1)
    place = at % len(lines)
    balance = lines[place].balance
    assert balance is not None
    lines[place] = replace(lines[place], balance=balance + Decimal(by).scaleb(-2))
    assert bool(broken_balances(lines)) is (len(lines) > 1)


@given(amounts, st.randoms())
def test_the_order_of_reading_does_not_matter(cents: list[int], random: Random) -> None:
    lines = lines_of(cents)
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert accounts(shuffled) == accounts(lines)


def test_overlapping_statements_count_each_entry_once() -> None:
    first = statement(months(4, 5, "-10.00", "x"), document="a" * 64)
    second = [replace(line, document="b" * 64) for line in first[2:]]
    later = Transaction(date(2026, 9, 5), Decimal("-10.00"), "EUR", "x", Decimal("950.00"), "b" * 64, 9)
    kept = without_repeats([*first, *second, later])
    assert kept == (*first, later)


def test_the_same_entry_twice_in_one_statement_is_two() -> None:
    day = date(2026, 5, 5)
    twice = [Transaction(day, Decimal("-3.00"), "EUR", "Coffee", None, "a" * 64, row) for row in (2, 3)]
    assert without_repeats(twice) == tuple(twice)


def test_two_accounts_are_added_and_either_may_be_overdrawn() -> None:
    one = statement(
        [(date(2026, 5, 1), "-10.00", "x"), (date(2026, 5, 2), "0.50", "y")], opening="5.00", document="a" * 64
    )
    two = statement(
        [(date(2026, 5, 1), "-10.00", "z"), (date(2026, 5, 2), "1.00", "y")], opening="100.00", document="b" * 64
    )
    daily = daily_balances([*one, *two])
    assert daily is not None
    assert daily.overdrawn == (date(2026, 5, 1), date(2026, 5, 2))
    assert daily.total == {date(2026, 5, 1): Decimal("85.00"), date(2026, 5, 2): Decimal("86.50")}


def test_broken_balances_name_the_document() -> None:
    lines = statement(months(3, 5, "-10.00", "x"), document="c" * 64)
    lines[1] = replace(lines[1], balance=Decimal("1.00"))
    assert broken_balances(lines) == {"c" * 64: 2}
