"""Fairness of a scorecard's approvals, measured on a table of the analyst's choice that is read once and not kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QWidget,
)

from app.domain.scorecard import Scorecard
from app.errors import Cancelled, WorkbenchError
from app.usecases.measure_fairness import FairnessReport, MeasureFairness
from views import fairness_jobs as jobs
from views import format as fmt
from views.context import Context
from views.fit_jobs import TableLook, proposed_bad
from views.parts.decision_preview import read_number
from views.parts.protected_columns import ProtectedColumns
from views.parts.sheet_table import SheetTable
from views.strings import has_text, tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import ElidedLabel, button, choices, column, error_text, frame, label, quietly, row

SIZE = (1180, 680)
WAYS = ("scorecard", "score", "decision")
BOUNDS = ("above", "below")


class FairnessDialog(QDialog):
    """Nothing of the table reaches the workspace: it is read, measured in a child process, and forgotten."""

    def __init__(
        self, context: Context, card: Scorecard, others: Sequence[Scorecard] = (), parent: QWidget | None = None
    ) -> None:
        """``others`` may be put beside ``card`` as less discriminatory alternatives."""
        super().__init__(parent)
        self._context, self._card, self._others = context, card, list(others)
        self.look: TableLook | None = None
        self.report: FairnessReport | None = None
        self._asked: MeasureFairness | None = None
        self._task: Task | None = None
        self.setModal(True)
        self.setWindowTitle(tr("scores.fair.title"))
        self.resize(*SIZE)
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        self.pages = QStackedWidget()
        for page in (self._make_form(), self._make_running(), self._make_result()):
            self.pages.addWidget(page)
        privacy = label(tr("scores.fair.privacy"), "soft")
        privacy.setWordWrap(True)
        title = label(tr("scores.fair.of", name=f"{card.name} {card.version}"), "title")
        body = column(title, privacy, spacing=8, margins=(24, 18, 24, 18))
        body.addWidget(self.pages, 1)
        body.addWidget(self.error)
        self.setLayout(body)
        self._show_state()

    # Making

    def _make_form(self) -> QWidget:
        self.file = ElidedLabel(tr("scores.fair.no_table"), "value", Qt.TextElideMode.ElideMiddle)
        self.choose = button(tr("scores.fair.choose"), self.choose_table)
        self.protected = ProtectedColumns(self._context)
        self.protected.changed.connect(self._show_state)
        self._looking = label("", "soft")
        self.start = button(tr("scores.fair.start"), self.measure, "primary")
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        top = row(self.file, self.choose)
        top.setStretch(0, 1)
        body = column(spacing=10)
        body.addLayout(top)
        body.addLayout(self._make_fields())
        middle = row(spacing=12)
        middle.addWidget(self.protected, 3)
        middle.addWidget(self._make_candidates(), 2)
        body.addLayout(middle, 1)
        body.addLayout(row(self._looking, 0, leave, self.start))
        page = QWidget()
        page.setLayout(body)
        return page

    def _make_fields(self) -> QGridLayout:
        self.way, self.source, self.bound, self.approved = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.cut_off = QLineEdit()
        low, high = self._card.minimum_points, self._card.maximum_points
        self.cut_off.setPlaceholderText(tr("scores.fair.range", low=low, high=high))
        self.target, self.bad = QComboBox(), QComboBox()
        choices(self.way, [(each, tr(f"scores.fair.way.{each}")) for each in WAYS])
        choices(self.bound, [(each, tr(f"scores.fair.bound.{each}")) for each in BOUNDS])
        self._fields = {
            "way": self.way,
            "source": self.source,
            "bound": self.bound,
            "cut_off": self.cut_off,
            "approved": self.approved,
            "target": self.target,
            "bad": self.bad,
        }
        self._captions = {key: label(tr(f"scores.fair.field.{key}"), "caption") for key in self._fields}
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        for place, (key, field) in enumerate(self._fields.items()):
            field.setAccessibleName(tr(f"scores.fair.field.{key}"))
            grid.addWidget(self._captions[key], 0, place)
            grid.addWidget(field, 1, place)
            grid.setColumnStretch(place, 3 if key in ("way", "source", "target") else 2)
        for box in (self.way, self.source, self.target):
            box.currentIndexChanged.connect(lambda _: self._on_choice())
        for box in (self.bound, self.approved, self.bad):
            box.currentIndexChanged.connect(lambda _: self._show_state())
        self.cut_off.textChanged.connect(lambda _: self._show_state())
        return grid

    def _make_candidates(self) -> QWidget:
        self.candidates = QListWidget()
        self.candidates.setAccessibleName(tr("scores.fair.candidates"))
        for each in self._others:
            item = QListWidgetItem(f"{each.name} {each.version}", self.candidates)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
        self.candidates.itemChanged.connect(lambda _: self._show_state())
        self.auc_loss = QDoubleSpinBox()
        self.auc_loss.setRange(0, 1)
        self.auc_loss.setDecimals(3)
        self.auc_loss.setSingleStep(0.005)
        self.auc_loss.setValue(0.01)
        self.auc_loss.setAccessibleName(tr("scores.fair.auc_loss"))
        hint = label(tr("scores.fair.candidates_hint" if self._others else "scores.fair.no_candidates"), "soft")
        hint.setWordWrap(True)
        body = column(label(tr("scores.fair.candidates"), "heading"), spacing=6, margins=(14, 10, 14, 10))
        body.addWidget(self.candidates, 1)
        body.addWidget(hint)
        body.addLayout(row(label(tr("scores.fair.auc_loss"), "caption"), 0, self.auc_loss))
        return frame(body)

    def _make_running(self) -> QWidget:
        self._step = label("", "soft")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.stop = button(tr("button.cancel"), self._on_stop)
        doing = label(tr("scores.fair.running"), "subtitle")
        body = column(0, doing, self._step, self.bar, spacing=10, margins=(120, 0, 120, 0))
        body.addLayout(row(0, self.stop))
        body.addStretch(1)
        page = QWidget()
        page.setLayout(body)
        return page

    def _make_result(self) -> QWidget:
        self.summary, self.notes = label("", "value"), label("", "soft")
        for each in (self.summary, self.notes):
            each.setWordWrap(True)
        self.groups, self.alternatives = SheetTable(self._context), SheetTable(self._context)
        self._beside = label(tr("scores.fair.alternatives"), "heading")
        again = button(tr("button.back"), lambda: self.pages.setCurrentIndex(0))
        self.export = button(tr("scores.fair.export"), self.choose_file)
        leave = button(tr("button.close"), self.reject, "primary")
        again.setAutoDefault(False)
        self.export.setAutoDefault(False)
        body = column(self.summary, spacing=10, margins=(0, 6, 0, 0))
        body.addWidget(self.groups, 3)
        body.addWidget(self._beside)
        body.addWidget(self.alternatives, 2)
        body.addWidget(self.notes)
        body.addLayout(row(again, 0, self.export, leave))
        page = QWidget()
        page.setLayout(body)
        return page

    # The table

    def choose_table(self) -> None:
        """Ask for the table in a dialog."""
        name, _ = QFileDialog.getOpenFileName(self, tr("scores.fair.choose"), "", tr("scores.fit.files"))
        if name:
            self.open_table(Path(name))

    def open_table(self, path: Path) -> None:
        """Look at a table's columns; nothing is chosen for the analyst but the outcome."""
        self.error.hide()
        self._looking.setText(tr("scores.bins.reading"))
        self._context.tasks.run(
            lambda progress: jobs.look_at(path, progress), self._on_look, self, "documents", key="look",
            failed=self._on_failed,
        )  # fmt: skip

    def _on_look(self, look: TableLook) -> None:
        self.look = look
        self.file.setText(tr("scores.rows", rows=fmt.number(look.rows), file=look.path.name))
        self._looking.setText("")
        few = [each.name for each in look.columns if each.values]
        with quietly(self.target):
            none = ("", tr("scores.fair.no_target"))
            choices(self.target, [none, *((name, name) for name in few)], look.target)
        self.protected.show_columns(look.columns)
        self._on_choice()

    def _on_choice(self) -> None:
        """Fields that the way of approving does not have are put away; values follow their columns."""
        way = self.way.currentData()
        for key, ways in (("source", WAYS[1:]), ("bound", WAYS[:2]), ("cut_off", WAYS[:2]), ("approved", WAYS[2:])):
            for part in (self._captions[key], self._fields[key]):
                part.setVisible(way in ways)
        if self.look is not None:
            self._fill_sources(way)
            self._fill_values(self.bad, self.target.currentData(), proposed=True)
            self._fill_values(self.approved, self.source.currentData() if way == "decision" else "")
        self._show_state()

    def _fill_sources(self, way: str) -> None:
        assert self.look is not None
        names = [each.name for each in self.look.columns if bool(each.values) or way == "score"]
        with quietly(self.source):
            choices(self.source, [(name, name) for name in names])

    def _fill_values(self, box: QComboBox, name: str, *, proposed: bool = False) -> None:
        assert self.look is not None
        chosen = self.look.column(name) if name else None
        told = [(value, f"{value}  ({fmt.number(count)})") for value, count in chosen.values] if chosen else []
        before = box.currentData()
        known = before if before in [value for value, _ in told] else None
        with quietly(box):
            choices(box, told, known or (proposed_bad(chosen) if proposed else None))
        box.setEnabled(bool(told))

    # What is asked

    def command(self) -> MeasureFairness | None:
        """What was chosen; None while something is missing."""
        if self.look is None or self._missing():
            return None
        way, cut_off = self.way.currentData(), read_number(self.cut_off.text())
        bound = {f"approve_{self.bound.currentData()}": float(cut_off)} if cut_off is not None else {}
        who: dict[str, Any] = {"scorecard": self._card} if way == "scorecard" else {way: self.source.currentData()}
        who |= {"approved": self.approved.currentData()} if way == "decision" else bound
        chosen, target = self.protected.chosen(), self.target.currentData()
        return MeasureFairness(
            table=self.look.path,
            protected=tuple(chosen),
            reference=tuple(f"{name}={value}" for name, value in chosen.items()),
            target=target or None,
            bad=self.bad.currentData() if target else None,
            candidates=tuple((f"{each.name} {each.version}", each) for each in self.chosen_candidates()),
            auc_loss=self.auc_loss.value(),
            **who,
        )

    def chosen_candidates(self) -> list[Scorecard]:
        """Those checked, where candidates can be compared at all: by a scorecard and an outcome."""
        if self.way.currentData() != "scorecard" or not self.target.currentData():
            return []
        checked = Qt.CheckState.Checked
        return [each for at, each in enumerate(self._others) if self.candidates.item(at).checkState() == checked]

    def _missing(self) -> str:
        """Key of what has still to be chosen; blank when all is."""
        way = self.way.currentData()
        if self.look is None:
            return "table"
        if way in WAYS[:2] and read_number(self.cut_off.text()) is None:
            return "cut_off"
        if way == "decision" and not self.approved.currentData():
            return "approved"
        if not self.protected.chosen():
            return "protected"
        return "outcome" if way == "decision" and self.source.currentData() == self.target.currentData() else ""

    def _show_state(self) -> None:
        missing = self._missing()
        wrong = bool(self.cut_off.text().strip()) and read_number(self.cut_off.text()) is None
        set_role(self.cut_off, "invalid" if wrong else "")
        self.candidates.setEnabled(self.way.currentData() == "scorecard" and bool(self.target.currentData()))
        self.start.setEnabled(not missing)
        words = tr(f"scores.fair.missing.{missing}") if missing else ""
        self.start.setToolTip(words)
        if self.look is not None:
            self._looking.setText(words)

    # Measuring

    def measure(self) -> None:
        """Measure with what was chosen; the window stays free."""
        command = self.command()
        if command is None:
            return
        self._asked = command
        self.error.hide()
        self._step.setText("")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.pages.setCurrentIndex(1)
        self._task = self._context.tasks.run(
            lambda progress: jobs.measure(command, progress), self._on_measured, self, "modelling",
            failed=self._on_failed, progress=self._on_progress,
        )  # fmt: skip

    def _on_progress(self, done: int, total: int | None, what: str) -> None:
        key = f"scores.fair.step.{what}"
        self._step.setText(tr(key, done=done + 1, total=total or 0) if has_text(key) else "")
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        if self._task is not None:
            self._task.cancel()

    def reject(self) -> None:
        """Close; a running measurement is ended."""
        self._context.tasks.cancel_of(self)
        super().reject()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._task = None
        self._show_state()
        self.pages.setCurrentIndex(0)
        if not isinstance(error, Cancelled):
            self.say(error)

    def say(self, error: WorkbenchError) -> None:
        """Tell what went wrong and what to do."""
        set_role(self.error, "adverse")
        self.error.setText(" ".join(filter(None, error_text(error))))
        self.error.show()

    def _on_measured(self, report: FairnessReport) -> None:
        self._task, self.report = None, report
        words = tr("scores.fair.rows", rows=fmt.number(report.rows), approved=fmt.number(report.approved))
        if report.left_out:
            words += " · " + tr("scores.fair.left_out", count=fmt.number(report.left_out))
        self.summary.setText(words)
        self.groups.show_sheet(jobs.groups_sheet(report), tr("scores.fair.groups"), "scores.fair.column")
        self.alternatives.show_sheet(
            jobs.candidates_sheet(report), tr("scores.fair.alternatives"), "scores.fair.column"
        )
        for part in (self._beside, self.alternatives):
            part.setVisible(bool(report.alternatives))
        self.notes.setText("\n".join([tr("scores.fair.intervals"), *jobs.told(report)]))
        self.pages.setCurrentIndex(2)
        self.groups.setFocus()

    # Writing it down

    def choose_file(self) -> None:
        """Ask where the figures are written to."""
        name, _ = QFileDialog.getSaveFileName(
            self, tr("scores.fair.export"), f"fairness-{self._card.name}.csv", tr("scores.fair.files")
        )
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the figures, not the table, as CSV or JSON by the ending."""
        report, asked = self.report, self._asked
        if report is None or asked is None:
            return
        self._context.tasks.run(
            lambda _: jobs.write_out(report, asked, path), self._on_written, self, "documents", failed=self.say
        )

    def _on_written(self, path: Path) -> None:
        set_role(self.error, "favourable")
        self.error.setText(tr("scores.exported", file=path.name))
        self.error.show()
