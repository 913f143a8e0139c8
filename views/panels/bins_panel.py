"""The bin editor: a characteristic's bins merged, split, moved, grouped, forced and fixed, with the figures at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QProgressBar,
    QSpinBox,
    QWidget,
)

from app.domain.bin_plan import BinPlan
from app.domain.fitting import Fitted, Trend
from app.domain.scorecard import CharacteristicKind, Scorecard
from app.errors import Cancelled, WorkbenchError
from views import bin_jobs as jobs
from views import format as fmt
from views import stored_words
from views.bin_jobs import PlanFigures
from views.context import Context
from views.models.bin_history import BinHistory
from views.parts.basics import KeyValue
from views.parts.bin_chart import Bar, BinChart
from views.strings import tr
from views.tasks import Task
from views.widgets import Notice, button, choices, column, frame, label, quietly, row, shortcut

NAME = Qt.ItemDataRole.UserRole
WIDTH = 216
TABLES_KEPT = 3


class BinsPanel(QWidget):
    """``saved(document)`` when a refitted card is to be kept as a new version; ``opened()`` when its table is there."""

    saved = Signal(object)
    opened = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.card: Scorecard | None = None
        self.history: BinHistory | None = None
        self.training: Any = None  # app.bootstrap.training.Training
        self.figures: PlanFigures | None = None
        self.fitted: Fitted | None = None
        self._was: dict[str, PlanFigures] = {}  # by characteristic, as the scorecard has it
        self._task: Task | None = None
        self._trainings: dict[str, Any] = {}  # of the scorecards looked at last, by SHA-256
        self._fallback_version = "1.1.0"
        self._make_parts()
        self._lay_out()
        self._connect()

    # Making

    def _make_parts(self) -> None:
        self.notice = Notice(self._context.theme)
        self.names = QListWidget()
        self.names.setProperty("role", "bare")
        self.names.setFixedWidth(WIDTH)
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._heading = label("", "heading")
        self.chart = BinChart(self._context)
        self.values = {name: KeyValue() for name in ("iv", "gini", "psi", "card")}
        self.merge, self.split = button("", self.merge_chosen), button("", self.split_chosen)
        self.undo, self.redo = button("", self.step_back, "quiet"), button("", self.step_forward, "quiet")
        self.trend = QComboBox()
        self.trend.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.points = QSpinBox()
        self.points.setRange(-10_001, 10_000)
        self.points.setMinimumWidth(130)
        self.points.lineEdit().setTextMargins(8, 0, 0, 0)
        self._fix_label, self._trend_label = label("", "soft"), label("", "soft")
        self.refit, self.save = button("", self.fit_anew), button("", self.save_version, "primary")
        self.stop = button("", self._on_stop)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.bar.setFixedWidth(120)
        self._result = label("", "value")
        self._why, self.choose = label("", "soft"), button("", self.choose_table)
        self._why.setWordWrap(True)
        self.banner = frame(row(self._why, self.choose, spacing=14, margins=(16, 10, 12, 10)), "card")
        self.banner.layout().setStretch(0, 1)  # type: ignore[union-attr]

    def _lay_out(self) -> None:
        tools = row(self.merge, self.split, 6, self._trend_label, self.trend, 6, self._fix_label, self.points, 0)
        tools.addWidget(self.undo)
        tools.addWidget(self.redo)
        inner = column(spacing=8, margins=(16, 12, 16, 10))
        inner.addLayout(row(*self.values.values(), 0, spacing=30))
        inner.addWidget(self.chart, 1)
        inner.addLayout(tools)
        last = row(self._result, self.bar, self.stop, 0, self.refit, self.save)
        right = column(self.banner, frame(inner), spacing=10)
        right.setStretch(1, 1)
        right.addLayout(last)
        left = column(self._heading, self.names, spacing=8)
        body = row(spacing=14, margins=(20, 14, 20, 14))
        body.addLayout(left)
        body.addLayout(right, 1)
        whole = column(self.notice, spacing=0)
        whole.addLayout(body, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.chart)

    def _connect(self) -> None:
        self.names.currentItemChanged.connect(lambda *_: self._on_name())
        self.chart.merge_wanted.connect(self._on_merge)
        self.chart.split_wanted.connect(self._on_split)
        self.chart.edge_wanted.connect(self._on_edge)
        self.chart.selected.connect(self._show_tools)
        self.trend.currentIndexChanged.connect(lambda _: self._on_trend())
        self.points.valueChanged.connect(self._on_points)
        for keys, act in (
            ("M", self.merge_chosen),
            ("S", self.split_chosen),
            ("P", self._focus_points),
            ("T", self.trend.setFocus),
            ("Ctrl+Z", self.step_back),
            ("Ctrl+Shift+Z", self.step_forward),
            ("Ctrl+Y", self.step_forward),
            ("Ctrl+R", self.fit_anew),
            ("Ctrl+S", self.save_version),
        ):
            shortcut(keys, self, act)

    def dress(self) -> None:
        """Texts of the language in force."""
        self._heading.setText(tr("scores.bins.characteristics").upper())
        self.names.setAccessibleName(tr("scores.bins.characteristics"))
        for name, each, keys in (
            ("merge", self.merge, "M"),
            ("split", self.split, "S"),
            ("undo", self.undo, "Ctrl+Z"),
            ("redo", self.redo, "Ctrl+Shift+Z"),
            ("refit", self.refit, "Ctrl+R"),
            ("save", self.save, "Ctrl+S"),
        ):
            each.setText(tr(f"scores.bins.{name}"))
            each.setToolTip(f"{tr(f'scores.bins.{name}_why')}  {keys}")
        self.stop.setText(tr("button.cancel"))
        self.choose.setText(tr("scores.bins.choose"))
        self._trend_label.setText(tr("scores.bins.trend"))
        self._fix_label.setText(tr("scores.bins.points"))
        self.trend.setAccessibleName(tr("scores.bins.trend"))
        self.points.setAccessibleName(tr("scores.bins.points"))
        self.points.setSpecialValueText(tr("scores.bins.by_fit"))
        choices(self.trend, [(each.value, tr(f"scores.bins.trend_{each.value}")) for each in Trend])
        self.notice.set_theme(self._context.theme)
        if self.card is not None:
            self._list_names()
            self._show_current()

    # Showing

    def show_card(self, card: Scorecard, *, next_version: str) -> None:
        """Edit the bins of a scorecard; without its table they are only shown."""
        self._fallback_version = next_version
        if self.card is not None and self.card.sha256 == card.sha256:
            self.dress()
            return
        self._cancel_fit()
        self.card, self.history = card, BinHistory(card)
        self.training = self._trainings.get(card.sha256)
        self.figures, self.fitted, self._was = None, None, {}
        self.notice.hide()
        self.dress()

    def show_characteristic(self, name: str) -> None:
        """Choose a characteristic."""
        for at in range(self.names.count()):
            if self.names.item(at).data(NAME) == name:
                self.names.setCurrentRow(at)

    def _list_names(self) -> None:
        assert self.card is not None
        chosen = max(0, self.names.currentRow())
        with quietly(self.names):
            self.names.clear()
            for each in self.card.characteristics:
                item = QListWidgetItem(self._label(each.name))
                item.setData(NAME, each.name)
                item.setToolTip(each.name)
                item.setSizeHint(QSize(WIDTH - 16, 32))
                self.names.addItem(item)
            self.names.setCurrentRow(min(chosen, self.names.count() - 1))

    def _label(self, name: str) -> str:
        return fmt.fact_label(name, self._context.desk.workspace.catalogue, self._context.language)

    @property
    def name(self) -> str:
        """The chosen characteristic."""
        item = self.names.currentItem()
        return "" if item is None else str(item.data(NAME))

    @property
    def plan(self) -> BinPlan:
        """The plan of the chosen characteristic."""
        assert self.history is not None
        return self.history.plans[self.name]

    def _on_name(self) -> None:
        self.chart.first = self.chart.last = 0
        self._show_current()

    def _show_current(self) -> None:
        """Show the chosen characteristic: from the document at once, from the table as soon as it is counted."""
        if self.card is None or not self.name:
            return
        self._show_banner()
        if self.training is None:
            self._show_figures(jobs.figures_of_document(self.card, self.plan))
        else:
            self._count(self.plan)

    def _count(self, plan: BinPlan) -> None:
        """Have the figures of a plan worked out; an older answer never takes the place of a newer one."""
        assert self.history is not None
        training, plans, known = self.training, {**self.history.plans, plan.name: plan}, plan.name in self._was
        first = self.history.first

        def work(_: object) -> tuple[PlanFigures, PlanFigures | None]:
            was = None if known else jobs.figures_of(training, first, plan.name)
            return jobs.figures_of(training, plans, plan.name), was

        def done(found: tuple[PlanFigures, PlanFigures | None]) -> None:
            if found[1] is not None:
                self._was[plan.name] = found[1]
            self._show_figures(found[0])

        self._context.tasks.run(work, done, self, "read", key="bins", failed=self.notice.show_error)

    def _show_figures(self, found: PlanFigures) -> None:
        if found.plan.name != self.name:
            return
        self.figures = found
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        plan = found.plan
        bars = [
            Bar(
                label=stored_words.bin_words(plan.name, plan.label(place), catalogue, language),
                share=found.share(place),
                cases=found.good[place] + found.bad[place],
                bad_rate=found.rate(place),
                held_rate=found.held_rate(place),
                woe=found.woe[place],
                points=found.points[place],
                fixed=plan.fixed[place] is not None,
                main=place < plan.main,
                short=_short(plan, place),
            )
            for place in range(plan.size)
        ]
        self.chart.show_bars(bars, ordered=plan.numeric, editable=self._editable(plan))
        self._show_values(found)
        self._show_tools()

    def _editable(self, plan: BinPlan) -> bool:
        return self.training is not None and plan.kind is not CharacteristicKind.BOOLEAN and self._task is None

    def _show_values(self, found: PlanFigures) -> None:
        was = self._was.get(found.plan.name)
        for name, now, before in (
            ("iv", found.information_value, was.information_value if was else None),
            ("gini", found.gini, was.gini if was else None),
            ("psi", found.psi, was.psi if was else None),
            ("card", found.card_gini, was.card_gini if was else None),
        ):
            text = "" if now is None else f"{now:.4f}"
            if now is not None and before is not None and abs(now - before) >= 0.00005:
                text += f"   {now - before:+.4f}".replace("-", "\u2212")
            self.values[name].show_value(tr(f"scores.bins.value.{name}"), text)
            self.values[name].setToolTip(tr(f"scores.bins.value_why.{name}"))

    def _show_banner(self) -> None:
        assert self.card is not None
        data = self.card.document["fit"]["data"]
        self.banner.setVisible(self.training is None)
        self._why.setText(tr("scores.bins.no_table", file=data["file"], sha256=data["sha256"][:12]))

    def _show_tools(self) -> None:
        if self.history is None or self.figures is None:
            return
        plan, busy, chart = self.plan, self._task is not None, self.chart
        editable, table = chart.editable and not busy, self.training is not None and not busy
        pair = chart.last > chart.first or chart.first + 1 < plan.main
        self.merge.setEnabled(editable and pair and chart.last < plan.main)
        single = plan.numeric or (chart.first < plan.main and len(plan.groups[chart.first]) > 1)
        self.split.setEnabled(editable and chart.first == chart.last < plan.main and single)
        self.trend.setEnabled(editable and plan.numeric)
        self.points.setEnabled(table)
        self.undo.setEnabled(self.history.can_undo and not busy)
        self.redo.setEnabled(self.history.can_redo and not busy)
        self.refit.setEnabled(table and self.history.changed)
        self.save.setEnabled(self.fitted is not None and not busy)
        for each in (self.bar, self.stop):
            each.setVisible(busy)
        with quietly(self.trend, self.points):
            self.trend.setCurrentIndex(self.trend.findData(plan.trend.value))
            fixed = plan.fixed[chart.first] if chart.first < plan.size else None
            self.points.setValue(self.points.minimum() if fixed is None else fixed)

    # Changing

    def put(self, plan: BinPlan) -> None:
        """Make a plan the one in force, and show what it comes to."""
        assert self.history is not None
        if self._task is None and self.history.put(plan):
            self.fitted = None
            self._result.setText("")
            self._count(plan)
        else:
            self._show_current()

    def merge_chosen(self) -> None:
        """Merge the chosen bins, or the chosen one with its right neighbour."""
        first, last = self.chart.first, self.chart.last
        if self.merge.isEnabled():
            self._on_merge(first, last if last > first else first + 1)

    def _on_merge(self, first: int, last: int) -> None:
        numeric = self.plan.numeric
        plan = self.plan.merged(first, last) if numeric or abs(last - first) == 1 else self.plan.joined(first, last)
        if not numeric and last - first > 1 and self.chart.last > self.chart.first:
            plan = self.plan.merged(first, last)
        self.chart.first = self.chart.last = min(first, last)
        self.put(plan)

    def split_chosen(self) -> None:
        """Split the chosen bin at the best place; of a group a person says which category goes out."""
        if self.split.isEnabled():
            self._on_split(self.chart.first, -1.0)

    def _on_split(self, place: int, part: float) -> None:
        plan, training = self.plan, self.training
        if not plan.numeric:
            self._ask_category(place)
            return

        def work(_: object) -> float | None:
            return jobs.split_at(training, plan, place) if part < 0 else jobs.edge_at(training, plan, place, part)

        def done(at: float | None) -> None:
            if at is None or at in plan.edges:
                self.notice.show_word(tr("scores.bins.no_split"))
            elif self.plan == plan:
                self.put(plan.split(at))

        self._context.tasks.run(work, done, self, "read", key="edge", failed=self.notice.show_error)

    def _ask_category(self, place: int) -> None:
        menu = QMenu(self)
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        for name in self.plan.groups[place]:
            action = QAction(fmt.category_label(self.plan.name, name, catalogue, language), menu)
            action.triggered.connect(partial(self.take_out, name))
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.split.mapToGlobal(self.split.rect().bottomLeft()))

    def take_out(self, category: str, *_: object) -> None:
        """Give a category a bin of its own."""
        self.put(self.plan.taken_out(category))

    def _on_edge(self, edge: int, place: int, part: float, final: bool) -> None:
        plan, training = self.plan, self.training

        def done(at: float | None) -> None:
            if at is None or self.plan != plan:
                return
            moved = plan.moved(edge, at)
            if final:
                self.put(moved)
            else:
                self._count(moved)

        self._context.tasks.run(lambda _: jobs.edge_at(training, plan, place, part), done, self, "read", key="edge")

    def _on_trend(self) -> None:
        if self.figures is not None and self.trend.isEnabled():
            trend = Trend(self.trend.currentData())
            self.put(self.plan.forced(trend, self.figures.good, self.figures.bad))

    def _on_points(self, value: int) -> None:
        if self.figures is not None and self.points.isEnabled():
            self.put(self.plan.fix(self.chart.first, None if value == self.points.minimum() else value))

    def _focus_points(self) -> None:
        """Begin at the points the bin has, so that the arrow keys start from there."""
        if self.points.isEnabled() and self.figures is not None:
            if self.points.value() == self.points.minimum():
                with quietly(self.points):
                    self.points.setValue(self.figures.points[self.chart.first])
            self.points.setFocus()
            self.points.selectAll()

    def step_back(self) -> None:
        """Undo the last change, of whichever characteristic."""
        self._step(self.history.undo if self.history else None)

    def step_forward(self) -> None:
        self._step(self.history.redo if self.history else None)

    def _step(self, step: Callable[[], str] | None) -> None:
        name = step() if step is not None and self._task is None else ""
        if name:
            self.fitted = None
            self._result.setText("")
            with quietly(self.names):
                self.show_characteristic(name)
            self._show_current()

    # The table

    def choose_table(self) -> None:
        """Ask for the table the scorecard was fitted on."""
        name, _ = QFileDialog.getOpenFileName(self, tr("scores.bins.choose"), "", tr("scores.fit.files"))
        if name:
            self.open_table(Path(name))

    def open_table(self, path: Path) -> None:
        """Read the training table; it is refused when its fingerprint is another."""
        from app.bootstrap.training import load_training

        card = self.card
        assert card is not None
        self.choose.setEnabled(False)
        self.choose.setText(tr("scores.bins.reading"))
        self._context.tasks.run(
            lambda progress: load_training(path, card, progress),
            self._on_training,
            self,
            "documents",
            key="training",
            failed=self._on_refused,
        )

    def _on_training(self, training: Any) -> None:
        self.choose.setEnabled(True)
        self._trainings[training.card.sha256] = training
        while len(self._trainings) > TABLES_KEPT:
            del self._trainings[next(iter(self._trainings))]
        if self.card is not None and training.card.sha256 == self.card.sha256:
            self.training = training
            self.notice.hide()
            self.opened.emit()
        self.dress()

    def _on_refused(self, error: WorkbenchError) -> None:
        self.choose.setEnabled(True)
        self.choose.setText(tr("scores.bins.choose"))
        self.notice.show_error(error)

    # Fitting anew

    def fit_anew(self) -> None:
        """Fit the whole card under the plans; its figures are shown, and nothing is kept yet."""
        if not self.refit.isEnabled() or self.history is None:
            return
        training, plans = self.training, dict(self.history.plans)
        version, author = self._fallback_version, self._context.desk.person
        self._result.setText(tr("scores.fit.running"))
        self._task = self._context.tasks.run(
            lambda progress: jobs.refit(training, plans, version, author, progress),
            self._on_fitted,
            self,
            "modelling",
            failed=self._on_fit_failed,
        )
        self.chart.editable = False
        self._show_tools()

    def _on_fitted(self, fitted: Fitted) -> None:
        self._task, self.fitted = None, fitted
        report = fitted.report
        card = self.card
        assert card is not None
        change = report["gini"]["value"] - float(card.performance.gini.value)
        self._result.setText(tr("scores.bins.refitted", gini=f"{report['gini']['value']:.4f}", change=f"{change:+.4f}"))
        self._show_current()

    def _on_fit_failed(self, error: WorkbenchError) -> None:
        self._task = None
        self._result.setText("")
        if not isinstance(error, Cancelled):
            self.notice.show_error(error)
        self._show_current()

    def _on_stop(self) -> None:
        self._cancel_fit()

    def _cancel_fit(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def save_version(self) -> None:
        """Keep the card as it was fitted anew, as a new version."""
        if self.fitted is not None and self._task is None:
            self.saved.emit(self.fitted.document)


def _short(plan: BinPlan, place: int) -> str:
    """An interval in as few signs as there are; nothing for the other bins."""
    if not plan.numeric or place >= plan.main:
        return ""
    return plan.label(place).replace(" – < ", "–")
