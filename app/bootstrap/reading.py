"""Reading in the background: the documents of the workspace that wait, one after the other, in a child of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from app.domain.changes import Changes
from app.errors import Cancelled
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.waiting import WaitingDocument
    from app.usecases.read_waiting import DocumentRead
    from data.readers.client import Readers

Moved = Callable[["WaitingDocument", int, "int | None"], None]
"""``moved(waiting, page, pages)``: that page of the document is being read; ``pages`` None: not counted yet."""


class ReadingDesk:
    """Reads what waits; a kill or a quit at any moment loses nothing that was recognised."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._now: WaitingDocument | None = None  # being read
        self._stopped = threading.Event()  # that one alone

    @cached_property
    def _readers(self) -> Readers:
        from data.readers.client import Readers

        return Readers(name="caseworth-reading", background=True)

    def count(self) -> int:
        """How many documents wait."""
        with self._desk.workspace.read() as stores:
            return stores.waiting.count()

    def ask(self, case_id: str, sha256: str, kind: str | None = None) -> Changes:
        """Let a document be read again, or under a kind that the person gives; it waits its turn."""
        from app.usecases.classify_document import check_kind
        from app.usecases.read_waiting import ask_to_read

        if kind is not None:
            check_kind(kind, self._desk.workspace)
        return ask_to_read(case_id, sha256, self._desk.workspace, person=self._desk.person, kind=kind)

    def stop(self, case_id: str, sha256: str) -> Changes:
        """Read a document no further; what was recognised of it is kept."""
        from app.usecases.read_waiting import stop_reading

        changes = stop_reading(case_id, sha256, self._desk.workspace)
        now = self._now
        if now is not None and (now.case_id, now.sha256) == (case_id, sha256):
            self._stopped.set()
            self._readers.cancel()
        return changes

    def read_all(
        self,
        progress: Progress = no_progress,
        *,
        moved: Moved = lambda *_: None,
        done: Callable[[DocumentRead], object] = lambda _: None,
    ) -> int:
        """Read until nothing waits; ``done`` gets each document, after its case was assessed. Returns how many.

        Raises ``Cancelled`` and ``EnvironmentFault``; what was being read goes on waiting.
        """
        count = 0
        try:
            while (read := self._next(progress, moved)) is not None:
                count += 1
                done(replace(read, changes=read.changes | self._assessed(read)))
        finally:
            self._end()
        return count

    def cancel(self) -> None:
        """Stop what is being read within 200 ms; callable from any thread."""
        if "_readers" in self.__dict__:
            self._readers.cancel()

    def close(self) -> None:
        """End the child."""
        if "_readers" in self.__dict__:
            self._readers.close()

    def _next(self, progress: Progress, moved: Moved) -> DocumentRead | None:
        from app.usecases.read_waiting import read_next

        def begun(waiting: WaitingDocument) -> None:
            self._now = waiting
            self._stopped.clear()
            moved(waiting, 0, None)

        def step(page: int, pages: int | None, what: str) -> None:
            progress(page, pages, what)
            if self._now is not None and what == "page":
                moved(self._now, page + 1, pages)

        while True:
            try:
                return read_next(self._desk.workspace, self._readers, begun=begun, progress=step)
            except Cancelled:
                if not self._stopped.is_set():
                    raise

    def _assessed(self, read: DocumentRead) -> Changes:
        return self._desk.assess_read([read.waiting.case_id]) if read.result.documents else Changes.NOTHING

    def _end(self) -> None:
        """The child holds most of a gigabyte; it starts again with the next document."""
        self._now = None
        self.close()
