"""The result of a scorecard for one case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.facts import FactValue
from app.domain.ratios import completed
from app.domain.scorecard import MAX_REASONS, ReasonsMethod, Scorecard


@dataclass(frozen=True, slots=True)
class CharacteristicPoints:
    """One row of the points chart."""

    name: str  # fact name
    fact: str | None  # id of the fact used; null when it was missing
    bin: str  # label of the bin it fell in
    points: int
    neutral_points: int  # points at the population's average
    maximum_points: int
    reason_code: str
    method: ReasonsMethod = ReasonsMethod.NEUTRAL

    @property
    def lost(self) -> int:
        """Points below neutral, or below the maximum (the distance that ranks the reasons); never negative."""
        best = self.neutral_points if self.method is ReasonsMethod.NEUTRAL else self.maximum_points
        return max(0, best - self.points)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "fact": self.fact,
            "bin": self.bin,
            "points": self.points,
            "neutral_points": self.neutral_points,
            "maximum_points": self.maximum_points,
            "reason_code": self.reason_code,
            "lost": self.lost,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """Points, PD and grade, with up to four reasons in order of lost points."""

    scorecard: str
    version: str
    sha256: str  # of the scorecard's canonical JSON
    points: int
    pd: Decimal  # 0..1, probability of default
    grade: str
    characteristics: tuple[CharacteristicPoints, ...]
    reasons: tuple[CharacteristicPoints, ...]  # at most four, lost > 0
    minimum_points: int  # the scorecard's range, for the gauge
    maximum_points: int
    reasons_method: ReasonsMethod = ReasonsMethod.NEUTRAL

    def to_json(self) -> dict[str, Any]:
        return {
            "scorecard": self.scorecard,
            "version": self.version,
            "sha256": self.sha256,
            "points": self.points,
            "pd": format(self.pd, "f"),
            "grade": self.grade,
            "characteristics": [row.to_json() for row in self.characteristics],
            "reasons": [row.to_json() for row in self.reasons],
            "reasons_method": self.reasons_method.value,
            "minimum_points": self.minimum_points,
            "maximum_points": self.maximum_points,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Score:
        """Inverse of ``to_json``."""
        method = ReasonsMethod(data.get("reasons_method", ReasonsMethod.NEUTRAL))
        rows = tuple(_row_from_json(row, method) for row in data["characteristics"])
        by_name = {row.name: row for row in rows}
        return cls(
            scorecard=data["scorecard"],
            version=data["version"],
            sha256=data["sha256"],
            points=data["points"],
            pd=Decimal(data["pd"]),
            grade=data["grade"],
            characteristics=rows,
            reasons=tuple(by_name[row["name"]] for row in data["reasons"]),
            minimum_points=data["minimum_points"],
            maximum_points=data["maximum_points"],
            reasons_method=method,
        )


def _row_from_json(data: Mapping[str, Any], method: ReasonsMethod) -> CharacteristicPoints:
    return CharacteristicPoints(**{name: value for name, value in data.items() if name != "lost"}, method=method)


def score_inputs(
    scorecard: Scorecard, inputs: Mapping[str, FactValue | None], facts: Mapping[str, str] | None = None
) -> Score:
    """Score one set of values by fact name; a name that is absent is missing, ratios are derived where not given.

    ``facts`` gives the ids of the facts used, by name. This is the reference that the SQL of ``data.scoring_sql``
    equals row by row; cases are scored by that SQL (``ports.ScoreStore.bins``). Raises ``InputError`` for a value of
    the wrong type.
    """
    values = completed(scorecard.names, inputs)
    return score_bins(scorecard, [row.bin_of(values[row.name]) for row in scorecard.characteristics], facts or {})


def score_bins(scorecard: Scorecard, bins: Sequence[int], facts: Mapping[str, str]) -> Score:
    """The score of a case whose characteristics fall in these bins (positions from 0, in the scorecard's order)."""
    rows = tuple(
        CharacteristicPoints(
            name=row.name,
            fact=facts.get(row.name),
            bin=row.bins[position].label,
            points=row.bins[position].points,
            neutral_points=row.neutral_points,
            maximum_points=row.maximum_points,
            reason_code=row.reason_code,
            method=scorecard.reasons_method,
        )
        for row, position in zip(scorecard.characteristics, bins, strict=True)
    )
    points = sum(row.points for row in rows)
    return Score(
        scorecard=scorecard.name,
        version=scorecard.version,
        sha256=scorecard.sha256,
        points=points,
        pd=scorecard.calibration.pd(points),
        grade=scorecard.grade_of(points),
        characteristics=rows,
        reasons=ranked_reasons(rows),
        minimum_points=scorecard.minimum_points,
        maximum_points=scorecard.maximum_points,
        reasons_method=scorecard.reasons_method,
    )


def ranked_reasons(rows: tuple[CharacteristicPoints, ...]) -> tuple[CharacteristicPoints, ...]:
    """At most four, by points lost, ties in the scorecard's order, each reason code once."""
    by_code: dict[str, CharacteristicPoints] = {}
    for row in sorted(rows, key=lambda row: -row.lost):
        if row.lost > 0:
            by_code.setdefault(row.reason_code, row)
    return tuple(by_code.values())[:MAX_REASONS]
