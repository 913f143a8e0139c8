"""What a policy's price grid comes to: floor, caps, fees and costs in words, and every grade by every term."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain.price_table import PriceCell, PriceTable
from app.errors import WorkbenchError
from views import format as fmt
from views import policy_jobs as jobs
from views import policy_words as words
from views.context import Context
from views.panels.offer_panel import cap_words
from views.parts.basics import KeyValue, StatePane
from views.stored_words import clause_words
from views.strings import tr
from views.widgets import choices, column, error_text, frame, label, row

SHOWN = ("rate", "apr", "even", "target")
FIGURES = ("cell", "grid", "rate", "apr", "nominal", "instalment", "loss", "even", "target")
CURRENCIES = ("EUR", "USD", "GBP", "CNY", "SEK", "CHF", "PLN")
USUAL = "10000"


class PricePanel(QWidget):
    """Works the prices of one amount out off the UI thread."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._entry: jobs.Entry | None = None
        self._document: jobs.Document = {}
        self.found: PriceTable | None = None
        self._labels = {name: label("", "soft") for name in ("currency", "amount", "shown")}
        self.currency, self.amount, self.shown = QComboBox(), QLineEdit(USUAL), QComboBox()
        self.amount.setFixedWidth(110)
        self.rules = label("", "")
        self.rules.setWordWrap(True)
        self._rules_title, self._grid_title = label("", "heading"), label("", "heading")
        self.table = QTableWidget()
        self.figures = {name: KeyValue() for name in FIGURES}
        self.why = label("", "soft")
        self.why.setWordWrap(True)
        self.legend = label("", "soft")
        self.legend.setWordWrap(True)
        self.state = StatePane()
        self.state.retried.connect(self.reload)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.table.setProperty("role", "plain")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().setDefaultSectionSize(34)
        self.table.verticalHeader().setFixedWidth(64)
        self.table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        labels = self._labels
        tools = row(
            labels["currency"], self.currency, 8, labels["amount"], self.amount, 8, labels["shown"], self.shown, 0,
            margins=(24, 12, 24, 8),
        )  # fmt: skip
        rules = column(self._rules_title, self.rules, spacing=6, margins=(16, 12, 16, 12))
        grid = column(self._grid_title, spacing=8, margins=(16, 12, 14, 12))
        grid.addWidget(self.table)
        grid.addWidget(self.legend)
        grid.addSpacing(4)
        first, second = FIGURES[:5], FIGURES[5:]
        grid.addLayout(row(*(self.figures[name] for name in first), 0, spacing=24))
        grid.addLayout(row(*(self.figures[name] for name in second), 0, spacing=24))
        grid.addWidget(self.why)
        grid.addStretch(1)
        held = QWidget()
        inner = column(frame(rules), spacing=12, margins=(24, 4, 24, 18))
        inner.addWidget(frame(grid), 1)
        held.setLayout(inner)
        self.body = QScrollArea(widgetResizable=True)
        self.body.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.setWidget(held)
        whole = column(spacing=0)
        whole.addLayout(tools)
        whole.addWidget(self.state, 1)
        whole.addWidget(self.body, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        self.currency.activated.connect(lambda _: self.reload())
        self.amount.editingFinished.connect(self.reload)
        self.shown.activated.connect(lambda _: self._fill())
        self.table.currentCellChanged.connect(lambda *_: self._on_cell())

    def show_entry(self, entry: jobs.Entry, document: jobs.Document) -> None:
        """Show the prices of a version."""
        self._entry, self._document = entry, document
        self.dress()
        self.reload()

    def dress(self) -> None:
        """Texts of the language in force."""
        for name, each in self._labels.items():
            each.setText(tr(f"policy.price.{name}"))
        for name, field in (("currency", self.currency), ("amount", self.amount), ("shown", self.shown)):
            field.setAccessibleName(tr(f"policy.price.{name}"))
        choices(self.currency, [(each, each) for each in CURRENCIES])
        choices(self.shown, [(each, tr(f"policy.price.show_{each}")) for each in SHOWN])
        self.legend.setText(tr("policy.price.legend"))
        self._rules_title.setText(tr("policy.price.rules").upper())
        self.table.setAccessibleName(tr("policy.price.grid"))
        if self.found is not None:
            self._show(self.found)

    def reload(self) -> None:
        """Work the prices out anew."""
        entry, document, desk = self._entry, self._document, self._context.desk
        amount = self._wanted()
        if entry is None or amount is None:
            return
        currency = str(self.currency.currentData())
        if self.found is None:
            self._show_state()
            self.state.show_loading(tr("policy.price.loading"))
        self._context.tasks.run(
            lambda _: jobs.prices(desk, entry, document, currency, amount),
            self._show,
            self,
            "read",
            key="prices",
            failed=self._on_failed,
        )

    def _wanted(self) -> Decimal | None:
        try:
            amount = Decimal(self.amount.text().replace(",", "").replace(" ", ""))
        except InvalidOperation:
            amount = Decimal(0)
        fine = amount.is_finite() and 0 < amount < 10**12
        self.amount.setProperty("role", "" if fine else "invalid")
        self.amount.setToolTip("" if fine else tr("policy.price.amount_wrong"))
        self.amount.style().polish(self.amount)
        return amount.quantize(Decimal("0.01")) if fine else None

    def _show_state(self) -> None:
        self.body.hide()
        self.state.show()

    def _on_failed(self, error: WorkbenchError) -> None:
        self.found = None
        self._show_state()
        self.state.show_error(*error_text(error))

    def _show(self, found: PriceTable) -> None:
        self.found = found
        self.state.hide()
        self.body.show()
        lines = words.rule_words(found.rules, found.currency) if found.known else [tr("policy.price.no_terms")]
        if found.reads_more:
            catalogue = self._context.desk.catalogue
            more = tr("policy.comma").join(words.input_words(name, catalogue) for name in found.reads_more)
            lines.append(tr("policy.price.reads_more", names=more))
        self.rules.setText("\n".join(lines))
        money = fmt.money(found.amount, found.currency)
        self._grid_title.setText(tr("policy.price.of", amount=money).upper())
        self._fill()

    def _fill(self) -> None:
        found = self.found
        if found is None:
            return
        chosen = max(0, self.table.currentRow()), max(0, self.table.currentColumn())
        self.table.setRowCount(len(found.grades))
        self.table.setColumnCount(len(found.terms))
        self.table.setVerticalHeaderLabels(list(found.grades))
        self.table.setHorizontalHeaderLabels([fmt.months(term, self._context.language) for term in found.terms])
        for at, grade in enumerate(found.grades):
            for place, term in enumerate(found.terms):
                self.table.setItem(at, place, self._item(found.at(grade, term)))
        high = self.table.verticalHeader().length() + self.table.horizontalHeader().sizeHint().height() + 2
        self.table.setFixedHeight(high)
        self.table.setCurrentCell(*chosen)
        self._on_cell()

    def _item(self, cell: PriceCell) -> QTableWidgetItem:
        shown = {
            "rate": cell.rate_pct,
            "apr": cell.price.apr_pct if cell.price else None,
            "even": cell.break_even_pct,
            "target": cell.target_pct,
        }[str(self.shown.currentData())]
        marks = ("▲" if cell.floored else "") + ("▼" if cell.capped_by else "")
        item = QTableWidgetItem(f"{fmt.percent(shown)} {marks}".rstrip())
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        theme = self._context.theme
        short = cell.rate_pct is not None and cell.break_even_pct is not None and cell.rate_pct < cell.break_even_pct
        tone = "adverse" if cell.outcome == "decline" or cell.rate_pct is None else "amber" if short else "ink"
        item.setForeground(theme.colour(tone))
        item.setToolTip(_told(cell))
        return item

    def _on_cell(self) -> None:
        found, at, place = self.found, self.table.currentRow(), self.table.currentColumn()
        if found is None or at < 0 or place < 0 or at >= len(found.grades) or place >= len(found.terms):
            return
        cell = found.at(found.grades[at], found.terms[place])
        price, code = cell.price, found.currency
        values = {
            "cell": f"{cell.grade} · {fmt.months(cell.term_months, self._context.language)}",
            "grid": fmt.percent(cell.grid_pct),
            "rate": fmt.percent(cell.rate_pct),
            "apr": fmt.percent(price.apr_pct if price else None),
            "nominal": fmt.percent(price.nominal_apr_pct if price else None),
            "instalment": fmt.money(price.instalment if price else None, code),
            "loss": fmt.money(cell.expected_loss, code) if cell.expected_loss is not None else fmt.NOTHING,
            "even": fmt.percent(cell.break_even_pct),
            "target": fmt.percent(cell.target_pct),
        }
        for name, text in values.items():
            self.figures[name].show_value(tr(f"policy.price.figure.{name}"), text)
        self.why.setText(_told(cell))


def _told(cell: PriceCell) -> str:
    """Which clause prices the cell, and what raised, lowered or denied the rate."""
    parts = [clause_words(cell.clause)] if cell.clause else [tr("policy.price.no_row")]
    if cell.outcome in ("refer", "decline"):
        parts.append(tr(f"policy.price.outcome_{cell.outcome}"))
    if cell.floored:
        parts.append(tr("policy.price.floored"))
    if cell.capped_by is not None:
        parts.append(cap_words(cell.capped_by))
    if cell.rate_pct is not None and cell.break_even_pct is not None and cell.rate_pct < cell.break_even_pct:
        parts.append(tr("policy.price.short"))
    return " · ".join(parts)
