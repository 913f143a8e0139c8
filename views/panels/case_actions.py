"""What a person does to a case: draft, edit, confirm, decide, seal. Each is one job of the desk, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.case import Outcome
from app.domain.changes import Changes
from app.domain.sentences import Sentence
from app.errors import Cancelled, WorkbenchError
from app.ports import Progress
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.panels.decision_bar import DecisionBar
from views.panels.evidence_panel import EvidencePanel
from views.panels.report_panel import ReportPanel
from views.parts.score_gauge import Zones
from views.strings import tr
from views.tasks import Task


class CaseActions(QObject):
    """Carries the panels' wishes out and broadcasts what changed."""

    sentence_came = Signal(str, object)  # case id, Sentence; emitted on the model lane

    def __init__(self, context: Context, screen: QWidget) -> None:
        super().__init__(screen)
        self._context = context
        self._screen = screen
        self._view: CaseView | None = None
        self._draft: tuple[str, Task] | None = None  # case being drafted
        self._verified: dict[str, tuple[str, bool]] = {}  # case -> words, trusted
        self._packages: dict[str, Path] = {}  # case -> where its package was written
        self.zones: Zones | None = None
        self.quality = ""
        self._scorecard = ""

    def connect_panels(self, report: ReportPanel, evidence: EvidencePanel, bar: DecisionBar) -> None:
        """Listen to the panels."""
        self._report, self._evidence, self._bar = report, evidence, bar
        report.draft_asked.connect(self.draft)
        report.cancel_asked.connect(self.cancel_draft)
        report.edit_asked.connect(self.edit_sentence)
        report.add_asked.connect(self.add_sentence)
        report.opinion_given.connect(self.give_opinion)
        evidence.confirm_asked.connect(self.confirm)
        evidence.correct_asked.connect(self.correct)
        bar.decision_asked.connect(self.decide)
        bar.export_asked.connect(self.export)
        bar.verify_asked.connect(self.verify)
        self.sentence_came.connect(self._on_sentence)

    def show_case(self, view: CaseView) -> None:
        """Another case, or the same one read anew, is on the screen."""
        self._view = view
        self._show_bar()
        drafting = self._draft is not None and self._draft[0] == view.case.id
        if not drafting:
            self._report.show_idle()
        if view.score is not None and view.score.sha256 != self._scorecard:
            self._read_scorecard(view)

    def _show_bar(self) -> None:
        if self._view is not None:
            words, trusted = self._verified.get(self._view.case.id, ("", False))
            self._bar.show_case(self._view, self.zones, words, trusted=trusted)

    # -- the one way a write goes

    def write(self, op: Callable[[Progress], Any], done: Callable[[Any], None] | None = None) -> Task | None:
        """Run a job on the write lane, broadcast its changes for this case, then call ``done`` with its value."""
        view = self._view
        if view is None:
            return None
        case_id = view.case.id

        def finish(value: Any) -> None:
            if done is not None:
                done(value)
            self._context.refresh.broadcast(_changes_of(value), case_id)

        return self._context.tasks.run(op, finish, self, "write")

    # -- first opinion, facts, sentences

    def give_opinion(self, outcome: str) -> None:
        """Keep what the person thinks before the draft is shown."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.record_first_opinion(case_id, Outcome(outcome)))

    def confirm(self, fact_id: str) -> None:
        """Confirm that a fact reads as its document does."""
        desk = self._context.desk
        self.write(lambda _: desk.confirm_fact(fact_id))

    def correct(self, fact_id: str) -> None:
        """Ask for the right value of a fact, then supersede it."""

    def edit_sentence(self, key: str, text: str) -> None:
        """Replace a sentence by a person's words."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.edit_sentence(case_id, key, text))

    def add_sentence(self, section: str, text: str) -> None:
        """Add a person's sentence to a section."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.add_sentence(case_id, section, text))

    # -- drafting

    def draft(self, model: str) -> None:
        """Draft the report; sentences appear as they are settled, and it can be cancelled."""
        if self._view is None or self._draft is not None:
            return
        desk, case_id = self._context.desk, self._view.case.id

        def op(progress: Progress) -> Any:
            return desk.draft(case_id, model, on_sentence=self._tell(case_id), progress=progress)

        task = self._context.tasks.run(
            op,
            lambda _: self._end_draft(case_id),
            self,
            "model",
            failed=lambda error: self._on_draft_failed(case_id, error),
            progress=lambda done, total, what: self._on_progress(case_id, done, total, what),
        )
        self._draft = (case_id, task)
        self._report.show_drafting(0, None)

    def cancel_draft(self) -> None:
        """Stop the draft that runs; the rule sentences stand."""
        if self._draft is not None:
            self._draft[1].cancel()

    def _tell(self, case_id: str) -> Callable[[Sentence], None]:
        return lambda sentence: self.sentence_came.emit(case_id, sentence)

    def _on_sentence(self, case_id: str, sentence: Sentence) -> None:
        if case_id == self._case_id():
            self._report.show_sentence(sentence)

    def _on_progress(self, case_id: str, done: int, total: int | None, what: str) -> None:
        if case_id == self._case_id():
            self._report.show_drafting(done, total, what)

    def _on_draft_failed(self, case_id: str, error: WorkbenchError) -> None:
        self._end_draft(case_id)
        if not isinstance(error, Cancelled):
            self._context.tasks.errored.emit(error)

    def _end_draft(self, case_id: str) -> None:
        self._draft = None
        self._report.show_idle()
        self._context.refresh.broadcast(Changes.REPORT | Changes.CASES, case_id)

    # -- deciding and sealing

    def decide(self, outcome: str) -> None:
        """Open the dialog for a decision."""

    def export(self) -> None:
        """Ask for a file, and seal the case into it."""

    def verify(self) -> None:
        """Check the package that was written for this case."""

    def _case_id(self) -> str:
        return self._view.case.id if self._view else ""

    def _read_scorecard(self, view: CaseView) -> None:
        """Read what the scorecard says of itself, for the gauge and the scorecard tab."""


def _changes_of(value: Any) -> Changes:
    if isinstance(value, Changes):
        return value
    found = getattr(value, "changes", None)
    return found if isinstance(found, Changes) else Changes.NOTHING


def package_folder() -> str:
    """Where a package is offered to be saved."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)


_ = (QFileDialog, fmt, tr)
