"""Dates and periods in any style; the document's other dates decide which comes first."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.extraction.dates import Order, days_in, order_of, periods_in

DAY_FIRST, MONTH_FIRST = Order(day_first=True, sure=True), Order(day_first=False, sure=True)


def one(text: str, order: Order = DAY_FIRST) -> date:
    (found,) = days_in(text, order)
    return found.value


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-25", "2026/10/25", "2026.10.25", "20261025", "25.10.2026", "25/10/26", "25-10-2026", "25 Oct 2026", "25-Oct-26",
        "Oct 25, 2026", "October 25 2026", "25th October 2026", "25. Oktober 2026", "25 octobre 2026", "25 de octubre de 2026",
        "25 ottobre 2026", "25 oktober 2026", "25 de outubro de 2026", "2026年10月25日", "2026 年 10 月 25 日",
        "二〇二六年十月二十五日", "25OCT2026", "25 0ct 2026",
    ],
)  # fmt: skip
def test_styles(text: str) -> None:
    assert one(text) == date(2026, 10, 25)
    assert one(f"paid on {text}, in full") == date(2026, 10, 25)


@pytest.mark.parametrize(
    "text",
    [
        "the twenty-fifth day of October two thousand and nineteen", "this 25th day of October, 2019",
        "the twenty fifth day of October in the year twenty nineteen", "am fünfundzwanzigsten Oktober zweitausendneunzehn",
        "le vingt-cinq octobre deux mille dix-neuf", "a los veinticinco días del mes de octubre de dos mil diecinueve",
        "a los 25 días del mes de octubre de 2019", "il venticinque ottobre duemiladiciannove",
        "vijfentwintig oktober tweeduizend negentien", "den tjugofemte oktober tvåtusennitton",
        "aos vinte e cinco dias do mês de outubro de dois mil e dezenove", "25 OCT /OCT 19", "25 10月/OCT 2019",
    ],
)  # fmt: skip
def test_dates_in_words_and_in_two_languages(text: str) -> None:
    assert one(text) == date(2019, 10, 25)


def test_words_of_numbers_beside_a_month_are_no_date_without_day_and_year() -> None:
    assert list(days_in("in May we met two of one hundred", DAY_FIRST)) == []
    assert list(days_in("the first of May, two hundred guests came", DAY_FIRST)) == []
    assert [day.value for day in days_in("01 May / 31 May 2020", DAY_FIRST)] == [date(2020, 5, 31)]
    assert [day.value.year for day in days_in("2022.12.03-2032.12.03", DAY_FIRST)] == [2022, 2032]


def test_the_order_of_the_document_decides() -> None:
    assert one("05/06/2026", DAY_FIRST) == date(2026, 6, 5)
    assert one("05/06/2026", MONTH_FIRST) == date(2026, 5, 6)
    assert one("25/06/2026", MONTH_FIRST) == date(2026, 6, 25)


@pytest.mark.parametrize(
    ("page", "day_first", "sure"),
    [
        ("01/02/2026 and 25/02/2026", True, True),
        ("01/02/2026 and 02/25/2026", False, True),
        ("SSN, W-2, federal, $1.00 on 01/02/2026", False, True),
        ("IBAN, 3,00 € on 01/02/2026", True, True),
        ("01/02/2026", True, False),
    ],
)
def test_evidence_of_the_order(page: str, day_first: bool, sure: bool) -> None:
    assert order_of(page) == Order(day_first, sure)


def test_an_undecided_date_is_doubtful() -> None:
    (found,) = days_in("05/06/2026", order_of("05/06/2026"))
    assert found.quality < 0.8
    assert found.swapped == date(2026, 5, 6)


@pytest.mark.parametrize("text", ["31.02.2026", "1,234.56", "12.5.1", "2026", "13/13/2026", "tel. 030 12 34 56"])
def test_what_is_no_date(text: str) -> None:
    assert list(days_in(text, DAY_FIRST)) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("October 2026", "2026-10"), ("2026-10", "2026-10"), ("10/2026", "2026-10"), ("2026年10月", "2026-10"),
        ("Oktober 2026", "2026-10"), ("01.10.2026 - 31.10.2026", "2026-10"), ("1 - 31 October 2026", "2026-10"),
        ("01.10. - 31.10.2026", "2026-10"), ("Oct 1 - Oct 31, 2026", "2026-10"), ("2026-09-15 至 2026-10-14", "2026-09-15/2026-10-14"),
        ("5 Oct 2026 to 4 Nov 2026", "2026-10-05/2026-11-04"),
    ],
)  # fmt: skip
def test_periods(text: str, value: str) -> None:
    assert [found.value for found in periods_in(text, DAY_FIRST)] == [value]


@given(
    st.dates(date(1950, 1, 1), date(2059, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%Y年%m月%d日"]),
)
def test_what_is_written_is_read(on: date, style: str) -> None:
    assert one(on.strftime(style)) == on
