"""Fairness of approvals between groups, from counts: each measure with its interval, and none where a group is small.

Protected attributes are held for testing alone: nothing here is seen by a score, a prompt or the underwriter. Intervals
are of ``CONFIDENCE_PCT`` and analytic, so the same table gives the same figures. A measure is no verdict on a lender.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

from app.domain.monitoring import Estimate, critical_z, rounded, wilson

FOUR_FIFTHS = 0.8  # 29 CFR 1607.4(D), a rule of thumb of employment law, used in lending by analogy
LEAST = 30  # cases of a group, of its goods and of its bads, for a figure
_WIDE_RATIO = 2.0  # the interval's upper end over its lower end
_WIDE_DIFFERENCE = 0.2


@dataclass(frozen=True, slots=True)
class Group:
    """Counts of one value of a protected column; goods and bads only of rows with a known outcome."""

    value: str | None  # None: missing
    cases: int
    approved: int
    good: int = 0
    good_approved: int = 0
    bad: int = 0
    bad_approved: int = 0
    scored: int = 0
    score_sum: float = 0.0
    score_squares: float = 0.0

    @property
    def approval(self) -> Estimate | None:
        return wilson(self.approved, self.cases) if self.cases else None

    def moments(self) -> tuple[float, float]:
        """Mean of the score, and the sum of its squared distances from it."""
        mean = self.score_sum / self.scored
        return mean, max(0.0, self.score_squares - self.scored * mean * mean)

    def to_json(self) -> dict[str, Any]:
        rate = self.approval
        return {
            "value": self.value,
            "cases": self.cases,
            "approved": self.approved,
            "approval_rate": rate and rate.to_json(),
            "denial_rate": rounded(1 - rate.value) if rate else None,
            "good": self.good,
            "bad": self.bad,
            "mean_score": rounded(self.score_sum / self.scored) if self.scored else None,
        }


def group_of(value: str | None, rows: Iterable[tuple[bool, bool | None, float | None]]) -> Group:
    """Count rows of (approved, bad or None where not known, score or None)."""
    cases = approved = good = good_approved = bad = bad_approved = scored = 0
    total = squares = 0.0
    for granted, went_bad, score in rows:
        cases += 1
        approved += granted
        if went_bad is not None:
            bad += went_bad
            bad_approved += went_bad and granted
            good += not went_bad
            good_approved += not went_bad and granted
        if score is not None:
            scored += 1
            total += score
            squares += score * score
    counts = (cases, approved, good, good_approved, bad, bad_approved, scored)
    return Group(value, *counts, score_sum=total, score_squares=squares)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group against the reference group; a figure is None where too few cases or no outcomes bear it."""

    group: Group
    air: Estimate | None  # adverse impact ratio: approval rate over that of the reference
    smd: Estimate | None  # standardised mean difference of the score
    equal_opportunity: Estimate | None  # approval rate of goods less that of the reference's goods
    average_odds: Estimate | None  # mean of that difference and the same of bads
    notes: tuple[str, ...]

    @property
    def four_fifths(self) -> str | None:
        """Where the interval of the ratio lies: "below", "not below", or "open" when it holds four fifths."""
        if self.air is None:
            return None
        if self.air.high < FOUR_FIFTHS:
            return "below"
        return "not below" if self.air.low >= FOUR_FIFTHS else "open"

    def to_json(self) -> dict[str, Any]:
        figures = {
            "adverse_impact_ratio": self.air,
            "standardised_mean_difference": self.smd,
            "equal_opportunity_difference": self.equal_opportunity,
            "average_odds_difference": self.average_odds,
        }
        return {
            **self.group.to_json(),
            **{name: figure and figure.to_json() for name, figure in figures.items()},
            "four_fifths": self.four_fifths,
            "notes": list(self.notes),
        }


def compare(group: Group, reference: Group, least: int = LEAST) -> Comparison:
    """Measure a group against the reference."""
    notes: list[str] = []
    small = [name for name, one in (("The group", group), ("The reference", reference)) if one.cases < least]
    if small:
        notes.append(f"{small[0]} has fewer than {least} cases; nothing is said of it.")
        return Comparison(group, None, None, None, None, tuple(notes))
    air = impact_ratio(group.approved, group.cases, reference.approved, reference.cases)
    if air is None:
        notes.append("Nobody of the reference was approved.")
    goods, bads = _rates(group, reference, least)
    if goods is None and (group.good + group.bad):
        notes.append(f"Fewer than {least} goods with a known outcome in a group: no equal-opportunity difference.")
    if goods is not None and bads is None:
        notes.append(f"Fewer than {least} bads with a known outcome in a group: no average-odds difference.")
    odds = None if goods is None or bads is None else _mean_of(goods, bads)
    notes += _wide(air, {"equal-opportunity difference": goods, "average-odds difference": odds})
    return Comparison(group, air, mean_difference(group, reference, least), goods, odds, tuple(notes))


def impact_ratio(approved: int, cases: int, reference_approved: int, reference_cases: int) -> Estimate | None:
    """Ratio of two approval rates with its log interval (Katz and others, Biometrics 34, 1978).

    Where a count is zero the interval is Walter's, with half a case more of each (1975). None when the reference has
    no approval.
    """
    if not reference_approved:
        return None
    ratio = (approved / cases) / (reference_approved / reference_cases)
    half = 0.0 if approved else 0.5
    counts = [count + half for count in (approved, cases, reference_approved, reference_cases)]
    middle = log((counts[0] / counts[1]) / (counts[2] / counts[3]))
    error = sqrt(max(0.0, 1 / counts[0] - 1 / counts[1] + 1 / counts[2] - 1 / counts[3]))
    reach = critical_z() * error
    return Estimate(ratio, min(ratio, exp(middle - reach)), max(ratio, exp(middle + reach)))


def mean_difference(group: Group, reference: Group, least: int = LEAST) -> Estimate | None:
    """Difference of the mean scores in pooled standard deviations (Hedges and Olkin, 1985)."""
    sizes = group.scored, reference.scored
    if min(sizes) < least:
        return None
    (mean, spread), (other, other_spread) = group.moments(), reference.moments()
    pooled = sqrt((spread + other_spread) / (sum(sizes) - 2))
    if not pooled:
        return None
    found = (mean - other) / pooled
    error = sqrt(sum(sizes) / (sizes[0] * sizes[1]) + found * found / (2 * sum(sizes)))
    reach = critical_z() * error
    return Estimate(found, found - reach, found + reach)


def difference(hits: int, cases: int, other_hits: int, other_cases: int) -> Estimate:
    """Difference of two shares with Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10)."""
    first, second = wilson(hits, cases), wilson(other_hits, other_cases)
    found = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Estimate(found, max(-1.0, found - below), min(1.0, found + above))


def _rates(group: Group, reference: Group, least: int) -> tuple[Estimate | None, Estimate | None]:
    """Differences of approval among goods and among bads; None of too few."""
    goods = bads = None
    if min(group.good, reference.good) >= least:
        goods = difference(group.good_approved, group.good, reference.good_approved, reference.good)
    if min(group.bad, reference.bad) >= least:
        bads = difference(group.bad_approved, group.bad, reference.bad_approved, reference.bad)
    return goods, bads


def _mean_of(first: Estimate, second: Estimate) -> Estimate:
    """Mean of two independent figures, their distances to the ends joined (MOVER, Zou and Donner, 2008)."""
    found = (first.value + second.value) / 2
    below = sqrt((first.value - first.low) ** 2 + (second.value - second.low) ** 2) / 2
    above = sqrt((first.high - first.value) ** 2 + (second.high - second.value) ** 2) / 2
    return Estimate(found, max(-1.0, found - below), min(1.0, found + above))


def _wide(air: Estimate | None, differences: dict[str, Estimate | None]) -> list[str]:
    notes = []
    if air is not None and air.high > _WIDE_RATIO * air.low:
        notes.append("The interval of the adverse impact ratio is wide: the sample says little of it.")
    for name, figure in differences.items():
        if figure is not None and figure.high - figure.low > _WIDE_DIFFERENCE:
            notes.append(f"The interval of the {name} is wide: the sample says little of it.")
    return notes


# Less discriminatory alternatives


@dataclass(frozen=True, slots=True)
class Alternative:
    """A candidate at the same number of approvals."""

    name: str
    auc: Estimate
    approved: int
    cut_off: float
    air: float | None  # the least of all groups large enough
    worst: str | None  # the group that has it: "column=value"
    groups: tuple[tuple[str, Estimate], ...]  # of every group large enough

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "auc": self.auc.to_json(),
            "approved": self.approved,
            "cut_off": rounded(self.cut_off),
            "adverse_impact_ratio": rounded(self.air),
            "worst_group": self.worst,
            "groups": {name: ratio.to_json() for name, ratio in self.groups},
        }


def cut_off_for(scores: Sequence[float], approvals: int) -> tuple[float, int]:
    """The score from which on the number approved comes nearest to ``approvals``, and that number; ties the higher."""
    ordered = sorted(scores, reverse=True)
    best, above = (ordered[0] + 1, 0), 0
    while above < len(ordered):
        points = ordered[above]
        before = above
        while above < len(ordered) and ordered[above] == points:
            above += 1
        if abs(above - approvals) < abs(best[1] - approvals):
            best = points, above
        if before >= approvals:
            break
    return best


def pareto_front(found: Sequence[Alternative]) -> list[Alternative]:
    """Candidates than which no other is better in AUC or ratio and at least as good in both; best AUC first."""
    rated = [one for one in found if one.air is not None]
    front = [one for one in rated if not any(_dominates(other, one) for other in rated)]
    return sorted(front, key=lambda one: (-one.auc.value, one.name))


def _dominates(one: Alternative, other: Alternative) -> bool:
    mine, theirs = (one.auc.value, one.air or 0.0), (other.auc.value, other.air or 0.0)
    return mine != theirs and mine[0] >= theirs[0] and mine[1] >= theirs[1]


def best_within(found: Sequence[Alternative], auc_loss: float) -> Alternative | None:
    """The candidate with the best ratio among those that lose at most ``auc_loss`` against the best AUC."""
    rated = [one for one in found if one.air is not None]
    if not rated:
        return None
    floor = max(one.auc.value for one in rated) - auc_loss
    near = [one for one in rated if one.auc.value >= floor - 1e-12]
    return max(near, key=lambda one: (one.air or 0.0, one.auc.value, one.name))
