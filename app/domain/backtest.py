"""Whether outcomes bear a scorecard out: ranking, calibration by grade, overrides, segments, vintages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.monitoring import (
    Estimate,
    Follow,
    VintagePoint,
    auc_estimate,
    brier,
    calibration_z,
    gini_estimate,
    ks_estimate,
    rounded,
    vintage_curve,
    wilson,
)
from app.domain.stability import judged
from app.domain.watching import (
    Base,
    DecisionCount,
    FollowCount,
    Light,
    Limits,
    Reading,
    ScoreCount,
    SegmentCount,
    known_outcomes,
)

_LEAST_EXPECTED = 5  # bads and goods expected, for the normal law to hold
_WITHIN = "Within the interval that so few cases leave open."


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well the points rank the cases whose outcome is known; figures are None without a good and a bad."""

    month: str | None
    good: int
    bad: int
    auc: Estimate | None
    gini: Estimate | None
    ks: Estimate | None
    brier: float | None
    readings: tuple[Reading, ...]  # auc_loss, ks_loss

    def to_json(self) -> dict[str, Any]:
        estimates = {name: getattr(self, name) for name in ("auc", "gini", "ks")}
        return {
            "month": self.month,
            "good": self.good,
            "bad": self.bad,
            **{name: estimate and estimate.to_json() for name, estimate in estimates.items()},
            "brier": rounded(self.brier),
            "lights": {reading.measure: reading.light.value for reading in self.readings},
        }


def ranking(rows: Sequence[ScoreCount], month: str | None, base: Base, limits: Limits) -> Ranking:
    """AUC, Gini and KS of one month or all, held to those of the base."""
    counts = known_outcomes(rows)
    good, bad = sum(row.good for row in counts), sum(row.bad for row in counts)
    both = bool(good and bad)
    auc, ks = (auc_estimate(counts), ks_estimate(counts)) if both else (None, None)
    return Ranking(
        month=month,
        good=good,
        bad=bad,
        auc=auc,
        gini=gini_estimate(counts) if both else None,
        ks=ks,
        brier=brier((row.pd, row.good, row.bad) for row in rows) if good + bad else None,
        readings=(
            _loss("auc", auc, month, base, min(good, bad), limits),
            _loss("ks", ks, month, base, min(good, bad), limits),
        ),
    )


def _loss(name: str, now: Estimate | None, month: str | None, base: Base, fewer: int, limits: Limits) -> Reading:
    """What was lost against the base; no worse than green while the interval still holds the base's figure."""
    before, measure = base.performance.get(name), f"{name}_loss"
    loss = before - now.value if now is not None and before is not None else None
    light, note = judged(loss, limits[measure], fewer, limits.least_bads)
    if fewer < limits.least_bads and loss is not None:
        note = f"{fewer} cases of the rarer outcome are too few to judge by; {limits.least_bads} are needed."
    if light in (Light.AMBER, Light.RED) and now is not None and before is not None and now.high >= before:
        light, note = Light.GREEN, _WITHIN
    return Reading(measure, "", month, loss, light, limits[measure], fewer, note)


# Calibration


@dataclass(frozen=True, slots=True)
class GradeOutcome:
    """Expected and observed bads of a grade."""

    grade: str
    cases: int
    good: int
    bad: int
    expected: float  # bads, by the PDs of the cases with an outcome
    observed: Estimate | None  # bad rate
    reading: Reading  # calibration, in standard deviations

    def to_json(self) -> dict[str, Any]:
        known = self.good + self.bad
        return {
            "grade": self.grade,
            "cases": self.cases,
            "good": self.good,
            "bad": self.bad,
            "expected_bad": rounded(self.expected),
            "expected_rate": rounded(self.expected / known) if known else None,
            "observed_rate": self.observed and self.observed.to_json(),
            "z": rounded(self.reading.value),
            "light": self.reading.light.value,
            "note": self.reading.note,
        }


def calibration(
    rows: Iterable[ScoreCount], grades: Sequence[str], month: str | None, limits: Limits
) -> list[GradeOutcome]:
    """By grade, best first, and of all grades together under an empty name."""
    by_grade: dict[str, list[ScoreCount]] = {grade: [] for grade in grades}
    for row in rows:
        by_grade.setdefault(row.grade, []).append(row)
    everyone = [row for found in by_grade.values() for row in found]
    return [_grade(grade, found, month, limits) for grade, found in {**by_grade, "": everyone}.items()]


def _grade(grade: str, rows: Sequence[ScoreCount], month: str | None, limits: Limits) -> GradeOutcome:
    good, bad = sum(row.good for row in rows), sum(row.bad for row in rows)
    expected = sum((row.good + row.bad) * row.pd for row in rows)
    spread = sum((row.good + row.bad) * row.pd * (1 - row.pd) for row in rows)
    known = good + bad
    value = calibration_z(bad, expected, spread) if known else None
    light, note = judged(None if value is None else abs(value), limits["calibration"], known, limits.least_segment)
    if light is not Light.GREY and min(expected, known - expected) < _LEAST_EXPECTED:
        light, note = Light.GREY, f"Fewer than {_LEAST_EXPECTED} bads or goods are expected; too few to judge by."
    reading = Reading("calibration", grade, month, value, light, limits["calibration"], known, note)
    observed = wilson(bad, known) if known else None
    return GradeOutcome(grade, sum(row.cases for row in rows), good, bad, expected, observed, reading)


# Overrides


@dataclass(frozen=True, slots=True)
class OverrideGroup:
    """Decisions of one kind with what became of them."""

    decisions: int
    good: int
    bad: int
    expected: float

    @classmethod
    def of(cls, rows: Iterable[DecisionCount]) -> OverrideGroup:
        found = list(rows)
        cases, good, bad = (sum(getattr(row, part) for row in found) for part in ("cases", "good", "bad"))
        return cls(cases, good, bad, sum(row.expected for row in found))

    @property
    def bad_rate(self) -> Estimate | None:
        return wilson(self.bad, self.good + self.bad) if self.good + self.bad else None

    def to_json(self) -> dict[str, Any]:
        rate = self.bad_rate
        return {
            "decisions": self.decisions,
            "good": self.good,
            "bad": self.bad,
            "expected_bad": rounded(self.expected),
            "bad_rate": rate and rate.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Overrides:
    """Final decisions (approve, counter-offer, decline) against the policy's outcome.

    A low-side override lends against a declining policy or with a stated override; a high-side one declines what the
    policy approves. A referral by the policy leaves the decision to the person: either way it is none.
    """

    decided: int
    low_side: OverrideGroup
    high_side: OverrideGroup
    within: OverrideGroup  # lending within policy
    rate: Estimate | None
    readings: tuple[Reading, ...]  # override_rate, override_ratio

    def to_json(self) -> dict[str, Any]:
        return {
            "decided": self.decided,
            "overridden": self.low_side.decisions + self.high_side.decisions,
            "rate": self.rate and self.rate.to_json(),
            "low_side": self.low_side.to_json(),
            "high_side": self.high_side.to_json(),
            "within": self.within.to_json(),
            "lights": {reading.measure: reading.light.value for reading in self.readings},
        }


def overrides(rows: Iterable[DecisionCount], month: str | None, limits: Limits) -> Overrides:
    """How often decisions leave the policy, and whether those that do go bad more often."""
    final = [row for row in rows if row.decision != "refer"]
    lending = [row for row in final if row.decision != "decline"]
    low = OverrideGroup.of(row for row in lending if row.stated or row.policy == "decline")
    within = OverrideGroup.of(row for row in lending if not (row.stated or row.policy == "decline"))
    high = OverrideGroup.of(row for row in final if row.decision == "decline" and row.policy == "approve")
    decided, overridden = sum(row.cases for row in final), low.decisions + high.decisions
    rate = wilson(overridden, decided) if decided else None
    share = rate.value if rate else None
    light, note = judged(share, limits["override_rate"], decided, limits.least_segment)
    first = Reading("override_rate", "", month, share, light, limits["override_rate"], decided, note)
    return Overrides(decided, low, high, within, rate, (first, _override_ratio(low, within, month, limits)))


def _override_ratio(low: OverrideGroup, within: OverrideGroup, month: str | None, limits: Limits) -> Reading:
    mine, theirs = low.bad_rate, within.bad_rate
    ratio = mine.value / theirs.value if mine and theirs and theirs.value else None
    known = low.good + low.bad
    light, note = judged(ratio, limits["override_ratio"], known, limits.least_segment)
    if light in (Light.AMBER, Light.RED) and mine and theirs and mine.low <= theirs.value:
        light, note = Light.GREEN, _WITHIN
    return Reading("override_ratio", "", month, ratio, light, limits["override_ratio"], known, note)


# Segments


@dataclass(frozen=True, slots=True)
class Segment:
    """Approval and bad rates of the cases with one value of a fact."""

    counts: SegmentCount
    approval: Estimate | None
    bad_rate: Estimate | None
    readings: tuple[Reading, ...]  # approval_ratio, bad_ratio

    def to_json(self) -> dict[str, Any]:
        known = self.counts.good + self.counts.bad
        return {
            **self.counts._asdict(),
            "expected": rounded(self.counts.expected),
            "approval_rate": self.approval and self.approval.to_json(),
            "bad_rate": self.bad_rate and self.bad_rate.to_json(),
            "expected_rate": rounded(self.counts.expected / known) if known else None,
            "lights": {reading.measure: reading.light.value for reading in self.readings},
        }


def segments(rows: Sequence[SegmentCount], month: str | None, limits: Limits) -> list[Segment]:
    """Each segment's approval rate against that of all, and its bad rate against the PDs of its cases."""
    grades = [row for row in rows if row.name == "grade"]
    decided, approved = sum(row.decided for row in grades), sum(row.approved for row in grades)
    usual = approved / decided if decided else None
    return [_segment(row, usual, month, limits) for row in rows]


def _segment(row: SegmentCount, usual: float | None, month: str | None, limits: Limits) -> Segment:
    known = row.good + row.bad
    approval = wilson(row.approved, row.decided) if row.decided else None
    bad_rate = wilson(row.bad, known) if known else None
    subject = f"{row.name}={'' if row.value is None else row.value}"
    ratio = approval.value / usual if approval and usual else None
    light, note = judged(ratio, limits["approval_ratio"], row.decided, limits.least_segment)
    if light in (Light.AMBER, Light.RED) and approval and usual and approval.high >= usual:
        light, note = Light.GREEN, _WITHIN
    if row.name == "grade" and light in (Light.AMBER, Light.RED):
        light, note = Light.GREEN, "Grades are meant to be approved at different rates."
    first = Reading("approval_ratio", subject, month, ratio, light, limits["approval_ratio"], row.decided, note)
    return Segment(row, approval, bad_rate, (first, _bad_ratio(row, bad_rate, subject, month, limits)))


def _bad_ratio(row: SegmentCount, rate: Estimate | None, subject: str, month: str | None, limits: Limits) -> Reading:
    known = row.good + row.bad
    expected = row.expected / known if known else 0.0
    ratio = rate.value / expected if rate and expected else None
    light, note = judged(ratio, limits["bad_ratio"], known, limits.least_segment)
    if light in (Light.AMBER, Light.RED) and rate and rate.low <= expected:
        light, note = Light.GREEN, _WITHIN
    return Reading("bad_ratio", subject, month, ratio, light, limits["bad_ratio"], known, note)


# Vintages


@dataclass(frozen=True, slots=True)
class Vintage:
    """The cases received in a month (empty: in all months), by months on book."""

    month: str
    cases: int
    curve: tuple[VintagePoint, ...]
    reading: Reading | None  # vintage_ratio; None of all months

    def to_json(self) -> dict[str, Any]:
        return {
            "month": self.month,
            "cases": self.cases,
            "curve": [point.to_json() for point in self.curve],
            "light": self.reading and self.reading.light.value,
        }


def vintages(rows: Iterable[FollowCount], limits: Limits) -> list[Vintage]:
    """A curve a month of receipt, oldest first, after that of all months together; none without outcomes."""
    by_month: dict[str, list[Follow]] = {}
    for row in rows:
        by_month.setdefault(row.month, []).append(Follow(row.months, row.bad, row.cases))
    if not by_month:
        return []
    everyone = [follow for found in by_month.values() for follow in found]
    usual = tuple(vintage_curve(everyone))
    shares = {point.months: point.share.value for point in usual}
    found = [_vintage(month, by_month[month], shares, limits) for month in sorted(by_month)]
    return [Vintage("", sum(follow.cases for follow in everyone), usual, None), *found]


def _vintage(month: str, rows: Sequence[Follow], usual: Mapping[int, float], limits: Limits) -> Vintage:
    """Held to all vintages at the last month on book that enough of its cases reach."""
    curve, cases = tuple(vintage_curve(rows)), sum(row.cases for row in rows)
    reached = [point for point in curve if point.at_risk >= limits.least_segment]
    last = reached[-1] if reached else None
    ratio = last.share.value / usual[last.months] if last and usual[last.months] else None
    light, note = judged(ratio, limits["vintage_ratio"], cases, limits.least_segment)
    if light in (Light.AMBER, Light.RED) and last and last.share.low <= usual[last.months]:
        light, note = Light.GREEN, _WITHIN
    at_risk = last.at_risk if last else cases
    return Vintage(
        month, cases, curve, Reading("vintage_ratio", "", month, ratio, light, limits["vintage_ratio"], at_risk, note)
    )
