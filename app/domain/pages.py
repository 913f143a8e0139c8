"""How a document looks: one of its pages drawn, rows of its table, or lines of its text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page drawn on white; ``width`` and ``height`` are points of the upright page, in which boxes are given.

    Of a picture that was not read they are its own pixels.
    """

    page: int  # from 1
    pages: int
    width: float
    height: float
    across: int  # pixels
    down: int  # pixels
    pixels: bytes | memoryview  # rows from the top, four bytes a pixel: blue, green, red, unused


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Rows of a table around one of them, as texts; ``numbers`` are those that facts name as their row."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TextLines:
    """Lines of a text; ``marked`` is the index of the one that counts, ``marks`` are all that do."""

    lines: tuple[str, ...]
    marked: int | None = None
    marks: tuple[int, ...] = ()
    skipped: int = 0  # lines left out before the first one
    total: int = 0


HEAVY = 3 * 2**20
"""Bytes from which a document takes long to open, so that its first page is drawn ahead."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first page of a document that takes long to open, as it is shown meanwhile."""

    width: float  # of the page, in points
    height: float
    pages: int  # of the document
    picture: bytes  # JPEG; for the page reader's process alone, like any file
