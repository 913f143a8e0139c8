"""Computed facts of the documents: formulas, inputs, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.bureau import parse_report
from app.domain.case import Transaction
from app.domain.derivation import Derivation
from app.domain.derive import Assumptions, Evidence, Observations, derive
from app.domain.facts import FactValue, Kind, Source, SourceKind, new_fact
from data.transaction_rules import load_rules
from tests.underwriting import CATALOGUE, account, months, report, statement

APPLIED = date(2026, 10, 28)


def derived(
    stated: Mapping[str, FactValue],
    *,
    lines: Sequence[Transaction] = (),
    reports: Sequence[Mapping[str, Any]] = (),
    applied: date | None = APPLIED,
    assumptions: Assumptions = Assumptions(),
) -> tuple[Derivation, Observations]:
    facts = []
    for name, value in stated.items():
        kind = CATALOGUE[name].kind
        source = Source(SourceKind.DOCUMENT, document="f" * 64)
        facts.append(new_fact("C-1", name, value, "EUR" if kind is Kind.MONEY else kind.value, source))
    derivation = Derivation("C-1", "EUR", CATALOGUE, facts)
    read = tuple(parse_report(each, f"report-{index}") for index, each in enumerate(reports))
    return derivation, derive(derivation, Evidence("EUR", applied, tuple(lines), read, assumptions, load_rules()))


def money(text: str) -> Decimal:
    return Decimal(text)


STATED = {"income.net_monthly_stated": money("3000.00")}


@pytest.mark.parametrize(
    ("further", "lines", "used", "source"),
    [
        ({}, [], "3000.00", "income.net_monthly_stated"),
        ({}, months(3, 25, "2800.00", "Salary"), "2800.00", "income.net_monthly_banked"),
        (
            {"income.net_monthly_documented": money("2900.00")},
            months(3, 25, "2800.00", "Salary"),
            "2900.00",
            "income.net_monthly_documented",
        ),
    ],
)
def test_the_income_used_is_the_best_known(
    further: dict[str, Decimal], lines: list[Any], used: str, source: str
) -> None:
    facts, _ = derived(STATED | further, lines=statement(lines))
    assert facts.value("income.net_monthly") == money(used)
    assert facts["income.net_monthly"].source.inputs == (facts[source].id,)


def test_the_gap_is_against_the_payslip_else_the_salary_received() -> None:
    facts, _ = derived(STATED, lines=statement(months(3, 25, "2400.00", "Salary")))
    assert facts.value("income.gap_pct") == money("25.00")
    facts, _ = derived(STATED | {"income.net_monthly_documented": money("3000.00")})
    assert facts.value("income.gap_pct") == money("0.00")
    assert "income.gap_pct" not in derived(STATED)[0]


def test_without_income_there_is_none_used() -> None:
    assert "income.net_monthly" not in derived({})[0]


@pytest.mark.parametrize(
    ("stated", "accounts", "lines", "used"),
    [
        ({"debt.instalments_stated": money("300.00")}, [], [], "300.00"),
        ({"debt.instalments_stated": money("100.00")}, [account(instalment="180.00")], [], "180.00"),
        ({"debt.instalments_stated": money("500.00")}, [account(instalment="180.00")], [], "500.00"),
        ({}, [account(instalment="180.00")], months(3, 5, "-289.50", "Loan Quick"), "469.50"),
        ({"debt.outstanding": money("5000.00")}, [], [], "150.00"),  # 3 % assumed
        ({"debt.outstanding": money("0.00")}, [], [], "0.00"),
    ],
)
def test_the_instalments_used(stated: dict[str, FactValue], accounts: list[Any], lines: list[Any], used: str) -> None:
    facts, _ = derived(stated, lines=statement(lines), reports=[report(accounts)] if accounts else [])
    assert facts.value("debt.instalments_monthly") == money(used)
    assert facts["debt.instalments_monthly"].source.inputs


def test_instalments_are_unknown_where_nothing_tells_of_debts() -> None:
    assert "debt.instalments_monthly" not in derived(STATED)[0]


def test_the_policy_sets_what_is_assumed() -> None:
    facts, _ = derived({"debt.outstanding": money("5000.00")}, assumptions=Assumptions(debt_instalment_pct=Decimal(5)))
    assert facts.value("debt.instalments_monthly") == money("250.00")


def test_an_account_without_an_instalment_bears_the_assumed_one() -> None:
    listed = [account(instalment=None, balance="1000.00"), account("Shut", closed_on="2026-01-01")]
    facts, _ = derived({}, reports=[report(listed)])
    assert facts.value("debt.instalments_bureau") == money("30.00")
    assert facts.value("history.accounts") == 2


def test_debts_are_undisclosed_only_against_a_form_that_speaks_of_debts() -> None:
    reports = [report([account(instalment="180.00")])]
    assert "debt.undisclosed_instalment" not in derived({}, reports=reports)[0]
    facts, seen = derived({"debt.outstanding": money("0.00")}, reports=reports)
    assert facts.value("debt.undisclosed_instalment") == money("180.00")
    assert seen.undisclosed is not None
    assert seen.undisclosed.detail == "Fjord Finans"
    stated = {"debt.instalments_stated": money("180.00")}
    assert derived(stated, reports=reports)[0].value("debt.undisclosed_instalment") == 0


def test_nothing_is_undisclosed_where_nothing_could_show_it() -> None:
    assert "debt.undisclosed_instalment" not in derived({"debt.instalments_stated": money("0.00")})[0]


def test_a_report_tells_delinquency_age_and_enquiries() -> None:
    listed = [
        account("One", opened_on="2017-06-15", worst_days_past_due_12m=34),
        account("Two", opened_on="2026-12-01", days_past_due=61),
    ]
    facts, _ = derived({}, reports=[report(listed, ["2026-10-28", "2026-07-28", "2026-07-27"])])
    values = {
        name: facts.value(f"history.{name}") for name in ("accounts", "delinquent_accounts", "oldest_account_months")
    }
    assert values == {"accounts": 2, "delinquent_accounts": 1, "oldest_account_months": 112}
    assert facts.value("history.worst_days_past_due_12m") == 61
    assert [facts.value(f"history.enquiries_{n}m") for n in (1, 3, 6, 12, 24)] == [1, 2, 3, 3, 3]
    assert facts["history.enquiries_3m"].source.method == "enquiries from 2026-07-28 to 2026-10-28"
    assert facts["history.enquiries_3m"].source.document == "report-0"


def test_an_empty_report_is_a_file_without_history() -> None:
    facts, seen = derived({}, reports=[report()])
    assert (facts.value("history.accounts"), facts.value("history.oldest_account_months")) == (0, 0)
    assert facts.value("debt.instalments_bureau") == 0
    assert seen.has_report


def test_without_a_day_of_application_windows_are_not_counted() -> None:
    facts, _ = derived({}, reports=[report([account()], ["2026-10-20"])], applied=None)
    assert facts.value("history.accounts") == 1
    assert "history.enquiries_3m" not in facts
    assert "history.oldest_account_months" not in facts


def test_a_quiet_statement_still_tells_that_nothing_happened() -> None:
    facts, seen = derived({}, lines=statement(months(3, 5, "-20.00", "Grocery")))
    told = {name: facts.value(name) for name in facts.facts}
    assert told == {
        "income.months_covered": 2,
        "income.salary_months_seen": 0,
        "cashflow.returned_items": 0,
        "cashflow.gambling_monthly": money("0.00"),
        "cashflow.overdraft_days": 0,
        "cashflow.mean_balance": told["cashflow.mean_balance"],
        "cashflow.balance_trend": told["cashflow.balance_trend"],
        "cashflow.cash_monthly": money("0.00"),
        "cashflow.essential_monthly": money("30.00"),  # 60 over the two months covered
        "cashflow.fees_monthly": money("0.00"),
        "cashflow.spending_monthly": money("30.00"),
        "cashflow.reserve_months": told["cashflow.reserve_months"],
        "debt.instalments_seen": money("0.00"),
        "debt.instalments_monthly": money("0.00"),
    }
    assert seen.has_statements


def test_gambling_is_a_month() -> None:
    lines = statement(months(6, 25, "2000.00", "Salary") + months(6, 3, "-120.00", "Casino Royal"))
    facts, _ = derived({}, lines=lines)
    assert facts.value("cashflow.gambling_monthly") == money("120.00")


def test_lines_in_another_currency_are_named_and_not_counted() -> None:
    facts, seen = derived({}, lines=statement(months(3, 25, "9000.00", "Salary"), currency="SEK"))
    assert dict(facts.facts) == {}
    assert seen.other_currencies == ("SEK: 3 entries, 0 accounts",)
