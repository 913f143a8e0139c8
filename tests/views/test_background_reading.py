"""Documents that wait: how they stand in the list and beside the page, and what a person can do about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from app.domain.facts import Stance
from app.domain.waiting import WaitingDocument, WaitingState
from app.errors import EnvironmentFault, InputError
from app.ports import no_progress
from app.usecases.read_waiting import STOPPED
from tests.views.case_fixture import CASE_ID, SHA, case_view
from tests.views.case_stage import Stage
from views.background_reading import BackgroundReading, ReadingStep
from views.main_window import MainWindow
from views.panels.document_list import Entry, entries_of

SCAN = SHA["card"]
WAITING = WaitingDocument(CASE_ID, SCAN, "A. Lind")
FAILED = replace(WAITING, state=WaitingState.FAILED, why="The file is not a readable picture.", remedy="Ask for it.")


class Refusing:
    """Readers that raise what they are told to."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def cancel(self) -> None: ...

    def close(self) -> None: ...

    def read_content(self, *_: Any, progress: Any = no_progress, **__: Any) -> Any:
        raise self.error


@pytest.fixture
def opened(stage: Callable[..., Stage]) -> Callable[..., Stage]:
    """``opened(waiting)`` shows the case with a document that waits, at that document."""

    def make(waiting: WaitingDocument = WAITING, language: str = "en") -> Stage:
        at = stage(case_view(), language)
        with at.workspace.transaction() as stores:
            stores.waiting.put(waiting)
        at.open()
        at.screen.evidence.show_document(SCAN)
        at.settle()
        return at

    return make


def entry_of(at: Stage) -> Entry:
    """The document as the list shows it."""
    shown = (at.screen.documents.list.item(row) for row in range(at.screen.documents.list.count()))
    return next(entry for item in shown if (entry := item.data(0x100)).document.sha256 == SCAN)


def action(at: Stage, text: str) -> QAction:
    return next(each for each in at.screen.documents.menu_of(SCAN).actions() if each.text() == text)


def test_a_waiting_document_says_so_and_can_be_stopped(opened: Callable[..., Stage]) -> None:
    at = opened()
    assert entry_of(at).note.endswith("waiting to be read")
    assert entry_of(at).stance is Stance.NEUTRAL
    assert at.screen.evidence.no_fields.title.text() == "Waiting to be read"
    action(at, "Stop reading").trigger()
    at.settle()
    assert entry_of(at).note.endswith("not read: The reading was stopped.")
    assert entry_of(at).stance is Stance.ADVERSE
    with at.workspace.read() as stores:
        assert [each.why for each in stores.waiting.of_case(CASE_ID)] == [STOPPED]


def test_a_document_that_failed_says_why_and_can_be_read_again(opened: Callable[..., Stage]) -> None:
    at = opened(FAILED)
    pane = at.screen.evidence.no_fields
    assert (pane.title.text(), pane.detail.text()) == ("Not read", "The file is not a readable picture. Ask for it.")
    pane.retry.click()
    at.settle()
    with at.workspace.read() as stores:
        (waiting,) = stores.waiting.of_case(CASE_ID)
    assert waiting.state is WaitingState.WAITING
    assert action(at, "Stop reading").isEnabled()


@pytest.mark.parametrize(("language", "words"), [("en", "reading page 3 of 12"), ("zh", "正在读取第 3 页，共 12 页")])
def test_progress_stands_in_the_list_and_beside_the_page(
    opened: Callable[..., Stage], language: str, words: str
) -> None:
    at = opened(language=language)
    at.context.refresh.reading_moved.emit(ReadingStep(CASE_ID, SCAN, 3, 12))
    assert entry_of(at).note.endswith(words)
    assert entry_of(at).share == pytest.approx(2 / 12)
    assert at.screen.evidence.no_fields.title.text() == words[:1].upper() + words[1:]
    at.context.refresh.reading_moved.emit(ReadingStep("C-2026-000999", SCAN, 4, 12))
    assert entry_of(at).share is None, "the same file in another case"
    at.context.refresh.reading_moved.emit(None)
    assert entry_of(at) == next(
        each for each in entries_of(case_view(waiting=(WAITING,))) if each.document.sha256 == SCAN
    )


def test_a_failure_is_told_once_and_the_others_go_on(opened: Callable[..., Stage]) -> None:
    at = opened()
    other = replace(WAITING, sha256=SHA["payslip"])
    with at.workspace.transaction() as stores:
        stores.waiting.put(other)
    at.desk.reading.__dict__["_readers"] = Refusing(InputError("file", "It is damaged.", remedy="Ask again."))
    reading, said = BackgroundReading(at.context, at.screen), []
    reading.told.connect(said.append)
    reading.wake()
    reading.wake()
    at.settle()
    assert len(said) == 2
    assert all("It is damaged." in words for words in said)
    assert at.errors == []
    with at.workspace.read() as stores:
        assert {each.state for each in stores.waiting.of_case(CASE_ID)} == {WaitingState.FAILED}
    assert entry_of(at).note.endswith("not read: It is damaged.")


def test_what_the_machine_lacks_is_told_and_the_document_waits_on(opened: Callable[..., Stage]) -> None:
    at = opened()
    at.desk.reading.__dict__["_readers"] = Refusing(EnvironmentFault("A model is missing.", remedy="Install again."))
    BackgroundReading(at.context, at.screen).wake()
    at.settle()
    assert [error.message for error in at.errors] == ["A model is missing."]
    with at.workspace.read() as stores:
        assert stores.waiting.count() == 1


def test_the_bar_at_the_top_leads_to_the_document(opened: Callable[..., Stage], qtbot: QtBot) -> None:
    at = opened()
    window = MainWindow(at.context)
    qtbot.addWidget(window)
    assert not window.top.reading.isVisibleTo(window)
    at.context.refresh.reading_moved.emit(ReadingStep(CASE_ID, SCAN, 3, 12))
    assert window.top.reading.text() == "Reading page 3 of 12"
    window.top.reading.click()
    at.settle()
    screen = window._case_screen()
    qtbot.waitUntil(lambda: screen.evidence._sha256 == SCAN, timeout=10_000)
    at.context.refresh.reading_moved.emit(None)
    assert not window.top.reading.isVisibleTo(window)
