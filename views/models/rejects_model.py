"""The rejected rows and files as Qt's table model, with the person's corrections beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.ports import Reject
from views.strings import tr

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("file", "line", "column", "reason", "remedy")
REJECT_ROLE = Qt.ItemDataRole.UserRole + 1
CORRECTED_ROLE = Qt.ItemDataRole.UserRole + 2


class RejectsModel(QAbstractTableModel):
    """Rejects in the order they came; ``correct`` keeps a corrected line until it is imported again."""

    def __init__(self) -> None:
        super().__init__()
        self.rejects: list[Reject] = []
        self.corrections: dict[int, str] = {}  # reject id -> line

    def set_rejects(self, rejects: Sequence[Reject]) -> None:
        """Show these; corrections of rejects that are gone are dropped."""
        self.beginResetModel()
        self.rejects = list(rejects)
        kept = {reject.id for reject in self.rejects}
        self.corrections = {number: line for number, line in self.corrections.items() if number in kept}
        self.endResetModel()

    def correct(self, row: int, line: str) -> None:
        """Keep a corrected line; the line as it was takes the correction back."""
        reject = self.rejects[row]
        if line == reject.raw:
            self.corrections.pop(reject.id, None)
        else:
            self.corrections[reject.id] = line
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def line_of(self, row: int) -> str:
        """The line as corrected, else as it came."""
        reject = self.rejects[row]
        return self.corrections.get(reject.id, reject.raw)

    def corrected(self) -> list[Reject]:
        """The corrected rejects, with their new lines."""
        return [replace(one, raw=self.corrections[one.id]) for one in self.rejects if one.id in self.corrections]

    def texts_changed(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rejects)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(f"rejects.column.{COLUMNS[section]}")
        return (
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            if role == Qt.ItemDataRole.TextAlignmentRole
            else None
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        reject = self.rejects[index.row()]
        if role == REJECT_ROLE:
            return reject
        if role == CORRECTED_ROLE:
            return reject.id in self.corrections
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            value = getattr(reject, COLUMNS[index.column()])
            return "" if value is None else str(value)
        return None
