"""Cells: the finest bins a column is cut into before any of them are joined."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np

from app.domain.fitting import BinSpec
from app.domain.scorecard import CharacteristicKind
from local_models.modelling.arrays import Codes, Floats
from local_models.modelling.columns import Column, special_values

RARE_ROWS, RARE_SHARE = 10, 0.005
FEW_CODES = 12  # whole numbers of at most so many values are no measurement for certain
MOST_CODES = 30  # whole numbers of at most so many different values may be codes without an order


@dataclass(frozen=True)
class Cells:
    """Cells of one column, in order: intervals or categories, the rare categories, special values, missing."""

    name: str
    kind: CharacteristicKind
    cuts: tuple[float, ...] = ()  # numeric: an interval begins at each
    special: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()  # category: one cell each
    rare: tuple[str, ...] = ()  # category: together in one cell, where an unseen one falls as well
    ordered: bool = True  # False: the numbers are codes without an order
    first_code: float = 0.0  # of such codes the least; ``cuts`` are the others
    coded: bool = False  # few whole numbers: an order of theirs is not taken for granted

    @property
    def main(self) -> int:
        """How many cells there are but for special values and missing."""
        if self.kind is CharacteristicKind.NUMERIC:
            return len(self.cuts) + 1
        return len(self.levels) + (self.kind is CharacteristicKind.CATEGORY)

    @property
    def size(self) -> int:
        return self.main + len(self.special) + 1

    @property
    def in_order(self) -> int:
        """How many leading cells follow one another."""
        return self.main if self.kind is CharacteristicKind.NUMERIC and self.ordered else 0

    def places(self, column: Column) -> Codes:
        """The cell of each row."""
        if self.kind is not CharacteristicKind.NUMERIC:
            known = {level: place for place, level in enumerate(self.levels)}
            rest = len(self.levels) if self.kind is CharacteristicKind.CATEGORY else self.size - 1
            of_level = np.array([known.get(level, rest) for level in column.levels] + [self.size - 1], dtype=np.intp)
            return of_level[column.text_codes]
        assert column.numbers is not None
        found = np.searchsorted(np.array(self.cuts), column.numbers, side="right")
        for place, value in enumerate(self.special):
            found[column.numbers == value] = self.main + place
        found[np.isnan(column.numbers)] = self.size - 1
        return found.astype(np.intp)

    def with_cuts(self, more: Iterable[float]) -> Cells:
        """The same with further cuts; codes without an order are cut already."""
        return replace(self, cuts=tuple(sorted({*self.cuts, *more}))) if self.in_order else self

    def parents(self, finer: Cells) -> Codes:
        """The cell each cell of ``finer`` lies in."""
        if finer.cuts == self.cuts:
            return np.arange(self.size)
        starts = np.array([-np.inf, *finer.cuts])
        main = np.searchsorted(np.array(self.cuts), starts, side="right")
        return np.concatenate([main, np.arange(self.main, self.size)]).astype(np.intp)


def cells_of(column: Column, most: int, spec: BinSpec | None = None) -> Cells:
    """Cut a column into about ``most`` cells of like size; every frequent value and special value has its own.

    What a person set comes first: their special values, their edges, and a cell for each category they name.
    """
    if column.numbers is None:
        named = {level for group in (spec.groups or () if spec else ()) for level in group}
        return _text_cells(column, named)
    special = special_values(column.numbers) if spec is None or spec.special is None else spec.special
    if spec is not None and spec.edges is not None:
        return Cells(column.name, column.kind, cuts=tuple(spec.edges), special=special)
    known = column.numbers[np.isfinite(column.numbers) & ~np.isin(column.numbers, special)]
    values = np.unique(known)
    coded = len(values) <= FEW_CODES and bool((values == np.floor(values)).all())
    return Cells(column.name, column.kind, cuts=quantile_cuts(known, most), special=special, coded=coded)


def _text_cells(column: Column, named: AbstractSet[str]) -> Cells:
    """A cell a category; those with hardly any rows share one, unless ``named``: by a person, in the table or not."""
    if column.kind is CharacteristicKind.BOOLEAN:
        return Cells(column.name, column.kind, levels=("true", "false"), ordered=False)
    counts = np.bincount(column.text_codes[column.text_codes >= 0], minlength=len(column.levels))
    enough = (counts >= max(RARE_ROWS, RARE_SHARE * column.rows)) | np.isin(column.levels, list(named))
    levels = tuple(level for level, kept in zip(column.levels, enough, strict=True) if kept)
    rare = tuple(level for level, kept in zip(column.levels, enough, strict=True) if not kept)
    levels += tuple(sorted(named - set(column.levels)))
    return Cells(column.name, column.kind, levels=levels, rare=rare, ordered=False)


def quantile_cuts(known: Floats, most: int) -> tuple[float, ...]:
    """Cuts between neighbouring values, at quantiles and on both sides of frequent values, each as short as can be."""
    values, counts = np.unique(known, return_counts=True)
    if len(values) <= most:
        starts = np.arange(1, len(values))
    else:
        below = np.cumsum(counts) - counts
        wanted = np.searchsorted(below, np.arange(1, most) / most * len(known), side="left")
        frequent = np.flatnonzero(counts >= len(known) / most)
        starts = np.unique(np.concatenate([wanted, frequent, frequent + 1]))
        starts = starts[(starts > 0) & (starts < len(values))]
    return tuple(shortest_between(float(values[at - 1]), float(values[at])) for at in starts)


def shortest_between(lower: float, upper: float) -> float:
    """The decimal number of the fewest digits above ``lower`` and not above ``upper``, nearest to their middle."""
    if not (np.isfinite(lower) and np.isfinite(upper)):
        return upper
    middle = lower + (upper - lower) / 2
    for digits in range(1, 17):
        number = float(f"{middle:.{digits - 1}e}")
        if lower < number <= upper:
            return number
        if number == lower and float(f"{upper:.{digits - 1}e}") == upper:
            return upper  # as near to the middle as the lower one, and as short
    return upper


def unordered_codes(cells: Cells, column: Column) -> Cells | None:
    """The same column read as codes without an order; None where its numbers cannot be codes."""
    if column.numbers is None or cells.kind is not CharacteristicKind.NUMERIC:
        return None
    known = np.unique(column.numbers[np.isfinite(column.numbers) & ~np.isin(column.numbers, cells.special)])
    whole = all(float(value).is_integer() for value in known[: MOST_CODES + 1])
    if not 4 <= len(known) <= MOST_CODES or not whole:
        return None
    cuts = tuple(float(value) for value in known[1:])
    return replace(cells, cuts=cuts, ordered=False, first_code=float(known[0]))
