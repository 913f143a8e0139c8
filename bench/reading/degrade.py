"""Pages as scanners, telephones and copiers give them: from a clean picture of the page, by seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Rows, columns, blue-green-red."""

LONGEST = 2000  # pixels


def degraded(picture: Picture, how: str, rng: Random) -> tuple[Picture, int]:
    """The picture as ``how`` gives it, and the JPEG quality it is to be stored with."""
    return PROFILES[how](_sized(picture, LONGEST), rng)


def _sized(picture: Picture, longest: int) -> Picture:
    scale = longest / max(picture.shape[:2])
    return picture if scale >= 1 else _u8(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _u8(picture: Any) -> Picture:
    clipped: Picture = np.clip(picture, 0, 255).astype(np.uint8)
    return clipped


def _scan(picture: Picture, rng: Random) -> tuple[Picture, int]:
    return _noise(_skew(picture, rng.uniform(-2, 2)), rng, 3), 75


def _skewed(picture: Picture, rng: Random) -> tuple[Picture, int]:
    angle = rng.choice((-1, 1)) * rng.uniform(2.5, 5)
    return _noise(_skew(picture, angle), rng, 4), 65


def _turned(picture: Picture, rng: Random) -> tuple[Picture, int]:
    turn = rng.choice((cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE))
    return _noise(_skew(_u8(cv2.rotate(picture, turn)), rng.uniform(-1.5, 1.5)), rng, 3), 70


def _photo(picture: Picture, rng: Random) -> tuple[Picture, int]:
    shot = _on_table(picture, rng)
    shot = _shadow(shot, rng, 0.35)
    return _noise(_u8(cv2.GaussianBlur(shot, (0, 0), rng.uniform(0.5, 0.9))), rng, 5), 65


def _dim(picture: Picture, rng: Random) -> tuple[Picture, int]:
    """A photograph in poor light."""
    shot = _shadow(_on_table(picture, rng), rng, 0.5)
    tinted = shot * np.array([0.72, 0.84, 0.92]) * rng.uniform(0.75, 0.9)
    return _noise(_u8(cv2.GaussianBlur(_u8(tinted), (0, 0), rng.uniform(0.6, 1.0))), rng, 8), 55


def _low(picture: Picture, rng: Random) -> tuple[Picture, int]:
    """Few pixels and a coarse JPEG, as messengers send pictures on."""
    small = _sized(picture, rng.randrange(1150, 1350))
    return _skew(_u8(cv2.GaussianBlur(small, (0, 0), 0.5)), rng.uniform(-1, 1)), rng.randrange(40, 50)


def _creased(picture: Picture, rng: Random) -> tuple[Picture, int]:
    return _noise(_folds(_skew(picture, rng.uniform(-3, 3)), rng), rng, 4), 60


def _copied(picture: Picture, rng: Random) -> tuple[Picture, int]:
    """Black and white, as a copier or a fax machine makes it."""
    grey = cv2.GaussianBlur(cv2.cvtColor(_skew(picture, rng.uniform(-2, 2)), cv2.COLOR_BGR2GRAY), (0, 0), 0.6)
    noisy = _noise(_u8(cv2.cvtColor(_u8(grey), cv2.COLOR_GRAY2BGR)), rng, 12)
    return _u8(np.where(noisy > 150, 255, 0)), 75


PROFILES: dict[str, Callable[[Picture, Random], tuple[Picture, int]]] = {
    "scan": _scan,
    "skewed": _skewed,
    "turned": _turned,
    "photo": _photo,
    "dim": _dim,
    "low": _low,
    "creased": _creased,
    "copied": _copied,
}


def _generator(rng: Random) -> np.random.Generator:
    return np.random.default_rng(rng.randrange(2**32))


def _noise(picture: Picture, rng: Random, strength: float) -> Picture:
    return _u8(picture + _generator(rng).normal(0, strength, picture.shape))


def _skew(picture: Picture, degrees: float) -> Picture:
    """Turned on a white ground that grows with it."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    wide = int(height * abs(matrix[0, 1]) + width * abs(matrix[0, 0]))
    high = int(height * abs(matrix[0, 0]) + width * abs(matrix[0, 1]))
    matrix[:, 2] += ((wide - width) / 2, (high - height) / 2)
    return _u8(cv2.warpAffine(picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)))


def _on_table(picture: Picture, rng: Random) -> Picture:
    """Photographed at an angle on a table."""
    height, width = picture.shape[:2]
    edge = 0.06 * max(height, width)
    high, wide = int(height + 2 * edge), int(width + 2 * edge)

    def corner(x: float, y: float) -> list[float]:
        return [edge + x + rng.uniform(-0.6, 0.6) * edge, edge + y + rng.uniform(-0.6, 0.6) * edge]

    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = np.array([corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    page = cv2.warpPerspective(picture, matrix, (wide, high), flags=cv2.INTER_CUBIC)
    there = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, (wide, high))
    mask = cv2.GaussianBlur(there, (0, 0), 1.2)[..., None] / 255
    return _sized(_u8(page * mask + _table(high, wide, rng) * (1 - mask)), LONGEST)


def _table(high: int, wide: int, rng: Random) -> NDArray[np.float64]:
    """Streaked like wood."""
    streaks = _generator(rng).normal(0, 1, (high, max(wide // 40, 2)))
    grain = cv2.resize(cv2.GaussianBlur(streaks, (0, 0), 1.5), (wide, high), interpolation=cv2.INTER_LINEAR)
    colour = np.array(rng.choice([(60, 90, 130), (70, 70, 75), (120, 140, 155), (40, 60, 85)]), float)
    return colour + grain[..., None] * 22


def _shadow(picture: Picture, rng: Random, depth: float) -> Picture:
    """Light that falls off to one side."""
    height, width = picture.shape[:2]
    down, across = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * across + np.sin(angle) * down
    light = 1 - depth / (1 + np.exp(-4 * (slope - rng.uniform(-0.2, 0.5))))
    return _u8(picture * light[..., None])


def _folds(picture: Picture, rng: Random) -> Picture:
    """Two creases, a bright and a dark line each, and a stain."""
    height, width = picture.shape[:2]
    light = np.ones((height, width))
    for share, upright in ((rng.uniform(0.3, 0.7), False), (rng.uniform(0.3, 0.7), True)):
        along = np.arange(width if upright else height) - share * (width if upright else height)
        line = 1 - 0.22 * np.exp(-((along / 4) ** 2)) + 0.10 * np.exp(-(((along - 9) / 6) ** 2)) - 0.05 * (along > 0)
        light *= line[None, :] if upright else line[:, None]
    down, across = np.mgrid[0:height, 0:width]
    away = np.hypot(down - rng.uniform(0.2, 0.8) * height, across - rng.uniform(0.2, 0.8) * width)
    ring = np.exp(-(((away - 0.09 * width) / 9) ** 2))
    tint = 1 - ring[..., None] * np.array([0.35, 0.22, 0.14])
    return _u8(picture * light[..., None] * tint)
