"""The challengers of the workspace: taken in from a file, put in shadow beside a scorecard, withdrawn, run on all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHeaderView,
    QProgressBar,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain.changes import Changes
from app.domain.scorecard import Scorecard
from app.errors import Cancelled, WorkbenchError
from app.usecases.shadow_challenger import ShadowRun
from views import format as fmt
from views.context import Context
from views.parts.basics import StatePane
from views.strings import tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import button, column, error_text, label, row

SIZE = (940, 480)
COLUMNS = ("name", "digest", "added", "fitted", "shadow")
DIGEST = 12  # signs of a SHA-256 that are shown


class ChallengersDialog(QDialog):
    """``compare_asked(sha256)`` when one is to be set beside the scorecard; ``changed()`` when another runs."""

    compare_asked = Signal(str)
    changed = Signal()

    def __init__(
        self, context: Context, card: Scorecard, parent: QWidget | None = None, *, comparable: bool = False
    ) -> None:
        """``comparable``: the scorecard's training table is at hand."""
        super().__init__(parent)
        self._context, self.card, self._comparable = context, card, comparable
        self.listed: list[Any] = []  # app.bootstrap.challengers.ListedChallenger
        self._task: Task | None = None
        self.setModal(True)
        self.setWindowTitle(tr("challenger.title"))
        self.resize(*SIZE)
        self._make_parts()
        self._lay_out()
        self.state.show_loading(tr("challenger.loading"))
        self._stack.setCurrentIndex(1)
        self._show_buttons()
        self.reload()

    # Making

    def _make_parts(self) -> None:
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setProperty("role", "plain")
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(36)
        self.table.setHorizontalHeaderLabels([tr(f"challenger.column.{name}") for name in COLUMNS])
        self.table.setAccessibleName(tr("challenger.title"))
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.state = StatePane()
        self.state.retried.connect(self.reload)
        self.told = label("", "soft")
        self.told.setWordWrap(True)
        self.told.setMinimumHeight(34)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(180)
        self.bar.hide()
        self.add = _plain(button(tr("challenger.add"), self.choose_file))
        self.use = _plain(button(tr("challenger.use"), self.use_chosen, "primary"))
        self.withdraw = _plain(button(tr("challenger.withdraw"), self.withdraw_chosen))
        self.compare = _plain(button(tr("challenger.compare"), self._on_compare))
        self.compare.setToolTip(tr("challenger.compare_why" if self._comparable else "challenger.compare_no_table"))
        self.run = _plain(button(tr("challenger.run_all"), self.run_all))
        self.run.setToolTip(tr("challenger.run_all_why"))
        self.stop = _plain(button(tr("challenger.stop"), self._on_stop))
        self.stop.hide()
        self.close_button = _plain(button(tr("button.close"), self.accept))

    def _lay_out(self) -> None:
        whole = f"{self.card.name} {self.card.version}"
        text = label(tr("challenger.beside", scorecard=whole), "soft")
        text.setWordWrap(True)
        body = column(label(tr("challenger.title"), "title"), text, spacing=10, margins=(24, 18, 24, 18))
        self._stack = QStackedLayout()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.state)
        body.addLayout(self._stack, 1)
        working = row(self.told, self.bar, self.stop)
        working.setStretch(0, 1)
        body.addLayout(working)
        tools = (self.use, self.withdraw, self.compare, self.add, self.run)
        body.addLayout(row(*tools, 0, self.close_button))
        self.setLayout(body)

    # Showing

    def reload(self) -> None:
        """Read the challengers anew."""
        challengers = self._context.desk.challengers
        self._context.tasks.run(
            lambda _: challengers.listed(), self._show, self, "read", key="listed", failed=self._on_unread
        )

    def _on_unread(self, error: WorkbenchError) -> None:
        self.state.show_error(*error_text(error))
        self._stack.setCurrentIndex(1)

    def _show(self, listed: list[Any]) -> None:
        chosen = self.chosen()
        kept = chosen.kept.sha256 if chosen else ""
        self.listed = listed[::-1]  # the newest first
        self.table.setRowCount(len(listed))
        for place, each in enumerate(self.listed):
            for at, text in enumerate(self._cells(each)):
                item = QTableWidgetItem(text)
                item.setToolTip(self._more(each, at))
                self.table.setItem(place, at, item)
        if listed:
            was = [at for at, each in enumerate(self.listed) if each.kept.sha256 == kept]
            running = [at for at, each in enumerate(self.listed) if self._here(each)]
            self.table.selectRow([*was, *running, 0][0])
            if not kept:
                self.table.setFocus()
            self._stack.setCurrentIndex(0)
        else:
            self.state.show_empty(tr("challenger.empty"), tr("challenger.empty_text"))
            self._stack.setCurrentIndex(1)
        self._show_buttons()

    def _cells(self, each: Any) -> list[str]:
        kept, training = each.kept, each.training
        fitted = tr("challenger.damaged")
        if training:
            rows, bads = fmt.number(training["rows"]), fmt.number(training["bad"])
            fitted = tr("challenger.fitted", rows=rows, bads=bads)
        added = tr("challenger.by", person=kept.person, day=self._day(kept.kept_at))
        return [kept.name, kept.sha256[:DIGEST], added, fitted, self._shadow_words(each)]

    def _shadow_words(self, each: Any) -> str:
        """Since when it runs beside this scorecard, else beside which others it does."""
        here = self._here(each)
        if here is not None:
            return tr("challenger.since", day=self._day(here.since), person=here.person)
        others = tr("challenger.join").join(use.scorecard for use in each.uses.values())
        return tr("challenger.other_card", scorecard=others) if others else fmt.NOTHING

    def _here(self, each: Any) -> Any:
        """Its use beside this scorecard."""
        return each.beside(self.card)

    def _more(self, each: Any, at: int) -> str:
        if COLUMNS[at] == "digest":
            return str(each.kept.sha256)
        if COLUMNS[at] != "fitted" or not each.features:
            return ""
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        names = (fmt.fact_label(name, catalogue, language) for name in each.features)
        return tr("challenger.looks_at", names=tr("challenger.join").join(names))

    def _day(self, at: str) -> str:
        return fmt.short_day(datetime.fromisoformat(at).astimezone().date(), self._context.language)

    def chosen(self) -> Any:
        """The challenger that is selected."""
        place = self.table.currentRow()
        return self.listed[place] if 0 <= place < len(self.listed) else None

    def choose(self, name: str) -> None:
        """Select the one of that name."""
        self.table.selectRow(next(at for at, each in enumerate(self.listed) if each.kept.name == name))

    def _show_buttons(self) -> None:
        """What can be done with the selected one now."""
        chosen, working = self.chosen(), self._task is not None
        runs = chosen is not None and self._here(chosen) is not None
        whole = chosen is not None and chosen.document is not None
        self.use.setEnabled(whole and not runs and not working)
        self.withdraw.setEnabled(runs and not working)
        self.compare.setEnabled(whole and self._comparable and not working)
        self.add.setEnabled(not working)
        self.run.setEnabled(not working and any(self._here(each) is not None for each in self.listed))

    # Doing

    def choose_file(self) -> None:
        """Take a challenger in from a file that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("challenger.add"), "", "ONNX (*.onnx)")
        if name:
            self.add_file(Path(name))

    def add_file(self, path: Path) -> None:
        """Keep the challenger of a file in the workspace."""
        challengers = self._context.desk.challengers

        def done(added: Any) -> None:
            self._after(tr("challenger.added", name=added.kept.name))

        self._write(lambda: challengers.add(path), done)

    def use_chosen(self) -> None:
        """Run the selected one beside the scorecard from now on."""
        chosen, card = self.chosen(), self.card
        challengers, whole = self._context.desk.challengers, f"{card.name} {card.version}"
        words = tr("challenger.used", name=chosen.kept.name, scorecard=whole)
        self._write(lambda: challengers.use(chosen.kept.sha256, card), lambda _: self._after(words))

    def withdraw_chosen(self) -> None:
        """Run none any more."""
        chosen, card, challengers = self.chosen(), self.card, self._context.desk.challengers
        words = tr("challenger.withdrawn", name=chosen.kept.name)
        self._write(lambda: challengers.use(None, card), lambda _: self._after(words))

    def _write(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self._context.tasks.run(lambda _: work(), done, self, "write", failed=self._on_failed)

    def _after(self, words: str) -> None:
        self._say(words, "favourable")
        self.changed.emit()
        self._context.refresh.broadcast(Changes.SETTINGS)
        self.reload()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._say(" ".join(filter(None, error_text(error))), "adverse")

    def _say(self, words: str, role: str) -> None:
        set_role(self.told, role)
        self.told.setText(words)

    def _on_compare(self) -> None:
        self.compare_asked.emit(self.chosen().kept.sha256)
        self.accept()

    # Running on all

    def run_all(self) -> None:
        """Run the challenger on every scored case; what is done before a stop stays."""
        desk, card = self._context.desk, self.card

        def work(progress: Any) -> ShadowRun:
            with desk.workspace.read() as stores:
                ids = list(stores.cases.ids())
            found: ShadowRun = desk.challengers.shadow(ids, card, progress)
            return found

        self._say("", "soft")
        self.bar.setRange(0, 0)
        self._task = self._context.tasks.run(
            work, self._on_ran, self, "write", failed=self._on_stopped, progress=self._on_progress
        )
        self._show_running()

    def _show_running(self) -> None:
        for part in (self.bar, self.stop):
            part.setVisible(self._task is not None)
        self.stop.setEnabled(True)
        self._show_buttons()

    def _on_progress(self, done: int, total: int | None, _: str) -> None:
        self.bar.setRange(0, total or 0)
        self.bar.setValue(done)
        self._say(tr("challenger.run_all_progress", done=fmt.number(done), total=fmt.number(total)), "soft")

    def _on_ran(self, ran: ShadowRun) -> None:
        self._task = None
        counts = {name: fmt.number(getattr(ran, name)) for name in ("scored", "disagree", "unscored")}
        self._say(tr("challenger.run_all_done", **counts), "favourable")
        self._show_running()
        self._context.refresh.broadcast(ran.changes)

    def _on_stopped(self, error: WorkbenchError) -> None:
        self._task = None
        if isinstance(error, Cancelled):
            self._say(tr("challenger.run_all_stopped"), "soft")
        else:
            self._on_failed(error)
        self._show_running()
        self._context.refresh.broadcast(Changes.SCORE | Changes.FINDINGS)

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        if self._task is not None:
            self._task.cancel()

    def done(self, result: int) -> None:
        """Close; a run that is under way is stopped."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)


def _plain(made: Any) -> Any:
    """A button that Enter in the table does not press."""
    made.setAutoDefault(False)
    return made
