"""Amounts found because they add up with others, or because they alone are left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.cross_checks import DOUBTFUL
from app.domain.extraction import fields_of
from app.domain.extraction.remainder import METHOD as REST
from app.domain.kind_words import paper_of
from app.domain.reading import DocumentField
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form


def read(kind: str, *lines: str) -> dict[str, DocumentField]:
    return {field.name: field for field in fields_of(paper_of(form(*lines), kind_words()), load_kinds()[kind])}


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (("Gross pay | 4,000.00", "Net pay | 3,100.00", "Zzz | 900.00"), "deductions", "900.00"),
        (("Zzz | 4,000.00", "Net pay | 3,100.00", "Total deductions | 900.00"), "gross_pay", "4000.00"),
        (("Zzz | 3,100.00", "Gross pay | 4,000.00", "Total deductions | 900.00"), "net_pay", "3100.00"),
    ],
)
def test_the_third_amount_of_a_sum(lines: tuple[str, ...], name: str, value: str) -> None:
    found = read("payslip", "Payslip", *lines)[name]
    assert (found.value, found.method) == (value, "table")


def test_two_amounts_that_alone_make_up_a_third() -> None:
    found = read("payslip", "Payslip", "Net pay | 3,100.00", "Yyy | 4,000.00", "Zzz | 900.00", "Xxx | 55.10")
    assert (found["gross_pay"].value, found["deductions"].value) == ("4000.00", "900.00")
    assert found["gross_pay"].confidence < DOUBTFUL
    assert found["net_pay"].value == "3100.00"


def test_where_several_pairs_make_it_up_none_is_taken() -> None:
    lines = ("Net pay | 3,100.00", "Yyy | 4,000.00", "Zzz | 900.00", "Xxx | 3,200.00", "Www | 100.00")
    found = read("payslip", "Payslip", *lines)
    assert not {"gross_pay", "deductions"} & set(found)


def test_an_amount_that_is_not_on_the_page_is_not_read() -> None:
    assert "deductions" not in read("payslip", "Payslip", "Gross pay | 4,000.00", "Net pay | 3,100.00")


def test_the_only_amount_is_that_of_the_only_open_field() -> None:
    found = read("employment_letter", "To whom it may concern", "Zzz 52,400.00 EUR qqq")
    assert (found["annual_salary"].value, found["annual_salary"].method) == ("52400.00", REST)
    assert Decimal(0) < found["annual_salary"].confidence < DOUBTFUL


def test_of_two_amounts_none_is_left_over() -> None:
    assert "annual_salary" not in read("employment_letter", "To whom it may concern", "Zz 52,400.00 EUR, yy 12.00 EUR")
