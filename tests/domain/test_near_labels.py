"""Values beside labels that the catalogue lacks, told by the words of those it has."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.cross_checks import DOUBTFUL
from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction import fields_of
from app.domain.extraction.near_labels import METHOD
from app.domain.kind_words import KindWords, paper_of
from app.domain.label_words import LabelWords
from app.domain.layout import Layout
from app.domain.reading import DocumentField
from tests.domain.pages_of_words import form, layout

_NAMES = {"en": "Field", "zh": "字段"}


def spec(name: str, type_: FieldType, *labels: str) -> FieldSpec:
    return FieldSpec(name, type_, _NAMES, labels)


PAPER = DocumentKind(
    "paper",
    _NAMES,
    (
        spec("gross_pay", FieldType.MONEY, "gross salary", "gross pay", "Bruttolohn", "应发工资", "salaire brut"),
        spec("net_pay", FieldType.MONEY, "net pay", "net amount", "Auszahlungsbetrag", "实发工资", "实发金额"),
        spec("granted_on", FieldType.DATE, "date of issue", "Ausstellungsdatum", "签发日期", "issued on"),
        spec("lapses_on", FieldType.DATE, "date of expiry", "Ablaufdatum", "有效期至", "valid until"),
        spec("born_on", FieldType.DATE, "date of birth", "Datum der Geburt"),
        spec("holder", FieldType.NAME, "holder", "name of holder", "Inhaber", "持有人"),
        spec("number", FieldType.IDENTIFIER, "document number", "Ausweisnummer", "证件号码"),
    ),
    {},
    _NAMES,
)
OTHER = DocumentKind(
    "other",
    _NAMES,
    (spec("deposit", FieldType.MONEY, "deposit", "amount of the deposit", "security deposit"),),
    {},
    _NAMES,
)
KINDS = {"paper": PAPER, "other": OTHER}
WORDS = KindWords(KINDS)


def read(page: Layout) -> dict[str, DocumentField]:
    return {field.name: field for field in fields_of(paper_of(page, WORDS), PAPER)}


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (("Your gross salary for this month: 4,200.00",), "gross_pay", "4200.00"),
        (("Your own net amount this month | 3,100.00",), "net_pay", "3100.00"),
        (("Datum der Ausstellung dieses Ausweises | 12.03.2024",), "granted_on", "2024-03-12"),
        (("Ablauf des Ausweises (Datum)", "12.03.2034"), "lapses_on", "2034-03-12"),
        (("Monatsbruttolohn: 4.200,00",), "gross_pay", "4200.00"),
        (("本月实际发放金额： 3,180.00元",), "net_pay", "3180.00"),
        (("Holder at present: Anna Lind",), "holder", "Anna Lind"),
        (("Number of this document | AB 123456",), "number", "AB 123456"),
    ],
)
def test_a_label_the_catalogue_lacks_speaks_by_its_words(lines: tuple[str, ...], name: str, value: str) -> None:
    field = read(form(*lines))[name]
    assert (field.value, field.method) == (value, METHOD)
    assert field.confidence < DOUBTFUL


def test_a_label_of_the_catalogue_goes_before() -> None:
    found = read(form("My gross salary of the month | 9,999.00", "Gross pay: | 4,200.00"))["gross_pay"]
    assert (found.value, found.method) == ("4200.00", "label")


def test_a_value_that_has_its_label_is_no_other_field_s() -> None:
    found = read(form("Gross salary: 4,200.00"))
    assert found["gross_pay"].value == "4200.00"
    assert "net_pay" not in found


def test_words_that_speak_for_another_field_count_against_it() -> None:
    assert "net_pay" not in read(form("Amount of your security deposit: 900.00"))


@pytest.mark.parametrize(
    "line", ["Your net pay of the last year: 31,000.00", "The gross salary, year to date: 31,000.00"]
)
def test_another_period_s_amount_is_not_taken(line: str) -> None:
    assert not [field for field in read(form(line)).values() if field.method == METHOD]


def test_a_heading_is_no_name() -> None:
    assert "holder" not in read(layout([(60, 80, "The present holder"), (60, 96, "Document number")]))


@pytest.mark.parametrize("text", ["475 Any Avenue", "Inc."])
def test_a_street_or_the_form_of_a_firm_is_no_name(text: str) -> None:
    assert "holder" not in read(form(f"Holder at present: {text}"))


def test_a_phrase_of_unknown_words_speaks_for_nothing() -> None:
    assert not read(form("Bergwanderung im Harz: 12.03.2024", "Quite something else | 12.00"))


def test_less_alike_is_less_sure() -> None:
    near = read(form("Date of issue of it: 12.03.2024"))["granted_on"].confidence
    far = read(form("Date on which this printed paper was issued: 12.03.2024"))["granted_on"].confidence
    assert Decimal(0) < far < near


def test_the_same_words_in_compounds_and_apart() -> None:
    words = LabelWords(KINDS)
    assert set(words.signs("Datum der Ausstellung")) > set(words.signs("Ausstellungsdatum")) == {"ausstellung", "datum"}
    assert words.likeness("Ausstellungsdatum", PAPER)["granted_on"] == pytest.approx(1)


def test_words_of_other_kinds_are_told_apart() -> None:
    found = LabelWords(KINDS).likeness("deposit", PAPER)
    assert set(found) == {""}
    assert "deposit" in LabelWords(KINDS).likeness("deposit", OTHER)


def test_it_can_be_left_out_for_measuring() -> None:
    paper = paper_of(form("Your own net amount this month | 3,100.00"), WORDS)
    assert not [each for each in fields_of(paper, PAPER, leave_out=(METHOD,)) if each.method == METHOD]


def test_no_labels_no_words() -> None:
    bare = replace(PAPER, fields=tuple(replace(field, labels=()) for field in PAPER.fields))
    assert LabelWords({"paper": bare}).likeness("net pay", bare) == {}


@pytest.mark.parametrize("value", ["17", "410.00", "4,543.20 EUR"])
def test_a_short_number_or_an_amount_is_no_number_of_a_document(value: str) -> None:
    assert "number" not in read(form(f"Number of this document | {value}"))
