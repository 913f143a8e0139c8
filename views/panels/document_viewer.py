"""Shows one document of the case at the place a fact came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
)
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import (
    QFrame,
    QPlainTextEdit,
    QStackedLayout,
    QTableView,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Document
from app.errors import WorkbenchError
from app.ports import Progress
from views.context import Context
from views.parts.basics import StatePane
from views.parts.page_image import PageImage, pdf_page, picture
from views.parts.page_view import PageView
from views.parts.rendition import Lines, Place, Table, shape_of, text_rendition
from views.strings import tr
from views.theme import set_role
from views.widgets import ElidedLabel, row

Shown = PageImage | Lines | Table


class DocumentViewer(QFrame):
    """Reads and draws on the documents lane; a newer request always wins over an older one."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._document: Document | None = None
        self._place = Place()
        self._held: tuple[str, bytes] | None = None  # the last document's bytes, so that turning pages is quick
        self._pages = 1
        self.title, self.page_label = ElidedLabel("", "soft"), ElidedLabel("", "soft")
        self.state = StatePane()
        self.page = PageView(context)
        self.lines = _LinesView(context)
        self.table = _TableView(context)
        self._redraw = QTimer(self, singleShot=True, interval=150)
        self._redraw.timeout.connect(self._load)
        self._build()
        self.state.retried.connect(self._load)
        self.page.turned.connect(self.turn)
        self.page.resized.connect(lambda _: self._redraw.start() if self._stack.currentWidget() is self.page else None)
        self.show_nothing()

    def _build(self) -> None:
        set_role(self, "viewer")
        self.back_page, self.next_page = QToolButton(), QToolButton()
        self.back_page.setText("‹")
        self.next_page.setText("›")
        self.back_page.clicked.connect(lambda: self.turn(-1))
        self.next_page.clicked.connect(lambda: self.turn(1))
        self.page_label.setFixedWidth(64)
        self.page_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head = row(self.title, self.back_page, self.page_label, self.next_page, spacing=2)
        head.setStretch(0, 1)
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        for part in (self.state, self.page, self.lines, self.table):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._body, 1)

    def show_nothing(self) -> None:
        """No document is chosen."""
        self._document = None
        self._held = None
        self.title.setText("")
        self._show_pages(1, 1)
        self.state.show_empty(tr("case.viewer.empty"), tr("case.viewer.empty_more"))
        self._stack.setCurrentWidget(self.state)

    def show_place(self, document: Document, place: Place, title: str) -> None:
        """Open a document at a place. The bytes are read, and the page drawn, off the UI thread."""
        self._document, self._place = document, place
        self.title.setText(f"{title} · {document.name}" if title != document.name else title)
        self._load()

    def turn(self, by: int) -> None:
        """Show the page after or before; a mark stays on its own page."""
        wanted = min(max(1, self._place.page + by), self._pages)
        if self._document is not None and wanted != self._place.page:
            self._place = replace(self._place, page=wanted, box=None)
            self._load()

    def _load(self) -> None:
        document, place = self._document, self._place
        if document is None:
            return
        held = self._held[1] if self._held and self._held[0] == document.sha256 else None
        width = max(600, self.page.page_width())
        if held is None:
            self.state.show_loading(tr("case.viewer.loading"))
            self._stack.setCurrentWidget(self.state)

        def op(progress: Progress) -> tuple[bytes, Shown]:
            progress(0, None, "document")
            content = held if held is not None else self._read(document.sha256)
            return content, render(document, content, place, width)

        self._context.tasks.run(op, self._on_rendered, self, "documents", key="show", failed=self._on_failed)

    def _read(self, sha256: str) -> bytes:
        with self._context.desk.workspace.read() as stores:
            content: bytes = stores.documents.content(sha256)
        return content

    def _on_rendered(self, result: tuple[bytes, Shown]) -> None:
        content, shown = result
        document = self._document
        if document is None:
            return
        self._held = (document.sha256, content)
        match shown:
            case PageImage():
                self._stack.setCurrentWidget(self.page)
                self._place = replace(self._place, page=shown.page)
                self.page.show_page(shown, self._place.box)
                self._show_pages(shown.page, shown.pages)
            case Lines():
                self._stack.setCurrentWidget(self.lines)
                self.lines.show_lines(shown)
                self._show_pages(1, 1)
            case Table():
                self._stack.setCurrentWidget(self.table)
                self.table.show_table(shown)
                self._show_pages(1, 1)

    def _on_failed(self, error: WorkbenchError) -> None:
        self._show_pages(1, 1)
        self.state.show_error(tr("case.viewer.failed"), str(error))
        self._stack.setCurrentWidget(self.state)

    def _show_pages(self, page: int, pages: int) -> None:
        self._pages = pages
        self.page_label.setText(tr("case.viewer.pages", page=page, pages=pages))
        for part in (self.back_page, self.page_label, self.next_page):
            part.setVisible(pages > 1)
        self.back_page.setEnabled(page > 1)
        self.next_page.setEnabled(page < pages)
        self.back_page.setAccessibleName(tr("case.viewer.back"))
        self.next_page.setAccessibleName(tr("case.viewer.next"))


def render(document: Document, content: bytes, place: Place, width: int) -> Shown:
    """Draw or lay out a document at a place; raises ``InputError`` for what cannot be shown."""
    match shape_of(document):
        case "pdf":
            return pdf_page(content, place.page, width)
        case "picture":
            return picture(content)
    return text_rendition(document, content, place)


class _LinesView(QPlainTextEdit):
    """Lines in a fixed-width type; the one that counts is washed and scrolled to."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setAccessibleName(tr("case.viewer.text_name"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByKeyboard | Qt.TextInteractionFlag.TextSelectableByMouse
        )

    def show_lines(self, shown: Lines) -> None:
        font = self._context.theme.font(12)
        font.setFamilies(["DejaVu Sans Mono", "Consolas", "Menlo", *font.families()])
        self.setFont(font)
        wide = len(str(shown.skipped + len(shown.lines)))
        self.setPlainText("\n".join(f"{n:>{wide}}  {line}" for n, line in enumerate(shown.lines, shown.skipped + 1)))
        self.setExtraSelections([])
        if shown.marked is not None:
            self._mark(shown.marked, shown.marks or (shown.marked,))

    def _mark(self, first: int, lines: tuple[int, ...]) -> None:
        form = QTextCharFormat()
        form.setBackground(self._context.theme.colour("selected"))
        form.setProperty(QTextFormat.Property.FullWidthSelection, True)
        extras = []
        for line in lines:
            extra = QTextEdit.ExtraSelection()
            extra.cursor, extra.format = QTextCursor(self.document().findBlockByNumber(line)), form
            extras.append(extra)
        self.setExtraSelections(extras)
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(first)))
        self.centerCursor()

    def marked_line(self) -> str | None:
        """Text of the marked line."""
        chosen = self.extraSelections()
        return chosen[0].cursor.block().text() if chosen else None

    def marked_lines(self) -> list[str]:
        """Texts of all marked lines."""
        return [extra.cursor.block().text() for extra in self.extraSelections()]


class _RowsModel(QAbstractTableModel):
    """The rows of a delimited file around the one that counts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = Table((), ())

    def show_table(self, table: Table) -> None:
        self.beginResetModel()
        self._table = table
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        wide = max([len(self._table.header), *(len(each) for each in self._table.rows[:50])])
        return 0 if parent is not None and parent.isValid() else wide

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        cells = self._table.rows[index.row()]
        return cells[index.column()] if index.column() < len(cells) else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Vertical:
            return str(self._table.numbers[section])
        return self._table.header[section] if section < len(self._table.header) else ""


class _TableView(QTableView):
    """A table whose marked row is chosen and scrolled to."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._model = _RowsModel(self)
        self.setModel(self._model)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setAccessibleName(tr("case.viewer.table_name"))
        self.setProperty("role", "plain")
        self.verticalHeader().setDefaultSectionSize(26)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_table(self, table: Table) -> None:
        self._model.show_table(table)
        if table.marked is None:
            self.clearSelection()
            return
        self.clearSelection()
        rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for at in table.marks:
            self.selectionModel().select(self._model.index(at, 0), rows)
        index = self._model.index(table.marked, table.column or 0)
        self.scrollTo(index, QTableView.ScrollHint.PositionAtCenter)

    def marked_row(self) -> tuple[str, ...] | None:
        """Cells of the chosen row."""
        rows = self.selectionModel().selectedRows()
        if not rows:
            return None
        columns = range(self._model.columnCount())
        return tuple(self._model.data(self._model.index(rows[0].row(), column)) for column in columns)
