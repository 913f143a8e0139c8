"""The dialogs in which a draft is added to the workspace, and in which a second person activates a version."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QWidget

from app.domain.register import same_person
from app.errors import WorkbenchError
from views.context import Context
from views.policy_jobs import Entry
from views.strings import tr
from views.widgets import button, column, error_text, label, row


class PolicyDialog(QDialog):
    """Asks who, and on what ground; for a draft also under which name. ``submitted(version, person, note)``."""

    submitted = Signal(str, str, str)

    def __init__(self, context: Context, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = "submit" if entry.editable else "activate"
        self.setModal(True)
        self.setWindowTitle(tr(f"policy.{self.kind}.title"))
        own = not entry.editable and same_person(context.desk.person, entry.person)
        self.version = QLineEdit(entry.version)
        self.person = QLineEdit("" if own else context.desk.person)
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr(f"policy.{self.kind}.note_hint"))
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        self.keep = button(tr(f"policy.{self.kind}.keep"), self.submit, "primary")
        self.keep.setDefault(True)
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        form = QFormLayout()
        form.setSpacing(8)
        fields = {"version": self.version, "person": self.person, "note": self.note}
        for key, field in fields.items():
            if key != "version" or entry.editable:
                field.setAccessibleName(tr(f"policy.dialog.{key}"))
                form.addRow(tr(f"policy.dialog.{key}"), field)
        text = label(tr(f"policy.{self.kind}.text", person=entry.person), "soft")
        text.setWordWrap(True)
        title = label(f"{entry.policy} {entry.version}", "subtitle")
        body = column(title, text, spacing=12, margins=(24, 20, 24, 18))
        body.addLayout(form)
        body.addWidget(self.error)
        body.addLayout(row(0, leave, self.keep))
        self.setLayout(body)
        self.setMinimumWidth(500)

    def submit(self) -> None:
        """Hand what was typed over; the dialog stays until it is accepted."""
        self.error.hide()
        self.keep.setEnabled(False)
        self.submitted.emit(self.version.text().strip(), self.person.text(), self.note.text())

    def refuse(self, error: WorkbenchError) -> None:
        """Say why it was not taken."""
        message, remedy = error_text(error)
        self.error.setText(f"{message} {remedy}".strip())
        self.error.show()
        self.adjustSize()
        self.keep.setEnabled(True)
