"""Champion and challenger side by side: figures with intervals, curves, calibration, who changes side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLabel, QScrollArea, QStackedLayout, QWidget

from app.domain.challenger import KeptChallenger
from app.domain.register import ScorecardEntry
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import WorkbenchError
from views.comparison_jobs import Compared, Other, compare_with
from views.context import Context
from views.parts.basics import Shrinking, StatePane
from views.parts.plot import share
from views.parts.score_charts import CalibrationChart, RocChart
from views.parts.swap_chart import SwapChart
from views.strings import tr
from views.tasks import Task
from views.widgets import Notice, button, choices, column, frame, label, row

FIGURES = ("auc", "gini", "ks", "brier", "log_loss", "cost")
TITLES = ("figures", "roc", "calibration", "swap")


class ComparisonPanel(QWidget):
    """``table_wanted()`` when the training table must be chosen first, ``managed()`` to choose challengers."""

    table_wanted = Signal()
    managed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.card: Scorecard | None = None
        self.training: Any = None
        self.compared: Compared | None = None
        self._entries: list[ScorecardEntry] = []
        self._kept: list[KeptChallenger] = []
        self._running = ""  # name of the challenger in shadow
        self._wanted = ""  # SHA-256 of what is to be chosen once it is offered
        self._task: Task | None = None  # the comparison under way
        self.notice = Notice(context.theme)
        self.other = QComboBox()
        self.other.setMinimumWidth(260)
        self._with, self._sample = label("", "soft"), label("", "soft")
        self.run, self.file = button("", self.compare_chosen, "primary"), button("", self.choose_file)
        self.shadow, self.manage = Shrinking("", "soft"), button("", self.managed.emit)
        self.roc, self.calibration, self.swap = RocChart(context), CalibrationChart(context), SwapChart(context)
        self._titles = {name: label("", "heading") for name in TITLES}
        self._cells: dict[tuple[str, int], QLabel] = {}
        self._difference = label("", "value")
        self._difference.setWordWrap(True)
        self.state = StatePane()
        self.state.retried.connect(self.table_wanted)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._make_pictures())
        self._stack.addWidget(self.state)
        body = column(self.notice, spacing=0)
        tools = (self._with, self.other, self.run, self.file, 0, self.shadow, self.manage)
        body.addLayout(row(*tools, margins=(24, 12, 24, 0)))
        body.addLayout(self._stack, 1)
        self.setLayout(body)

    def _make_pictures(self) -> QScrollArea:
        grid = QGridLayout()
        grid.setSpacing(12)
        parts = {"figures": self._make_figures(), "roc": self.roc, "swap": self.swap, "calibration": self.calibration}
        for place, (name, part) in enumerate(parts.items()):
            body = column(spacing=6, margins=(16, 10, 14, 10))
            body.addLayout(row(self._titles[name], 0, *((self._sample,) if name == "figures" else ())))
            body.addWidget(part, 1)
            grid.addWidget(frame(body), place // 2, place % 2)
        for number in range(2):
            grid.setColumnStretch(number, 1)
            grid.setRowStretch(number, 1)
        inner = QWidget()
        body = column(margins=(24, 12, 24, 18))
        body.addLayout(grid, 1)
        inner.setLayout(body)
        area = QScrollArea(widgetResizable=True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        return area

    def _make_figures(self) -> QWidget:
        grid = QGridLayout()
        grid.setHorizontalSpacing(26)
        grid.setVerticalSpacing(7)
        for number, name in enumerate(("head", *FIGURES)):
            for place in range(3):
                role = ("soft", "value", "value")[place] if name != "head" else "caption"
                cell = self._cells[name, place] = label("", role)
                grid.addWidget(cell, number, place)
        grid.setColumnStretch(2, 1)
        body = column(spacing=10)
        body.addLayout(grid)
        body.addWidget(self._difference)
        body.addStretch(1)
        whole = QWidget()
        whole.setLayout(body)
        return whole

    def show_card(self, card: Scorecard, entries: list[ScorecardEntry], training: Any) -> None:
        """Offer the other scorecards; a comparison made before stays while the scorecard is the same."""
        if self.card is None or self.card.sha256 != card.sha256:
            self.compared = None
            self.notice.hide()
        self.card, self._entries, self.training = card, entries, training
        self.dress()
        self.read_challengers()

    def read_challengers(self) -> None:
        """Offer the challengers of the workspace, and say which one runs beside the scorecard."""
        card, challengers = self.card, self._context.desk.challengers

        def read(_: object) -> tuple[list[KeptChallenger], str]:
            running = challengers.in_shadow(card)
            return challengers.names(), running[0].name if running else ""

        self._context.tasks.run(read, self._on_challengers, self, "read", key="kept", failed=self._on_failed)

    def _on_challengers(self, read: tuple[list[KeptChallenger], str]) -> None:
        self._kept, self._running = read
        self._dress_tools()

    def dress(self) -> None:
        """Texts of the language in force."""
        if self.card is None:
            return
        self.notice.set_theme(self._context.theme)
        for name, each in self._titles.items():
            each.setText(tr("scores.swap.title" if name == "swap" else f"scores.{name}").upper())
        self._dress_tools()
        self._sample.setText("")
        if self.training is None:
            self.state.show_error(tr("scores.compare.no_table"), tr("scores.compare.no_table_text"))
            self.state.retry.setText(tr("scores.bins.choose"))
            self._stack.setCurrentIndex(1)
        elif self._task is not None and self._task.running:
            self.state.show_loading(tr("scores.compare.running"))
            self._stack.setCurrentIndex(1)
        elif self.compared is None:
            self.state.show_empty(tr("scores.compare.none"), tr("scores.compare.none_text"))
            self._stack.setCurrentIndex(1)
        else:
            self._show(self.compared)

    def _dress_tools(self) -> None:
        """What it can be compared with, and what runs in shadow."""
        assert self.card is not None
        self._with.setText(tr("scores.compare.with"))
        self.other.setAccessibleName(tr("scores.compare.with"))
        self.run.setText(tr("scores.compare.run"))
        self.file.setText(tr("scores.compare.file"))
        self.manage.setText(tr("challenger.manage"))
        none = tr("challenger.none_running")
        self.shadow.setText(tr("challenger.running", name=self._running) if self._running else none)
        others = [entry for entry in self._entries if entry.sha256 != self.card.sha256]
        offered = [(each.sha256, f"{each.name} · {each.sha256[:8]}") for each in reversed(self._kept)]
        offered += [(entry.sha256, f"{entry.name} {entry.version}") for entry in others]
        wanted = self._wanted if self._wanted in dict(offered) else None
        choices(self.other, offered, wanted)
        self._wanted = "" if wanted else self._wanted
        ready = self.training is not None
        for part in (self.other, self.run):
            part.setEnabled(self.other.count() > 0 and ready)
        self.file.setEnabled(ready)

    # Comparing

    def compare_chosen(self) -> None:
        """Compare with the chosen scorecard or challenger."""
        wanted = self.other.currentData()
        entry = next((each for each in self._entries if each.sha256 == wanted), None)
        if not self.run.isEnabled():
            return
        if entry is not None:
            self._compare(read_scorecard(entry.document))
        else:
            self.compare_kept(wanted)

    def compare_kept(self, sha256: str) -> None:
        """Compare with a challenger of the workspace."""
        challengers = self._context.desk.challengers
        self.compare_opened(lambda: challengers.load(sha256), sha256)

    def compare_opened(self, opened: Callable[[], Any], sha256: str) -> None:
        """Compare with the challenger that ``opened`` gives, off the UI thread; it is chosen where it is kept."""
        self._wanted = sha256
        self._compare(opened)

    def choose_file(self) -> None:
        """Compare with a challenger that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("scores.compare.file"), "", "ONNX (*.onnx)")
        if name:
            self.compare_file(Path(name))

    def compare_file(self, path: Path) -> None:
        """Compare with the challenger in a file."""
        self._compare(path)

    def _compare(self, other: Other) -> None:
        training = self.training
        if training is None:
            return
        self.state.show_loading(tr("scores.compare.running"))
        self._stack.setCurrentIndex(1)
        self._task = self._context.tasks.run(
            lambda _: compare_with(training, other), self._on_compared, self, "read", key="compare",
            failed=self._on_failed,
        )  # fmt: skip

    def _on_compared(self, compared: Compared) -> None:
        self.compared = compared
        self.notice.hide()
        self.dress()

    def _on_failed(self, error: WorkbenchError) -> None:
        self.notice.show_error(error)
        self.dress()

    def _show(self, compared: Compared) -> None:
        self._stack.setCurrentIndex(0)
        found = compared.comparison
        sample = tr(f"scores.sample.{compared.sample}")
        self._sample.setText(tr("scores.compare.sample", sample=sample, rows=f"{compared.rows:,}"))
        heads = ("", tr("scores.compare.champion", name=compared.names[0]))
        for place, text in enumerate((*heads, tr("scores.compare.challenger", name=compared.names[1]))):
            self._cells["head", place].setText(text)
        for name in FIGURES:
            self._cells[name, 0].setText(tr(f"scores.compare.figure.{name}"))
            for place, side in ((1, found.champion), (2, found.challenger)):
                self._cells[name, place].setText(_figure(name, side))
        self._show_difference(found)
        curves = list(zip(compared.names, compared.curves, strict=True))
        words = "; ".join(f"{name}: {_figure('auc', side)}" for name, side in
                          zip(compared.names, (found.champion, found.challenger), strict=True))  # fmt: skip
        self.roc.show_curves(curves, words)
        self.calibration.show_bands(list(zip(compared.names, compared.bands, strict=True)), words)
        self.swap.show_swap(found.swap)

    def _show_difference(self, found: Any) -> None:
        apart = found.difference
        line = tr(
            "scores.compare.difference",
            value=f"{apart.value:+.4f}".replace("-", "\u2212"),
            low=f"{apart.low:+.4f}".replace("-", "\u2212"),
            high=f"{apart.high:+.4f}".replace("-", "\u2212"),
            p=f"{apart.p:.3f}" if apart.p >= 0.001 else "< 0.001",
        )
        rates = [found.swap.bad_rate_champion, found.swap.bad_rate_challenger]
        told = ["–" if rate is None else share(rate) for rate in rates]
        at = tr("scores.compare.at_rate", rate=share(found.swap.approval_rate), champion=told[0], challenger=told[1])
        self._difference.setText(f"{line}\n{at}")


def _figure(name: str, side: Any) -> str:
    if name == "log_loss":
        return f"{side.log_loss:.4f}"
    if name == "cost":
        return f"{side.cost.at_equal_approval:.4f}"
    found = getattr(side.performance, name)
    return "–" if found is None else f"{found.value:.4f}   {found.low:.4f} – {found.high:.4f}"
