"""Which way up a page lies: quarter turns, slant, perspective and shadow, each looked at cheaply before it is mended.

Every step is a 3 by 3 matrix from pixels of the picture as it came to pixels of the mended one, so that boxes can be
given on the upright page and the page can be drawn the same way (``Page.corners``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from data.readers.layouts.ocr import Pixels, Quads

_GLANCE = 480  # pixels of the longer side of the picture a glance is taken at
_LEAST_SHEET, _MOST_SHEET = 0.2, 0.93  # share of the photograph that a sheet on a table takes
_LEAST_SLANT = 0.4  # degrees worth mending
_SHADE = 0.72  # paper darker than this share of the brightest paper lies in shadow


@dataclass(frozen=True, slots=True)
class Turned:
    """A picture made upright: ``matrix`` takes pixels of the one that came to those of a page of ``size``."""

    matrix: NDArray[Any]
    size: tuple[float, float]  # across, down
    rotation: int = 0  # quarter turns in it, degrees clockwise


def untouched(image: Pixels) -> Turned:
    import numpy as np

    return Turned(np.eye(3), (float(image.shape[1]), float(image.shape[0])))


def find_sheet(image: Pixels) -> Turned | None:
    """The sheet in a photograph of one, pulled straight; None when the picture is the page itself."""
    import cv2
    import numpy as np

    height, width = image.shape[:2]
    scale = _GLANCE / max(height, width)
    glance = cv2.resize(image, (max(1, int(width * scale)), max(1, int(height * scale))), interpolation=cv2.INTER_AREA)
    corners = _sheet_corners(glance)
    if corners is None:
        return None
    corners = corners / scale
    across = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = (np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    target = np.array([[0, 0], [across, 0], [across, down], [0, down]], np.float32)
    return Turned(cv2.getPerspectiveTransform(corners.astype(np.float32), target), (float(across), float(down)))


def _sheet_corners(glance: Pixels) -> NDArray[Any] | None:
    """(4, 2): the corners of the one bright four-sided thing that fills much of the picture."""
    import cv2
    import numpy as np

    light = cv2.GaussianBlur(cv2.cvtColor(glance, cv2.COLOR_BGR2GRAY), (7, 7), 0)
    height, width = light.shape
    rim = np.concatenate([light[:3].ravel(), light[-3:].ravel(), light[:, :3].ravel(), light[:, -3:].ravel()])
    middle = light[height // 4 : -height // 4, width // 4 : -width // 4]
    paper = float(np.percentile(middle, 75))
    if float(np.percentile(rim, 60)) > 0.8 * paper:
        return None  # the rim is paper too
    level, _ = cv2.threshold(light, 0, 255, cv2.THRESH_OTSU)
    bright = cv2.morphologyEx((light > level).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    found = _largest_sheet(bright, light)
    return found if found is not None else _largest_sheet(_edges(light), light)


def _edges(light: NDArray[Any]) -> NDArray[Any]:
    """Where the light changes by its own share: the edge of paper shows in the dark as well."""
    import cv2
    import numpy as np

    level = (np.log1p(light.astype(np.float32)) * (255 / np.log(256.0))).astype(np.uint8)
    return cv2.dilate(cv2.Canny(level, 24, 60), np.ones((5, 5), np.uint8))


def _largest_sheet(mask: NDArray[Any], light: NDArray[Any]) -> NDArray[Any] | None:
    import cv2

    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return None
    outline = cv2.convexHull(max(outlines, key=lambda each: cv2.contourArea(cv2.convexHull(each))))
    share = cv2.contourArea(outline) / light.size
    if not _LEAST_SHEET <= share <= _MOST_SHEET:
        return None
    corners = _four_sided(outline)
    return corners if corners is not None and _stands_out(corners, light) else None


def _stands_out(corners: NDArray[Any], light: NDArray[Any]) -> bool:
    """Whether the inside of each side is brighter than its outside, as paper on a table is."""
    import numpy as np

    middle = corners.mean(axis=0)
    height, width = light.shape
    clear = 0
    for at in range(4):
        along = corners[at] + np.outer(np.linspace(0.08, 0.92, 24), corners[(at + 1) % 4] - corners[at])
        inward = (middle - along) / np.linalg.norm(middle - along, axis=1, keepdims=True)
        inner, outer = along + 9 * inward, along - 9 * inward
        in_sight = ((outer >= 0) & (outer < [width, height])).all(axis=1)
        if in_sight.sum() < 8:
            continue  # the side lies on the rim
        inside, outside = (_light_at(light, points[in_sight]) for points in (inner, outer))
        ratio = float(np.median((inside + 8) / (outside + 8)))
        if ratio < 1.12:
            return False
        clear += ratio > 1.3
    return clear >= 2


def _light_at(light: NDArray[Any], points: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    at = np.clip(points.astype(int), 0, [light.shape[1] - 1, light.shape[0] - 1])
    found: NDArray[Any] = light[at[:, 1], at[:, 0]].astype(float)
    return found


def _four_sided(outline: NDArray[Any]) -> NDArray[Any] | None:
    import cv2
    import numpy as np

    length = cv2.arcLength(outline, closed=True)
    for looseness in (0.02, 0.03, 0.05):
        rough = cv2.approxPolyDP(outline, looseness * length, closed=True).reshape(-1, 2).astype(np.float32)
        if len(rough) == 4:
            corners = in_order(rough)
            fills = cv2.contourArea(outline) / max(cv2.contourArea(corners), 1.0)
            return corners if 0.9 <= fills <= 1.1 and _square_enough(corners) else None
    return None


def _square_enough(corners: NDArray[Any]) -> bool:
    """Whether the corners are those of a page seen from a hand's height: each between 60 and 120 degrees."""
    import numpy as np

    for at in range(4):
        one, other = corners[at - 1] - corners[at], corners[(at + 1) % 4] - corners[at]
        cosine = float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-9))
        if abs(cosine) > 0.5:
            return False
    return True


def in_order(points: NDArray[Any]) -> NDArray[Any]:
    """Four corners as top left, top right, bottom right, bottom left."""
    import numpy as np

    middle = points.mean(axis=0)
    around = points[np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))]
    return np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0)


def without_shadow(image: Pixels) -> Pixels:
    """The picture with its paper evenly lit, where it is not; else itself."""
    import cv2
    import numpy as np

    height, width = image.shape[:2]
    scale = min(1.0, _GLANCE / 2 / max(height, width))
    small = cv2.resize(image, (max(8, int(width * scale)), max(8, int(height * scale))), interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.ones((9, 9), np.uint8)), 21)
    brightest, dark = np.percentile(paper, 95), np.percentile(paper, 8)
    if dark >= _SHADE * brightest or dark < 20:
        return image
    gain = float(brightest) / np.maximum(cv2.GaussianBlur(paper, (31, 31), 0).astype(np.float32), 24.0)
    whole = cv2.resize(np.minimum(gain, 5.0), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.convertScaleAbs(image * whole[:, :, None])


def lies_on_side(quads: Quads) -> bool:
    """Whether most lines run from top to bottom."""
    import numpy as np

    across = np.linalg.norm(quads[:, 1] - quads[:, 0], axis=1)
    down = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    return float(across[across > 1.5 * down].sum()) < float(down[down > 1.5 * across].sum())


def quarter_turned(before: Turned, degrees: int) -> Turned:
    """Turned on by 90, 180 or 270 degrees clockwise."""
    import numpy as np

    across, down = before.size
    turns = {
        0: (np.eye(3), before.size),
        90: (np.array([[0, -1, down], [1, 0, 0], [0, 0, 1]], float), (down, across)),
        180: (np.array([[-1, 0, across], [0, -1, down], [0, 0, 1]], float), before.size),
        270: (np.array([[0, 1, 0], [-1, 0, across], [0, 0, 1]], float), (down, across)),
    }
    matrix, size = turns[degrees % 360]
    return Turned(matrix @ before.matrix, size, (before.rotation + degrees) % 360)


def slant_of(quads: Quads) -> float:
    """Degrees by which lines fall to the right; those that are long for their height say it best."""
    import numpy as np

    along = quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]
    length = np.linalg.norm(along, axis=1) / 2
    height = np.linalg.norm(quads[:, 3] - quads[:, 0], axis=1)
    long = length > 4 * height
    if not long.any():
        return 0.0
    angles, weights = np.degrees(np.arctan2(along[long, 1], along[long, 0])), length[long]
    order = np.argsort(angles)
    middle = int(np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2))
    found = float(angles[order][min(middle, len(order) - 1)])
    return found if _LEAST_SLANT <= abs(found) <= 45 else 0.0


def straightened(before: Turned, slant: float) -> Turned:
    """Turned back by a slant; the page grows so that nothing of the picture is lost."""
    import numpy as np

    angle = np.radians(-slant)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    across, down = before.size
    size = (across * abs(cos) + down * abs(sin), across * abs(sin) + down * abs(cos))
    back = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], float)
    middle = back @ np.array([across / 2, down / 2, 1.0])
    back[:2, 2] = np.array(size) / 2 - middle[:2]
    return Turned(back @ before.matrix, size, before.rotation)


def mapped(matrix: NDArray[Any], points: NDArray[Any]) -> NDArray[Any]:
    """(..., 2) points through a matrix."""
    import numpy as np

    flat = points.reshape(-1, 2)
    out = np.hstack([flat, np.ones((len(flat), 1))]) @ matrix.T
    result: NDArray[Any] = (out[:, :2] / out[:, 2:3]).reshape(points.shape)
    return result
