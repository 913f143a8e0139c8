"""What the challenger in shadow says of a case: its PD and grade beside the scorecard's, and what moves its view."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.shadow import Disagreement, Shadow
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import fact_behind
from views.parts.contributions_chart import Bar, ContributionsChart
from views.strings import tr
from views.theme import set_role
from views.widgets import label, row

MOST_BARS = 6


class ChallengerPanel(QWidget):
    """Hidden where no challenger speaks of the facts of today."""

    fact_chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.heading, self.verdict = label("", "heading"), label("", "chip")
        self.said, self.card, self.note = label("", "value"), label("", "soft"), label("", "soft")
        self.reasons, self.sum, self.unseen = label("", "caption"), label("", "caption"), label("", "soft")
        self.chart = ContributionsChart(context)
        self.chart.chosen.connect(self.fact_chosen)
        for each in (self.note, self.sum, self.unseen):
            each.setWordWrap(True)
        self.reasons.setContentsMargins(0, 6, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(row(self.said, self.card, self.verdict, 0, spacing=16))
        for part in (self.note, self.reasons, self.chart, self.sum, self.unseen):
            column.addWidget(part)

    def show_case(self, view: CaseView) -> None:
        """Show what was said of the case."""
        shadow, score = view.shadow, view.score
        self.setVisible(shadow is not None and score is not None)
        if shadow is None or score is None:
            return
        said = shadow.score
        self.heading.setText(tr("challenger.case.heading").upper())
        self.said.setText(tr("challenger.case.said", name=said.challenger, **_figures(said.pd, shadow.grade)))
        self.said.setToolTip(said.sha256)
        self.card.setText(tr("challenger.case.card", **_figures(score.pd, score.grade)))
        disagrees = shadow.disagreement is not Disagreement.NONE
        self.verdict.setText(tr(f"challenger.case.{shadow.disagreement.value or 'agrees'}"))
        set_role(self.verdict, "chip-amber" if disagrees else "chip")
        self.note.setText(tr("challenger.case.note"))
        self.reasons.setText(tr("challenger.case.reasons"))
        self.chart.show_bars(self._bars(shadow, view))
        ends = {"average": f"{said.average:.2f}", "total": f"{said.log_odds:.2f}"}
        self.sum.setText(
            tr("challenger.case.sum", **{name: each.replace("-", "\u2212") for name, each in ends.items()})
        )
        self.unseen.setVisible(bool(said.unseen))
        names = tr("challenger.join").join(self._label(name) for name in said.unseen)
        self.unseen.setText(tr("challenger.case.unseen", names=names))

    def _bars(self, shadow: Shadow, view: CaseView) -> list[Bar]:
        """The weightiest, and the others in one, so that the bars add up."""
        moving = shadow.score.weightiest
        shown = moving if len(moving) <= MOST_BARS + 1 else moving[:MOST_BARS]
        bars = [Bar(self._label(each.name), each.log_odds, fact_behind(view, each.name)) for each in shown]
        others = moving[len(shown) :]
        if others:
            total = sum(each.log_odds for each in others)
            bars.append(Bar(tr("challenger.case.rest", count=len(others)), total))
        return bars

    def _label(self, name: str) -> str:
        return fmt.fact_label(name, self._context.desk.workspace.catalogue, self._context.language)


def _figures(pd: Decimal, grade: str) -> dict[str, str]:
    return {"pd": fmt.probability(pd), "grade": grade}
