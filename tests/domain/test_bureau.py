"""Bureau reports: tolerant of shape, strict on nonsense; windows of enquiries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bureau import (
    WINDOWS,
    Enquiry,
    enquiries_in_window,
    full_months,
    merged_accounts,
    merged_enquiries,
    months_before,
    parse_report,
)
from tests.underwriting import account, report

APPLIED = date(2026, 10, 28)


def made(*days: str) -> list[Enquiry]:
    return [Enquiry(date.fromisoformat(day), "L", "new") for day in days]


@pytest.mark.parametrize(
    ("months", "first_day"),
    [(1, "2026-09-28"), (3, "2026-07-28"), (6, "2026-04-28"), (12, "2025-10-28"), (24, "2024-10-28")],
)
def test_both_ends_of_a_window_count(months: int, first_day: str) -> None:
    before = (date.fromisoformat(first_day) - timedelta(days=1)).isoformat()
    assert enquiries_in_window(made(before, first_day, "2026-10-28", "2026-10-29"), APPLIED, months) == 2


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2024, 5, 31), 3, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 10, 28), 24, date(2024, 10, 28)),
    ],
)
def test_months_are_calendar_months(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier


days = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@given(days, st.lists(days, max_size=30))
def test_a_longer_window_never_holds_fewer(applied: date, on: list[date]) -> None:
    enquiries = [Enquiry(day, "L", "") for day in on]
    counts = [enquiries_in_window(enquiries, applied, months) for months in WINDOWS]
    assert counts == sorted(counts)
    assert counts[-1] <= sum(day <= applied for day in on)


@given(days, st.integers(0, 400))
def test_full_months_is_the_inverse_of_months_before(day: date, months: int) -> None:
    earlier = months_before(day, months)
    assert full_months(earlier, day) == months
    assert full_months(earlier - timedelta(days=31), day) >= months
    assert full_months(earlier + timedelta(days=31), day) <= months


def test_a_report_is_read_whole() -> None:
    read = parse_report(report([account()], ["2026-10-20"]), "d")
    assert read.problems == ()
    assert read.report_date == date(2026, 10, 29)
    assert (read.accounts[0].lender, read.accounts[0].instalment) == ("Fjord Finans", Decimal("180.00"))
    assert read.enquiries[0].on == date(2026, 10, 20)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"opened_on": "31.02.2026"}, "$.accounts[0].opened_on: '31.02.2026' is not a date"),
        ({"balance": "much"}, "$.accounts[0].balance: 'much' is not an amount"),
        ({"balance": -5}, "$.accounts[0].balance: -5 is not an amount"),
        ({"balance": True}, "$.accounts[0].balance: True is not an amount"),
        ({"instalment": "NaN"}, "$.accounts[0].instalment: 'NaN' is not an amount"),
        ({"days_past_due": 1.5}, "$.accounts[0].days_past_due: 1.5 is not a number of days"),
        ({"worst_days_past_due_12m": 99999}, "$.accounts[0].worst_days_past_due_12m: 99999 is not a number of days"),
    ],
)
def test_nonsense_in_an_account_is_named_and_not_used(changes: dict[str, Any], problem: str) -> None:
    read = parse_report(report([account(**changes)]), "d")
    assert read.problems == (problem,)
    assert len(read.accounts) == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "$: not an object"),
        ({"accounts": {}}, "$.accounts: not a list"),
        ({"accounts": ["x"]}, "$.accounts[0]: not an object"),
        ({"enquiries": [{"lender": "L"}]}, "$.enquiries[0].date: missing"),
        ({"enquiries": [{"date": "soon"}]}, "$.enquiries[0].date: 'soon' is not a date"),
        ({"report_date": 7}, "$.report_date: 7 is not a date"),
    ],
)
def test_nonsense_in_the_report_is_named(data: Any, problem: str) -> None:
    read = parse_report(data, "d")
    assert read.problems == (problem,)
    assert read.enquiries == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries({}, optional={"accounts": json_values, "enquiries": json_values, "report_date": json_values})
)
def test_no_json_crashes_the_reader(data: Any) -> None:
    read = parse_report(data, "d")
    assert all(isinstance(enquiry.on, date) for enquiry in read.enquiries)


@given(st.dictionaries(st.sampled_from(list(account())), json_values))
def test_no_account_crashes_the_reader(changes: dict[str, Any]) -> None:
    for each in parse_report(report([account(**changes)]), "d").accounts:
        assert each.worst >= 0
        assert each.balance is None or each.balance >= 0


def test_closed_accounts_are_open_until_they_close() -> None:
    closed = parse_report(report([account(closed_on="2026-06-30")]), "d").accounts[0]
    assert closed.open_on(date(2026, 6, 29))
    assert not closed.open_on(date(2026, 6, 30))


def test_two_reports_are_merged_by_lender_and_number() -> None:
    older = report([account(balance="9000")], ["2026-10-20", "2026-10-20"]) | {"report_date": "2026-01-01"}
    newer = report([account(), account("Svea")], ["2026-10-20", "2026-09-01"])
    reports = [parse_report(newer, "n"), parse_report(older, "o")]
    assert [(each.lender, each.balance) for each in merged_accounts(reports)] == [
        ("Fjord Finans", Decimal("5200.00")),
        ("Svea", Decimal("5200.00")),
    ]
    assert [enquiry.on.isoformat() for enquiry in merged_enquiries(reports)] == [
        "2026-09-01",
        "2026-10-20",
        "2026-10-20",
    ]
