"""What the charts of a scorecard show, worked out from the counts by points that its document holds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from app.domain.monitoring import Estimate, Histogram, PointCount, bands, wilson
from app.domain.scorecard import Scorecard

BANDS = 10  # of the calibration curve


@dataclass(frozen=True, slots=True)
class RocPoint:
    """At one cut-off: the share of goods and of bads that lie below it."""

    points: float  # cases below these points are declined
    goods: float
    bads: float


@dataclass(frozen=True, slots=True)
class CutOff:
    """What a cut-off would do to the sample: those with at least so many points are approved."""

    points: int
    approved: int
    approval_rate: float
    bad_rate: Estimate | None  # among the approved; None when there are none
    bads_declined: float  # share of all bads
    goods_declined: float


@dataclass(frozen=True, slots=True)
class Band:
    """Cases of neighbouring points: the PD the scorecard gives them and the share that went bad."""

    cases: int
    expected: float
    observed: Estimate


def samples_of(document: Mapping[str, Any]) -> dict[str, Histogram]:
    """Counts by points of the samples the document tells of (``holdout`` first); empty where it tells nothing."""
    found = document["fit"].get("distribution") or {}
    counted = {
        name: [PointCount(row["points"], row["good"], row["bad"]) for row in found[name]]
        for name in ("holdout", "development")
        if found.get(name)
    }
    return {name: rows for name, rows in counted.items() if _both(rows)}


def _both(counts: Histogram) -> bool:
    return any(row.good for row in counts) and any(row.bad for row in counts)


def roc(counts: Histogram) -> list[RocPoint]:
    """The curve from nobody declined to everybody declined."""
    goods, bads = sum(row.good for row in counts), sum(row.bad for row in counts)
    found, good, bad = [RocPoint(counts[0].points, 0.0, 0.0)], 0, 0
    for row in counts:
        good += row.good
        bad += row.bad
        found.append(RocPoint(row.points + 1, good / goods, bad / bads))
    return found


def widest(curve: Sequence[RocPoint]) -> RocPoint:
    """Where the distributions of goods and bads lie furthest apart (KS)."""
    return max(curve, key=lambda point: point.bads - point.goods)


def cut_off(counts: Histogram, points: int) -> CutOff:
    """Approve every case with at least so many points."""
    goods, bads = sum(row.good for row in counts), sum(row.bad for row in counts)
    kept = counts[bisect_left([row.points for row in counts], points) :]
    good, bad = sum(row.good for row in kept), sum(row.bad for row in kept)
    return CutOff(
        points=points,
        approved=good + bad,
        approval_rate=(good + bad) / (goods + bads),
        bad_rate=wilson(bad, good + bad) if good + bad else None,
        bads_declined=1 - bad / bads,
        goods_declined=1 - good / goods,
    )


def calibration_bands(counts: Histogram, card: Scorecard, number: int = BANDS) -> list[Band]:
    """Bands of about equal counts by rising PD, each with what was expected and what came."""
    ends = bands([(row.points, row.good + row.bad) for row in counts], number)
    groups: list[list[PointCount]] = [[] for _ in range(len(ends) + 1)]
    for row in counts:
        groups[sum(1 for end in ends if row.points >= end)].append(row)
    found = []
    for group in groups:
        cases = sum(row.good + row.bad for row in group)
        if cases:
            expected = sum((row.good + row.bad) * _pd(card, row.points) for row in group)
            found.append(Band(cases, expected / cases, wilson(sum(row.bad for row in group), cases)))
    return list(reversed(found))


def _pd(card: Scorecard, points: float) -> float:
    """The calibration's PD, precise enough to be drawn."""
    odds = float(card.calibration.intercept) + float(card.calibration.slope) * points
    return 1 / (1 + exp(min(700.0, odds)))


def columns(counts: Histogram, most: int = 48) -> list[PointCount]:
    """The counts gathered into at most so many columns of equal width, a readable number of points wide."""
    low, high = counts[0].points, counts[-1].points
    width = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if (high - low) / step < most)
    found: dict[float, tuple[int, int]] = {}
    for row in counts:
        at = row.points // width * width
        good, bad = found.get(at, (0, 0))
        found[at] = (good + row.good, bad + row.bad)
    every = range(int(low // width * width), int(high // width * width) + width, width)
    return [PointCount(at, *found.get(at, (0, 0))) for at in every]
