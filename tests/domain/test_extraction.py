"""Fields by geometry, tables, patterns and check digits, on pages made by hand."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.extraction import extract, fields_of
from app.domain.kind_words import paper_of
from app.domain.layout import Layout
from app.domain.reading import DocumentField
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form, layout


def read(kind: str, page: Layout) -> dict[str, DocumentField]:
    return {field.name: field for field in fields_of(paper_of(page, kind_words()), load_kinds()[kind])}


def values(kind: str, page: Layout) -> dict[str, object]:
    return {name: field.value for name, field in read(kind, page).items()}


@pytest.mark.parametrize(
    "lines",
    [
        ("Payslip", "Employee: Anna Lind", "Net pay: 3,450.00"),
        ("Payslip", "Employee | Anna Lind", "Net pay | 3,450.00"),
        ("Payslip", "Employee | Net pay", "Anna Lind | 3,450.00"),
        ("PAYSLIP", "EMPLOYEE", "Anna Lind", "NET PAY", "3,450.00"),
        ("Lönespecifikation", "Anställd: Anna Lind", "Nettolön: 3 450,00"),
        ("Gehaltsabrechnung", "Mitarbeiter | Anna Lind", "Auszahlungsbetrag | 3.450,00"),
    ],
)
def test_wherever_the_value_stands_by_its_label(lines: tuple[str, ...]) -> None:
    found = values("payslip", form(*lines))
    assert (found["employee"], found["net_pay"]) == ("Anna Lind", "3450.00")


def test_chinese_without_blanks() -> None:
    found = values("payslip", form("工资单 2026年10月", "姓名：王小雨", "实发工资3,180.00元"))
    assert (found["employee"], found["net_pay"], found["period"]) == ("王小雨", "3180.00", "2026-10")


def test_the_box_is_the_value_s_alone() -> None:
    page = layout([(50, 60, "Payslip"), (50, 100, "Net pay:"), (300, 100, "3,450.00")])
    field = read("payslip", page)["net_pay"]
    assert field.box == pytest.approx((300, 100, 300 + 8 * 0.55 * 11, 111))
    assert (field.page, field.raw, field.method) == (1, "3,450.00", "label")


def test_a_running_total_is_not_this_month_s() -> None:
    page = layout(
        [
            (50, 60, "Payslip"), (220, 90, "Year to date"), (400, 90, "This period"),
            (50, 110, "Net pay"), (220, 110, "31,050.00"), (400, 110, "3,450.00"),
        ]
    )  # fmt: skip
    assert values("payslip", page)["net_pay"] == "3450.00"


def test_amounts_that_add_up_are_surer() -> None:
    agreeing = read("invoice", form("Invoice", "Subtotal | 100.00", "VAT 20% | 20.00", "Total | 120.00"))
    broken = read("invoice", form("Invoice", "Subtotal | 100.00", "VAT 20% | 20.00", "Total | 130.00"))
    assert agreeing["total"].confidence > broken["total"].confidence


def test_two_different_values_are_doubtful() -> None:
    clear = read("payslip", form("Payslip", "Net pay: 3,450.00"))["net_pay"]
    torn = read("payslip", form("Payslip", "Net pay: 3,450.00", "Net pay: 2,450.00"))["net_pay"]
    assert clear.confidence >= Decimal("0.8") > torn.confidence


def test_doubtful_recognition_lowers_the_confidence() -> None:
    texts = [(50.0, 60.0, "Payslip"), (50.0, 100.0, "Net pay:"), (300.0, 100.0, "3,450.00")]
    sure = read("payslip", layout(texts))["net_pay"].confidence
    assert read("payslip", layout(texts, method="ocr", confidence=0.55))["net_pay"].confidence < min(
        sure, Decimal("0.8")
    )


def test_check_digits_settle_a_number() -> None:
    found = read("bank_account_details", form("Bank details", "IBAN: DE89 3704 0044 0532 0130 00"))["iban"]
    assert (found.value, found.method) == ("DE89370400440532013000", "check digits")
    assert found.confidence >= Decimal("0.95")
    wrong = read("bank_account_details", form("Bank details", "IBAN: DE89 3704 0044 0532 0130 01"))["iban"]
    assert wrong.confidence < Decimal("0.8")


def test_a_passport_by_its_zone() -> None:
    lines = ("PASSPORT", "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
    found = values("passport", form(*lines))
    assert (found["surname"], found["given_names"], found["document_number"]) == ("ERIKSSON", "ANNA MARIA", "L898902C3")
    assert (found["birth_date"], found["expiry_date"]) == ("1974-08-12", "2012-04-15")


def test_prose() -> None:
    page = form(
        "To whom it may concern", "This is to certify that Anna Lind is employed by Nordlys AB since", "1 March 2019."
    )
    found = values("employment_letter", page)
    assert (found["employee"], found["employer"]) == ("Anna Lind", "Nordlys AB")


def test_an_address_goes_on_in_the_lines_under_it() -> None:
    page = layout([(50, 60, "Lease"), (50, 100, "Property address:"), (200, 100, "12 Mill Road"), (200, 113, "Truro"), (200, 126, "TR1 3LP"),
                   (50, 160, "Rent:"), (200, 160, "£900.00")])  # fmt: skip
    found = values("lease", page)
    assert (found["property_address"], found["rent"]) == ("12 Mill Road, Truro, TR1 3LP", "900.00")


def test_a_label_is_no_value() -> None:
    assert "employee" not in values("payslip", form("Payslip", "Employee: | Employer:", "Net pay: 10.00"))


def test_an_empty_page_has_no_fields() -> None:
    assert extract(layout([]), load_kinds()["payslip"]) == ()


def test_the_same_page_gives_the_same_fields() -> None:
    page = form("Payslip", "Employee: Anna Lind", "Net pay: 3,450.00", "Gross pay: 4,620.00")
    assert extract(page, load_kinds()["payslip"]) == extract(page, load_kinds()["payslip"])


def test_a_period_by_its_two_ends() -> None:
    page = form("Earnings statement", "Period beginning: 07/18/2008", "Period ending: | 07/25/2008", "Net pay: $291.90")
    assert values("payslip", page)["period"] == "2008-07-18/2008-07-25"


def test_a_date_that_has_its_label_is_no_other_field_s() -> None:
    card = ("Identity card", "Anna Lind", "No. 26-0000-SAMPLE", "Valid until 2031-12-31")
    assert values("national_id", form(*card)).get("expiry_date") == "2031-12-31"
    assert "issue_date" not in values("national_id", form(*card))
    assert values("national_id", form(*card, "Issued on 2026-01-05"))["issue_date"] == "2026-01-05"
