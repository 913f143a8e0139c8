"""The line in which words of a document are looked for: a field, how many places there are, the next and the last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QToolButton

from views.context import Context
from views.icons import pixmap
from views.strings import tr
from views.widgets import label, row

_PAUSE = 200  # ms after the last letter


class FindBar(QFrame):
    """Enter goes on, Shift+Enter back, Ctrl+Enter captures the place that is looked at, Esc closes."""

    wanted = Signal(str)
    stepped = Signal(int)
    capture_asked = Signal()
    closed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.text = QLineEdit()
        self.text.setClearButtonEnabled(True)
        self.count = label("", "soft")
        self.before, self.after, self.capture, self.close_button = (QToolButton() for _ in range(4))
        self.before.setText("‹")
        self.after.setText("›")
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(lambda: self.wanted.emit(self.text.text()))
        self.text.textChanged.connect(lambda _: self._pause.start())
        self.text.installEventFilter(self)
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        self.capture.clicked.connect(self.capture_asked)
        self.close_button.clicked.connect(self.leave)
        line = row(self.text, self.count, self.before, self.after, self.capture, self.close_button, spacing=4)
        line.setStretch(0, 1)
        self.setLayout(line)
        self.set_texts()
        self.hide()

    def set_texts(self) -> None:
        """Set words and pictures for the language and theme in force."""
        self.text.setPlaceholderText(tr("reading.find.hint"))
        self.text.setAccessibleName(tr("reading.find.hint"))
        soft = self._context.theme.colours.soft
        self.capture.setIcon(pixmap("pen", soft, 16))
        self.close_button.setIcon(pixmap("close", soft, 14))
        for press, name in (
            (self.before, "before"),
            (self.after, "after"),
            (self.capture, "capture"),
            (self.close_button, "close"),
        ):
            press.setToolTip(tr(f"reading.find.{name}"))
            press.setAccessibleName(tr(f"reading.find.{name}"))

    def open(self) -> None:
        """Show the line; what it held before is looked for again."""
        self.show()
        self.text.setFocus()
        self.text.selectAll()
        if self.text.text():
            self.wanted.emit(self.text.text())

    def leave(self) -> None:
        """Hide the line; nothing is looked for any more."""
        self._pause.stop()
        self.hide()
        self.closed.emit()

    def show_count(self, at: int, found: int, page: int = 0, pages: int = 0) -> None:
        """``3 of 17``; with ``page`` of ``pages`` while pages are still looked through; "none" at the end."""
        if page and not found:
            words = tr("reading.find.looking", page=page, pages=pages)
        elif not self.text.text().strip():
            words = ""
        else:
            words = tr("reading.find.count", at=at + 1, found=found) if found else tr("reading.find.none")
        self.count.setText(words + (" …" if page and found else ""))
        for press in (self.before, self.after, self.capture):
            press.setEnabled(found > 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) and isinstance(event, QKeyEvent):
            act = self._act_of(event)
            if act is not None:
                event.accept()
                if event.type() == QEvent.Type.KeyPress:
                    act()
                return True
        return super().eventFilter(watched, event)

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        if event.key() == Qt.Key.Key_Escape:
            return self.leave
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return None
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return self.capture_asked.emit
        back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return lambda: self.stepped.emit(-1 if back else 1)
