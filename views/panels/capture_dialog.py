"""The dialog in which a person says what the value in a rectangle on a page is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.captures import capturable, own_facts
from app.domain.case import Document
from app.domain.document_facts import field_of
from app.domain.facts import Kind
from app.errors import WorkbenchError
from app.usecases.capture_fact import CaptureFact
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import document_title, kind_name
from views.parts.chip import KeyButton
from views.parts.choice_list import ChoiceList
from views.parts.page_image import Box
from views.strings import tr
from views.widgets import error_text, label, row


class CaptureDialog(QDialog):
    """Fields of the document's kind stand first, then facts of the case; the words inside are the value offered."""

    submitted = Signal(object)  # CaptureFact

    def __init__(
        self, context: Context, view: CaseView, document: Document, page: int, box: Box, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._view, self._document = context, view, document
        self._page, self._box, self._words = page, box, ""
        self.setModal(True)
        self.setWindowTitle(tr("reading.capture.title"))
        self.names = ChoiceList(context, tr("reading.capture.find"), tr("reading.capture.nothing"))
        self.value, self.reason = QLineEdit(), QLineEdit(tr("reading.capture.reason_given"))
        self.hint, self.replaces, self.error = label("", "soft"), label("", "soft"), label("", "adverse")
        for part in (self.hint, self.replaces, self.error):
            part.setWordWrap(True)
        self.error.hide()
        self._build()
        self._fill()
        self.hint.setText(tr("reading.capture.reading"))
        self.names.text.setFocus()

    def _build(self) -> None:
        self.keep, self.leave = KeyButton(self._context, "primary"), KeyButton(self._context)
        self.keep.show_text(tr("reading.capture.keep"), "Ctrl ↵")
        self.leave.show_text(tr("button.cancel"), "Esc")
        self.keep.clicked.connect(self.submit)
        self.leave.clicked.connect(self.reject)
        self.leave.setAutoDefault(False)
        self.keep.setAutoDefault(False)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self, self.submit)
        self.names.changed.connect(self._on_name)
        self.names.accepted.connect(self.value.setFocus)
        self.value.setAccessibleName(tr("reading.capture.value"))
        self.reason.setAccessibleName(tr("reading.capture.reason"))
        self.value_label = label(tr("reading.capture.value"))
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow(self.value_label, self.value)
        form.addRow(tr("reading.capture.reason"), self.reason)
        where = tr("reading.capture.place", document=document_title(self._document), page=self._page)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label(tr("reading.capture.title"), "subtitle"))
        column.addWidget(label(where, "soft"))
        column.addWidget(self.names, 1)
        column.addWidget(self.replaces)
        column.addLayout(form)
        column.addWidget(self.hint)
        column.addWidget(self.error)
        column.addLayout(row(0, self.leave, self.keep))
        self.setMinimumWidth(480)
        self.resize(500, 560)

    def _fill(self) -> None:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        of_page = self._document.kind_at(self._page)
        count = len(own_facts(of_page, catalogue))
        names = capturable(of_page, catalogue)
        labelled = [(name, fmt.fact_label(name, catalogue, language)) for name in names]
        own = [(name, text.partition(": ")[2] or text) for name, text in labelled[:count]]
        others = sorted(labelled[count:], key=lambda each: each[1].casefold())
        kind = kind_name(of_page).upper()
        self.names.show_choices([(kind, own), (tr("reading.capture.of_case").upper(), others)])

    def show_words(self, words: str) -> None:
        """The words inside the rectangle; what was typed meanwhile stays."""
        self._words = words
        if words and not self.value.text():
            self.value.setText(words)
            self.value.selectAll()
        self.hint.setText("" if words else tr("reading.capture.no_words"))
        self.hint.setVisible(not words)

    def _on_name(self) -> None:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        definition = catalogue.get(self.names.current())
        money = definition is not None and definition.kind is Kind.MONEY
        unit = self._view.case.currency
        self.value_label.setText(tr("reading.capture.value_in", unit=unit) if money else tr("reading.capture.value"))
        older = next((fact for fact in self._view.facts if self._replaced(fact.name, fact.source.document)), None)
        words = fmt.fact_text(older, catalogue, language) if older else ""
        self.replaces.setText(tr("reading.capture.replaces", value=words) if older else " ")

    def _replaced(self, name: str, document: str | None) -> bool:
        same = document == self._document.sha256
        return name == self.names.current() and (same or field_of(name) is None)

    def submit(self) -> None:
        """Hand the value over; what is missing is asked for first."""
        if not self.names.current():
            self._say(tr("reading.capture.needs_field"), self.names.text)
        elif not self.value.text().strip():
            self._say(tr("reading.capture.needs_value"), self.value)
        elif not self.reason.text().strip():
            self._say(tr("reading.capture.needs_reason"), self.reason)
        else:
            self.error.hide()
            self.submitted.emit(self._command())

    def _command(self) -> CaptureFact:
        return CaptureFact(
            self._view.case.id,
            self._document.sha256,
            self.names.current(),
            self.value.text().strip(),
            self._page,
            self._box,
            self.reason.text().strip(),
            raw=self._words,
        )

    def show_error(self, error: WorkbenchError) -> None:
        """Say why the value was refused."""
        self._say(" ".join(filter(None, error_text(error))), self.value)

    def _say(self, text: str, field: QWidget) -> None:
        self.error.setText(text)
        self.error.show()
        field.setFocus()
