"""Statements on pages: tables with headings, without them, in several parts, on several pages, of cards."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.layout import Layout, Page
from data.readers.documents import read_document
from data.readers.statement_headings import text_layout
from data.readers.statement_tables import entries_in, statement_in
from data.readers.statements import Statement, check_balances


def read(text: str) -> Statement:
    found = statement_in(text_layout(text))
    assert found is not None
    return found


def rows(found: Statement) -> list[tuple[str, str, str]]:
    return [(entry.booked_on.isoformat(), str(entry.amount), entry.text) for entry in found.entries]


GERMAN = """
ACME BANK                                    Kontoauszug Oktober 2026   01.10.2026 bis 31.10.2026
Datum   Valuta  Verwendungszweck                     Soll        Haben        Saldo
01.10.  01.10.  Saldovortrag Anfangssaldo                                    1.000,00
02.10.  02.10.  Lastschrift REWE                    45,10                      954,90
                Ref 1234 Koeln
03.10.  04.10.  Gehalt ACME                                     2.000,00     2.954,90
05.10.  05.10.  Miete                              800,00                    2.154,90
Neuer Kontostand                                                             2.154,90
"""


def test_debit_and_credit_columns_second_lines_and_dates_without_year() -> None:
    found = read(GERMAN)
    assert rows(found) == [
        ("2026-10-02", "-45.10", "Lastschrift REWE Ref 1234 Koeln"),
        ("2026-10-03", "2000.00", "Gehalt ACME"),
        ("2026-10-05", "-800.00", "Miete"),
    ]
    assert found.entries[1].value_on == date(2026, 10, 4)
    assert (found.opening, found.closing) == (Decimal("1000.00"), Decimal("2154.90"))
    assert check_balances(found).passed


def test_a_row_that_was_overlooked_shows_in_the_balances() -> None:
    cut = "\n".join(line for line in GERMAN.splitlines() if "Miete" not in line)
    check = check_balances(read(cut))
    assert check.passed is False
    assert "2954.90" in check.detail


def test_sections_say_what_amounts_without_signs_are() -> None:
    found = read("""
Wells Bank   Statement 10/31/2026
Deposits and other credits
Date      Description            Amount
10/05     PAYROLL ACME           2,100.00
10/20     ZELLE FROM ANNA           50.00
Total deposits                   2,150.00
Withdrawals and other debits
Date      Description            Amount
10/07     ATM WITHDRAWAL           100.00
10/18     RENT                   1,200.00
Total withdrawals                1,300.00
Beginning balance $500.00
Ending balance $1,350.00
""")
    assert [str(entry.amount) for entry in found.entries] == ["2100.00", "50.00", "-100.00", "-1200.00"]
    assert check_balances(found).passed
    assert found.currency == "USD"


def test_chinese_columns_and_the_other_party() -> None:
    found = read("""
账户交易明细     币种: CNY    2026年10月
交易日期     摘要      交易金额       余额       对方户名
2026-10-01  工资       8,000.00     10,000.00   某公司
2026-10-03  消费        -120.50      9,879.50   超市
2026-10-05  房租      -3,000.00      6,879.50   张三
""")
    assert [str(entry.amount) for entry in found.entries] == ["8000.00", "-120.50", "-3000.00"]
    assert [entry.counterparty for entry in found.entries] == ["某公司", "超市", "张三"]
    assert check_balances(found).passed


def test_without_headings_arithmetic_tells_the_columns_and_signs() -> None:
    found = read("""
No heading bank  as of 2026-05-31
03 May  COFFEE SHOP             4.50      995.50
04 May  SALARY               2,000.00    2,995.50
06 May  RENT                 1,000.00    1,995.50
""")
    assert [str(entry.amount) for entry in found.entries] == ["-4.50", "2000.00", "-1000.00"]
    assert [entry.confidence for entry in found.entries] == [Decimal("0.5"), 1, 1]  # the first sign is only likely


def test_marks_that_recognition_lost_or_mixed_up_are_told_by_the_balances() -> None:
    found = read("""
Statement 07/31/2026    USD     Beginning Balance $3,837.28     Ending Balance $2,790.88
DATE      DESCRIPTION               AMOUNT      BALANCE
07/01     ACH GEICO AUTO            -66.24     3.771.04
07/02     RENT PAYMENT             -873.43     2,897.61
07/02     ATM WITHDRAWAL            -39.09     2,858.52
07/03     NETFLIX.COM               .67.64     2,790.88
""")
    assert [str(entry.amount) for entry in found.entries] == ["-66.24", "-873.43", "-39.09", "-67.64"]
    assert check_balances(found).passed


def test_balances_beside_other_sums_above_the_table() -> None:
    found = read("""
Opening balance   £1,642.66        Paid in    £0.00
Closing balance   £1,633.59        Paid out   £9.07
Date          Description         Paid out    Paid in     Balance
01 Jul 2026   DD Council Tax          9.07               1,633.59
""")
    assert (found.opening, found.closing) == (Decimal("1642.66"), Decimal("1633.59"))
    assert [str(entry.amount) for entry in found.entries] == ["-9.07"]


def test_groups_of_thousands_set_apart_by_blanks() -> None:
    found = read("""
Extrait de compte   Solde initial au 01/03/2026   1 234,56
Date      Libellé                         Débit       Crédit
02/03     PRLV EDF                        60,00
05/03     VIR SALAIRE                                2 000,00
07/03     CB CARREFOUR                    1 074,56
Nouveau solde au 31/03/2026               2 100,00
""")
    assert [str(entry.amount) for entry in found.entries] == ["-60.00", "2000.00", "-1074.56"]
    assert check_balances(found).passed


def test_a_credit_card_owes_what_has_no_sign() -> None:
    found = read("""
VISA Credit Card Statement      Statement date 05 Aug 2026     Credit limit 5,000.00
Date     Description            Amount
         PREVIOUS BALANCE        100.00
02 Jul   PAYMENT THANK YOU       100.00 CR
05 Jul   BOOKSHOP                 20.00
31 Jul   GROCERY                  30.50
         NEW BALANCE              50.50
""")
    assert found.kind == "card"
    assert [str(entry.amount) for entry in found.entries] == ["100.00", "-20.00", "-30.50"]
    assert (found.opening, found.closing) == (Decimal("-100.00"), Decimal("-50.50"))
    assert check_balances(found).passed


def test_days_before_new_year_belong_to_the_year_before() -> None:
    found = read("""
Statement to 05.01.2026
Date      Text                 Amount       Balance
28.12.    Shop                 -10,00        90,00
03.01.    Shop                 -20,00        70,00
""")
    assert [entry.booked_on for entry in found.entries] == [date(2025, 12, 28), date(2026, 1, 3)]


def test_new_to_old_is_turned_round() -> None:
    found = read("""
Date         Description          Amount     Balance
2026-03-03   Shop                 -20.00       70.00
2026-03-02   Shop                 -10.00       90.00
""")
    assert [str(entry.balance) for entry in found.entries] == ["90.00", "70.00"]
    assert check_balances(found).passed


def test_tables_beside_one_another_and_whole_amounts() -> None:
    found = read("""
Checks paid 2026-06-30
DATE      CHECK #    AMOUNT ($)     DATE      CHECK #    AMOUNT ($)
05/26     1401           450        06/05     1402          101.39
""")
    assert [(entry.text, str(entry.amount)) for entry in found.entries] == [("1401", "-450.00"), ("1402", "-101.39")]


def test_pages_go_on_under_a_repeated_heading() -> None:
    first, second = text_layout(GERMAN).pages[0], text_layout(GERMAN.replace("1.000,00", "2.154,90")).pages[0]
    words = tuple(replace(word, page=2) for line in second.lines[1:2] for word in line)
    more = text_layout(
        "\n\n\n06.10.  06.10.  Strom                               54,90                    2.100,00"
    ).pages[0]
    words += tuple(replace(word, page=2) for word in more.words)
    both = Layout((first, Page(2, 600, 800, words)), 2)
    found = statement_in(both)
    assert found is not None
    assert (found.entries[-1].text, found.entries[-1].amount, found.entries[-1].page) == ("Strom", Decimal("-54.90"), 2)
    assert len(found.entries) == 4


@pytest.mark.parametrize("text", ["", "Dear Sir, on 02.10.2026 we met.", "Invoice 2026-10-02 total 45.10", "x " * 3000])
def test_other_pages_hold_no_statement(text: str) -> None:
    assert entries_in(text_layout(text)) == ()


WORDS = [
    "02.10.",
    "2026-10-02",
    "45,10",
    "1 000,00",
    "Date",
    "Amount",
    "Balance",
    "CR",
    "-",
    "\n",
    "Saldo",
    "x",
    "(9.99)",
    "31/12",
    "Feb",
    "余额",
]


@given(st.lists(st.sampled_from(WORDS), max_size=80))
def test_no_page_crashes(parts: list[str]) -> None:
    for entry in entries_in(text_layout(" ".join(parts))):
        assert entry.box is not None


def test_a_card_statement_equals_its_expected_rows(shared_data: Path) -> None:
    folder = shared_data / "documents" / "bank_statement_pdf"
    found = read_document(folder / "src__monopoly__examples__example_statement.pdf", lambda *_: None)
    with (folder / "tests__integration__banks__example__credit__transformed.csv").open(encoding="utf-8") as file:
        first, *wanted = csv.DictReader(file)
    assert found["kind"] == "bank_statement"
    got = [(entry["date"], Decimal(entry["amount"]), entry["text"]) for entry in found["transactions"]]
    assert got == [(row["date"], Decimal(row["amount"]), row["description"]) for row in wanted]
    assert Decimal(found["extra"]["statements"][0]["opening"]) == Decimal(first["amount"])
    assert [check["passed"] for check in found["checks"] if check["name"] == "balances"] == [True]


@pytest.mark.parametrize("name", ["european_format", "single_currency_checking"])
def test_typed_statements_equal_their_expected_results(shared_data: Path, tmp_path: Path, name: str) -> None:
    case = json.loads((shared_data / "bank_feeds" / f"tests__test_data__eval__{name}.json").read_text(encoding="utf-8"))
    path = tmp_path / "statement.txt"
    path.write_text(case["statement_text"], encoding="utf-8")
    found, wanted = read_document(path, lambda *_: None), case["expected"]
    statement = found["extra"]["statements"][0]
    assert found["currency"] == wanted["currency"]
    assert (statement["opening"], statement["closing"]) == (wanted["opening_balance"], wanted["closing_balance"])
    assert statement["account"] == wanted["account_id"]
    got = [{"booking_date": e["date"], "amount": e["amount"], "description": e["text"]} for e in found["transactions"]]
    assert got == wanted["transactions"]
