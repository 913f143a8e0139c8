"""The grid in which a decision table is read and written: cells, rows and columns, by mouse, keys and clipboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView

from app.domain.policy_entry import Use
from views.context import Context
from views.models.table_grid import TableGrid
from views.parts.table_cells import HIGH, CellDelegate, TableHeader
from views.strings import tr

WIDEST, TEXT_WIDE, PAD = 250, 280, 26
ROW_WIDE, HEADING_WIDE = 70, 165
ACTS = {
    "insert": "Ctrl+Return",
    "duplicate": "Ctrl+D",
    "remove": "Ctrl+Delete",
    "up": "Alt+Up",
    "down": "Alt+Down",
    "column_add": "Ctrl+Shift+Return",
    "column_remove": "Ctrl+Shift+Delete",
    "column_left": "Alt+Left",
    "column_right": "Alt+Right",
    "copy": "Ctrl+C",
    "cut": "Ctrl+X",
    "paste": "Ctrl+V",
    "clear": "Delete",
}
READING = ("copy",)
_GROUPS = ("column_add", "copy")  # a line stands before these in the menu


class TableGridView(QTableView):
    """``column_wanted`` when a column is to be chosen."""

    column_wanted = Signal()

    def __init__(self, context: Context, model: TableGrid) -> None:
        super().__init__()
        self._context, self._grid = context, model
        self.setModel(model)
        self.cells = CellDelegate(context, model.reasons, self)
        self.setItemDelegate(self.cells)
        self.setHorizontalHeader(TableHeader(context, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(HIGH)
        rows.setMinimumSectionSize(HIGH)
        rows.setFixedWidth(ROW_WIDE)
        rows.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.actions_by_name = {name: self._action(name, keys) for name, keys in ACTS.items()}
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self._fit = QTimer(self, singleShot=True, interval=0)
        self._fit.timeout.connect(self.fit_rows)
        model.dataChanged.connect(lambda *_: self._fit.start())
        model.modelReset.connect(self._fit.start)

    def _action(self, name: str, keys: str) -> QAction:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: self.act(name))
        self.addAction(action)
        return action

    def dress(self) -> None:
        """Texts of the language in force."""
        for name, action in self.actions_by_name.items():
            action.setText(tr(f"policy.act.{name}"))

    def menu(self) -> QMenu:
        """Everything that can be done to the table, with its keys."""
        menu = QMenu(self)
        editable = self._grid.draft is not None and self._grid.draft.editable
        for name, action in self.actions_by_name.items():
            if name in _GROUPS:
                menu.addSeparator()
            action.setEnabled(editable or name in READING)
            menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _on_menu(self, at: QPoint) -> None:
        self.menu().popup(self.viewport().mapToGlobal(at))

    # Showing

    def fit_columns(self) -> None:
        """Give each column the width of what it holds, within bounds."""
        self.setUpdatesEnabled(False)
        for at, kind in enumerate(self._grid.types):
            heading = self.horizontalHeader().model().headerData(at, Qt.Orientation.Horizontal)
            wide = max(self.sizeHintForColumn(at), self._heading_width(str(heading)), 90)
            bound = TEXT_WIDE if kind.use in (Use.TEXT, Use.REASON) else WIDEST
            self.setColumnWidth(at, min(wide, bound))
        self.setUpdatesEnabled(True)
        self.fit_rows()

    def _heading_width(self, text: str) -> int:
        metrics = self.fontMetrics()
        return min(metrics.horizontalAdvance(text) + PAD, HEADING_WIDE)

    def fit_rows(self) -> None:
        """Make room beneath cells where something is wrong."""
        for row in range(self._grid.rowCount()):
            wanted = max((self._high(row, at) for at in range(self._grid.columnCount())), default=HIGH)
            if self.rowHeight(row) != wanted:
                self.setRowHeight(row, wanted)

    def _high(self, row: int, at: int) -> int:
        if not self._grid.problem_at(row, at):
            return HIGH
        return self.cells.sizeHint(self._option(), self._grid.index(row, at)).height()

    def _option(self) -> Any:
        from PySide6.QtWidgets import QStyleOptionViewItem

        return QStyleOptionViewItem()

    # Doing

    def chosen_rows(self) -> list[int]:
        """The rows of the selection, else the current one, in order."""
        rows = sorted({index.row() for index in self.selectedIndexes()})
        return rows or ([self.currentIndex().row()] if self.currentIndex().isValid() else [])

    def act(self, name: str) -> None:
        """Do one of ``ACTS`` to what is selected; what would change a version that is none's draft does nothing."""
        grid = self._grid
        if grid.draft is None or (not grid.draft.editable and name not in READING):
            return
        getattr(self, f"_do_{name}")()

    def _do_insert(self) -> None:
        at = max(self.chosen_rows(), default=self._grid.rowCount() - 1) + 1
        column = max(0, self.currentIndex().column())
        self._grid.insert(at)
        self.go(at, column)

    def _do_duplicate(self) -> None:
        rows = self.chosen_rows()
        if rows:
            self._grid.insert(rows[-1] + 1, self._grid.copies(rows))
            self.go(rows[-1] + 1, max(0, self.currentIndex().column()))

    def _do_remove(self) -> None:
        rows = self.chosen_rows()
        if rows:
            column = max(0, self.currentIndex().column())
            self._grid.remove(rows)
            self.go(min(rows[0], self._grid.rowCount() - 1), column)

    def _do_up(self) -> None:
        self._move(-1)

    def _do_down(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        rows, column = self.chosen_rows(), max(0, self.currentIndex().column())
        if rows and rows[0] + by >= 0 and rows[-1] + by < self._grid.rowCount():
            self._grid.move(rows[0], rows[-1], by)
            self.go(rows[0] + by, column, rows[-1] + by)

    def _do_column_add(self) -> None:
        self.column_wanted.emit()

    def _do_column_remove(self) -> None:
        at = self.currentIndex().column()
        if at >= 0:
            row = self.currentIndex().row()
            self._grid.remove_column(at)
            self.go(row, min(at, self._grid.columnCount() - 1))

    def _do_column_left(self) -> None:
        self._move_column(-1)

    def _do_column_right(self) -> None:
        self._move_column(1)

    def _move_column(self, by: int) -> None:
        at = self.currentIndex().column()
        if at >= 0:
            field, row = self._grid.columns[at].field, self.currentIndex().row()
            self._grid.move_column(at, by)
            self.go(row, self._grid.column_at(field))

    def _do_copy(self) -> None:
        text = self._grid.copied(self.selectedIndexes())
        if text:
            QGuiApplication.clipboard().setText(text)

    def _do_cut(self) -> None:
        self._do_copy()
        self._do_clear()

    def _do_paste(self) -> None:
        at = min(self.selectedIndexes(), key=lambda each: (each.row(), each.column()), default=self.currentIndex())
        text = QGuiApplication.clipboard().text()
        if text and (at.isValid() or not self._grid.rowCount()):
            row, column = max(0, at.row()), max(0, at.column())
            self._grid.paste(text, row, column)
            self.go(row, column)

    def _do_clear(self) -> None:
        cells = {(each.row(), each.column()): "" for each in self.selectedIndexes()}
        if cells:
            self._grid.write(cells, tr("policy.step.clear"))

    def go(self, row: int, column: int, last: int | None = None) -> None:
        """Bring a cell to the front; ``last`` selects the rows down to it."""
        if row < 0 or column < 0:
            return
        self.setCurrentIndex(self._grid.index(row, column))
        if last is not None and last > row:
            model = self.selectionModel()
            for each in range(row, last + 1):
                model.select(self._grid.index(each, column), model.SelectionFlag.Select)
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.state() != QAbstractItemView.State.EditingState and self.currentIndex().isValid():
                self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)
