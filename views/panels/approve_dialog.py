"""The dialog in which a second person approves a scorecard."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QDateEdit, QDialog, QFormLayout, QLineEdit, QWidget

from app.domain.register import ScorecardEntry, same_person
from app.errors import WorkbenchError
from views.context import Context
from views.strings import tr
from views.widgets import button, column, error_text, label, row


class ApproveDialog(QDialog):
    """Asks who approves, from when and on what ground. ``submitted(person, valid from, note)``."""

    submitted = Signal(str, object, str)

    def __init__(self, context: Context, entry: ScorecardEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(tr("scores.approve.title"))
        today = context.desk.clock.now().date()
        own = same_person(context.desk.person, entry.author) or same_person(context.desk.person, entry.person)
        self.person = QLineEdit("" if own else context.desk.person)
        self.valid_from = QDateEdit(QDate(today.year, today.month, today.day))
        self.valid_from.setDisplayFormat("yyyy-MM-dd")
        self.valid_from.lineEdit().setTextMargins(8, 0, 0, 0)
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("scores.approve.note_hint"))
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        self.keep = button(tr("scores.approve.keep"), self.submit, "primary")
        self.keep.setDefault(True)
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        form = QFormLayout()
        form.setSpacing(8)
        for key, field in (("person", self.person), ("valid_from", self.valid_from), ("note", self.note)):
            field.setAccessibleName(tr(f"scores.approve.{key}"))
            form.addRow(tr(f"scores.approve.{key}"), field)
        text = label(tr("scores.approve.text", author=entry.author, adder=entry.person or entry.author), "soft")
        text.setWordWrap(True)
        body = column(
            label(f"{entry.title(context.language)} · {entry.version}", "subtitle"),
            text,
            spacing=12,
            margins=(24, 20, 24, 18),
        )
        body.addLayout(form)
        body.addWidget(self.error)
        body.addLayout(row(0, leave, self.keep))
        self.setLayout(body)
        self.setMinimumWidth(480)

    def submit(self) -> None:
        """Hand what was typed over; the dialog stays until it is accepted."""
        self.error.hide()
        self.keep.setEnabled(False)
        day = self.valid_from.date()
        self.submitted.emit(self.person.text(), date(day.year(), day.month(), day.day()), self.note.text())

    def refuse(self, error: WorkbenchError) -> None:
        """Say why it was not taken."""
        message, remedy = error_text(error)
        self.error.setText(f"{message} {remedy}".strip())
        self.error.show()
        self.keep.setEnabled(True)
