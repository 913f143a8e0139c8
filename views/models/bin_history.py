"""The plans of a scorecard's bins with undo and redo."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.bin_plan import BinPlan
from app.domain.scorecard import Scorecard

Plans = Mapping[str, BinPlan]


class BinHistory:
    """Every state the plans were in since the scorecard was opened; plain values, no Qt."""

    def __init__(self, card: Scorecard) -> None:
        self._states: list[Plans] = [{row.name: BinPlan.of(row) for row in card.characteristics}]
        self._at = 0

    @property
    def plans(self) -> Plans:
        """The state in force."""
        return self._states[self._at]

    @property
    def first(self) -> Plans:
        """The state the scorecard was opened in."""
        return self._states[0]

    @property
    def changed(self) -> bool:
        return self.plans != self.first

    @property
    def can_undo(self) -> bool:
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        return self._at < len(self._states) - 1

    def put(self, plan: BinPlan) -> bool:
        """Change one characteristic; what was undone is forgotten. False when nothing is different."""
        if self.plans[plan.name] == plan:
            return False
        del self._states[self._at + 1 :]
        self._states.append({**self.plans, plan.name: plan})
        self._at += 1
        return True

    def undo(self) -> str:
        """Go back a step; name of the characteristic that changed, empty when there is none."""
        if not self.can_undo:
            return ""
        self._at -= 1
        return self._difference(self._at + 1)

    def redo(self) -> str:
        if not self.can_redo:
            return ""
        self._at += 1
        return self._difference(self._at - 1)

    def _difference(self, other: int) -> str:
        before = self._states[other]
        return next(name for name, plan in self.plans.items() if before[name] != plan)
