"""Points and bins of the rows of a frame by a scorecard; it equals ``app.domain.scorecard`` in every bin.

A number's place among the ends of its bins is counted by comparing, a block of rows that fits the processor's cache at
a time and the blocks on threads: several times as fast as searching each value.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.domain.scorecard import Characteristic, CharacteristicKind, Scorecard
from app.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 8192
"""Rows looked at together."""

_MOST_COMPARED = 40  # ends; beyond, searching is quicker

Points = NDArray[np.int32]
Slots = NDArray[np.intp]


@dataclass(frozen=True)
class _Slotted:
    """One characteristic's column, read as slots: each slot is the values of one bin."""

    slots: Callable[[int, int], NDArray[Any]]  # of the rows from ... to ..., positions in ``bins``
    bins: Slots


def frame_points(scorecard: Scorecard, frame: pd.DataFrame, *, threads: int | None = None) -> Points:
    """Total points of each row; columns by name, an absent one is missing.

    Raises ``InputError`` for a column that is not of its characteristic's kind.
    """
    total = np.zeros(len(frame), dtype=np.int32)
    columns = [_slotted(row, frame) for row in scorecard.characteristics]
    tables = [
        np.array([entry.points for entry in row.bins], dtype=np.int32)[column.bins]
        for row, column in zip(scorecard.characteristics, columns, strict=True)
    ]

    def add(start: int) -> None:
        end = start + BLOCK
        part = total[start:end]
        for column, table in zip(columns, tables, strict=True):
            part += table.take(column.slots(start, end))

    _on_threads(add, len(frame), threads)
    return total


def _on_threads(work: Callable[[int], None], rows: int, threads: int | None) -> None:
    starts = range(0, rows, BLOCK)
    if len(starts) <= 1:
        for start in starts:
            work(start)
        return
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for _ in pool.map(work, starts):
            pass


def _slotted(row: Characteristic, frame: pd.DataFrame) -> _Slotted:
    if row.name not in frame.columns:
        missing = np.array([row.bin_of(None)], dtype=np.intp)
        return _Slotted(lambda start, end: np.zeros(min(end, len(frame)) - start, dtype=np.uint8), missing)
    if row.kind is CharacteristicKind.NUMERIC:
        return _numbers(row, frame[row.name])
    return _levels(row, frame[row.name])


def _numbers(row: Characteristic, series: pd.Series[Any]) -> _Slotted:
    """Slots: the intervals from below, then missing, then each special value."""
    values = _doubles(row, series)
    intervals = [(entry.upper, at) for at, entry in enumerate(row.bins) if entry.interval]
    ends = [upper for upper, _ in intervals if upper is not None]
    specials = [(value, at) for at, entry in enumerate(row.bins) for value in entry.special]
    bins = np.array([*(at for _, at in intervals), row.bin_of(None), *(at for _, at in specials)], dtype=np.intp)
    kind = np.uint8 if len(bins) <= np.iinfo(np.uint8).max else np.uint16
    place = _compared if len(ends) <= _MOST_COMPARED else _searched
    edges = np.array(ends, dtype=np.float64)

    def slots(start: int, end: int) -> NDArray[Any]:
        part = values[start:end]
        found = place(part, edges, kind)
        for number, (value, _) in enumerate(specials):
            found[part == value] = len(intervals) + 1 + number
        return found

    return _Slotted(slots, bins)


def _compared(
    part: NDArray[np.float64], edges: NDArray[np.float64], kind: type[np.unsignedinteger[Any]]
) -> NDArray[Any]:
    """How many ends are not above each value; one more for NaN, which is below none of them."""
    found = np.full(len(part), len(edges), dtype=kind)
    for edge in edges:
        found -= (part < edge).view(np.uint8)
    found += (part != part).view(np.uint8)
    return found


def _searched(
    part: NDArray[np.float64], edges: NDArray[np.float64], kind: type[np.unsignedinteger[Any]]
) -> NDArray[Any]:
    found = np.searchsorted(edges, part, side="right").astype(kind)
    found[np.isnan(part)] = len(edges) + 1
    return found


def _doubles(row: Characteristic, series: pd.Series[Any]) -> NDArray[np.float64]:
    try:
        return np.ascontiguousarray(series.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as exc:
        message = f"The column {row.name!r} does not hold numbers."
        raise InputError(row.name, message, remedy="Give the column that the scorecard was made for.") from exc


def _levels(row: Characteristic, series: pd.Series[Any]) -> _Slotted:
    """Slots: the different values as they come, then missing."""
    import pandas as pd

    codes, levels = pd.factorize(series, sort=False)
    places = [row.bin_of(_level(row, level)) for level in levels]
    bins = np.array([*places, row.bin_of(None)], dtype=np.intp)
    return _Slotted(lambda start, end: codes[start:end], bins)


def _level(row: Characteristic, level: Any) -> str | bool:
    if row.kind is CharacteristicKind.BOOLEAN:
        return bool(level)
    return level if isinstance(level, str) else str(level).lower() if isinstance(level, bool | np.bool_) else str(level)
