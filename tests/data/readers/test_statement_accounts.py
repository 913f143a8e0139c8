"""A document that holds several accounts: each is a statement of its own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from data.readers.documents import read_document
from data.readers.statement_accounts import statements_in
from data.readers.statement_headings import text_layout
from data.readers.statements import Statement, check_balances

COMBINED = """
FIRST VALLEY BANK                 Combined statement   1 October 2026 to 31 October 2026
Account holder: Jo Lindley
Current account number: 00112233
Date         Description                Paid out     Paid in      Balance
             Opening balance                                      500.00
02 Oct 2026  Rent                        300.00                   200.00
05 Oct 2026  Salary Marlow                         1,900.00     2,100.00
             Closing balance                                    2,100.00

Savings account number: 00998877
Date         Description                Paid out     Paid in      Balance
             Opening balance                                    9,000.00
07 Oct 2026  Interest                                  11.50     9,011.50
20 Oct 2026  To current account           250.00                8,761.50
             Closing balance                                    8,761.50
"""


def read(text: str) -> list[Statement]:
    return statements_in(text_layout(text))


def amounts(statement: Statement) -> list[str]:
    return [str(entry.amount) for entry in statement.entries]


def test_each_account_is_a_statement_with_its_entries_and_balances() -> None:
    current, savings = read(COMBINED)
    assert (current.account, savings.account) == ("00112233", "00998877")
    assert amounts(current) == ["-300.00", "1900.00"]
    assert amounts(savings) == ["11.50", "-250.00"]
    assert (savings.opening, savings.closing) == (Decimal("9000.00"), Decimal("8761.50"))
    assert {entry.account for entry in savings.entries} == {"00998877"}
    assert all(check_balances(each).passed for each in (current, savings))


def test_the_document_names_all_its_accounts_and_keeps_the_account_of_each_entry(tmp_path: Path) -> None:
    file = tmp_path / "october.txt"
    file.write_text(COMBINED, encoding="utf-8")
    found = read_document(file, lambda *_: None)
    assert [each["account"] for each in found["extra"]["statements"]] == ["00112233", "00998877"]
    assert [each["account"] for each in found["transactions"]] == ["00112233"] * 2 + ["00998877"] * 2


def test_an_account_named_again_on_the_next_page_goes_on() -> None:
    again = COMBINED.replace(
        "05 Oct 2026  Salary",
        "Current account number: 00112233\n"
        "Date         Description                Paid out     Paid in      Balance\n05 Oct 2026  Salary",
    )
    current, savings = read(again)
    assert amounts(current) == ["-300.00", "1900.00"]
    assert amounts(savings) == ["11.50", "-250.00"]


def test_the_account_of_a_counterparty_begins_no_statement() -> None:
    text = """
Kontoauszug  IBAN DE89 3704 0044 0532 0130 00     Zeitraum 01.10.2026 bis 31.10.2026
Datum   Verwendungszweck                     Soll        Haben        Saldo
        Anfangssaldo                                                1.000,00
02.10.  Miete                               800,00                    200,00
        IBAN GB33 BUKB 2020 1555 5555 55
Datum   Verwendungszweck                     Soll        Haben        Saldo
03.10.  Gehalt                                        2.000,00      2.200,00
        Endsaldo                                                    2.200,00
"""
    (only,) = read(text)
    assert only.account == "DE89370400440532013000"
    assert amounts(only) == ["-800.00", "2000.00"]


def test_accounts_listed_above_and_headed_by_their_type_part_the_entries() -> None:
    text = """
Your accounts at a glance        Statement 06/17/2026
CHECKING 009070568735       page 1
SAVINGS 907056873536        page 3

CHECKING 009070568735
Date        Description              Amount      Balance
06/01/2026  Beginning balance                     100.00
06/02/2026  Card purchase            -40.00        60.00
06/05/2026  Deposit                   90.00       150.00

SAVINGS 907056873536
Date        Description              Amount      Balance
06/03/2026  Interest                   1.20     2,001.20
06/09/2026  Transfer                 -90.00     1,911.20
"""
    checking, savings = read(text)
    assert (checking.account, amounts(checking)) == ("009070568735", ["-40.00", "90.00"])
    assert (savings.account, amounts(savings)) == ("907056873536", ["1.20", "-90.00"])


def test_a_document_of_one_account_stays_one_statement() -> None:
    (only,) = read(COMBINED.split("Savings account")[0])
    assert (only.account, only.holder) == ("00112233", "Jo Lindley")
