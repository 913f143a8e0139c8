"""Fitting a scorecard: the table, its outcome, the columns with what is suspect about them, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain.fitting import FitOptions, Fitted, Guard
from app.errors import Cancelled, WorkbenchError
from views import fit_jobs as jobs
from views import format as fmt
from views.context import Context
from views.fit_jobs import TableLook
from views.strings import has_text, language, tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import ElidedLabel, button, choices, column, error_text, label, quietly, row

SIZE = (940, 640)
SHOWN_GUARDS = 6
LEAST_P = 0.001


class FitDialog(QDialog):
    """``kept(document)`` when the person keeps what was fitted, as a draft."""

    kept = Signal(object)

    def __init__(self, context: Context, taken: dict[str, list[str]], parent: QWidget | None = None) -> None:
        """``taken`` are the versions there are already, by name."""
        super().__init__(parent)
        self._context, self._taken = context, taken
        self.look: TableLook | None = None
        self.guards: dict[str, list[Guard]] = {}
        self.fitted: Fitted | None = None
        self.beside: Any = None  # app.bootstrap.challengers.Beside, where a challenger was asked for
        self._task: Task | None = None
        self.setModal(True)
        self.setWindowTitle(tr("scores.fit.title"))
        self.resize(*SIZE)
        self.error = label("", "adverse")
        self.error.setWordWrap(True)
        self.error.hide()
        self.pages = QStackedWidget()
        for page in (self._make_form(), self._make_running(), self._make_result()):
            self.pages.addWidget(page)
        body = column(label(tr("scores.fit.title"), "title"), spacing=10, margins=(24, 18, 24, 18))
        body.addWidget(self.pages, 1)
        body.addWidget(self.error)
        self.setLayout(body)
        self._show_state()
        if jobs.extra_missing():
            self._say(tr("scores.fit.no_extra"))

    # Making

    def _make_form(self) -> QWidget:
        self.file = ElidedLabel(tr("scores.fit.no_table"), "value", Qt.TextElideMode.ElideMiddle)
        self.choose = button(tr("scores.fit.choose"), self.choose_table)
        self.target, self.bad = QComboBox(), QComboBox()
        self.target.currentIndexChanged.connect(lambda _: self._on_target())
        self.bad.currentIndexChanged.connect(lambda _: self._look_for_suspects())
        self.name = QLineEdit()
        self.name.textChanged.connect(lambda _: self._show_state())
        self.holdout, self.seed = QSpinBox(), QSpinBox()
        self.holdout.setRange(0, 90)
        self.holdout.setValue(30)
        self.holdout.setSuffix(" %")
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setMaximumWidth(110)
        for each in (self.holdout, self.seed):
            each.lineEdit().setTextMargins(8, 0, 0, 0)
        self.trend = QComboBox()
        choices(self.trend, [(each, tr(f"scores.fit.trend_{each}")) for each in ("auto", "none")])
        self.also = QCheckBox(tr("challenger.fit.no_extra" if jobs.challenger_missing() else "challenger.fit.also"))
        self.also.setEnabled(not jobs.challenger_missing())
        self.also.setToolTip(tr("challenger.fit.also_why"))
        self.table = QTableWidget(0, 4)
        self._dress_table()
        self._looking = label("", "soft")
        self.start = button(tr("scores.fit.start"), self.fit, "primary")
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        page = QWidget()
        body = column(spacing=10)
        top = row(self.file, self.choose)
        top.setStretch(0, 1)
        body.addLayout(top)
        body.addLayout(self._make_fields())
        body.addWidget(self.table, 1)
        body.addLayout(row(self.also, 12, self._looking, 0, leave, self.start))
        page.setLayout(body)
        return page

    def _make_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        fields = {
            "name": self.name,
            "target": self.target,
            "bad": self.bad,
            "holdout": self.holdout,
            "seed": self.seed,
            "trend": self.trend,
        }
        for place, (key, field) in enumerate(fields.items()):
            grid.addWidget(label(tr(f"scores.fit.{key}"), "caption"), 0, place)
            grid.addWidget(field, 1, place)
            field.setAccessibleName(tr(f"scores.fit.{key}"))
        for place, wide in enumerate((4, 4, 4, 1, 1, 3)):
            grid.setColumnStretch(place, wide)
        return grid

    def _dress_table(self) -> None:
        self.table.setHorizontalHeaderLabels([tr(f"scores.fit.column.{key}") for key in COLUMNS])
        self.table.setAccessibleName(tr("scores.fit.columns"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(36)
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, wide in ((0, 264), (1, 116), (3, 200)):
            self.table.setColumnWidth(place, wide)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

    def _make_running(self) -> QWidget:
        self._doing, self._step = label(tr("scores.fit.running"), "subtitle"), label("", "soft")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.stop = button(tr("button.cancel"), self._on_stop)
        page = QWidget()
        body = column(0, self._doing, self._step, self.bar, spacing=10, margins=(120, 0, 120, 0))
        body.addLayout(row(0, self.stop))
        body.addStretch(1)
        page.setLayout(body)
        return page

    def _make_result(self) -> QWidget:
        self._verdict, self._figures = label("", "subtitle"), label("", "value")
        self._found, self._beside = label("", "soft"), label("", "value")
        for each in (self._verdict, self._figures, self._found, self._beside):
            each.setWordWrap(True)
        self.keep = button(tr("scores.fit.keep"), self._on_keep, "primary")
        again = button(tr("button.back"), lambda: self.pages.setCurrentIndex(0))
        page = QWidget()
        self.save = button(tr("challenger.fit.save"), self._choose_file)
        self.save.setAutoDefault(False)
        texts = (self._verdict, self._figures, 8, self._beside, 8, self._found)
        body = column(*texts, spacing=8, margins=(0, 10, 0, 0))
        body.addStretch(1)
        body.addLayout(row(again, 0, self.save, self.keep))
        page.setLayout(body)
        return page

    # The table

    def choose_table(self) -> None:
        """Ask for the table in a dialog."""
        name, _ = QFileDialog.getOpenFileName(self, tr("scores.fit.choose"), "", tr("scores.fit.files"))
        if name:
            self.open_table(Path(name))

    def open_table(self, path: Path) -> None:
        """Look at a table's columns and propose its outcome."""
        self.error.hide()
        self._looking.setText(tr("scores.bins.reading"))
        self._context.tasks.run(
            lambda progress: jobs.look_at(path, progress), self._on_look, self, "documents", key="look",
            failed=self._on_failed,
        )  # fmt: skip

    def _on_look(self, look: TableLook) -> None:
        self.look, self.guards = look, {}
        self.file.setText(tr("scores.rows", rows=fmt.number(look.rows), file=look.path.name))
        if not self.name.text().strip():
            self.name.setText(look.path.stem)
        offered = [each for each in look.columns if 2 <= each.distinct <= jobs.MOST_VALUES]
        with quietly(self.target):
            choices(self.target, [(each.name, each.name) for each in offered], look.target)
        self._on_target(look.bad_value)

    def _on_target(self, bad_value: str = "") -> None:
        if self.look is None or self.target.currentData() is None:
            self._looking.setText(tr("scores.fit.no_outcome") if self.look else "")
            self._show_state()
            return
        chosen = self.look.column(self.target.currentData())
        told = [(value, f"{value}  ({fmt.number(count)})") for value, count in chosen.values]
        with quietly(self.bad):
            choices(self.bad, told, bad_value or jobs.proposed_bad(chosen))
        self._fill()
        self._look_for_suspects()

    def _fill(self) -> None:
        """A line a column: whether it is used, what is suspect, and the reason to use it all the same."""
        assert self.look is not None
        columns = [each for each in self.look.columns if each.name != self.target.currentData()]
        self.table.setRowCount(len(columns))
        for place, each in enumerate(columns):
            use = QCheckBox(each.name)
            use.setChecked(True)
            use.toggled.connect(lambda _: self._show_state())
            reason = QLineEdit()
            reason.setPlaceholderText(tr("scores.fit.reason"))
            reason.setAccessibleName(f"{tr('scores.fit.reason')}: {each.name}")
            reason.textChanged.connect(lambda _: self._show_state())
            reason.hide()
            self.table.setCellWidget(place, 0, _padded(use))
            words = tr("scores.fit.values", count=fmt.number(each.distinct))
            self.table.setItem(place, 1, QTableWidgetItem(words))
            self.table.setItem(place, 2, QTableWidgetItem(""))
            self.table.setCellWidget(place, 3, _padded(reason))
        self._show_state()

    def _look_for_suspects(self) -> None:
        """Have the guards name what is suspect, before anything is fitted."""
        if self.look is None or self.bad.currentData() is None or jobs.extra_missing():
            return
        path, target, bad = self.look.path, self.target.currentData(), self.bad.currentData()
        self._looking.setText(tr("scores.fit.looking"))
        self._context.tasks.run(
            lambda progress: jobs.suspects(path, target, bad, progress), self._on_suspects, self, "modelling",
            key="suspects", failed=self._on_failed,
        )  # fmt: skip

    def _on_suspects(self, found: dict[str, list[Guard]]) -> None:
        self.guards = found
        for place, name in enumerate(self._names()):
            guards = found.get(name, [])
            item = self.table.item(place, 2)
            assert item is not None
            item.setText("  ".join(guard_words(guard) for guard in guards))
            item.setToolTip("\n".join(guard.why for guard in guards))
            item.setForeground(self._context.theme.colour("adverse" if guards else "ink"))
            if any(guard.excluded for guard in guards):
                self._use(place).setChecked(False)
        told = [guard_words(guard) for guard in found.get("", [])]
        named = sum(bool(found.get(name)) for name in self._names())
        self._looking.setText("  ".join([*told, tr("scores.fit.suspects", count=named)]))
        self._show_state()

    def _names(self) -> list[str]:
        return [self._use(place).text() for place in range(self.table.rowCount())]

    def _use(self, place: int) -> Any:
        return _inside(self.table.cellWidget(place, 0))

    def reason(self, name: str) -> Any:
        """The field in which the reason for a column stands."""
        return _inside(self.table.cellWidget(self._names().index(name), 3))

    def use(self, name: str) -> Any:
        """The box that says whether a column is used."""
        return self._use(self._names().index(name))

    def _guarded(self, name: str) -> bool:
        return any(guard.excluded for guard in self.guards.get(name, []))

    def _show_state(self) -> None:
        """Reasons are asked where a guarded column is used; without one nothing is fitted."""
        wanting = False
        for place, name in enumerate(self._names()):
            needed = self._guarded(name) and self._use(place).isChecked()
            field = _inside(self.table.cellWidget(place, 3))
            field.setVisible(needed)
            wanting |= needed and not field.text().strip()
        ready = self.look is not None and self.bad.currentData() is not None and bool(self.name.text().strip())
        self.start.setEnabled(ready and not wanting and not jobs.extra_missing())
        self.start.setToolTip(tr("scores.fit.reason_missing") if wanting else "")

    # Fitting

    def options(self) -> FitOptions:
        """What was chosen."""
        from app.usecases.add_scorecard import next_version

        names, name = self._names(), self.name.text().strip()
        reasons = {each: self.reason(each).text().strip() for each in names if self._guarded(each)}
        return FitOptions(
            name=name,
            author=self._context.desk.person,
            version=next_version(self._taken.get(name, [])),
            target=self.target.currentData(),
            bad_value=self.bad.currentData(),
            exclude=tuple(
                each for place, each in enumerate(names) if not self._use(place).isChecked() and not self._guarded(each)
            ),
            reasons={each: reason for each, reason in reasons.items() if reason and self.use(each).isChecked()},
            holdout=self.holdout.value() / 100,
            seed=self.seed.value(),
        )

    def fit(self) -> None:
        """Fit with what was chosen; the window stays free."""
        if not self.start.isEnabled() or self.look is None:
            return
        path, options, trend = self.look.path, self.options(), self.trend.currentData()
        self.error.hide()
        self._step.setText("")
        self.pages.setCurrentIndex(1)
        self.stop.setEnabled(True)
        self._doing.setText(tr("scores.fit.running"))
        work = jobs.fit_both if self.also.isChecked() else jobs.fit
        self._task = self._context.tasks.run(
            lambda progress: work(path, options, trend, progress), self._on_worked, self, "modelling",
            failed=self._on_failed, progress=self._on_progress,
        )  # fmt: skip

    def _on_progress(self, done: int, total: int | None, what: str) -> None:
        step, _, part = what.partition(": ")
        if step == "challenger":
            key = f"challenger.fit.part.{part}"
            self._step.setText(tr("challenger.fit.step", part=tr(key) if has_text(key) else part))
            return
        key = f"scores.fit.step.{what}"
        self._step.setText(tr(key) if has_text(key) else "")

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        if self._task is not None:
            self._task.cancel()

    def reject(self) -> None:
        """Close; a running fit is ended."""
        self._context.tasks.cancel_of(self)
        super().reject()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._task = None
        self._looking.setText("")
        self.pages.setCurrentIndex(0)
        if not isinstance(error, Cancelled):
            self._say(" ".join(filter(None, error_text(error))))

    def _say(self, text: str, role: str = "adverse") -> None:
        set_role(self.error, role)
        self.error.setText(text)
        self.error.show()

    def _on_worked(self, found: Any) -> None:
        """A scorecard, or one with what came of its challenger."""
        fitted, self.beside = found if isinstance(found, tuple) else (found, None)
        self._beside.setText("" if self.beside is None else beside_words(self.beside, self._foreign()))
        made = self.beside is not None and bool(self.beside.data)
        self._beside.setVisible(self.beside is not None)
        self.save.setVisible(made)
        self.keep.setText(tr("challenger.fit.keep" if made else "scores.fit.keep"))
        self._on_fitted(fitted)

    def _foreign(self) -> list[str]:
        """What the challenger looks at that is no fact, or none that may be scored."""
        catalogue = self._context.desk.workspace.catalogue
        looked_at = self.beside.report.get("features", ())
        return [name for name in looked_at if name not in catalogue or catalogue.prohibited(name)]

    def _choose_file(self) -> None:
        assert self.fitted is not None
        offered = f"{self.fitted.document['name']}.onnx"
        name, _ = QFileDialog.getSaveFileName(self, tr("challenger.fit.save"), offered, "ONNX (*.onnx)")
        if name:
            self.save_file(Path(name))

    def save_file(self, path: Path) -> None:
        """Write the challenger's file, and its digest beside it."""
        data = self.beside.data
        self.error.hide()
        self._context.tasks.run(
            lambda _: jobs.write_challenger(data, path),
            lambda written: self._say(tr("challenger.fit.saved", file=written.name), "favourable"),
            self,
            "documents",
            failed=lambda error: self._say(" ".join(filter(None, error_text(error)))),
        )

    def _on_fitted(self, fitted: Fitted) -> None:
        self._task, self.fitted = None, fitted
        report, document = fitted.report, fitted.document
        words = tr("scores.fit.done", name=document["name"], count=len(document["characteristics"]))
        self._verdict.setText(words + f"  ·  {report['seconds']:.1f} s")
        figures = [
            f"{name} {report[key]['value']:.4f} ({report[key]['low']:.4f} – {report[key]['high']:.4f})"
            for name, key in (("AUC", "auc"), ("Gini", "gini"), ("KS", "ks"), ("Brier", "brier"))
            if report[key] is not None
        ]
        self._figures.setText("\n".join(figures))
        told = [f"{guard.column or self.target.currentData()}: {guard_words(guard)}" for guard in fitted.guards]
        more = [tr("scores.fit.more", count=len(told) - SHOWN_GUARDS)] if len(told) > SHOWN_GUARDS else []
        self._found.setText("\n".join([*told[:SHOWN_GUARDS], *more]))
        self.pages.setCurrentIndex(2)
        self.keep.setFocus()

    def _on_keep(self) -> None:
        if self.fitted is not None:
            self.kept.emit(self.fitted.document)
            self.accept()


COLUMNS = ("name", "values", "suspect", "reason")


def guard_words(guard: Guard) -> str:
    """What is suspect: in English as the guard says it, else its kind; the figures stand in the tool tip."""
    key = f"scores.guard.{guard.code}"
    return guard.why if language() == "en" or not has_text(key) else tr(key)


def beside_words(beside: Any, foreign: list[str]) -> str:
    """What came of the challenger: its AUC, how far it is from the scorecard's, and whether it can run on cases."""
    if not beside.data:
        return tr("challenger.fit.failed", why=beside.problem)
    compared = beside.report["comparison"]
    lines = [tr("challenger.fit.no_holdout")]
    if compared is not None:
        auc, apart = compared["challenger"]["performance"]["auc"], compared["difference"]
        auc_words = {"auc": auc["value"], **auc}
        figures = {name: f"{float(auc_words[name]):.4f}" for name in ("auc", "low", "high")}
        signed = {name: f"{float(apart[name]):+.4f}".replace("-", "\u2212") for name in ("value", "low", "high")}
        chance = float(apart["p"])
        p = f"{chance:.3f}" if chance >= LEAST_P else f"< {LEAST_P}"
        lines = [tr("challenger.fit.done", **figures), tr("challenger.fit.difference", **signed, p=p)]
    if foreign:
        lines.append(tr("challenger.fit.foreign", names=tr("challenger.join").join(foreign)))
    return "\n".join(lines)


def _padded(field: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(row(field, margins=(12, 1, 6, 1)))
    return holder


def _inside(holder: QWidget) -> Any:
    layout = holder.layout()
    assert layout is not None
    item = layout.itemAt(0)
    assert item is not None
    return item.widget()
