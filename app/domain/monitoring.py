"""Measures of a scorecard in use, from counts by points: stability, ranking, calibration, vintages.

Everything is worked out from counts, so a million cases cost as much as their distinct points. Points are higher for
better cases. Intervals are of ``CONFIDENCE_PCT`` and analytic: the same counts give the same figures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

CONFIDENCE_PCT = 95
PSI_FLOOR = 1e-4  # share taken for an empty bin, so that the index stays finite
PLACES = 6  # of figures in JSON


class PointCount(NamedTuple):
    """Cases of known outcome that have the same points."""

    points: float
    good: int
    bad: int


Histogram = Sequence[PointCount]
"""Distinct points, ascending."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the interval of ``CONFIDENCE_PCT`` around it."""

    value: float
    low: float
    high: float

    @classmethod
    def around(cls, value: float, error: float, least: float, most: float) -> Estimate:
        """The normal interval, cut off at the ends of what is possible."""
        reach = critical_z() * error
        return cls(value, max(least, value - reach), min(most, value + reach))

    def to_json(self) -> dict[str, Any]:
        return {name: rounded(getattr(self, name)) for name in ("value", "low", "high")}


def rounded(value: float | None) -> float | None:
    """A figure as it stands in JSON."""
    return None if value is None else round(value, PLACES) + 0.0  # minus zero is zero


def critical_z(confidence_pct: int = CONFIDENCE_PCT) -> float:
    return NormalDist().inv_cdf(0.5 + confidence_pct / 200)


def histogram(rows: Iterable[tuple[float, int, int]]) -> list[PointCount]:
    """Counts of good and bad by points, those of the same points added up, points without a case left out."""
    found: dict[float, tuple[int, int]] = {}
    for points, good, bad in rows:
        before = found.get(points, (0, 0))
        found[points] = (before[0] + good, before[1] + bad)
    return [PointCount(points, *found[points]) for points in sorted(found) if sum(found[points])]


# Stability


def psi(expected: Sequence[int], actual: Sequence[int]) -> float:
    """Population stability index of two rows of counts over the same bins; symmetric, zero for the same shares.

    A bin empty on one side counts as ``PSI_FLOOR`` there, one empty on both sides counts nothing.
    """
    before, now = shares(expected), shares(actual)
    return sum((b - a) * log(b / a) for a, b in zip(before, now, strict=True))


def shares(counts: Sequence[int]) -> list[float]:
    """Shares of the bins, none below ``PSI_FLOOR``."""
    total = sum(counts)
    return [max(count / total if total else 0.0, PSI_FLOOR) for count in counts]


def psi_noise(expected: Sequence[int], actual: Sequence[int]) -> float:
    """What the index reaches by chance in one of twenty samples of these sizes from one and the same population.

    (1/n + 1/m) times the 95 % point of chi-squared with one degree less than there are bins in use (Yurdakul,
    Statistical Properties of Population Stability Index, 2018); infinite where a side is empty.
    """
    sizes = sum(expected), sum(actual)
    used = sum(1 for pair in zip(expected, actual, strict=True) if any(pair))
    if not all(sizes):
        return float("inf")
    return (1 / sizes[0] + 1 / sizes[1]) * chi_squared_point(used - 1) if used > 1 else 0.0


def chi_squared_point(degrees: int, share: float = 0.95) -> float:
    """The value that ``share`` of a chi-squared distribution lies below, after Wilson and Hilferty (1931)."""
    part = 2 / (9 * degrees)
    return float(degrees * (1 - part + NormalDist().inv_cdf(share) * sqrt(part)) ** 3)


def points_shift(expected: Sequence[int], actual: Sequence[int], points: Sequence[int]) -> float:
    """Mean points of the actual cases less those of the expected ones; zero where a side is empty."""
    if not sum(expected) or not sum(actual):
        return 0.0
    means = [sum(n * p for n, p in zip(counts, points, strict=True)) / sum(counts) for counts in (expected, actual)]
    return means[1] - means[0]


def bands(counts: Iterable[tuple[float, int]], number: int = 10) -> list[float]:
    """Lower ends of at most ``number`` bands of about equal counts of distinct points, from the second band on."""
    ordered = sorted((points, count) for points, count in counts if count)
    enough = sum(count for _, count in ordered) / number
    ends: list[float] = []
    inside = 0
    for points, count in ordered:
        if inside and inside >= enough:
            ends.append(points)
            inside = 0
        inside += count
    return ends


def banded(counts: Iterable[tuple[float, int]], ends: Sequence[float]) -> list[int]:
    """Counts by band; ``ends`` are the lower ends of every band but the first."""
    found = [0] * (len(ends) + 1)
    for points, count in counts:
        found[bisect_right(ends, points)] += count
    return found


# Ranking


def auc(counts: Histogram) -> float:
    """Chance that a good case has more points than a bad one, ties counting half. Needs a good and a bad case."""
    return sum(count * placed for count, placed in _placed_goods(counts)) / sum(row.good for row in counts)


def auc_error(counts: Histogram) -> float:
    """Standard error of the AUC after DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988)."""
    goods, bads = _placed_goods(counts), _placed_bads(counts)
    if min(sum(count for count, _ in side) for side in (goods, bads)) < 2:
        return 0.5
    return sqrt(_variance_of_mean(goods) + _variance_of_mean(bads))


def auc_estimate(counts: Histogram) -> Estimate:
    """AUC with its DeLong interval."""
    return Estimate.around(auc(counts), auc_error(counts), 0.0, 1.0)


def gini_estimate(counts: Histogram) -> Estimate:
    """2 AUC - 1 with the interval that follows from it."""
    area = auc_estimate(counts)
    return Estimate(2 * area.value - 1, 2 * area.low - 1, 2 * area.high - 1)


def ks_estimate(counts: Histogram) -> Estimate:
    """Greatest distance between the distributions of bads and goods, with its large-sample interval.

    The points at which it is greatest are taken as given, so it is the difference of two shares (Raghavachari,
    Annals of Statistics 1, 1973). Only bads lying lower counts. Needs a good and a bad case.
    """
    goods, bads = (sum(row[column] for row in counts) for column in (1, 2))
    best, error, good_below, bad_below = 0.0, 0.0, 0, 0
    for row in counts:
        good_below += row.good
        bad_below += row.bad
        of_goods, of_bads = good_below / goods, bad_below / bads
        if of_bads - of_goods > best:
            best = of_bads - of_goods
            error = sqrt(of_goods * (1 - of_goods) / goods + of_bads * (1 - of_bads) / bads)
    return Estimate.around(best, error, 0.0, 1.0)


def _placed_goods(counts: Histogram) -> list[tuple[int, float]]:
    """For the goods of each points the share of bads below, ties counting half: (goods, share)."""
    bads, below, found = sum(row.bad for row in counts), 0, []
    for row in counts:
        found.append((row.good, (below + row.bad / 2) / bads))
        below += row.bad
    return found


def _placed_bads(counts: Histogram) -> list[tuple[int, float]]:
    """For the bads of each points the share of goods above, ties counting half."""
    goods, above, found = sum(row.good for row in counts), 0, []
    for row in reversed(counts):
        found.append((row.bad, (above + row.good / 2) / goods))
        above += row.good
    return found


def _variance_of_mean(weighted: Sequence[tuple[int, float]]) -> float:
    count = sum(weight for weight, _ in weighted)
    mean = sum(weight * value for weight, value in weighted) / count
    return sum(weight * (value - mean) ** 2 for weight, value in weighted) / (count - 1) / count


# Shares and calibration


def wilson(hits: int, count: int) -> Estimate:
    """A share with its score interval (Wilson, 1927). Needs at least one case."""
    z, share = critical_z(), hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return Estimate(share, min(low, share), max(high, share))


def calibration_z(bad: int, expected: float, variance: float) -> float:
    """How far the bads lie from those expected, in standard deviations; ``variance`` is the sum of PD (1 - PD)."""
    return (bad - expected) / sqrt(variance) if variance > 0 else 0.0


def brier(rows: Iterable[tuple[float, int, int]]) -> float:
    """Mean squared distance of the PD from the outcome, of (PD, good, bad)."""
    squares, count = 0.0, 0
    for pd, good, bad in rows:
        squares += good * pd * pd + bad * (1 - pd) ** 2
        count += good + bad
    return squares / count


# Vintages


class Follow(NamedTuple):
    """Cases of one vintage followed for the same time: until they went bad, or good when last seen."""

    months: int  # on book, from 0
    bad: bool
    cases: int


@dataclass(frozen=True, slots=True)
class VintagePoint:
    """Share of a vintage gone bad within so many months on book."""

    months: int
    at_risk: int  # followed that long and not bad before
    bad: int  # gone bad in that month
    share: Estimate  # bad until then

    def to_json(self) -> dict[str, Any]:
        return {"months": self.months, "at_risk": self.at_risk, "bad": self.bad, "share": self.share.to_json()}


def vintage_curve(rows: Iterable[Follow]) -> list[VintagePoint]:
    """Share gone bad by months on book, those followed for a shorter time counted as long as they were (Kaplan and
    Meier, 1958; interval after Greenwood); a point for each month in which something is known."""
    ended: dict[int, tuple[int, int]] = {}
    for months, bad, cases in rows:
        before = ended.get(months, (0, 0))
        ended[months] = (before[0] + cases, before[1] + (cases if bad else 0))
    at_risk = sum(cases for cases, _ in ended.values())
    standing, spread, curve = 1.0, 0.0, []
    for months in sorted(ended):
        leaving, gone = ended[months]
        standing *= 1 - gone / at_risk
        spread += gone / (at_risk * (at_risk - gone)) if at_risk > gone else 0.0
        curve.append(
            VintagePoint(months, at_risk, gone, Estimate.around(1 - standing, standing * sqrt(spread), 0.0, 1.0))
        )
        at_risk -= leaving
    return curve
