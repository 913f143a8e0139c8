"""Figures of sentences against the facts of a package."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.package_figures import unsupported_figures
from app.domain.rendering import format_date, format_money, format_number


def fact(name: str, value: Any, unit: str = "") -> dict[str, Any]:
    return {"id": "f", "name": name, "value": value, "unit": unit}


FACTS = [
    fact("request.amount", "12000.00", "EUR"),
    fact("ratio.dsr_after_pct", "47.32", "percent"),
    fact("history.enquiries_3m", 5, "count"),
    fact("request.date", "2026-10-28", "date"),
    fact("employment.employer", "Bygg 24 AB", "text"),
    fact("ratio.disposable_after", "-150.00", "EUR"),
    fact("history.adverse_records", True, "boolean"),
    fact("score.pd_pct", "0.00412", "percent"),
]


@pytest.mark.parametrize(
    "text",
    [
        "The applicant asks for 12,000.00 EUR.",
        "The applicant asks for 12 000 EUR.",
        "申请人申请12,000.00欧元。",
        "Instalments take 47.32 % of income.",
        "Enquiries in the last 3 months: 5.",
        "近３个月查询５次。",
        "Received on 28 October 2026.",
        "Received on 2026-10-28.",
        "收到日期：2026年10月28日。",
        "Works at Bygg 24 AB since long.",
        "The balance is -150.00 EUR.",
        "Five enquiries in three months.",
        "三个月内五次查询。",
        "PD is 0.0041 %.",
        "This breaks affordability 4.2.",
        "No figure at all.",
        "",
    ],
)
def test_supported_figures_pass(text: str) -> None:
    assert unsupported_figures(text, FACTS, ["affordability 4.2"]) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("The applicant asks for 12,500.00 EUR.", ["12,500.00 EUR"]),
        ("Instalments take 47 % of income.", ["47 %"]),
        ("Instalments take 48.32 % of income.", ["48.32 %"]),
        ("Enquiries in the last 6 months: 5.", ["6 months"]),
        ("Received on 29 October 2026.", ["29 October 2026"]),
        ("Received on 2026-02-31.", ["2026", "02", "31"]),
        ("收到日期：2026年10月2日。", ["2026年10月2日"]),
        ("Works at Bygg 25 AB.", ["25"]),
        ("This breaks affordability 4.3.", ["4.3"]),
        ("True is not 1.", ["1"]),
        ("It rose 5 times in 28 days.", ["28 days"]),
        ("A sum of 120,00 EUR.", ["120,00 EUR"]),
        ("x²", ["²"]),
        ("Seven enquiries.", ["Seven"]),
        ("七次查询。", ["七"]),
        ("A sum of 12,000 USD.", ["12,000 USD"]),
    ],
)
def test_unsupported_figures_are_named(text: str, wrong: list[str]) -> None:
    assert unsupported_figures(text, FACTS, ["affordability 4.2"]) == wrong


def test_a_fact_of_digits_alone_supports_only_itself() -> None:
    assert unsupported_figures("Reference 12345 and 123.", [fact("x", "12345", "text")]) == ["123"]


@given(st.decimals(0, 10**9, places=2, allow_nan=False))
def test_every_money_figure_as_reports_write_it_is_supported(amount: Decimal) -> None:
    facts = [fact("request.amount", format(amount, "f"), "EUR")]
    for language in ("en", "zh"):
        assert unsupported_figures(f"It is {format_money(amount, 'EUR', language)}.", facts) == []


@given(st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False))
def test_every_number_as_reports_write_it_is_supported(number: Decimal) -> None:
    if abs(number) < Decimal("1e-9"):
        number = Decimal(0)
    assert (
        unsupported_figures(f"It is {format_number(number)} %.", [fact("ratio.x_pct", format(number, "f"), "percent")])
        == []
    )


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_as_reports_write_it_is_supported(day: date) -> None:
    facts = [fact("request.date", day.isoformat(), "date")]
    assert unsupported_figures(f"On {format_date(day, 'en')}.", facts) == []
    assert unsupported_figures(f"{format_date(day, 'zh')}。", facts) == []


@given(st.text(max_size=100), st.lists(st.one_of(st.text(max_size=30), st.integers(), st.booleans()), max_size=4))
def test_any_text_is_answered(text: str, values: list[Any]) -> None:
    assert isinstance(unsupported_figures(text, [fact("a_3m", value) for value in values], ["x 1"]), list)
