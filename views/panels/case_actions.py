"""What a person does to a case: draft, edit, confirm, decide, seal. Each is one job of the desk, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.bootstrap import models_folder, verify_file
from app.domain.case import Decision, Document, Outcome, Status
from app.domain.changes import Changes
from app.domain.page_search import text_in
from app.domain.policy import Terms
from app.domain.report import Report
from app.domain.report_kinds import USUAL
from app.domain.scorecard import Scorecard
from app.domain.sentences import Sentence
from app.domain.verification import Verification
from app.errors import Cancelled, WorkbenchError
from app.ports import Progress
from app.usecases.export_package import ExportResult
from app.usecases.record_decision import RecordDecision
from app.usecases.show_case import CaseView
from app.wording_ports import WordingModel
from views.context import Context
from views.panels.capture_dialog import CaptureDialog
from views.panels.decision_bar import DecisionBar, Seal
from views.panels.decision_dialog import DecisionDialog
from views.panels.evidence_panel import EvidencePanel
from views.panels.fact_dialog import FactDialog
from views.panels.kind_dialog import KindDialog
from views.panels.page_find import words_of
from views.panels.report_panel import ReportPanel
from views.parts.draft_controls import RULES_ONLY
from views.parts.page_image import Box
from views.parts.score_gauge import Zones
from views.parts.zones import zones_of
from views.strings import tr
from views.tasks import Task

_DRAFTED = Changes.REPORT | Changes.CASES | Changes.FACTS | Changes.FINDINGS | Changes.SCORE | Changes.POLICY
_DECIDED = Changes.DECISION | Changes.CASES


class CaseActions(QObject):
    """Carries the panels' wishes out and broadcasts what changed."""

    scorecard_read = Signal()  # zones and quality are known now
    planned = Signal(str)  # case id: its rule sentences are stored; emitted on the model lane
    told = Signal(str)  # what went well, in words
    sentence_came = Signal(str, object)  # case id, Sentence; emitted on the model lane

    def __init__(self, context: Context, screen: QWidget) -> None:
        super().__init__(screen)
        self._context = context
        self._screen = screen
        self._view: CaseView | None = None
        self._draft: tuple[str, Task] | None = None  # case being drafted
        self._verified: dict[str, Seal] = {}  # by case
        self._packages: dict[str, Path] = {}  # case -> where its package was written
        self.zones: Zones | None = None
        self.quality = ""
        self._judged = ("", "")  # scorecard and policy that zones and quality are of, by their SHA-256
        self.dialog: QDialog | None = None  # the one opened last

    def connect_panels(self, report: ReportPanel, evidence: EvidencePanel, bar: DecisionBar) -> None:
        """Listen to the panels."""
        self._report, self._evidence, self._bar = report, evidence, bar
        report.draft_asked.connect(self.draft)
        report.cancel_asked.connect(self.cancel_draft)
        report.edit_asked.connect(self.edit_sentence)
        report.add_asked.connect(self.add_sentence)
        report.remove_asked.connect(self.remove_sentence)
        report.opinion_given.connect(self.give_opinion)
        evidence.confirm_asked.connect(self.confirm)
        evidence.correct_asked.connect(self.correct)
        evidence.capture_asked.connect(self.capture)
        bar.decision_asked.connect(self.decide)
        bar.verify_asked.connect(self.verify)
        self.sentence_came.connect(self._on_sentence)
        self.planned.connect(self._on_planned)

    def show_case(self, view: CaseView) -> None:
        """Another case, or the same one read anew, is on the screen."""
        if self._case_id() != view.case.id:
            self._warm_model(view)
        self._view = view
        self._show_bar()
        drafting = self._draft is not None and self._draft[0] == view.case.id
        if not drafting:
            self._report.show_idle()
        if view.score is not None and _judged_by(view) != self._judged:
            self._read_scorecard(view)

    def _warm_model(self, view: CaseView) -> None:
        """Have the model ready before a draft is asked for; that it cannot be used, the draft will say."""
        desk = self._context.desk
        if view.case.status is not Status.SIGNED:
            self._context.tasks.run(lambda _: desk.warm_model(), lambda _: None, self, "model", failed=lambda _: None)

    def _show_bar(self) -> None:
        if self._view is not None:
            self._bar.show_case(self._view, self.zones, self._verified.get(self._view.case.id))

    # -- the one way a write goes

    def write(
        self,
        op: Callable[[Progress], Any],
        done: Callable[[Any], None] | None = None,
        *,
        failed: Callable[[WorkbenchError], None] | None = None,
        changes: Changes = Changes.NOTHING,
    ) -> Task | None:
        """Run a job on the write lane, call ``done`` with its value, and broadcast what it changed in this case."""
        view = self._view
        if view is None:
            return None
        case_id = view.case.id

        def finish(value: Any) -> None:
            if done is not None:
                done(value)
            self._context.refresh.broadcast(_changes_of(value) | changes, case_id)

        return self._context.tasks.run(op, finish, self, "write", failed=failed)

    # -- first opinion, facts, sentences

    def give_opinion(self, outcome: str) -> None:
        """Keep what the person thinks before the draft is shown."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.record_first_opinion(case_id, Outcome(outcome)))

    def confirm(self, fact_id: str) -> None:
        """Confirm that a fact reads as its document does; the case is assessed anew."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.confirm_fact(case_id, fact_id))

    def wish(self, value: str | None, failed: Callable[[WorkbenchError], None]) -> None:
        """Hold the limit to the applicant's wish, or take it back; the case is assessed anew."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.wish_limit(case_id, value), failed=failed)

    def correct(self, fact_id: str) -> None:
        """Ask for the right value of a fact, then supersede it."""
        view = self._view
        fact = view.fact(fact_id) if view else None
        if view is None or fact is None:
            return
        desk, case_id, name = self._context.desk, view.case.id, fact.name
        unit = fact.unit if len(fact.unit) == 3 and fact.unit.isupper() else None
        dialog = FactDialog(self._context, view, fact, self._screen)
        dialog.submitted.connect(
            lambda value, reason: self.write(
                lambda _: desk.correct_fact(case_id, name, value, reason, unit, fact_id=fact.id),
                lambda _: dialog.accept(),
                failed=dialog.show_error,
            )
        )
        self._open(dialog)

    def capture(self, document: Document, page: int, box: Box) -> None:
        """Ask what the value in a rectangle is; the words inside are read meanwhile."""
        view = self._view
        if view is None or view.decision is not None:
            return
        desk = self._context.desk
        dialog = CaptureDialog(self._context, view, document, page, box, self._screen)
        dialog.submitted.connect(
            lambda command: self.write(
                lambda _: desk.capture_fact(command), lambda _: dialog.accept(), failed=dialog.show_error
            )
        )
        self._context.tasks.run(
            lambda progress: text_in(words_of(desk, document, page, progress), box),
            dialog.show_words,
            dialog,
            "documents",
            key="words",
            failed=lambda _: dialog.show_words(""),
            on_cancel=desk.pages.cancel_words,
        )
        self._open(dialog)

    def classify(self, sha256: str) -> None:
        """Ask for the kind of a document, then read it anew under that kind."""
        view = self._view
        document = next((each for each in view.documents if each.sha256 == sha256), None) if view else None
        if view is None or document is None or view.decision is not None:
            return
        dialog = KindDialog(self._context, document, self._screen)
        dialog.submitted.connect(lambda kind: self.read_as(sha256, kind))
        self._open(dialog)

    def read_as(self, sha256: str, kind: str | None = None) -> None:
        """Have a document read in the background, again or under another kind."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.reading.ask(case_id, sha256, kind))

    def stop_reading(self, sha256: str) -> None:
        """Read a document no further."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.reading.stop(case_id, sha256))

    def edit_sentence(self, key: str, text: str) -> None:
        """Replace a sentence by a person's words."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.edit_sentence(case_id, key, text))

    def add_sentence(self, section: str, text: str) -> None:
        """Add a person's sentence to a section."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.add_sentence(case_id, section, text))

    def remove_sentence(self, key: str) -> None:
        """Take a sentence out of the report."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.remove_sentence(case_id, key))

    def assess(self) -> None:
        """Score the case and hold it to the policy; where that cannot be, drafting or deciding will tell why."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.assess(case_id), failed=lambda _: None)

    def refresh_challenger(self) -> None:
        """Let the challenger in shadow speak of the case, where it has not spoken of these facts."""
        desk, case_id = self._context.desk, self._case_id()
        self.write(lambda _: desk.challengers.refresh(case_id), failed=lambda _: None)

    # -- drafting

    def draft(self, model: str) -> None:
        """Draft the report; sentences appear as they are settled, and it can be cancelled."""
        if self._view is None or self._draft is not None:
            return
        case_id = self._view.case.id
        kind = self._report.controls.kind.currentData() or USUAL
        opened: list[WordingModel] = []
        task = self._context.tasks.run(
            lambda progress: self._drafted(case_id, model, kind, opened, progress),
            lambda _: self._end_draft(case_id),
            self,
            "model",
            failed=lambda error: self._on_draft_failed(case_id, error),
            progress=lambda done, total, what: self._on_progress(case_id, done, total, what),
            on_cancel=lambda: _cancel(opened),
        )
        self._draft = (case_id, task)
        self._report.show_drafting(0, None)

    def _drafted(self, case_id: str, model: str, kind: str, opened: list[WordingModel], progress: Progress) -> Report:
        """On the model lane: open the model, kept where a cancel can reach it, and draft."""
        desk = self._context.desk
        with desk.model(model) if model != RULES_ONLY else nullcontext() as wording:
            if wording is not None:
                opened.append(wording)
            progress(0, None, model)
            told = self._with_plan_told(case_id, progress)
            report: Report = desk.draft(
                case_id, wording or RULES_ONLY, kind=kind, on_sentence=self._tell(case_id), progress=told
            )
        return report

    def _with_plan_told(self, case_id: str, progress: Progress) -> Progress:
        """A progress whose first step tells that the rule sentences are stored."""
        told = False

        def step(done: int, total: int | None, what: str) -> None:
            nonlocal told
            if total and not told:
                told = True
                self.planned.emit(case_id)
            progress(done, total, what)

        return step

    def _on_planned(self, case_id: str) -> None:
        """Show the rule sentences, for the model's words to take their places."""
        self._context.refresh.broadcast(Changes.REPORT, case_id)

    def cancel_draft(self) -> None:
        """Stop the draft that runs; the rule sentences stand."""
        if self._draft is not None:
            self._draft[1].cancel()

    def drafting(self) -> bool:
        """Whether a draft runs."""
        return self._draft is not None

    def _tell(self, case_id: str) -> Callable[[Sentence], None]:
        return lambda sentence: self.sentence_came.emit(case_id, sentence)

    def _on_sentence(self, case_id: str, sentence: Sentence) -> None:
        if case_id == self._case_id():
            self._report.show_sentence(sentence)

    def _on_progress(self, case_id: str, done: int, total: int | None, what: str) -> None:
        if case_id != self._case_id() or self._draft is None:
            return
        self._report.show_drafting(done, total, what)

    def _on_draft_failed(self, case_id: str, error: WorkbenchError) -> None:
        self._end_draft(case_id)
        if not isinstance(error, Cancelled):
            self._context.tasks.errored.emit(error)

    def _end_draft(self, case_id: str) -> None:
        self._draft = None
        self._report.show_idle()
        self._context.refresh.broadcast(_DRAFTED, case_id)

    # -- deciding and sealing

    def decide(self, outcome: str, terms: Terms | None = None) -> None:
        """Open the dialog for a decision, with the terms given; a decided case has none."""
        view = self._view
        if view is None or not self._bar.may_decide():
            return
        dialog = DecisionDialog(self._context, view, Outcome(outcome), self._screen, terms)
        dialog.submitted.connect(lambda command, seal: self._record(dialog, command, seal=seal))
        self._open(dialog)

    def offer(self, terms: Terms) -> None:
        """Open the dialog on terms: a counter-offer, or the approval where they are those asked for."""
        case = self._view.case if self._view else None
        asked = case is not None and (case.amount, case.term_months) == (terms.amount, terms.term_months)
        self.decide(Outcome.APPROVE if asked else Outcome.COUNTER_OFFER, terms)

    def _record(self, dialog: DecisionDialog, command: RecordDecision, *, seal: bool) -> None:
        desk = self._context.desk

        def done(_: Decision) -> None:
            dialog.accept()
            if seal:
                self.export()

        self.write(lambda _: desk.decide(command), done, failed=dialog.show_error, changes=_DECIDED)

    def export(self) -> None:
        """Ask for a file, and seal the case into it."""
        view = self._view
        if view is None:
            return
        offered = str(Path(package_folder()) / f"{view.case.id}.cwz")
        dialog = QFileDialog(self._screen, tr("case.dialog.save"), offered, tr("case.dialog.files"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("cwz")
        dialog.selectFile(offered)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        self._open(dialog)

    def export_to(self, path: Path) -> None:
        """Write the signed package, then check it as anybody else would."""
        desk, case_id = self._context.desk, self._case_id()

        def op(_: Progress) -> tuple[ExportResult, Verification]:
            return desk.export(case_id, path), verify_file(path)

        def done(result: tuple[ExportResult, Verification]) -> None:
            self._keep_verified(case_id, path, result[1])

        self.write(op, done, changes=Changes.CASES | Changes.DECISION)

    def verify(self) -> None:
        """Check the package that was written for this case; ask for the file when it was written another day."""
        known = self._packages.get(self._case_id())
        if known is not None and known.exists():
            self.verify_at(known)
            return
        dialog = QFileDialog(self._screen, tr("case.verify.choose"), package_folder(), tr("case.dialog.files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.verify_at(Path(path)))
        self._open(dialog)

    def verify_at(self, path: Path) -> None:
        """Check a package, off the UI thread."""
        case_id = self._case_id()
        self._context.tasks.run(
            lambda _: verify_file(path),
            lambda found: self._keep_verified(case_id, path, found),
            self,
            "documents",
            key="verify",
        )

    def _keep_verified(self, case_id: str, path: Path, found: Verification) -> None:
        of_this = found.case == case_id
        person = ", ".join(each.person for each in found.signatures) or "–"
        good = found.valid and of_this
        key = "valid" if good and found.trusted else "untrusted" if good else "invalid"
        self._packages[case_id] = path
        why = "" if good else "\n".join(found.problems) or tr("case.verify.other", case=str(found.case))
        self._verified[case_id] = Seal(tr(f"case.verify.{key}", person=person), f"{path}\n{why}".strip(), good)
        self._show_bar()

    # -- what the scorecard and the models say of themselves

    def _read_scorecard(self, view: CaseView) -> None:
        """Read zones and quality as the case was judged: by its scorecard and its policy, once for each pair."""
        assert view.score is not None
        name, digest, desk, case_id = view.score.scorecard, view.score.sha256, self._context.desk, view.case.id
        self._judged = _judged_by(view)

        def op(_: Progress) -> tuple[Zones | None, str]:
            card = desk.register.scored_with(digest, name)
            if card is None:
                return None, ""
            return zones_of(desk.policies.of_case(case_id).document, card), quality_words(card)

        self._context.tasks.run(op, self._on_scorecard, self, "read", key="scorecard", failed=lambda _: None)

    def _on_scorecard(self, read: tuple[Zones | None, str]) -> None:
        self.zones, self.quality = read
        self._show_bar()
        self.scorecard_read.emit()

    def read_models(self) -> None:
        """Offer the models that are installed."""
        self._context.tasks.run(
            lambda _: installed_models(), self._on_models, self, "documents", key="models", failed=lambda _: None
        )

    def read_kinds(self) -> None:
        """Offer the kinds of report, the lender's own among them; a file of them that is wrong is told."""
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: list(desk.report_kinds().values()),
            self._report.controls.show_kinds,
            self,
            "documents",
            key="kinds",
        )

    def _on_models(self, names: list[str]) -> None:
        default = self._context.settings.value("model.default")
        chosen = default if default in names else names[0] if names else ""
        self._report.controls.show_models([(name, name) for name in names], chosen or RULES_ONLY)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog = dialog
        dialog.open()

    def _case_id(self) -> str:
        return self._view.case.id if self._view else ""


def _judged_by(view: CaseView) -> tuple[str, str]:
    return view.score.sha256 if view.score else "", view.policy.sha256 if view.policy else ""


def _cancel(opened: list[WordingModel]) -> None:
    for model in opened:
        model.cancel()


def installed_models() -> list[str]:
    """Names of the models that word and whose files are there; reads a list, not the models."""
    from local_models.catalogue import WORDING, list_models

    return [spec.name for spec in list_models(models_folder()) if spec.kind == WORDING and spec.file.exists()]


def quality_words(card: Scorecard) -> str:
    """``0.812 (0.780 to 0.841)``: the AUC on the hold-out sample with its confidence interval."""
    auc = card.performance.auc
    return f"{auc.value:.3f} ({auc.low:.3f}–{auc.high:.3f})"


def _changes_of(value: Any) -> Changes:
    if isinstance(value, Changes):
        return value
    found = getattr(value, "changes", None)
    return found if isinstance(found, Changes) else Changes.NOTHING


def package_folder() -> str:
    """Where a package is offered to be saved."""
    return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
