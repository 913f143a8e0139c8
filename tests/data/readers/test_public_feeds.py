"""Every bank feed beside the checkout that comes with its expected result; skipped where they are absent.

Out of scope, and why:

- ``currency_in_25``, ``empty_line``, ``cmxl/reference``, ``cmxl/statement_number``, ``cmxl/available_balance``: one
  field of a message without entries or booked balances. What they state of account and balances is still compared.
- the tables ``tags`` and the processors in each ``.yml``: inner workings of the library that wrote them.
- ``invstmtrs.ofx``: an investment account whose cash entries are compared; its securities are no bank transactions.
- ``pain.001.001.03.xml`` is a payment order, ``invalid.xml`` an empty document, ``camt_file.csv`` a list of statements
  without entries: all three are refused or told as no statement.
- ``golden/*`` and ``sample*`` come without a result file; what is expected of them is written down here by hand.
"""

from __future__ import annotations

import base64
import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from app.domain.case import Transaction
from app.domain.cash_flow import find_obligations
from app.domain.reading import Entry
from app.domain.transactions.ledger import recognise
from app.errors import InputError
from data.readers.documents import read_document
from data.readers.mt940_statements import statements_of
from data.readers.statements import Statement
from data.transaction_rules import load_rules
from tests.conftest import ROOT

FEEDS = ROOT.parent / "shared" / "data" / "bank_feeds"
MT940 = sorted(path.name for path in FEEDS.glob("*.sta"))
CORPUS = sorted(FEEDS.glob("*.json"))


class _Plain(yaml.SafeLoader):  # type: ignore[misc]
    """Reads the pickled objects of the expected results as plain values; builds no object."""


def _object(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return _value(suffix, loader.construct_sequence(node, deep=True))
    return loader.construct_scalar(node)


def _value(suffix: str, parts: list[Any]) -> Any:
    if suffix.endswith("decimal.Decimal"):
        return Decimal(parts[0])
    if suffix.endswith(("models.Date", "datetime.date")) and isinstance(parts[0], bytes):
        high, low, month, day = parts[0][:4]
        return date(high * 256 + low, month, day)
    return parts


_Plain.add_multi_constructor("tag:yaml.org,2002:python/", _object)
_Plain.add_constructor("tag:yaml.org,2002:binary", lambda loader, node: base64.b64decode(loader.construct_scalar(node)))


def expected_of(name: str) -> dict[str, Any]:
    text = (FEEDS / name).with_suffix(".yml").read_text(encoding="utf-8")
    text = re.sub(r"transactions: \*id\d+", "transactions: null", text)  # each entry points back at them all
    found = yaml.load(text, _Plain)
    assert isinstance(found, dict)
    return found


def words(text: object) -> str:
    return re.sub(r"[^0-9a-zà-ÿ]", "", str(text or "").casefold())


@pytest.mark.parametrize("name", MT940)
def test_mt940_equals_the_expected_entries(name: str) -> None:
    wanted = expected_of(name)["transactions"] or []
    found = [entry for each in statements_of((FEEDS / name).read_text("utf-8")) for entry in each.entries]
    assert [each.problems for each in statements_of((FEEDS / name).read_text("utf-8")) if each.problems] == []
    rows = [each["data"] for each in wanted if each["data"].get("amount")]
    got = sorted(found, key=lambda entry: entry.row)
    assert [entry.amount for entry in got] == [_amount(row) for row in rows]
    assert [entry.booked_on for entry in got] == [row.get("entry_date") or row["date"] for row in rows]
    assert [entry.value_on for entry in got] == [row["date"] for row in rows]
    assert [entry.currency or None for entry in got] == [row["amount"]["currency"] for row in rows]
    for entry, row in zip(got, rows, strict=True):
        for part in ("purpose", "posting_text", "applicant_name", "recipient_name", "transaction_details"):
            for word in words_of(row.get(part)):
                assert word in words(entry.text), (part, row[part], entry.text)


def _amount(row: dict[str, Any]) -> Decimal:
    """A reversed credit is a debit: the library's own correction, which its recorded results precede."""
    amount: Decimal = row["amount"]["amount"]
    return -abs(amount) if row["status"] == "RC" else amount


def words_of(text: object) -> list[str]:
    """Words of an expected text that tell something.

    Not: the marks and accounts of banks that write ``>20``, the codes and references of those that write
    ``/EREF/.../NAME/...`` (name and remittance are compared), and what stands behind the closing balance, which the
    library takes for a part of the last entry.
    """
    plain = re.sub(r"\n?(D000004C000002.*|(FREE TEXT\n?){6})", "", str(text or ""), flags=re.S)
    if coded := re.search(r"/NAME/(.*?)/REMI/(.*)", plain, re.S):
        plain = " ".join("".join(part.split("\n")) for part in coded.groups())
    if re.match(r"\d{3}>", plain):
        plain = " ".join(re.findall(r">2\d([^>]*)", plain.replace("\n", "")))
        return [words(plain)]
    return [word for piece in plain.split() if (word := words(piece))]


@pytest.mark.parametrize("name", MT940)
def test_mt940_equals_the_expected_account_and_balances(name: str) -> None:
    wanted = expected_of(name)["data"] or {}
    found = statements_of((FEEDS / name).read_text("utf-8"))
    balances = {"opening": "opening_balance", "closing": "closing_balance"}
    for ours, theirs in balances.items():
        told = [wanted[f"{kind}_{theirs}"] for kind in ("final", "intermediate") if wanted.get(f"{kind}_{theirs}")]
        known = [getattr(each, ours) for each in found] + [balance for each in found for balance in running(each)]
        assert all(balance["amount"]["amount"] in known for balance in told)
    if account := wanted.get("account_identification"):
        assert (found[-1].account or "") + found[-1].currency in (
            words_kept(account),
            words_kept(account) + found[-1].currency,
        )


def running(statement: Statement) -> list[Decimal]:
    """Balances after each entry: where messages of one account follow one another they are one statement."""
    start = statement.opening
    return [] if start is None else list(accumulate((entry.amount for entry in statement.entries), initial=start))


def words_kept(account: str) -> str:
    return "".join(account.split()).upper()


def test_mt940_of_asn_bank_citi_and_a_plain_sample(shared_data: Path) -> None:
    counts = {"mt940_tests__ASNB__mt940.txt": 8, "mt940_tests__citi__mt940.txt": 5, "tests__test_data__sample.mt940": 2}
    for name, count in counts.items():
        found = read_document(shared_data / "bank_feeds" / name, lambda *_: None)
        assert (found["kind"], len(found["transactions"])) == ("bank_statement", count)
        assert found["problems"] == []
        assert {check["passed"] for check in found["checks"]} <= {True, False} if "citi" in name else {True}


def test_the_instalments_of_a_real_bank_are_those_of_its_loans(shared_data: Path) -> None:
    """Czech accounts of 1993 and 1994: what is seen on the statements against the loan contracts, to a crown."""
    folder = shared_data / "tables" / "berka"
    with (folder / "loan.asc").open(encoding="utf-8") as file:
        loans = {row["account_id"]: Decimal(row["payments"]) for row in csv.DictReader(file, delimiter=";")}
    found = read_document(folder / "trans_english_1993-01_1994-04.csv", lambda *_: None)
    accounts: dict[str, list[Transaction]] = defaultdict(list)
    for item in found["transactions"]:
        each = Entry.from_json(item)
        told = (each.booked_on, each.amount, "CZK", each.text, each.balance, each.account, each.row, each.account)
        line = Transaction(*told)
        accounts[each.account].append(line)
    seen = {account: find_obligations(recognise(lines, load_rules())) for account, lines in accounts.items()}
    wanted = {account for account, lines in accounts.items() if sum("loan_pmt" in line.text for line in lines) >= 2}
    assert len(wanted) > 30
    assert {account for account, obligations in seen.items() if obligations} == wanted
    for account in wanted:
        assert abs(sum(each.monthly for each in seen[account]) - loans[account]) <= 1


BY_HAND = {
    "tests__data__br_nubank_cc.ofx": (6, "BRL", "-1280.91"),
    "tests__data__invstmtrs.ofx": (1, "USD", "1000.00"),
    "tests__data__stmtrs.ofx": (2, "USD", "-500.00"),
    "tests__data__stmtrs_euro.ofx": (2, "USD", "-500.00"),
    "tests__test_data__golden__camt053_duplicate_same_day.xml": (2, "EUR", "-9.00"),
    "tests__test_data__golden__camt053_multicurrency.xml": (3, None, "650.26"),
    "tests__test_data__golden__camt053_no_namespace.xml": (1, "GBP", "250.00"),
    "tests__test_data__golden__csv_french_headers.csv": (3, "EUR", "2260.94"),
    "tests__test_data__golden__csv_garbled_amount.csv": (1, "EUR", "100.00"),
    "tests__test_data__sample.ofx": (2, "EUR", "1170.25"),
    "tests__test_data__sample.qfx": (1, "USD", "-15.00"),
    "tests__test_data__sample.mt940": (2, "EUR", "1170.25"),
    "tests__test_data__sample_split_amounts.csv": (2, "EUR", "1050.25"),
}
NO_STATEMENT = {"tests__test_data__pain.001.001.03.xml", "tests__test_data__invalid.xml"}
ELSEWHERE = {  # the table without entries, the typed statements (test_statement_tables), the two without a result file
    "SOURCE.md",
    "mt940_tests__requirements.txt",
    "tests__test_data__camt_file.csv",
    "tests__test_data__eval__european_format.json",
    "tests__test_data__eval__single_currency_checking.json",
    "mt940_tests__ASNB__mt940.txt",
    "mt940_tests__citi__mt940.txt",
}


@pytest.mark.parametrize("name", BY_HAND)
def test_feeds_without_a_result_file_by_hand(shared_data: Path, name: str) -> None:
    count, currency, total = BY_HAND[name]
    found = read_document(shared_data / "bank_feeds" / name, lambda *_: None)
    assert found["kind"] == "bank_statement"
    assert (len(found["transactions"]), found["currency"]) == (count, currency)
    assert sum(Decimal(entry["amount"]) for entry in found["transactions"]) == Decimal(total)


@pytest.mark.parametrize("name", sorted(NO_STATEMENT))
def test_other_messages_are_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no camt\.053 bank statement"):
        read_document(shared_data / "bank_feeds" / name, lambda *_: None)


def test_no_feed_is_left_out(shared_data: Path) -> None:
    there = {path.name for path in (shared_data / "bank_feeds").iterdir() if path.suffix != ".yml"}
    assert there == {*MT940, *BY_HAND, *NO_STATEMENT, *ELSEWHERE}
