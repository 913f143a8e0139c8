"""The rejects: what did not go in, why, and the way back in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.changes import Changes
from app.errors import WorkbenchError
from app.ports import Progress, Reject
from views import format as fmt
from views.context import Context
from views.import_jobs import repair
from views.models.rejects_model import COLUMNS, CORRECTED_ROLE, RejectsModel
from views.strings import tr
from views.widgets import EmptyState, Notice, button, column, error_text, frame, label, quietly, row, shortcut

WIDTHS = {"file": 220, "line": 70, "column": 150, "remedy": 340}
ROW_HEIGHT = 34


class RejectDelegate(QStyledItemDelegate):
    """Paints a reject; a bar at the left marks a corrected one."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._context.theme
        box = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.colour("selected"))
        if index.column() == 0 and index.data(CORRECTED_ROLE):
            painter.fillRect(box.left(), box.top(), 3, box.height(), theme.colour("person"))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, theme.colour("line"))
        name = COLUMNS[index.column()]
        painter.setFont(theme.font(13, 600 if name == "column" else 400))
        painter.setPen(theme.colour({"reason": "adverse", "remedy": "soft", "line": "soft"}.get(name, "ink")))
        inner = box.adjusted(20 if index.column() == 0 else 12, 0, -10, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)


class RejectsPanel(QWidget):
    """A table of rejects over the raw line of the chosen one, which may be corrected and imported again."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self._context = context
        self.model = RejectsModel()
        self.notice = Notice(context.theme)
        self._make_head()
        self._make_table()
        self._make_detail()
        self.empty = EmptyState("check", context.theme)
        self.broken = EmptyState("warning", context.theme)
        self.stack = QStackedWidget()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(self._detail)
        split.setStretchFactor(0, 1)
        split.setCollapsible(1, False)
        for state in (self.empty, split, self.broken):
            self.stack.addWidget(state)
        self._split = split
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for each in (self._head, self.notice):
            layout.addWidget(each)
        layout.addWidget(self.stack, 1)
        self._connect()
        self._set_texts()
        self.reload()

    # Making

    def _make_head(self) -> None:
        self._title = label(role="title")
        self.count = label(role="soft")
        self.export = button("", self._on_export)
        self.take_file = button("", self._on_take_file)
        self._head = frame(
            row(self._title, 4, self.count, 0, self.take_file, self.export, margins=(20, 12, 20, 12)), "bar"
        )

    def _make_table(self) -> None:
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(RejectDelegate(self._context))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        for number, name in enumerate(COLUMNS):
            if name in WIDTHS:
                self.table.setColumnWidth(number, WIDTHS[name])
        header.setSectionResizeMode(COLUMNS.index("reason"), QHeaderView.ResizeMode.Stretch)

    def _make_detail(self) -> None:
        self._where = label(role="subtitle")
        self._why = label(role="adverse")
        self._why.setWordWrap(True)
        self._raw_caption = label(role="caption")
        self.raw = QPlainTextEdit()
        self.raw.setMinimumHeight(64)
        self.raw.setTabChangesFocus(True)
        self.discard = button("", self._on_discard, "danger")
        self.undo = button("", self._on_undo, "quiet")
        self.again = button("", self._on_again, "primary")
        body = column(self._where, self._why, 4, self._raw_caption, spacing=4, margins=(20, 12, 20, 14))
        body.addWidget(self.raw, 1)
        body.addSpacing(6)
        body.addLayout(row(self.discard, 0, self.undo, self.again))
        self._detail = frame(body, "panel")
        self._detail.setMinimumHeight(210)

    def _connect(self) -> None:
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show_chosen())
        self.raw.textChanged.connect(self._on_typed)
        self.broken.acted.connect(self.reload)
        shortcut("Ctrl+Return", self, self._on_again)
        refresh = self._context.refresh
        refresh.watch(self, Changes.REJECTS, lambda _: self.reload())
        refresh.language_changed.connect(lambda _: self._set_texts())
        refresh.theme_changed.connect(lambda _: self._on_theme())

    # Showing

    def reload(self) -> None:
        """Read the rejects anew."""
        workspace = self._context.desk.workspace

        def read(progress: Progress) -> list[Reject]:
            progress(0, None, "rejects")
            with workspace.read() as stores:
                return list(stores.rejects.all())

        self._context.tasks.run(read, self._on_rejects, self, "read", key="rejects", failed=self._on_failed)

    def _on_rejects(self, rejects: list[Reject]) -> None:
        chosen = self.table.currentIndex().row()
        self.model.set_rejects(rejects)
        self.stack.setCurrentWidget(self._split if rejects else self.empty)
        if rejects:
            self._choose(min(max(chosen, 0), len(rejects) - 1))
        self._set_count()

    def _choose(self, at: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().setCurrentIndex(
            self.model.index(at, 0), flags.ClearAndSelect | flags.Rows | flags.Current
        )
        self._show_chosen()

    def _on_failed(self, error: WorkbenchError) -> None:
        message, remedy = error_text(error)
        self.broken.set_texts(message, remedy, tr("button.retry"))
        self.stack.setCurrentWidget(self.broken)

    def _set_texts(self) -> None:
        self._title.setText(tr("rejects.title"))
        self.export.setText(tr("rejects.export"))
        self.take_file.setText(tr("rejects.take_file"))
        self.discard.setText(tr("rejects.discard"))
        self.undo.setText(tr("rejects.undo"))
        self._raw_caption.setText(tr("rejects.raw"))
        self.raw.setAccessibleName(tr("rejects.raw"))
        self.table.setAccessibleName(tr("rejects.title"))
        self.empty.set_texts(tr("rejects.none"), tr("rejects.none_text"))
        self.model.texts_changed()
        self._set_count()
        self._show_chosen()

    def _set_count(self) -> None:
        count = self.model.rowCount()
        self.count.setVisible(count > 0)
        self.count.setText(tr("rejects.one" if count == 1 else "rejects.count", count=fmt.number(count)))
        self.export.setEnabled(count > 0)
        self._show_corrections()

    def _show_corrections(self) -> None:
        count = len(self.model.corrections)
        self.again.setText(tr("rejects.again_many", count=count) if count > 1 else tr("rejects.again"))
        self.again.setEnabled(count > 0)
        at = self.table.currentIndex().row()
        own = 0 <= at < self.model.rowCount() and self.model.rejects[at].id in self.model.corrections
        self.undo.setVisible(own)

    def _show_chosen(self) -> None:
        at = self.table.currentIndex().row()
        if not 0 <= at < self.model.rowCount():
            return
        reject = self.model.rejects[at]
        place = [reject.file]
        if reject.line is not None:
            place.append(tr("rejects.at_line", line=fmt.number(reject.line)))
        if reject.column:
            place.append(tr("rejects.at_column", column=reject.column))
        self._where.setText(" · ".join(place))
        self._why.setText(f"{reject.reason} {reject.remedy}".strip())
        with quietly(self.raw):
            self.raw.setPlainText(self.model.line_of(at))
        self.raw.setReadOnly(reject.line is None)
        self.raw.setPlaceholderText(tr("rejects.whole_file") if reject.line is None else "")
        self._show_corrections()

    def _on_theme(self) -> None:
        for each in (self.empty, self.broken, self.notice):
            each.set_theme(self._context.theme)
        self.table.viewport().update()

    # Slots

    def _on_typed(self) -> None:
        at = self.table.currentIndex().row()
        if 0 <= at < self.model.rowCount() and not self.raw.isReadOnly():
            self.model.correct(at, self.raw.toPlainText())
            self._show_corrections()

    def _on_undo(self) -> None:
        at = self.table.currentIndex().row()
        self.model.correct(at, self.model.rejects[at].raw)
        self._show_chosen()

    def _on_again(self) -> None:
        """Import the corrected lines again, with the mapping their file had."""
        corrected = self.model.corrected()
        if not corrected:
            return
        desk = self._context.desk
        self.again.setEnabled(False)
        self._context.tasks.run(
            lambda progress: repair(desk, corrected, progress),
            self._on_repaired,
            self,
            "write",
            failed=self._on_write_failed,
        )

    def _on_take_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, tr("rejects.take_file"), "", "CSV (*.csv)")
        if name:
            desk = self._context.desk
            self._context.tasks.run(
                lambda progress: desk.repair_rejects(Path(name), progress),
                self._on_repaired,
                self,
                "write",
                failed=self._on_write_failed,
            )

    def _on_repaired(self, result: object) -> None:
        rows, rejected = getattr(result, "rows", 0), getattr(result, "rejected", 0)
        words = tr("rejects.repaired", count=fmt.number(rows))
        self.notice.show_word(words, tr("rejects.still", count=fmt.number(rejected)) if rejected else "")
        self._context.refresh.broadcast(Changes.CASES | Changes.FACTS | Changes.REJECTS)

    def _on_write_failed(self, error: WorkbenchError) -> None:
        self.notice.show_error(error)
        self._show_corrections()

    def _on_discard(self) -> None:
        """Throw the chosen rejects away: their rows stay out."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        ids = [self.model.rejects[at].id for at in sorted(rows)]
        workspace, person = self._context.desk.workspace, self._context.desk.person

        def discard(progress: Progress) -> None:
            progress(0, None, "rejects")
            with workspace.transaction() as stores:
                stores.rejects.remove(ids)
                stores.events.append(person, None, "rejects.discarded", {"count": len(ids)})

        self._context.tasks.run(
            discard,
            lambda _: self._context.refresh.broadcast(Changes.REJECTS),
            self,
            "write",
            failed=self._on_write_failed,
        )

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("rejects.export"), "rejects.csv", "CSV (*.csv)")
        if name:
            self.export_to(Path(name))

    def export_to(self, path: Path) -> None:
        """Write the rejects as CSV, to be corrected in another program and taken back."""
        desk = self._context.desk
        self._context.tasks.run(
            lambda _: desk.export_rejects(path),
            lambda written: self.notice.show_word(tr("rejects.exported", file=Path(str(written)).name)),
            self,
            "documents",
            failed=self._on_write_failed,
        )
