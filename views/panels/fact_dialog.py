"""The dialog in which a person puts the right value in place of a fact's."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.facts import Fact, Kind, value_to_text
from app.errors import WorkbenchError
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import SourceWords
from views.parts.chip import KeyButton
from views.strings import tr
from views.widgets import error_text, label, row


class FactDialog(QDialog):
    """Asks for value and reason; a category is chosen from the catalogue's."""

    submitted = Signal(str, str)  # value, reason

    def __init__(self, context: Context, view: CaseView, fact: Fact, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        catalogue, language = context.desk.workspace.catalogue, context.language
        definition = catalogue.get(fact.name)
        self.setModal(True)
        self.setWindowTitle(tr("case.correct.title"))
        self.value: QLineEdit | QComboBox = QLineEdit()
        choices = _choices(fact, context)
        if choices:
            self.value = QComboBox()
            for data, text in choices:
                self.value.addItem(text, data)
            self.value.setCurrentIndex(max(0, self.value.findData(value_to_text(fact.value))))
        else:
            self.value.setText(value_to_text(fact.value))
            self.value.selectAll()
        self.reason = QLineEdit()
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        source = SourceWords(view, catalogue, language).line(fact)
        was = label(tr("case.correct.was", value=fmt.fact_text(fact, catalogue, language), source=source), "soft")
        was.setWordWrap(True)
        unit = fact.unit if definition is not None and definition.kind is Kind.MONEY else ""
        self._build(fmt.fact_label(fact.name, catalogue, language), was, unit, context)

    def _build(self, title: str, was: QWidget, unit: str, context: Context) -> None:
        name = f"{tr('case.correct.value')} ({unit})" if unit else tr("case.correct.value")
        self.value.setAccessibleName(name)
        self.reason.setAccessibleName(tr("case.correct.reason"))
        self.reason.setPlaceholderText(tr("case.correct.reason_hint"))
        self.keep, self.leave = KeyButton(context, "primary"), KeyButton(context)
        self.keep.show_text(tr("case.correct.keep"), "Ctrl ↵")
        self.leave.show_text(tr("button.cancel"), "Esc")
        self.keep.clicked.connect(self.submit)
        self.leave.clicked.connect(self.reject)
        self.leave.setAutoDefault(False)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self, self.submit)
        form = QFormLayout()
        form.setSpacing(8)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.addRow(name, self.value)
        form.addRow(tr("case.correct.reason"), self.reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label(title, "subtitle"))
        column.addWidget(was)
        column.addLayout(form)
        column.addWidget(self.error)
        column.addLayout(row(0, self.leave, self.keep))
        self.setMinimumWidth(460)

    def typed(self) -> str:
        """The value as typed or chosen."""
        return str(self.value.currentData()) if isinstance(self.value, QComboBox) else self.value.text().strip()

    def submit(self) -> None:
        """Hand value and reason over; a missing reason is asked for first."""
        if not self.typed():
            self._say(tr("case.correct.needs_value"), self.value)
        elif not self.reason.text().strip():
            self._say(tr("case.correct.needs_reason"), self.reason)
        else:
            self.error.hide()
            self.submitted.emit(self.typed(), self.reason.text().strip())

    def show_error(self, error: WorkbenchError) -> None:
        """Say why the value was refused."""
        self._say(" ".join(filter(None, error_text(error))), self.value)

    def _say(self, text: str, field: QWidget) -> None:
        self.error.setText(text)
        self.error.show()
        field.setFocus()


def _choices(fact: Fact, context: Context) -> list[tuple[str, str]]:
    """Stored value and word of each choice; empty for a fact that is typed."""
    catalogue, language = context.desk.workspace.catalogue, context.language
    definition = catalogue.get(fact.name)
    if definition is None:
        return []
    if definition.kind is Kind.BOOLEAN:
        return [(text, fmt.value_text(text == "true", Kind.BOOLEAN, "", language)) for text in ("true", "false")]
    return [(each, fmt.category_label(fact.name, each, catalogue, language)) for each in definition.categories]
