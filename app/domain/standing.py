"""Where an applicant's points stand among those of other cases that the same scorecard scored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST_APPROVED = 30
"""Fewer approved cases say nothing; all scored ones are taken then."""


@dataclass(frozen=True, slots=True)
class PointsCount:
    """How many cases have these points."""

    points: int
    scored: int
    approved: int  # of them, by the decision that stands


@dataclass(frozen=True, slots=True)
class Standing:
    """One applicant among the approved cases, or among all scored ones where too few are approved."""

    points: int
    among_approved: bool
    approved: int  # cases approved, whether they are the ones compared with or not
    counts: tuple[tuple[int, int], ...]  # points and cases, ascending

    @property
    def total(self) -> int:
        return sum(cases for _, cases in self.counts)

    @property
    def below(self) -> float | None:
        """Share of the cases with fewer points, of one; those with the same points count half. None without cases."""
        if not self.total:
            return None
        fewer = sum(cases for points, cases in self.counts if points < self.points)
        same = sum(cases for points, cases in self.counts if points == self.points)
        return (fewer + same / 2) / self.total

    def bars(self, low: int, high: int, most: int) -> list[int]:
        """Cases in at most ``most`` equal stretches from ``low`` to ``high``; those outside are in the end ones."""
        width = max(1, -(-(high - low + 1) // most))
        bars = [0] * (-(-(high - low + 1) // width))
        for points, cases in self.counts:
            bars[min(len(bars) - 1, max(0, (points - low) // width))] += cases
        return bars


def standing(points: int, counts: Iterable[PointsCount]) -> Standing:
    """Set ``points`` among the approved cases if there are ``LEAST_APPROVED`` of them, else among all."""
    held = sorted(counts, key=lambda each: each.points)
    approved = sum(each.approved for each in held)
    among_approved = approved >= LEAST_APPROVED
    pairs = ((each.points, each.approved if among_approved else each.scored) for each in held)
    return Standing(points, among_approved, approved, tuple(pair for pair in pairs if pair[1]))
