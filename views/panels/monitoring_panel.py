"""How a scorecard holds up on the cases: months, stability, grades, overrides, segments, vintages, with lights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedLayout, QStackedWidget, QTabBar, QWidget

from app.domain.register import ScorecardEntry
from app.errors import WorkbenchError
from views import format as fmt
from views.context import Context
from views.models import watching
from views.models.validation import Band
from views.models.watching import ORDER, Sheet, Words, limits_words
from views.parts.basics import StatePane
from views.parts.score_charts import CalibrationChart, band_words
from views.parts.sheet_table import SheetTable, dot_icon
from views.parts.vintage_chart import VintageChart
from views.strings import tr
from views.widgets import button, column, error_text, frame, label, row, shortcut

PARTS = ("overview", "stability", "grades", "overrides", "segments", "vintages", "readings")
SHEETS = ("months", "alerts", *PARTS[1:])
ROOMY = 1080  # pixels from which a chart has its table beside it, not beneath


class MonitoringPanel(QWidget):
    """Measures when asked to: what crosses a threshold is kept as an alert. ``fairness_wanted`` asks for its dialog."""

    fairness_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._entry: ScorecardEntry | None = None
        self.report: Any = None  # app.usecases.monitor_scorecard.MonitoringReport
        self._summary = label("", "soft")
        self.measure = button("", self.run, "primary")
        self.fairness = button("", self.fairness_wanted.emit)
        self.tabs = QTabBar()
        self.tables = {name: SheetTable(context) for name in SHEETS}
        self.no_rows = {name: label("", "soft") for name in SHEETS}
        self._titles = {name: label("", "heading") for name in SHEETS}
        self.limits = {name: label("", "soft") for name in SHEETS}
        self.curves, self.calibration = VintageChart(context), CalibrationChart(context)
        self._beside: list[QBoxLayout] = []
        self.state = StatePane()
        self._lay_out()
        self.state.retried.connect(self.run)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.tables["vintages"].picked.connect(self._on_vintage)
        for step, keys in ((-1, "Ctrl+PgUp"), (1, "Ctrl+PgDown")):
            shortcut(keys, self, _turned(self.tabs, step))

    def _lay_out(self) -> None:
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setIconSize(QSize(10, 10))
        self._pages = QStackedWidget()
        for page in (
            self._page(("months", 3), ("alerts", 4)),
            self._page(("stability", 1)),
            self._page(("grades", 3), chart=self.calibration),
            self._page(("overrides", 1)),
            self._page(("segments", 1)),
            self._page(("vintages", 3), chart=self.curves),
            self._page(("readings", 1)),
        ):
            self._pages.addWidget(page)
        told = QWidget()
        inner = column(spacing=0)
        inner.addLayout(row(self.tabs, 0, margins=(24, 0, 24, 0)))
        inner.addWidget(self._pages, 1)
        told.setLayout(inner)
        self._stack = QStackedLayout()
        self._stack.addWidget(told)
        self._stack.addWidget(self.state)
        body = column(spacing=0)
        body.addLayout(row(self._summary, 0, self.fairness, self.measure, margins=(24, 12, 24, 4)))
        body.addLayout(self._stack, 1)
        self.setLayout(body)

    def _page(self, *sheets: tuple[str, int], chart: QWidget | None = None) -> QWidget:
        """Sheets beneath each other, with their stretch; a chart before a single one."""
        layout = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        layout.setContentsMargins(24, 10, 24, 16)
        layout.setSpacing(12)
        if chart is not None:
            layout.addWidget(frame(column(chart, margins=(8, 8, 8, 4))), 2)
            self._beside.append(layout)
        for name, stretch in sheets:
            self.limits[name].setWordWrap(True)
            body = column(self._titles[name], self.no_rows[name], spacing=6, margins=(14, 10, 10, 8))
            body.addWidget(self.tables[name], 1)
            body.addWidget(self.limits[name])
            layout.addWidget(frame(body), stretch)
        page = QWidget()
        page.setLayout(layout)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a wide window a chart has its table beside it."""
        across = event.size().width() >= ROOMY
        for layout in self._beside:
            way = QBoxLayout.Direction
            layout.setDirection(way.LeftToRight if across else way.TopToBottom)

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
        self.fairness.setText(tr("scores.fair.action"))
        while self.tabs.count() < len(PARTS):
            self.tabs.addTab("")
        for place, name in enumerate(PARTS):
            self.tabs.setTabText(place, tr(f"scores.watch.{name}"))
        self.tabs.setAccessibleName(tr("scores.watch.parts"))
        for name, each in self._titles.items():
            each.setText(tr(f"scores.watch.title.{name}").upper())
        self._summary.setText("")
        if self.report is not None:
            self._show(self.report)
            return
        key = "none" if self._entry.cases else "no_cases"
        self.state.show_empty(tr(f"scores.watch.{key}"), tr(f"scores.watch.{key}_text"))
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

    # Showing

    def sheets(self) -> dict[str, Sheet]:
        """Every table of the report, in the language in force."""
        report, context = self.report, self._context
        words = Words(context.desk.workspace.catalogue, context.language)
        return {
            "months": watching.months_sheet(report),
            "alerts": watching.alerts_sheet(report, words),
            "stability": watching.characteristics_sheet(report, words),
            "grades": watching.grades_sheet(report),
            "overrides": watching.overrides_sheet(report),
            "segments": watching.segments_sheet(report, words),
            "vintages": watching.vintages_sheet(report),
            "readings": watching.readings_sheet(report, words),
        }

    def _show(self, report: Any) -> None:
        self._stack.setCurrentIndex(0)
        counts = [sum(reading.light is light for reading in report.readings) for light in ORDER]
        named = dict(zip(("red", "amber", "green", "grey"), counts, strict=True))
        self._summary.setText(tr("scores.watch.summary", cases=fmt.number(report.scorecard.cases), **named))
        sheets = self.sheets()
        for name, sheet in sheets.items():
            self._show_sheet(name, sheet)
        for place, name in enumerate(PARTS):
            light = sheets["months" if name == "overview" else name].light
            self.tabs.setTabIcon(place, dot_icon(self._context, light))
            self.tabs.setTabToolTip(place, tr(f"scores.watch.light.{light.value}"))
        self.curves.show_vintages(report.vintages)
        self._show_calibration(report)

    def _show_sheet(self, name: str, sheet: Sheet) -> None:
        self.tables[name].show_sheet(sheet, tr(f"scores.watch.title.{name}"))
        self.tables[name].setVisible(bool(sheet.rows))
        self.no_rows[name].setText(tr(f"scores.watch.no_{name}") if not sheet.rows else "")
        self.no_rows[name].setVisible(not sheet.rows)
        self.limits[name].setText(limits_words(sheet.limits))
        self.limits[name].setVisible(bool(sheet.limits and sheet.rows))

    def _show_calibration(self, report: Any) -> None:
        """Grades with outcomes as bands of the calibration plot."""
        bands = [
            Band(row.good + row.bad, row.expected / (row.good + row.bad), row.observed)
            for row in report.grades
            if row.grade and row.observed is not None
        ]
        name = f"{report.scorecard.name} {report.scorecard.version}"
        self.calibration.show_bands([(name, bands)], "; ".join(map(band_words, bands)))

    def _on_vintage(self, place: int) -> None:
        if self.report is not None and place < len(self.report.vintages):
            self.curves.choose(self.report.vintages[place].month)


def _turned(tabs: QTabBar, step: int) -> Callable[[], None]:
    return lambda: tabs.setCurrentIndex((tabs.currentIndex() + step) % tabs.count() if tabs.count() else -1)
