"""Fitting a scorecard: bins, regression on weight of evidence, points, grades, and how well it ranks.

Needs the extra ``modelling`` (optbinning). Nothing here knows a data set; see ``fit_credit_data.py`` for one.
WoE is ln of (share of goods / share of bads), and the regression is of ln(good:bad), so every coefficient is positive.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from itertools import pairwise
from math import log
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.domain.facts import FactDefinition, Kind, Stance
from app.domain.scorecard import Calibration, Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MIN_BIN_SHARE, MIN_MISSING, MAX_P = 0.05, 50, 0.05
RESAMPLES, CONFIDENCE_PCT = 2000, 95


@dataclass(frozen=True)
class Sample:
    """The applications as facts, and whether each turned out bad."""

    rows: list[dict[str, Any]]
    bad: Flags

    def part(self, chosen: Flags) -> Sample:
        return Sample([row for row, take in zip(self.rows, chosen, strict=True) if take], self.bad[chosen])


@dataclass(frozen=True)
class Group:
    """The values of one bin, before it has points."""

    spec: dict[str, Any]  # as it will stand in the file: from and to, categories, missing, unseen
    good: int
    bad: int
    woe: float


def grouped(
    sample: Sample, definition: FactDefinition, *, step: str = "1", judged: Mapping[str, str] | None = None
) -> list[Group]:
    """The bins of one fact on the development sample; missing has its own.

    The catalogue's direction keeps the bins monotone. Cut points are rounded to ``step``. ``judged`` puts categories
    the sample lacks beside one it has.
    """
    values = [row[definition.name] for row in sample.rows]
    if definition.kind is Kind.BOOLEAN:
        return boolean_groups(values, sample.bad)
    if definition.kind is Kind.CATEGORY:
        return category_groups(values, sample.bad, definition.categories, judged or {})
    return numeric_groups(values, sample.bad, definition.more_is, Decimal(step))


def numeric_groups(values: Sequence[Any], bad: Flags, more_is: Stance, step: Decimal) -> list[Group]:
    known = np.array([value is not None for value in values])
    numbers = np.array([float(value) for value in values if value is not None])
    trend = {Stance.FAVOURABLE: "descending", Stance.ADVERSE: "ascending"}.get(more_is, "auto_asc_desc")
    cuts = rounded(optimal_cuts(numbers, bad[known], trend), step, float(numbers.min()))
    while True:
        groups = interval_groups(cuts, values, bad)
        broken = first_break([group.woe for group in groups], trend)
        if broken is None:
            return [*groups, group_of({"missing": True}, [value is None for value in values], bad)]
        del cuts[broken]


def optimal_cuts(numbers: Floats, bad: Flags, trend: str) -> list[float]:
    """Cut points of the greatest information value under a monotone bad rate (optbinning, constraint programming)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of optbinning's own dependencies
        binning = import_module("optbinning").OptimalBinning(
            solver="cp", monotonic_trend=trend, min_bin_size=MIN_BIN_SHARE, max_n_bins=8, max_pvalue=0.2
        )
        binning.fit(numbers, bad.astype(int))
    return [float(cut) for cut in binning.splits]


def rounded(cuts: Sequence[float], step: Decimal, smallest: float) -> list[Decimal]:
    """Cut points a person can read: multiples of ``step``, each once, above the smallest value."""
    steps = {int((Decimal(repr(cut)) / step).to_integral_value()) for cut in cuts}
    return [step * count for count in sorted(steps) if step * count > Decimal(repr(smallest))]


def interval_groups(cuts: Sequence[Decimal], values: Sequence[Any], bad: Flags) -> list[Group]:
    ends = [None, *cuts, None]
    groups = []
    for lower, upper in pairwise(ends):
        inside = [
            value is not None and (lower is None or value >= lower) and (upper is None or value < upper)
            for value in values
        ]
        groups.append(group_of({"from": lower and plain(lower), "to": upper and plain(upper)}, inside, bad))
    return groups


def first_break(woes: Sequence[float], trend: str) -> int | None:
    """Position of the first cut at which the WoE turns against the trend; None when it never does."""
    falling = trend == "ascending" or (trend == "auto_asc_desc" and woes[0] > woes[-1])
    steps = [(b < a) if falling else (b > a) for a, b in pairwise(woes)]
    return next((position for position, good in enumerate(steps) if not good), None)


def boolean_groups(values: Sequence[Any], bad: Flags) -> list[Group]:
    groups = [
        group_of({"categories": [name]}, [value is wanted for value in values], bad)
        for name, wanted in (("true", True), ("false", False))
    ]
    return [*groups, group_of({"missing": True}, [value is None for value in values], bad)]


def category_groups(
    values: Sequence[Any], bad: Flags, categories: Sequence[str], judged: Mapping[str, str]
) -> list[Group]:
    """A bin a category; one under the least share goes in with the one nearest to it in bad rate."""
    present = [category for category in categories if category in set(values)]
    small = {category for category in present if values.count(category) < MIN_BIN_SHARE * len(values)}
    joined = {category: [category] for category in present if category not in small}
    for category in sorted(small):
        joined[nearest(category, list(joined), values, bad)].append(category)
    for category, beside in judged.items():
        next(members for members in joined.values() if beside in members).append(category)
    groups = [
        group_of({"categories": members}, [value in members for value in values], bad) for members in joined.values()
    ]
    return [*groups, group_of({"missing": True, "unseen": True}, [value is None for value in values], bad)]


def nearest(category: str, others: Sequence[str], values: Sequence[Any], bad: Flags) -> str:
    """The category whose bad rate is closest."""

    def rate(name: str) -> float:
        return float(bad[np.array([value == name for value in values])].mean())

    return min(others, key=lambda other: abs(rate(other) - rate(category)))


def group_of(spec: dict[str, Any], inside: Sequence[bool], bad: Flags) -> Group:
    """Count the bin; with too few cases to tell (in practice only missing) its WoE is zero, the average."""
    chosen = np.array(inside, dtype=bool)
    lost, kept = int(bad[chosen].sum()), int((~bad[chosen]).sum())
    few = kept + lost < MIN_MISSING or not kept or not lost
    woe = 0.0 if few else log((kept / (~bad).sum()) / (lost / bad.sum()))
    return Group(spec, kept, lost, round(woe, 6))


def information_value(groups: Sequence[Group]) -> float:
    good, bad = sum(group.good for group in groups), sum(group.bad for group in groups)
    return sum((group.good / good - group.bad / bad) * group.woe for group in groups)


def place_of(groups: Sequence[Group], value: Any) -> int:
    """Position of the value's group."""
    for position, group in enumerate(groups):
        spec = group.spec
        if value is None:
            if spec.get("missing"):
                return position
        elif "categories" in spec:
            if (str(value).lower() if isinstance(value, bool) else value) in spec["categories"]:
                return position
        elif "from" in spec:
            above = spec["from"] is None or value >= Decimal(spec["from"])
            if above and (spec["to"] is None or value < Decimal(spec["to"])):
                return position
    return len(groups) - 1


def woe_matrix(names: Sequence[str], groups: Mapping[str, list[Group]], sample: Sample) -> Floats:
    """WoE of each case, shape (n_cases, 1 + n_names), the first column being one."""
    columns = [[groups[name][place_of(groups[name], row[name])].woe for row in sample.rows] for name in names]
    return np.column_stack([np.ones(len(sample.rows)), *columns])


def logistic(x: Floats, good: Flags) -> tuple[Floats, Floats]:
    """Coefficients of ln(good:bad) and their standard errors, by Newton's method to the last digits."""
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-x @ beta))
        information = (x * (chance * (1 - chance))[:, None]).T @ x
        step = np.linalg.solve(information, x.T @ (good - chance))
        beta = beta + step
        if float(np.abs(step).max()) < 1e-12:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def selected(
    names: list[str], groups: Mapping[str, list[Group]], sample: Sample
) -> tuple[list[str], Floats, dict[str, str]]:
    """Drop the worst fact until every coefficient is above zero and significant (Wald)."""
    dropped = {name: "One bin only: it does not separate good from bad." for name in names if len(groups[name]) < 3}
    left = [name for name in names if name not in dropped]
    while True:
        beta, errors = logistic(woe_matrix(left, groups, sample), ~sample.bad)
        z = beta[1:] / errors[1:]
        worst = int(np.argmin(z))
        if z[worst] > critical_z():
            return left, np.round(beta, 6), dropped
        sign = "its sign turns" if beta[1 + worst] <= 0 else f"it is not significant (z {z[worst]:.2f})"
        dropped[left.pop(worst)] = f"Offered and dropped by the regression: beside the others {sign}."


def critical_z() -> float:
    return NormalDist().inv_cdf(1 - MAX_P / 2)


def measured(
    development: Sample, holdout: Sample, groups: Mapping[str, list[Group]]
) -> Callable[[Sequence[str]], float]:
    """Hold-out AUC of a regression on any choice of the facts in ``groups``, before rounding to points."""

    def auc(names: Sequence[str]) -> float:
        beta, _ = logistic(woe_matrix(names, groups, development), ~development.bad)
        points = woe_matrix(names, groups, holdout) @ beta
        return ranking(points[~holdout.bad], points[holdout.bad])[0]

    return auc


def candidates(groups: Mapping[str, list[Group]], chosen: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "information_value": text(information_value(entry), 4), "chosen": name in chosen}
        for name, entry in groups.items()
    ]


def average(bins: Sequence[Mapping[str, Any]]) -> int:
    """Points of the average case of the development sample."""
    cases: int = sum(entry["good"] + entry["bad"] for entry in bins)
    points: int = sum(entry["points"] * (entry["good"] + entry["bad"]) for entry in bins)
    return round(points / cases)


def grades(calibration: Mapping[str, str], card: Scorecard, limits: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Grades by calibrated PD: the least points whose PD is not above each limit."""
    line = Calibration(Decimal(calibration["intercept"]), Decimal(calibration["slope"]))
    rows: list[dict[str, Any]] = []
    for name, limit in limits:
        enough = [
            points
            for points in range(card.minimum_points, card.maximum_points + 1)
            if line.pd(points) <= Decimal(limit)
        ]
        if enough:
            rows.append({"name": name, "minimum_points": enough[0]})
    return [*rows, {"name": "E", "minimum_points": None}]


def performance(sample: str, points: Floats, bad: Flags, seed: int) -> dict[str, Any]:
    """AUC, Gini and KS with percentile bootstrap intervals, resampled within each class."""
    goods, bads = points[~bad], points[bad]
    draws = np.random.Generator(np.random.PCG64(seed))
    found = np.array(
        [ranking(draws.choice(goods, len(goods)), draws.choice(bads, len(bads))) for _ in range(RESAMPLES)]
    )
    auc, ks = ranking(goods, bads)
    tail = (100 - CONFIDENCE_PCT) / 2
    low, high = np.percentile(found, [tail, 100 - tail], axis=0)
    return {
        "sample": sample,
        **counts(bad),
        "auc": figure(auc, low[0], high[0]),
        "gini": figure(2 * auc - 1, 2 * low[0] - 1, 2 * high[0] - 1),
        "ks": figure(ks, low[1], high[1]),
        "confidence_pct": CONFIDENCE_PCT,
        "resamples": RESAMPLES,
        "seed": seed,
    }


def ranking(goods: Floats, bads: Floats) -> tuple[float, float]:
    """AUC (ties count half) and KS of points that should be higher for goods."""
    ends = np.unique(np.concatenate([goods, bads]))
    good_below = np.searchsorted(np.sort(goods), ends, side="right") / len(goods)
    bad_below = np.searchsorted(np.sort(bads), ends, side="right") / len(bads)
    auc = np.trapezoid(np.concatenate([[0], bad_below]), np.concatenate([[0], good_below]))
    return float(auc), float(np.abs(bad_below - good_below).max())


def figure(value: float, low: float, high: float) -> dict[str, str]:
    return {"value": text(value, 4), "low": text(low, 4), "high": text(high, 4)}


def grade_check(card: Scorecard, points: Floats, bad: Flags) -> list[dict[str, Any]]:
    """Observed and expected bads of each grade on the hold-out."""
    rows = []
    for grade in card.grades:
        inside = np.array([card.grade_of(int(total)) == grade.name for total in points])
        expected = sum((card.calibration.pd(int(total)) for total in points[inside]), Decimal(0))
        rows.append(
            {
                "name": grade.name,
                "cases": int(inside.sum()),
                "bad": int(bad[inside].sum()),
                "expected_bad": text(float(expected), 1),
            }
        )
    return rows


def ranks(values: Floats) -> Floats:
    """Mean ranks, ties sharing theirs."""
    _, inverse, size = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(size)
    mean: Floats = (ends - (size - 1) / 2)[inverse]
    return mean


def counts(bad: Flags) -> dict[str, int]:
    return {"good": int((~bad).sum()), "bad": int(bad.sum())}


def text(number: float, places: int) -> str:
    """The number as decimal text; rounding hides the last bits, which differ between machines."""
    return plain(Decimal(f"{float(number):.{places}f}") + 0)


def plain(number: Decimal) -> str:
    """The number without exponent and without trailing zeros."""
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
