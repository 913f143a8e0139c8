"""A table of the monitoring or of fairness: cells with lights, headings in the language in force, a line of limits."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.domain.watching import Light
from views.context import Context
from views.models.watching import Sheet
from views.strings import tr

TONE = {Light.RED: "adverse", Light.AMBER: "amber", Light.GREEN: "favourable", Light.GREY: "struck"}
DOT = "●"


class SheetTable(QTableWidget):
    """Shows a sheet; emits the position of the row that is chosen."""

    picked = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__(0, 0)
        self._context = context
        self._wide = 0
        self.setProperty("role", "plain")
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.itemSelectionChanged.connect(self._on_selection)

    def sizeHint(self) -> QSize:
        return QSize(420, 180)

    def show_sheet(self, sheet: Sheet, name: str, prefix: str = "scores.watch.column") -> None:
        """Fill the table; ``prefix`` is that of the headings' texts."""
        self.setColumnCount(len(sheet.columns))
        self.setHorizontalHeaderLabels([tr(f"{prefix}.{each}") for each in sheet.columns])
        self.setAccessibleName(name)
        self.setRowCount(len(sheet.rows))
        theme = self._context.theme
        for place, cells in enumerate(sheet.rows):
            for at, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text if cell.light is None else f"{DOT}  {cell.text}")
                item.setToolTip(cell.hint)
                if cell.light is not None:
                    item.setForeground(theme.colour(TONE[cell.light]))
                self.setItem(place, at, item)
        self._wide = sheet.wide
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Columns as wide as their content; the wide one takes what is left, but never less than its content."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if self._wide < self.columnCount() and header.length() < self.viewport().width():
            header.setSectionResizeMode(self._wide, QHeaderView.ResizeMode.Stretch)

    def _on_selection(self) -> None:
        rows = self.selectionModel().selectedRows()
        if rows:
            self.picked.emit(rows[0].row())


def dot_icon(context: Context, light: Light) -> QIcon:
    """A dot in the light's colour, for a tab."""
    picture = QPixmap(20, 20)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(context.theme.colour(TONE[light]))
    painter.drawEllipse(1, 1, 8, 8)
    painter.end()
    return QIcon(picture)
