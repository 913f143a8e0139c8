"""The scorecard's JSON document (``docs/scorecard.md``) of a fitted model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from app.domain.fitting import FitOptions, Guard
from app.domain.scorecard import Calibration, plain
from app.domain.scorecard_format import FORMAT
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.calibration import grade_floors
from local_models.modelling.characteristics import Binned, bin_specs
from local_models.modelling.metrics import CONFIDENCE_PCT, RESAMPLES, Interval, Performance

DROPPED_NAMED = 190  # of the 200 entries the format allows
PARTS = ("optbinning", "scikit-learn", "numpy", "pandas")


@dataclass(frozen=True)
class Measured:
    """What was measured on which sample."""

    sample: str  # "hold-out" or "cross-validation"
    performance: Performance
    development: Performance
    points: Codes  # of the cases the grades are checked on
    pd: Floats
    bad: Flags
    split: Mapping[str, Any]
    stability: Mapping[str, float]  # PSI of the score and of each characteristic; empty without a hold-out
    inflation: Mapping[str, float]
    rows: int


@dataclass(frozen=True)
class Written:
    """The parts of a model that stand in the document."""

    rows: Sequence[Binned]
    points: Sequence[Codes]
    line: Calibration
    intercept: float
    mixture: Mapping[str, float]
    cross_validated_auc: float
    dropped: Mapping[str, str]
    offered: Mapping[str, float]  # column -> information value


def document_of(model: Written, options: FitOptions, found: Measured, guards: Sequence[Guard]) -> dict[str, Any]:
    """The whole document; strings, whole numbers, booleans and nulls only."""
    rows = [_characteristic(row, points, options) for row, points in zip(model.rows, model.points, strict=True)]
    grades = _grades(model, rows, found)
    return {
        "format": FORMAT,
        "name": options.name,
        "version": options.version,
        "title": {"en": options.name, "zh": options.name},
        "author": options.author,
        "target": {
            "good": f"{options.target} is not {options.bad_value}",
            "bad": f"{options.target} is {options.bad_value}",
            "source": options.target,
        },
        "scaling": {
            "base_points": options.base_points,
            "base_odds_good_bad": plain(options.base_odds),
            "pdo": plain(options.pdo),
        },
        "intercept": text(model.intercept, 6),
        "characteristics": rows,
        "calibration": {"intercept": str(model.line.intercept), "slope": str(model.line.slope)},
        "grades": grades,
        "excluded": _excluded(options, guards, model.dropped),
        "proxies": _proxies(guards),
        "approved_by": None,
        "approved_at": None,
        "valid_from": None,
        "fit": _fit(model, options, found, guards, grades),
    }


def text(value: float, places: int) -> str:
    """Decimal text of at most so many places, without trailing zeros."""
    number = format(round(Decimal(repr(float(value))), places), "f")
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "0" if number in {"-0", ""} else number


def _characteristic(row: Binned, points: Codes, options: FitOptions) -> dict[str, Any]:
    neutral = average_points(row, points)
    return {
        "name": row.name,
        "kind": row.cells.kind.value,
        "reason_code": options.reason_codes.get(row.name, row.name),
        "coefficient": text(row.slope, 6),
        "information_value": text(row.information_value, 6),
        "neutral_points": neutral,
        "bins": [_bin(spec, place, row, points, neutral) for spec, place in bin_specs(row)],
    }


def average_points(row: Binned, points: Codes) -> int:
    """Points of the average case, within what the bins give."""
    mean = round(float((points * row.rows).sum()) / max(int(row.rows.sum()), 1))
    return int(np.clip(mean, points[row.rows > 0].min(), points[row.rows > 0].max()))


def _bin(spec: dict[str, Any], place: int | None, row: Binned, points: Codes, neutral: int) -> dict[str, Any]:
    if place is None:
        return spec | {"points": neutral, "woe": "0", "good": 0, "bad": 0}
    return spec | {
        "points": int(points[place]),
        "woe": text(float(row.woe[place]), 6),
        "good": int(row.good[place]),
        "bad": int(row.bad[place]),
    }


def _grades(model: Written, rows: Sequence[Mapping[str, Any]], found: Measured) -> list[dict[str, Any]]:
    ends = [[entry["points"] for entry in row["bins"]] for row in rows]
    reach = range(sum(min(row) for row in ends), sum(max(row) for row in ends) + 1)
    rate = found.development.bad / (found.development.bad + found.development.good)
    return [{"name": name, "minimum_points": floor} for name, floor in grade_floors(model.line, rate, reach)]


def _excluded(options: FitOptions, guards: Sequence[Guard], dropped: Mapping[str, str]) -> list[dict[str, str]]:
    """By hand, by the guards, by the fit; each column once, the first reason."""
    found = {name: options.why_excluded.get(name, "Excluded by hand.") for name in options.exclude}
    for guard in guards:
        if guard.excluded and guard.column is not None:
            found.setdefault(guard.column, guard.why)
    for name, why in dropped.items():
        found.setdefault(name, why)
    rows = [{"name": name, "why": why} for name, why in found.items()]
    if len(rows) <= DROPPED_NAMED:
        return rows
    rest = f"{len(rows) - DROPPED_NAMED} more columns that the fit left out."
    return [*rows[:DROPPED_NAMED], {"name": "(others)", "why": rest}]


def _proxies(guards: Sequence[Guard]) -> list[dict[str, str]]:
    """Columns that are or stand in for a prohibited basis, and why one was kept."""
    rows = []
    for guard in guards:
        if guard.code.startswith("prohibited.") and guard.column is not None:
            kept = f" Kept: {guard.reason}" if guard.reason else " Left out."
            rows.append({"name": guard.column, "why": guard.why + kept})
    return rows[:200]


def _fit(
    model: Written, options: FitOptions, found: Measured, guards: Sequence[Guard], grades: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    chosen = {row.name for row in model.rows}
    return {
        "data": {"file": "-", "sha256": "0" * 64, **options.data, "rows": found.rows},
        "split": dict(found.split),
        "performance": performance(found.performance, found.sample, options.seed),
        "development": performance(found.development, "development", options.seed),
        "method": {
            "mixture": {way: text(share, 2) for way, share in model.mixture.items()},
            "cross_validated_auc": text(model.cross_validated_auc, 4),
        },
        "guards": [{key: value for key, value in guard.to_json().items() if value is not None} for guard in guards],
        "stability": {name: text(value, 4) for name, value in found.stability.items()},
        "grades": _grade_check(grades, found),
        "distribution": {"holdout" if found.sample == "hold-out" else "development": _distribution(found)},
        "candidates": [
            {"name": name, "information_value": text(value, 4), "chosen": name in chosen}
            | ({"inflation": text(found.inflation[name], 2)} if name in chosen else {})
            for name, value in model.offered.items()
        ],
        "software": [f"{part} {_version(part)}" for part in PARTS],
    }


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return "none"


def _grade_check(grades: Sequence[Mapping[str, Any]], found: Measured) -> list[dict[str, Any]]:
    """Cases, bads and expected bads of each grade."""
    rows, rest = [], np.ones(len(found.points), dtype=bool)
    for grade in grades:
        floor = grade["minimum_points"]
        inside = rest & (found.points >= floor) if floor is not None else rest
        expected = text(float(found.pd[inside].sum()), 1)
        bads = int(found.bad[inside].sum())
        rows.append({"name": grade["name"], "cases": int(inside.sum()), "bad": bads, "expected_bad": expected})
        rest = rest & ~inside
    return rows


def _distribution(found: Measured) -> list[dict[str, int]]:
    """Goods and bads by points, ascending."""
    ends, places = np.unique(found.points, return_inverse=True)
    good, bad = (np.bincount(places[found.bad == label], minlength=len(ends)) for label in (False, True))
    rows = zip(ends, good, bad, strict=True)
    return [{"points": int(at), "good": int(goods), "bad": int(bads)} for at, goods, bads in rows]


def performance(figures: Performance, sample: str, seed: int) -> dict[str, Any]:
    """Figures of a sample as the document holds them."""
    rows = {"auc": figures.auc, "gini": figures.gini, "ks": figures.ks}
    rows |= {"brier": figures.brier} if figures.brier is not None else {}
    return {
        "sample": sample,
        "good": figures.good,
        "bad": figures.bad,
        **{name: _interval(interval) for name, interval in rows.items()},
        "confidence_pct": CONFIDENCE_PCT,
        "resamples": RESAMPLES,
        "seed": seed,
    }


def _interval(found: Interval) -> dict[str, str]:
    return {"value": text(found.value, 6), "low": text(found.low, 6), "high": text(found.high, 6)}
