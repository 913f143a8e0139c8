"""Values and templates in both languages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.domain.figures import find_figures, matching_facts
from app.domain.phrases import PhraseBook
from app.domain.rendering import Prose, Span, format_money, format_number, slot_names
from data.phrases import load_phrases
from tests.doubles import load_catalogue

CATALOGUE = load_catalogue()
PHRASES = load_phrases()


def fact(name: str, value: Any, unit: str) -> Fact:
    return new_fact("C-2026-000001", name, value, unit, Source(SourceKind.PERSON, person="test"))


@pytest.mark.parametrize(
    ("name", "value", "unit", "english", "chinese"),
    [
        ("income.net_monthly", Decimal("2450"), "EUR", "2,450.00 EUR", "2,450.00欧元"),
        ("income.net_monthly", Decimal("1234567.5"), "CNY", "1,234,567.50 CNY", "1,234,567.50元"),
        ("income.net_monthly", Decimal("10"), "PLN", "10.00 PLN", "10.00 PLN"),
        ("ratio.disposable_after", Decimal("-120.005"), "EUR", "-120.01 EUR", "-120.01欧元"),
        ("ratio.dsr_after_pct", Decimal("47.00"), "percent", "47 %", "47%"),
        ("ratio.dsr_after_pct", Decimal("47.305"), "percent", "47.31 %", "47.31%"),
        ("score.pd_pct", Decimal("0.0042"), "percent", "0.0042 %", "0.0042%"),
        ("score.pd_pct", Decimal("0.000"), "percent", "0 %", "0%"),
        ("request.term_months", 36, "months", "36 months", "36个月"),
        ("request.term_months", 1, "months", "1 month", "1个月"),
        ("cashflow.overdraft_days", 1, "days", "1 day", "1天"),
        ("cashflow.overdraft_days", 0, "days", "0 days", "0天"),
        ("employment.seniority_years", Decimal("3.50"), "years", "3.5 years", "3.5年"),
        ("employment.seniority_years", Decimal("1.00"), "years", "1 year", "1年"),
        ("history.enquiries_3m", 1, "count", "1 enquiry in three months", "1次"),
        ("history.enquiries_3m", 5, "count", "5 enquiries in three months", "5次"),
        ("cashflow.returned_items", 2, "count", "2 returned payments", "2笔"),
        ("ratio.assets_to_amount", Decimal("4.2"), "number", "4.2 times", "4.2倍"),
        ("history.adverse_records", True, "boolean", "yes", "是"),
        ("history.adverse_records", False, "boolean", "no", "否"),
        ("employment.type", "fixed", "category", "permanent job", "固定工作"),
        ("employment.type", "juggler", "category", "juggler", "juggler"),
        ("score.grade", "C", "category", "C", "C"),
        ("request.date", date(2026, 10, 8), "date", "8 October 2026", "2026年10月8日"),
        ("unknown.thing", Decimal("7.0"), "percent", "7 %", "7%"),
        ("unknown.money", Decimal("7"), "SEK", "7.00 SEK", "7.00瑞典克朗"),
    ],
)
def test_values_read_naturally_in_both_languages(name: str, value: Any, unit: str, english: str, chinese: str) -> None:
    one = fact(name, value, unit)
    assert Prose(CATALOGUE, PHRASES, "en").value(one) == english
    assert Prose(CATALOGUE, PHRASES, "zh").value(one) == chinese


def test_a_text_value_cannot_open_a_slot_or_break_the_line() -> None:
    shown = Prose(CATALOGUE, PHRASES, "en").value(
        fact("employment.employer", "Acme {score.points}\n" + "x" * 300, "text")
    )
    assert "{" not in shown
    assert "\n" not in shown
    assert len(shown) <= 80


def test_labels_hold_no_digit_and_start_small() -> None:
    prose = Prose(CATALOGUE, PHRASES, "en")
    assert prose.label("history.enquiries_3m") == "enquiries in the last three months"
    assert prose.label("income.net_monthly_stated") == "stated net monthly income"
    assert prose.label("not.in.catalogue") == "not.in.catalogue"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_label_of_the_catalogue_shows_a_digit(language: str) -> None:
    prose = Prose(CATALOGUE, PHRASES, language)
    assert [d.name for d in CATALOGUE if any(c.isdigit() for c in prose.label(d.name))] == []


def test_spans_keep_which_text_came_of_which_fact() -> None:
    income = fact("income.net_monthly", Decimal("2450"), "EUR")
    spans = Prose(CATALOGUE, PHRASES, "en").spans(
        "income is {income.net_monthly}, not {no.such}.", {income.name: income}
    )
    assert spans == [Span("income is "), Span("2,450.00 EUR", income.id), Span(", not {no.such}.")]


def test_a_filled_sentence_starts_with_a_capital() -> None:
    seen = fact("history.adverse_records", True, "boolean")
    assert (
        Prose(CATALOGUE, PHRASES, "en").fill("{history.adverse_records}, it says.", {seen.name: seen})
        == "Yes, it says."
    )


def test_slot_names_come_in_reading_order_with_repeats() -> None:
    assert slot_names("{b.x} and {a.y_3m} and {b.x}, {Not a slot}") == ["b.x", "a.y_3m", "b.x"]


def test_an_empty_phrase_book_still_renders() -> None:
    assert Prose(CATALOGUE, PhraseBook({}), "en").value(fact("history.accounts", 3, "count")) == "3"


@given(st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=2))
def test_rendered_money_is_found_again_as_its_own_fact(amount: Decimal) -> None:
    income = fact("income.net_monthly", amount, "EUR")
    for language in ("en", "zh"):
        figures = find_figures(f"x {format_money(amount, 'EUR', language)} y")
        assert [matching_facts(figure, [income]) for figure in figures] == [[income]]


@given(st.decimals(min_value=Decimal("-1e6"), max_value=Decimal("1e6"), places=4))
def test_a_rendered_number_reads_zero_only_when_it_is(value: Decimal) -> None:
    assert (Decimal(format_number(value).replace(",", "")) == 0) == (value == 0)
