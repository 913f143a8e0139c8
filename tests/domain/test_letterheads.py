"""Whose letterhead a page has, whom it is sent to, and which balance opens or closes an account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.extraction import fields_of
from app.domain.kind_words import paper_of
from app.domain.layout import Layout
from data.kinds import kind_words, load_kinds
from tests.domain.pages_of_words import form, layout, page


def values(kind: str, page: Layout) -> dict[str, object]:
    return {field.name: field.value for field in fields_of(paper_of(page, kind_words()), load_kinds()[kind])}


def receipt(*lines: str) -> Layout:
    """Lines of a page as narrow as a till prints."""
    drawn = page([(20, 20 + 14 * at, line) for at, line in enumerate(lines)])
    return Layout((replace(drawn, width=240, height=500),), 1)


PAID = ("TAX INVOICE", "Date: 12/03/2026", "Tea 4.00", "TOTAL 4.00", "CASH 10.00", "CHANGE 6.00")


@pytest.mark.parametrize("code", ["A02045", "3 180048", "Company No: 2643278-A"])
def test_the_shop_of_a_receipt_is_no_number_of_its_till(code: str) -> None:
    found = values("invoice", receipt(code, "KEDAI ZHENG HUI", "NO.59 JALAN PERMAS 9/5", "81750 JOHOR BAHRU", *PAID))
    assert (found["company"], found["address"]) == ("KEDAI ZHENG HUI", "NO.59 JALAN PERMAS 9/5 81750 JOHOR BAHRU")


def test_a_legal_form_on_a_line_of_its_own_ends_the_name_above() -> None:
    head = ("Chickenland Malaysia", "Sdn Bhd", "No.1 Jalan Kiara", "50480 Kuala Lumpur")
    assert values("invoice", receipt(*head, *PAID))["company"] == "Chickenland Malaysia Sdn Bhd"


def test_a_receipt_that_begins_with_its_street_names_no_shop() -> None:
    found = values("invoice", receipt("K3-113, JALAN IBRAHIM", "80300 JOHOR BAHRU", *PAID))
    assert "company" not in found
    assert found["address"] == "K3-113, JALAN IBRAHIM 80300 JOHOR BAHRU"


def test_the_address_of_an_invoice_is_its_issuer_s_wherever_the_customer_stands() -> None:
    sheet = layout(
        [
            (380, 50, "Holzbau Kern GmbH"), (380, 64, "Seeweg 12"), (380, 78, "88131 Lindau"),
            (50, 110, "Lena Hofer"), (50, 124, "Marktplatz 3"), (50, 138, "87435 Kempten"),
            (50, 180, "Rechnung"), (50, 210, "Rechnungsnummer: 4471"), (50, 230, "Gesamtbetrag: 120,00 EUR"),
        ]
    )  # fmt: skip
    found = values("invoice", sheet)
    assert (found["supplier"], found["customer"]) == ("Holzbau Kern GmbH", "Lena Hofer")
    assert found["address"] == "Seeweg 12 88131 Lindau"


def test_parties_in_parts_of_their_own() -> None:
    sheet = layout(
        [
            (50, 50, "Fattura"), (50, 80, "Cedente/prestatore (fornitore)"),
            (320, 80, "Cessionario/committente (cliente)"),
            (50, 94, "Denominazione: Officine Lario S.r.l."), (320, 94, "Denominazione: Ilaria Fontanesi"),
            (50, 108, "Indirizzo: Via Roma 4, 23900 Lecco"), (320, 108, "Indirizzo: Corso Como 9, 20154 Milano"),
            (50, 150, "Totale documento: 90,00 EUR"),
        ]
    )  # fmt: skip
    found = values("invoice", sheet)
    assert (found["supplier"], found["customer"]) == ("Officine Lario S.r.l.", "Ilaria Fontanesi")
    assert found["address"] == "Via Roma 4, 23900 Lecco"


def test_the_sender_s_line_ends_where_its_street_begins() -> None:
    sheet = form(
        "Kern Energie AG - Seeweg 12 - 88131 Lindau",
        "Stromrechnung",
        "Kundennummer: 44710",
        "Rechnungsbetrag: 80,00 EUR",
    )
    assert values("utility_bill", sheet)["supplier"] == "Kern Energie AG"


@pytest.mark.parametrize(
    ("greeting", "name"),
    [("Gentile Serena Zanetti,", "Serena Zanetti"), ("Dear Mr Paul van der Meer,", "Paul van der Meer")],
)
def test_a_letter_greets_whom_it_is_sent_to(greeting: str, name: str) -> None:
    sheet = form(greeting, "Loan statement", "Loan number: 4471902", "Outstanding balance: 900.00 EUR")
    assert values("loan_statement", sheet)["holder"] == name


@pytest.mark.parametrize("word", ["Solde au", "Saldo al", "Saldo am", "Balance on"])
def test_of_two_balances_with_their_days_the_earlier_opens_the_account(word: str) -> None:
    sheet = form(
        "Bank statement",
        f"{word} 31.10.2026 | 1.250,00",
        "05.10.2026 | Rent | -250,00",
        f"{word} 01.10.2026 | 1.500,00",
    )
    found = values("bank_statement", sheet)
    assert (found["opening_balance"], found["closing_balance"]) == ("1500.00", "1250.00")


def test_a_balance_alone_on_the_line_below_its_words() -> None:
    sheet = layout(
        [
            (50, 50, "Your statement"), (50, 90, "Your previous balance as of 05/02/2026"), (400, 90, "$763.01"),
            (50, 110, "Your new balance as of 06/17/2026"), (400, 123, "$14,704.01"),
            (50, 140, "Average posted balance"), (400, 140, "$9,007.91"),
        ]
    )  # fmt: skip
    found = values("bank_statement", sheet)
    assert (found["opening_balance"], found["closing_balance"]) == ("763.01", "14704.01")


@pytest.mark.parametrize("label", ["SALDO FINAL EUR", "Saldo final (EUR)", "Saldo final €", "Saldo final"])
def test_a_label_may_end_with_its_currency(label: str) -> None:
    sheet = layout(
        [
            (50, 50, "Extracto bancario"),
            (50, 90, label),
            (50, 104, "5.228,51"),
            (300, 90, "TOTAL ABONOS"),
            (300, 104, "2.629,75"),
        ]
    )
    assert values("bank_statement", sheet)["closing_balance"] == "5228.51"


@pytest.mark.parametrize("number", ["RE325871", "INV-640682", "NR448190"])
def test_the_letters_that_head_a_number_are_no_label(number: str) -> None:
    assert (
        values("invoice", form("Invoice", f"Invoice number | {number}", "Total: 80.00 EUR"))["invoice_number"] == number
    )


def test_days_of_entries_are_no_day_of_issue() -> None:
    sheet = form(
        "Bank statement", "Date | Description | Amount",
        "02/10/2026 | Rent | 300.00", "05/10/2026 | Wages | 900.00", "07/10/2026 | Tea | 4.00",
        "09/10/2026 | Bus | 2.00",
    )  # fmt: skip
    assert "issue_date" not in values("bank_statement", sheet)


def test_a_policy_in_running_text() -> None:
    sheet = form(
        "Your life cover", "Policy: GD474199", "We will pay €250,000.00 if you die on or before 15 August 2027.",
        "Cover began on 16 August 2026 and your premium is €531.39 a year.",
    )  # fmt: skip
    found = values("insurance_policy", sheet)
    assert (found["sum_insured"], found["premium"]) == ("250000.00", "531.39")
    assert (found["valid_from"], found["valid_to"]) == ("2026-08-16", "2027-08-15")
