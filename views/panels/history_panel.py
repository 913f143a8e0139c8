"""What happened to a case: its events in the audit chain, and the facts that newer ones took the place of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedLayout, QTableView, QVBoxLayout, QWidget

from app.domain.facts import Fact
from app.errors import WorkbenchError
from app.ports import Event, Progress
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import SourceWords
from views.parts.basics import StatePane
from views.stored_words import event_words, person_words
from views.strings import has_text, tr
from views.theme import set_role
from views.widgets import label, row

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Past:
    """What the panel reads beyond the case view."""

    broken: int | None  # first broken link of the whole chain
    superseded: tuple[Fact, ...]


class HistoryPanel(QWidget):
    """Events, the state of the chain, superseded facts; the last two are read when the panel is shown."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._view: CaseView | None = None
        self.events, self.facts = Grid(self), Grid(self)
        self.event_table = _table(self.events, 3)
        self.fact_table = _table(self.facts, 2)
        self.heading, self.chain = label("", "subtitle"), label("", "soft")
        self.fact_heading = label("", "subtitle")
        self.state = StatePane()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(28, 16, 28, 12)
        column.setSpacing(8)
        column.addLayout(row(self.heading, 0, self.chain))
        column.addWidget(self.event_table, 3)
        column.addWidget(self.fact_heading)
        column.addWidget(self.fact_table, 2)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(body)
        self._stack.addWidget(self.state)

    def show_case(self, view: CaseView) -> None:
        """Show the events; the chain is checked, and the past facts read, on the read lane."""
        self._view = view
        if not view.events:
            self.state.show_empty(tr("case.history.empty"), tr("case.history.empty_more"))
        self._stack.setCurrentIndex(0 if view.events else 1)
        self.heading.setText(tr("case.history.events", count=len(view.events)))
        self.event_table.setAccessibleName(self.heading.text())
        self.events.show_grid(
            [tr(f"case.history.{name}") for name in ("when", "who", "what", "detail", "seal")],
            [self._event(event) for event in reversed(view.events)],
        )
        self.chain.setText(tr("case.history.checking"))
        set_role(self.chain, "soft")
        self._context.tasks.run(self._read, self._on_past, self, "read", key="past", failed=self._on_failed)

    def _read(self, progress: Progress) -> _Past:
        progress(0, None, "history")
        view = self._view
        assert view is not None
        current = {fact.id for fact in view.facts}
        with self._context.desk.workspace.read() as stores:
            past = tuple(fact for fact in stores.facts.history(view.case.id) if fact.id not in current)
            return _Past(stores.events.verify(), past)

    def _on_past(self, past: _Past) -> None:
        holds = past.broken is None
        self.chain.setText(tr("case.history.holds") if holds else tr("case.history.broken", seq=past.broken))
        set_role(self.chain, "favourable" if holds else "adverse")
        self.fact_heading.setText(tr("case.history.superseded", count=len(past.superseded)))
        self.fact_table.setAccessibleName(self.fact_heading.text())
        self.facts.show_grid(
            [tr(f"case.history.{name}") for name in ("fact", "value", "source", "now")],
            [self._fact(fact) for fact in past.superseded],
        )
        for part in (self.fact_heading, self.fact_table):
            part.setVisible(bool(past.superseded))

    def _on_failed(self, error: WorkbenchError) -> None:
        self.chain.setText(str(error))
        set_role(self.chain, "adverse")

    def _event(self, event: Event) -> tuple[str, ...]:
        key = f"case.event.{event.what}"
        what = tr(key) if has_text(key) else event.what
        detail = event_words(event.detail, self._document_name)
        when = fmt.short_moment(event.at, self._context.language)
        return when, person_words(event.person), what, detail, event.digest[:8]

    def _document_name(self, sha256: str) -> str:
        documents = self._view.documents if self._view else ()
        return next((document.name for document in documents if document.sha256 == sha256), f"{sha256[:10]}…")

    def _fact(self, fact: Fact) -> tuple[str, ...]:
        assert self._view is not None
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        now = self._view.named(fact.name)
        return (
            fmt.fact_label(fact.name, catalogue, language),
            fmt.fact_text(fact, catalogue, language),
            SourceWords(self._view, catalogue, language).line(fact),
            fmt.fact_text(now, catalogue, language) if now else fmt.NOTHING,
        )


class Grid(QAbstractTableModel):
    """Rows of plain texts under headings."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._heads: list[str] = []
        self._rows: list[tuple[str, ...]] = []

    def show_grid(self, heads: list[str], rows: list[tuple[str, ...]]) -> None:
        """Replace headings and rows."""
        self.beginResetModel()
        self._heads, self._rows = heads, rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._rows[index.row()][index.column()]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation is Qt.Orientation.Horizontal:
            return self._heads[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation is Qt.Orientation.Horizontal:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


def _table(model: Grid, rest: int) -> QTableView:
    """A table whose columns take what they need; the one at ``rest`` what is left."""
    table = QTableView()
    table.setModel(model)
    table.setProperty("role", "plain")
    table.setShowGrid(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(32)
    table.setTabKeyNavigation(False)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def arrange() -> None:
        for section in range(header.count()):
            mode = QHeaderView.ResizeMode.Stretch if section == rest else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(section, mode)

    model.modelReset.connect(arrange)
    return table
