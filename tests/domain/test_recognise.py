"""Kinds by content, with probabilities, and "unknown" as an answer."""

# ruff: noqa: E501 - each case stands on one line

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.document_kinds import UNKNOWN, Recognition
from app.domain.kind_words import paper_of
from app.domain.layout import Layout
from app.domain.recognise import Scale, kind_of, probabilities
from data.kinds import kind_words
from tests.domain.pages_of_words import form, layout

PAGES = {
    "payslip": ("Payslip October 2026", "Employee: Anna Lind", "Gross pay | 4,620.00", "Net pay | 3,450.00"),
    "bank_statement": ("Account statement", "Account number: 123456789", "Opening balance | 100.00", "01.10.2026 Rent | -50.00",
                       "03.10.2026 Salary | 900.00", "05.10.2026 Card | -20.00", "07.10.2026 Card | -30.00", "Closing balance | 900.00"),
    "lease": ("Mietvertrag", "Vermieter: Anna Lind", "Mieter: Karl Berg", "Monatliche Miete: 900,00 EUR", "Kaution: 1.800,00 EUR"),
    "invoice": ("Facture", "Facture n°: F219", "Total HT | 100,00 €", "TVA 20 % | 20,00 €", "Total TTC | 120,00 €"),
    "business_licence": ("营业执照", "统一社会信用代码：91350100M000100Y43", "名称：海港物流有限公司", "法定代表人：王小雨"),
    "passport": ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    "call_transcript": ("Officer: Good morning.", "Applicant: Hello.", "Officer: Your name?", "Applicant: Anna.", "Officer: Thank you.",
                        "Applicant: Goodbye."),
    "diploma": ("University of Wessex", "has conferred upon", "Anna Lind", "the degree of Bachelor of Science"),
}  # fmt: skip


def told(page: Layout) -> Recognition:
    return kind_of(paper_of(page, kind_words()), Scale())


@pytest.mark.parametrize("kind", PAGES)
def test_kinds(kind: str) -> None:
    found = told(form(*PAGES[kind]))
    assert found.kind == kind
    assert found.confidence > 0.5


@pytest.mark.parametrize(
    "lines", [(), ("Lorem ipsum dolor sit amet",), ("Menu of the day", "Soup | 4.00", "Fish of the harbour")]
)
def test_what_is_no_kind_is_unknown(lines: tuple[str, ...]) -> None:
    assert told(form(*lines)).kind == UNKNOWN


def test_a_title_counts_more_where_titles_stand() -> None:
    title = told(layout([(60, 60, "Payslip", 22.0), (60, 120, "Some words of any letter")]))
    buried = told(
        layout(
            [
                (60, 60, "Some words of any letter"),
                (60, 700, "we do not send a payslip to any other address than yours"),
            ]
        )
    )
    assert title.kind == "payslip"
    assert dict([(buried.kind, buried.confidence), *buried.alternatives]).get("payslip", 0.0) < title.confidence


def test_slips_of_recognition_are_forgiven() -> None:
    texts = [(60.0, 60.0, "Paysl1p", 20.0), (60.0, 100.0, "Gross qay:"), (300.0, 100.0, "4,620.00"), (60.0, 120.0, "Ernployee"),
             (60.0, 140.0, "Net pay:"), (300.0, 140.0, "3,450.00")]  # fmt: skip
    assert told(layout(texts, method="ocr", confidence=0.95)).kind == "payslip"


@given(st.dictionaries(st.sampled_from(["payslip", "lease", "invoice"]), st.floats(-20, 60), min_size=1))
def test_probabilities_add_up(scores: dict[str, float]) -> None:
    chances = probabilities(scores, Scale())
    assert sum(chances.values()) == pytest.approx(1)
    assert set(chances) == {*scores, UNKNOWN}


def test_no_answer_is_certain() -> None:
    assert told(form(*(PAGES["payslip"] * 3))).confidence <= Scale().ceiling < 1


def test_a_social_security_card_is_an_identity_card() -> None:
    page = form("SOCIAL SECURITY", "123-45-6789", "THIS NUMBER HAS BEEN ESTABLISHED FOR", "ANNA LIND")
    assert told(page).kind == "national_id"


def written(*lines: str, off: float, confidence: float = 1.0) -> Layout:
    """A picture of a few lines whose words stand by turns ``off`` points above and below their line."""
    page = form(*lines).pages[0]
    moved = [
        replace(
            word, confidence=confidence, box=(word.box[0], word.box[1], word.box[2], word.box[3] + (-off, off)[at % 2])
        )
        for at, word in enumerate(page.words)
    ]
    return Layout((replace(page, words=tuple(moved), method="ocr"),), 1)


LETTER = ("Dear Clara", "we had rain for days and sat at home", "come and see us soon", "love Anna")


def test_handwriting_is_told_by_lines_that_no_printer_sets() -> None:
    assert told(form(*LETTER)).kind == UNKNOWN
    assert told(written(*LETTER, off=0.0)).kind == UNKNOWN
    assert told(written(*LETTER, off=0.6)).kind == "handwritten_note"
    assert told(written(*LETTER, off=0.3, confidence=0.7)).kind == "handwritten_note"


def test_a_form_or_a_table_is_no_note_however_it_was_copied() -> None:
    rows = ("Payslip", "Employee: Anna Lind", "Gross pay: 4,620.00", "Net pay: 3,450.00", "Pay date: 28.10.2026")
    assert told(written(*rows, off=0.6, confidence=0.7)).kind == "payslip"


def test_what_a_note_says_tells_it_where_it_is_typed() -> None:
    assert (
        told(form("I owe Karl Berg 400 EUR and promise to pay back all of it", "borrowed from him in cash")).kind
        == "handwritten_note"
    )
