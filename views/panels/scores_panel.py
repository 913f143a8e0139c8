"""The scores room: the scorecards at the left, the chosen one beside them with its points, bins and validation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.domain.register import ScorecardEntry
from app.domain.scorecard import Scorecard
from app.errors import WorkbenchError
from app.usecases.add_scorecard import next_version
from views import scores_jobs as jobs
from views.context import Context
from views.panels.approve_dialog import ApproveDialog
from views.panels.bins_panel import BinsPanel
from views.panels.comparison_panel import ComparisonPanel
from views.panels.monitoring_panel import MonitoringPanel
from views.panels.scorecard_head import ScorecardHead
from views.panels.scorecard_list import ScorecardList
from views.panels.validation_panel import ValidationPanel
from views.parts.basics import StatePane
from views.parts.points_table import PointsTable
from views.strings import tr
from views.widgets import EmptyState, Notice, button, column, error_text, frame, label, row, shortcut

TABS = ("points", "bins", "validation", "comparison", "watch")


class ScoresPanel(QWidget):
    """Reloads when a score or a scorecard changed; keeps the chosen scorecard and tab."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.entries: list[ScorecardEntry] = []
        self.card: Scorecard | None = None
        self.chosen = ""
        self._cards: Mapping[str, Scorecard] = {}
        self._stale: set[str] = set()
        self.dialog: ApproveDialog | None = None
        self.fitting: Any = None  # FitDialog
        self.challengers: Any = None  # ChallengersDialog
        self._fitted: tuple[str, Path, bytes] | None = None  # scorecard, table and challenger, to be compared
        self.measuring: Any = None  # FairnessDialog
        self._make_parts()
        self._lay_out()
        self._connect()
        self.dress()
        self.loading.show_loading(tr("scores.loading"))
        self.reload()

    # Making

    def _make_parts(self) -> None:
        context = self._context
        self._title = label(role="title")
        self._text = label(role="soft")
        self.take_in, self.fit = button("", self.choose_file), button("", self.open_fit, "primary")
        self.notice = Notice(context.theme)
        self.list = ScorecardList(context)
        self.table = self.list  # what gets the keyboard when the screen is shown
        self.head = ScorecardHead(context)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.points = PointsTable(context)
        self.bins = BinsPanel(context)
        self.validation = ValidationPanel(context)
        self.comparison = ComparisonPanel(context)
        self.watch = MonitoringPanel(context)
        self.loading = StatePane()
        self.empty, self.broken = EmptyState("gauge", context.theme), EmptyState("warning", context.theme)

    def _lay_out(self) -> None:
        head = frame(row(self._title, 6, self._text, 0, self.take_in, self.fit, margins=(20, 12, 20, 12)), "bar")
        area = QScrollArea(widgetResizable=True)
        inner = QWidget()
        inner.setLayout(column(self.points, 0, margins=(24, 12, 20, 20)))
        area.setWidget(inner)
        area.setFocusProxy(self.points)
        self.pages = QStackedWidget()
        for page in (area, self.bins, self.validation, self.comparison, self.watch):
            self.pages.addWidget(page)
        bar = frame(row(self.tabs, 0, margins=(24, 0, 20, 0)), "bar")
        detail = QWidget()
        detail.setLayout(column(self.head, bar, self.pages, spacing=0))
        detail.layout().setStretch(2, 1)  # type: ignore[union-attr]
        self.room = QWidget()
        body = row(self.list, spacing=0)
        body.addWidget(detail, 1)
        self.room.setLayout(body)
        self.stack = QStackedWidget()
        for state in (self.loading, self.room, self.empty, self.broken):
            self.stack.addWidget(state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.notice)
        layout.addWidget(self.stack, 1)

    def _connect(self) -> None:
        self.list.chosen.connect(self._on_chosen)
        self.head.acted.connect(self._on_acted)
        self.tabs.currentChanged.connect(self._on_tab)
        self.empty.acted.connect(self.open_fit)
        self.broken.acted.connect(self.reload)
        self.points.opened.connect(self.open_bins)
        self.bins.saved.connect(self.keep)
        self.watch.fairness_wanted.connect(self.open_fairness)
        self.bins.opened.connect(self._show_comparison)
        self.comparison.table_wanted.connect(self.bins.choose_table)
        self.comparison.managed.connect(self.open_challengers)
        for number in range(1, len(TABS) + 1):
            shortcut(f"Alt+{number}", self, _later(self.tabs.setCurrentIndex, number - 1))
        refresh = self._context.refresh
        refresh.watch(self, Changes.SCORE | Changes.CASES, lambda _: self.reload())
        refresh.language_changed.connect(lambda _: self.dress())
        refresh.theme_changed.connect(lambda _: self._on_theme())

    def dress(self) -> None:
        """Texts of the language in force."""
        self._title.setText(tr("scores.title"))
        self.take_in.setText(tr("scores.action.import"))
        self.fit.setText(tr("scores.action.fit"))
        while self.tabs.count() < len(TABS):
            self.tabs.addTab("")
        for place, name in enumerate(TABS):
            self.tabs.setTabText(place, tr(f"scores.tab.{name}"))
            self.tabs.setTabToolTip(place, f"Alt+{place + 1}")
        self.tabs.setAccessibleName(tr("scores.parts"))
        self.empty.set_texts(tr("scores.none"), tr("scores.none_text"), tr("scores.action.fit"))
        if self.entries:
            self._show(self.entries)

    def _on_theme(self) -> None:
        for each in (self.empty, self.broken, self.notice):
            each.set_theme(self._context.theme)
        self.update()

    # Showing

    def reload(self) -> None:
        """Read the register anew."""
        desk = self._context.desk
        known = self._cards
        self._context.tasks.run(
            lambda _: jobs.read_register(desk, known), self._on_read, self, "read", key="scores", failed=self._on_failed
        )

    def _on_read(self, read: jobs.Register) -> None:
        self._cards = read.cards
        self._show(read.entries)

    def _show(self, entries: list[ScorecardEntry]) -> None:
        self.entries = entries
        in_use = next((entry for entry in entries if entry.in_use), None)
        words = "" if in_use is None else tr("scores.used_now", name=f"{in_use.name} {in_use.version}")
        self._text.setText(words)
        self.stack.setCurrentWidget(self.room if entries else self.empty)
        if entries:
            self.list.show_entries(entries, self.chosen)
            entry = self.list.entry()
            assert entry is not None
            self._on_chosen(entry.sha256)

    def _on_failed(self, error: WorkbenchError) -> None:
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.stack.setCurrentWidget(self.broken)

    def _on_chosen(self, sha256: str) -> None:
        entry = next(each for each in self.entries if each.sha256 == sha256)
        self.chosen, self.card = sha256, self._cards[sha256]
        self.head.show_entry(entry)
        self._stale = set(TABS) - {"bins"}
        versions = [each.version for each in self.entries if each.name == entry.name]
        self.bins.show_card(self.card, next_version=next_version(versions))
        self._fill()
        if self._fitted is not None and self._fitted[0] == sha256 and self.bins.training is None:
            self.show_tab("comparison")
            self.bins.open_table(self._fitted[1])

    def _fill(self) -> None:
        """Fill the part that is seen; the others are filled when they are shown."""
        name = TABS[self.tabs.currentIndex()]
        if self.card is None or name not in self._stale:
            return
        self._stale.discard(name)
        card = self.card
        fillers: dict[str, Callable[[], None]] = {
            "points": lambda: self.points.show_card(card),
            "validation": lambda: self.validation.show_card(card),
            "comparison": self._show_comparison,
            "watch": lambda: self.watch.show_entry(self.entry()),
        }
        fillers[name]()

    def _on_tab(self, place: int) -> None:
        self.pages.setCurrentIndex(place)
        self._fill()

    def _show_comparison(self) -> None:
        if self.card is None:
            return
        self.comparison.show_card(self.card, self.entries, self.bins.training)
        if self._fitted is not None and self._fitted[0] == self.card.sha256 and self.bins.training is not None:
            data, self._fitted = self._fitted[2], None
            self.comparison.compare_opened(lambda: jobs.opened(data), hashlib.sha256(data).hexdigest())

    def show_tab(self, name: str) -> None:
        """Bring a part of the chosen scorecard to the front."""
        self.tabs.setCurrentIndex(TABS.index(name))

    def open_bins(self, name: str) -> None:
        """Edit the bins of a characteristic."""
        self.show_tab("bins")
        self.bins.show_characteristic(name)
        self.bins.setFocus()

    def entry(self) -> ScorecardEntry:
        """The chosen scorecard; there is one."""
        return next(entry for entry in self.entries if entry.sha256 == self.chosen)

    # Doing

    def _on_acted(self, name: str) -> None:
        if name.startswith("export."):
            self._export(name.removeprefix("export."))
        else:
            {"approve": self.open_approval, "use": self._use, "document": self._write_document}[name]()

    def choose_file(self) -> None:
        """Take a scorecard in from a file that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("scores.action.import"), "", tr("scores.files"))
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Add the scorecard of a JSON or PMML file to the register."""
        desk = self._context.desk

        def done(card: Scorecard) -> None:
            self.chosen = card.sha256
            self._changed(tr("scores.imported", name=f"{card.name} {card.version}"))

        self._write(lambda: jobs.take_in(desk, path), done)

    def keep(self, document: Mapping[str, Any]) -> None:
        """Add a fitted scorecard to the register, as a draft of its own version."""
        desk = self._context.desk

        def done(card: Scorecard) -> None:
            self.chosen = card.sha256
            self._changed(tr("scores.imported", name=f"{card.name} {card.version}"))

        self._write(lambda: desk.register.add(document), done)

    def open_fit(self) -> None:
        """Fit a new scorecard."""
        from views.panels.fit_dialog import FitDialog

        taken: dict[str, list[str]] = {}
        for entry in self.entries:
            taken.setdefault(entry.name, []).append(entry.version)
        self.fitting = FitDialog(self._context, taken, self)
        self.fitting.kept.connect(self._keep_fitted)
        self.fitting.finished.connect(self.fitting.deleteLater)
        self.fitting.open()

    def open_fairness(self) -> None:
        """Measure fairness of the chosen scorecard on a table outside the workspace."""
        from views.panels.fairness_dialog import FairnessDialog

        assert self.card is not None
        others = [self._cards[entry.sha256] for entry in self.entries if entry.sha256 != self.chosen]
        self.measuring = FairnessDialog(self._context, self.card, others, self)
        self.measuring.finished.connect(self.measuring.deleteLater)
        self.measuring.open()

    def _keep_fitted(self, document: Mapping[str, Any]) -> None:
        """Keep what the dialog fitted; a challenger is kept with it, and the two are compared."""
        desk, beside, table = self._context.desk, self.fitting.beside, self.fitting.look.path
        if beside is None or not beside.data:
            self.keep(document)
            return

        def done(kept: jobs.KeptFit) -> None:
            self.chosen = kept.card.sha256
            self._fitted = kept.card.sha256, table, beside.data
            words = tr("challenger.kept_too", name=kept.challenger)
            more = words if kept.challenger else tr("challenger.not_kept", why=kept.problem)
            self._changed(tr("scores.imported", name=f"{kept.card.name} {kept.card.version}"), more)

        self._write(lambda: jobs.keep_fitted(desk, document, beside), done)

    def open_challengers(self) -> None:
        """Add, choose and withdraw challengers of the chosen scorecard."""
        from views.panels.challengers_dialog import ChallengersDialog

        if self.card is None:
            return
        comparable = self.bins.training is not None
        dialog = self.challengers = ChallengersDialog(self._context, self.card, self, comparable=comparable)
        dialog.changed.connect(self.comparison.read_challengers)
        dialog.compare_asked.connect(self.comparison.compare_kept)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_approval(self) -> None:
        """Ask for the approval of the chosen scorecard."""
        entry, desk = self.entry(), self._context.desk
        dialog = self.dialog = ApproveDialog(self._context, entry, self)

        def submit(person: str, valid_from: date, note: str) -> None:
            self._context.tasks.run(
                lambda _: desk.register.approve(entry, valid_from, note, person=person),
                lambda _: done(person),
                dialog,
                "write",
                failed=dialog.refuse,
            )

        def done(person: str) -> None:
            dialog.accept()
            self._changed(tr("scores.approve.done", name=f"{entry.name} {entry.version}", person=person.strip()))

        dialog.submitted.connect(submit)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _use(self) -> None:
        entry, desk = self.entry(), self._context.desk
        self._write(
            lambda: desk.register.use(entry),
            lambda _: self._changed(tr("scores.use_done", name=f"{entry.name} {entry.version}")),
        )

    def _export(self, form: str) -> None:
        entry = self.entry()
        name, _ = QFileDialog.getSaveFileName(self, tr("scores.action.export"), jobs.file_name(entry, form))
        if name:
            self.export_to(Path(name), form)

    def export_to(self, path: Path, form: str) -> None:
        """Write the chosen scorecard to a file."""
        entry = self.entry()
        self._context.tasks.run(
            lambda _: jobs.write_out(entry, path, form),
            lambda written: self.notice.show_word(tr("scores.exported", file=written.name)),
            self,
            "documents",
            failed=self.notice.show_error,
        )

    def _write_document(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("scores.action.document"), jobs.file_name(self.entry(), "document"), "PDF (*.pdf)"
        )
        if name:
            self.document_to(Path(name))

    def document_to(self, path: Path) -> None:
        """Write the signed model document of the chosen scorecard, in the language of the window."""
        entry, desk, language = self.entry(), self._context.desk, self._context.language
        self._write(
            lambda: jobs.write_document(desk, entry, path, language),
            lambda written: self.notice.show_word(tr("scores.exported", file=written.name)),
        )

    def _write(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._context.tasks.run(lambda _: work(), done, self, "write", failed=self.notice.show_error)

    def _changed(self, words: str, more: str = "") -> None:
        self.notice.show_word(words, more)
        QTimer.singleShot(0, self, lambda: self._context.refresh.broadcast(Changes.SCORE))


def _later(act: Callable[..., object], *values: object) -> Callable[[], object]:
    return lambda: act(*values)
