"""The models: which are listed, whether their files are right, how they did on this machine, which one words reports.

Files are taken in and models qualified here, with progress, and stopped at a press.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QInputDialog,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import Changes
from app.errors import Cancelled, InputError, WorkbenchError
from views import format as fmt
from views import models_jobs as jobs
from views.context import Context
from views.desk_words import ModelState
from views.strings import has_text, tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import ElidedLabel, EmptyState, button, column, error_text, frame, label, row

if TYPE_CHECKING:
    from app.domain.qualification import Qualification

WIDTH = 860


class ModelsPanel(QWidget):
    """One card a model. Digests are computed on the ``documents`` lane when the screen is first shown."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.shelf: jobs.Shelf | None = None
        self._task: Task | None = None
        self._title = label(role="title")
        self._text = label(role="soft")
        self._text.setWordWrap(True)
        self.again = button("", self.reload)
        self.bring = button("", self.choose_file, "primary")
        self.machine = label(role="soft")
        self.machine.setWordWrap(True)
        self.told = label(role="soft")
        self.told.setWordWrap(True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(180)
        self.stop = button("", self._on_stop)
        self.broken = EmptyState("warning", context.theme)
        self.broken.acted.connect(self.reload)
        self.broken.hide()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(12)
        inner = QWidget()
        inner.setMaximumWidth(WIDTH)
        body = column(spacing=14, margins=(20, 18, 20, 24))
        body.addLayout(row(self._title, 0, self.again, self.bring))
        body.addWidget(self._text)
        body.addWidget(self.machine)
        working = row(self.told, self.bar, self.stop)
        working.setStretch(0, 1)
        body.addLayout(working)
        body.addLayout(self._cards)
        body.addWidget(self.broken)
        body.addStretch(1)
        inner.setLayout(body)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(inner)
        area.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setLayout(column(area, spacing=0))
        context.refresh.language_changed.connect(lambda _: self._on_language())
        context.refresh.watch(self, Changes.SETTINGS, lambda _: self._show())
        self._set_texts()
        self._show_work()
        self.reload()

    @property
    def states(self) -> list[ModelState]:
        """The models that are shown."""
        return self.shelf.states if self.shelf else []

    def reload(self) -> None:
        """Read the list and check every file."""
        self.again.setEnabled(False)
        self.again.setText(tr("models.checking"))
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: jobs.read_shelf(desk), self._on_shelf, self, "documents", key="models", failed=self._on_failed
        )

    def _on_shelf(self, shelf: jobs.Shelf) -> None:
        self.shelf = shelf
        self.broken.hide()
        self._set_texts()
        self._show()

    def _on_failed(self, error: WorkbenchError) -> None:
        self.shelf = None
        self._show()
        self._set_texts()
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.broken.show()

    def _on_language(self) -> None:
        self._set_texts()
        self._show()

    def _set_texts(self) -> None:
        self._title.setText(tr("models.title"))
        self._text.setText(tr("models.text"))
        self.again.setText(tr("models.again"))
        self.again.setEnabled(self._task is None)
        self.bring.setText(tr("models.bring"))
        self.stop.setText(tr("models.stop"))
        self.machine.setText(jobs.machine_words(self.shelf.machine) if self.shelf else "")

    def _show(self) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        chosen = self._context.settings.value("model.default") or (self.states[0].name if self.states else "")
        for state in self.states:
            self._cards.addWidget(self._card(state, chosen=state.name == chosen))

    def _card(self, state: ModelState, *, chosen: bool) -> QFrame:
        chip = label(tr("models.wrong" if state.problem else "models.right"))
        chip.setProperty("role", "chip-adverse" if state.problem else "chip-favourable")
        head = row(label(state.name, "subtitle"), 4, chip, 0)
        if chosen:
            head.addWidget(label(tr("models.in_use"), "chip"))
        elif not state.problem:
            head.addWidget(
                button(tr("models.use"), lambda: self._use(state.name), name=f"{tr('models.use')}: {state.name}")
            )
        if not state.problem:
            words = tr("models.qualify")
            qualify = button(words, lambda: self.qualify(state.name), name=f"{words}: {state.name}")
            qualify.setEnabled(self._task is None)
            head.addWidget(qualify)
        body = column(spacing=10, margins=(20, 14, 20, 16))
        body.addLayout(head)
        if state.problem:
            problem = label(f"{state.problem} {state.remedy}".strip(), "adverse")
            problem.setWordWrap(True)
            body.addWidget(problem)
        for line, role in self._verdicts(state):
            verdict = label(line, role)
            verdict.setWordWrap(True)
            body.addWidget(verdict)
        body.addLayout(self._details(state))
        return frame(body, "card")

    def _verdicts(self, state: ModelState) -> list[tuple[str, str]]:
        """How it did on this machine, a line a language, each with its role."""
        assert self.shelf is not None
        fault, record = self.shelf.faults.get(state.name), self.shelf.records.get(state.name)
        if fault:
            return [(fault, "adverse")]
        if record is None:
            return [(tr("models.not_qualified" if not state.languages else "models.as_listed"), "soft")]
        lines = []
        for each in record.measured:
            admitted = each.language in record.admitted
            words = f"{jobs.grade_words(each)} {jobs.measured_words(each)}"
            lines.append((words, "favourable" if admitted else "adverse"))
        return lines

    def _details(self, state: ModelState) -> QGridLayout:
        style = f"models.style_{state.style}"
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 130)
        grid.setColumnStretch(1, 1)
        for number, (key, value) in enumerate(
            (
                ("file", str(state.file)),
                ("size", fmt.NOTHING if state.size is None else fmt.size(state.size)),
                ("languages", self._languages(state)),
                ("style", tr(style) if has_text(style) else state.style),
                ("context", tr("models.tokens", count=fmt.number(state.context))),
                ("licence", state.licence),
                ("sha256", state.sha256),
            )
        ):
            grid.addWidget(label(tr(f"models.{key}"), "soft"), number, 0)
            shown = ElidedLabel(value, mode=Qt.TextElideMode.ElideMiddle)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, number, 1)
        return grid

    def _use(self, name: str) -> None:
        self._context.settings.put("model.default", name)
        self._show()
        self._context.refresh.broadcast(Changes.SETTINGS)

    def _languages(self, state: ModelState) -> str:
        """Those it may word in at this desk."""
        record = self.shelf.records.get(state.name) if self.shelf else None
        may = record.admitted if record else state.languages
        return tr("models.list_join").join(map(jobs.language_words, may)) or fmt.NOTHING

    # Taking in and qualifying

    def choose_file(self) -> None:
        """Take in a file that the person chooses."""
        name, _ = QFileDialog.getOpenFileName(self, tr("models.bring"), "", "GGUF (*.gguf)")
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path, licence: str | None = None) -> None:
        """Copy a model's file in; where it does not state its licence, the person is asked."""

        def failed(error: WorkbenchError) -> None:
            self._on_stopped(error)
            if isinstance(error, InputError) and error.field == "licence":
                said, given = QInputDialog.getText(self, tr("models.licence"), error_text(error)[0])
                if given and said.strip():
                    self.import_file(path, said.strip())

        def done(name: str) -> None:
            self._after(tr("models.imported", name=name))

        self._work(lambda progress: jobs.import_model(path, licence, progress), done, failed, "documents")

    def qualify(self, name: str) -> None:
        """Try a model on this machine, and keep what was found."""
        desk = self._context.desk

        def done(record: Qualification) -> None:
            self._after(tr("models.qualified", name=name, grade=record.grade))

        self._work(lambda progress: jobs.qualify_model(desk, name, progress), done, self._on_stopped, "model")

    def _work(
        self,
        work: Callable[[Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[WorkbenchError], None],
        lane: str,
    ) -> None:
        if self._task is not None:
            return
        self._say("", "soft")
        self.bar.setRange(0, 0)
        self._task = self._context.tasks.run(work, done, self, lane, failed=failed, progress=self._on_progress)
        self._show_work()

    def _show_work(self) -> None:
        working = self._task is not None
        self.bar.setVisible(working)
        self.stop.setVisible(working)
        self.stop.setEnabled(working)
        self.bring.setEnabled(not working)
        self.again.setEnabled(not working)
        self._show()

    def _on_progress(self, done: int, total: int | None, what: str) -> None:
        self.bar.setRange(0, 1000 if total else 0)  # bytes of a large file are more than a bar counts
        self.bar.setValue(1000 * done // total if total else 0)
        self._say(jobs.work_words(what, done, total), "soft")

    def _after(self, words: str) -> None:
        self._task = None
        self._say(words, "favourable")
        self._show_work()
        self._context.refresh.broadcast(Changes.SETTINGS)
        self.reload()

    def _on_stopped(self, error: WorkbenchError) -> None:
        self._task = None
        if isinstance(error, Cancelled):
            self._say(tr("models.stopped"), "soft")
        else:
            self._say(" ".join(filter(None, error_text(error))), "adverse")
        self._show_work()

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        if self._task is not None:
            self._task.cancel()

    def _say(self, words: str, role: str) -> None:
        set_role(self.told, role)
        self.told.setText(words)
