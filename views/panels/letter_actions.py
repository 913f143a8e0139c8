"""Letters of a case: open the dialog, ask for a file, write it, say so; and what a person hears before a seal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.domain.reason_conflicts import Conflict, conflicts
from app.usecases.show_case import CaseView
from app.usecases.write_letter import LetterRequest, LetterResult
from views import format as fmt
from views.context import Context
from views.panels.letter_dialog import LetterDialog, kinds_for
from views.parts.chip import KeyButton
from views.strings import tr
from views.widgets import label, row

Write = Callable[..., Any]
"""``write(op, done, failed=, changes=)`` of the case's actions."""


class LetterActions(QObject):
    """Carries out what concerns letters; ``write`` is the one way a write goes."""

    written = Signal(str)  # what to tell the person
    fact_chosen = Signal(str)  # fact id of a figure of a letter

    def __init__(self, context: Context, screen: QWidget, write: Write) -> None:
        super().__init__(screen)
        self._context, self._screen, self._write = context, screen, write
        self._view: CaseView | None = None
        self.dialog: QDialog | None = None  # the one opened last

    def show_case(self, view: CaseView) -> None:
        self._view = view

    def open_letter(self, ask: Sequence[str] = ()) -> None:
        """Open the dialog of a letter; an approved case owes none."""
        view = self._view
        if view is None or not kinds_for(view):
            return
        dialog = LetterDialog(self._context, view, self._screen, ask=ask)
        dialog.saving.connect(lambda request, form: self._choose(dialog, request, form))
        dialog.fact_chosen.connect(self.fact_chosen)
        self._open(dialog)

    def ask_about(self, fact_id: str) -> None:
        """Ask the applicant to confirm what a fact says."""
        view = self._view
        fact = view.fact(fact_id) if view else None
        if view is None or fact is None:
            return
        catalogue, language = self._context.desk.workspace.catalogue, view.case.language
        words = self._context.desk.letters.office.words[language]
        self.open_letter([words["ask.fact"].format(label=fmt.fact_label(fact.name, catalogue, language))])

    def _choose(self, dialog: LetterDialog, request: LetterRequest, form: str) -> None:
        offered = f"{request.case_id}-{request.kind}.{form}"
        files = QFileDialog(dialog, tr("letter.save"), offered, tr(f"letter.files_{form}"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix(form)
        files.selectFile(offered)
        files.fileSelected.connect(lambda path: self.write_to(dialog, request, Path(path)))
        files.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        files.open()

    def write_to(self, dialog: LetterDialog, request: LetterRequest, path: Path) -> None:
        """Write the letter, close the dialog, and say where it is."""
        desk = self._context.desk

        def done(result: LetterResult) -> None:
            dialog.accept()
            self.written.emit(tr("letter.written", path=str(result.path), digest=result.sha256[:12]))

        self._write(
            lambda _: desk.letters.write(request, path), done, failed=dialog.show_error, changes=Changes.DECISION
        )

    def before_seal(self, seal: Callable[[], None]) -> None:
        """Go on to the seal; where the report contradicts the reasons and the decision does not say why it stands
        despite that, the person says so first."""
        view = self._view
        decision = view.decision if view else None
        reasons = decision.reasons if decision and decision.despite is None else ()
        against = conflicts(reasons, view.report, view.findings, view.facts) if view else ()
        if not against:
            seal()
            return
        dialog = ConflictDialog(self._context, against, self._screen)
        dialog.accepted.connect(seal)
        self._open(dialog)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        dialog.open()


class ConflictDialog(QDialog):
    """Names the sentences that contradict the reasons; accepted when the package is to be sealed all the same."""

    def __init__(self, context: Context, against: Sequence[Conflict], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(tr("conflict.title"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label(tr("conflict.title"), "subtitle"))
        words = label(tr("conflict.words"), "soft")
        self.lines = [
            label(tr("conflict.one", code=each.code, reason=each.reason, sentence=each.text), "amber")
            for each in against
        ]
        for part in (words, *self.lines):
            part.setWordWrap(True)
            column.addWidget(part)
        self.back, self.seal = KeyButton(context, "primary"), KeyButton(context)
        self.back.show_text(tr("conflict.back"), "Esc")
        self.seal.show_text(tr("conflict.seal"), "Ctrl ↵")
        self.seal.setShortcut("Ctrl+Return")
        self.seal.setAutoDefault(False)
        self.back.clicked.connect(self.reject)
        self.seal.clicked.connect(self.accept)
        column.addLayout(row(0, self.seal, self.back))
        self.setMinimumWidth(520)
