"""Shows one document of the case at the place a fact came from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.domain.case import Document
from app.domain.pages import HEAVY, TextLines
from app.errors import Cancelled, InputError, WorkbenchError
from app.ports import Pages, Progress
from views.context import Context
from views.icons import pixmap
from views.models.document_fields import COLOURS, FieldRow
from views.panels.page_find import PageFind
from views.parts.basics import StatePane
from views.parts.document_parts import LinesView, TableView
from views.parts.find_bar import FindBar
from views.parts.page_image import Box, Key, PageCache, PageImage, page_image
from views.parts.page_view import ZOOM_STEP, PageMark, PageView
from views.parts.rendition import Place, Table, marked_table, shape_of
from views.parts.thumbnails import WIDE, Thumbnails
from views.strings import has_text, tr
from views.tasks import Task
from views.theme import set_role
from views.widgets import ElidedLabel, row, shortcut

Shown = PageImage | TextLines | Table
LATE_MS = 200  # until another page of the document that is shown counts as loading
QUICK_SECONDS = 0.25  # a page that took no longer has its neighbours drawn ahead


class DocumentViewer(QFrame):
    """Asks the page reader's process on the documents lane; a newer request always wins over an older one.

    The values that were read are boxes on the page. Ctrl+F looks words up, R rotates, T shows all pages.
    """

    field_chosen = Signal(str)  # fact id of a box that was clicked
    captured = Signal(object, int, object)  # Document, page, Box of a rectangle that was drawn
    _early = Signal(object, object)  # Key, PageImage that was drawn ahead; emitted on the lane

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._document: Document | None = None
        self._place = Place()
        self._shown: str | None = None  # SHA-256 of the document on the screen
        self._asked = 0  # pixels across that the page on the screen was asked for with
        self._pages = 1
        self._cache = PageCache()
        self._task: Task | None = None
        self._ahead: list[Task] = []
        self.title, self.page_label = ElidedLabel("", "soft"), ElidedLabel("", "soft")
        self.state = StatePane()
        self.page = PageView(context)
        self.find_bar = FindBar(context)
        self.lookup = PageFind(context, self.find_bar, self)
        self.thumbs = Thumbnails(context)
        self._fields: tuple[FieldRow, ...] = ()
        self._chosen = ""
        self._with_thumbs = False
        self._strip: str | None = None  # SHA-256 of the document in the strip
        self.lines = LinesView(context)
        self.table = TableView(context)
        self._redraw = QTimer(self, singleShot=True, interval=150)
        self._late = QTimer(self, singleShot=True, interval=LATE_MS)
        self._build()
        self._connect()
        self.show_nothing()
        context.tasks.run(lambda _: context.desk.pages.start(), None, self, "documents", failed=lambda _: None)

    def _build(self) -> None:
        set_role(self, "viewer")
        self.back_page, self.next_page = QToolButton(), QToolButton()
        self.back_page.setText("‹")
        self.next_page.setText("›")
        self.smaller, self.larger = QToolButton(), QToolButton()
        self.smaller.setText("−")
        self.larger.setText("+")
        self.rotate, self.search, self.all_pages = QToolButton(), QToolButton(), QToolButton()
        self.all_pages.setCheckable(True)
        self.page_label.setFixedWidth(56)
        self.page_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        turning = (self.all_pages, self.back_page, self.page_label, self.next_page)
        head = row(self.title, *turning, self.smaller, self.larger, self.rotate, self.search, spacing=2)
        head.setStretch(0, 1)
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        for part in (self.state, self.page, self.lines, self.table):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.find_bar)
        beside = QHBoxLayout()
        beside.setSpacing(4)
        beside.addWidget(self.thumbs)
        beside.addWidget(self._body, 1)
        column.addLayout(beside, 1)
        self.thumbs.hide()
        self.set_texts()

    def set_texts(self) -> None:
        """Set words and pictures for the language and theme in force."""
        soft = self._context.theme.colours.soft
        for press, icon, text in (
            (self.rotate, "rotate", "reading.viewer.rotate"),
            (self.search, "search", "reading.viewer.find"),
            (self.all_pages, "pages", "reading.viewer.pages"),
        ):
            press.setIcon(pixmap(icon, soft, 15))
            press.setToolTip(tr(text))
            press.setAccessibleName(tr(text))
        self.find_bar.set_texts()

    def _connect(self) -> None:
        self.back_page.clicked.connect(lambda: self.turn(-1))
        self.next_page.clicked.connect(lambda: self.turn(1))
        self.smaller.clicked.connect(lambda: self.page.zoom(1 / ZOOM_STEP))
        self.larger.clicked.connect(lambda: self.page.zoom(ZOOM_STEP))
        self._redraw.timeout.connect(self._on_redraw)
        self._late.timeout.connect(self._show_loading)
        self._early.connect(self._on_early)
        self.state.retried.connect(self._load)
        self.state.stopped.connect(self.stop)
        self.page.turned.connect(self.turn)
        self.page.resized.connect(lambda _: self._redraw.start())
        self.page.mark_chosen.connect(self.field_chosen)
        self.page.drawn.connect(self._on_drawn)
        self.rotate.clicked.connect(self.page.rotate)
        self.search.clicked.connect(self.open_find)
        self.all_pages.toggled.connect(self.show_thumbs)
        self.thumbs.asked.connect(self._draw_thumb)
        self.thumbs.chosen.connect(self.go_to)
        self.lookup.went.connect(self.go_to)
        self.lookup.found.connect(self._show_hits)
        self.find_bar.capture_asked.connect(self._capture_hit)
        self.find_bar.closed.connect(self.page.setFocus)
        for keys, act in (("Ctrl+F", self.open_find), ("T", self.all_pages.toggle)):
            shortcut(keys, self, act)

    def show_nothing(self) -> None:
        """No document is chosen."""
        self._leave()
        self._document = None
        self._fields, self._strip = (), None
        self._cache.clear()
        self.find_bar.hide()
        self.lookup.show_document(None, 1, 1)
        self.title.setText("")
        self._show_pages(1, 1)
        self.state.show_empty(tr("case.viewer.empty"), tr("case.viewer.empty_more"))
        self._show_part(self.state)

    def show_place(self, document: Document, place: Place, title: str) -> None:
        """Open a document at a place. The bytes are read, and the page drawn, off the UI thread."""
        if self._document is None or document.sha256 != self._document.sha256:
            self._fields = ()
            self.page.set_turn(0)
        self._document, self._place = document, place
        self.title.setText(f"{title} · {document.name}" if title != document.name else title)
        self._load()

    def turn(self, by: int) -> None:
        """Show the page after or before; a mark stays on its own page."""
        wanted = min(max(1, self._place.page + by), self._pages)
        if self._document is not None and wanted != self._place.page:
            self._place = replace(self._place, page=wanted, box=None)
            self._load()

    def go_to(self, page: int) -> None:
        """Show a page by its number, and the place on it that was looked for."""
        if page != self._place.page or self._shown is None:
            self.turn(page - self._place.page)
        else:
            self._show_hits()

    def show_fields(self, fields: Sequence[FieldRow], chosen: str) -> None:
        """The values of the document that is shown, as boxes on their pages; ``chosen`` is a fact id, or blank."""
        self._fields, self._chosen = tuple(fields), chosen
        self._show_marks()

    def open_find(self) -> None:
        """Look words up in the pages, where the document has any."""
        if self._stack.currentWidget() is self.page:
            self.find_bar.open()

    def show_thumbs(self, wanted: bool) -> None:
        """Show the strip of pages, where there are several."""
        self._with_thumbs = wanted
        if self.all_pages.isChecked() != wanted:
            self.all_pages.setChecked(wanted)
        self._show_strip()

    def stop(self) -> None:
        """Give the document up that is being opened."""
        if self._task is not None:
            self._task.cancel()

    def _load(self) -> None:
        document = self._document
        if document is None:
            return
        self._leave()
        self.page.make_room(self._body.width())
        key = self._key(self._place.page)
        kept = self._cache.get(key)
        if kept is not None and shape_of(document) in ("pdf", "picture"):
            self._on_rendered(key, (kept, 0.0))
            return
        if self._shown == document.sha256:
            self._late.start()
        else:
            self._show_loading()
        op = partial(_render, self._context.desk, document, self._place, key)
        if self._place.page == 1 and document.size >= HEAVY and shape_of(document) in ("pdf", "picture"):
            op = partial(_first_then, self._context.desk, document, key, self._early.emit, op)
        done = partial(self._on_rendered, key)
        self._task = self._run(op, done, "show", self._on_failed)

    def _key(self, page: int) -> Key:
        assert self._document is not None
        return self._document.sha256, page, self.page.page_width()

    def _run(self, op: Any, done: Any, key: str, failed: Any) -> Task:
        cancel = self._context.desk.pages.cancel
        return self._context.tasks.run(op, done, self, "documents", key=key, failed=failed, on_cancel=cancel)

    def _leave(self) -> None:
        """Nobody waits any more for what was asked before."""
        self._late.stop()
        self._redraw.stop()
        for task in (self._task, *self._ahead):
            if task is not None and task.running:
                task.supersede()
        self._task, self._ahead = None, []

    def _show_loading(self) -> None:
        self.state.show_loading(tr("case.viewer.loading"), stop=tr("button.cancel"))
        self._show_part(self.state)

    def _show_part(self, part: QWidget) -> None:
        if part is self.state:
            self._shown = None
        self._stack.setCurrentWidget(part)
        for press in (self.rotate, self.search):
            press.setVisible(part is self.page)
        for press, name in ((self.smaller, "smaller"), (self.larger, "larger")):
            press.setVisible(part is self.page)
            press.setToolTip(tr(f"case.viewer.{name}"))
            press.setAccessibleName(tr(f"case.viewer.{name}"))

    def _on_rendered(self, key: Key, result: tuple[Shown, float]) -> None:
        shown, seconds = result
        self._late.stop()
        match shown:
            case PageImage():
                self._cache.put((key[0], shown.page, key[2]), shown)
                self._show_page(shown, key[2])
                self._draw_ahead(shown, seconds)
            case TextLines():
                self._show_part(self.lines)
                self.lines.show_lines(shown)
                self._show_pages(1, 1)
            case Table():
                self._show_part(self.table)
                self.table.show_table(shown)
                self._show_pages(1, 1)
        self._shown = key[0]

    def _on_early(self, key: Key, page: PageImage) -> None:
        """Show a page that was drawn ahead, until it is there as sharp as it is asked for."""
        waited = self._task is not None and self._task.running and self._document is not None
        if waited and key == self._key(self._place.page) and self._shown != key[0]:
            self._late.stop()
            self._show_page(page, key[2])
            self._shown = key[0]

    def _show_page(self, shown: PageImage, asked: int) -> None:
        self._place = replace(self._place, page=shown.page)
        self._asked = asked
        self._show_part(self.page)
        self.page.show_page(shown, self._place.box)
        self._show_marks()
        self._show_pages(shown.page, shown.pages)
        self.lookup.show_document(self._document, shown.page, shown.pages)
        self._show_hits()
        self._show_strip()
        if self.page.page_width() != asked:
            self._redraw.start()

    def _on_redraw(self) -> None:
        """Draw the page anew as wide as it now is, so that it is sharp."""
        if self._stack.currentWidget() is self.page and self.page.page_width() != self._asked:
            self._load()

    def _draw_ahead(self, shown: PageImage, seconds: float) -> None:
        """Have the neighbours ready before they are turned to, where pages are quick to draw."""
        document = self._document
        if document is None or seconds > QUICK_SECONDS:
            return
        for page in (shown.page + 1, shown.page - 1):
            key = self._key(page)
            if 1 <= page <= shown.pages and self._cache.get(key) is None:
                op = partial(_render, self._context.desk, document, Place(page), key)
                self._ahead.append(self._run(op, partial(self._on_ahead, key), f"ahead {page}", lambda _: None))

    def _on_ahead(self, key: Key, result: tuple[Shown, float]) -> None:
        if isinstance(result[0], PageImage):
            self._cache.put(key, result[0])

    def _show_marks(self) -> None:
        here = [field for field in self._fields if field.page == self._place.page and field.fact.source.box]
        marks = [_mark(field, field.fact.source.box) for field in here if field.fact.source.box is not None]
        self.page.show_marks(marks, self._chosen)

    def _show_hits(self) -> None:
        self.page.show_hits(*self.lookup.hits(self._place.page))

    def _on_drawn(self, box: Box) -> None:
        if self._document is not None:
            self.captured.emit(self._document, self._place.page, box)

    def _capture_hit(self) -> None:
        """Capture the place that was looked for: the way to capture without a mouse."""
        current = self.lookup.current()
        if self._document is not None and current is not None:
            self.captured.emit(self._document, *current)

    def _show_strip(self) -> None:
        showing = self._stack.currentWidget() is self.page and self._pages > 1
        if showing and self._document is not None and self._strip != self._document.sha256:
            self._strip = self._document.sha256
            self.thumbs.show_document(self._pages)
        self.thumbs.setVisible(showing and self._with_thumbs)
        self.thumbs.show_page(self._place.page)

    def _draw_thumb(self, page: int) -> None:
        document = self._document
        if document is None:
            return
        key = (document.sha256, page, round(WIDE * self.devicePixelRatioF()))
        self._run(
            partial(_render, self._context.desk, document, Place(page), key),
            lambda result: self._on_thumb(page, document, result[0]),
            "thumb",
            lambda _: self._on_thumb(page, document, None),
        )

    def _on_thumb(self, page: int, document: Document, shown: Shown | None) -> None:
        if document.sha256 == self._strip:
            self.thumbs.show_picture(page, shown if isinstance(shown, PageImage) else None)

    def _on_failed(self, error: WorkbenchError) -> None:
        self._late.stop()
        self._show_pages(1, 1)
        if isinstance(error, Cancelled):
            self.state.show_error(tr("case.viewer.cancelled"), "")
        else:
            drawn = self._document is not None and shape_of(self._document) in ("pdf", "picture")
            self.state.show_error(tr("case.viewer.no_page" if drawn else "case.viewer.failed"), why(error))
        self._show_part(self.state)

    def _show_pages(self, page: int, pages: int) -> None:
        self._pages = pages
        self.page_label.setText(tr("case.viewer.pages", page=page, pages=pages))
        for part in (self.all_pages, self.back_page, self.page_label, self.next_page):
            part.setVisible(pages > 1)
        self.back_page.setEnabled(page > 1)
        self.next_page.setEnabled(page < pages)
        self.back_page.setAccessibleName(tr("case.viewer.back"))
        self.next_page.setAccessibleName(tr("case.viewer.next"))


def _mark(field: FieldRow, box: Box) -> PageMark:
    tip = f"{field.label}: {field.value}\n{field.trust_words}"
    return PageMark(field.fact.id, box, COLOURS[field.trust], tip)


def why(error: WorkbenchError) -> str:
    """What went wrong and what to do, in the language in force where the page reader names the reason."""
    reason = f"case.viewer.why.{error.field.replace('.', '_')}" if isinstance(error, InputError) else ""
    if not reason or not has_text(reason):
        return str(error)
    remedy = "case.viewer.why.restarted" if ".why.page_" in reason else "case.viewer.why.remedy"
    return tr("case.viewer.why.both", why=tr(reason), remedy=tr(remedy))


def _render(desk: Any, document: Document, place: Place, key: Key, progress: Progress) -> tuple[Shown, float]:
    """On the documents lane: the place as the child shows it, and the seconds that took."""
    progress(0, None, "document")
    began = time.monotonic()
    content = partial(_content, desk, document.sha256)
    pages: Pages = desk.pages
    match shape_of(document):
        case "pdf" | "picture":
            sha256, page, width = key
            shown: Shown = page_image(
                pages.draw(sha256, content, page, width, sheet=document.sheet(page), progress=progress)
            )
        case "table":
            shown = marked_table(pages.excerpt(document.sha256, content, place.row or 1, progress=progress), place)
        case shape:
            shown = pages.lines(
                document.sha256, content, shape, rows=place.numbers(), path=place.path, row=place.row, raw=place.raw,
                progress=progress,
            )  # fmt: skip
    return shown, time.monotonic() - began


def _first_then(
    desk: Any, document: Document, key: Key, early: Callable[[Key, PageImage], object], op: Any, progress: Progress
) -> tuple[Shown, float]:
    """On the documents lane: the first page as it was drawn ahead, where it was, then as ``op`` draws it."""
    with desk.workspace.read() as stores:
        kept = stores.first_pages.get(document.sha256, document.sheet(1))
    if kept is not None:
        early(key, page_image(desk.pages.draw_first(document.sha256, kept, key[2], progress=progress)))
    shown: tuple[Shown, float] = op(progress)
    return shown


def _content(desk: Any, sha256: str) -> bytes:
    with desk.workspace.read() as stores:
        content: bytes = stores.documents.content(sha256)
    return content
