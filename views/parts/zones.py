"""Where on the score's scale policy declines, refers and approves, read off the policy's own tables.

Only clauses that look at nothing but the score (grade, probability of default, points; the term beside them) count:
what other facts decide has no place on the scale.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.domain.policy_tables import Row, tables
from app.domain.scorecard import Scorecard
from views.parts.score_gauge import Zones

_BY_SCORE = frozenset({"score.grade", "score.pd_pct", "score.points"})
_BESIDE = frozenset({"request.term_months"})
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "==": operator.eq,
}
_RELATION = re.compile(r"^\s*(>=|<=|==|=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$")


def zones_of(document: Mapping[str, Any], scorecard: Scorecard) -> Zones | None:
    """Points from which policy refers and approves; None when no clause of the policy looks at the score alone."""
    rules = [(row, row.text("outcome")) for row in _score_rows(document)]
    if not rules:
        return None
    points = range(scorecard.minimum_points, scorecard.maximum_points + 1)
    outcomes = [_outcome(rules, _values(scorecard, at)) for at in points]
    refer = _first_clear(outcomes, {"decline"})
    approve = _first_clear(outcomes, {"decline", "refer"})
    return Zones(points[0] + refer, points[0] + approve)


def _score_rows(document: Mapping[str, Any]) -> Iterator[Row]:
    for table in tables(document):
        for row in table.rows:
            fields = set(row.conditions)
            if fields & _BY_SCORE and fields <= _BY_SCORE | _BESIDE and row.text("outcome") in ("refer", "decline"):
                yield row


def _values(scorecard: Scorecard, points: int) -> dict[str, Decimal | int | str]:
    pd_pct = (scorecard.calibration.pd(points) * 100).quantize(Decimal("0.01"))
    return {"score.grade": scorecard.grade_of(points), "score.pd_pct": pd_pct, "score.points": points}


def _outcome(rules: list[tuple[Row, str]], values: Mapping[str, Decimal | int | str]) -> str:
    found = {
        outcome
        for row, outcome in rules
        if all(_holds(row.conditions[f], values[f]) for f in _BY_SCORE & set(row.conditions))
    }
    return "decline" if "decline" in found else "refer" if "refer" in found else "approve"


def _holds(cell: str, value: Decimal | int | str) -> bool:
    """Whether a unary test of the table holds: a list of grades, or a comparison with a number."""
    if isinstance(value, str):
        return value in re.findall(r"['\"]([^'\"]*)['\"]", cell)
    match = _RELATION.match(cell)
    return match is not None and _COMPARE[match[1]](Decimal(value), Decimal(match[2]))


def _first_clear(outcomes: list[str], against: set[str]) -> int:
    """Index after the last outcome that is one of ``against``."""
    return max((at + 1 for at, outcome in enumerate(outcomes) if outcome in against), default=0)
