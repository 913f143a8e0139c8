"""Where the applicant stands among the approved cases, or among all scored ones while too few are approved."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.score import Score
from app.domain.standing import Standing, standing
from app.ports import Progress
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.parts.plot import share
from views.parts.points_spread import PointsSpread
from views.parts.section import Section
from views.strings import tr
from views.widgets import label


class StandingPanel(Section):
    """A small distribution over a caption that says what it shows."""

    def __init__(self, context: Context) -> None:
        body = QWidget()
        super().__init__(context, "standing", body)
        self.spread = PointsSpread(context)
        self.caption = label("", "soft")
        self.caption.setWordWrap(True)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.spread)
        column.addWidget(self.caption)
        self._score: Score | None = None

    def show_case(self, view: CaseView) -> None:
        """Count the other cases of the scorecard that scored this one."""
        score, case_id, workspace = view.score, view.case.id, self._context.desk.workspace
        if score is None:
            self.show_empty()
            return
        self._score = score

        def op(_: Progress) -> Standing:
            with workspace.read() as stores:
                return standing(score.points, stores.monitoring.points(score.sha256, case_id))

        self.ask(case_id, op, self._show)

    def _show(self, found: Standing) -> None:
        if found.below is None or self._score is None:
            self.show_empty()
            return
        self.spread.show_standing(found, self._score.minimum_points, self._score.maximum_points)
        self.caption.setText(standing_words(found))
        self.spread.setAccessibleDescription(self.caption.text())


def standing_words(found: Standing) -> str:
    """What the bars show, and where the applicant stands among them."""
    key = "approved" if found.among_approved else "scored" if found.approved else "scored_none"
    return tr(
        f"standing.{key}",
        points=found.points,
        share=share(found.below or 0.0),
        count=fmt.number(found.total),
        approved=fmt.number(found.approved),
    )
