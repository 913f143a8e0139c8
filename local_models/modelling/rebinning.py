"""What other bins of a column would tell, at once: counts, WoE, IV, Gini, shift, and the ranking of the whole card.

Needs numpy alone, so that bins are changed at any desk; only fitting anew needs the extra.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.fitting import BinSpec
from app.domain.scorecard import Characteristic, CharacteristicKind, Scorecard
from local_models.modelling import woe
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.cells import shortest_between
from local_models.modelling.columns import Column
from local_models.modelling.metrics import auc, psi

LEAST_SIDE = 5  # cases on each side of a split that is proposed
TRIED = 60  # values at which a split is tried
Ends = tuple[float | None, float | None]
"""Lower (inclusive) and upper end of an interval; None where it has none."""


@dataclass(frozen=True)
class Prepared:
    """The rows a scorecard was fitted and measured on, column by column."""

    columns: Mapping[str, Column]
    bad: Flags
    held: Flags  # rows of the hold-out

    @property
    def judged(self) -> Flags:
        """The rows a card is ranked on: the hold-out, or all where there is none."""
        return self.held if self.held.any() else np.ones(len(self.bad), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class BinStats:
    """Figures by position: intervals or groups, then special values, then missing."""

    good: tuple[int, ...]  # of the development sample
    bad: tuple[int, ...]
    held_good: tuple[int, ...]  # of the hold-out; all zero without one
    held_bad: tuple[int, ...]
    woe: tuple[float, ...]
    information_value: float
    gini: float  # of the characteristic alone, on the rows the card is ranked on
    psi: float | None  # hold-out against development; None without a hold-out


def rebinned(prepared: Prepared, name: str, spec: BinSpec) -> BinStats:
    """The figures of one column under other bins; categories that no group names count as missing."""
    column = prepared.columns[name]
    places, size = places_of(column, spec)
    held = prepared.held
    good, bad = woe.counts(places[~held], size, prepared.bad[~held])
    held_good, held_bad = woe.counts(places[held], size, prepared.bad[held])
    weights = woe.weights_of_evidence(good, bad)
    shift = psi(good + bad, held_good + held_bad) if held.any() else None
    judged = prepared.judged
    return BinStats(
        good=_whole(good),
        bad=_whole(bad),
        held_good=_whole(held_good),
        held_bad=_whole(held_bad),
        woe=tuple(float(value) for value in weights),
        information_value=woe.information_value(good, bad),
        gini=2 * auc(weights[places[judged]], prepared.bad[judged]) - 1,
        psi=shift,
    )


def _whole(counts: Codes) -> tuple[int, ...]:
    return tuple(int(count) for count in counts)


def places_of(column: Column, spec: BinSpec) -> tuple[Codes, int]:
    """Position of each row's bin under a spec, and how many positions there are."""
    if column.numbers is None:
        groups = spec.groups if spec.groups is not None else tuple((level,) for level in column.levels)
        at = {name: place for place, group in enumerate(groups) for name in group}
        of_level = np.array([at.get(level, len(groups)) for level in column.levels] + [len(groups)], dtype=np.intp)
        return of_level[column.text_codes], len(groups) + 1
    special = spec.special or ()
    edges = np.array(spec.edges or (), dtype=np.float64)
    places = np.searchsorted(edges, column.numbers, side="right").astype(np.intp)
    for place, value in enumerate(special):
        places[column.numbers == value] = len(edges) + 1 + place
    size = len(edges) + 2 + len(special)
    places[np.isnan(column.numbers)] = size - 1
    return places, size


def bins_of(row: Characteristic, column: Column) -> Codes:
    """Position of each row's bin among the bins of a scorecard's characteristic."""
    missing = next(at for at, entry in enumerate(row.bins) if entry.missing)
    if row.kind is CharacteristicKind.NUMERIC:
        return _number_bins(row, column, missing)
    rest = next((at for at, entry in enumerate(row.bins) if entry.unseen), missing)
    at = {name: place for place, entry in enumerate(row.bins) for name in entry.categories}
    of_level = np.array([at.get(level, rest) for level in column.levels] + [missing], dtype=np.intp)
    return of_level[column.text_codes]


def _number_bins(row: Characteristic, column: Column, missing: int) -> Codes:
    assert column.numbers is not None
    intervals = [(entry.lower, at) for at, entry in enumerate(row.bins) if entry.interval]
    edges = np.array([lower for lower, _ in intervals if lower is not None], dtype=np.float64)
    order = np.array([at for _, at in intervals], dtype=np.intp)
    places = order[np.searchsorted(edges, column.numbers, side="right")]
    for at, entry in enumerate(row.bins):
        for value in entry.special:
            places[column.numbers == value] = at
    places[np.isnan(column.numbers)] = missing
    return places


def totals_of(prepared: Prepared, card: Scorecard) -> dict[str, Codes]:
    """Points each row earns by each characteristic."""
    return {
        row.name: np.array([entry.points for entry in row.bins], dtype=np.intp)[
            bins_of(row, prepared.columns[row.name])
        ]
        for row in card.characteristics
    }


def card_gini(prepared: Prepared, points: Mapping[str, Codes]) -> float:
    """Gini of the sum of the characteristics' points on the rows the card is ranked on."""
    judged = prepared.judged
    total: Floats = np.array([each[judged] for each in points.values()]).sum(axis=0).astype(np.float64)
    return 2 * auc(total, prepared.bad[judged]) - 1


def value_at(prepared: Prepared, name: str, ends: Ends, share: float, *, special: Sequence[float] = ()) -> float | None:
    """A readable edge with about ``share`` (0..1) of the cases between two ends below it; None where there is none."""
    values = _between(prepared, name, ends, special)
    if len(values) < 2 or values[0] == values[-1]:
        return None
    at = float(values[min(len(values) - 1, max(0, round(share * len(values))))])
    lower = values[values < at]
    if not len(lower):
        above = values[values > at]
        return shortest_between(at, float(above[0]))
    return shortest_between(float(lower[-1]), at)


def best_split(prepared: Prepared, name: str, ends: Ends, *, special: Sequence[float] = ()) -> float | None:
    """The edge that parts the interval's goods and bads best by information value; None where nothing parts them."""
    column, dev = prepared.columns[name], ~prepared.held
    assert column.numbers is not None
    inside = _inside(column.numbers, ends, special) & dev
    numbers, bad = column.numbers[inside], prepared.bad[inside]
    values = np.unique(numbers)
    cuts = (
        values[1:][np.unique(np.linspace(0, len(values) - 2, min(TRIED, len(values) - 1)).astype(int))]
        if (len(values) > 1)
        else values[:0]
    )
    best: tuple[float, float | None] = (0.0, None)
    for cut in cuts:
        below = numbers < cut
        if min(int(below.sum()), int((~below).sum())) < LEAST_SIDE:
            continue
        good_counts, bad_counts = woe.counts(below.astype(np.intp), 2, bad)
        told = woe.information_value(good_counts, bad_counts)
        if told > best[0]:
            before = float(values[values < cut][-1])
            best = (told, shortest_between(before, float(cut)))
    return best[1]


def _between(prepared: Prepared, name: str, ends: Ends, special: Sequence[float]) -> Floats:
    numbers = prepared.columns[name].numbers
    assert numbers is not None
    chosen: Floats = np.sort(numbers[_inside(numbers, ends, special) & ~prepared.held])
    return chosen


def _inside(numbers: Floats, ends: Ends, special: Sequence[float]) -> Flags:
    lower, upper = ends
    inside = np.isfinite(numbers) & ~np.isin(numbers, special)
    if lower is not None:
        inside &= numbers >= lower
    if upper is not None:
        inside &= numbers < upper
    return inside
