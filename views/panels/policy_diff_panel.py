"""What differs from one version of a policy to another, in words; a click shows it in its table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.domain.policy_versions import Change
from views import policy_words as words
from views.context import Context
from views.policy_jobs import Entry
from views.strings import tr
from views.widgets import choices, column, label, row

TONE = {"added": "favourable", "removed": "adverse", "changed": "amber"}


def kind_of(change: Change) -> str:
    """Whether something was added, removed or changed."""
    return "added" if change.before is None else "removed" if change.after is None else "changed"


class PolicyDiffPanel(QWidget):
    """``against_chosen(key)`` when another version is compared with, ``opened(change)`` by double click or Enter."""

    against_chosen = Signal(str)
    opened = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.changes: Sequence[Change] = ()
        self._label, self.against = label("", "soft"), QComboBox()
        self.against.setMinimumWidth(220)
        self.summary = label("", "soft")
        self.list = QTableWidget(0, 3)
        self.list.setProperty("role", "plain")
        self.list.verticalHeader().hide()
        self.list.verticalHeader().setDefaultSectionSize(34)
        self.list.setShowGrid(False)
        self.list.setWordWrap(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setColumnWidth(0, 110)
        self.list.setColumnWidth(1, 330)
        self.list.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.list.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.list.itemActivated.connect(self._on_item)
        self.list.itemDoubleClicked.connect(self._on_item)
        self.against.activated.connect(lambda _: self.against_chosen.emit(str(self.against.currentData())))
        body = column(spacing=8, margins=(24, 12, 24, 16))
        body.addLayout(row(self._label, self.against, 12, self.summary, 0))
        body.addWidget(self.list, 1)
        self.setLayout(body)
        self.setFocusProxy(self.list)

    def show_changes(self, entries: Sequence[Entry], against: str, changes: Sequence[Change]) -> None:
        """Show the differences from the version of the key ``against``."""
        self.changes = changes
        self._label.setText(tr("policy.compared_with"))
        self.against.setAccessibleName(tr("policy.compared_with"))
        choices(self.against, [(each.key, _named(each)) for each in entries], against)
        self.summary.setText(tr("policy.change_count", count=len(changes)) if changes else tr("policy.no_change"))
        self.list.setAccessibleName(tr("policy.tab.changes"))
        self.list.setHorizontalHeaderLabels([tr(f"policy.change.{each}") for each in ("kind", "place", "what")])
        self.list.setRowCount(len(changes))
        catalogue, theme = self._context.desk.catalogue, self._context.theme
        for at, change in enumerate(changes):
            place, what = words.change_words(change, catalogue)
            for column_at, text in enumerate((tr(f"policy.change.{kind_of(change)}"), place, what)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if not column_at:
                    item.setForeground(theme.colour(TONE[kind_of(change)]))
                self.list.setItem(at, column_at, item)
        self.list.resizeRowsToContents()
        if changes:
            self.list.setCurrentCell(0, 0)

    def _on_item(self, item: QTableWidgetItem) -> None:
        self.opened.emit(self.changes[item.row()])


def _named(entry: Entry) -> str:
    return f"{entry.version} · {tr(f'policy.state.{entry.state}')}"
