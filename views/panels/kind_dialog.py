"""The dialog in which a person says what kind of document a file is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.domain.case import Document
from app.domain.document_kinds import UNKNOWN
from views.context import Context
from views.models.case_reading import kind_name
from views.parts.chip import KeyButton
from views.parts.choice_list import ChoiceList
from views.strings import tr
from views.widgets import label, row


class KindDialog(QDialog):
    """Every kind by its name; the fields are read anew under the one that is chosen."""

    submitted = Signal(str)

    def __init__(self, context: Context, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setModal(True)
        self.setWindowTitle(tr("reading.kind.title"))
        self.kinds = ChoiceList(context, tr("reading.kind.find"), tr("reading.kind.nothing"))
        papers = context.desk.workspace.catalogue.papers
        known = [*papers.kinds] if papers is not None else []
        named = sorted(((kind, kind_name(kind)) for kind in known), key=lambda each: each[1].casefold())
        self.kinds.show_choices([("", [*named, (UNKNOWN, kind_name(UNKNOWN))])], document.kind)
        now = label(tr("reading.kind.now", kind=kind_name(document.kind)), "soft")
        more = label(tr("reading.kind.more"), "soft")
        more.setWordWrap(True)
        self.keep, self.leave = KeyButton(context, "primary"), KeyButton(context)
        self.keep.show_text(tr("reading.kind.keep"), "Ctrl ↵")
        self.leave.show_text(tr("button.cancel"), "Esc")
        self.keep.setAutoDefault(False)
        self.leave.setAutoDefault(False)
        self.keep.clicked.connect(self.submit)
        self.leave.clicked.connect(self.reject)
        self.kinds.accepted.connect(self.submit)
        self.kinds.changed.connect(self._on_changed)
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(key), self, self.submit)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(label(document.name, "subtitle"))
        column.addWidget(now)
        column.addWidget(self.kinds, 1)
        column.addWidget(more)
        column.addLayout(row(0, self.leave, self.keep))
        self.setMinimumWidth(420)
        self.resize(440, 540)
        self._on_changed()
        self.kinds.text.setFocus()

    def _on_changed(self) -> None:
        same = self.kinds.current() == self._document.kind
        self.keep.setEnabled(bool(self.kinds.current()) and not same)
        self.keep.setToolTip(tr("reading.kind.same") if same else "")

    def submit(self) -> None:
        """Hand the kind over, unless it is the one the document is of."""
        if self.keep.isEnabled():
            self.submitted.emit(self.kinds.current())
            self.accept()
