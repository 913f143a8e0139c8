"""Reads the documents that wait, in a lane of its own; goes on after a quit or a kill where it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.changes import Changes
from app.errors import Cancelled, WorkbenchError
from views.context import Context
from views.strings import tr
from views.tasks import Task

if TYPE_CHECKING:
    from app.domain.waiting import WaitingDocument
    from app.usecases.read_waiting import DocumentRead


@dataclass(frozen=True, slots=True)
class ReadingStep:
    """How far the document is that is being read."""

    case_id: str
    sha256: str
    page: int  # from 1; 0: begun
    pages: int | None

    @property
    def share(self) -> float:
        """Of its pages, those that are done."""
        return (self.page - 1) / self.pages if self.pages and self.page else 0.0

    @property
    def words(self) -> str:
        """``reading page 3 of 12``"""
        if self.pages and self.page:
            return tr("reading.background.page", page=self.page, pages=self.pages)
        return tr("reading.background.begun")


class BackgroundReading(QObject):
    """Wakes when documents came or were asked for; one at a time. Lives as long as the window."""

    told = Signal(str)  # what a person asked for is done, or a document could not be read
    _moved = Signal(object, int, object)  # WaitingDocument, page, pages; emitted on the lane
    _done = Signal(object)  # DocumentRead; emitted on the lane

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._task: Task | None = None
        self._again = False
        self._moved.connect(self._on_moved)
        self._done.connect(self._on_done)
        context.refresh.changed.connect(self._on_changed)

    def wake(self) -> None:
        """Read what waits, unless that is being done."""
        if self._task is not None:
            self._again = True
            return
        desk = self._context.desk
        self._task = self._context.tasks.run(
            lambda progress: desk.reading.read_all(progress, moved=self._moved.emit, done=self._done.emit),
            lambda _: self._on_ended(),
            self,
            "reading",
            failed=self._on_failed,
            on_cancel=lambda: desk.reading.cancel(),
        )

    def _on_changed(self, changes: Changes, _: object) -> None:
        if changes & Changes.DOCUMENTS:
            self.wake()

    def _on_moved(self, waiting: WaitingDocument, page: int, pages: int | None) -> None:
        if self._task is not None:
            step = ReadingStep(waiting.case_id, waiting.sha256, page, pages)
            self._context.refresh.reading_moved.emit(step)

    def _on_done(self, read: DocumentRead) -> None:
        self._context.refresh.reading_moved.emit(None)
        self._context.refresh.broadcast(read.changes, read.waiting.case_id)
        if read.failed:
            self.told.emit(tr("reading.background.failed", document=read.name, why=read.waiting.why))
        elif read.waiting.kind is not None and read.changes:
            from views.models.case_reading import kind_name

            kind = kind_name(read.waiting.kind)
            self.told.emit(tr("reading.kind.done", document=read.name, kind=kind, facts=read.facts))

    def _on_ended(self) -> None:
        self._task = None
        self._context.refresh.reading_moved.emit(None)
        if self._again:
            self._again = False
            self.wake()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._again = False
        self._on_ended()
        if not isinstance(error, Cancelled):
            self._context.tasks.errored.emit(error)
