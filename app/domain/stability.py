"""Whether the cases of a month look like those a scorecard was made for: score, PD, and each characteristic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from app.domain.monitoring import banded, points_shift, psi, psi_noise, rounded
from app.domain.scorecard import Scorecard
from app.domain.watching import (
    Base,
    BinCount,
    Light,
    Limits,
    Reading,
    ScoreCount,
    Threshold,
    mean_of,
)


@dataclass(frozen=True, slots=True)
class Band:
    """Cases between two points: ``lower`` inside, ``upper`` not; None at the ends."""

    lower: float | None
    upper: float | None
    expected: int
    actual: int

    def to_json(self) -> dict[str, Any]:
        return {"lower": self.lower, "upper": self.upper, "expected": self.expected, "actual": self.actual}


@dataclass(frozen=True, slots=True)
class ScoreStability:
    """The score of a month against that of the base."""

    month: str | None
    cases: int
    mean_points: float | None
    base_points: float | None
    mean_pd: float | None
    base_pd: float | None
    psi: float | None
    noise: float | None  # what the index reaches by chance
    bands: tuple[Band, ...]
    readings: tuple[Reading, ...]  # psi, score_drift, pd_drift

    def to_json(self) -> dict[str, Any]:
        names = ("mean_points", "base_points", "mean_pd", "base_pd", "psi", "noise")
        return {
            "month": self.month,
            "cases": self.cases,
            **{name: rounded(getattr(self, name)) for name in names},
            "bands": [band.to_json() for band in self.bands],
            "lights": {reading.measure: reading.light.value for reading in self.readings},
        }


@dataclass(frozen=True, slots=True)
class BinShare:
    label: str
    points: int
    expected: int
    actual: int

    def to_json(self) -> dict[str, Any]:
        return {"bin": self.label, "points": self.points, "expected": self.expected, "actual": self.actual}


@dataclass(frozen=True, slots=True)
class CharacteristicStability:
    """One characteristic of a month against the base."""

    name: str
    csi: float | None
    noise: float | None
    points_shift: float  # mean points now less those of the base
    bins: tuple[BinShare, ...]
    reading: Reading

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "csi": rounded(self.csi),
            "noise": rounded(self.noise),
            "points_shift": rounded(self.points_shift),
            "light": self.reading.light.value,
            "note": self.reading.note,
            "bins": [share.to_json() for share in self.bins],
        }


def score_stability(rows: Sequence[ScoreCount], month: str | None, base: Base, limits: Limits) -> ScoreStability:
    """Compare the scores of ``rows`` (one month, or all) with the base, in ten bands of about equal counts there."""
    cases = sum(row.cases for row in rows)
    actual = banded(((row.points, row.cases) for row in rows), base.ends)
    found = _Index.of(base.counts, actual)
    edges = [None, *base.ends, None]
    shown = tuple(map(Band, edges[:-1], edges[1:], base.counts, actual)) if base.counts else ()
    points, pd = mean_of(rows, "points"), mean_of(rows, "pd")
    mean = base.mean_points
    drift = abs(points - mean) / base.spread if points is not None and mean is not None and base.spread else None
    change = abs(pd / base.mean_pd - 1) if pd is not None and base.mean_pd else None
    return ScoreStability(
        month=month,
        cases=cases,
        mean_points=points,
        base_points=mean,
        mean_pd=pd,
        base_pd=base.mean_pd,
        psi=found.value,
        noise=found.noise,
        bands=shown,
        readings=(
            index_reading("psi", "", month, found.value, found.noise, cases, limits),
            _drift_reading("score_drift", month, drift, cases, limits),
            _drift_reading("pd_drift", month, change, cases, limits),
        ),
    )


def characteristic_stability(
    card: Scorecard, rows: Iterable[BinCount], month: str | None, base: Base, limits: Limits
) -> list[CharacteristicStability]:
    """Compare the bins of ``rows`` (one month, or all) with those of the base, characteristic by characteristic."""
    counts = bin_counts(card, rows)
    return [_characteristic(card, at, counts[at], month, base, limits) for at in range(len(card.characteristics))]


def bin_counts(card: Scorecard, rows: Iterable[BinCount]) -> list[list[int]]:
    """Cases by bin of each characteristic."""
    counts = [[0] * len(row.bins) for row in card.characteristics]
    for row in rows:
        counts[row.characteristic][row.bin] += row.cases
    return counts


def _characteristic(
    card: Scorecard, at: int, actual: Sequence[int], month: str | None, base: Base, limits: Limits
) -> CharacteristicStability:
    row = card.characteristics[at]
    expected = base.bins[at]
    found = _Index.of(expected, actual)
    points = [entry.points for entry in row.bins]
    return CharacteristicStability(
        name=row.name,
        csi=found.value,
        noise=found.noise,
        points_shift=points_shift(expected, actual, points),
        bins=tuple(map(BinShare, (entry.label for entry in row.bins), points, expected, actual)),
        reading=index_reading("csi", row.name, month, found.value, found.noise, sum(actual), limits),
    )


@dataclass(frozen=True, slots=True)
class _Index:
    value: float | None
    noise: float | None

    @classmethod
    def of(cls, expected: Sequence[int], actual: Sequence[int]) -> _Index:
        """None where a side has no case."""
        if not sum(expected) or not sum(actual):
            return cls(None, None)
        return cls(psi(expected, actual), psi_noise(expected, actual))


def index_reading(
    measure: str, subject: str, month: str | None, value: float | None, noise: float | None, cases: int, limits: Limits
) -> Reading:
    """The light of a stability index: grey of few cases, and no worse than green within what chance gives."""
    threshold = limits[measure]
    light, note = judged(value, threshold, cases, limits.least_cases)
    if light in (Light.AMBER, Light.RED) and value is not None and value <= (noise if noise is not None else inf):
        light, note = Light.GREEN, f"Within what chance gives in samples of this size ({noise:.3f})."
    return Reading(measure, subject, month, value, light, threshold, cases, note)


def _drift_reading(measure: str, month: str | None, value: float | None, cases: int, limits: Limits) -> Reading:
    threshold = limits[measure]
    light, note = judged(value, threshold, cases, limits.least_cases)
    return Reading(measure, "", month, value, light, threshold, cases, note)


def judged(value: float | None, threshold: Threshold, cases: int, least: int) -> tuple[Light, str]:
    """The light of a figure, grey where there is none or where it rests on too few cases; and why it is grey."""
    if value is None:
        return Light.GREY, "There is nothing to compare with."
    if cases < least:
        return Light.GREY, f"{cases} cases are too few to judge by; {least} are needed."
    return threshold.light(value), ""
