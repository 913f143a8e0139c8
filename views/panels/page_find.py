"""Looks words up in the pages of the document that is shown, page by page, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.case import Document
from app.domain.layout import Box, Page
from app.domain.page_search import find_on
from app.ports import Progress
from views.context import Context
from views.parts.find_bar import FindBar
from views.tasks import Task


class PageFind(QObject):
    """Places are numbered through the document; the page on the screen is looked at first."""

    went = Signal(int)  # page of the place that is to be looked at
    found = Signal()  # the places on some page are known

    def __init__(self, context: Context, bar: FindBar, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._bar = context, bar
        self._document: Document | None = None
        self._pages = 1
        self._from = 1
        self._text = ""
        self._hits: dict[int, tuple[Box, ...]] = {}
        self._ahead: list[int] = []
        self._at: tuple[int, int] | None = None  # page, index on it
        self._task: Task | None = None
        bar.wanted.connect(self.look_for)
        bar.stepped.connect(self.step)
        bar.closed.connect(self.forget)

    def show_document(self, document: Document | None, page: int, pages: int) -> None:
        """Another page, or another document, is on the screen; of another one nothing was looked for yet."""
        self._from = page
        if document is None or self._document is None or document.sha256 != self._document.sha256:
            self.forget()
            self._document, self._pages = document, pages
            if document is not None and self._bar.isVisible() and self._bar.text.text().strip():
                self.look_for(self._bar.text.text())
        self._pages = pages

    def hits(self, page: int) -> tuple[tuple[Box, ...], int]:
        """Places on a page, and the index of the one looked at; -1 when it is on another page."""
        return self._hits.get(page, ()), self._at[1] if self._at and self._at[0] == page else -1

    def current(self) -> tuple[int, Box] | None:
        """Page and box of the place that is looked at."""
        return (self._at[0], self._hits[self._at[0]][self._at[1]]) if self._at else None

    def look_for(self, text: str) -> None:
        """Begin anew; blank words find nothing."""
        self._stop()
        self._text = text.strip()
        pages = range(1, self._pages + 1) if self._document is not None and self._text else range(0)
        self._ahead = [*(page for page in pages if page >= self._from), *(page for page in pages if page < self._from)]
        self._tell()
        self.found.emit()
        self._next()

    def forget(self) -> None:
        """Look for nothing."""
        self._text = ""
        self._ahead = []
        self._stop()
        self.found.emit()

    def step(self, by: int) -> None:
        """The place after or before, around the end."""
        order = self._order()
        if order:
            at = order.index(self._at) if self._at in order else -1
            self._go(order[(at + by) % len(order)])

    def _order(self) -> list[tuple[int, int]]:
        return [(page, at) for page in sorted(self._hits) for at in range(len(self._hits[page]))]

    def _go(self, at: tuple[int, int]) -> None:
        self._at = at
        self._tell()
        self.went.emit(at[0])

    def _stop(self) -> None:
        if self._task is not None and self._task.running:
            self._task.supersede()
        self._task, self._at = None, None
        self._hits = {}

    def _next(self) -> None:
        if not self._ahead or self._document is None:
            self._tell()
            return
        page = self._ahead.pop(0)
        op = partial(_find, self._context.desk, self._document, page, self._text)
        done: Callable[[tuple[Box, ...]], None] = partial(self._on_found, page)
        self._task = self._context.tasks.run(
            op, done, self, "documents", key="find", failed=lambda _: self._on_found(page, ()),
            on_cancel=self._context.desk.pages.cancel_words,
        )  # fmt: skip
        self._tell(page)

    def _on_found(self, page: int, boxes: tuple[Box, ...]) -> None:
        if boxes:
            self._hits[page] = boxes
            self.found.emit()
            if self._at is None:
                self._go((page, 0))
        self._next()

    def _tell(self, page: int = 0) -> None:
        order = self._order()
        at = order.index(self._at) if self._at in order else -1
        self._bar.show_count(at, len(order), page, self._pages)


def words_of(desk: Any, document: Document, page: int, progress: Progress) -> Page:
    """On the documents lane: the words of a page, those that reading recognised where it has."""
    with desk.workspace.read() as stores:
        kept: Page | None = stores.pages.page(document.sha256, page)
    if kept is not None:
        return kept

    def content() -> bytes:
        with desk.workspace.read() as stores:
            held: bytes = stores.documents.content(document.sha256)
        return held

    found: Page = desk.pages.words(document.sha256, content, page, progress=progress)
    return found


def _find(desk: Any, document: Document, page: int, text: str, progress: Progress) -> tuple[Box, ...]:
    progress(0, None, "page")
    return find_on(words_of(desk, document, page, progress), text)
