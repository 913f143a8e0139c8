"""How values are written on screen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.domain.facts import Kind, Source, SourceKind, new_fact
from tests.doubles import load_catalogue
from views import format as fmt


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (Decimal(12000), "EUR", "12,000.00 EUR"),
        (Decimal("-0.5"), "CNY", "-0.50 CNY"),
        (Decimal("1234567.891"), "EUR", "1,234,567.89 EUR"),
        (None, "EUR", "–"),
    ],
)
def test_money(amount: Decimal | None, currency: str, text: str) -> None:
    assert fmt.money(amount, currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [("47.00", "47 %"), ("9.90", "9.9 %"), ("26.535", "26.54 %"), ("100", "100 %"), ("0", "0 %")]
)
def test_percent_drops_what_says_nothing(value: str, text: str) -> None:
    assert fmt.percent(Decimal(value)) == text


@pytest.mark.parametrize(("value", "text"), [("0.081000", "8.1 %"), ("0.0005", "0.1 %"), ("1", "100.0 %")])
def test_probability_keeps_one_decimal(value: str, text: str) -> None:
    assert fmt.probability(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [(1, "en", "1 month"), (36, "en", "36 months"), (36, "zh", "36 个月"), (None, "en", "–")],
)
def test_months(value: int | None, language: str, text: str) -> None:
    assert fmt.months(value, language) == text


def test_number_groups_and_drops_trailing_zeros() -> None:
    assert fmt.number(1234567) == "1,234,567"
    assert fmt.number(Decimal("1200.50")) == "1,200.5"
    assert fmt.number(Decimal(100)) == "100"


def test_dates_by_language() -> None:
    day = date(2026, 12, 20)
    assert (fmt.day(day, "en"), fmt.day(day, "zh")) == ("20 Dec 2026", "2026年12月20日")
    assert (fmt.short_day(day, "en"), fmt.short_day(day, "zh")) == ("20 Dec 2026", "2026-12-20")
    assert fmt.day(None, "en") == "–"


def test_moment_is_local_time() -> None:
    at = datetime(2026, 11, 14, 10, 42, tzinfo=UTC)
    assert fmt.moment(at, "en").endswith(f"{at.astimezone():%H:%M}")


@pytest.mark.parametrize(
    ("count", "text"), [(812, "812 B"), (1400, "1.4 kB"), (98_362_432, "98.4 MB"), (10**13, "10000.0 GB")]
)
def test_size(count: int, text: str) -> None:
    assert fmt.size(count) == text


@pytest.mark.parametrize(
    ("name", "value", "unit", "language", "text"),
    [
        ("income.net_monthly_stated", Decimal("3100.00"), "EUR", "en", "3,100.00 EUR"),
        ("income.gap_pct", Decimal("26.53"), "percent", "en", "26.53 %"),
        ("request.term_months", 36, "months", "zh", "36 个月"),
        ("history.adverse_records", True, "boolean", "en", "yes"),
        ("history.adverse_records", False, "boolean", "zh", "否"),
        ("applicant.date_of_birth", date(1990, 2, 1), "date", "en", "1 Feb 1990"),
        ("history.accounts", 4, "count", "en", "4"),
        ("no.such_fact", Decimal("1.5"), "x", "en", "1.5"),
    ],
)
def test_facts_are_written_by_their_kind(name: str, value: object, unit: str, language: str, text: str) -> None:
    fact = new_fact("C-1", name, value, unit, Source(SourceKind.PERSON, person="x"))  # type: ignore[arg-type]
    assert fmt.fact_text(fact, load_catalogue(), language) == text


def test_categories_and_labels_speak_the_language() -> None:
    catalogue = load_catalogue()
    assert fmt.fact_label("applicant.age", catalogue, "zh") == "年龄"
    assert fmt.fact_label("no.such", catalogue, "en") == "no.such"
    definition = catalogue["applicant.housing"]
    for category, labels in definition.category_labels.items():
        assert fmt.category_label("applicant.housing", category, catalogue, "en") == labels["en"]
    assert fmt.category_label("applicant.housing", "castle", catalogue, "en") == "castle"


def test_counted_singular_is_english_only() -> None:
    assert fmt.counted(Decimal(1), Kind.YEARS, "en") == "1 year"
    assert fmt.counted(Decimal("2.5"), Kind.YEARS, "zh") == "2.5 年"
