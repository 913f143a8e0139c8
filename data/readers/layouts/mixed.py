"""Pages with a text layer and a picture that says more: a stamped scan, a letterhead over a scanned body.

The words of the layer stay as they are; those that only the picture shows are recognised and put beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.domain.layout import Box, Page, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.readers.layouts.ocr import Pixels

LARGE = 0.3  # share of the page from which on a picture is looked at
_MORE = 3  # lines without words of the layer that are worth recognising
_COVERED = 0.15  # share of a line that words of the layer take when it is theirs


def says_more(pixels: Pixels, points: float, layer: Page) -> bool:
    """Whether lines are seen on a page, drawn at so many points a pixel, that the layer does not know."""
    from data.readers.layouts.ocr import recogniser

    quads = recogniser().detect(pixels) * points
    lines = [(*quad.min(axis=0).tolist(), *quad.max(axis=0).tolist()) for quad in quads]
    return sum(not _known(line, layer.words) for line in lines) >= _MORE


def both(layer: Page, seen: Page) -> Page:
    """The layer's words, then those recognised beside them; ``seen`` is the same page, recognised whole."""
    placed = to_shown(seen)
    words = [replace(word, box=_shown(placed, word.box, layer)) for word in seen.words]
    more = tuple(word for word in words if not _known(word.box, layer.words))
    return replace(layer, words=(*layer.words, *more), method="ocr")


def to_shown(page: Page) -> NDArray[Any]:
    """(3, 3): from points of the upright page to fractions of the page as its file shows it."""
    import cv2
    import numpy as np

    corners = page.corners or ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    points = np.array([[0, 0], [page.width, 0], [page.width, page.height], [0, page.height]], np.float32)
    found: NDArray[Any] = cv2.getPerspectiveTransform(points, np.array(corners, np.float32))
    return found


def _shown(placed: NDArray[Any], box: Box, layer: Page) -> Box:
    """The box on the page as it is shown, in the layer's points."""
    import numpy as np

    from data.readers.layouts.upright import mapped

    x0, y0, x1, y1 = box
    corners = mapped(placed, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float)) * [layer.width, layer.height]
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return (round(left, 2), round(top, 2), round(right, 2), round(bottom, 2))


def _known(box: Box, words: Sequence[Word]) -> bool:
    """Whether words of the layer stand in the box."""
    area = max((box[2] - box[0]) * (box[3] - box[1]), 1e-6)
    return sum(_shared(box, word.box) for word in words) >= _COVERED * area


def _shared(a: Box, b: Box) -> float:
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across * down if across > 0 and down > 0 else 0.0
