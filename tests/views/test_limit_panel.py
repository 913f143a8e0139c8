"""The limit tab: base, steps and wish on the real desk; it moves as facts are confirmed and as the wish is set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.domain.case import Case
from app.domain.waiting import WaitingDocument
from tests.doubles import MemoryWorkspace
from tests.underwriting import GOOD, add_case, add_paper, add_payslip
from tests.views import case_files as files
from tests.views.case_stage import context_for
from views.panels.case_screen import CaseScreen
from views.panels.limit_panel import LimitPanel
from views.parts.limit_picture import LimitPicture
from views.strings import use_language
from views.tasks import Tasks
from views.theme import apply_theme, theme_named

PICTURES = Path(__file__).resolve().parents[2] / "build" / "screenshots"
Opened = tuple[CaseScreen, Case, MemoryWorkspace]


def _workspace(*, papers: bool = True) -> tuple[MemoryWorkspace, Case]:
    held = MemoryWorkspace()
    case = add_case(held, GOOD)
    add_payslip(held, case, "3450.00")
    if papers:
        pdf = files.certificate_pdf()
        add_paper(held, case, "diploma", "1", content=pdf, holder=case.applicant, institution="KTH")
        add_paper(held, case, "award_certificate", "2", content=pdf, holder=case.applicant, award="Prize")
        add_paper(held, case, "language_test", "3", "0.6", content=pdf, holder=case.applicant, score="7.5")
        add_paper(held, case, "property_deed", "4", content=pdf, owner="Somebody Else", property_address="Storgatan 1")
    return held, case


@pytest.fixture
def open_limit(qtbot: QtBot, tasks: Tasks, settle: Callable[[], None]) -> Iterator[Callable[..., Opened]]:
    """``open_limit(papers=False, language="zh", theme="dark")`` shows the limit tab of an assessed case."""

    def make(*, papers: bool = True, language: str = "en", theme: str = "light") -> Opened:
        held, case = _workspace(papers=papers)
        context = context_for(held, tasks, language, theme)
        context.desk.assess(case.id)
        screen = CaseScreen(context)
        qtbot.addWidget(screen)
        screen.resize(1500, 900)
        screen.show()
        screen.open_case(case.id)
        settle()
        screen.show_tab("limit")
        settle()
        return screen, case, held

    yield make
    use_language("en")


def rows(panel: LimitPanel) -> list[tuple[str, str, str]]:
    found = (panel.steps.row_at(panel.steps.index(at)) for at in range(panel.steps.rowCount()))
    return [(row.title, row.value, row.detail) for row in found if row is not None]


def test_base_steps_and_total_are_shown_with_why_a_document_moves_nothing(open_limit: Callable[..., Opened]) -> None:
    screen, _, _ = open_limit()
    panel = screen.limit
    told = rows(panel)
    assert [(title, value) for title, value, _ in told] == [
        ("Degree diploma", "+1,000.00 EUR"),
        ("Scholarship or award", "+150.00 EUR"),
        ("Language test report", "moves nothing"),
        ("Property title", "moves nothing"),
    ]
    assert told[1][2] == "Education: second document, counts less"
    assert told[2][2].startswith("A field that counts is missing or doubtful")
    assert told[3][2] == "It names somebody else"
    assert panel.figures["uplift"].value.text() == "1,150.00 EUR"
    assert panel.figures["cap"].value.text() == "5,000.00 EUR"
    assert panel.figure.text() == panel.figures["amount"].value.text()
    assert panel.picture.words() == f"Limit {panel.figure.text()}: base 50,000.00 EUR, documents 1,150.00 EUR"
    assert "Degree diploma" in panel.counted.text()


def test_a_step_opens_its_document_by_key(open_limit: Callable[..., Opened], qtbot: QtBot) -> None:
    screen, _, _ = open_limit()
    panel = screen.limit
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.steps.index(1))
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    fact = screen.evidence.fact()
    assert fact is not None
    assert (fact.name, fact.source.document) == ("credential.step", "2" * 64)
    assert screen.documents.current() == "2" * 64
    assert "Step of the limit: Education" in " ".join(
        each.text() for each in screen.evidence.findChildren(type(panel.figure))
    )


def test_the_limit_moves_when_a_fact_is_confirmed(
    open_limit: Callable[..., Opened], settle: Callable[[], None]
) -> None:
    screen, _, _ = open_limit()
    assert screen.view is not None
    before = screen.limit.figure.text()
    for fact in [each for each in screen.view.facts if each.name.startswith("document.language_test.")]:
        screen.jobs.confirm(fact.id)
    settle()
    assert rows(screen.limit)[2][1] == "+500.00 EUR"
    assert screen.limit.figure.text() != before


def test_the_wish_is_set_refused_and_taken_back(
    open_limit: Callable[..., Opened], settle: Callable[[], None], qtbot: QtBot
) -> None:
    screen, _, _ = open_limit()
    panel = screen.limit
    allowed = panel.figure.text()
    assert not panel.drop.isVisible()
    panel.wish.setFocus()
    qtbot.keyClicks(panel.wish, "much")
    qtbot.keyClick(panel.wish, Qt.Key.Key_Return)
    settle()
    assert panel.wish_error.isVisible()
    assert panel.wish.property("role") == "invalid"
    panel.wish.clear()
    qtbot.keyClicks(panel.wish, "8000")
    assert not panel.wish_error.isVisible()
    qtbot.keyClick(panel.wish, Qt.Key.Key_Return)
    settle()
    assert panel.figure.text() == "8,000.00 EUR"
    assert allowed in panel.standing.text()
    assert screen.view is not None
    assert screen.view.policy is not None
    assert screen.view.policy.outcome == "refer"
    panel.drop.click()
    settle()
    assert (panel.figure.text(), panel.wish.text()) == (allowed, "")


def test_without_documents_the_tab_says_so(open_limit: Callable[..., Opened]) -> None:
    screen, _, _ = open_limit(papers=False)
    panel = screen.limit
    assert panel.nothing.isVisible()
    assert not panel.list.isVisible()
    assert panel.counted.text().startswith("The policy counts: ")
    assert not panel.figures["cap"].isVisible()


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark"), ("en", "dark"), ("zh", "light")])
@pytest.mark.parametrize("papers", [True, False])
def test_pictures(
    open_limit: Callable[..., Opened],
    settle: Callable[[], None],
    qapp: QApplication,
    language: str,
    theme: str,
    *,
    papers: bool,
) -> None:
    apply_theme(qapp, theme_named(theme))
    try:
        screen, _, _ = open_limit(papers=papers, language=language, theme=theme)
        screen.limit.wished.emit("8000" if papers else None)
        settle()
        for wide, high in ((1600, 1000), (1280, 720)):
            screen.resize(wide, high)
            settle()
            assert fits(screen.limit)
            PICTURES.mkdir(parents=True, exist_ok=True)
            name = f"limit-{language}-{theme}-{wide}{'' if papers else '-empty'}.png"
            assert screen.grab().save(str(PICTURES / name))
    finally:
        apply_theme(qapp, theme_named("light"))


def fits(panel: QWidget) -> bool:
    """Whether nothing sticks out at the right."""
    parts = panel.findChildren(LimitPicture)
    return all(part.mapTo(panel, part.rect().topRight()).x() <= panel.width() for part in parts)


def test_a_document_that_is_not_read_yet_is_told_of(open_limit: Callable[..., Opened]) -> None:
    screen, case, held = open_limit()
    assert not screen.limit.unread.isVisible()
    with held.transaction() as stores:
        document = stores.documents.of_case(case.id)[0]
        stores.waiting.put(WaitingDocument(case.id, document.sha256, "A. Lind"))
        view = replace(screen.view, waiting=tuple(stores.waiting.of_case(case.id))) if screen.view else None
    assert view is not None
    screen.limit.show_case(view)
    assert screen.limit.unread.isVisible()
    assert screen.limit.unread.text() == "One document is not read yet; it may move the limit."
