"""Bank feeds and CSV statements."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reading import Entry
from app.errors import InputError
from data.readers.documents import read_document
from data.readers.mt940_statements import statements_of
from data.readers.statements import Statement, check_balances, oldest_first

Write = Callable[..., Path]

OFX = """OFXHEADER:100
DATA:OFXSGML
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>XX1</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260320120000[-3:GMT]<TRNAMT>1250.50<FITID>1<NAME>Salary<MEMO>Acme &amp; Co
<STMTTRN>
<TRNTYPE>DEBIT
<DTPOSTED>20260321
<TRNAMT>-80,25
<FITID>2
<NAME>Groceries
</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>never<TRNAMT>-1<FITID>3</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>2170.25<DTASOF>20260322</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def camt(namespace: str = "", closing: str = "1170.25", status: str = "<Sts>BOOK</Sts>") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document{namespace}><BkToCstmrStmt><Stmt><Id>1</Id><Acct><Id><IBAN>DE89</IBAN></Id><Ownr><Nm>A. Holm</Nm></Ownr></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">1350.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>{status}<BookgDt><Dt>2026-03-20</Dt></BookgDt>
<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>ACME</Nm></Dbtr></RltdPties><RmtInf><Ustrd>Salary</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">80.25</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><DtTm>2026-03-21T10:00:00+01:00</DtTm></BookgDt><AddtlNtryInf>Card</AddtlNtryInf></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def read(path: Path) -> dict[str, Any]:
    return read_document(path, lambda *_: None)


def amounts(found: dict[str, Any]) -> list[str]:
    return [entry["amount"] for entry in found["transactions"]]


def test_ofx_1(write: Write) -> None:
    found = read(write("a.ofx", OFX))
    assert found["kind"] == "bank_statement"
    assert amounts(found) == ["1250.50", "-80.25"]
    assert found["transactions"][0] == {
        "date": "2026-03-20", "amount": "1250.50", "currency": "EUR", "text": "Salary · Acme & Co", "balance": None, "row": 1,
        "account": "XX1", "counterparty": "Salary", "purpose": "salary",
    }  # fmt: skip
    assert found["problems"][0]["line"] == 3
    assert found["extra"]["statements"][0]["closing"] == "2170.25"


def test_ofx_2_is_read_alike(write: Write) -> None:
    body = OFX.partition("<OFX>")[2].replace("<CURDEF>EUR", "<CURDEF>EUR</CURDEF>")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
    assert amounts(read(write("a.qfx", head + "<OFX>" + body))) == ["1250.50", "-80.25"]


@pytest.mark.parametrize(
    "namespace",
    [
        "",
        ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"',
        ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"',
    ],
)
def test_camt_with_any_namespace(write: Write, namespace: str) -> None:
    found = read(write("a.xml", camt(namespace)))
    assert amounts(found) == ["1350.50", "-80.25"]
    assert [entry["text"] for entry in found["transactions"]] == ["ACME · Salary", "Card"]
    assert found["note"] == "2 entries · balances add up"
    assert found["checks"][0]["passed"] is True
    assert found["extra"]["statements"][0]["holder"] == "A. Holm"


def test_balances_that_do_not_add_up_are_said(write: Write) -> None:
    found = read(write("a.xml", camt(closing="1170.26")))
    assert found["note"].startswith("2 entries · balances do not add up: opening and entries give 1170.25")
    assert found["checks"][0]["passed"] is False


def test_a_pending_entry_is_told_and_not_counted(write: Write) -> None:
    found = read(write("a.xml", camt(status="<Sts>PDNG</Sts>")))
    assert amounts(found) == ["-80.25"]
    assert "not booked yet" in found["problems"][0]["reason"]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Document>&b;</Document>',
        '<?xml version="1.0"?><!DOCTYPE d SYSTEM "file:///etc/passwd"><Document/>',
        '<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?><!DOCTYPE OFX [<!ENTITY a "b">]>\n<OFX><STMTRS></STMTRS></OFX>',
    ],
)
def test_entity_bombs(write: Write, text: str) -> None:
    with pytest.raises(InputError, match="declares XML entities"):
        read(write("bomb.xml", text))


def test_xml_that_is_cut_off(write: Write) -> None:
    with pytest.raises(InputError, match="no well-formed XML"):
        read(write("a.xml", camt()[:700]))


def test_xml_that_is_no_statement(write: Write) -> None:
    with pytest.raises(InputError, match=r"no camt\.053 bank statement"):
        read(write("a.xml", "<invoice><total>5</total></invoice>"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Date,Description,Amount,Balance\n2026-01-02,Rent,-500.00,500.00\n2026-01-03,Pay,100.00,600.00\n", ["-500.00", "100.00"]),
        ("Buchungstag;Verwendungszweck;Betrag;Saldo\n02.01.26;Miete;-1.500,00;500,00\n03.01.26;Lohn;+100,5;600,50\n", ["-1500.00", "100.50"]),
        ("Date opération;Libellé;Débit;Crédit;Devise\n2026-04-02;Loyer;1234,56;;EUR\n2026-04-05;Salaire;;3500,00;EUR\n", ["-1234.56", "3500.00"]),
        ("交易日期,摘要,收入金额,支出金额,余额\n2026-01-02,工资,8000.00,,9000.00\n2026-01-03,房租,,2500.00,6500.00\n", ["8000.00", "-2500.00"]),
        ("Date,Payee,Amount,Type\n2026-01-02,Shop,12.00,DR\n2026-01-03,Boss,100.00,CR\n", ["-12.00", "100.00"]),
        ("Date\tDetails\tWithdrawals\tDeposits\tBalance\n2 Jan 2026\tRent\t(500.00)\t\t500.00\n3 Jan 2026\tPay\t\t100.00\t600.00\n", ["-500.00", "100.00"]),
        ('Account,XX1\nCurrency,GBP\n\n"Date","Narrative","Amount (GBP)","Balance"\n"02/01/2026","a","£-5.00","95.00"\n"13/01/2026","b","1.00","96.00"\n', ["-5.00", "1.00"]),
    ],
)  # fmt: skip
def test_csv_statements_of_many_banks(write: Write, text: str, wanted: list[str]) -> None:
    found = read(write("s.csv", text))
    assert found["kind"] == "bank_statement"
    assert amounts(found) == wanted
    assert found["problems"] == []
    assert "balances do not" not in found["note"]


def test_newest_first_is_turned_round(write: Write) -> None:
    text = "Date,Text,Amount,Balance\n2026-01-03,Pay,100.00,600.00\n2026-01-02,Rent,-500.00,500.00\n"
    found = read(write("s.csv", text))
    assert [(entry["row"], entry["amount"]) for entry in found["transactions"]] == [(3, "-500.00"), (2, "100.00")]
    assert found["note"] == "2 entries · balances add up"


def test_opening_and_closing_rows_are_no_entries(write: Write) -> None:
    text = (
        "Date,Text,Amount,Balance\n2026-01-01,Opening balance,,1000.00\n2026-01-02,Rent,-500.00,\n"
        "2026-01-31,Closing balance,,500.00\n"
    )
    found = read(write("s.csv", text))
    assert amounts(found) == ["-500.00"]
    assert found["note"] == "1 entry · balances add up"


def test_day_and_month_are_told_apart_by_the_whole_file(write: Write) -> None:
    """One day over twelve settles the order for every row; without one, the order of the rows does."""
    text = "Date,Text,Amount\n03/01/2026,a,1.00\n04/01/2026,b,2.00\n04/13/2026,c,3.00\n"
    assert [e["date"] for e in read(write("s.csv", text))["transactions"]] == ["2026-03-01", "2026-04-01", "2026-04-13"]
    text = "Date,Text,Amount\n01/05/2026,a,1.00\n01/06/2026,b,2.00\n01/07/2026,c,3.00\n"
    assert [e["date"] for e in read(write("t.csv", text))["transactions"]] == ["2026-01-05", "2026-01-06", "2026-01-07"]


def test_a_garbled_amount_costs_its_row(write: Write) -> None:
    found = read(write("s.csv", "Date,Description,Amount\n2026-04-02,ok,100.00\n2026-04-03,bad,12..34\n"))
    assert amounts(found) == ["100.00"]
    assert (found["problems"][0]["line"], found["problems"][0]["column"]) == (3, "Amount")


def test_dates_without_a_year_are_refused(write: Write) -> None:
    with pytest.raises(InputError, match="no year"):
        read(write("s.csv", "date,description,amount\n17 OCT,a,1.00\n18 OCT,b,2.00\n"))


cents = st.integers(-(10**7), 10**7).map(lambda n: Decimal(n) / 100)


@given(opening=cents, moves=st.lists(cents, min_size=1, max_size=20), at=st.integers(0, 19), off=st.integers(1, 100))
def test_one_wrong_balance_is_always_found(opening: Decimal, moves: list[Decimal], at: int, off: int) -> None:
    from datetime import date, timedelta
    from itertools import accumulate

    balances = list(accumulate(moves, initial=opening))[1:]
    rows = [
        Entry(date(2026, 1, 1) + timedelta(days=n), move, "EUR", "", balance, n + 1)
        for n, (move, balance) in enumerate(zip(moves, balances, strict=True))
    ]
    assert check_balances(Statement(tuple(rows), opening, balances[-1])).passed is True
    assert oldest_first(rows[::-1]) == tuple(rows) or len(rows) == 1
    at %= len(rows)
    wrong = rows[at]
    rows[at] = Entry(wrong.booked_on, wrong.amount, "EUR", "", balances[at] + Decimal(off) / 100, wrong.row)
    assert check_balances(Statement(tuple(rows), opening, balances[-1])).passed is False


def test_camt_tells_the_other_party_and_numbers_entries_through(write: Write) -> None:
    one = camt()
    both = one.replace("</BkToCstmrStmt>", "").partition("</Document>")[0]
    second = one[one.index("<Stmt>") : one.index("</Stmt>") + 7].replace("DE89", "DE90")
    found = read(write("a.xml", both + second + "</BkToCstmrStmt></Document>"))
    assert [entry["row"] for entry in found["transactions"]] == [1, 2, 3, 4]
    assert [entry["account"] for entry in found["transactions"]] == ["DE89", "DE89", "DE90", "DE90"]
    assert found["transactions"][0]["counterparty"] == "ACME"


def test_daily_statements_of_one_account_are_one(write: Write) -> None:
    day = """:20:A\n:25:NL91ABNA0417164300\n:28C:{n}\n:60F:C2603{d}EUR{start}\n:61:2603{d}D10,00NMSCNONREF\n:86:Shop {n}
:62F:C2603{d}EUR{end}\n-\n"""
    text = "".join(day.format(n=n, d=20 + n, start=f"{100 - 10 * n},00", end=f"{90 - 10 * n},00") for n in range(3))
    found = read(write("a.sta", text))
    (statement,) = found["extra"]["statements"]
    assert (statement["opening"], statement["closing"], statement["entries"]) == ("100.00", "70.00", 3)
    assert [entry["balance"] for entry in found["transactions"]] == ["90.00", "80.00", "70.00"]


def test_mt942_says_how_many_entries_it_reports(write: Write) -> None:
    text = """:20:X\n:25:DE1\n:28C:1/1\n:34F:EURD0,\n:13D:2603201200+0100
:61:2603200320D10,00NMSCNONREF\n:86:Shop\n:61:2603200320C20,50NMSCNONREF\n:86:Refund\n:90D:{n}EUR10,00\n:90C:1EUR20,50\n-\n"""
    whole, cut = read(write("a.sta", text.format(n=1))), read(write("b.sta", text.format(n=2)))
    told = [
        [check["passed"] for check in found["checks"] if check["name"] == "entries complete"] for found in (whole, cut)
    ]
    assert told == [[True, True], [False, True]]
    assert whole["currency"] == "EUR"


def test_a_damaged_swift_entry_costs_itself_only(write: Write) -> None:
    text = ":20:X\n:25:DE1\n:60F:C260320EUR100,00\n:61:99XX\n:86:bad\n:61:2603200320D10,00NMSCNONREF\n:86:Shop\n:62F:C260320EUR90,00\n"
    found = read(write("a.sta", text))
    assert amounts(found) == ["-10.00"]
    assert (found["problems"][0]["line"], found["problems"][0]["column"]) == (4, "61")


@given(
    st.lists(
        st.sampled_from(
            [
                ":61:",
                ":86:",
                ":20:",
                ":25:",
                ":60F:C260320EUR",
                "2603200320D10,00NMSC",
                "?20",
                "\n",
                "-",
                ":",
                "x",
                "9",
                "//",
            ]
        ),
        max_size=60,
    )
)
def test_no_swift_text_crashes(parts: list[str]) -> None:
    for statement in statements_of("".join(parts)):
        assert all(isinstance(entry.amount, Decimal) for entry in statement.entries)


def test_an_account_column_that_differs_from_row_to_row_is_the_other_partys(write: Write) -> None:
    rows = "\n".join(f"2026-03-{day:02};Party {day};x;-{day},00;DE{day:04}" for day in range(1, 10))
    found = read(write("a.csv", "Buchungstag;Empfänger;Verwendungszweck;Betrag;IBAN\n" + rows))
    assert len(found["extra"]["statements"]) == 1
    assert found["transactions"][2]["other_account"] == "DE0003"
    assert found["transactions"][2]["counterparty"] == "Party 3"


def test_the_lines_above_a_table_name_account_and_holder(write: Write) -> None:
    head = "Kontoinhaber;Karin Holm\nIBAN;DE89 3704 0044 0532 0130 00\n\n"
    found = read(
        write("a.csv", head + "Buchungstag;Verwendungszweck;Betrag\n01.05.2026;Miete;-700,00\n02.05.2026;Rewe;-7,00\n")
    )
    (statement,) = found["extra"]["statements"]
    assert (statement["account"], statement["holder"]) == ("DE89370400440532013000", "Karin Holm")
    assert found["transactions"][0]["account"] == "DE89370400440532013000"


def test_a_feed_tells_the_fields_of_its_kind(write: Write) -> None:
    fields = {field["name"]: field["value"] for field in read(write("a.xml", camt()))["fields"]}
    assert fields == {
        "holder": "A. Holm",
        "account_number": "DE89",
        "currency": "EUR",
        "statement_period": "2026-03-20/2026-03-21",
        "opening_balance": "-100.00",
        "closing_balance": "1170.25",
    }
