"""How a scorecard holds up on the cases: months at a glance, and every figure with its light, the worst first."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QTableWidget, QTableWidgetItem, QWidget

from app.domain.register import ScorecardEntry
from app.domain.watching import UNDATED, Light, Reading
from app.errors import WorkbenchError
from views import format as fmt
from views.context import Context
from views.parts.basics import StatePane
from views.strings import has_text, tr
from views.widgets import button, column, error_text, frame, label, row

MONTHS = ("light", "month", "cases", "mean_points", "psi", "auc", "ks")
READINGS = ("light", "measure", "subject", "month", "value", "limits", "cases")
TONE = {Light.RED: "adverse", Light.AMBER: "amber", Light.GREEN: "favourable", Light.GREY: "struck"}
ORDER = (Light.RED, Light.AMBER, Light.GREEN, Light.GREY)


class MonitoringPanel(QWidget):
    """Measures when asked to: what crosses a threshold is kept as an alert."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._entry: ScorecardEntry | None = None
        self.report: Any = None  # app.usecases.monitor_scorecard.MonitoringReport
        self._summary = label("", "soft")
        self.measure = button("", self.run, "primary")
        self._titles = {name: label("", "heading") for name in ("months", "readings")}
        self.months, self.readings = _table(len(MONTHS), len(MONTHS) - 1), _table(len(READINGS), 2)
        self.state = StatePane()
        self.state.retried.connect(self.run)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._make_tables())
        self._stack.addWidget(self.state)
        body = column(spacing=0)
        body.addLayout(row(self._summary, 0, self.measure, margins=(24, 12, 24, 10)))
        body.addLayout(self._stack, 1)
        self.setLayout(body)

    def _make_tables(self) -> QWidget:
        parts = []
        for name, table in (("months", self.months), ("readings", self.readings)):
            body = column(self._titles[name], spacing=6, margins=(14, 10, 10, 8))
            body.addWidget(table, 1)
            parts.append(frame(body))
        whole = QWidget()
        layout = column(*parts, spacing=12, margins=(24, 0, 24, 18))
        layout.setStretch(0, 1)
        layout.setStretch(1, 2)
        whole.setLayout(layout)
        return whole

    def show_entry(self, entry: ScorecardEntry) -> None:
        """Show what was measured of a scorecard last, or ask for a measurement."""
        if self._entry is None or self._entry.sha256 != entry.sha256:
            self.report = None
        self._entry = entry
        self.dress()

    def dress(self) -> None:
        """Texts of the language in force."""
        if self._entry is None:
            return
        self.measure.setText(tr("scores.watch.measure"))
        self.measure.setEnabled(self._entry.cases > 0)
        for name, each in self._titles.items():
            each.setText(tr(f"scores.watch.{name}").upper())
        for table, names in ((self.months, MONTHS), (self.readings, READINGS)):
            table.setHorizontalHeaderLabels([tr(f"scores.watch.column.{name}") for name in names])
        self.months.setAccessibleName(tr("scores.watch.months"))
        self.readings.setAccessibleName(tr("scores.watch.readings"))
        self._summary.setText("")
        if self.report is not None:
            self._show(self.report)
        elif self._entry.cases:
            self.state.show_empty(tr("scores.watch.none"), tr("scores.watch.none_text"))
            self._stack.setCurrentIndex(1)
        else:
            self.state.show_empty(tr("scores.watch.no_cases"), tr("scores.watch.no_cases_text"))
            self._stack.setCurrentIndex(1)

    # Measuring

    def run(self) -> None:
        """Measure on the cases of the workspace; new alerts are kept."""
        from app.bootstrap.watching import monitor

        entry, desk = self._entry, self._context.desk
        if entry is None or not entry.cases:
            return
        self.measure.setEnabled(False)
        self.state.show_loading(tr("scores.watch.running"))
        self._stack.setCurrentIndex(1)

        def done(report: Any) -> None:
            if self._entry is not None and self._entry.sha256 == entry.sha256:
                self.report = report
                self.dress()

        self._context.tasks.run(
            lambda _: monitor(desk, scorecard=entry.sha256), done, self, "write", key="watch", failed=self._on_failed
        )

    def _on_failed(self, error: WorkbenchError) -> None:
        self.measure.setEnabled(True)
        self.state.show_error(*error_text(error))
        self._stack.setCurrentIndex(1)

    def _show(self, report: Any) -> None:
        self._stack.setCurrentIndex(0)
        counts = [sum(reading.light is light for reading in report.readings) for light in ORDER]
        self._summary.setText(
            tr(
                "scores.watch.summary",
                cases=fmt.number(report.scorecard.cases),
                red=counts[0],
                amber=counts[1],
                green=counts[2],
                grey=counts[3],
            )
        )
        self.months.setRowCount(len(report.months))
        for place, each in enumerate(report.months):
            self._fill(self.months, place, each.light, self._month_cells(each))
        ordered = sorted(report.readings, key=lambda reading: ORDER.index(reading.light))
        self.readings.setRowCount(len(ordered))
        for place, reading in enumerate(ordered):
            self._fill(self.readings, place, reading.light, self._reading_cells(reading), reading.note)

    def _month_cells(self, each: Any) -> list[str]:
        data = each.to_json()
        figures = [data["mean_points"], data["psi"], data["auc"], data["ks"]]
        texts = [_figure(value, 1 if place == 0 else 3) for place, value in enumerate(figures)]
        return [self._month(data["month"]), fmt.number(data["cases"]), *texts]

    def _reading_cells(self, reading: Reading) -> list[str]:
        subject = reading.subject
        name = fmt.fact_label(subject, self._context.desk.workspace.catalogue, self._context.language)
        limits = reading.threshold
        key = f"scores.watch.measure_of.{reading.measure}"
        return [
            tr(key) if has_text(key) else reading.measure,
            name or tr("scores.watch.whole"),
            self._month(reading.month),
            _figure(reading.value, 3),
            "" if limits is None else f"{limits.amber:g} / {limits.red:g}",
            fmt.number(reading.cases),
        ]

    def _month(self, month: str | None) -> str:
        if month is None:
            return tr("scores.watch.all_months")
        return tr("scores.watch.undated") if month == UNDATED else month

    def _fill(self, table: QTableWidget, place: int, light: Light, texts: list[str], note: str = "") -> None:
        theme = self._context.theme
        for at, text in enumerate([f"●  {tr(f'scores.watch.light.{light.value}')}", *texts]):
            item = QTableWidgetItem(text)
            item.setToolTip(note)
            if at == 0:
                item.setForeground(theme.colour(TONE[light]))
            table.setItem(place, at, item)


def _figure(value: Any, places: int) -> str:
    """A figure, or the middle one of its interval."""
    found = value["value"] if isinstance(value, dict) else value
    return fmt.NOTHING if found is None else f"{found:,.{places}f}".replace("-", "\u2212")


def _table(columns: int, wide: int) -> QTableWidget:
    table = QTableWidget(0, columns)
    table.setProperty("role", "plain")
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(30)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
    return table
