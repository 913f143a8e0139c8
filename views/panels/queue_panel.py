"""The queue: every case in a sortable, filterable table that opens one on Enter."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Status
from app.domain.changes import Changes
from app.errors import WorkbenchError
from app.ports import QueueQuery
from views import format as fmt
from views.context import Context
from views.models.queue_model import COLUMNS, QueueModel
from views.panels.queue_delegate import QueueDelegate
from views.strings import tr
from views.widgets import EmptyState, after_paint, button, choices, error_text, frame, label, row, shortcut

ROW_HEIGHT = 36
SEARCH_DELAY_MS = 180
SHOW_LOADING_AFTER_MS = 150
OUTCOMES = ("approve", "refer", "decline")
SHOWN = Changes.CASES | Changes.SCORE | Changes.POLICY | Changes.DECISION | Changes.REPORT


class QueuePanel(QWidget):
    """Shows the queue and says which case the person wants to open.

    ``opened(case_id)`` on Enter or a double click; ``import_wanted()`` from the empty state.
    """

    opened = Signal(str)
    import_wanted = Signal()
    answered = Signal()  # the cases asked for, or why there are none, have been painted

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self._focus_given = False
        self._grades: tuple[str, ...] = ()
        self.model = QueueModel(context)
        self.table = self._make_table()
        self._make_tools()
        self._make_states()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tools)
        layout.addWidget(self.progress)
        layout.addWidget(self.stack, 1)
        self._connect()
        self._set_texts()

    # Making

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegate(QueueDelegate(self._context, self.model))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(56)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorShown(True)
        header.setSectionsClickable(True)
        for number, column in enumerate(COLUMNS):
            table.setColumnWidth(number, column.width)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _make_tools(self) -> None:
        self._title = label(role="title")
        self.count = label(role="soft")
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setMinimumWidth(240)
        self.status = QComboBox()
        self.outcome = QComboBox()
        self.grade = QComboBox()
        self.clear = button("", self._on_clear, "quiet")
        self._import = button("", self.import_wanted.emit)
        tools = row(
            self._title, 4, self.count, 0, self.search, self.status, self.outcome, self.grade, self.clear, self._import,
            margins=(20, 12, 20, 12),
        )  # fmt: skip
        self._tools = frame(tools, "bar")

    def _make_states(self) -> None:
        self.progress = QProgressBar(maximum=0, textVisible=False)
        self.progress.setFixedHeight(2)
        self.progress.setStyleSheet("QProgressBar, QProgressBar::chunk { min-height: 2px; max-height: 2px; }")
        keep = self.progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keep)
        self.progress.hide()
        theme = self._context.theme
        self.empty = EmptyState("import", theme)
        self.nothing_found = EmptyState("search", theme)
        self.broken = EmptyState("warning", theme)
        self.waiting = QWidget()
        self.stack = QStackedWidget()
        for each in (self.waiting, self.table, self.empty, self.nothing_found, self.broken):
            self.stack.addWidget(each)
        self._show_progress = QTimer(self, singleShot=True, interval=SHOW_LOADING_AFTER_MS)
        self._search_soon = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)

    def _connect(self) -> None:
        self._show_progress.timeout.connect(self.progress.show)
        self._search_soon.timeout.connect(self._on_filter)
        self.search.textChanged.connect(lambda _: self._search_soon.start())
        self.search.installEventFilter(self)
        self.table.installEventFilter(self)
        for box in (self.status, self.outcome, self.grade):
            box.currentIndexChanged.connect(lambda _: self._on_filter())
        self.table.horizontalHeader().sortIndicatorChanged.connect(self._on_sort)
        self.table.doubleClicked.connect(self._on_open)
        self.model.loading.connect(self._show_progress.start)
        self.model.loaded.connect(self._on_loaded)
        self.model.failed.connect(self._on_failed)
        self.empty.acted.connect(self.import_wanted)
        self.nothing_found.acted.connect(self._on_clear)
        self.broken.acted.connect(self.reload)
        shortcut("/", self, self._on_slash, window_wide=True)
        refresh = self._context.refresh
        refresh.watch(self, SHOWN, lambda _: self.reload())
        refresh.language_changed.connect(lambda _: self._set_texts())
        refresh.theme_changed.connect(self._on_theme)

    # Asked by the window

    def reload(self) -> None:
        """Ask for the cases anew and keep the chosen one chosen."""
        self.model.load(self.model.query, keep=self.chosen())

    def look_for(self, text: str) -> None:
        """Search for a text at once, as if it had been typed."""
        self.search.setText(text)
        self._search_soon.stop()
        self._on_filter()

    def chosen(self) -> str | None:
        """Id of the chosen case, if its row is known."""
        index = self.table.currentIndex()
        case = self.model.case_at(index.row()) if index.isValid() else None
        return case.id if case else None

    # Texts

    def _set_texts(self) -> None:
        self._title.setText(tr("queue.title"))
        self.search.setPlaceholderText(tr("queue.search"))
        self.search.setAccessibleName(tr("queue.search"))
        self.clear.setText(tr("queue.clear"))
        self._import.setText(tr("queue.import"))
        self._set_choices()
        self.empty.set_texts(tr("queue.empty"), tr("queue.empty_text"), tr("queue.empty_action"))
        self.nothing_found.set_texts(tr("queue.none"), tr("queue.none_text"), tr("queue.clear"))
        self.table.setAccessibleName(tr("queue.title"))
        self.model.texts_changed()
        self._set_count()

    def _set_choices(self) -> None:
        statuses = [("", tr("queue.any_status"))] + [(each.value, tr(f"status.{each.value}")) for each in Status]
        outcomes = [("", tr("queue.any_outcome"))] + [(each, tr(f"outcome.{each}")) for each in OUTCOMES]
        grades = [("", tr("queue.any_grade"))] + [(each, tr("queue.grade", grade=each)) for each in self._grades]
        for box, items, name in (
            (self.status, statuses, "status"),
            (self.outcome, outcomes, "outcome"),
            (self.grade, grades, "grade"),
        ):
            choices(box, items)
            box.setAccessibleName(tr(f"queue.any_{name}"))

    def _read_grades(self) -> None:
        """Ask for the grades of the scorecard in use."""
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: tuple(grade.name for grade in desk.scorecard().grades),
            self._on_grades,
            self,
            "read",
            key="grades",
            failed=lambda _: None,
        )

    def _on_grades(self, grades: tuple[str, ...]) -> None:
        if grades != self._grades:
            self._grades = grades
            self._set_choices()

    def _set_count(self) -> None:
        count = self.model.rowCount()
        self.count.setText(tr("queue.one" if count == 1 else "queue.count", count=fmt.number(count)))

    def _filtered(self) -> bool:
        query = self.model.query
        return bool(query.text or query.status or query.policy_outcome or query.grade)

    # Slots

    def _on_filter(self) -> None:
        status = self.status.currentData()
        wanted = replace(
            self.model.query,
            text=self.search.text().strip(),
            status=Status(status) if status else None,
            policy_outcome=self.outcome.currentData() or None,
            grade=self.grade.currentData() or None,
        )
        if wanted != self.model.query:
            self.model.load(wanted, keep=self.chosen())

    def _on_sort(self, column: int, order: Qt.SortOrder) -> None:
        descending = order == Qt.SortOrder.DescendingOrder
        wanted = replace(self.model.query, sort=COLUMNS[column].field, descending=descending)
        self.model.load(wanted, keep=self.chosen())

    def _on_clear(self) -> None:
        for box in (self.status, self.outcome, self.grade):
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self.search.clear()
        self._search_soon.stop()
        query = self.model.query
        self.model.load(QueueQuery(sort=query.sort, descending=query.descending), keep=self.chosen())

    def _on_loaded(self, count: int, kept: int) -> None:
        self._show_progress.stop()
        self.progress.hide()
        self._set_count()
        self.clear.setEnabled(self._filtered())
        if count:
            self.stack.setCurrentWidget(self.table)
            self.table.selectRow(max(0, kept))
            if self.isVisible() and not self._focus_given:
                self._focus_given = True
                self.table.setFocus()
            if kept > 0:
                self.table.scrollTo(self.model.index(kept, 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        else:
            self.stack.setCurrentWidget(self.nothing_found if self._filtered() else self.empty)
        if count and not self._grades:
            after_paint(self.table.viewport(), self._read_grades)
        after_paint(self.table.viewport() if count else self.stack, self.answered.emit)

    def _on_failed(self, error: WorkbenchError) -> None:
        self._show_progress.stop()
        self.progress.hide()
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.stack.setCurrentWidget(self.broken)
        after_paint(self.broken, self.answered.emit)

    def _on_open(self, index: QModelIndex) -> None:
        case = self.model.case_at(index.row())
        if case is not None:
            self.opened.emit(case.id)

    def _on_slash(self) -> None:
        if self.isVisible():
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.selectAll()

    def _on_theme(self) -> None:
        for each in (self.empty, self.nothing_found, self.broken):
            each.set_theme(self._context.theme)
        self.table.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if watched is self.search:
            return self._search_key(event.key())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_open(self.table.currentIndex())
            return True
        return False

    def _search_key(self, key: int) -> bool:
        """In the search box: down goes to the table, Enter opens the chosen row, Escape empties it."""
        if key == Qt.Key.Key_Down:
            self.table.setFocus(Qt.FocusReason.TabFocusReason)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._search_soon.isActive():
                self._search_soon.stop()
                self._on_filter()
            elif self.table.currentIndex().isValid():
                self._on_open(self.table.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.search.clear()
        else:
            return False
        return True
