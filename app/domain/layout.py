"""Pages as words with their boxes, whichever way they were read: from a text layer, by character recognition, from an
office file. Everything that recognises kinds and finds fields works on this alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points from the page's top left, after its orientation was corrected."""


Corners = tuple[tuple[float, float], ...]
"""Four points, top left, top right, bottom right, bottom left of the upright page, as fractions of the width and height
of the page as its file shows it: where it lies in a photograph, or turned. They may lie outside it."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text without blanks and its box."""

    text: str
    box: Box
    page: int  # from 1
    confidence: float = 1.0  # of the recognition; 1 for a text layer

    @property
    def height(self) -> float:
        return max(self.box[3] - self.box[1], 1.0)


Line = tuple[Word, ...]
"""Words of one line of a page from left to right."""


@dataclass(frozen=True)
class Page:
    """One page; ``width`` and ``height`` in points, after ``rotation`` degrees clockwise made it upright."""

    number: int  # from 1
    width: float
    height: float
    words: tuple[Word, ...]
    method: str = "text"  # "text": of a text layer or an office file; "ocr"
    rotation: int = 0  # 0, 90, 180 or 270
    corners: Corners | None = None  # None: the page as its file shows it is upright

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """From top to bottom."""
        return tuple(lines_of(self.words))


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a page that its file shows otherwise is drawn upright, in points, so that boxes fit what is seen."""

    page: int  # from 1
    width: float
    height: float
    corners: Corners | None = None  # see ``Page``

    def to_json(self) -> list[Any]:
        return [self.page, self.width, self.height, self.corners]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> Sheet:
        page, width, height, corners = data
        return cls(page, width, height, corners and tuple((x, y) for x, y in corners))


@dataclass(frozen=True, slots=True)
class Segment:
    """One of several documents that were scanned into one file."""

    first: int  # page, from 1
    last: int
    kind: str
    kind_confidence: float  # probability that ``kind`` is right

    def to_json(self) -> list[Any]:
        return [self.first, self.last, self.kind, self.kind_confidence]


@dataclass(frozen=True)
class Layout:
    """The pages that were read, in order."""

    pages: tuple[Page, ...]
    page_count: int  # of the file, more than were read in long ones
    unread: tuple[tuple[int, str], ...] = ()  # pages that were given up, and why

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for page in self.pages for line in page.lines)

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """Of pages that were made upright or measured in reading; the others are as their file shows them."""
        seen = (page for page in self.pages if page.corners is not None or page.method == "ocr")
        return tuple(Sheet(page.number, page.width, page.height, page.corners) for page in seen)

    @cached_property
    def text(self) -> str:
        return "\n".join(line_text(line) for line in self.lines)


def line_text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def box_around(words: Sequence[Word]) -> Box:
    """The smallest box that holds all the words."""
    edges = list(zip(*(word.box for word in words), strict=True))
    return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))


def lines_of(words: Sequence[Word]) -> Iterator[Line]:
    """Words of a page whose middles lie within half a height of one another, from left to right."""
    line: list[Word] = []
    for word in sorted(words, key=lambda w: ((w.box[1] + w.box[3]) / 2, w.box[0])):
        middle = (word.box[1] + word.box[3]) / 2
        if line and middle - (line[0].box[1] + line[0].box[3]) / 2 > 0.5 * line[0].height:
            yield tuple(sorted(line, key=lambda w: w.box[0]))
            line = []
        line.append(word)
    if line:
        yield tuple(sorted(line, key=lambda w: w.box[0]))
