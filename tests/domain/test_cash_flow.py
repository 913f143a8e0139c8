"""Salary, rent, instalments, returned payments and gambling as statements show them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cash_flow import (
    find_gambling,
    find_obligations,
    find_rent,
    find_returned,
    find_salary,
    rows_method,
)
from app.domain.transactions.regularity import months_between, months_covered
from tests.underwriting import ledger, months, statement

SHOPPING = months(6, 12, "-64.20", "Grocery Market")


@pytest.mark.parametrize(
    "text",
    [
        "SALARY OCTOBER",
        "ACME Ltd payroll 0098",
        "Wages week 40",
        "Lön Orion Logistics AB",
        "LÖNEUTBETALNING 202610",
        "Gehalt Rheinwerk Druck GmbH",
        "Lohn/Gehalt 10/2026",
        "NOMINA OCTUBRE",
        "Nómina Talleres Sol SL",
        "VIR SALAIRE DUPONT SARL",
        "Virement paie octobre",
        "工资 海港物流有限公司",
        "代发工资",
    ],
)
def test_salary_is_known_by_its_word_in_each_language(text: str) -> None:
    lines = statement(months(6, 25, "2450.00", text) + SHOPPING)
    salary = find_salary(ledger(lines))
    assert salary is not None
    assert salary.median == Decimal("2450.00")
    assert (len(salary.by_month), salary.months_covered) == (6, 6)
    assert salary.variation_pct == Decimal("0.00")


@pytest.mark.parametrize(
    "text", ["Tax refund salary year 2025", "Lohnsteuererstattung", "Transfer from savings", "退款"]
)
def test_money_given_back_or_moved_is_no_salary(text: str) -> None:
    assert find_salary(ledger(statement([*months(6, 12, "900.00", text), *SHOPPING]))) is None


def test_salary_without_a_word_is_the_largest_credit_that_recurs_monthly() -> None:
    lines = statement(
        months(6, 25, "2450.00", "ORION LOGISTICS 8841")
        + months(6, 1, "120.00", "Flatmate electricity")
        + [(date(2026, 7, 3), "5000.00", "Car sold")]
    )
    salary = find_salary(ledger(lines))
    assert salary is not None
    assert {line.text for line in salary.entries} == {"ORION LOGISTICS 8841"}


def test_two_credits_are_no_recurring_salary_and_weekly_ones_are_not_monthly() -> None:
    assert find_salary(ledger(statement(months(2, 25, "2450.00", "ORION") + SHOPPING))) is None
    weekly = [(date(2026, 5, 1) + timedelta(days=7 * n), "300.00", "Anna") for n in range(20)]
    assert find_salary(ledger(statement(weekly))) is None


def test_the_employers_name_marks_a_salary() -> None:
    lines = statement([(date(2026, 9, 25), "2450.00", "Orion Logistics 8841"), (date(2026, 9, 27), "9000.00", "Gift")])
    salary = find_salary(ledger(lines, ["Orion Logistics AB"]))
    assert salary is not None
    assert salary.median == Decimal("2450.00")


def test_a_month_without_salary_counts_as_covered_once_its_pay_day_is_over() -> None:
    entries = months(6, 25, "2450.00", "Salary")
    del entries[2]
    salary = find_salary(ledger(statement([*entries, *SHOPPING])))
    assert salary is not None
    assert (len(salary.by_month), salary.months_covered) == (5, 6)


def test_a_month_whose_pay_day_is_still_to_come_is_not_covered() -> None:
    entries = months(6, 25, "2450.00", "Salary")[:5]
    salary = find_salary(ledger(statement([*entries, (date(2026, 10, 20), "-10.00", "Shop")])))
    assert salary is not None
    assert (len(salary.by_month), salary.months_covered) == (5, 5)


def test_a_salary_paid_before_the_weekend_belongs_to_its_own_month() -> None:
    paid = [date(2026, 4, 1), date(2026, 5, 1), date(2026, 5, 29), date(2026, 7, 1), date(2026, 7, 31)]
    salary = find_salary(ledger(statement([(on, "2000.00", "Salary") for on in paid])))
    assert salary is not None
    assert list(salary.by_month) == [(2026, 4), (2026, 5), (2026, 6), (2026, 7), (2026, 8)]


def test_half_monthly_pay_adds_up_to_the_month() -> None:
    lines = statement(months(4, 10, "1000.00", "Wages") + months(4, 25, "1100.00", "Wages"))
    salary = find_salary(ledger(lines))
    assert salary is not None
    assert salary.median == Decimal("2100.00")


def test_variation_is_the_mean_distance_from_the_median() -> None:
    entries = [(date(2026, m, 25), amount, "Salary") for m, amount in ((5, "1000"), (6, "2000"), (7, "3000"))]
    salary = find_salary(ledger(statement(entries)))
    assert salary is not None
    # distances 1000, 0, 1000 around 2000: 666.67 of 2000
    assert salary.variation_pct == Decimal("33.33")


def test_one_month_has_no_variation() -> None:
    salary = find_salary(ledger(statement([(date(2026, 5, 25), "1000", "Salary")])))
    assert salary is not None
    assert salary.variation_pct is None


@given(st.lists(st.integers(100, 900_000), min_size=1, max_size=24))
def test_the_median_lies_within_the_months_and_months_never_exceed_the_covered(cents: list[int]) -> None:
    lines = statement(
        [
            (date(2024 + n // 12, n % 12 + 1, 25), str(Decimal(amount).scaleb(-2)), "Salary")
            for n, amount in enumerate(cents)
        ]
    )
    salary = find_salary(ledger(lines))
    assert salary is not None
    assert Decimal(min(cents)).scaleb(-2) <= salary.median <= Decimal(max(cents)).scaleb(-2)
    assert len(salary.by_month) == len(cents) <= salary.months_covered


@pytest.mark.parametrize("text", ["Rent Hill Street", "Hyra", "Miete Wohnbau", "ALQUILER", "Loyer", "房租"])
def test_rent_is_the_median_of_its_months(text: str) -> None:
    entries = [*months(5, 2, "-700.00", text), (date(2026, 10, 2), "-720.00", text)]
    rent = find_rent(ledger(statement(entries)))
    assert rent is not None
    assert (rent[0], len(rent[1])) == (Decimal("700.00"), 6)


def test_a_rented_car_is_no_rent() -> None:
    assert find_rent(ledger(statement(months(3, 2, "-90.00", "Rent a car")))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Loan repayment Quick Money",
        "Instalment Fjord Finans car loan",
        "Lån Svea 7741",
        "Kreditrate Sofortkredit AG Vertrag 7741",
        "Ratenkredit Easy",
        "Cuota préstamo personal",
        "Échéance prêt auto",
        "Rata kredyt 12",
        "DD EASYCREDIT 77",
        "Credit card payment",
        "分期还款 东方信贷",
    ],
)
def test_instalments_are_known_by_a_lenders_word(text: str) -> None:
    found = find_obligations(ledger(statement(months(6, 5, "-289.50", text) + SHOPPING)))
    assert [(each.monthly, len(each.entries)) for each in found] == [(Decimal("289.50"), 6)]


@pytest.mark.parametrize(
    "text",
    [
        "Grocery Market",
        "SEPA credit transfer Anna",
        "Sloane Square",
        "Loan insurance premium",
        "Transfer to savings",
        "Gym membership",
    ],
)
def test_other_recurring_debits_are_no_instalments(text: str) -> None:
    assert find_obligations(ledger(statement(months(6, 5, "-289.50", text)))) == []


def test_instalments_with_changing_references_and_months_are_one_obligation() -> None:
    entries = [
        (date(2026, month, 5), "-150.00", f"Loan payment {name} 2026 ref {month * 977}")
        for month, name in ((5, "May"), (6, "June"), (7, "July"))
    ]
    found = find_obligations(ledger(statement(entries)))
    assert [(each.monthly, len(each.entries)) for each in found] == [(Decimal("150.00"), 3)]


def test_a_debit_seen_once_counts_only_beside_a_lender_of_the_report() -> None:
    lines = statement([(date(2026, 10, 5), "-150.00", "Loan Fjord Finans"), (date(2026, 10, 25), "-5.00", "Shop")])
    assert find_obligations(ledger(lines)) == []
    assert [each.lender for each in find_obligations(ledger(lines), ["Fjord Finans"])] == ["Fjord Finans"]


def test_a_lender_that_enquired_is_known_by_its_name() -> None:
    lines = statement(months(3, 5, "-150.00", "DD QUICKCASH 4411"))
    assert find_obligations(ledger(lines)) == []
    assert [each.lender for each in find_obligations(ledger(lines), [], ["QuickCash Ltd"])] == [None]


def test_a_loan_paid_off_before_the_statements_end_is_over() -> None:
    lines = statement([*months(3, 5, "-150.00", "Loan Quick"), (date(2026, 10, 28), "-5.00", "Shop")])
    assert find_obligations(ledger(lines)) == []


def test_a_returned_instalment_is_counted_as_returned_not_as_paid() -> None:
    lines = statement(
        [*months(3, 5, "-150.00", "Loan Quick"), (date(2026, 6, 6), "-35.00", "Returned loan payment, fee")]
    )
    assert len(find_obligations(ledger(lines))[0].entries) == 3
    assert len(find_returned(ledger(lines))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Returned direct debit, insufficient funds",
        "NSF item",
        "RÜCKLASTSCHRIFT Strom",
        "Recibo devuelto gas",
        "Rejet de prélèvement",
        "Retur autogiro",
        "扣款失败 余额不足",
    ],
)
def test_returned_payments_are_found_in_each_language(text: str) -> None:
    assert len(find_returned(ledger(statement([(date(2026, 8, 14), "-12.00", text)])))) == 1


def test_the_fee_of_a_returned_payment_is_not_a_second_one() -> None:
    day = date(2026, 8, 14)
    lines = statement([(day, "80.00", "Returned direct debit"), (day, "-5.00", "Returned item fee")])
    assert [line.text for line in find_returned(ledger(lines))] == ["Returned direct debit"]


@pytest.mark.parametrize("text", ["BET365 deposit", "Casino Royal", "PokerStars", "体育彩票", "Svenska Spel"])
def test_gambling_is_debits_to_betting_firms(text: str) -> None:
    lines = statement([(date(2026, 8, 1), "-50.00", text), (date(2026, 8, 2), "80.00", text)])
    assert [line.amount for line in find_gambling(ledger(lines))] == [Decimal("-50.00")]


def test_months_covered_need_half_a_month() -> None:
    span = [(date(2026, 4, 28), "-1", "x"), (date(2026, 10, 14), "-1", "x")]
    assert months_covered(statement(span)) == 5  # May to September
    assert months_covered(statement([(date(2026, 4, 28), "-1", "x")])) == 1
    assert months_between(date(2025, 11, 3), date(2026, 2, 1)) == [(2025, 11), (2025, 12), (2026, 1), (2026, 2)]


def test_methods_name_the_rows_and_the_documents_where_there_are_several() -> None:
    one = statement(months(2, 5, "-1.00", "x"), document="a" * 64)
    two = statement(months(2, 5, "-1.00", "x"), document="b" * 64)
    assert rows_method("salary", one) == "salary:rows 2,3"
    assert rows_method("salary", [*one, *two]) == "salary:rows 2,3 of aaaaaaaa; 2,3 of bbbbbbbb"
