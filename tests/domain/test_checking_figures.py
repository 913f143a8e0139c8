"""Figures in text: every usual format is found, read and matched."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.domain.figures import find_figures, matching_facts


def fact(value: Any, unit: str) -> Fact:
    return new_fact("C-2026-000001", "any.fact", value, unit, Source(SourceKind.PERSON, person="test"))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("2450", "2450", ""),
        ("2,450", "2450", ""),
        ("2 450", "2450", ""),
        ("2\u00a0450,00", "2450", ""),
        ("2'450.00", "2450", ""),
        ("2.450,00", "2450", ""),
        ("2450,5", "2450.5", ""),
        ("1.234.567,89", "1234567.89", ""),
        ("12,34,567", "1234567", ""),
        ("EUR 2,450.00", "2450", "EUR"),
        ("2,450.00 EUR", "2450", "EUR"),
        ("€2,450", "2450", "EUR"),
        ("2,450 kr", "2450", "money"),
        ("47 %", "47", "percent"),
        ("47%", "47", "percent"),
        ("47 percent", "47", "percent"),
        ("forty-seven per cent", "47", "percent"),
        ("４７％", "47", "percent"),
        ("٤٧", "47", ""),
        ("twelve months", "12", "months"),
        ("a dozen", "12", ""),
        ("two thousand four hundred and fifty euros", "2450", "EUR"),
        ("half", "0.5", ""),
        ("a quarter", "0.25", ""),
        ("twice", "2", ""),
        ("½", "0.5", ""),
        ("③", "3", ""),
        ("12k", "12000", ""),
        ("2.5 million", "2500000", ""),
        ("2.5万元", "25000", "money"),
        ("二千四百五十元", "2450", "money"),
        ("两万五", "25000", ""),
        ("一百零五", "105", ""),
        ("百分之四十七", "47", "percent"),
        ("三成", "30", "percent"),
        ("二四五零", "2450", ""),
        ("一百二十三万", "1230000", ""),
        ("四十七点五", "47.5", ""),
    ],
)
def test_a_figure_is_found_whole_and_read(text: str, value: str, unit: str) -> None:
    (figure,) = find_figures(f"a {text} b" if text.isascii() else text)
    assert Decimal(value) in figure.values
    assert figure.unit == unit


def test_a_lone_point_before_three_digits_is_read_both_ways() -> None:
    (figure,) = find_figures("2.450 EUR")
    assert set(figure.values) == {Decimal("2450"), Decimal("2.450")}


@pytest.mark.parametrize(
    "text",
    [
        "No one of the documents is the one that the third party sent.",
        "The second loan came first.",
        "一般情况下，申请人有一笔贷款，第三方一直按时还款，十分稳定。",
        "The last quarter was quiet.",
    ],
)
def test_words_that_only_look_like_numbers_are_left_alone(text: str) -> None:
    assert find_figures(text) == []


def test_figures_come_in_order_and_do_not_overlap() -> None:
    text = "On 28 October 2026, 2,450.00 EUR in twelve months, 47 % and half, 三成."
    figures = find_figures(text)
    assert [f.start for f in figures] == sorted(f.start for f in figures)
    assert all(a.end <= b.start for a, b in pairwise(figures))
    assert [f.span for f in figures][:2] == ["28 October 2026", "2,450.00 EUR"]


@pytest.mark.parametrize(
    "text", ["28 October 2026", "2026-10-28", "28.10.2026", "28/10/2026", "2026年10月28日", "Oct 28, 2026"]
)
def test_a_date_matches_only_its_day(text: str) -> None:
    (figure,) = find_figures(text)
    assert matching_facts(figure, [fact(date(2026, 10, 28), "date")])
    assert not matching_facts(figure, [fact(date(2026, 10, 29), "date"), fact(2026, "count"), fact(28, "count")])


@pytest.mark.parametrize(
    ("text", "value", "unit", "matches"),
    [
        ("2,450 EUR", Decimal("2450.00"), "EUR", True),
        ("2,450 USD", Decimal("2450.00"), "EUR", False),
        ("2,450", Decimal("2450.00"), "EUR", True),
        ("2,451", Decimal("2450.00"), "EUR", False),
        ("47 %", Decimal("47.00"), "percent", True),
        ("47 %", 47, "count", False),
        ("47.31 %", Decimal("47.305"), "percent", True),
        ("47.3 %", Decimal("47.305"), "percent", False),
        ("36 months", 36, "months", True),
        ("three years", 36, "months", True),
        ("36 days", 36, "months", False),
        ("thirteen weeks", 13, "days", False),
        ("two weeks", 14, "days", True),
        ("三年半", Decimal("3.5"), "years", True),
        ("三年", Decimal("3.5"), "years", False),
        ("42 months", Decimal("3.5"), "years", True),
        ("6 months", 6, "count", True),
        ("1", True, "boolean", False),
        ("7", "Flat 7, Long Lane", "text", True),
    ],
)
def test_a_figure_matches_a_fact_of_its_value_and_unit(text: str, value: Any, unit: str, matches: bool) -> None:
    (figure,) = find_figures(f"in {text}.")
    assert bool(matching_facts(figure, [fact(value, unit)])) is matches
