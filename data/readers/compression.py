"""Amounts that were put into a picture after it had been compressed as JPEG.

JPEG rounds the frequencies of every block of 8 by 8 pixels to steps of a table. A page that was compressed, opened,
changed and saved finer keeps the steps of its first compression everywhere but where it was painted over. The steps are
found from the words of the page, frequency by frequency, so no table is presumed; a word whose frequencies do not keep
to them, while those of the others do, is told. Nothing can be told of a page that was saved coarser than before, made
smaller or cut after its first compression, and nothing is: such a page shows no steps.

The principle: Z. Lin et al., "Fast, automatic and fine-grained tampered JPEG image detection via DCT coefficient
analysis", Pattern Recognition 42 (2009), https://doi.org/10.1016/j.patcog.2009.03.019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[Any]  # (height, width) of bytes: brightness
    Blocks = NDArray[Any]  # (n, 64) of float32: frequencies of n blocks, row by row

MOST_PIXELS = 60_000_000
MOST_BLOCKS = 40_000  # of the words of a page
_LOW = 6  # frequencies whose two numbers add up to at most this
_COARSEST = 64  # step that is looked for
_NEAR = 0.6  # of a step: smaller values say nothing
_KEPT = 0.5  # spread about the steps (1: by chance) up to which a frequency has them
_CLEAR, _ENOUGH = 0.3, 6  # so many frequencies that keep to them clearly, and the others are not asked
_LEAST_VALUES = 120  # of a frequency on the page
_LEAST_STEPS = 3  # frequencies that must have steps
_LEAST_WORDS = 12  # that the page must have to be held against
_WINDOW = 1.2  # of a word's height: the stretch of it that is looked at, about two figures
_LEAST_SEEN = 14  # values of a stretch
_PAGE_KEEPS = 0.6  # spread that three quarters of the page's words keep within
_APART = 4  # usual differences between words of the page that one must lie above their middle
STRONG, FAINT = 0.85, 0.7  # spread of a stretch that was put in


@dataclass(frozen=True, slots=True)
class Spot:
    """A word on the picture, by its four corners in pixels: (4, 2), from top left clockwise."""

    corners: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of an earlier compression, by frequency (0 to 63); at least ``_LEAST_STEPS`` of them."""

    of: dict[int, int]


def put_in(plane: Plane, table: Sequence[int] | None, spots: Sequence[Spot]) -> list[float]:
    """How little each word keeps to the steps of the page's first compression: 0 for one that was there, to 1 for one
    that was put in later; 0 for all where the page tells nothing.

    ``table`` holds the 64 steps of the file's own compression, row by row; None: the file is not a JPEG itself.
    """
    held = [_held(plane.shape, spot) for spot in spots]
    if plane.size > MOST_PIXELS or sum(len(each) for each in held) > MOST_BLOCKS:
        return [0.0] * len(spots)
    frequencies = [_frequencies(plane, each) for each in held]
    steps = _steps(frequencies, table or [1] * 64)
    if steps is None:
        return [0.0] * len(spots)
    spread = [
        _spread(values, places, spot, steps) for values, places, spot in zip(frequencies, held, spots, strict=True)
    ]
    return _against_page(spread)


def _against_page(spread: Sequence[float | None]) -> list[float]:
    """The spread of each word that the page does not share; words that differ among themselves tell nothing."""
    import numpy as np

    seen = np.array([each for each in spread if each is not None])
    if len(seen) < _LEAST_WORDS or float(np.quantile(seen, 0.75)) > _PAGE_KEEPS:
        return [0.0] * len(spread)
    middle = float(np.median(seen))
    width = 1.48 * float(np.median(np.abs(seen - middle))) + 0.04
    return [0.0 if each is None or each < middle + _APART * width else min(each, 1.0) for each in spread]


@cache
def _cosines() -> NDArray[Any]:
    import numpy as np

    at = np.arange(8)
    matrix = np.cos((2 * at[None, :] + 1) * at[:, None] * np.pi / 16) / 2
    matrix[0] /= np.sqrt(2)
    found: NDArray[Any] = matrix.astype(np.float32)
    return found


def _held(shape: tuple[int, ...], spot: Spot) -> NDArray[Any]:
    """(n, 2): row and column of the blocks whose middles lie in the word."""
    import cv2
    import numpy as np

    low, high = spot.corners.min(axis=0), spot.corners.max(axis=0)
    rows = np.arange(max(0, int(low[1]) // 8), min(shape[0] // 8, int(high[1]) // 8 + 1))
    columns = np.arange(max(0, int(low[0]) // 8), min(shape[1] // 8, int(high[0]) // 8 + 1))
    outline = spot.corners.astype(np.float32).reshape(-1, 1, 2)
    inside = [
        (row, column)
        for row in rows
        for column in columns
        if cv2.pointPolygonTest(outline, (float(column) * 8 + 4, float(row) * 8 + 4), measureDist=True) > -2
    ]
    return np.array(inside, np.int64).reshape(-1, 2)


def _frequencies(plane: Plane, places: NDArray[Any]) -> Blocks:
    import numpy as np

    if not len(places):
        return np.zeros((0, 64), np.float32)
    grid = plane[: plane.shape[0] // 8 * 8, : plane.shape[1] // 8 * 8].reshape(plane.shape[0] // 8, 8, -1, 8)
    blocks = grid[places[:, 0], :, places[:, 1], :].astype(np.float32) - 128
    turned = _cosines()
    found: Blocks = (turned @ blocks @ turned.T).reshape(-1, 64)
    return found


def _asked() -> Iterator[int]:
    """Low frequencies but the mean of the block."""
    return (8 * row + column for row in range(8) for column in range(8) if 0 < row + column <= _LOW)


def _steps(frequencies: Sequence[Blocks], table: Sequence[int]) -> Steps | None:
    """The steps that most values of the page's words keep to; None where there are none."""
    import numpy as np

    whole = np.concatenate(list(frequencies)) if frequencies else np.zeros((0, 64), np.float32)
    found: dict[int, tuple[float, int]] = {}
    for at in _asked():
        values = np.abs(whole[:, at])
        steps = range(max(4, 2 * table[at]), _COARSEST + 1)
        spread = [_spread_of(values, step) if (values > _NEAR * step).sum() >= _LEAST_VALUES else 9.0 for step in steps]
        if spread and min(spread) <= _KEPT:
            found[at] = (min(spread), steps[spread.index(min(spread))])
    clear = {at: each for at, each in found.items() if each[0] <= _CLEAR}
    kept = clear if len(clear) >= _ENOUGH else found
    return Steps({at: step for at, (_, step) in kept.items()}) if len(kept) >= _LEAST_STEPS else None


def _spread_of(values: NDArray[Any], step: int) -> float:
    """Mean square distance from the nearest step: 0 on the steps, 1 by chance."""
    import numpy as np

    parts = values[values > _NEAR * step] / step
    return float(12 * np.mean(np.square(parts - np.round(parts))))


def _spread(values: Blocks, places: NDArray[Any], spot: Spot, steps: Steps) -> float | None:
    """The largest spread of a stretch of the word; None where it has too few values to tell."""
    import numpy as np

    if not len(places):
        return None
    at = np.array(list(steps.of), np.int64)
    size = np.array(list(steps.of.values()), np.float32)
    parts = np.abs(values[:, at]) / size
    tells = parts > _NEAR
    square = np.where(tells, np.square(parts - np.round(parts)) * 12, 0)
    along = _along(places, spot)
    height = float(np.linalg.norm(spot.corners[3] - spot.corners[0]))
    worst: float | None = None
    for begin in np.unique(along):
        stretch = (along >= begin) & (along < begin + max(_WINDOW * height, 16.0))
        count = int(tells[stretch].sum())
        if count >= _LEAST_SEEN:
            spread = float(square[stretch].sum()) / count
            worst = spread if worst is None else max(worst, spread)
    return worst


def _along(places: NDArray[Any], spot: Spot) -> NDArray[Any]:
    """How far along the word each block lies, in pixels."""
    import numpy as np

    line = spot.corners[1] - spot.corners[0]
    middle = places[:, ::-1] * 8 + 4 - spot.corners[0]
    found: NDArray[Any] = np.round(middle @ (line / max(float(np.linalg.norm(line)), 1.0)))
    return found
