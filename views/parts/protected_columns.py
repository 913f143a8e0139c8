"""The columns of a table that a person may name as protected, each with the group the others are compared with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from views import format as fmt
from views.context import Context
from views.fit_jobs import ColumnLook
from views.strings import tr
from views.widgets import choices, column, label, row

COLUMNS = ("use", "values", "reference")


class ProtectedColumns(QFrame):
    """None is chosen beforehand: what is protected is for the analyst to say."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setProperty("role", "card")
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setProperty("role", "plain")
        self.table.setHorizontalHeaderLabels([tr(f"scores.fair.column.{key}") for key in COLUMNS])
        self.table.setAccessibleName(tr("scores.fair.protected"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(38)
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        self.table.setColumnWidth(2, 190)
        self._used: dict[str, tuple[QCheckBox, QComboBox]] = {}
        body = column(label(tr("scores.fair.protected"), "heading"), spacing=6, margins=(14, 10, 14, 10))
        body.addWidget(self.table, 1)
        hint = label(tr("scores.fair.protected_hint"), "soft")
        hint.setWordWrap(True)
        body.addWidget(hint)
        self.setLayout(body)

    def show_columns(self, columns: Sequence[ColumnLook]) -> None:
        """A line a column of few values; the commonest is offered as the reference."""
        offered = [each for each in columns if len(each.values) >= 2]
        self._used = {}
        self.table.setRowCount(len(offered))
        for place, each in enumerate(offered):
            use, reference = QCheckBox(each.name), QComboBox()
            told = [(value, f"{value}  ({fmt.number(count)})") for value, count in each.values]
            choices(reference, told)
            reference.setAccessibleName(f"{tr('scores.fair.column.reference')}: {each.name}")
            reference.setEnabled(False)
            use.toggled.connect(reference.setEnabled)
            use.toggled.connect(lambda _: self.changed.emit())
            reference.currentIndexChanged.connect(lambda _: self.changed.emit())
            self._used[each.name] = use, reference
            self.table.setCellWidget(place, 0, _padded(use))
            self.table.setItem(place, 1, QTableWidgetItem(tr("scores.fit.values", count=fmt.number(each.distinct))))
            self.table.setCellWidget(place, 2, _padded(reference))
        self.changed.emit()

    def chosen(self) -> dict[str, str]:
        """The reference value of each column that is named as protected."""
        return {name: box.currentData() for name, (use, box) in self._used.items() if use.isChecked()}

    def name(self, column: str, reference: str | None = None) -> None:
        """Name a column as protected, against a group of it."""
        use, box = self._used[column]
        use.setChecked(True)
        if reference is not None:
            box.setCurrentIndex(box.findData(reference))


def _padded(field: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(row(field, margins=(10, 2, 6, 2)))
    return holder
