"""The queue: paging, sorting, filtering, its states, and a million rows."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.case import Status
from app.domain.changes import Changes
from app.errors import EnvironmentFault
from app.ports import QueueQuery
from tests.views.shell_desk import ManyCases, filled_workspace
from views.context import Context
from views.models.queue_model import CASE_ROLE, COLUMNS, PAGE, PAGES_KEPT, QueueModel
from views.panels.queue_panel import QueuePanel
from views.strings import use_language

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


def column_of(field: str) -> int:
    return next(number for number, column in enumerate(COLUMNS) if column.field == field)


def texts(model: QueueModel, field: str, count: int = 5) -> list[str]:
    return [model.index(row, column_of(field)).data() for row in range(min(count, model.rowCount()))]


@pytest.fixture
def panel(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> QueuePanel:
    made = QueuePanel(shell_context(30))
    qtbot.addWidget(made)
    made.resize(1400, 700)
    made.show()
    made.reload()
    settle()
    return made


# The model


def test_it_shows_what_the_workspace_holds(panel: QueuePanel) -> None:
    assert panel.model.rowCount() == 30
    assert texts(panel.model, "id", 2) == ["C-2026-000001", "C-2026-000002"]
    assert texts(panel.model, "amount", 2) == ["1,500.00 EUR", "2,231.00 EUR"]
    assert texts(panel.model, "pd", 2) == ["–", "29.3 %"]
    assert panel.count.text() == "30 cases"


def test_a_case_without_an_applicant_shows_its_reference(panel: QueuePanel) -> None:
    assert texts(panel.model, "applicant", 7)[6] == "LN-70006"


def test_figures_stand_at_the_right(panel: QueuePanel) -> None:
    right = {
        column.field
        for number, column in enumerate(COLUMNS)
        if panel.model.index(0, number).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    }
    assert right == {"amount", "term_months", "points", "pd"}


@pytest.mark.parametrize("field", [column.field for column in COLUMNS])
def test_every_column_sorts_both_ways(panel: QueuePanel, settle: Settle, field: str) -> None:
    panel.model.sort(column_of(field), Qt.SortOrder.AscendingOrder)
    settle()
    up = [panel.model.case_at(row).id for row in range(30)]  # type: ignore[union-attr]
    panel.model.sort(column_of(field), Qt.SortOrder.DescendingOrder)
    settle()
    down = [panel.model.case_at(row).id for row in range(30)]  # type: ignore[union-attr]
    workspace = filled_workspace(30)
    assert up == [case.id for case in workspace.queue(QueueQuery(sort=field)).page(0, 30)]
    assert down == [case.id for case in workspace.queue(QueueQuery(sort=field, descending=True)).page(0, 30)]


def test_a_million_rows_are_fetched_by_the_page(shell_context: MakeContext, settle: Settle) -> None:
    workspace = ManyCases(1_000_000)
    model = QueueModel(shell_context(workspace))
    model.load(QueueQuery())
    settle()
    assert model.rowCount() == 1_000_000
    assert workspace.pages == [0]
    assert model.index(777_777, 0).data() == ""
    assert model.index(777_777, 0).data(CASE_ROLE) is None
    settle()
    assert model.index(777_777, 0).data() == "C-2026-777778"
    assert workspace.pages == [0, 777_777 // PAGE * PAGE]
    model.close()


def test_pages_scrolled_past_are_not_fetched(shell_context: MakeContext, settle: Settle) -> None:
    workspace = ManyCases(1_000_000)
    model = QueueModel(shell_context(workspace))
    model.load(QueueQuery())
    settle()
    for page in range(1, 500):
        model.case_at(page * PAGE)
    settle()
    assert workspace.pages == [0, 497 * PAGE, 498 * PAGE, 499 * PAGE]


def test_memory_is_bounded(shell_context: MakeContext, settle: Settle) -> None:
    model = QueueModel(shell_context(ManyCases(1_000_000)))
    model.load(QueueQuery())
    settle()
    for page in range(1, PAGES_KEPT + 30):
        model.case_at(page * PAGE)
        settle()
    assert len(model._pages) == PAGES_KEPT
    assert PAGES_KEPT + 29 in model._pages


def test_queues_are_given_back(shell_context: MakeContext, settle: Settle) -> None:
    workspace = ManyCases(1000)
    opened: list[object] = []
    make = workspace.queue
    workspace.queue = lambda query: opened.append(make(query)) or opened[-1]  # type: ignore[method-assign]
    model = QueueModel(shell_context(workspace))
    for text in ("a", "ab", "abc"):
        model.load(QueueQuery(text=text))
    settle()
    settle()
    assert [queue.closed for queue in opened].count(False) == 1  # type: ignore[attr-defined]
    model.close()
    settle()
    assert all(queue.closed for queue in opened)  # type: ignore[attr-defined]


def test_scrolling_a_million_rows_asks_for_pages_on_other_threads_only(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle
) -> None:
    workspace = ManyCases(1_000_000)
    panel = QueuePanel(shell_context(workspace))
    qtbot.addWidget(panel)
    panel.resize(1400, 800)
    panel.show()
    panel.reload()
    settle()
    bar = panel.table.verticalScrollBar()
    QApplication.processEvents()
    for step in range(60):
        bar.setValue(bar.maximum() * step // 60)
        panel.table.viewport().repaint()
        QApplication.processEvents()
    settle()
    assert panel.model.case_at(panel.table.rowAt(10)) is not None
    assert len(workspace.pages) > 1
    assert threading.get_ident() not in workspace.asked_by


# The panel


def test_search_waits_for_the_typing_to_end(qtbot: QtBot, panel: QueuePanel, settle: Settle) -> None:
    asked: list[object] = []
    panel.model.loading.connect(lambda: asked.append(panel.model.query.text))
    QTest.keyClicks(panel.search, "lund")
    qtbot.waitUntil(lambda: asked == ["lund"])
    settle()
    assert set(texts(panel.model, "applicant")) == {"Ada Lund"}
    assert panel.count.text() == "4 cases"


def test_filters_narrow_and_clear_restores(panel: QueuePanel, settle: Settle) -> None:
    panel.status.setCurrentIndex(panel.status.findData("drafted"))
    panel.outcome.setCurrentIndex(panel.outcome.findData("decline"))
    settle()
    assert panel.model.query == QueueQuery(status=Status.DRAFTED, policy_outcome="decline")
    assert {panel.model.case_at(row).status for row in range(panel.model.rowCount())} == {Status.DRAFTED}  # type: ignore[union-attr]
    assert panel.clear.isEnabled()
    panel.grade.setCurrentIndex(panel.grade.findData("A"))
    settle()
    panel.clear.click()
    settle()
    assert panel.model.rowCount() == 30
    assert not panel.clear.isEnabled()


def test_nothing_found_says_so_and_leads_back(panel: QueuePanel, settle: Settle) -> None:
    panel.search.setText("nobody of that name")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    settle()
    assert panel.stack.currentWidget() is panel.nothing_found
    panel.nothing_found.action.click()
    settle()
    assert panel.stack.currentWidget() is panel.table
    assert panel.model.rowCount() == 30


def test_a_text_may_be_looked_for_at_once(panel: QueuePanel, settle: Settle) -> None:
    panel.look_for("ilic")
    assert panel.model.query.text == "ilic"
    settle()
    assert set(texts(panel.model, "applicant")) == {"Goran Ilic"}
    assert panel.search.text() == "ilic"


def test_an_empty_workspace_calls_for_an_import(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> None:
    panel = QueuePanel(shell_context(0))
    qtbot.addWidget(panel)
    panel.reload()
    settle()
    assert panel.stack.currentWidget() is panel.empty
    with qtbot.waitSignal(panel.import_wanted):
        panel.empty.action.click()


def test_an_error_is_shown_with_a_way_to_try_again(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> None:
    workspace = filled_workspace(3)
    whole = workspace.queue

    def broken(query: QueueQuery) -> object:
        raise EnvironmentFault("The database is damaged.", remedy="Restore it from a backup.")

    workspace.queue = broken  # type: ignore[method-assign, assignment]
    panel = QueuePanel(shell_context(workspace))
    qtbot.addWidget(panel)
    panel.reload()
    settle()
    assert panel.stack.currentWidget() is panel.broken
    assert panel.broken.title.text() == "The database is damaged."
    assert panel.broken.text.text() == "Restore it from a backup."
    workspace.queue = whole  # type: ignore[method-assign]
    panel.broken.action.click()
    settle()
    assert panel.stack.currentWidget() is panel.table


def test_enter_opens_the_chosen_case(qtbot: QtBot, panel: QueuePanel) -> None:
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.opened) as signal:
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert signal.args == ["C-2026-000002"]


def test_a_double_click_opens_a_case(qtbot: QtBot, panel: QueuePanel) -> None:
    place = panel.table.visualRect(panel.model.index(3, 2)).center()
    with qtbot.waitSignal(panel.opened) as signal:
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert signal.args == ["C-2026-000004"]


def test_down_in_the_search_box_goes_to_the_table(qtbot: QtBot, panel: QueuePanel) -> None:
    panel.activateWindow()
    qtbot.waitExposed(panel)
    panel.search.setFocus()
    QTest.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.table.hasFocus()
    QApplication.sendEvent(
        panel, QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Slash, Qt.KeyboardModifier(0), "/")
    )
    panel._on_slash()
    assert panel.search.hasFocus()


def test_a_click_on_a_heading_sorts(panel: QueuePanel, settle: Settle) -> None:
    header = panel.table.horizontalHeader()
    at = column_of("amount")
    place = QPoint(header.sectionViewportPosition(at) + 30, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle()
    assert panel.model.query.sort == "amount"


def test_the_chosen_case_stays_chosen_over_a_change(panel: QueuePanel, settle: Settle) -> None:
    panel.table.selectRow(17)
    panel._context.refresh.broadcast(Changes.SCORE)
    settle()
    assert panel.table.currentIndex().row() == 17
    panel.model.sort(0, Qt.SortOrder.DescendingOrder)
    panel.reload()
    settle()
    assert panel.chosen() is not None


def test_changes_while_hidden_are_shown_at_the_next_look(panel: QueuePanel, settle: Settle) -> None:
    panel.hide()
    with panel._context.desk.workspace.transaction() as stores:
        stores.cases.add(
            reference="new", applicant="New Person", product="instalment-loan", amount=None, currency="EUR",
            term_months=None, received_on=None,
        )  # fmt: skip
    panel._context.refresh.broadcast(Changes.CASES)
    settle()
    assert panel.model.rowCount() == 30
    panel.show()
    settle()
    assert panel.model.rowCount() == 31


def test_changes_it_does_not_show_leave_it_alone(panel: QueuePanel) -> None:
    asked: list[int] = []
    panel.model.loading.connect(lambda: asked.append(1))
    panel._context.refresh.broadcast(Changes.SETTINGS | Changes.REJECTS)
    assert asked == []


def test_it_speaks_chinese_at_once(panel: QueuePanel) -> None:
    use_language("zh")
    panel._context.language = "zh"
    panel._context.refresh.language_changed.emit("zh")
    assert panel.count.text() == "30 个案件"
    assert panel.model.headerData(column_of("amount"), Qt.Orientation.Horizontal) == "金额"
    assert texts(panel.model, "term_months", 1) == ["12 个月"]
    assert panel.status.itemText(1) == "新建"


def test_every_input_has_a_name_for_a_screen_reader(panel: QueuePanel) -> None:
    for widget in (panel.search, panel.status, panel.outcome, panel.grade, panel.table):
        assert widget.accessibleName()
