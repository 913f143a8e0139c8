"""What can be offered: the grid of amounts by terms, and beneath it the price of the cell that is pointed at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.domain.facts import Stance
from app.domain.offers import Cell, Reason
from app.domain.policy import Terms
from app.domain.rate_caps import RateCap
from app.ports import Progress
from app.usecases.offer_terms import Offers, OfferTerms, offer_terms
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.parts.basics import KeyValue
from views.parts.offer_grid import MARK, OfferPicture, standing_of
from views.parts.section import Section
from views.stored_words import clause_words
from views.strings import tr
from views.theme import set_role
from views.widgets import ElidedLabel, label, row

KEPT = 24  # grids remembered, the last ones used
_CHIPS = {"fits": "chip-favourable", "refer": "chip-amber", "not": "chip-adverse"}
_TOLD = {"fits": "favourable", "refer": "amber", "not": "adverse"}
_FIGURES = ("terms", "rate", "instalment", "apr", "share", "left", "loss", "even", "target")


class OfferPanel(Section):
    """Emits the terms of the cell that was taken."""

    chosen = Signal(object)  # Terms

    def __init__(self, context: Context) -> None:
        body = QWidget()
        super().__init__(context, "offers", body)
        self.picture = OfferPicture(context)
        self.figures = {name: KeyValue() for name in _FIGURES}
        self.standing, self.hint = label(), label("", "soft")
        self.held_to = ElidedLabel("", "soft")
        self._view: CaseView | None = None
        self._kept: OrderedDict[tuple[Any, ...], Offers] = OrderedDict()
        self.legend = {name: label("", role) for name, role in _CHIPS.items()}
        self.legend_asked = label("", "soft")
        self._fill(body)
        self.picture.pointed.connect(self._on_pointed)
        self.picture.chosen.connect(self._on_chosen)

    def _fill(self, body: QWidget) -> None:
        self.held_to.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.head.addWidget(self.held_to)
        self.standing.setWordWrap(True)
        self.standing.setMinimumHeight(36)
        self.hint.setWordWrap(True)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row(*self.legend.values(), self.legend_asked, 0, spacing=10))
        column.addWidget(self.picture)
        column.addLayout(self._figure_rows())
        column.addWidget(self.standing)
        column.addWidget(self.hint)

    def _figure_rows(self) -> QGridLayout:
        """Rows of three, so that none is cut short in a small window."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(24)
        for at, figure in enumerate(self.figures.values()):
            grid.addWidget(figure, *divmod(at, 3))
        grid.setColumnStretch(3, 1)
        return grid

    def show_case(self, view: CaseView) -> None:
        """Lay the offers of a scored case out; a grid worked out from the same content is taken as it is."""
        self._view = view
        desk, language = self._context.desk, self._context.language

        def op(_: Progress) -> Offers:
            policy = desk.policy
            key = content_of(view, policy.sha256, language)
            held = self._kept.get(key)
            if held is None:
                held = offer_terms(
                    OfferTerms(view.case.id), desk.workspace, desk.engine, policy=policy, language=language
                )
            return self._keep(key, held)

        self.ask(view.case.id, op, self._show)

    def _keep(self, key: tuple[Any, ...], offers: Offers) -> Offers:
        self._kept[key] = offers
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return offers

    def _show(self, offers: Offers) -> None:
        grade = self._view.score.grade if self._view and self._view.score else fmt.NOTHING
        self.held_to.setText(tr("offers.held_to", policy=offers.policy, version=offers.version, grade=grade))
        if not offers.grid.cells:
            self.show_empty()
            return
        for name, chip in self.legend.items():
            chip.setText(" ".join(filter(None, (MARK[name], tr(f"offers.{name}")))))
        self.legend_asked.setText(f"\u25e4 {tr('offers.requested')}" if offers.grid.requested else "")
        decided = self._view is not None and self._view.decision is not None
        self.hint.setText(tr("offers.hint_decided" if decided else "offers.hint"))
        self.picture.show_grid(offers.grid)

    def _on_pointed(self, cell: Cell) -> None:
        currency = self._view.case.currency if self._view else ""
        language, price = self._context.language, cell.price
        terms = f"{fmt.money(cell.amount, currency)} · {fmt.months(cell.term_months, language)}"
        values = {
            "terms": terms,
            "rate": _rate_words(cell),
            "instalment": fmt.money(price.instalment, currency) if price else fmt.NOTHING,
            "apr": fmt.percent(price.apr_pct) if price else fmt.NOTHING,
            "share": fmt.percent(cell.dsr_after_pct),
            "left": fmt.money(cell.disposable_after, currency),
            "loss": fmt.money(cell.expected_loss, currency) if cell.expected_loss is not None else fmt.NOTHING,
            "even": fmt.percent(cell.break_even_pct) if cell.break_even_pct is not None else fmt.NOTHING,
            "target": fmt.percent(cell.target_pct) if cell.target_pct is not None else fmt.NOTHING,
        }
        for name, text in values.items():
            below = name == "left" and cell.disposable_after is not None and cell.disposable_after < 0
            stance = Stance.ADVERSE if below else Stance.NEUTRAL
            self.figures[name].show_value(tr(f"offers.{name}"), text, stance)
        self.figures["rate"].setToolTip(cap_words(cell.capped_by) if cell.capped_by else "")
        standing = standing_of(cell)
        self.standing.setText(standing_words(cell))
        set_role(self.standing, _TOLD[standing])

    def _on_chosen(self, cell: Cell) -> None:
        self.chosen.emit(Terms(cell.amount, cell.term_months, cell.price.rate_pct if cell.price else None))


def _rate_words(cell: Cell) -> str:
    if cell.price is None:
        return tr("offers.no_price")
    return fmt.percent(cell.price.rate_pct) + (f" · {tr('offers.capped')}" if cell.capped_by else "")


def cap_words(cap: RateCap) -> str:
    """The cap that brought a rate down, with its clause."""
    key = "offers.capped_law" if cap.source else "offers.capped_own"
    measure = tr(f"offers.measure.{cap.measure.replace('-', '_')}")
    return tr(key, pct=fmt.percent(cap.pct), measure=measure, clause=cap.clause, source=cap.source)


def standing_words(cell: Cell) -> str:
    """Whether the cell fits, and why it does not or is referred: the first clause, and how many more."""
    standing = standing_of(cell)
    against: Sequence[Reason] = cell.reasons if standing == "not" else cell.referrals
    if standing == "fits" or not against:
        return tr("offers.standing_fits") if standing == "fits" else tr(f"offers.{standing}")
    first = tr("offers.why", clause=clause_words(against[0].clause), text=against[0].text)
    words = tr(f"offers.standing_{standing}", why=first)
    rest = len(against) - 1
    return f"{words} ({tr('offers.more', count=rest)})" if rest else words


def content_of(view: CaseView, policy: str, language: str) -> tuple[Any, ...]:
    """What a grid rests on: facts (their ids tell their content), score, policy, and the language of its reasons."""
    score = view.score
    facts = frozenset(fact.id for fact in view.facts)
    return view.case.id, view.case.currency, score and (score.sha256, score.points), facts, policy, language
