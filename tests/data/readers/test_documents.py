"""Kinds told by content, forms, payslips, bureau reports, transcripts and images."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.errors import InputError
from data.readers.client import Readers, result_from_json
from data.readers.documents import read_document

Write = Callable[..., Path]

FORM: dict[str, Any] = {
    "form": "loan-application", "date": "2026-10-28", "language": "en", "currency": "EUR", "product": "instalment-loan",
    "applicant": {"name": "Anna Lind", "date_of_birth": "1988-03-14", "housing": "rent", "dependants": 1},
    "employment": {"type": "fixed", "employer": "Nordlys AB", "seniority_years": 8.5},
    "income": {"net_monthly": "3450"}, "debt": {"outstanding": 5200, "instalments": 180},
    "history": {"adverse_records": False}, "request": {"amount": "12,000.00", "term_months": 36, "purpose": "Used car"},
}  # fmt: skip
BUREAU = {
    "report": "credit-bureau", "bureau": "UC", "report_date": "2026-10-20", "subject": {"name": "Anna Lind"},
    "accounts": [{"id": "1", "opened_on": "2019-01-01", "instalment": "180"}],
    "enquiries": [{"date": "2026-09-01"}, {"date": "soon"}],
}  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    return read_document(path, lambda *_: None)


def values(found: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: field["value"] for field in found["facts"]}


def test_a_json_form(write: Write) -> None:
    found = read(write("whatever.bin", json.dumps(FORM)))
    assert found["kind"] == "application_form"
    got = values(found)
    assert got["income.net_monthly_stated"] == "3450.00"
    assert got["debt.instalments_stated"] == "180.00"
    assert got["request.amount"] == "12000.00"
    assert got["history.adverse_records"] is False
    amount = next(field for field in found["fields"] if field["name"] == "request.amount")
    assert (amount["path"], amount["raw"], amount["currency"]) == ("$.request.amount", "12,000.00", "EUR")
    assert found["unrecognised"] == []


def test_other_layouts_of_the_form(write: Write) -> None:
    flat = {
        "Loan Amount": "9000",
        "term": 24,
        "monthlyIncome": "2.500,00",
        "姓名": "王小雨",
        "住房情况": "租房",
        "colour": "red",
    }
    found = read(write("f.json", json.dumps(flat)))
    got = values(found)
    assert got["request.amount"] == "9000.00"
    assert got["income.net_monthly_stated"] == "2500.00"
    assert (got["applicant.name"], got["applicant.housing"]) == ("王小雨", "rent")
    assert (found["language"], found["unrecognised"]) == ("zh", ["$.colour"])
    assert "not recognised: $.colour" in found["note"]


def test_a_wrong_value_is_refused_and_the_rest_taken(write: Write) -> None:
    form = FORM | {"request": {"amount": "lots", "term_months": 999}}
    found = read(write("f.json", json.dumps(form)))
    assert "request.amount" not in values(found)
    assert [problem["column"] for problem in found["problems"]] == ["$.request.amount", "$.request.term_months"]
    assert values(found)["applicant.name"] == "Anna Lind"


@pytest.mark.parametrize(
    "text", ['{"a": 1', '{"a": NaN}', '{"request": {"amount": 1e400000}}x', "[1, 2", '{"a": "\\ud800']
)
def test_broken_json(write: Write, text: str) -> None:
    with pytest.raises(InputError, match="no valid JSON"):
        read(write("f.json", text))


def test_json_of_another_kind(write: Write) -> None:
    with pytest.raises(InputError, match=r"neither an application form, nor a bureau report"):
        read(write("f.json", '{"name": "package", "version": "1"}'))


def test_deep_json(write: Write) -> None:
    with pytest.raises(InputError, match=r"nested too deeply|neither an application"):
        read(write("f.json", '{"a":' * 3000 + "1" + "}" * 3000))


def test_a_bureau_report(write: Write) -> None:
    found = read(write("x", json.dumps(BUREAU)))
    assert (found["kind"], found["note"]) == ("credit_report", "1 account · 2 enquiries")
    assert found["extra"]["subject"] == "Anna Lind"
    assert found["problems"][0]["column"] == "$.enquiries[1].date"


def test_a_transcript(write: Write) -> None:
    found = read(write("call.csv", "Officer: Good morning, how are you today?\nApplicant: Fine, thanks, and you.\n"))
    assert (found["kind"], found["note"], found["language"]) == ("call_transcript", "2 lines", "en")
    assert read(write("c.txt", "客服：您好，请问贵姓？\n客户：姓王。\n"))["language"] == "zh"


def test_a_blank_picture_is_kept_with_its_type(write: Write) -> None:
    found = read(write("scan.txt", _blank("PNG")))
    assert (found["kind"], found["media_type"], found["fields"]) == ("unknown", "image/png", [])
    assert (found["pages"], found["note"]) == (1, "no text was found")
    assert read(write("b.pdf", _blank("JPEG")))["media_type"] == "image/jpeg"


def test_a_picture_that_is_cut_off_says_so(write: Write) -> None:
    with pytest.raises(InputError, match=r"scan\.png: The file is not a readable picture"):
        read(write("scan.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50))


def _blank(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"\x7fELF" + bytes(range(256)) * 4, b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"\x1f\x8b\x08" + b"\1" * 50]
)
def test_unknown_forms_are_refused(write: Write, content: bytes) -> None:
    with pytest.raises(InputError, match="This form is not read"):
        read(write("x.csv", content))


def test_swift_statements_are_read(write: Write) -> None:
    text = ":20:STARTUMS\n:25:NL91\n:60F:C260320EUR1000,00\n:61:2603210321D10,5NMSCNONREF\n:86:Shop\n:62F:C260321EUR989,50\n"
    found = read(write("x.sta", text))
    assert found["kind"] == "bank_statement"
    assert [(each["amount"], each["text"], each["balance"]) for each in found["transactions"]] == [
        ("-10.50", "Shop", "989.50")
    ]


def test_a_pdf_form_with_boxes(write_pdf: Write) -> None:
    lines = [
        (50, 60, "Application for a loan"),
        (50, 100, "Applicant: Karin Holm"), (300, 100, "Age: 34"),
        (50, 120, "Requested amount"), (300, 120, "12,500.00 EUR"),
        (50, 140, "Requested term: 36 months"),
        (50, 160, "Net monthly income (EUR):"), (300, 160, "2 450,50"),
        (50, 180, "Housing: Rents"), (50, 200, "Dependants: many"),
    ]  # fmt: skip
    found = read(write_pdf("a.pdf", lines))
    assert found["kind"] == "application_form"
    got = values(found)
    assert got == {
        "applicant.name": "Karin Holm", "applicant.age": "34.00", "request.amount": "12500.00", "request.term_months": 36,
        "income.net_monthly_stated": "2450.50", "applicant.housing": "rent",
    }  # fmt: skip
    amount = next(field for field in found["facts"] if field["name"] == "request.amount")
    x0, y0, x1, y1 = (float(edge) for edge in amount["box"])
    assert (amount["page"], amount["currency"]) == (1, "EUR")
    assert x0 == pytest.approx(300, abs=2)
    assert 300 < x1 < 400
    assert y0 < 120 < y1 + 4
    assert y0 > 105
    assert found["problems"][0]["raw"] == "many"


@pytest.mark.parametrize(
    ("lines", "net"),
    [
        ([(50, 40, "Payslip October 2026"), (50, 60, "Employer: Nordlys AB"), (50, 80, "Gross pay"), (300, 80, "4,620.00"),
          (50, 100, "Net pay"), (300, 100, "3,450.00 EUR"), (450, 100, "31,050.00 EUR")], "3450.00"),
        ([(50, 40, "Gehaltsabrechnung"), (50, 60, "Arbeitgeber: Nordlys AB"), (50, 100, "Auszahlungsbetrag: 2.345,67 EUR")], "2345.67"),
        ([(50, 40, "Bulletin de paie"), (50, 60, "Employeur: Nordlys AB"), (50, 100, "Net à payer"), (300, 100, "1 999,00 €")], "1999.00"),
    ],
)  # fmt: skip
def test_payslips(write_pdf: Write, lines: list[tuple[float, float, str]], net: str) -> None:
    found = read(write_pdf("p.pdf", lines))
    assert found["kind"] == "payslip"
    assert values(found) == {"income.net_monthly_documented": net, "employment.employer": "Nordlys AB"}
    assert found["facts"][0]["box"]


def test_a_weekly_payslip_gives_no_monthly_income(write_pdf: Write) -> None:
    found = read(
        write_pdf("p.pdf", [(50, 40, "Payslip"), (50, 60, "Pay frequency: Weekly"), (50, 100, "Net pay: 612.00")])
    )
    assert values(found) == {}
    assert "not monthly" in found["problems"][0]["reason"]


def test_a_truncated_pdf(write: Write, write_pdf: Write) -> None:
    whole = write_pdf("a.pdf", [(50, 60, "Application")]).read_bytes()
    with pytest.raises(InputError, match="damaged or cut off"):
        read(write("t.pdf", whole[:100]))


def test_a_pdf_of_thousands_of_pages_is_read_in_part(tmp_path: Path) -> None:
    import pypdfium2

    path = tmp_path / "long.pdf"
    document = pypdfium2.PdfDocument.new()
    for _ in range(3000):
        document.new_page(200, 200)
    document.save(path)
    document.close()
    found = read(path)
    assert (found["pages"], found["kind"]) == (3000, "unknown")


def test_the_child_gives_the_same_result(write: Write, readers: Readers) -> None:
    path = write("f.json", json.dumps(FORM))
    assert readers.read_file(path) == result_from_json(read(path))
    assert readers.read_file(path).fields[0].source("ab").document == "ab"
