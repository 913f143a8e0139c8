"""Import: drop or choose files and folders, confirm the mapping of tables, watch, cancel, and see what went in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from app.domain.changes import Changes
from app.domain.mapping import TableMapping
from app.errors import Cancelled, WorkbenchError
from app.ports import Progress
from views import format as fmt
from views.context import Context
from views.icons import pixmap
from views.import_jobs import Outcome, Survey, Table, run_import, survey
from views.panels.mapping_page import MappingPage
from views.strings import has_text, tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import ElidedLabel, Notice, button, column, frame, label, row

CARD_WIDTH = 720
NOTES_SHOWN = 8


class ImportPanel(QWidget):
    """``offer(paths)`` starts an import. ``rejects_wanted()``, ``case_wanted(id)``, ``queue_wanted()`` lead on."""

    rejects_wanted = Signal()
    case_wanted = Signal(str)
    queue_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self._task: Task | None = None
        self._survey = Survey((), ())
        self._waiting: list[Path] = []  # offered while another import runs
        self._mapped: list[tuple[Path, TableMapping | None]] = []
        self._to_confirm: list[int] = []
        self.outcome: Outcome | None = None
        self.notice = Notice(context.theme)
        self.stack = QStackedWidget()
        self.start = self._make_start()
        self.running = self._make_running()
        self.mapping = MappingPage(context)
        self.result = self._make_result()
        for each in (self.start, self.running, self.mapping, self.result):
            self.stack.addWidget(each)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.stack, 1)
        self._connect()
        self._set_texts()

    # Making

    def _make_start(self) -> QWidget:
        self._title = label(role="title")
        self._picture = QLabel()
        self._drop = label(role="subtitle")
        self._drop_text = label(role="soft")
        self._drop_text.setWordWrap(True)
        self._drop_text.setFixedWidth(460)
        self._kinds = label(role="caption")
        self.files = button("", self.choose_files, "primary")
        self.folder = button("", self.choose_folder)
        area = QFrame()
        area.setObjectName("droparea")
        inside = column(0, self._picture, 6, self._drop, self._drop_text, 10, spacing=6)
        inside.addLayout(row(0, self.files, self.folder, 0))
        inside.addSpacing(12)
        inside.addWidget(self._kinds)
        inside.addStretch(1)
        for each in (self._picture, self._drop, self._drop_text, self._kinds):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.setAlignment(each, Qt.AlignmentFlag.AlignHCenter)
        area.setLayout(inside)
        page = QWidget()
        layout = column(self._title, spacing=14, margins=(20, 18, 20, 20))
        layout.addWidget(area, 1)
        page.setLayout(layout)
        return page

    def _make_running(self) -> QWidget:
        self._doing = label(role="subtitle")
        self._step = ElidedLabel(role="soft", mode=Qt.TextElideMode.ElideMiddle)
        self.bar = QProgressBar(textVisible=False)
        self.cancel = button("", self._on_cancel)
        body = column(self._doing, self._step, self.bar, 4, spacing=8, margins=(24, 20, 24, 20))
        body.addLayout(row(0, self.cancel))
        return _centred(frame(body))

    def _make_result(self) -> QWidget:
        self._verdict = label(role="title")
        self._time = label(role="soft")
        self._figures: dict[str, tuple[QLabel, QLabel]] = {
            name: (label(role="figure"), label(role="caption")) for name in ("cases", "rows", "documents", "rejected")
        }
        figures = row(spacing=36)
        for value, caption in self._figures.values():
            figures.addLayout(column(value, caption, spacing=0))
        figures.addStretch(1)
        self._notes = label(role="soft")
        self._notes.setWordWrap(True)
        self.see_rejects = button("", self.rejects_wanted.emit)
        self.score = button("", self._on_score)
        self.more = button("", self._to_start)
        self.lead_on = button("", self._on_lead_on, "primary")
        body = column(self._verdict, self._time, 6, spacing=4, margins=(24, 20, 24, 20))
        body.addLayout(figures)
        body.addSpacing(6)
        body.addWidget(self._notes)
        body.addSpacing(8)
        body.addLayout(row(self.more, self.score, 0, self.see_rejects, self.lead_on))
        return _centred(frame(body))

    def _connect(self) -> None:
        self.mapping.confirmed.connect(self._on_mapping)
        self.mapping.left_out.connect(lambda: self._on_mapping(None))
        refresh = self._context.refresh
        refresh.language_changed.connect(lambda _: self._set_texts())
        refresh.theme_changed.connect(lambda _: self._dress())

    def _set_texts(self) -> None:
        self._title.setText(tr("import.title"))
        self._drop.setText(tr("import.drop"))
        self._drop_text.setText(tr("import.drop_text"))
        self._drop_text.setMinimumHeight(self._drop_text.heightForWidth(self._drop_text.width()))
        self._kinds.setText(tr("import.kinds"))
        self.files.setText(tr("import.files"))
        self.folder.setText(tr("import.folder"))
        self.cancel.setText(tr("button.cancel"))
        self.see_rejects.setText(tr("import.see_rejects"))
        self.more.setText(tr("import.more"))
        self.score.setText(tr("import.score"))
        self.mapping.set_texts()
        if self.outcome is not None:
            self._show_outcome(self.outcome)
        self._dress()

    def _dress(self) -> None:
        self.notice.set_theme(self._context.theme)
        self._picture.setPixmap(pixmap("drop", self._context.theme.colours.accent, 48, width=1.2))

    # Choosing

    def choose_files(self) -> None:
        """Ask for files in a dialog."""
        names, _ = QFileDialog.getOpenFileNames(self, tr("import.files"))
        if names:
            self.offer([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Ask for an applicant's folder in a dialog."""
        name = QFileDialog.getExistingDirectory(self, tr("import.folder"))
        if name:
            self.offer([Path(name)])

    def offer(self, paths: Sequence[Path]) -> None:
        """Import files and folders; while one import runs, others wait their turn."""
        if self._task is not None or self.stack.currentWidget() is self.mapping:
            self._waiting += paths
            self.notice.show_word(tr("import.queued", count=len(self._waiting)))
            return
        self.notice.hide()
        desk = self._context.desk
        self._show_running(tr("import.looking"))
        self._task = self._context.tasks.run(
            lambda progress: survey(desk, paths, progress),
            self._on_survey,
            self,
            "documents",
            failed=self._on_failed,
            progress=self._on_progress,
            on_cancel=self._cancel_readers,
        )

    # Mapping

    def show_mapping(self, table: Table) -> None:
        """Ask for the confirmation of one table's mapping."""
        self._on_survey(Survey((table,), ()))

    def _on_survey(self, found: Survey) -> None:
        self._task = None
        self._survey = found
        self._mapped = [(table.path, None) for table in found.remembered]
        self._to_confirm = list(range(len(found.to_confirm)))
        self._next_mapping()

    def _next_mapping(self) -> None:
        if self._to_confirm:
            self.mapping.show_table(self._survey.to_confirm[self._to_confirm[0]])
            self.stack.setCurrentWidget(self.mapping)
        elif self._survey.others or self._mapped:
            self._run()
        else:
            self._to_start()

    def _on_mapping(self, mapping: TableMapping | None) -> None:
        """The person confirmed a mapping, or leaves this table out."""
        table = self._survey.to_confirm[self._to_confirm.pop(0)]
        if mapping is not None:
            self._mapped.append((table.path, mapping))
        self._next_mapping()

    # Running

    def _run(self) -> None:
        desk, others, tables = self._context.desk, self._survey.others, list(self._mapped)
        self._show_running(tr("import.importing"))

        def work(progress: Progress) -> Outcome:
            began = time.monotonic()
            outcome = run_import(desk, others, tables, progress)
            outcome.seconds = time.monotonic() - began
            return outcome

        self._task = self._context.tasks.run(
            work, self._on_done, self, "write", failed=self._on_failed, progress=self._on_progress
        )

    def _show_running(self, text: str) -> None:
        self._doing.setText(text)
        self._step.setText(" ")
        self.bar.setMaximum(0)
        self.cancel.setEnabled(True)
        self.stack.setCurrentWidget(self.running)
        self.cancel.setFocus()

    def _on_progress(self, done: int, total: int | None, what: str) -> None:
        self.bar.setMaximum(1000 if total else 0)
        self.bar.setValue(round(1000 * done / total) if total else 0)
        key = f"import.step.{what}"
        words = tr(key) if has_text(key) else what
        count = tr("import.of", done=fmt.number(done), total=fmt.number(total)) if total else fmt.number(done)
        self._step.setText(f"{words} · {count}" if done or total else words)

    def _on_cancel(self) -> None:
        if self._task is not None:
            self.cancel.setEnabled(False)
            self._doing.setText(tr("import.cancelling"))
            self._task.cancel()

    def _cancel_readers(self) -> None:
        cancel = getattr(self._context.desk.readers, "cancel", None)
        if cancel is not None:
            cancel()

    def _on_done(self, outcome: Outcome) -> None:
        self._task = None
        self.outcome = outcome
        self.show_result(outcome)
        self._context.refresh.broadcast(Changes.EVERYTHING & ~Changes.SETTINGS)
        self._next_offer()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._task = None
        self._to_start()
        if isinstance(error, Cancelled):
            self.notice.show_word(tr("import.cancelled"))
        else:
            self.notice.show_error(error)
        self._context.refresh.broadcast(Changes.CASES | Changes.REJECTS)
        self._next_offer()

    def _next_offer(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self.offer(waiting)

    def _to_start(self) -> None:
        self.stack.setCurrentWidget(self.start)
        self.files.setFocus()

    def show_progress(self, done: int, total: int | None, what: str) -> None:
        """Show how far an import has come."""
        self._show_running(tr("import.importing"))
        self._on_progress(done, total, what)

    # The result

    def show_result(self, outcome: Outcome) -> None:
        """Show what an import came to."""
        self._show_outcome(outcome)
        self.stack.setCurrentWidget(self.result)
        self.lead_on.setFocus()

    def leave_result(self) -> None:
        """Go back to where an import begins."""
        self._to_start()

    def _show_outcome(self, outcome: Outcome) -> None:
        went_in = outcome.cases or outcome.rows or outcome.documents
        self._verdict.setText(tr("import.done" if went_in else "import.nothing_new"))
        self._time.setText(tr("import.took", seconds=f"{outcome.seconds:.1f}"))
        for name, (value, caption) in self._figures.items():
            number = getattr(outcome, name)
            value.setText(fmt.number(number))
            key = f"import.figure.{name}"
            caption.setText(tr(f"{key}_one" if number == 1 and has_text(f"{key}_one") else key))
            if name == "rejected":
                set_role(value, "figure-adverse" if number else "figure")
        shown = outcome.notes[:NOTES_SHOWN]
        rest = len(outcome.notes) - len(shown)
        if outcome.waiting:
            key = "reading.background.import_one" if outcome.waiting == 1 else "reading.background.import"
            shown.insert(0, tr(key, count=outcome.waiting))
        self._notes.setText("\n".join([*shown, *([tr("import.more_notes", count=rest)] if rest else [])]))
        self._notes.setVisible(bool(shown))
        self.see_rejects.setVisible(outcome.rejected > 0)
        self.score.setVisible(outcome.rows > 0)
        one = len(outcome.case_ids) == 1
        self.lead_on.setText(tr("import.open_case") if one else tr("import.to_queue"))

    def _on_lead_on(self) -> None:
        ids = self.outcome.case_ids if self.outcome else []
        if len(ids) == 1:
            self.case_wanted.emit(ids[0])
        else:
            self.queue_wanted.emit()

    def _on_score(self) -> None:
        desk = self._context.desk
        self._show_running(tr("import.scoring"))
        self._task = self._context.tasks.run(
            lambda progress: _score_all(desk, progress),
            self._on_scored,
            self,
            "write",
            failed=self._on_failed,
            progress=self._on_progress,
        )

    def _on_scored(self, found: tuple[Any, str]) -> None:
        run, challenger = found
        self._task = None
        self.stack.setCurrentWidget(self.result)
        words = tr("import.scored", count=fmt.number(run.scored), seconds=f"{run.seconds:.1f}")
        self.notice.show_word(words, tr("challenger.not_in_bulk", name=challenger) if challenger else "")
        self._context.refresh.broadcast(Changes.CASES | Changes.SCORE)


def _score_all(desk: Any, progress: Progress) -> tuple[Any, str]:
    """Score every case in SQL; with the name of the challenger in shadow, which does not run in bulk."""
    run, running = desk.score_all(progress=progress), desk.challengers.in_shadow()
    return run, running[0].name if running else ""


def _centred(card: QWidget) -> QWidget:
    card.setFixedWidth(CARD_WIDTH)
    page = QWidget()
    layout = column(0, spacing=0)
    layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
    layout.addStretch(2)
    page.setLayout(layout)
    return page
