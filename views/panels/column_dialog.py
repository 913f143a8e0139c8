"""Chooses what a new column of a decision table holds: a fact to read, or a result to give."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from app.domain.facts import Kind
from app.domain.policy_edit import INPUT, OUTPUT
from app.domain.policy_entry import OWN_KINDS
from app.domain.policy_tables import LIMITS, PATHS, TERMS
from views import policy_words as words
from views.context import Context
from views.strings import tr
from views.widgets import button, column, label, row

CHOICE = Qt.ItemDataRole.UserRole
PRICES = ("floor_pct", "cap_apr_pct", "fee", "fee_pct", "lgd_pct", "funding_pct", "cost_pct", "margin_pct")
UNREADABLE = (Kind.DATE,)
GIVEN = {
    TERMS: ("policy.unit", "policy.step", "policy.tolerance_pct"),
    LIMITS: ("limit.dsr_pct", "limit.amount", "limit.disposable"),
}


class ColumnDialog(QDialog):
    """``chosen(side, field)``. Facts of a prohibited basis are not offered."""

    chosen = Signal(str, str)

    def __init__(
        self, context: Context, table: str, taken: Collection[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(tr("policy.column.title"))
        self._context = context
        self._choices = [each for each in self._offered(table) if each[:2] not in taken]
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("policy.column.search"))
        self.search.setAccessibleName(tr("policy.column.search"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("policy.column.title"))
        self.take = button(tr("policy.column.take"), self.submit, "primary")
        self.take.setDefault(True)
        leave = button(tr("button.cancel"), self.reject)
        leave.setAutoDefault(False)
        text = label(tr("policy.column.text"), "soft")
        text.setWordWrap(True)
        body = column(
            label(tr("policy.column.title"), "subtitle"), text, self.search, spacing=10, margins=(24, 20, 24, 18)
        )
        body.addWidget(self.list, 1)
        body.addLayout(row(0, leave, self.take))
        self.setLayout(body)
        self.resize(520, 520)
        self.search.textChanged.connect(self._fill)
        self.list.itemActivated.connect(lambda _: self.submit())
        self._fill("")
        self.search.setFocus()

    def _offered(self, table: str) -> Iterator[tuple[str, str, str, str]]:
        """Side, field, label and type of everything the table may hold."""
        catalogue = self._context.desk.catalogue
        for definition in catalogue:
            if not catalogue.prohibited(definition.name) and definition.kind not in UNREADABLE:
                told = tr(f"policy.kind.{definition.kind.value}")
                yield INPUT, definition.name, words.input_words(definition.name, catalogue), told
        for name, kind in OWN_KINDS.items():
            yield INPUT, name, words.input_words(name, catalogue), tr(f"policy.kind.{kind.value}")
        earlier = [TERMS] if table == LIMITS else [] if table == TERMS else [TERMS, LIMITS]
        for each in earlier:
            for name in GIVEN[each]:
                assert name.split(".")[0] == PATHS[each]
                yield INPUT, name, words.input_words(name, catalogue), tr("policy.kind.number")
        if table == TERMS:
            for name in PRICES:
                yield OUTPUT, name, words.result_words(name, catalogue), tr(f"policy.unit.{name}")

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        plain = wanted.strip().casefold()
        for side, name, told, kind in self._choices:
            if plain and plain not in f"{told} {name}".casefold():
                continue
            side_words = tr(f"policy.side.{side}")
            item = QListWidgetItem(f"{told}   ·   {side_words}, {kind}")
            item.setToolTip(name)
            item.setData(CHOICE, (side, name))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.take.setEnabled(self.list.count() > 0)

    def submit(self) -> None:
        """Take what is selected."""
        item = self.list.currentItem()
        if item is not None:
            side, name = item.data(CHOICE)
            self.accept()
            self.chosen.emit(side, name)
