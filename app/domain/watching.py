"""What the monitoring of a scorecard counts, the thresholds it is held to, and the lights and findings that follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.monitoring import PointCount, histogram, rounded

UNDATED = "undated"
"""Stands for the month of cases without a date of receipt."""


class Light(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"  # too few cases to say, or nothing to hold it to


class ScoreCount(NamedTuple):
    """Cases of a month that have the same points."""

    month: str  # YYYY-MM of receipt, or UNDATED
    points: int
    pd: float
    grade: str
    cases: int
    good: int  # of those with an outcome
    bad: int


class BinCount(NamedTuple):
    """Cases of a month in one bin of a characteristic."""

    month: str
    characteristic: int  # position in the scorecard
    bin: int
    cases: int


class SegmentCount(NamedTuple):
    """Cases that have the same value of a fact."""

    name: str  # "grade", "product" or a fact
    value: str | None  # None: missing
    cases: int
    decided: int  # approved, countered or declined
    approved: int  # or countered
    good: int
    bad: int
    expected: float  # sum of the PDs of those with an outcome


class DecisionCount(NamedTuple):
    """Decided cases by what the policy said and what the person decided."""

    policy: str | None  # "approve", "refer", "decline"; None where it was not asked
    decision: str
    stated: bool  # an override reason is recorded
    cases: int
    good: int
    bad: int
    expected: float


class FollowCount(NamedTuple):
    """Cases received in a month, followed for the same number of months until they went bad or were last seen."""

    month: str
    months: int
    bad: bool
    cases: int


@dataclass(frozen=True, slots=True)
class ScoredBy:
    """A scorecard and how many cases stand scored by it."""

    sha256: str
    name: str
    version: str
    cases: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a light turns; ``below`` when less is worse. At the threshold it has turned."""

    amber: float
    red: float
    below: bool = False

    def light(self, value: float) -> Light:
        if self.below:
            return Light.RED if value <= self.red else Light.AMBER if value <= self.amber else Light.GREEN
        return Light.RED if value >= self.red else Light.AMBER if value >= self.amber else Light.GREEN


@dataclass(frozen=True, slots=True)
class Limits:
    """The thresholds by measure, and what is too little to judge by."""

    thresholds: Mapping[str, Threshold]
    least_cases: int
    least_bads: int
    least_segment: int

    def __getitem__(self, measure: str) -> Threshold:
        return self.thresholds[measure]


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured figure with its light; what stands behind a traffic light of the monitoring page."""

    measure: str  # key of the thresholds: "psi", "csi", "auc_loss", ...
    subject: str  # characteristic, grade, segment ("product=car"), vintage; empty: the scorecard as a whole
    month: str | None  # of receipt; None: all months
    value: float | None  # None where it cannot be measured
    light: Light
    threshold: Threshold | None
    cases: int
    note: str = ""  # why it is grey, or why a figure beyond its threshold is none

    def to_json(self) -> dict[str, Any]:
        limits = self.threshold
        return {
            "measure": self.measure,
            "subject": self.subject,
            "month": self.month,
            "value": rounded(self.value),
            "light": self.light.value,
            "amber": limits and limits.amber,
            "red": limits and limits.red,
            "cases": self.cases,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Alert:
    """A threshold that was crossed, as the workspace keeps it; raised once for each light it turns to."""

    id: int
    scorecard: str  # SHA-256
    reading: Reading
    raised_at: str  # ISO 8601

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "scorecard": self.scorecard, "raised_at": self.raised_at, **self.reading.to_json()}


def worst(lights: Iterable[Light]) -> Light:
    """Red before amber before green; grey only where there is nothing else."""
    found = set(lights)
    return next((light for light in (Light.RED, Light.AMBER, Light.GREEN) if light in found), Light.GREY)


@dataclass(frozen=True, slots=True)
class Base:
    """What the months are compared with."""

    kind: str  # "development" or "month"
    month: str | None
    ends: tuple[float, ...]  # lower ends of the bands of the score, but for the first
    counts: tuple[int, ...]  # cases by band; empty where the scorecard file does not tell
    mean_points: float | None
    spread: float  # standard deviation of the points; 0 where it is not known
    bins: tuple[tuple[int, ...], ...]  # cases by bin of each characteristic
    mean_pd: float | None
    performance: Mapping[str, float] = field(default_factory=dict)  # auc and ks it was measured with

    @property
    def cases(self) -> int:
        return sum(self.counts) or max((sum(row) for row in self.bins), default=0)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "month": self.month,
            "cases": self.cases,
            "mean_points": rounded(self.mean_points),
            "mean_pd": rounded(self.mean_pd),
            "performance": {name: rounded(value) for name, value in self.performance.items()},
        }


def known_outcomes(rows: Iterable[ScoreCount]) -> list[PointCount]:
    """Goods and bads by points."""
    return histogram((row.points, row.good, row.bad) for row in rows)


def cases_by_points(rows: Iterable[ScoreCount]) -> list[tuple[float, int]]:
    found: dict[float, int] = {}
    for row in rows:
        found[row.points] = found.get(row.points, 0) + row.cases
    return sorted(found.items())


def mean_of(rows: Sequence[ScoreCount], name: str) -> float | None:
    """Mean ``points`` or ``pd`` of the cases; None of none."""
    cases = sum(row.cases for row in rows)
    return sum(float(getattr(row, name)) * row.cases for row in rows) / cases if cases else None
