"""The dialog in which a part of the inventory is registered, approved or retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QDialog, QFormLayout, QLineEdit, QWidget

from app.domain.inventory import Act, Entry
from app.domain.register import same_person
from app.errors import WorkbenchError
from views.context import Context
from views.strings import tr
from views.widgets import button, column, error_text, label, row

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed; ``text`` is the purpose, the note or the reason."""

    act: Act
    person: str
    text: str
    owner: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class InventoryDialog(QDialog):
    """Asks what the act needs; ``submitted(Said)``. It stays until it is accepted."""

    submitted = Signal(object)

    def __init__(self, context: Context, act: Act, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(tr(f"inventory.dialog.{act.value}"))
        self._act = act
        today = context.desk.clock.now().date()
        own = any(same_person(context.desk.person, name) for name in (entry.registered_by, entry.part.author))
        self.person = QLineEdit("" if act is Act.APPROVED and own else context.desk.person)
        self.owner = QLineEdit(entry.owner)
        self.text = QLineEdit(entry.purpose if act is Act.REGISTERED else "")
        self.valid_from, self.valid_to = _day(today), _day(today + YEAR)
        self.ends = QCheckBox(tr("inventory.dialog.ends"))
        self.ends.toggled.connect(self.valid_to.setEnabled)
        self.valid_to.setEnabled(False)
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        self.keep = button(tr(f"inventory.act.{act.value}"), self.submit, "danger" if act is Act.RETIRED else "primary")
        self.keep.setDefault(True)
        self._lay_out(entry)

    def _lay_out(self, entry: Entry) -> None:
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        about = label(tr(f"inventory.dialog.{self._act.value}_text"), "soft")
        about.setWordWrap(True)
        form = QFormLayout()
        form.setSpacing(8)
        for key, field in self._fields():
            field.setAccessibleName(tr(f"inventory.dialog.{key}"))
            form.addRow(tr(f"inventory.dialog.{key}"), field)
        title = label(
            f"{tr(f'inventory.kind.{entry.part.kind.value}')} · {entry.part.name} {entry.part.version}", "subtitle"
        )
        body = column(title, about, spacing=12, margins=(24, 20, 24, 18))
        body.addLayout(form)
        body.addWidget(self.error)
        body.addLayout(row(0, leave, self.keep))
        self.setLayout(body)
        self.setMinimumWidth(500)

    def _fields(self) -> list[tuple[str, QWidget]]:
        match self._act:
            case Act.REGISTERED:
                return [("person", self.person), ("owner", self.owner), ("purpose", self.text)]
            case Act.APPROVED:
                end = QWidget()
                end.setLayout(row(self.ends, self.valid_to))
                return [
                    ("person", self.person),
                    ("valid_from", self.valid_from),
                    ("valid_to", end),
                    ("note", self.text),
                ]
        return [("person", self.person), ("reason", self.text)]

    def submit(self) -> None:
        """Hand what was typed over."""
        self.error.hide()
        self.keep.setEnabled(False)
        approving = self._act is Act.APPROVED
        self.submitted.emit(
            Said(
                self._act,
                self.person.text(),
                self.text.text(),
                self.owner.text(),
                _date(self.valid_from) if approving else None,
                _date(self.valid_to) if approving and self.ends.isChecked() else None,
            )
        )

    def refuse(self, error: WorkbenchError) -> None:
        """Say why it was not taken."""
        message, remedy = error_text(error)
        self.error.setText(f"{message} {remedy}".strip())
        self.error.show()
        self.keep.setEnabled(True)


def _day(day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setDisplayFormat("yyyy-MM-dd")
    made.lineEdit().setTextMargins(8, 0, 0, 0)
    return made


def _date(field: QDateEdit) -> date:
    day = field.date()
    return date(day.year(), day.month(), day.day())
