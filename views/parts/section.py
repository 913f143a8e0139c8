"""A part of a panel that is worked out off the UI thread: it waits, has nothing to show, fails, or shows its body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from app.errors import WorkbenchError
from app.ports import Progress
from views.context import Context
from views.strings import tr
from views.widgets import button, error_text, label, row


class Section(QWidget):
    """A heading over a body; ``family`` is the table of its texts (``heading loading failed empty``)."""

    def __init__(self, context: Context, family: str, body: QWidget) -> None:
        super().__init__()
        self._context, self._family, self.body = context, family, body
        self._asked: tuple[str, Callable[[Progress], Any], Callable[[Any], None]] | None = None
        self._shown = ""  # what the body shows, by the name it was asked under
        self.heading, self.note = label("", "heading"), label("", "soft")
        self.note.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.retry = button("", self._again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        self.head = row(self.heading, 0)
        column.addLayout(self.head)
        column.addLayout(row(self.bar, self.note))
        column.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(body)
        self.show_empty()

    def ask(self, name: str, op: Callable[[Progress], Any], show: Callable[[Any], None]) -> None:
        """Work ``op`` out on the read lane and ``show`` it; what is shown under the same ``name`` stays meanwhile."""
        self.heading.setText(tr(f"{self._family}.heading").upper())
        self._asked = name, op, show
        if name != self._shown:
            self._shown = ""
            self._say(tr(f"{self._family}.loading"), busy=True)

        def done(value: Any) -> None:
            self._shown = name
            self._say("", body=True)
            show(value)

        self._context.tasks.run(op, done, self, "read", key="section", failed=self._on_failed)

    def show_empty(self) -> None:
        """Say that there is nothing to show."""
        self._shown = ""
        self._say(tr(f"{self._family}.empty"))

    def _on_failed(self, error: WorkbenchError) -> None:
        self._shown = ""
        self._say(" ".join(filter(None, (tr(f"{self._family}.failed"), *error_text(error)))), retry=True)

    def _again(self) -> None:
        if self._asked is not None:
            self.ask(*self._asked)

    def _say(self, words: str, *, busy: bool = False, retry: bool = False, body: bool = False) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.bar.setVisible(busy)
        self.retry.setText(tr("case.retry"))
        self.retry.setVisible(retry)
        self.body.setVisible(body)
