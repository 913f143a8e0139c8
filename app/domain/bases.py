"""What the monitoring compares with: the sample a scorecard was made on, or a month that was scored by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from app.domain.monitoring import PointCount, auc, banded, bands, histogram, ks_estimate
from app.domain.scorecard import Scorecard
from app.domain.watching import Base, ScoreCount, cases_by_points, known_outcomes, mean_of

SAMPLES = ("development", "holdout")


def distribution(card: Scorecard, sample: str) -> list[PointCount]:
    """Goods and bads by points of a sample, as the scorecard's file tells; empty where it does not."""
    fit: Mapping[str, Any] = card.document.get("fit", {})
    rows = (fit.get("distribution") or {}).get(sample, [])
    return histogram((row["points"], row["good"], row["bad"]) for row in rows)


def development_base(card: Scorecard) -> Base:
    """The development sample, by the counts of the scorecard's file.

    The scores are those of the development sample, else of the hold-out, else its grades, as the file tells them; the
    ranking is that of the sample the performance was measured on.
    """
    told = next((found for sample in SAMPLES if (found := distribution(card, sample))), [])
    counts = [(row.points, row.good + row.bad) for row in told]
    ends = tuple(bands(counts)) if counts else _grade_ends(card)
    shares = tuple(banded(counts, ends)) if counts else _grade_counts(card)
    mean, spread = _moments(counts)
    first = card.characteristics[0].bins
    known = sum(entry.good + entry.bad for entry in first)
    figures = card.performance
    return Base(
        kind="development",
        month=None,
        ends=ends if shares else (),
        counts=shares,
        mean_points=mean,
        spread=spread,
        bins=tuple(tuple(entry.good + entry.bad for entry in row.bins) for row in card.characteristics),
        mean_pd=sum(entry.bad for entry in first) / known if known else None,
        performance={"auc": float(figures.auc.value), "ks": float(figures.ks.value)},
    )


def month_base(month: str, rows: Sequence[ScoreCount], bins: Sequence[Sequence[int]]) -> Base:
    """A month of receipt; ``bins`` are its cases by bin of each characteristic."""
    counts = cases_by_points(rows)
    ends = bands(counts)
    mean, spread = _moments(counts)
    outcomes = known_outcomes(rows)
    both = any(row.good for row in outcomes) and any(row.bad for row in outcomes)
    return Base(
        kind="month",
        month=month,
        ends=tuple(ends),
        counts=tuple(banded(counts, ends)),
        mean_points=mean,
        spread=spread,
        bins=tuple(map(tuple, bins)),
        mean_pd=mean_of(rows, "pd"),
        performance={"auc": auc(outcomes), "ks": ks_estimate(outcomes).value} if both else {},
    )


def _grade_ends(card: Scorecard) -> tuple[float, ...]:
    return tuple(sorted(grade.minimum_points for grade in card.grades if grade.minimum_points is not None))


def _grade_counts(card: Scorecard) -> tuple[int, ...]:
    """Cases of the hold-out by grade, worst first; empty where the file does not tell them of every grade."""
    told = {row.get("name"): row.get("cases") for row in card.document.get("fit", {}).get("grades") or []}
    counts = [told.get(grade.name) for grade in reversed(card.grades)]
    whole = [count for count in counts if isinstance(count, int) and not isinstance(count, bool) and count >= 0]
    return tuple(whole) if len(whole) == len(counts) else ()


def _moments(counts: Sequence[tuple[float, int]]) -> tuple[float | None, float]:
    """Mean and standard deviation of the points."""
    total = sum(count for _, count in counts)
    if not total:
        return None, 0.0
    mean = sum(points * count for points, count in counts) / total
    return mean, sqrt(sum(count * (points - mean) ** 2 for points, count in counts) / total)
