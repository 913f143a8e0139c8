"""Letters as PDF and DOCX: the same sentences in both, in both languages, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from docx import Document

from app.adapters.rendering import TypstRenderer
from app.bootstrap.places import fonts_folder
from app.domain.case import Case, Decision, Outcome, Reason
from app.domain.letters import Letter, Matter, compose
from app.domain.notices import LetterKind
from app.domain.rulepacks import Lender
from data.letter_words import load_letter_words
from data.rulepack_files import list_rulepacks, load_rulepack
from tests.decided_case import decided_workspace

RENDERER = TypstRenderer(fonts_folder())
WORDS = load_letter_words()
DAY = date(2026, 11, 22)
CASE = Case("C-2026-000418", "418", "Ana <b>&\u0007 李雷", "instalment-loan", Decimal(12000), "EUR", 36, DAY)
LENDER = Lender("Nordlys Finance & Co", "1 Harbor Street\nPortland", "+1 555", "occ", "", "PO Box 1", "+1 800")
ALL = [(kind, language, pack) for kind in LetterKind for language in ("en", "zh") for pack in list_rulepacks()]


def letter(kind: LetterKind, language: str, pack: str = "us-ecoa-reg-b", **more: Any) -> Letter:
    workspace, case_id = decided_workspace()
    with workspace.read() as stores:
        score = stores.scores.get(case_id)
    outcome = Outcome.COUNTER_OFFER if kind is LetterKind.COUNTER_OFFER else Outcome.DECLINE
    reasons = (Reason("C1-09", None, "Excessive obligations" if language == "en" else "债务相对收入过高"),)
    decision = Decision(
        outcome, Decimal("8500.00"), "EUR", 36, Decimal("9.90"), ("Proof of employment",), "r", reasons, "Vera Prüfer",
        "senior-underwriter", "authority 5.2", None, datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip
    matter = Matter(
        case=CASE,
        on=DAY,
        lender=LENDER,
        pack=load_rulepack(pack, DAY),
        decision=decision,
        reasons=reasons,
        score=score,
        score_on=DAY,
        key_factors=("Length of employment", "Term of the credit requested"),
        bureau="Sample Credit Bureau",
        basis=("score", "payslip", "credit_report"),
        policy="instalment-loan 1.0",
        asked=("A recent payslip", "Proof of address"),
        answer_by=date(2026, 12, 22),
    )
    return compose(kind, replace(matter, **more), WORDS[language], WORDS["en"], language)


def squeezed(text: str) -> str:
    """Without what line breaks change."""
    return re.sub(r"\s+", "", text.replace("\u2011", "-"))


def pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def docx_text(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    found = []
    for block in document.element.body.iter():
        if block.tag.endswith("}t"):
            found.append(block.text or "")
    return " ".join(found)


@pytest.mark.parametrize(("kind", "language", "pack"), ALL)
def test_both_forms_hold_every_sentence(kind: LetterKind, language: str, pack: str) -> None:
    written = letter(kind, language, pack)
    data = written.to_json()
    in_pdf, in_docx = squeezed(pdf_text(RENDERER.letter_pdf(data))), squeezed(docx_text(RENDERER.letter_docx(data)))
    shown = [text for text in written.texts() if "\u0007" not in text]
    assert len(shown) > 15
    for text in shown:
        assert squeezed(text) in in_pdf, text
        assert squeezed(text) in in_docx, text
    assert "李雷" in in_pdf
    assert "李雷" in in_docx


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_same_letter_is_the_same_bytes(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = letter(LetterKind.ACTION, language).to_json()
    pdf, docx = RENDERER.letter_pdf(data), RENDERER.letter_docx(data)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert TypstRenderer(fonts_folder()).letter_pdf(data) == pdf
    assert RENDERER.letter_docx(data) == docx
    assert RENDERER.letter_docx(letter(LetterKind.ACTION, language, on=date(2026, 11, 23)).to_json()) != docx


def test_the_pdf_is_archivable_and_tagged() -> None:
    pdf = RENDERER.letter_pdf(letter(LetterKind.ACTION, "en").to_json())
    assert b"pdfaid:part>2<" in pdf
    assert b"/MarkInfo" in pdf
    assert b"2026-11-22" in pdf


def test_the_word_document_is_dated_and_its_parts_have_one_date() -> None:
    content = RENDERER.letter_docx(letter(LetterKind.COUNTER_OFFER, "en").to_json())
    properties = Document(io.BytesIO(content)).core_properties
    assert (properties.author, properties.created.date()) == ("Nordlys Finance & Co", DAY)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.infolist()[0].filename == "[Content_Types].xml"


def test_a_long_request_runs_over_pages() -> None:
    asked = tuple(f"Paper {number}: " + "a long description of it " * 12 for number in range(40))
    data = letter(LetterKind.INCOMPLETE, "en", asked=asked).to_json()
    text = squeezed(pdf_text(RENDERER.letter_pdf(data)))
    assert all(squeezed(each) in text for each in asked)


def test_what_the_lender_has_not_set_is_a_marked_blank() -> None:
    written = letter(LetterKind.ACTION, "en", lender=Lender(), bureau="")
    assert set(written.blanks) == {"name", "address", "phone", "bureau", "bureau_address", "bureau_phone"}
    assert "[creditor's telephone number]" in written.texts()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_case_of_which_little_is_known_reads_well(language: str) -> None:
    bare = replace(CASE, applicant="", reference="", amount=None, term_months=None, product="other-thing")
    texts = letter(LetterKind.ACTION, language, case=bare, score=None, bureau=None).texts()
    assert WORDS[language]["greeting.unnamed"] in texts
    assert not any("None" in text or "{" in text for text in texts)
