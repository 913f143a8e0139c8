"""Reading a document in the window: fields as boxes and list, search, capture, kinds, findings that open their page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.case import FileSign
from app.domain.facts import Fact, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.layout import Segment
from app.domain.pages import DrawnPage
from app.domain.reading import DocumentField, Mark, ReadResult
from app.ports import no_progress
from data.catalogue import load_catalogue
from tests.views.case_fixture import CASE_ID, DOCUMENTS, SHA, case_view
from tests.views.case_stage import Stage
from views.background_reading import BackgroundReading, ReadingStep
from views.models.case_reading import kind_name, mark_of, paper_of
from views.models.document_fields import Trust, fields_of, next_doubtful, trust_of
from views.panels.capture_dialog import CaptureDialog
from views.panels.document_list import entries_of, warnings_of
from views.panels.kind_dialog import KindDialog
from views.parts.page_image import page_image
from views.parts.thumbnails import Thumbnails
from views.strings import LANGUAGES, use_language

SLIP = SHA["payslip"]
CATALOGUE = load_catalogue()


def value_box(row: int) -> tuple[float, float, float, float]:
    return (325.0, 116.0 + 24 * row, 390.0, 131.0 + 24 * row)


def read(name: str, value: Any, unit: str, row: int, **more: Any) -> Fact:
    source = Source(SourceKind.DOCUMENT, SLIP, 1, value_box(row), raw="x")
    return new_fact(CASE_ID, f"document.payslip.{name}", value, unit, source, **more)


GROSS = read("gross_pay", Decimal("3180.00"), "EUR", 2)
TAX = read("deductions", Decimal("730.00"), "EUR", 3, confidence=Decimal("0.62"))
PAID = read("pay_date", date(2026, 10, 25), "date", 5, confirmed_by="A. Lind")
EXTRA = (GROSS, TAX, PAID)


@pytest.fixture
def desk(stage: Callable[..., Stage]) -> Callable[..., Stage]:
    """``desk()`` shows the case with more fields on its payslip, which is open."""

    def make(**changes: Any) -> Stage:
        view = case_view()
        facts = tuple(sorted((*view.facts, *EXTRA), key=lambda fact: (fact.name, fact.id)))
        at = stage(replace(view, **({"facts": facts} | changes)))
        at.workspace.catalogue = CATALOGUE
        at.open()
        at.screen.show_document(SLIP)
        at.settle()
        return at

    return make


def labels(at: Stage) -> list[str]:
    return [row.label for row in at.screen.evidence.fields.rows]


def test_the_fields_of_a_document_are_listed_by_place_and_boxed_on_its_page(desk: Callable[..., Stage]) -> None:
    at = desk()
    evidence = at.screen.evidence
    assert labels(at) == ["Gross pay", "Deductions", "Documented net monthly income", "Pay date"]
    trusts = [row.trust for row in evidence.fields.rows]
    assert trusts == [Trust.SURE, Trust.DOUBTFUL, Trust.SURE, Trust.CONFIRMED]
    marks = {mark.key: mark for mark in evidence.viewer.page.marks()}
    assert len(marks) == 4
    assert marks[TAX.id].colour == "amber"
    assert "Deductions: 730.00 EUR" in marks[TAX.id].tip
    assert "0.62" in marks[TAX.id].tip
    assert evidence.fields.isVisible()
    assert not evidence.card.isVisible()


def test_arrows_go_through_the_fields_and_n_to_the_doubtful_ones(desk: Callable[..., Stage], qtbot: QtBot) -> None:
    at = desk()
    evidence = at.screen.evidence
    evidence.fields.setCurrentRow(2)
    QTest.keyClick(evidence.fields, Qt.Key.Key_Down)
    at.settle()
    assert evidence.fact() == PAID
    QTest.keyClick(evidence.fields, Qt.Key.Key_Up)
    at.settle()
    assert evidence.fields.currentRow() == 2
    QTest.keyClick(evidence.fields, Qt.Key.Key_N)
    at.settle()
    assert evidence.fact() == TAX
    assert evidence.viewer.page.marked() is not None
    assert evidence.fields.isVisible()
    assert evidence.back.isHidden()


def test_enter_confirms_the_field_and_the_list_tells(desk: Callable[..., Stage], qtbot: QtBot) -> None:
    at = desk()
    evidence = at.screen.evidence
    evidence.fields.setCurrentRow(1)
    at.settle()
    QTest.keyClick(evidence.fields, Qt.Key.Key_Return)
    at.settle()
    row = evidence.fields.rows[1]
    assert (row.label, row.trust, row.fact.confirmed_by) == ("Deductions", Trust.CONFIRMED, at.desk.person)
    assert at.errors == []


def test_a_click_on_a_box_chooses_its_field(desk: Callable[..., Stage], qtbot: QtBot) -> None:
    at = desk()
    page = at.screen.evidence.viewer.page
    place = page._sheet.placed(value_box(3)).center().toPoint()
    QTest.mouseClick(page._sheet, Qt.MouseButton.LeftButton, pos=place)
    at.settle()
    assert at.screen.evidence.fact() == TAX
    assert at.screen.evidence.fields.currentRow() == 1


def test_a_figure_shows_its_card_and_the_tab_brings_the_list(desk: Callable[..., Stage]) -> None:
    at = desk()
    evidence = at.screen.evidence
    at.screen.show_fact(GROSS.id)
    at.settle()
    assert evidence.card.isVisible()
    assert not evidence.fields.isVisible()
    evidence.tabs.setCurrentIndex(1)
    assert evidence.fields.isVisible()
    assert evidence.fields.currentRow() == 0


def test_a_document_without_fields_says_what_can_be_done(desk: Callable[..., Stage]) -> None:
    at = desk()
    at.screen.show_document(SHA["card"])
    at.settle()
    assert at.screen.evidence.no_fields.isVisible()
    assert "rectangle" in at.screen.evidence.no_fields.detail.text()


def test_the_reading_view_stands_over_the_middle_until_escape(desk: Callable[..., Stage]) -> None:
    at = desk()
    screen = at.screen
    screen.set_reading(True)
    at.settle()
    assert not screen.middle.isVisible()
    assert screen.evidence.width() > screen.documents.width() * 3
    assert screen.evidence.fields.isVisible()
    screen._on_escape()
    assert screen.middle.isVisible()
    screen.set_reading(True)
    screen.show_tab("overview")
    assert screen.middle.isVisible()


def test_words_are_looked_up_on_all_pages(desk: Callable[..., Stage]) -> None:
    at = desk()
    at.screen.show_document(SHA["form"])
    at.settle()
    viewer = at.screen.evidence.viewer
    viewer.open_find()
    viewer.lookup.look_for("declaration")
    viewer.find_bar.text.setText("declaration")
    at.settle()
    assert viewer.page_label.text() == "2 of 2"
    assert len(viewer.page.hits()) == 1
    viewer.find_bar.text.setText("month")
    QTest.qWait(250)
    at.settle()
    assert viewer.find_bar.count.text() == "1 of 3"
    viewer.lookup.step(-1)
    assert viewer.find_bar.count.text() == "3 of 3"
    viewer.find_bar.text.setText("nothing of the sort")
    QTest.qWait(250)
    at.settle()
    assert viewer.find_bar.count.text() == "not found"
    viewer.find_bar.leave()
    assert viewer.page.hits() == ()


def test_a_captured_value_is_kept_with_its_place(desk: Callable[..., Stage]) -> None:
    at = desk()
    viewer = at.screen.evidence.viewer
    viewer.page.drawn.emit((32.0, 62.0, 120.0, 78.0))
    at.settle()
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, CaptureDialog)
    assert dialog.value.text() == "Lönespecifikation"
    assert dialog.names.shown()[0] == "document.payslip.employee"
    dialog.names.text.setText("position")
    assert dialog.names.current() == "document.payslip.position"
    dialog.value.setText("Driver")
    dialog.submit()
    at.settle()
    assert at.errors == []
    fact = next(row.fact for row in at.screen.evidence.fields.rows if row.label == "Position")
    assert (fact.value, fact.source.person, fact.source.raw) == ("Driver", at.desk.person, "Lönespecifikation")
    assert fact.source.box == (32.0, 62.0, 120.0, 78.0)
    assert trust_of(fact) is Trust.CORRECTED


def test_what_is_missing_or_refused_is_said_in_the_dialog(desk: Callable[..., Stage]) -> None:
    at = desk()
    at.screen.evidence.viewer.page.drawn.emit((300.0, 400.0, 380.0, 420.0))
    at.settle()
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, CaptureDialog)
    assert "No words" in dialog.hint.text()
    dialog.submit()
    assert dialog.error.text() == "A value is needed."
    dialog.names.choose("document.payslip.pay_date")
    assert "25 Oct 2026" in dialog.replaces.text()
    dialog.value.setText("some day")
    dialog.submit()
    at.settle()
    assert dialog.isVisible()
    assert "Pay date" in dialog.error.text()
    dialog.reject()


class ScriptedReaders:
    """Reads every document as what it is told to be."""

    def cancel(self) -> None: ...

    def close(self) -> None: ...

    def read_content(
        self, name: str, content: bytes, kind: str, *, pages: Any = None, progress: Any = no_progress
    ) -> ReadResult:
        progress(0, 1, "page")
        found = DocumentField("supplier", "Orion Logistics AB", "ORION LOGISTICS AB", page=1, box=(32, 36, 200, 54))
        return ReadResult(SLIP, 1544, kind, "application/pdf", 1, note="1 field read", details=(found,))


def test_a_kind_is_changed_from_the_list_and_the_fields_read_anew(desk: Callable[..., Stage]) -> None:
    at = desk()
    at.desk.reading.__dict__["_readers"] = ScriptedReaders()
    moved: list[ReadingStep | None] = []
    said: list[str] = []
    reading = BackgroundReading(at.context, at.screen)
    reading.told.connect(said.append)
    at.context.refresh.reading_moved.connect(moved.append)
    at.screen.documents.ask_kind()
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, KindDialog)
    assert dialog.kinds.current() == "payslip"
    assert not dialog.keep.isEnabled()
    dialog.kinds.text.setText("receipt")
    assert dialog.kinds.current() == "invoice"
    dialog.submit()
    at.settle()
    assert at.errors == []
    assert [step.words for step in moved if step] == ["being read…", "reading page 1 of 1"]
    assert moved[-1] is None
    assert said == ["payslip-2026-10.pdf is now: Invoice or receipt. Facts read: 0."]
    view = at.screen.view
    assert view is not None
    assert next(each for each in view.documents if each.sha256 == SLIP).kind == "invoice"
    assert labels(at) == ["Supplier"]
    assert "document.classified" in [event.what for event in view.events]


def test_a_finding_about_documents_opens_its_place(desk: Callable[..., Stage]) -> None:
    names = Finding(
        "identity.names_differ:x", "identity.names_differ", "documents", Stance.ADVERSE, Materiality.MAJOR, (TAX.id,)
    )
    altered = Finding(
        f"document.altered:{SHA['certificate'][:12]}.edited",
        "document.altered",
        "documents",
        Stance.ADVERSE,
        Materiality.NOTABLE,
        (),
    )
    births = Finding(
        "identity.birth_dates_differ",
        "identity.birth_dates_differ",
        "documents",
        Stance.ADVERSE,
        Materiality.MAJOR,
        (),
        detail="id-card.png, application.pdf",
    )
    at = desk(findings=(*case_view().findings, names, altered, births))
    view = at.screen.view
    assert view is not None
    assert paper_of(view, names)[0] == TAX
    at.show_tab("overview")
    overview = at.screen.overview
    for finding, name in ((altered, "certificate"), (births, "form")):
        overview._on_finding(finding.id)
        at.settle()
        assert at.screen.evidence._sha256 == SHA[name]
    overview._on_finding(names.id)
    at.settle()
    assert at.screen.evidence.fact() == TAX


def test_a_finding_about_a_changed_file_opens_the_page_where_it_shows(desk: Callable[..., Stage]) -> None:
    mark = Mark(1, (300.0, 400.0, 360.0, 412.0), "9,450.00")
    sign = FileSign("pdf.fonts", "amounts set in several fonts: 9,450.00", (mark,))
    documents = tuple(replace(each, signs=(sign,)) if each.sha256 == SLIP else each for each in case_view().documents)
    finding = Finding(
        f"document.altered:{SLIP[:12]}.pdf.fonts",
        "document.altered",
        "documents",
        Stance.ADVERSE,
        Materiality.NOTABLE,
        (),
    )
    at = desk(documents=documents, findings=(*case_view().findings, finding))
    at.show_tab("overview")
    at.screen.overview._on_finding(finding.id)
    at.settle()
    shown = at.screen.evidence.viewer
    assert at.screen.evidence._sha256 == SLIP
    assert (shown._place.page, shown._place.box) == (1, mark.box)
    assert mark_of(documents[0], finding) is (mark if documents[0].sha256 == SLIP else None)


def test_a_doubtful_kind_and_signs_stand_in_the_list() -> None:
    document = replace(DOCUMENTS[1], kind_confidence=0.62, signs=(FileSign("edited", "It was edited."),))
    assert warnings_of(document) == ["probably Payslip · 62 %", "1 sign of a change"]
    assert warnings_of(DOCUMENTS[1]) == []
    assert warnings_of(replace(document, kind="unknown", signs=())) == []
    view = replace(case_view(), documents=(document,))
    (entry,) = entries_of(view)
    assert entry.stance is Stance.ADVERSE


def test_every_kind_has_its_catalogue_name_in_both_languages() -> None:
    assert CATALOGUE.papers is not None
    for language in LANGUAGES:
        use_language(language)
        for kind in CATALOGUE.papers.kinds.values():
            if kind.id != "credit_report":  # "Bureau report" for short
                assert kind_name(kind.id) == kind.label[language]
    use_language("en")


def test_the_next_doubtful_field_is_sought_around_the_end() -> None:
    view = replace(case_view(), facts=EXTRA)
    rows = fields_of(view, SLIP, CATALOGUE, "en")
    assert [next_doubtful(rows, at) for at in (-1, 0, 1, 2)] == [1, 1, 1, 1]
    assert next_doubtful([row for row in rows if row.trust is not Trust.DOUBTFUL], 0) is None
    assert next_doubtful([], -1) is None


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_turn_with_the_page_and_a_rectangle_comes_back(desk: Callable[..., Stage], turn: int) -> None:
    at = desk()
    page = at.screen.evidence.viewer.page
    page.set_turn(turn)
    at.settle()
    box = value_box(3)
    placed = page._sheet.placed(box)
    assert page._sheet.sheet().contains(placed)
    upright = placed.width() > placed.height()
    assert upright is (turn in (0, 180))
    assert page._sheet.box_of(placed) == pytest.approx(box, abs=0.01)


def test_a_drawn_rectangle_is_a_box_and_escape_gives_it_up(desk: Callable[..., Stage], qtbot: QtBot) -> None:
    at = desk()
    page = at.screen.evidence.viewer.page
    drawn: list[Any] = []
    page.drawn.disconnect()
    page._sheet.drawn.connect(drawn.append)
    start, end = (page._sheet.placed(value_box(0)).topLeft().toPoint(), QPoint(0, 0))
    end = start + QPoint(40, 12)
    QTest.mousePress(page._sheet, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(page._sheet, end)
    assert page.drop_drag()
    QTest.mouseRelease(page._sheet, Qt.MouseButton.LeftButton, pos=end)
    assert drawn == []
    QTest.mousePress(page._sheet, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(page._sheet, end)
    QTest.mouseRelease(page._sheet, Qt.MouseButton.LeftButton, pos=end)
    (box,) = drawn
    assert box[:2] == pytest.approx(value_box(0)[:2], abs=1.5)


def test_the_strip_asks_for_the_pages_in_sight_one_by_one(desk: Callable[..., Stage], qtbot: QtBot) -> None:
    strip = Thumbnails(desk().context)
    qtbot.addWidget(strip)
    asked: list[int] = []
    strip.asked.connect(asked.append)
    strip.resize(98, 330)
    strip.show()
    strip.show_document(500)
    qtbot.waitUntil(lambda: asked == [1])
    drawing = DrawnPage(1, 500, 100.0, 141.0, across=64, down=90, pixels=bytes(4 * 64 * 90))
    for page in (1, 2, 3):
        strip.show_picture(page, page_image(drawing))
        qtbot.waitUntil(lambda page=page: page + 1 in asked or page == 3)  # type: ignore[misc]
    strip.show_page(400)
    qtbot.waitUntil(lambda: bool(asked) and asked[-1] > 390)
    assert len(asked) < 12


def test_a_file_of_several_documents_names_them_all(desk: Callable[..., Stage]) -> None:
    several = tuple(
        replace(each, note="2 documents", segments=(Segment(1, 1, "payslip", 0.99), Segment(2, 3, "lease", 0.97)))
        if each.sha256 == SLIP
        else each
        for each in DOCUMENTS
    )
    at = desk(documents=several)
    entry = next(each for each in entries_of(at.screen.view) if each.document.sha256 == SLIP)
    assert entry.title == "Payslip + Lease"
    assert "Payslip 1, Lease 2–3" in entry.note
    assert labels(at)[0] == "Payslip: Gross pay"  # of which document, where there are several
