"""The small widgets: the notice, the empty state, shortened labels, boxes filled without a signal."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from app.errors import EnvironmentFault, InputError, WorkbenchError
from views.theme import theme_named
from views.widgets import ElidedLabel, EmptyState, Notice, button, choices, error_text, label, quietly, row


@pytest.mark.parametrize(
    ("error", "message", "remedy"),
    [
        (InputError("file", "It is empty.", remedy="Choose another."), "It is empty.", "Choose another."),
        (
            InputError("cell", "It is no number.", file="a.csv", line=7, column="Amount"),
            "a.csv, line 7, column Amount: It is no number.",
            "",
        ),
        (EnvironmentFault("No model.", remedy="Install one."), "No model.", "Install one."),
    ],
)
def test_an_error_is_told_with_its_place_and_its_remedy_apart(error: WorkbenchError, message: str, remedy: str) -> None:
    assert error_text(error) == (message, remedy)


def test_a_good_word_goes_by_itself_and_an_error_stays(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.widgets.NOTICE_MILLISECONDS", 30)
    notice = Notice(theme_named("light"))
    qtbot.addWidget(notice)
    notice.show_word("Saved.")
    assert notice.isVisible()
    qtbot.waitUntil(lambda: not notice.isVisible())
    notice.show_word("Saved.")
    notice.show_error(InputError("x", "No."))
    qtbot.wait(80)
    assert notice.isVisible()
    assert notice.accessibleName() == "No."


def test_the_empty_state_leaves_room_for_all_its_words(qtbot: QtBot) -> None:
    state = EmptyState("import", theme_named("light"))
    qtbot.addWidget(state)
    state.set_texts("Nothing", "word " * 60, "Go on")
    state.resize(900, 600)
    state.show()
    metrics = QFontMetrics(state.text.font())
    assert state.text.height() >= metrics.lineSpacing() * 3
    with qtbot.waitSignal(state.acted):
        state.action.click()
    state.set_texts("Nothing", "")
    assert not state.action.isVisible()


def test_a_long_label_is_shortened_and_tells_itself_whole(qtbot: QtBot) -> None:
    shown = ElidedLabel("a very long name of a file that has no room at all.csv", mode=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(shown)
    shown.resize(80, 20)
    shown.grab()
    assert shown.toolTip() == shown.text()
    shown.resize(900, 20)
    shown.grab()
    assert shown.toolTip() == ""
    assert shown.minimumSizeHint().width() == 40


def test_a_box_keeps_its_choice_over_new_texts_without_a_signal(qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    choices(box, [("a", "First"), ("b", "Second")], "b")
    with qtbot.assertNotEmitted(box.currentIndexChanged):
        choices(box, [("a", "一"), ("b", "二")])
    assert (box.currentData(), box.currentText()) == ("b", "二")
    choices(box, [("a", "一")])
    assert box.currentData() == "a"


def test_quietly_gives_the_signals_back(qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    with quietly(box):
        box.addItem("a")
    with qtbot.waitSignal(box.currentIndexChanged):
        box.setCurrentIndex(-1)


def test_labels_never_read_markup(qtbot: QtBot) -> None:
    assert label("<b>x</b>").textFormat() == Qt.TextFormat.PlainText


def test_rows_stretch_at_zero_and_leave_gaps(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    first, last = button("a", lambda: None), button("b", lambda: None, name="the last")
    host.setLayout(row(first, 0, last))
    host.resize(600, 40)
    host.show()
    assert last.geometry().right() >= 595
    assert first.geometry().left() == 0
    assert last.accessibleName() == "the last"
