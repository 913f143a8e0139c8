"""Documents held against one another: what differs is told with its facts, what varies is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.case import Document, FileSign
from app.domain.cross_checks import Application, Paper, Sign, cross_checks, doubtful, papers_of
from app.domain.document_facts import fact_name
from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.findings import Materiality

APPLIED = date(2026, 11, 2)
CASE = "C-2026-000001"


def fact(name: str, value: FactValue, document: str = "d", confidence: str = "1", person: str | None = None) -> Fact:
    source = Source(SourceKind.DOCUMENT, document * 64, 1, (1.0, 2.0, 3.0, 4.0), raw=str(value))
    return new_fact(CASE, name, value, "text", source, confidence=Decimal(confidence), confirmed_by=person)


def paper(kind: str, letter: str = "d", months: int | None = None, **fields: FactValue) -> Paper:
    facts = {name: fact(fact_name(kind, name), value, letter) for name, value in fields.items()}
    return Paper(letter * 64, f"{kind}.pdf", kind, facts, months)


def signs(*papers: Paper, applicant: str = "Anna Berg") -> dict[str, Sign]:
    return {sign.code: sign for sign in cross_checks(papers, Application(applicant, APPLIED))}


def test_nothing_is_said_of_documents_that_agree() -> None:
    slip = paper("payslip", "a", 3, employee="BERG, Anna", gross_pay=Decimal(3000), deductions=Decimal(800))
    passport = paper("passport", "b", surname="Berg", given_names="Anna Maria", expiry_date=date(2027, 1, 1))
    assert signs(slip, passport) == {}


@pytest.mark.parametrize(
    ("fields", "differs"),
    [
        ({"holder": "Erik Holm"}, True),
        ({"holder": "Erik Holm and Anna Berg"}, False),
        ({"holder": "A. Berg & E. Holm"}, False),
        ({"surname": "Holm", "given_names": "Erik"}, True),
        ({"surname": "BERG", "given_names": "ANNA M"}, False),
        ({"holder": "12345"}, False),
    ],
)
def test_the_same_person_on_every_document(fields: dict[str, FactValue], differs: bool) -> None:
    found = signs(paper("bank_statement", **fields))
    assert ("identity.names_differ" in found) is differs
    if differs:
        sign = found["identity.names_differ"]
        assert sign.materiality is Materiality.MAJOR
        assert sign.facts
        assert sign.detail.startswith("bank_statement.pdf: ")


def test_another_person_where_that_is_usual_weighs_little() -> None:
    assert signs(paper("lease", landlord="Erik Holm"))["identity.names_differ"].materiality is Materiality.MINOR


def test_no_name_in_the_case_makes_no_difference() -> None:
    assert signs(paper("payslip", employee="Erik Holm"), applicant="") == {}


def test_identity_numbers() -> None:
    one, same, other = (
        paper("national_id", letter, id_number=number)
        for letter, number in (("a", "19900101-1234"), ("b", "19900101 1234"), ("c", "19900101-1235"))
    )
    assert signs(one, same) == {}
    found = signs(one, other)["identity.numbers_differ"]
    assert found.facts == (other.fields["id_number"].id, one.fields["id_number"].id)
    assert signs(one, paper("payslip", "e", id_number="******-1299")) == {}


def test_birth_dates_are_compared_and_not_shown() -> None:
    first = paper("passport", "a", birth_date=date(1990, 1, 1))
    second = paper("driving_licence", "b", birth_date=date(1991, 1, 1))
    found = signs(first, second)["identity.birth_dates_differ"]
    assert found.facts == ()
    assert "199" not in found.detail
    assert "passport.pdf" in found.detail
    assert signs(first, first) == {}


def test_employers() -> None:
    form = Paper("f" * 64, "form.pdf", "application_form", {"employer": fact("employment.employer", "Acme AB", "f")})
    assert signs(form, paper("payslip", "a", employer="ACME Aktiebolag AB")) == {}
    found = signs(paper("payslip", "a", employer="Borealis Ltd"), form)["identity.employers_differ"]
    assert found.detail == "payslip.pdf: Borealis Ltd"
    assert found.materiality is Materiality.NOTABLE


@pytest.mark.parametrize(
    ("written", "differs"),
    [
        ("12 ROSE STREET, LONDON SW1A 1AA", False),
        ("Flat 2, 12 Rose St., London", False),
        ("Rose Street, London", False),
        ("44 Elm Road, Leeds LS2 8JT", True),
    ],
)
def test_addresses_are_held_against_the_form_however_they_are_written(written: str, differs: bool) -> None:
    form = paper("application_form", "f", address="12 Rose Street, London, SW1A 1AA")
    found = signs(paper("utility_bill", "a", address=written), form)
    assert ("identity.addresses_differ" in found) is differs
    if differs:
        assert found["identity.addresses_differ"].facts[1] == form.fields["address"].id
        assert found["identity.addresses_differ"].materiality is Materiality.MINOR


def test_a_payslip_tells_a_home_too_but_an_account_number_is_no_address() -> None:
    bill = paper("utility_bill", "a", address="3 Harbour View, Plymouth PL1 2AA")
    slip = paper("payslip", "b", address="27 Orchard Lane, Bath BA2 3QX")
    assert "identity.addresses_differ" in signs(bill, slip)
    assert signs(bill, paper("bank_statement", "b", address="ES65 0765 3432 0546, 1.766,72 EUR")) == {}


def test_an_address_of_a_card_or_one_read_in_doubt_is_not_compared() -> None:
    form = paper("application_form", "f", address="12 Rose Street, London")
    card = paper("driving_licence", "a", address="44 Elm Road, Leeds")
    doubt = fact(fact_name("utility_bill", "address"), "44 Elm Road, Leeds", "b", confidence="0.7")
    assert signs(form, card, Paper("b" * 64, "bill.pdf", "utility_bill", {"address": doubt})) == {}


def test_payslips_of_one_employer_leave_no_month_out() -> None:
    def slip(letter: str, period: str, employer: str = "Acme AB") -> Paper:
        return paper("payslip", letter, employer=employer, period=period)

    assert signs(slip("a", "2026-12"), slip("b", "2027-01"), slip("c", "2026-11-01/2026-11-30")) == {}
    assert signs(slip("a", "2026-08"), slip("b", "2026-10", "Borealis Ltd")).get("document.period_missing") is None
    found = signs(slip("a", "2026-08"), slip("b", "2026-10"))["document.period_missing"]
    assert "2026-08" in found.detail
    assert "2026-10" in found.detail


@pytest.mark.parametrize(
    ("kind", "months", "fields", "code"),
    [
        ("passport", None, {"expiry_date": date(2026, 11, 1)}, "document.expired"),
        ("passport", None, {"expiry_date": APPLIED}, None),
        ("payslip", 3, {"pay_date": date(2026, 8, 2)}, "document.stale"),
        ("payslip", 3, {"pay_date": date(2026, 8, 3)}, None),
        ("payslip", None, {"pay_date": date(2020, 8, 3)}, None),
        ("national_id", 3, {"issue_date": date(2019, 1, 1), "expiry_date": date(2029, 1, 1)}, None),
    ],
)
def test_validity(kind: str, months: int | None, fields: dict[str, FactValue], code: str | None) -> None:
    assert list(signs(paper(kind, "d", months, **fields))) == ([code] if code else [])


def test_sums() -> None:
    right = {"gross_pay": Decimal("3000.00"), "deductions": Decimal("-800.01"), "net_pay": Decimal("2199.99")}
    assert signs(paper("payslip", **right)) == {}
    wrong = paper("payslip", **right | {"net_pay": Decimal("2299.99")})
    assert len(signs(wrong)["document.sums_differ"].facts) == 3
    doubted = dict(wrong.fields) | {"net_pay": fact("document.payslip.net_pay", Decimal("2299.99"), confidence="0.5")}
    assert signs(Paper("d" * 64, "p", "payslip", doubted)) == {}, "a doubtful reading proves nothing"


def test_signs_of_a_change_and_doubtful_readings() -> None:
    sign = FileSign("pdf.updated", "two versions follow one another")
    found = signs(Paper("d" * 64, "slip.pdf", "payslip", {}, None, (sign,)))["document.altered"]
    assert (found.detail, found.materiality) == ("slip.pdf: two versions follow one another", Materiality.NOTABLE)
    faint = Paper("d" * 64, "slip.jpg", "payslip", {}, None, (FileSign("image.patched_perhaps", "perhaps"),))
    assert signs(faint)["document.altered"].materiality is Materiality.MINOR
    sure, unsure = fact("income.net_monthly_documented", Decimal(1)), fact("employment.employer", "A", confidence="0.7")
    seen = fact("employment.employer", "A", confidence="0.7", person="Vera")
    field = fact("document.payslip.tax", Decimal(1), confidence="0.3")
    assert [sign.facts for sign in doubtful([sure, unsure, seen, field])] == [(unsure.id,)]


def test_papers_hold_the_facts_of_their_document() -> None:
    own = fact("document.passport.expiry_date", date(2026, 1, 1), "a")
    taken_for_another = fact("document.national_id.id_number", "1", "a")
    stated = fact("employment.employer", "Acme", "b")
    elsewhere = new_fact(CASE, "request.amount", Decimal(1), "EUR", Source(SourceKind.PERSON, person="Vera"))
    papers = papers_of(
        [
            Document("a" * 64, "a.jpg", "passport", "image/jpeg", 1, kind_confidence=0.7),
            Document("b" * 64, "b.pdf", "payslip", "application/pdf", 1),
        ],
        [own, taken_for_another, stated, elsewhere],
        {"payslip": 3}.get,
    )
    assert [(each.kind, dict(each.fields), each.valid_months, each.kind_confidence) for each in papers] == [
        ("passport", {"expiry_date": own}, None, 0.7),
        ("payslip", {"employer": stated}, 3, 1.0),
    ]
