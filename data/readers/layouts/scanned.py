"""A page that is a picture, made upright and recognised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.domain.layout import Box, Corners, Page, Word
from data.readers.layouts.ocr import ReadLine, Sign, recogniser
from data.readers.layouts.upright import (
    Turned,
    find_sheet,
    in_order,
    lies_on_side,
    mapped,
    quarter_turned,
    slant_of,
    straightened,
    untouched,
    without_shadow,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.readers.layouts.ocr import Pixels, Quads

A4 = (595.28, 841.89)  # points
_ASKED = 10  # lines that say which way up the page is
_STEEP = 12.0  # degrees of slant beyond which lines are looked for again
_LETTER_GAP = 0.3  # of a line's height: a gap between characters without a recognised blank that parts words
_NUMBER_GAP = 0.6  # the same within a number
_SIGN_GAP = 0.18  # the same between a word and the sign of an amount
_CURRENCY = frozenset("$€£¥￥")
_OF_NUMBERS = frozenset("0123456789.,'-/:+%()$€£¥#*<")
_WIDE_GAP = 1.0  # the same between Chinese characters
_SCRIPT_GAP = 0.3  # the same between one and another sign


def read_picture(image: Pixels, number: int, points: float | None = None, *, photo: bool = True) -> Page:
    """Recognise one picture of a page; ``photo`` looks for a sheet on a table first.

    ``points`` are those of a pixel, where the picture's resolution is known. Else, and for a sheet in a photograph,
    the upright page is as wide as A4: 595.28 points, or 841.89 when it is wider than high.
    """
    sheet = find_sheet(image) if photo else None
    seen = without_shadow(image if sheet is None else _warped(image, sheet))
    before = sheet or untouched(image)
    if not _has_ink(seen):
        return _page((), number, before, _points(before, points if sheet is None else None), image)
    turned, quads = _found(seen)
    if abs(slant := slant_of(quads)) > _STEEP:
        steep = straightened(untouched(seen), slant)
        seen, before = _warped(seen, steep), Turned(steep.matrix @ before.matrix, steep.size)
        turned, quads = _found(seen)
    turned, quads = _right_way_up(seen, turned, quads)
    words = _recognised(seen, turned, quads, number)
    whole = Turned(turned.matrix @ before.matrix, turned.size, turned.rotation)
    return _page(words, number, whole, _points(whole, points if sheet is None else None), image)


def _found(seen: Pixels) -> tuple[Turned, Quads]:
    """Lines of text, on the page turned by a quarter when they run from top to bottom."""
    quads = recogniser().detect(seen)
    turned = untouched(seen)
    if len(quads) and lies_on_side(quads):
        turned = quarter_turned(turned, 90)
    return turned, _through(turned, quads)


def _right_way_up(seen: Pixels, turned: Turned, quads: Quads) -> tuple[Turned, Quads]:
    """Turned on its feet by what its longest lines say, then straightened."""
    import numpy as np

    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    down = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    clear = sorted(range(len(quads)), key=lambda at: (across[at] < 2 * down[at], -across[at]))[:_ASKED]
    if recogniser().upside_down([_cut(seen, turned, quads[at]) for at in clear]) > 0.5:
        quads = quads @ np.diag([-1.0, -1.0]) + np.array(turned.size)
        turned, quads = quarter_turned(turned, 180), _ordered(quads)
    if (slant := slant_of(quads)) != 0.0:
        level = straightened(Turned(np.eye(3), turned.size), slant)
        turned, quads = straightened(turned, slant), _ordered(mapped(level.matrix, quads))
    return turned, quads


def _recognised(seen: Pixels, turned: Turned, quads: Quads, number: int) -> list[Word]:
    import numpy as np

    heights = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    usual = float(np.median(heights)) if len(heights) else 1.0
    upended = [_upended(quad, usual) for quad in quads]
    crops = [_cut(seen, turned, quad) for quad in upended]
    lines = recogniser().read(crops)
    found = zip(upended, crops, lines, strict=True)
    return [word for quad, crop, line in found if line is not None for word in words_of(line, crop, quad, number)]


def _upended(quad: NDArray[Any], usual: float) -> NDArray[Any]:
    """The corners of a line in the order it is read: one much higher than wide runs from top to bottom."""
    import numpy as np

    across, down = float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))
    return np.roll(quad, -1, axis=0) if down > 2.5 * max(across, usual) else quad


def _through(turned: Turned, quads: Quads) -> Quads:
    return _ordered(mapped(turned.matrix, quads)) if len(quads) else quads


def _ordered(quads: Quads) -> Quads:
    import numpy as np

    return np.array([in_order(quad) for quad in quads]).reshape(-1, 4, 2)


def _warped(image: Pixels, turned: Turned) -> Pixels:
    import cv2
    import numpy as np

    size = (max(1, round(turned.size[0])), max(1, round(turned.size[1])))
    warped: Pixels = cv2.warpPerspective(
        image, turned.matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.ascontiguousarray(warped)


def _cut(seen: Pixels, turned: Turned, quad: NDArray[Any]) -> Pixels:
    """A line of the upright page, cut out of the picture as it lies."""
    import cv2
    import numpy as np

    across = max(4, round(float(np.linalg.norm(quad[1] - quad[0]))))
    down = max(4, round(float(np.linalg.norm(quad[3] - quad[0]))))
    corners = mapped(np.linalg.inv(turned.matrix), quad).astype(np.float32)
    target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return cv2.warpPerspective(seen, matrix, (across, down), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _has_ink(seen: Pixels) -> bool:
    """Whether anything stands out from the paper."""
    light = seen[:: max(1, seen.shape[0] // 600), :: max(1, seen.shape[1] // 600)]
    return int(light.max()) - int(light.min()) > 24


def words_of(line: ReadLine, crop: Pixels, quad: NDArray[Any], number: int) -> Iterator[Word]:
    """Words with their boxes in pixels, drawn in to their ink; each is as certain as its least certain character."""
    import numpy as np

    ink = _ink(crop)
    down, across = ink.shape
    rows = np.flatnonzero(ink.any(axis=1))
    high = int(rows[-1] - rows[0]) + 1 if len(rows) else down
    columns = np.asarray(ink[down // 8 : down - down // 8].any(axis=0))
    for signs, left, right in _groups(line.signs, columns, high):
        inside = np.flatnonzero(columns[left:right])
        x0, x1 = (left + int(inside[0]), left + int(inside[-1]) + 1) if len(inside) else (left, right)
        rows = np.flatnonzero(ink[:, x0:x1].any(axis=1))
        y0, y1 = (int(rows[0]), int(rows[-1]) + 1) if len(rows) > down // 4 else (0, down)
        box = _box(quad, (x0 / across, y0 / down, x1 / across, y1 / down))
        yield Word("".join(sign.text for sign in signs), box, number, min(sign.confidence for sign in signs))


def _ink(crop: Pixels) -> NDArray[Any]:
    """Which pixels are ink: the rarer of light and dark."""
    import cv2

    light = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, dark = cv2.threshold(light, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    ink: NDArray[Any] = dark.astype(bool)
    return ~ink if ink.mean() > 0.5 else ink


def _groups(signs: Sequence[Sign], columns: NDArray[Any], high: int) -> Iterator[tuple[list[Sign], int, int]]:
    """The characters of each word and the columns it may take: up to half-way to its neighbours."""
    across = len(columns)
    begin = 0
    group: list[Sign] = []
    for sign in signs:
        blank = not sign.text.strip()
        if group and (blank or _parted(group[-1], sign, columns, high)):
            end = round(across * (sign.at if blank else (group[-1].at + sign.at) / 2))
            yield group, begin, max(end, begin + 1)
            begin, group = min(max(end, begin), across - 1), []
        if not blank:
            group.append(sign)
    if group:
        yield group, begin, across


def _parted(before: Sign, after: Sign, columns: NDArray[Any], high: int) -> bool:
    """Whether paper as wide as a blank lies between two characters that were read as one word."""
    import numpy as np

    between = columns[round(before.at * len(columns)) : round(after.at * len(columns))]
    edges = np.flatnonzero(np.concatenate([[True], between, [True]]))
    return int(np.diff(edges).max()) - 1 > high * _least_gap(before.text + after.text)


def _least_gap(pair: str) -> float:
    wide = [sign >= "\u2e80" for sign in pair]
    if any(wide):
        return _WIDE_GAP if all(wide) else _SCRIPT_GAP
    if pair[0].isalpha() and pair[1] in _CURRENCY:
        return _SIGN_GAP
    return _NUMBER_GAP if all(sign in _OF_NUMBERS for sign in pair) else _LETTER_GAP


def _box(quad: NDArray[Any], part: Box) -> Box:
    """The upright box around a part of a line, given in fractions of the line."""
    import numpy as np

    x, y = np.array([part[0], part[2], part[2], part[0]]), np.array([part[1], part[1], part[3], part[3]])
    top = quad[0] + np.outer(x, quad[1] - quad[0])
    bottom = quad[3] + np.outer(x, quad[2] - quad[3])
    points = top + y[:, None] * (bottom - top)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return (float(x0), float(y0), float(x1), float(y1))


def _points(turned: Turned, points: float | None) -> float:
    """Points a pixel."""
    across, down = turned.size
    return points or (A4[0] if down >= across else A4[1]) / across


def _page(words: Sequence[Word], number: int, turned: Turned, points: float, image: Pixels) -> Page:
    scaled = tuple(
        Word(word.text, tuple(round(edge * points, 2) for edge in word.box), number, round(word.confidence, 4))  # type: ignore[arg-type]
        for word in words
    )
    across, down = turned.size
    return Page(number, across * points, down * points, scaled, "ocr", turned.rotation, _corners(turned, image))


def _corners(turned: Turned, image: Pixels) -> Corners | None:
    """Where the upright page's corners lie in the picture as it came, as fractions of it; None: it is the same."""
    import numpy as np

    if np.allclose(turned.matrix, np.eye(3)):
        return None
    across, down = turned.size
    corners = mapped(np.linalg.inv(turned.matrix), np.array([[0, 0], [across, 0], [across, down], [0, down]], float))
    fractions = corners / np.array([image.shape[1], image.shape[0]], float)
    return tuple((round(float(x), 6), round(float(y), 6)) for x, y in fractions)
