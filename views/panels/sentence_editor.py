"""Writing a sentence in place: an editor the size of the sentence, saved by Ctrl+Enter and left by Escape."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QVBoxLayout

from views.context import Context
from views.parts.chip import KeyButton
from views.strings import tr
from views.widgets import label, row

MAX_LENGTH = 1000


class SentenceEditor(QFrame):
    """Emits the new text once, or that it was left as it was."""

    saved = Signal(str)
    left = Signal()

    def __init__(self, context: Context, text: str, *, caption: str) -> None:
        super().__init__()
        self._before = text
        self.text = _Words(context)
        self.text.setPlainText(text)
        self.text.setAccessibleName(caption)
        self.text.asked_save.connect(self.save)
        self.text.asked_leave.connect(self.left)
        self.hint = label(tr("case.editor.hint"), "caption")
        self.hint.setWordWrap(True)
        self.keep, self.leave = KeyButton(context, "primary"), KeyButton(context)
        self.keep.show_text(tr("button.save"), "Ctrl ↵")
        self.leave.show_text(tr("button.cancel"), "Esc")
        self.keep.clicked.connect(self.save)
        self.leave.clicked.connect(self.left)
        self.text.textChanged.connect(self._on_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 6)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self.hint)
        column.addLayout(row(self.keep, self.leave, 0))
        self._on_changed()

    def begin(self) -> None:
        """Take the keyboard, with the text selected ready to be replaced or moved through."""
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        cursor = self.text.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.text.setTextCursor(cursor)

    def save(self) -> None:
        """Hand the text over; one that did not change is left instead."""
        words = self.words()
        if not words or len(words) > MAX_LENGTH:
            return
        if words == self._before:
            self.left.emit()
        else:
            self.saved.emit(words)

    def words(self) -> str:
        """The text on one line."""
        return " ".join(self.text.toPlainText().split())

    def _on_changed(self) -> None:
        length = len(self.words())
        self.keep.setEnabled(0 < length <= MAX_LENGTH)
        self.text.updateGeometry()


class _Words(QPlainTextEdit):
    """Grows with its text; Ctrl+Enter and Escape are the editor's."""

    asked_save = Signal()
    asked_leave = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setFont(context.theme.font(16, serif=True))
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        lines = max(2, round(self.document().size().height()) + 1)
        return QSize(400, min(8, lines) * self.fontMetrics().lineSpacing() + 22)

    def event(self, event: QEvent) -> bool:
        """Claim the editor's own keys before any shortcut of the window takes them."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_Escape:
            self.asked_leave.emit()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked_save.emit()
        else:
            super().keyPressEvent(event)


def _is_own(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Escape or (control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter))
