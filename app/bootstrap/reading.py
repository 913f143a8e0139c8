"""Reading in the background: the documents of the workspace that wait, one after the other, in a child of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from app.domain.changes import Changes
from app.errors import Cancelled, InputError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.domain.waiting import WaitingDocument
    from app.usecases.read_waiting import DocumentRead
    from data.readers.client import Readers
    from data.readers.pages import Pages

Moved = Callable[["WaitingDocument", int, "int | None"], None]
"""``moved(waiting, page, pages)``: that page of the document is being read; ``pages`` None: not counted yet."""


class ReadingDesk:
    """Reads what waits; a kill or a quit at any moment loses nothing that was recognised."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._now: WaitingDocument | None = None  # being read
        self._stopped = threading.Event()  # that one alone
        self._undrawn: set[str] = set()  # documents whose first page cannot be drawn

    @cached_property
    def _readers(self) -> Readers:
        from app.bootstrap.places import speech_folder
        from app.bootstrap.pointing import with_pointer
        from data.readers.client import Readers

        speech = speech_folder(self._desk.path)
        readers: Readers = with_pointer(partial(Readers, name="caseworth-reading", background=True, speech=speech))
        return readers

    @cached_property
    def _pages(self) -> Pages:
        from data.readers.pages import Pages

        return Pages(background=True)

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
            self._draw_ahead(progress)
            while (read := self._next(progress, moved)) is not None:
                count += 1
                self._draw_ahead(progress)
                done(replace(read, changes=read.changes | self._assessed(read)))
        finally:
            self._end()
        return count

    def cancel(self) -> None:
        """Stop what is being read within 200 ms; callable from any thread."""
        for each in self._children():
            each.cancel()

    def close(self) -> None:
        """End the children."""
        for each in self._children():
            each.close()

    def _children(self) -> list[Any]:
        return [self.__dict__[name] for name in ("_readers", "_pages") if name in self.__dict__]

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

    def _draw_ahead(self, progress: Progress) -> None:
        """Draw the first pages of large documents, so that they open at once."""
        from app.domain.pages import HEAVY

        workspace = self._desk.workspace
        with workspace.read() as stores:
            missing = [sha256 for sha256 in stores.first_pages.missing(HEAVY) if sha256 not in self._undrawn]
        for sha256 in missing:
            progress(0, None, "first page")
            with workspace.read() as stores:
                sheet = stores.documents.get(sha256).sheet(1)
            try:
                page = self._pages.first_page(partial(self._content, sha256), sheet, progress=progress)
            except InputError:
                self._undrawn.add(sha256)  # the window will tell why, to whoever opens it
                continue
            with workspace.transaction() as stores:
                stores.first_pages.put(sha256, sheet, page)

    def _content(self, sha256: str) -> bytes:
        with self._desk.workspace.read() as stores:
            return stores.documents.content(sha256)

    def _assessed(self, read: DocumentRead) -> Changes:
        return self._desk.assess_read([read.waiting.case_id]) if read.result.documents else Changes.NOTHING

    def _end(self) -> None:
        """The child holds most of a gigabyte; it starts again with the next document."""
        self._now = None
        self.close()
