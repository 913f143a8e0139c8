"""Lines of a page made ready for searching: one text with its words' boxes, parted into cells by wide gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from app.domain.layout import Box, Layout, Page, Word
from app.domain.wording import Folded, Speller, fold_words, has_han, is_han

GAP = 1.3  # heights between two cells
_CLOSE = 0.6  # heights between two columns set close
_WIDE = "\t"


@dataclass(frozen=True)
class Strip:
    """One line; ``text`` has its words with one blank between, a tab where a wide gap lies."""

    words: tuple[Word, ...]
    text: str
    starts: tuple[int, ...]  # of each word in ``text``
    folded: Folded
    page: Page
    number: int  # of the line in the document, from 0
    joined: bool = False  # made of several lines of running text

    @cached_property
    def top(self) -> float:
        return min(word.box[1] for word in self.words)

    @cached_property
    def bottom(self) -> float:
        return max(word.box[3] for word in self.words)

    @cached_property
    def height(self) -> float:
        """A usual height of its words, in points."""
        heights = sorted(word.height for word in self.words)
        return heights[len(heights) // 2]

    @cached_property
    def cells(self) -> tuple[tuple[int, int], ...]:
        """Start and end in ``text`` of what lies between wide gaps."""
        return tuple((match.start(), match.end()) for match in re.finditer(r"[^\t]+", self.text))

    @cached_property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """As ``cells``, parted also by gaps wider than a blank: the headings of a table whose columns are set close."""
        out: list[list[int]] = []
        before: Word | None = None
        for word, start in zip(self.words, self.starts, strict=True):
            if before is None or _stand_apart(before, word):
                out.append([start, start + len(word.text)])
            out[-1][1] = start + len(word.text)
            before = word
        return tuple((start, end) for start, end in out)

    def cell_at(self, place: int) -> tuple[int, int]:
        return next((cell for cell in self.cells if place < cell[1]), self.cells[-1])

    def parts(self, start: int, end: int) -> list[Word]:
        """Words of a piece of the text; a word it cuts gives the part of its box."""
        out = []
        for word, first in zip(self.words, self.starts, strict=True):
            last = first + len(word.text)
            if first < end and start < last:
                out.append(_cut(word, max(start - first, 0), min(end - first, len(word.text))))
        return out

    def box(self, start: int, end: int) -> Box:
        boxes = [word.box for word in self.parts(start, end)] or [self.words[0].box]
        edges = list(zip(*boxes, strict=True))
        return (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))

    def confidence(self, start: int, end: int) -> float:
        """The least of the recognition's confidences in a piece."""
        return min((word.confidence for word in self.parts(start, end)), default=1.0)

    def raw(self, start: int, end: int) -> str:
        return self.text[start:end].replace(_WIDE, " ").replace("\n", " ").strip()


def _cut(word: Word, start: int, end: int) -> Word:
    if start == 0 and end == len(word.text):
        return word
    weights = [2.0 if is_han(sign) else 1.0 for sign in word.text]
    total = sum(weights)
    x0, y0, x1, y1 = word.box
    left = x0 + (x1 - x0) * sum(weights[:start]) / total
    right = x0 + (x1 - x0) * sum(weights[:end]) / total
    return Word(word.text[start:end], (left, y0, right, y1), word.page, word.confidence)


def strips_of(layout: Layout, speller: Speller | None = None) -> tuple[Strip, ...]:
    """The lines of all pages; ``speller`` puts right what recognition read, never a text layer."""
    out: list[Strip] = []
    for page in layout.pages:
        mender = speller if page.method == "ocr" else None
        for words in page.lines:
            kept = tuple(word for word in words if word.text.strip())
            if kept:
                out.append(strip_of(kept, page, len(out), mender))
    return tuple(out)


def strip_of(words: Sequence[Word], page: Page, number: int, speller: Speller | None = None) -> Strip:
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    for before, word in zip((None, *words), words, strict=False):
        if before is not None:
            pieces.append(_between(before, word))
            at += 1
        starts.append(at)
        pieces.append(word.text)
        at += len(word.text)
    folded = fold_words([word.text for word in words], speller)
    return Strip(tuple(words), "".join(pieces), tuple(starts), folded, page, number)


def _between(before: Word, word: Word) -> str:
    gap = word.box[0] - before.box[2]
    return _WIDE if gap > GAP * min(before.height, word.height) else " "


def _stand_apart(before: Word, word: Word) -> bool:
    """Whether the gap is wider than a blank; one of a typewriter is as wide as its letters."""
    gap = word.box[0] - before.box[2]
    one, other = ((each.box[2] - each.box[0]) / len(each.text) for each in (before, word))
    typed = abs(one - other) < 0.05 * one and abs(gap - one) < 0.1 * one
    return gap > _CLOSE * min(before.height, word.height) and not typed


def running(strips: Sequence[Strip]) -> Strip | None:
    """All lines as one, for sentences that run on; None where there are none."""
    if not strips:
        return None
    words = tuple(word for strip in strips for word in strip.words)
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    before = strips[0]
    rights = _margins(strips)
    for strip in strips:
        if pieces:
            glue = "" if _wrapped(before, strip) else " " if _flows(before, strip, rights) else "\n"
            pieces.append(glue)
            at += len(glue)
        starts += [at + start for start in strip.starts]
        pieces.append(strip.text)
        at += len(strip.text)
        before = strip
    first = strips[0]
    return Strip(words, "".join(pieces), tuple(starts), first.folded, first.page, first.number, joined=True)


def _wrapped(before: Strip, after: Strip) -> bool:
    """Whether a Chinese sentence goes on in the next line."""
    full = before.words[-1].box[2] > 0.72 * before.page.width
    return full and is_han(before.text[-1:]) and is_han(after.text[:1])


def _margins(strips: Sequence[Strip]) -> dict[int, float]:
    """Where lines end at most, by the place where they begin (in tens of points)."""
    rights: dict[int, float] = {}
    for strip in strips:
        left = round(strip.words[0].box[0] / 10)
        for near in (left - 1, left, left + 1):
            rights[near] = max(rights.get(near, 0.0), strip.words[-1].box[2])
    return rights


def _flows(before: Strip, after: Strip, rights: dict[int, float]) -> bool:
    """Whether a sentence goes on in the next line: its first word found no room in the line before."""
    if _WIDE in before.text or _WIDE in after.text or len(before.words) < 4 or is_han(before.text[-1:]):
        return False
    left, gap = before.words[0].box[0], after.top - before.bottom
    if abs(after.words[0].box[0] - left) > 3 * before.height or gap > 1.3 * before.height:
        return False
    word = after.words[0].box
    return before.words[-1].box[2] + (word[2] - word[0]) + 0.15 * before.height > rights[round(left / 10)]


def overlap(a: Box, b: Box) -> float:
    """Share of the narrower box that lies above or below the other."""
    shared = min(a[2], b[2]) - max(a[0], b[0])
    return max(shared, 0.0) / max(min(a[2] - a[0], b[2] - b[0]), 1.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line: its place in the strip's text."""

    strip: Strip
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.strip.raw(self.start, self.end)

    @property
    def box(self) -> Box:
        return self.strip.box(self.start, self.end)


_BELOW_LINE = frozenset("gjpqyQJ,;()[]{}/|@$§ßçÇ")  # signs that reach below the line they stand on
_LEAST_ON_LINE = 3


def unevenness(strip: Strip) -> float | None:
    """How far the feet of its words lie off a straight line, as a share of its height; None where nothing tells."""
    feet = [
        ((word.box[0] + word.box[2]) / 2, word.box[3])
        for word in strip.words
        if not _BELOW_LINE.intersection(word.text) and word.text[:1].isalnum() and not has_han(word.text)
    ]
    if len(feet) < _LEAST_ON_LINE:
        return None
    x, y = fmean(at for at, _ in feet), fmean(foot for _, foot in feet)
    spread = sum((at - x) ** 2 for at, _ in feet)
    slope = sum((at - x) * (foot - y) for at, foot in feet) / spread if spread else 0.0
    return fmean(abs(foot - y - slope * (at - x)) for at, foot in feet) / strip.height
