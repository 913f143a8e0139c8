"""The queue as Qt's table model: pages of cases fetched on the read lane, the latest used kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from app.domain.case import Case
from app.errors import WorkbenchError
from app.ports import Progress, Queue, QueueQuery
from views import format as fmt
from views.context import Context
from views.strings import has_text, tr

PAGE = 200  # cases a page
PAGES_KEPT = 60

Index = QModelIndex | QPersistentModelIndex
CASE_ROLE = Qt.ItemDataRole.UserRole + 1  # the Case, or None while its page is on the way
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the ``Case`` field it sorts by, its text and its width."""

    field: str
    text: Callable[[Case, str], str]
    width: int
    right: bool = False


def product_name(stem: str) -> str:
    """The product in words: its text, else its file stem made readable."""
    key = f"product.{stem}"
    return tr(key) if has_text(key) else stem.replace("-", " ").replace("_", " ").capitalize()


COLUMNS = (
    Column("id", lambda case, _: case.id, 152),
    Column("applicant", lambda case, _: case.applicant or case.reference or fmt.NOTHING, 190),
    Column("product", lambda case, _: product_name(case.product), 130),
    Column("amount", lambda case, _: fmt.money(case.amount, case.currency), 126, right=True),
    Column("term_months", lambda case, language: fmt.months(case.term_months, language), 94, right=True),
    Column("received_on", lambda case, language: fmt.short_day(case.received_on, language), 116),
    Column("status", lambda case, _: tr(f"status.{case.status.value}"), 92),
    Column("points", lambda case, _: fmt.number(case.points), 74, right=True),
    Column("pd", lambda case, _: fmt.probability(case.pd), 76, right=True),
    Column("grade", lambda case, _: case.grade or fmt.NOTHING, 74),
    Column("policy_outcome", lambda case, _: outcome_text(case), 104),
)


def outcome_text(case: Case) -> str:
    """The policy's outcome in words."""
    return tr(f"outcome.{case.policy_outcome}") if case.policy_outcome else fmt.NOTHING


@dataclass(frozen=True, slots=True)
class _Opened:
    """A fresh answer to a query with what the view shows first."""

    queue: Queue
    page_number: int
    page: list[Case]
    row: int | None  # of the case that was chosen before


class QueueModel(QAbstractTableModel):
    """Cases by row, ``COLUMNS`` across. Rows not yet fetched read as empty until ``dataChanged`` tells of them.

    ``load(query)`` asks anew; ``loaded(count, row)`` follows, ``row`` being where the case to keep now stands, or -1.
    """

    loading = Signal()
    loaded = Signal(int, int)
    failed = Signal(object)  # WorkbenchError

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.query = QueueQuery()
        self._queue: Queue | None = None
        self._opened: list[Queue] = []  # everything opened on a worker and not closed yet
        self._pages: OrderedDict[int, list[Case]] = OrderedDict()
        self._asked: set[int] = set()
        self._wanted: list[int] = []
        self._count = 0
        self._fetch_soon = QTimer(self, singleShot=True, interval=0)
        self._fetch_soon.timeout.connect(self._fetch)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, CASE_ROLE):
            return None
        case = self.case_at(index.row())
        if role == CASE_ROLE:
            return case
        return "" if case is None else column.text(case, self._context.language)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(f"queue.column.{COLUMNS[section].field}")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if COLUMNS[section].right else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        descending = order == Qt.SortOrder.DescendingOrder
        wanted = replace(self.query, sort=COLUMNS[column].field, descending=descending)
        if wanted != self.query:
            self.load(wanted)

    # What the panel asks

    def case_at(self, row: int) -> Case | None:
        """The case of a row; None while its page is on the way (asking for it sends for the page)."""
        number, within = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        self._pages.move_to_end(number)
        return page[within] if within < len(page) else None

    def load(self, query: QueueQuery, keep: str | None = None) -> None:
        """Ask for the cases of ``query``; what is shown stays until the answer is here."""
        self.query = query
        self.loading.emit()
        self._context.tasks.run(
            lambda progress: self._open(query, keep, progress),
            self._on_opened,
            self,
            "read",
            key="queue",
            failed=self.failed.emit,
        )

    def close(self) -> None:
        """Give the queue back; on the read lane, for closing drops a table."""
        self._close_all(None)

    def texts_changed(self) -> None:
        """Another language: header and cells read anew."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(COLUMNS) - 1))

    # On the way

    def _open(self, query: QueueQuery, keep: str | None, progress: Progress) -> _Opened:
        progress(0, None, "queue")
        queue = self._context.desk.workspace.queue(query)
        self._opened.append(queue)
        row = queue.index_of(keep) if keep else None
        number = 0 if row is None else row // PAGE
        return _Opened(queue, number, queue.page(number * PAGE, PAGE), row)

    def _on_opened(self, opened: _Opened) -> None:
        self.beginResetModel()
        self._queue = opened.queue
        self._count = opened.queue.count
        self._pages = OrderedDict({opened.page_number: opened.page})
        self._asked.clear()
        self._wanted.clear()
        self.endResetModel()
        self._close_all(opened.queue)
        self.loaded.emit(self._count, -1 if opened.row is None else opened.row)

    def _close_all(self, but: Queue | None) -> None:
        old = [queue for queue in self._opened if queue is not but]
        self._opened = [queue for queue in self._opened if queue is but]
        if old:
            self._context.tasks.run(lambda _: _close(old), None, self, "read")

    def _want(self, number: int) -> None:
        if number in self._asked:
            return
        if number in self._wanted:
            self._wanted.remove(number)
        self._wanted.append(number)
        self._fetch_soon.start()

    def _fetch(self) -> None:
        """Send for the pages the view asked for last: what was scrolled past is not fetched."""
        if self._queue is None or self._asked:
            return
        numbers, self._wanted = self._wanted[-3:], []
        self._asked.update(numbers)
        queue = self._queue
        self._context.tasks.run(
            lambda _: [(number, queue.page(number * PAGE, PAGE)) for number in numbers],
            lambda pages: self._on_pages(queue, pages),
            self,
            "read",
            failed=lambda error: self._on_pages_failed(queue, error),
        )

    def _on_pages(self, queue: Queue, pages: list[tuple[int, list[Case]]]) -> None:
        if queue is not self._queue:
            return
        for number, page in pages:
            self._asked.discard(number)
            self._pages[number] = page
            last = min(self._count, (number + 1) * PAGE) - 1
            self.dataChanged.emit(self.index(number * PAGE, 0), self.index(last, len(COLUMNS) - 1))
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        if self._wanted:
            self._fetch_soon.start()

    def _on_pages_failed(self, queue: Queue, error: WorkbenchError) -> None:
        if queue is self._queue:
            self._asked.clear()
            self.failed.emit(error)


def _close(queues: list[Queue]) -> None:
    for queue in queues:
        queue.close()
