"""Fields of documents are facts: named by kind and field, typed, with their place, and known as prohibited bases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.domain.document_facts import document_facts, fact_name, field_of
from app.domain.facts import Kind
from app.domain.reading import DocumentField
from data.catalogue import load_catalogue

CATALOGUE = load_catalogue()
BOX = (10.0, 20.0, 30.0, 40.0)


def test_every_field_of_every_kind_is_in_the_catalogue() -> None:
    from data.kinds import load_kinds

    for kind in load_kinds().values():
        for spec in kind.fields:
            definition = CATALOGUE[fact_name(kind.id, spec.name)]
            assert definition.sensitive
            assert set(definition.label) >= {"en", "zh"}
    assert not [definition.name for definition in CATALOGUE if field_of(definition.name)], "told only when asked for"


def test_prohibited_bases_on_documents_stay_prohibited() -> None:
    for field in ("birth_date", "sex", "nationality"):
        assert CATALOGUE.prohibited(fact_name("passport", field)), field
    assert not CATALOGUE.prohibited(fact_name("passport", "expiry_date"))
    assert CATALOGUE.prohibited(fact_name("marriage_certificate", "spouse_1"))


def test_unknown_fields_are_no_facts() -> None:
    for name in ("document.passport.nothing", "document.nothing.expiry_date", "document."):
        assert name not in CATALOGUE
        assert CATALOGUE.get(name) is None
        assert not CATALOGUE.prohibited(name)


def test_values_are_typed_and_keep_their_place() -> None:
    fields = [
        DocumentField("expiry_date", "2031-05-04", "04 MAY 31", page=1, box=BOX, confidence=Decimal("0.9")),
        DocumentField("document_number", "X1234567", "X1234567", page=1, box=BOX, method="check digits"),
        DocumentField("surname", "Berg", "BERG", fact="applicant.name"),
        DocumentField("colour", "red", "red"),
    ]
    expiry, number = document_facts("C-2026-000001", "passport", fields, "a" * 64, "EUR", CATALOGUE)
    assert (expiry.name, expiry.value, expiry.unit) == ("document.passport.expiry_date", date(2031, 5, 4), "date")
    assert (expiry.confidence, expiry.source.box, expiry.source.raw) == (Decimal("0.9"), BOX, "04 MAY 31")
    assert (number.value, number.source.document, number.source.page) == ("X1234567", "a" * 64, 1)


def test_amounts_take_their_own_currency_or_the_cases() -> None:
    fields = [
        DocumentField("gross_pay", "3000.00", "3.000,00", currency="SEK"),
        DocumentField("deductions", "800.00", "800"),
    ]
    facts = document_facts("C-2026-000001", "payslip", fields, "a" * 64, "EUR", CATALOGUE)
    assert [(fact.value, fact.unit) for fact in facts] == [(Decimal("3000.00"), "SEK"), (Decimal("800.00"), "EUR")]
    assert CATALOGUE[facts[0].name].kind is Kind.MONEY
