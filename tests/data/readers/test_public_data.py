"""Real files of many makers, beside the checkout; skipped where they are absent."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.domain.document_kinds import UNKNOWN
from app.errors import InputError
from data.kinds import load_kinds
from data.readers import tables
from data.readers.documents import read_document


def read(path: Path) -> dict[str, Any]:
    return read_document(path, lambda *_: None)


@pytest.mark.parametrize(
    ("name", "count", "currency", "total"),
    [
        ("tests__data__br_nubank_cc.ofx", 6, "BRL", "-1280.91"),
        ("tests__data__stmtrs.ofx", 2, "USD", "-500.00"),
        ("tests__test_data__sample.ofx", 2, "EUR", "1170.25"),
        ("tests__test_data__sample.qfx", 1, "USD", "-15.00"),
        ("tests__test_data__golden__camt053_duplicate_same_day.xml", 2, "EUR", "-9.00"),
        ("tests__test_data__golden__camt053_no_namespace.xml", 1, "GBP", "250.00"),
        ("tests__test_data__golden__csv_french_headers.csv", 3, "EUR", "2260.94"),
        ("tests__test_data__sample_split_amounts.csv", 2, "EUR", "1050.25"),
    ],
)
def test_bank_feeds(shared_data: Path, name: str, count: int, currency: str, total: str) -> None:
    found = read(shared_data / "bank_feeds" / name)
    assert found["kind"] == "bank_statement"
    assert (len(found["transactions"]), found["currency"]) == (count, currency)
    assert sum(Decimal(entry["amount"]) for entry in found["transactions"]) == Decimal(total)


def test_camt_of_two_currencies(shared_data: Path) -> None:
    found = read(shared_data / "bank_feeds" / "tests__test_data__golden__camt053_multicurrency.xml")
    assert {entry["currency"] for entry in found["transactions"]} == {"EUR", "USD"}
    assert [check["passed"] for check in found["checks"]] == [True, True]


def test_statement_lines_of_nine_banks(shared_data: Path) -> None:
    """The expected rows of real statements, with ISO dates."""
    files = sorted((shared_data / "documents" / "bank_statement_pdf").glob("*transformed.csv"))
    assert len(files) >= 9
    for path in files:
        wanted = [Decimal(row["amount"]) for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
        found = read(path)
        statement = found["extra"]["statements"][0]
        got = [Decimal(entry["amount"]) for entry in found["transactions"]]
        opening = Decimal(statement["opening"] or 0)
        assert sum(got) + opening == sum(wanted) or len(wanted) - len(got) == 2
        assert found["problems"] == []


def test_every_pdf_gives_an_answer(shared_data: Path) -> None:
    for path in sorted((shared_data / "documents").glob("*/*.pdf")):
        found = read(path)
        assert found["kind"] == UNKNOWN or found["kind"] in load_kinds()
        assert found["pages"] >= 1


@pytest.mark.parametrize(
    ("name", "delimiter", "width"),
    [
        ("berka/loan.asc", ";", 7),
        ("berka/district.asc", ";", 16),
        ("south_german_credit/SouthGermanCredit.asc", " ", 21),
        ("credit_data/credit_data.csv", ",", 15),
        ("taiwan_credit_card/UCI_Credit_Card.csv", ",", 25),
        ("home_credit_linked/rel_application.csv", ",", 122),
        ("boston_hmda/aer_hmda_boston.csv", ",", 15),
    ],
)
def test_tables_are_told_and_profiled(shared_data: Path, name: str, delimiter: str, width: int) -> None:
    path = shared_data / "tables" / name
    assert read(path)["kind"] == "table"
    profile = tables.profile_table(path, "csv")
    assert (profile.delimiter, len(profile.header)) == (delimiter, width)
    assert len(profile.samples) > 70


def test_czech_account_book(shared_data: Path) -> None:
    """52,816 entries of 1,252 accounts, each with its running balance."""
    found = read(shared_data / "tables" / "berka" / "trans_english_1993-01_1994-04.csv")
    assert len(found["transactions"]) == 52_816
    assert len(found["extra"]["statements"]) == 1252


def test_samples_of_the_product(root: Path) -> None:
    wanted = ("application_form", "payslip", "bank_statement", "credit_report", "call_transcript", "national_id")
    folders = sorted((root / "data" / "samples" / "folders").glob("*"))
    assert len(folders) >= 6
    for folder in folders:
        assert sorted(read(path)["kind"] for path in folder.iterdir()) == sorted(wanted), folder.name


def test_other_json_is_refused(shared_data: Path) -> None:
    path = shared_data / "bank_feeds" / "tests__test_data__eval__european_format.json"
    assert json.loads(path.read_text(encoding="utf-8"))
    with pytest.raises(InputError, match="neither an application form"):
        read(path)
