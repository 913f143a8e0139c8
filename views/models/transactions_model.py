"""Bank entries as a Qt table, and the ones that come back every month."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.case import Transaction
from views import format as fmt
from views.context import Context
from views.strings import tr

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("date", "text", "party", "purpose", "amount", "balance")
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
STEADY = Decimal("0.15")  # spread round the median at which a monthly entry still counts as recurring
MONTHS_SEEN = 3


class TransactionsModel(QAbstractTableModel):
    """Entries that match the filter, newest first."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._all: tuple[Transaction, ...] = ()
        self._shown: list[Transaction] = []
        self._filter = ("", "")
        self._told: Mapping[tuple[str, int], tuple[str, str]] = {}

    def show_entries(self, entries: Sequence[Transaction]) -> None:
        """Replace the entries; the filter stays."""
        self._all = tuple(reversed(entries))
        self.narrow(*self._filter)

    def show_ledger(self, told: Mapping[tuple[str, int], tuple[str, str]]) -> None:
        """Show class and counterparty of each entry, by document and row, in people's words."""
        self._told = told
        self.narrow(*self._filter)

    def told(self, entry: Transaction) -> tuple[str, str]:
        """Class and counterparty; empty while they are worked out, and of an entry in another currency."""
        return self._told.get((entry.document, entry.row), ("", ""))

    def narrow(self, text: str, direction: str = "") -> None:
        """Keep entries whose text, party, class or amount has ``text``; ``direction`` is ``in``, ``out`` or empty."""
        self._filter = (text, direction)
        wanted = text.casefold().strip()
        self.beginResetModel()
        self._shown = [entry for entry in self._all if _matches(entry, self.told(entry), wanted, direction)]
        self.endResetModel()

    def entry(self, row: int) -> Transaction:
        return self._shown[row]

    def row_of(self, document: str, number: int) -> int | None:
        """Row of an entry of a document; None when the filter hides it."""
        at = ((row, entry) for row, entry in enumerate(self._shown))
        return next((row for row, entry in at if entry.document == document and entry.row == number), None)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(f"case.cash.column.{COLUMNS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[section] in ("amount", "balance"):
            return RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry, column = self._shown[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(entry, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column in ("amount", "balance") else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(entry, column)
            case Qt.ItemDataRole.ToolTipRole:
                return self._words(entry) if column in ("text", "party", "purpose") else None
        return None

    def _text(self, entry: Transaction, column: str) -> str:
        match column:
            case "date":
                return fmt.day(entry.booked_on, self._context.language)
            case "text":
                return entry.text
            case "purpose":
                return self.told(entry)[0]
            case "party":
                return self.told(entry)[1]
            case "amount":
                return fmt.amount_only(entry.amount)
        return fmt.amount_only(entry.balance)

    def _words(self, entry: Transaction) -> str:
        return "\n".join(words for words in (entry.text, *reversed(self.told(entry))) if words)

    def _colour(self, entry: Transaction, column: str) -> Any:
        theme = self._context.theme
        if column in ("party", "purpose"):
            return theme.colour("soft")
        if column == "amount" and entry.amount > 0:
            return theme.colour("favourable")
        if column == "balance" and entry.balance is not None and entry.balance < 0:
            return theme.colour("adverse")
        return None


def _matches(entry: Transaction, told: tuple[str, str], wanted: str, direction: str) -> bool:
    if (direction == "in" and entry.amount < 0) or (direction == "out" and entry.amount >= 0):
        return False
    return (
        not wanted
        or wanted in entry.text.casefold()
        or any(wanted in words.casefold() for words in told)
        or wanted in f"{entry.amount:,.2f} {entry.amount} {entry.booked_on}"
    )


@dataclass(frozen=True, slots=True)
class Recurring:
    """Entries of one payer or payee that came in most months with much the same amount."""

    text: str
    amount: Decimal  # the median, signed
    months: int  # in which it was seen
    of_months: int
    last: Transaction


def recurring_of(entries: Sequence[Transaction]) -> tuple[Recurring, ...]:
    """What comes back at most once or twice a month, steadily, in three months or more; largest amounts first."""
    of_months = len({entry.booked_on.replace(day=1) for entry in entries})
    by_text: dict[tuple[str, bool], list[Transaction]] = {}
    for entry in entries:
        by_text.setdefault((_party(entry.text), entry.amount > 0), []).append(entry)
    found = [item for group in by_text.values() if (item := _recurring(group, of_months)) is not None]
    return tuple(sorted(found, key=lambda item: (-abs(item.amount), item.text)))


def _party(text: str) -> str:
    """The words of an entry without dates and reference numbers."""
    return re.sub(r"[\d/.\-:*#]+", " ", text).strip().casefold()


def _recurring(group: Sequence[Transaction], of_months: int) -> Recurring | None:
    months = {entry.booked_on.replace(day=1) for entry in group}
    middle = Decimal(median(entry.amount for entry in group))
    steady = sum(abs(entry.amount - middle) <= STEADY * abs(middle) for entry in group)
    if len(months) < MONTHS_SEEN or len(group) > 1.5 * len(months) or steady < 0.75 * len(group):
        return None
    last = max(group, key=lambda entry: entry.booked_on)
    return Recurring(last.text, middle.quantize(Decimal("0.01")), len(months), of_months, last)
