"""Debts of bureau and statements brought together and held against the form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bureau import Account, parse_report
from app.domain.cash_flow import Obligation, find_obligations
from app.domain.debts import FoundDebt, found_debts, undisclosed
from tests.underwriting import account, ledger, months, report, statement

FIVE = Decimal(5)


def bureau_accounts(*made: tuple[str, str]) -> list[tuple[Account, Decimal]]:
    listed = [account(lender, instalment=instalment) for lender, instalment in made]
    return [(each, each.instalment or Decimal(0)) for each in parse_report(report(listed), "d").accounts]


def seen(*made: tuple[str, str], lenders: tuple[str, ...] = ()) -> list[Obligation]:
    entries = [entry for day, (text, amount) in enumerate(made, 3) for entry in months(6, day, f"-{amount}", text)]
    return find_obligations(ledger(statement(entries)), lenders)


def monthly(found: tuple[FoundDebt, ...]) -> list[tuple[Decimal, bool]]:
    return [(debt.monthly, bool(debt.entries)) for debt in found]


def test_a_statement_line_joins_the_account_of_its_lender() -> None:
    found = found_debts(bureau_accounts(("Fjord Finans", "180.00")), seen(("Loan Fjord Finans", "180.00")))
    assert monthly(found) == [(Decimal("180.00"), True)]


def test_a_statement_line_joins_an_account_of_the_same_amount() -> None:
    found = found_debts(bureau_accounts(("FF Servicing", "180.00")), seen(("Loan repayment 441", "181.00")))
    assert monthly(found) == [(Decimal("181.00"), True)]


def test_lines_of_other_lenders_and_amounts_are_further_debts() -> None:
    found = found_debts(bureau_accounts(("Fjord Finans", "180.00")), seen(("Kreditrate Sofortkredit", "289.50")))
    assert monthly(found) == [(Decimal("180.00"), False), (Decimal("289.50"), True)]


def test_two_loans_of_one_amount_are_two_debts() -> None:
    found = found_debts(
        bureau_accounts(("Fjord", "150.00"), ("Svea", "150.00")),
        seen(("Loan A one", "150.00"), ("Loan B two", "150.00")),
    )
    assert monthly(found) == [(Decimal("150.00"), True), (Decimal("150.00"), True)]


def debts(*amounts: str) -> tuple[FoundDebt, ...]:
    return tuple(FoundDebt(f"debt {n}", Decimal(amount)) for n, amount in enumerate(amounts))


@pytest.mark.parametrize(
    ("found", "stated", "beyond", "labels"),
    [
        (("289.50",), "0.00", "289.50", "debt 0"),
        (("180.00",), "180.00", "0.00", ""),
        (("180.00", "289.50"), "180.00", "289.50", "debt 1"),
        (("410.00", "335.00", "160.00"), "905.00", "0.00", ""),
        (("410.00", "335.00", "160.00"), "570.00", "335.00", "debt 1"),
        (("184.00",), "180.00", "0.00", ""),  # within 5 %
        (("410.00", "160.00"), "300.00", "270.00", ""),  # no part adds up: the difference
        ((), "300.00", "0.00", ""),
        (("100.00",), "300.00", "0.00", ""),  # more stated than found
        (("0.90",), "0.00", "0.00", ""),
    ],
)
def test_what_the_form_does_not_account_for(found: tuple[str, ...], stated: str, beyond: str, labels: str) -> None:
    answer = undisclosed(debts(*found), Decimal(stated), FIVE)
    assert (answer.monthly, answer.detail) == (Decimal(beyond), labels)


def test_many_debts_are_answered_by_the_difference() -> None:
    answer = undisclosed(debts(*["100.00"] * 40), Decimal("1000.00"), FIVE)
    assert (answer.monthly, answer.debts) == (Decimal("3000.00"), ())


amounts = st.lists(st.decimals(1, 3000, places=2), max_size=8)


@given(amounts, st.decimals(0, 9000, places=2))
def test_never_more_than_was_found_and_never_negative(found: list[Decimal], stated: Decimal) -> None:
    answer = undisclosed(tuple(FoundDebt("x", amount) for amount in found), stated, FIVE)
    assert 0 <= answer.monthly <= sum(found, Decimal(0))
    assert all(debt.monthly in found for debt in answer.debts)


@given(amounts, st.data())
def test_stating_a_part_of_the_debts_leaves_at_most_the_rest(found: list[Decimal], data: st.DataObject) -> None:
    mask = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    stated = sum((amount for amount, kept in zip(found, mask, strict=True) if kept), Decimal(0))
    answer = undisclosed(tuple(FoundDebt("x", amount) for amount in found), stated, Decimal(0))
    rest = sum(found, Decimal(0)) - stated
    assert answer.monthly == (rest if rest > 1 else 0)
