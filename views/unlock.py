"""Asking for the passphrase of a workspace, from any thread."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.bootstrap.portable import home
from app.errors import Cancelled
from views.strings import tr
from views.widgets import button, ending, label, row

SHORTEST = 8  # characters of a new passphrase


class PassphraseDialog(QDialog):
    """Asks for the passphrase, or for a new one twice; ``passphrase()`` is what was typed."""

    def __init__(self, *, new: bool, problem: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._new = new
        self.setWindowTitle(tr("app.name"))
        self.setFixedWidth(440)
        text = label(tr(f"start.{'new' if new else 'locked'}_{'stick' if home() else 'text'}"), "soft")
        text.setWordWrap(True)
        self.first = self._field("start.passphrase")
        self.second = self._field("start.again")
        self.second.setVisible(new)
        self.problem = label(problem, "adverse")
        self.problem.setWordWrap(True)
        self.problem.setVisible(bool(problem))
        self.accept_button = button(tr("start.choose" if new else "start.unlock"), self._on_accept, "primary")
        self.accept_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(12)
        title = label(tr("start.new_title" if new else "start.locked_title"), "title")
        for each in (title, text, self.first, self.second, self.problem):
            layout.addWidget(each)
        layout.addLayout(row(0, button(tr("button.cancel"), self.reject), self.accept_button))

    def _field(self, key: str) -> QLineEdit:
        made = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        made.setPlaceholderText(tr(key))
        made.setAccessibleName(tr(key))
        return made

    def passphrase(self) -> str:
        return self.first.text()

    def _on_accept(self) -> None:
        problem = self._problem()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if not problem:
            self.accept()

    def _problem(self) -> str:
        if self._new and len(self.first.text()) < SHORTEST:
            return tr("start.short", count=SHORTEST)
        if self._new and self.first.text() != self.second.text():
            return tr("start.differ")
        return ""


class Asker(QObject):
    """``ask(new)`` shows the dialog on the UI thread and waits for it, whichever thread it is called from."""

    _wanted = Signal(bool, object)

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""  # shown at the next asking
        self._wanted.connect(self._on_wanted, Qt.ConnectionType.QueuedConnection)

    def ask(self, new: bool) -> str:
        """The passphrase; raises ``Cancelled`` when the person closes the dialog."""
        if QThread.currentThread() is self.thread():
            return _given(self._dialog(new))
        answer = _Answer()
        self._wanted.emit(new, answer)
        answer.ready.wait()
        return _given(answer.text)

    def _on_wanted(self, new: bool, answer: _Answer) -> None:
        try:
            answer.text = self._dialog(new)
        finally:
            answer.ready.set()

    def _dialog(self, new: bool) -> str | None:
        with ending(PassphraseDialog(new=new, problem=self.problem)) as dialog:
            return dialog.passphrase() if dialog.exec() == QDialog.DialogCode.Accepted else None


class _Answer:
    """What the UI thread hands back to the waiting one."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.ready = threading.Event()


def _given(text: str | None) -> str:
    if text is None:
        raise Cancelled
    return text
