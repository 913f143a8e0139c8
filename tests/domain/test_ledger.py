"""One table of a case's entries: each booking once, balances worked out, own transfers netted, sums by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.balances import DailyBalances, gaps, without_repeats
from app.domain.case import Transaction
from app.domain.cash_flow import (
    balance_trend,
    essential_spending,
    find_salary,
    income_sources,
    living_spending,
    months_of_reserve,
    with_salary,
)
from app.domain.transactions.ledger import Parties, recognise
from app.domain.transactions.parties import party_name
from data.transaction_rules import load_rules
from tests.underwriting import ledger, months, statement

RULES = load_rules()
ONE, TWO = "DE89370400440532013000", "SE3550000000054910000003"


def entry(
    day: int, amount: str, text: str = "x", *, account: str = ONE, document: str = "a", row: int = 1, **more: object
) -> Transaction:
    balance = more.pop("balance", None)
    made = Transaction(date(2026, 5, day), Decimal(amount), "EUR", text, balance, document, row, account)  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_booking_in_two_files_of_one_account_is_one_however_it_is_written() -> None:
    csv = [entry(1, "-10", "REWE Markt"), entry(1, "-10", "REWE Markt", row=2), entry(2, "5", "Oma", row=3)]
    camt = [replace(line, document="b", text=f"Kartenzahlung {line.text}") for line in csv[:2]]
    more = entry(3, "-7", "Shop", document="b", row=9)
    assert [line.text for line in without_repeats([*camt, more, *csv])] == ["REWE Markt", "REWE Markt", "Oma", "Shop"]


def test_an_iban_and_the_number_in_it_are_one_account() -> None:
    lines = [entry(1, "-10", "A"), entry(1, "-10", "B", account="37040044/0532013000", document="b")]
    assert len(without_repeats(lines)) == 1


def test_the_same_amount_on_another_account_is_another_booking() -> None:
    lines = [entry(1, "-10"), entry(1, "-10", account=TWO, document="b")]
    assert len(without_repeats(lines)) == 2


def test_without_an_account_text_and_balance_or_the_balance_tell() -> None:
    known = entry(1, "-10", "A", balance=Decimal(90))
    unknown = [
        entry(1, "-10", text, account="", document="b", balance=Decimal(balance))
        for text, balance in (("B", 90), ("A", 80))
    ]
    assert len(without_repeats([known, unknown[0]])) == 1
    assert len(without_repeats([known, unknown[1]])) == 2


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(-3, 3)), min_size=1, max_size=12), st.randoms())
def test_any_overlap_of_two_files_gives_the_whole_once(made: list[tuple[int, int]], chance: object) -> None:
    whole = [entry(day, str(amount), row=row) for row, (day, amount) in enumerate(sorted(made), 1)]
    cut, again = len(whole) // 3, 2 * len(whole) // 3 + 1
    first, second = whole[:again], [replace(line, document="b") for line in whole[cut:]]
    days = {line.booked_on for line in whole[:cut]} & {line.booked_on for line in whole[cut:]}
    days |= {line.booked_on for line in whole[:again]} & {line.booked_on for line in whole[again:]}
    if not days:  # statements are cut between days
        assert [line.amount for line in without_repeats([*first, *second])] == [
            line.amount for line in without_repeats(whole)
        ]


def test_balances_are_worked_out_forward_and_back() -> None:
    lines = [entry(1, "-10"), entry(2, "-20", row=2, balance=Decimal(70)), entry(3, "5", row=3)]
    assert [line.balance for line in ledger(lines).entries] == [90, 70, 75]
    assert [line.balance for line in ledger([entry(1, "-10")]).entries] == [None]


def test_statements_that_do_not_follow_one_another_are_a_gap() -> None:
    may = entry(5, "-10", balance=Decimal(90))
    june = replace(entry(20, "-10", document="b", balance=Decimal(50)))
    (gap,) = gaps([may, june])
    assert gap.detail == "32013000: 2026-05-05 to 2026-05-20, -30.00 unexplained"
    assert gaps([may, replace(june, balance=Decimal(80))]) == ()
    assert gaps([may, replace(june, account=TWO)]) == ()


def test_money_between_own_accounts_is_neither_income_nor_spending() -> None:
    out, back = entry(5, "-500", "Online transfer 1"), entry(6, "500", "Incoming", account=TWO, document="b")
    found = ledger([out, back, entry(7, "-40", "REWE", row=4)])
    assert [line.purpose for line in found.lines] == ["own_transfer", "own_transfer", "groceries"]
    assert [line.amount for line in living_spending(found)] == [Decimal(-40)]


def test_salary_and_rent_of_one_amount_are_no_transfer() -> None:
    lines = [entry(5, "700", "Gehalt ACME"), entry(5, "-700", "Miete", account=TWO, document="b")]
    assert [line.purpose for line in ledger(lines).lines] == ["salary", "rent"]


def test_a_transfer_to_an_own_number_and_to_oneself_by_name() -> None:
    lines = [entry(5, "-50", "sent", other_account=TWO), entry(9, "1", "y", account=TWO, document="b")]
    assert ledger(lines).lines[0].purpose == "own_transfer"
    named = entry(5, "-50", "sent", counterparty="Holm, Karin")
    assert recognise([named], RULES, Parties(("Karin Holm",))).lines[0].purpose == "own_transfer"
    assert recognise([named], RULES, Parties(("Karin Berg",))).lines[0].purpose == "other_out"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PAYPAL *SPOTIFY", "Spotify"),
        ("AMZN Mktp US*12345 Amzn.com/bill WA", "Amazon"),
        ("Card payment 12.03. TESCO STORES 3456", "Tesco Stores"),
        ("SEPA Lastschrift REWE Markt GmbH 0934", "Rewe Markt"),
        ("房租", "房租"),
        ("0098 4411", "0098 4411"),
    ],
)
def test_a_counterparty_has_one_name(text: str, name: str) -> None:
    assert party_name(text, RULES) == name


def test_income_by_source_and_how_regular_it_is() -> None:
    entries = [
        *months(6, 25, "2000.00", "Salary Orion"),
        *months(6, 10, "250.00", "Kindergeld Familienkasse"),
        (date(2026, 7, 3), "900.00", "Refund shop"),
        (date(2026, 8, 3), "300.00", "Gift Anna"),
        (date(2026, 8, 4), "120.00", "Dividend Volvo"),
        *months(6, 12, "-64.20", "Grocery Market"),
    ]
    found = ledger(statement(entries))
    sources = income_sources(found, 6)
    assert [(each.purpose, each.monthly, each.months_seen, each.regular) for each in sources] == [
        ("salary", Decimal("2000.00"), 6, True),
        ("benefits", Decimal("250.00"), 6, True),
        ("interest", Decimal("20.00"), 1, False),
    ]


def test_essential_spending_leaves_out_what_can_wait() -> None:
    lines = [
        entry(1, "-700", "Miete"),
        entry(2, "-60", "REWE", row=2),
        entry(3, "-30", "Netflix", row=3),
        entry(4, "20", "REWE", row=4),
    ]
    assert [line.amount for line in essential_spending(ledger(lines))] == [Decimal(-700), Decimal(-60)]


def test_the_trend_is_the_slope_of_the_daily_balances() -> None:
    start = date(2026, 5, 1)
    falling = DailyBalances({start + timedelta(day): Decimal(1000 - 10 * day) for day in range(40)}, ())
    assert balance_trend(falling) == Decimal("-304.38")  # 10 a day, 30.4375 days a month
    assert balance_trend(DailyBalances({start: Decimal(5)}, ())) is None
    steps = DailyBalances({start + timedelta(day): Decimal(0 if day < 14 else 100) for day in range(28)}, ())
    # covariance 28 * 100 * 7 / 2 = 9800 over 28 * (28**2 - 1) / 12 = 1827: 5.3640 a day
    assert balance_trend(steps) == Decimal("163.27")


def test_months_of_reserve() -> None:
    assert months_of_reserve(Decimal(1500), Decimal(400), Decimal(200)) == Decimal("2.50")
    assert months_of_reserve(Decimal(-10), Decimal(400), Decimal(200)) == 0
    assert months_of_reserve(Decimal(10), Decimal(0), Decimal(0)) is None


def test_what_was_taken_as_salary_for_its_regularity_is_of_that_class() -> None:
    found = ledger(
        statement([*months(6, 25, "2450.00", "ORION LOGISTICS 8841"), *months(6, 12, "-64.20", "Grocery Market")])
    )
    assert found.of("salary") == ()
    known = with_salary(found, find_salary(found))
    assert [line.entry.amount for line in known.of("salary")] == [Decimal("2450.00")] * 6
    assert [each.purpose for each in income_sources(known, 6)] == ["salary"]
