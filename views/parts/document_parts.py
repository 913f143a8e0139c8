"""A text and a table as the document viewer shows them, with what counts marked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTableView, QTextEdit, QWidget

from app.domain.pages import TextLines
from views.context import Context
from views.parts.rendition import Table
from views.strings import tr


class LinesView(QPlainTextEdit):
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

    def show_lines(self, shown: TextLines) -> None:
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


class _RowsModel(QAbstractTableModel):
    """The rows of a table around the one that counts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = Table((), ())
        self._strong = QFont()  # of the cell that counts
        self._strong.setBold(True)

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
        if (
            role == Qt.ItemDataRole.FontRole
            and index.row() in self._table.marks
            and index.column() == self._table.column
        ):
            return self._strong
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


class TableView(QTableView):
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
