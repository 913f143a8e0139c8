"""The result of a scorecard for one case."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any


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

    @property
    def lost(self) -> int:
        """Points below neutral (the distance that ranks the reasons); never negative."""
        return max(0, self.neutral_points - self.points)

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
            "minimum_points": self.minimum_points,
            "maximum_points": self.maximum_points,
        }
