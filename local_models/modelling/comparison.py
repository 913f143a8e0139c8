"""Champion and challenger on the same hold-out: who ranks better, who is better calibrated, who changes side."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np

from app.errors import InputError
from local_models.modelling.arrays import Flags, Floats
from local_models.modelling.metrics import (
    CONFIDENCE_PCT,
    Performance,
    auc,
    critical_z,
    log_loss,
    measured,
    midranks,
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What each mistake costs, in any one unit."""

    bad_approved: float = 5.0
    good_declined: float = 1.0

    @property
    def cut_off(self) -> float:
        """PD above which declining is cheaper."""
        return self.good_declined / (self.good_declined + self.bad_approved)


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """At which approval rate and at which costs the two are set side by side."""

    approval_rate: float | None = None  # 0..1; None: the share of goods
    costs: Costs = Costs()
    bands: int = 10  # of the calibration curve
    seed: int = 0  # of the bootstrap of KS


@dataclass(frozen=True, slots=True)
class Difference:
    """Challenger's AUC less the champion's on the same cases (DeLong, DeLong and Clarke-Pearson, 1988)."""

    value: float
    low: float
    high: float
    z: float
    p: float  # two-sided


@dataclass(frozen=True, slots=True)
class CalibrationBand:
    """Cases of neighbouring PD: what was expected and what came."""

    cases: int
    bad: int
    expected: float  # mean PD
    observed: float  # share of bads
    low: float  # Wilson interval of the share
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the cases; a case that ties at the cut-off counts by its share."""

    cases: float
    bad: float
    bad_rate: float | None  # None of no cases


@dataclass(frozen=True, slots=True)
class SwapSet:
    """Who changes side when both approve the same share of the cases."""

    approval_rate: float
    both_approve: Group
    both_decline: Group
    swapped_in: Group  # the challenger approves, the champion does not
    swapped_out: Group
    bad_rate_champion: float | None  # of those the champion approves
    bad_rate_challenger: float | None


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of the mistakes per case: at the common approval rate, and where each one's own PD sets the cut-off."""

    at_equal_approval: float
    at_own_cut_off: float
    approval_at_own_cut_off: float


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    performance: Performance
    log_loss: float
    calibration: tuple[CalibrationBand, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything the two are compared by."""

    champion: Side
    challenger: Side
    difference: Difference
    swap: SwapSet
    costs: Costs

    def to_json(self) -> dict[str, Any]:
        """JSON-ready: fractions as text with six decimals, counts of whole cases as whole numbers."""
        out: dict[str, Any] = _json(self)
        return out | {"confidence_pct": CONFIDENCE_PCT}


def compare(
    champion_log_odds: Floats, challenger_log_odds: Floats, bad: Flags, options: CompareOptions | None = None
) -> Comparison:
    """Compare two sets of ln(good:bad) on the same cases, shapes ``(n,)``; ``bad`` is True for a bad outcome.

    Raises ``InputError`` where the outcomes are all alike, lengths differ, a score is NaN or an option makes no sense.
    """
    options = options or CompareOptions()
    champion, challenger = (np.asarray(each, dtype=np.float64) for each in (champion_log_odds, challenger_log_odds))
    bad = np.asarray(bad, dtype=np.bool_)
    _check(champion, challenger, bad, options)
    rate = float((~bad).mean()) if options.approval_rate is None else options.approval_rate
    return Comparison(
        _side(champion, bad, rate, options),
        _side(challenger, bad, rate, options),
        auc_difference(champion, challenger, bad),
        swap_set(champion, challenger, bad, rate),
        options.costs,
    )


def _check(champion: Floats, challenger: Floats, bad: Flags, options: CompareOptions) -> None:
    if not champion.shape == challenger.shape == bad.shape or bad.ndim != 1:
        raise InputError("comparison", f"There are {champion.size} and {challenger.size} scores of {bad.size} cases.")
    if not bad.any() or bad.all():
        raise InputError("comparison", "All outcomes are alike: nothing can be compared.", remedy="Give more cases.")
    if np.isnan(champion).any() or np.isnan(challenger).any():
        raise InputError("comparison", "A score is missing.", remedy="Score every case of the hold-out.")
    if options.approval_rate is not None and not 0 < options.approval_rate < 1:
        raise InputError("approval_rate", f"{options.approval_rate} is no share between 0 and 1.")
    if min(options.costs.bad_approved, options.costs.good_declined) <= 0 or options.bands < 1:
        raise InputError("costs", "Costs must be above zero, and there must be a band.")


def _side(log_odds: Floats, bad: Flags, rate: float, options: CompareOptions) -> Side:
    pd = probabilities(log_odds)
    own = (pd <= options.costs.cut_off).astype(np.float64)
    return Side(
        performance=measured(log_odds, pd, bad, options.seed),
        log_loss=log_loss(log_odds, ~bad),
        calibration=calibration_curve(pd, bad, options.bands),
        cost=Cost(
            mean_cost(approved(log_odds, rate), bad, options.costs),
            mean_cost(own, bad, options.costs),
            float(own.mean()),
        ),
    )


def probabilities(log_odds: Floats) -> Floats:
    """Probability of bad of ln(good:bad)."""
    return np.asarray(np.exp(-np.logaddexp(0.0, log_odds)), dtype=np.float64)


def auc_difference(champion: Floats, challenger: Floats, bad: Flags) -> Difference:
    """DeLong's test of two correlated AUCs; with no variance at all, p is 1 for equal and 0 for unequal AUCs."""
    value = auc(challenger, bad) - auc(champion, bad)
    parts = [placements(each, bad) for each in (champion, challenger)]
    variance = 0.0
    for of_champion, of_challenger in zip(*parts, strict=True):
        apart = of_challenger - of_champion
        variance += float(apart.var(ddof=1)) / len(apart) if len(apart) > 1 else 0.25
    error = sqrt(variance)
    if error == 0:
        return Difference(value, value, value, 0.0, 1.0 if value == 0 else 0.0)
    reach, z = critical_z() * error, value / error
    return Difference(value, max(-1.0, value - reach), min(1.0, value + reach), z, 2 * NormalDist().cdf(-abs(z)))


def placements(log_odds: Floats, bad: Flags) -> tuple[Floats, Floats]:
    """Share of the bads below each good, and of the goods above each bad; ties count half."""
    everyone, goods, bads = midranks(log_odds), log_odds[~bad], log_odds[bad]
    of_goods = (everyone[~bad] - midranks(goods)) / len(bads)
    of_bads = 1 - (everyone[bad] - midranks(bads)) / len(goods)
    return of_goods, of_bads


def approved(log_odds: Floats, rate: float) -> Floats:
    """Share of each case that is approved when the best ``rate`` of all are: 1, 0, or a share where many tie."""
    _, places, counts = np.unique(-log_odds, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    share = np.clip((rate * len(log_odds) - before) / counts, 0.0, 1.0)
    return np.asarray(share[places], dtype=np.float64)


def swap_set(champion: Floats, challenger: Floats, bad: Flags, rate: float) -> SwapSet:
    """Who changes side at equal approval rate."""
    ours, theirs = approved(champion, rate), approved(challenger, rate)
    return SwapSet(
        rate,
        both_approve=_group(np.minimum(ours, theirs), bad),
        both_decline=_group(np.minimum(1 - ours, 1 - theirs), bad),
        swapped_in=_group(np.maximum(theirs - ours, 0.0), bad),
        swapped_out=_group(np.maximum(ours - theirs, 0.0), bad),
        bad_rate_champion=_group(ours, bad).bad_rate,
        bad_rate_challenger=_group(theirs, bad).bad_rate,
    )


def _group(share: Floats, bad: Flags) -> Group:
    cases, lost = float(share.sum()), float(share[bad].sum())
    return Group(cases, lost, lost / cases if cases > 0 else None)


def mean_cost(share: Floats, bad: Flags, costs: Costs) -> float:
    """Cost a case of approving these shares."""
    wrong = costs.bad_approved * share[bad].sum() + costs.good_declined * (1 - share[~bad]).sum()
    return float(wrong) / len(bad)


def calibration_curve(pd: Floats, bad: Flags, bands: int) -> tuple[CalibrationBand, ...]:
    """Bands of about equal numbers of cases by rising PD; equal PDs stay together."""
    ranks = midranks(pd)
    band = np.minimum((ranks - 0.5) * bands // len(pd), bands - 1).astype(int)
    out = []
    for number in np.unique(band):
        own = band == number
        cases, lost = int(own.sum()), int(bad[own].sum())
        low, high = wilson(lost, cases)
        out.append(CalibrationBand(cases, lost, float(pd[own].mean()), lost / cases, low, high))
    return tuple(out)


def wilson(count: int, cases: int) -> tuple[float, float]:
    """Wilson's score interval of a share (Journal of the American Statistical Association 22, 1927)."""
    z, share = critical_z(), count / cases
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    reach = z * sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases)) / (1 + z * z / cases)
    return (middle - reach if count else 0.0), (middle + reach if count < cases else 1.0)


def _json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    return f"{value:.6f}" if isinstance(value, float) else value
