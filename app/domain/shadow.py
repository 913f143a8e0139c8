"""A challenger beside the scorecard on a live case: where the two disagree, and whether that still stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from app.domain.challenger import ChallengerScore
from app.domain.facts import Fact
from app.domain.score import Score
from app.domain.scorecard import Scorecard
from app.errors import InputError


class Disagreement(StrEnum):
    """How the challenger sees the case, set against the scorecard."""

    NONE = ""
    BETTER = "better"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class ShadowRule:
    """When the two disagree."""

    lowest_grade: str | None = None  # the worst grade above the cut-off; None: no cut-off
    grades_apart: int = 2

    @classmethod
    def of(cls, scorecard: Scorecard, adverse: tuple[str, ...]) -> ShadowRule:
        """The cut-off between the grades that speak for and against a case, where the scorecard has both."""
        names = [grade.name for grade in scorecard.grades]
        above = [name for name in names if name not in adverse]
        return cls(above[-1] if above and len(above) < len(names) else None)


@dataclass(frozen=True, slots=True)
class Shadow:
    """What the challenger said of a case, on the scorecard's scale, and on which facts."""

    score: ChallengerScore
    scorecard: str  # SHA-256
    points: int  # the scorecard's points of the same PD, within its range
    grade: str  # theirs
    disagreement: Disagreement
    facts: tuple[tuple[str, str], ...]  # name and id of each fact it rests on, by name

    def stands(self, facts: Mapping[str, Fact], score: Score | None) -> bool:
        """Whether it is about these facts, by name, and this score."""
        return (
            score is not None
            and score.sha256 == self.scorecard
            and all(name in facts and facts[name].id == fact for name, fact in self.facts)
            and all(name in dict(self.facts) or name not in facts for name in self._read)
        )

    @property
    def _read(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.score.contributions)

    def to_json(self) -> dict[str, Any]:
        return {
            "score": self.score.to_json(),
            "scorecard": self.scorecard,
            "points": self.points,
            "grade": self.grade,
            "disagreement": self.disagreement.value,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Shadow:
        """Inverse of ``to_json``."""
        return cls(
            score=ChallengerScore.from_json(data["score"]),
            scorecard=data["scorecard"],
            points=data["points"],
            grade=data["grade"],
            disagreement=Disagreement(data["disagreement"]),
            facts=tuple(sorted(dict(data["facts"]).items())),
        )


def shadow_of(
    said: ChallengerScore, score: Score, scorecard: Scorecard, rule: ShadowRule, facts: Mapping[str, Fact]
) -> Shadow:
    """Set what the challenger said beside the score; ``facts`` are those it rests on, by name.

    Raises ``InputError`` for a rule that names a grade the scorecard does not have.
    """
    points = points_of(scorecard, said.log_odds)
    grade = scorecard.grade_of(points)
    ids = tuple(sorted((name, fact.id) for name, fact in facts.items()))
    return Shadow(said, score.sha256, points, grade, _disagreement(grade, score.grade, scorecard, rule), ids)


def points_of(scorecard: Scorecard, log_odds: float) -> int:
    """The points at which the scorecard is calibrated to this ln(good:bad), within its range."""
    line = scorecard.calibration
    points = (Decimal(log_odds) - line.intercept) / line.slope
    bounded = min(max(points, Decimal(scorecard.minimum_points)), Decimal(scorecard.maximum_points))
    return int(bounded.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _disagreement(challenger: str, champion: str, scorecard: Scorecard, rule: ShadowRule) -> Disagreement:
    names = [grade.name for grade in scorecard.grades]  # best first
    if rule.lowest_grade is not None and rule.lowest_grade not in names:
        raise InputError(
            "cut_off", f"The scorecard has no grade {rule.lowest_grade}.", remedy="Name one of its grades."
        )
    ours, theirs = names.index(champion), names.index(challenger)
    last = len(names) if rule.lowest_grade is None else names.index(rule.lowest_grade)
    apart = abs(ours - theirs) >= rule.grades_apart or (ours <= last) != (theirs <= last)
    if not apart or ours == theirs:
        return Disagreement.NONE
    return Disagreement.BETTER if theirs < ours else Disagreement.WORSE
