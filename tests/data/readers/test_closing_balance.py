"""Feeds without running balances keep their closing balance, so that overdrawn days can be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.domain.balances import daily_balances
from app.domain.case import Transaction
from app.domain.reading import Entry
from data.readers.feeds import closing_on_last

ENTRIES = tuple(
    Entry(date(2026, 5, day), Decimal(amount), "EUR", "x", None, row)
    for row, (day, amount) in enumerate(((1, "-60.00"), (3, "100.00"), (5, "-10.00")), 1)
)


def test_the_last_entry_takes_the_closing_balance() -> None:
    kept = closing_on_last(ENTRIES, Decimal("50.00"), Decimal("80.00"))
    assert [entry.balance for entry in kept] == [None, None, Decimal("80.00")]
    assert closing_on_last(ENTRIES, None, Decimal("80.00")) == kept


def test_balances_that_do_not_add_up_or_are_given_are_left() -> None:
    assert closing_on_last(ENTRIES, Decimal("50.00"), Decimal("80.01")) == ENTRIES
    assert closing_on_last(ENTRIES, Decimal("50.00"), None) == ENTRIES
    assert closing_on_last((), None, Decimal("1.00")) == ()
    given = (replace(ENTRIES[0], balance=Decimal("-10.00")), *ENTRIES[1:])
    assert closing_on_last(given, None, Decimal("80.00")) == given


def test_the_days_before_are_worked_back_from_it() -> None:
    kept = closing_on_last(ENTRIES, Decimal("50.00"), Decimal("80.00"))
    lines = [Transaction(e.booked_on, e.amount, e.currency, e.text, e.balance, "d", e.row) for e in kept]
    daily = daily_balances(lines)
    assert daily is not None
    assert daily.overdrawn == (date(2026, 5, 1), date(2026, 5, 2))
