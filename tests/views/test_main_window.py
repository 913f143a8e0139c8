"""The main window: screens, palette, notice, language, theme, keyboard and dropped files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import InputError
from views.context import Context
from views.main_window import MainWindow
from views.panels.case_screen import TABS
from views.panels.rail import SCREENS
from views.theme import DARK, apply_theme, theme_named

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, shell_context: MakeContext, settle: Settle) -> Iterator[MainWindow]:
    context = shell_context(12)
    apply_theme(qapp, context.theme)
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.show()
    made.start()
    settle()
    yield made
    apply_theme(qapp, theme_named("light"))


def test_it_opens_on_the_queue(window: MainWindow) -> None:
    assert window.rail.selected() == "queue"
    assert window.stack.currentWidget() is window.panel("queue")
    assert window.panel("queue").model.rowCount() == 12  # type: ignore[attr-defined]


def test_the_pills_tell_who_works_here(window: MainWindow) -> None:
    assert window.top.offline.text() == "Offline"
    assert window.top.person.text() == "Underwriter · authority 15,000"
    assert "authority 5.1: signs up to 15,000 EUR" in window.top.person.toolTip()


def test_the_case_screen_is_built_in_pieces_while_nobody_waits(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "case" in window._screens, timeout=5000)
    screen: Any = window._screens["case"]
    qtbot.waitUntil(lambda: hasattr(screen, "bar") and not screen.build_more(), timeout=5000)
    assert window.panel("case") is screen


def test_a_case_opened_before_its_screen_is_built_finds_it_whole(qtbot: QtBot, shell_context: MakeContext) -> None:
    made = MainWindow(shell_context(3))
    qtbot.addWidget(made)
    made._make_case_ahead()
    screen: Any = made._screens["case"]
    assert not hasattr(screen, "tabs")
    assert made.panel("case") is screen
    assert screen.tabs.count() == screen.pages.count() == len(TABS)
    assert screen.pages.currentWidget() is screen.report
    assert [screen.split.widget(at) for at in range(3)] == [screen.documents, screen.middle, screen.evidence]
    made._make_case_ahead()
    assert made._screens["case"] is screen


@pytest.mark.parametrize("name", ["settings", "models"])
def test_every_rail_entry_opens_its_screen(window: MainWindow, settle: Settle, name: str) -> None:
    window.rail.buttons[name].click()
    settle()
    assert window.stack.currentWidget() is window.panel(name)
    assert window.rail.selected() == name


def test_without_a_case_the_case_screen_leads_to_the_queue(window: MainWindow) -> None:
    window.rail.buttons["case"].click()
    empty = window.stack.currentWidget()
    assert empty.title.text() == "No case is open"  # type: ignore[union-attr]
    empty.acted.emit()  # type: ignore[union-attr]
    assert window.rail.selected() == "queue"


def test_the_window_speaks_chinese_at_once_and_keeps_it(window: MainWindow, settle: Settle) -> None:
    window.show_screen("settings")
    window.panel("settings").language.buttons["zh"].click()  # type: ignore[attr-defined]
    settle()
    assert window.rail.buttons["queue"].text() == "队列"
    assert window.top.offline.text() == "离线"
    with window.context.desk.workspace.read() as stores:
        assert stores.settings.get("ui.language") == "zh"


def test_the_dark_theme_dresses_everything_and_is_kept(window: MainWindow, settle: Settle) -> None:
    window.show_screen("settings")
    window.panel("settings").theme.buttons["dark"].click()  # type: ignore[attr-defined]
    settle()
    assert window.context.theme.dark
    window.show_screen("queue")
    image = window.grab().toImage()
    ground = image.pixelColor(image.width() - 40, image.height() - 6)
    assert ground.lightness() < 60
    assert window.context.theme.colours is DARK
    with window.context.desk.workspace.read() as stores:
        assert stores.settings.get("ui.theme") == "dark"


def test_an_error_stands_in_the_notice_until_closed(window: MainWindow) -> None:
    window.context.tasks.errored.emit(
        InputError("file", "It is empty.", remedy="Choose another.", file="a.csv", line=3)
    )
    assert window.notice.isVisible()
    assert window.notice.message.text() == "a.csv, line 3: It is empty."
    assert window.notice.remedy.text() == "Choose another."
    window.notice._close.click()
    assert not window.notice.isVisible()


# The palette


def test_the_palette_finds_a_case_and_opens_it(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    opened: list[str] = []
    window.palette_box._open_case = opened.append
    window.open_palette()
    QTest.keyClicks(window.palette_box.box, "LN-70003")
    qtbot.waitUntil(lambda: [entry.title for entry in window.palette_box.entries()] == ["Dana Novak"])
    QTest.keyClick(window.palette_box.box, Qt.Key.Key_Return)
    assert opened == ["C-2026-000004"]
    assert not window.palette_box.isVisible()


def test_the_palette_finds_an_action(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    window.open_palette()
    settle()
    QTest.keyClicks(window.palette_box.box, "go to sett")
    qtbot.waitUntil(lambda: [entry.title for entry in window.palette_box.entries()] == ["Go to Settings"])
    QTest.keyClick(window.palette_box.box, Qt.Key.Key_Return)
    assert window.rail.selected() == "settings"


def test_the_palette_moves_by_the_arrows_and_stays_within(window: MainWindow, settle: Settle) -> None:
    window.open_palette()
    settle()
    box, listed = window.palette_box.box, window.palette_box.list
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert listed.currentRow() == 0
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert listed.currentRow() == 1
    for _ in range(10):
        QTest.keyClick(box, Qt.Key.Key_PageDown)
    assert listed.currentRow() == listed.count() - 1


def test_escape_and_a_click_elsewhere_close_the_palette(window: MainWindow, settle: Settle) -> None:
    window.open_palette()
    QTest.keyClick(window.palette_box.box, Qt.Key.Key_Escape)
    assert not window.palette_box.isVisible()
    window.open_palette()
    settle()
    QTest.mouseClick(window.top, Qt.MouseButton.LeftButton, pos=QPoint(window.top.width() - 400, 5))
    assert not window.palette_box.isVisible()


def test_names_from_files_are_never_markup(window: MainWindow) -> None:
    window.context.tasks.errored.emit(InputError("file", "<b>bold</b>"))
    assert window.notice.message.textFormat() == Qt.TextFormat.PlainText


# The keyboard


def test_each_screen_has_its_keys(qtbot: QtBot, window: MainWindow, settle: Settle) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for number, name in enumerate(SCREENS, 1):
        if name in ("queue", "models", "settings"):
            QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
            settle()
            assert window.rail.selected() == name
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_box.isVisible()


# Dropping


def _dragged(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def _enter(window: MainWindow, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dragEnterEvent(event)
    return event


def test_files_over_the_window_raise_the_veil_and_text_does_not(window: MainWindow, tmp_path: Path) -> None:
    text = QMimeData()
    text.setText("hello")
    _enter(window, text)
    assert not window.veil.isVisible()
    _enter(window, _dragged(tmp_path / "a.csv"))
    assert window.veil.isVisible()


def test_dropped_files_go_to_the_import(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[list[Path]] = []
    monkeypatch.setattr(window, "import_paths", offered.append)
    data = _dragged(tmp_path / "a.csv", tmp_path / "folder")
    _enter(window, data)
    drop = QDropEvent(
        QPointF(300, 300), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(drop)
    assert offered == [[tmp_path / "a.csv", tmp_path / "folder"]]
    assert not window.veil.isVisible()
