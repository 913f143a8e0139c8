"""Money in and out as the bank saw it: the balance, the months, what recurs, every entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Transaction
from app.ports import Progress
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.transactions_model import COLUMNS, Recurring, TransactionsModel, recurring_of
from views.parts.basics import StatePane
from views.parts.cash_chart import CashChart, Month, balances_of, months_of
from views.parts.wrap_box import WrapBox
from views.strings import tr
from views.theme import set_role
from views.widgets import choices, label, row

_PARTY_FROM, _PURPOSE_FROM = 700, 560  # pixels of the panel


@dataclass(frozen=True, slots=True)
class _Sums:
    """What is worked out of the entries, on the read lane."""

    months: tuple[Month, ...]
    balances: tuple[tuple[object, object], ...]
    recurring: tuple[Recurring, ...]
    told: Mapping[tuple[str, int], tuple[str, str]]  # class and counterparty, by document and row


class CashFlowPanel(QWidget):
    """Chart, recurring entries and the table; a chosen entry is marked in its statement."""

    entry_chosen = Signal(object)  # Transaction

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._entries: tuple[Transaction, ...] = ()
        self.chart = CashChart(context)
        self.recurring = WrapBox()
        self.recurring_heading = label("", "heading")
        self.filter, self.direction = QLineEdit(), QComboBox()
        self.shown = label("", "soft")
        self.model = TransactionsModel(context, self)
        self.table = QTableView()
        self.state = StatePane()
        self._build_table()
        self.filter.textChanged.connect(self._on_filter)
        self.direction.currentIndexChanged.connect(self._on_filter)
        self.filter.setClearButtonEnabled(True)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._body())
        self._stack.addWidget(self.state)

    def _body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(28, 14, 28, 12)
        column.setSpacing(8)
        column.addWidget(self.chart, 1)
        column.addWidget(self.recurring_heading)
        column.addWidget(self.recurring)
        bar = row(self.filter, self.direction, self.shown)
        bar.setStretch(0, 1)
        column.addLayout(bar)
        column.addWidget(self.table, 3)
        return body

    def _build_table(self) -> None:
        self.table.setModel(self.model)
        self.table.setProperty("role", "plain")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(30)
        self.table.setTabKeyNavigation(False)
        self.table.setMinimumHeight(96)  # three entries on the smallest screen, whatever the fonts
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for section, wide in ((0, 104), (2, 150), (3, 132), (4, 96), (5, 96)):
            self.table.setColumnWidth(section, wide)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.selectionModel().currentRowChanged.connect(self._on_row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Counterparty and class leave a narrow table to text and amounts; the text's tool tip tells them."""
        super().resizeEvent(event)
        self.table.setColumnHidden(COLUMNS.index("party"), event.size().width() < _PARTY_FROM)
        self.table.setColumnHidden(COLUMNS.index("purpose"), event.size().width() < _PURPOSE_FROM)

    def show_case(self, view: CaseView) -> None:
        """Show the entries; sums are worked out on the read lane."""
        self._set_texts()
        if not view.transactions:
            self._entries = ()
            self.state.show_empty(tr("case.cash.empty"), tr("case.cash.empty_more"))
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        if self._entries != view.transactions:
            self._entries = view.transactions
            self.model.show_entries(view.transactions)
        self._count()
        entries, case_id, language = view.transactions, view.case.id, self._context.language

        def op(progress: Progress) -> _Sums:
            progress(0, None, "cash flow")
            return _Sums(months_of(entries), balances_of(entries), recurring_of(entries), self._told(case_id, language))

        self._context.tasks.run(op, self._on_sums, self, "read", key="sums")

    def _told(self, case_id: str, language: str) -> Mapping[tuple[str, int], tuple[str, str]]:
        """Class and counterparty of the entries, worked out on the read lane."""
        from app.usecases.list_transactions import list_transactions

        ledger = list_transactions(case_id, self._context.desk.workspace)
        return {
            (line.entry.document, line.entry.row): (ledger.rules.label(line.purpose, language), line.party)
            for line in ledger.lines
        }

    def _set_texts(self) -> None:
        self.filter.setPlaceholderText(tr("case.cash.filter"))
        self.filter.setAccessibleName(tr("case.cash.filter"))
        self.direction.setAccessibleName(tr("case.cash.direction"))
        choices(self.direction, [(key, tr(f"case.cash.{key or 'both'}")) for key in ("", "in", "out")])
        self.recurring_heading.setText(tr("case.cash.recurring").upper())
        self.table.setAccessibleName(tr("case.cash.table"))

    def _on_sums(self, sums: _Sums) -> None:
        self.model.show_ledger(sums.told)
        self._count()
        currency = self._entries[0].currency if self._entries else ""
        self.chart.show_entries(sums.months, sums.balances, currency)  # type: ignore[arg-type]
        self.recurring.set_parts([self._recurring(item) for item in sums.recurring[:8]])
        for part in (self.recurring, self.recurring_heading):
            part.setVisible(bool(sums.recurring))

    def _recurring(self, item: Recurring) -> QPushButton:
        words = f"{item.text}   {fmt.money(item.amount, item.last.currency)}   {item.months}/{item.of_months}"
        made = QPushButton(words)
        set_role(made, "link" if item.amount < 0 else "quiet")
        made.setAccessibleName(
            tr(
                "case.cash.recurring_item",
                text=item.text,
                amount=fmt.money(item.amount, item.last.currency),
                months=item.months,
            )
        )
        made.setToolTip(made.accessibleName())
        made.clicked.connect(lambda: self.show_entry(item.last))
        return made

    def show_entry(self, entry: Transaction) -> None:
        """Choose an entry in the table, lifting a filter that hides it."""
        if self.model.row_of(entry.document, entry.row) is None:
            self.filter.clear()
            self.direction.setCurrentIndex(0)
        at = self.model.row_of(entry.document, entry.row)
        if at is not None:
            self.table.setCurrentIndex(self.model.index(at, 1))
            self.table.scrollTo(self.model.index(at, 1), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _on_filter(self) -> None:
        self.model.narrow(self.filter.text(), self.direction.currentData() or "")
        self._count()

    def _count(self) -> None:
        self.shown.setText(tr("case.cash.count", shown=self.model.rowCount(), total=len(self._entries)))

    def _on_row(self, current: QModelIndex, previous: QModelIndex) -> None:
        if current.isValid():
            entry = self.model.entry(current.row())
            self.chart.mark(entry.booked_on)
            self.entry_chosen.emit(entry)
