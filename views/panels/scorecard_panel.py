"""How the score came about: total, PD, grade, the points of every characteristic, the reasons."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.domain.score import Score
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import fact_behind
from views.panels.challenger_panel import ChallengerPanel
from views.panels.changes_panel import ChangesPanel
from views.panels.offer_panel import OfferPanel
from views.panels.standing_panel import StandingPanel
from views.parts.basics import KeyValue, StatePane, clear
from views.parts.leading import Leading
from views.parts.points_chart import PointsChart, bin_words
from views.parts.score_gauge import ScoreGauge, Zones
from views.strings import tr
from views.widgets import button, label, row

PARTS = ("standing", "reasons", "points", "challenger", "changes", "offers")
"""The parts of the tab, in their order."""


class ScorecardPanel(QWidget):
    """One score, read from the top: how much, against what, and why not more."""

    fact_chosen = Signal(str)
    offer_chosen = Signal(object)  # Terms, to be offered

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.gauge = ScoreGauge(context, large=True)
        self.scored = Leading(self.gauge)
        self.scored.chosen.connect(self.fact_chosen)
        self.chart = PointsChart(context)
        self.reasons = QWidget()
        self._reasons = QVBoxLayout(self.reasons)
        self.card, self.version, self.auc, self.digest = KeyValue(), KeyValue(), KeyValue(), KeyValue()
        self.reason_heading, self.chart_heading = label("", "heading"), label("", "heading")
        self.standing, self.challenger = StandingPanel(context), ChallengerPanel(context)
        self.changes, self.offers = ChangesPanel(context), OfferPanel(context)
        self.state = StatePane()
        self.chart.chosen.connect(self.fact_chosen)
        self.challenger.fact_chosen.connect(self.fact_chosen)
        self.offers.chosen.connect(self.offer_chosen)
        self.jumps = {name: button("", partial(self.jump, name), "link") for name in PARTS}
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._scrolled())
        self._stack.addWidget(self.state)

    def _scrolled(self) -> QScrollArea:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(28, 20, 28, 24)
        column.setSpacing(10)
        column.addWidget(self.gauge)
        column.addLayout(row(self.card, self.version, self.auc, self.digest, 0, spacing=28))
        column.addLayout(row(-9, *self.jumps.values(), 0, spacing=0))  # the first link's text stands at the edge
        self._reasons.setContentsMargins(0, 0, 0, 0)
        self._reasons.setSpacing(4)
        self.chart_heading.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.standing)
        self.reason_heading.setContentsMargins(0, 12, 0, 0)
        for part in (self.reason_heading, self.reasons, self.chart_heading, self.chart, self.challenger):
            column.addWidget(part)
        for part in (self.changes, self.offers):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        self._area = area
        return area

    def jump(self, name: str) -> None:
        """Bring a part of the tab to the top, as far as there is enough below it."""
        parts: dict[str, QWidget] = {
            "standing": self.standing,
            "reasons": self.reason_heading,
            "points": self.chart_heading,
            "challenger": self.challenger,
            "changes": self.changes,
            "offers": self.offers,
        }
        self._area.verticalScrollBar().setValue(parts[name].y())

    def show_case(self, view: CaseView, zones: Zones | None = None, quality: str = "") -> None:
        """Show the score of a case; ``quality`` is the scorecard's AUC in words."""
        if view.score is None:
            self.state.show_empty(tr("case.score.empty"), tr("case.score.empty_more"))
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        score = view.score
        self.gauge.show_score(score, zones)
        self.scored.lead_to(fact_behind(view, "score.points"))
        self.card.show_value(tr("case.score.card"), score.scorecard)
        self.version.show_value(tr("case.score.version"), score.version)
        self.auc.show_value(tr("case.score.auc"), quality)
        self.digest.show_value(tr("case.score.digest"), score.sha256[:12])
        self.digest.setToolTip(score.sha256)
        for name, press in self.jumps.items():
            press.setText(tr(f"case.score.part.{name}"))
        self.jumps["reasons"].setVisible(bool(score.reasons))
        self.jumps["challenger"].setVisible(view.shadow is not None)
        self.chart_heading.setText(tr("case.score.points_heading").upper())
        self.chart.show_points(score.characteristics)
        self._show_reasons(score, view)
        for part in (self.standing, self.challenger, self.changes, self.offers):
            part.show_case(view)

    def _show_reasons(self, score: Score, view: CaseView) -> None:
        clear(self._reasons)
        self.reason_heading.setText(tr("case.score.reasons_heading").upper())
        for rank, reason in enumerate(score.reasons, 1):
            name = fmt.fact_label(reason.name, self._context.desk.workspace.catalogue, self._context.language)
            words = label(
                tr(
                    "case.score.reason",
                    rank=rank,
                    name=name,
                    bin=bin_words(reason, self._context),
                    code=reason.reason_code,
                )
            )
            words.setWordWrap(True)
            lost = label(tr("case.score.lost", points=reason.lost), "adverse")
            holder = QWidget()
            line = row(words, lost)
            line.setStretch(0, 1)
            holder.setLayout(line)
            leads = Leading(holder, words)
            leads.lead_to(reason.fact if reason.fact and view.fact(reason.fact) else "")
            leads.chosen.connect(self.fact_chosen)
            holder.setAccessibleName(words.text())
            self._reasons.addWidget(holder)
        self.reason_heading.setVisible(bool(score.reasons))
        self.reasons.setVisible(bool(score.reasons))
