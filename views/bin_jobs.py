"""What the bin editor asks of the training table, off the UI thread: figures of other bins, edges, fitting anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from app.domain.bin_plan import BinPlan
from app.domain.monitoring import shares
from app.domain.scorecard import Bin, Characteristic, Scorecard
from views.models.bin_history import Plans


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a plan comes to; positions as in ``BinPlan``."""

    plan: BinPlan
    good: tuple[int, ...]
    bad: tuple[int, ...]
    held_good: tuple[int, ...]
    held_bad: tuple[int, ...]
    woe: tuple[float, ...]
    points: tuple[int, ...]
    information_value: float
    gini: float | None  # None without the table
    psi: float | None
    card_gini: float | None

    def rate(self, place: int) -> float | None:
        return _rate(self.good[place], self.bad[place])

    def held_rate(self, place: int) -> float | None:
        return _rate(self.held_good[place], self.held_bad[place])

    def share(self, place: int) -> float:
        return (self.good[place] + self.bad[place]) / max(1, sum(self.good) + sum(self.bad))


def _rate(good: int, bad: int) -> float | None:
    return bad / (good + bad) if good + bad else None


def figures_of_document(card: Scorecard, plan: BinPlan) -> PlanFigures:
    """The figures of a plan that a scorecard follows, from the counts in its document; none of the hold-out."""
    row = _row(card, plan.name)
    bins = [_bin_of(row, plan, place) for place in range(plan.size)]
    good, bad = tuple(each.good for each in bins), tuple(each.bad for each in bins)
    return PlanFigures(
        plan,
        good,
        bad,
        (0,) * plan.size,
        (0,) * plan.size,
        tuple(float(each.woe) for each in bins),
        tuple(each.points for each in bins),
        sum((g - b) * log(g / b) for g, b in zip(shares(good), shares(bad), strict=True)),
        None,
        None,
        None,
    )


def _row(card: Scorecard, name: str) -> Characteristic:
    return next(row for row in card.characteristics if row.name == name)


def _bin_of(row: Characteristic, plan: BinPlan, place: int) -> Bin:
    """The bin of the document that a position of the plan stands for."""
    if place < plan.main and plan.numeric:
        return next(entry for entry in row.bins if entry.interval and entry.lower == plan.ends(place)[0])
    if place < plan.main:
        return next(entry for entry in row.bins if entry.categories == plan.groups[place])
    if place < plan.size - 1:
        return next(entry for entry in row.bins if plan.special[place - plan.main] in entry.special)
    return next(entry for entry in row.bins if entry.missing)


def figures_of(training: Any, plans: Plans, name: str) -> PlanFigures:
    """The figures of a characteristic under its plan, and of the whole card under all plans. For the ``read`` lane."""
    from local_models.modelling.rebinning import card_gini, places_of, rebinned, totals_of

    plan = plans[name]
    found = rebinned(training.prepared, name, plan.spec())
    totals = totals_of(training.prepared, training.card)
    for other, each in plans.items():
        if other == name or each != BinPlan.of(_row(training.card, other)):
            stats = found if other == name else rebinned(training.prepared, other, each.spec())
            places, _ = places_of(training.prepared.columns[other], each.spec())
            totals[other] = _array(points_of(training.card, each, stats.woe, stats.good, stats.bad))[places]
    return PlanFigures(
        plan,
        found.good,
        found.bad,
        found.held_good,
        found.held_bad,
        found.woe,
        points_of(training.card, plan, found.woe, found.good, found.bad),
        found.information_value,
        found.gini,
        found.psi,
        card_gini(training.prepared, totals),
    )


def _array(points: Sequence[int]) -> Any:
    import numpy as np

    return np.array(points, dtype=np.intp)


def points_of(
    card: Scorecard, plan: BinPlan, woe: Sequence[float], good: Sequence[int], bad: Sequence[int]
) -> tuple[int, ...]:
    """Points by position: fixed ones, those of bins the scorecard has, and for new bins what their WoE suggests.

    The suggestion lies on the line that the scorecard's own bins of this characteristic follow, weighted by cases;
    fitting anew replaces it.
    """
    row = _row(card, plan.name)
    base, slope = _line(row, card)
    own = {_key(BinPlan.of(row), place): place for place in range(BinPlan.of(row).size)}
    found = []
    for place in range(plan.size):
        fixed = plan.fixed[place]
        if fixed is not None:
            found.append(fixed)
        elif _key(plan, place) in own:
            found.append(_bin_of(row, BinPlan.of(row), own[_key(plan, place)]).points)
        else:
            found.append(round(base + slope * woe[place]) if good[place] + bad[place] else row.neutral_points)
    return tuple(found)


def _key(plan: BinPlan, place: int) -> tuple[object, ...]:
    """What makes a bin the same bin in another plan."""
    if place >= plan.main:
        return ("special", plan.label(place))
    return ("interval", *plan.ends(place)) if plan.numeric else ("group", frozenset(plan.groups[place]))


def _line(row: Characteristic, card: Scorecard) -> tuple[float, float]:
    """Points at WoE zero and points a unit of WoE."""
    known = [(float(entry.woe), entry.points, entry.good + entry.bad) for entry in row.bins if entry.good + entry.bad]
    mass = sum(cases for _, _, cases in known)
    if not mass:
        return row.neutral_points, card.scaling.factor * float(row.coefficient)
    middle = sum(woe * cases for woe, _, cases in known) / mass
    height = sum(points * cases for _, points, cases in known) / mass
    spread = sum((woe - middle) ** 2 * cases for woe, _, cases in known)
    slope = sum((woe - middle) * (points - height) * cases for woe, points, cases in known) / spread if spread else 0.0
    return height - slope * middle, slope


def edge_at(training: Any, plan: BinPlan, place: int, part: float) -> float | None:
    """A value with that share of a bin's cases below it."""
    from local_models.modelling.rebinning import value_at

    found: float | None = value_at(training.prepared, plan.name, plan.ends(place), part, special=plan.special)
    return found


def split_at(training: Any, plan: BinPlan, place: int) -> float | None:
    """Where a bin is best split."""
    from local_models.modelling.rebinning import best_split

    found: float | None = best_split(training.prepared, plan.name, plan.ends(place), special=plan.special)
    return found


def refit(training: Any, plans: Mapping[str, BinPlan], version: str, author: str, progress: Any) -> Any:
    """Fit the whole card anew under the plans, in a child process."""
    from app.bootstrap.fit_process import fit_in_child
    from app.bootstrap.training import refit_options

    options = refit_options(training, plans, version=version, author=author)
    return fit_in_child(training.table, options, progress=progress)
