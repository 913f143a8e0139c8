"""Small widgets every screen is built of: labels and buttons by role, the notice, the empty state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.errors import InputError, WorkbenchError
from views.icons import pixmap
from views.strings import tr
from views.theme import Theme, set_role

NOTICE_MILLISECONDS = 6000
L = TypeVar("L", bound=QBoxLayout)
W = TypeVar("W", bound=QWidget)


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label of plain text: nothing from a file is ever read as markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def button(text: str, on_click: Callable[[], object], role: str = "", *, name: str = "") -> QPushButton:
    """A push button; ``name`` is what a screen reader says where the text does not."""
    made = QPushButton(text)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if role:
        made.setProperty("role", role)
    if name:
        made.setAccessibleName(name)
    made.clicked.connect(lambda: on_click())
    return made


def row(*items: QWidget | int, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A horizontal layout of widgets; a 0 stretches, another number is a gap in pixels."""
    return _filled(QHBoxLayout(), items, spacing, margins)


def column(*items: QWidget | int, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """A vertical layout of widgets; a 0 stretches, another number is a gap in pixels."""
    return _filled(QVBoxLayout(), items, spacing, margins)


def _filled(layout: L, items: tuple[QWidget | int, ...], spacing: int, margins: tuple[int, int, int, int]) -> L:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if isinstance(item, QWidget):
            layout.addWidget(item)
        elif item == 0:
            layout.addStretch(1)
        else:
            layout.addSpacing(item)
    return layout


def frame(layout: QLayout, role: str = "card") -> QFrame:
    """A frame of that role around a layout."""
    made = QFrame()
    made.setProperty("role", role)
    made.setLayout(layout)
    return made


def hairline() -> QFrame:
    """A one pixel line across."""
    made = QFrame()
    made.setProperty("role", "line")
    made.setFixedHeight(1)
    return made


def shortcut(keys: str, owner: QWidget, on_press: Callable[[], object], *, window_wide: bool = False) -> QShortcut:
    """A shortcut that works while ``owner`` or a widget in it has the focus, or anywhere in the window."""
    made = QShortcut(QKeySequence(keys), owner)
    scope = Qt.ShortcutContext
    made.setContext(scope.WindowShortcut if window_wide else scope.WidgetWithChildrenShortcut)
    made.activated.connect(lambda: on_press())
    return made


@contextmanager
def quietly(*objects: QObject) -> Iterator[None]:
    """Change widgets without their signals."""
    before = [each.blockSignals(True) for each in objects]
    try:
        yield
    finally:
        for each, was in zip(objects, before, strict=True):
            each.blockSignals(was)


@contextmanager
def ending(widget: W) -> Iterator[W]:
    """Destroy a window of its own when done with it.

    Its buttons' slots hold it in a circle; left to the interpreter's end it would be destroyed after Qt's own parts,
    which ends in "shared QObject was deleted directly" and a crash.
    """
    try:
        yield widget
    finally:
        if shiboken6.isValid(widget):
            shiboken6.delete(widget)


class _AfterPaint(QObject):
    def __init__(self, widget: QWidget, act: Callable[[], object]) -> None:
        super().__init__(widget)
        self._act = act
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, watched, self._act)
            self.deleteLater()
        return False


def after_paint(widget: QWidget, act: Callable[[], object]) -> None:
    """Do something once the widget has been painted again; soon, where it cannot be seen."""
    if widget.isVisible():
        _AfterPaint(widget, act)
    else:
        QTimer.singleShot(0, widget, act)


def choices(box: QComboBox, items: list[tuple[str, str]], chosen: str | None = None) -> None:
    """Fill a box with (data, text) without a signal, keeping or setting the choice by data."""
    keep = box.currentData() if chosen is None else chosen
    with quietly(box):
        box.clear()
        for data, text in items:
            box.addItem(text, data)
        box.setCurrentIndex(max(0, box.findData(keep)))


def error_text(error: WorkbenchError) -> tuple[str, str]:
    """Message with its place, and remedy."""
    if isinstance(error, InputError):
        bare = InputError(error.field, error.message, file=error.file, line=error.line, column=error.column)
        return str(bare), error.remedy
    return error.message, error.remedy


class Notice(QFrame):
    """A line across the top of a screen: an error with its remedy until closed, or a good word for a while."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self._theme = theme
        self._picture = label()
        self.message = label(role="value")
        self.remedy = label(role="soft")
        self.message.setWordWrap(True)
        self.remedy.setWordWrap(True)
        self._close = button(tr("button.close"), self.hide, "quiet")
        texts = column(self.message, self.remedy, spacing=1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(20, 8, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(texts, 1)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def show_error(self, error: WorkbenchError) -> None:
        """Show what happened and what to do; stays until closed."""
        message, remedy = error_text(error)
        self._show(message, remedy, "notice-adverse", "warning", self._theme.colours.adverse)
        self._timer.stop()

    def show_word(self, text: str, more: str = "") -> None:
        """Show that something went well, for a few seconds."""
        self._show(text, more, "notice-favourable", "check", self._theme.colours.favourable)
        self._timer.start(NOTICE_MILLISECONDS)

    def show_news(self, text: str, more: str) -> None:
        """Show something good to know; stays until closed."""
        self.show_word(text, more)
        self._timer.stop()

    def _show(self, message: str, remedy: str, role: str, icon: str, colour: str) -> None:
        self._close.setText(tr("button.close"))
        self._picture.setPixmap(pixmap(icon, colour, 18))
        self.message.setText(message)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        set_role(self, role)
        self.setAccessibleName(message)
        self.show()


class EmptyState(QWidget):
    """What a screen shows in place of nothing: a picture, what is the case, what to do."""

    acted = Signal()

    def __init__(self, icon: str, theme: Theme) -> None:
        super().__init__()
        self._icon = icon
        self._picture = label()
        self.title = label(role="subtitle")
        self.text = label(role="soft")
        self.text.setWordWrap(True)
        self.text.setFixedWidth(420)
        self.action = button("", self.acted.emit, "primary")
        for each in (self._picture, self.title, self.text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = column(0, self._picture, 4, self.title, self.text, 6, spacing=6)
        layout.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        layout.setAlignment(self.text, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(layout)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._picture.setPixmap(pixmap(self._icon, theme.colours.soft, 44, width=1.2))

    def set_texts(self, title: str, text: str, action: str = "") -> None:
        """Set the words; without ``action`` there is no button."""
        self.title.setText(title)
        self.text.setText(text)
        self.text.setMinimumHeight(self.text.heightForWidth(self.text.width()) if text else 0)
        self.action.setText(action)
        self.action.setVisible(bool(action))


class ElidedLabel(QLabel):
    """A label that ends in … where it has no room; the whole text is its tool tip."""

    def __init__(self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._mode = mode
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """It may shrink to little more than the ellipsis."""
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, shortened to the width at hand."""
        painter = QPainter(self)
        box = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), self._mode, box.width())
        self.setToolTip("" if text == self.text() else self.text())
        painter.drawText(box, int(self.alignment()), text)
        painter.end()
