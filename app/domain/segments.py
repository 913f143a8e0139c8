"""Several documents scanned into one file: where one ends and the next begins.

A file is parted only where a page tells by itself that it begins another document; in doubt it stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.document_kinds import UNKNOWN, Recognition
from app.domain.kind_words import KindWords, Paper, paper_of
from app.domain.layout import Layout
from app.domain.recognise import Scale, evidence, heading, probabilities, recognition_of
from app.domain.strips import Strip

_SURE = 0.95  # probability of its kind from which a page begins a document of its own
_KNOWN = 0.8  # the same of the pages before it
_TRACE = 0.01  # probability of the kind of the pages before from which a page may still belong to them
_HEADED = 1.6  # evidence of title or machine-readable zone at the beginning of a document
_MARGIN = 3  # lines at the top and at the bottom in which pages are numbered and letterheads repeated
_LEAST_LETTERS = 8  # of a line that pages of one document share
_COUNTED = (
    re.compile(
        r"\b(?:page|pg|p|seite|blatt|pagina|página|pág|sida|sid|blad|folio)\b\.?\s*(?:no\.?\s*)?(?P<page>\d{1,3})"
        r"\s*(?:(?:of|out of|von|de|sur|di|van|av)\b|[/(])\s*(?P<pages>\d{1,3})",
        re.I,
    ),
    re.compile(r"第\s*(?P<page>\d{1,3})\s*页\D{0,4}(?:共|总)?\s*(?P<pages>\d{1,3})\s*页"),
    re.compile(r"共\s*(?P<pages>\d{1,3})\s*页\D{0,4}第\s*(?P<page>\d{1,3})\s*页"),
    re.compile(r"(?:^|\t)\W{0,3}(?P<page>\d{1,2})\s?(?:/|of)\s?(?P<pages>\d{1,2})\W{0,3}(?:\t|$)"),
)
_SCANNER = re.compile(r"scan|camera", re.I)

Telling = Callable[[Paper, str], Mapping[str, str]]
"""Sure values of a kind that tell one document of it from the next: numbers, periods, days; by field."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One page as a document of its own."""

    paper: Paper
    told: Recognition
    chances: Mapping[str, float]
    heading: float
    place: tuple[int, int] | None  # page and pages, as it numbers itself
    margin: frozenset[str]  # what stands at its top and bottom, in letters alone


def segments(layout: Layout, words: KindWords, scale: Scale, telling: Telling) -> tuple[Layout, ...]:
    """The documents of a file, in order; the layout itself where there is one alone."""
    if len(layout.pages) < 2:
        return (layout,)
    leaves = [_leaf(replace(layout, pages=(page,)), words, scale) for page in layout.pages]
    starts = [0]
    current = leaves[0]
    for at in range(1, len(leaves)):
        if _begins(leaves[at], leaves[at - 1], current, telling):
            starts.append(at)
            current = leaves[at]
        else:
            current = _leaf(replace(layout, pages=layout.pages[starts[-1] : at + 1]), words, scale)
    ends = (*starts[1:], len(leaves))
    if len(starts) == 1:
        return (layout,)
    return tuple(_part(layout, start, end) for start, end in zip(starts, ends, strict=True))


def _part(layout: Layout, start: int, end: int) -> Layout:
    pages = layout.pages[start:end]
    first, last = pages[0].number, pages[-1].number
    unread = tuple(each for each in layout.unread if first <= each[0] <= last)
    return Layout(pages, len(pages), unread)


def _leaf(layout: Layout, words: KindWords, scale: Scale) -> _Leaf:
    paper = paper_of(layout, words)
    chances = probabilities(evidence(paper), scale)
    told = recognition_of(chances, scale)
    first = [strip for strip in paper.strips if strip.page.number == layout.pages[0].number]
    margin = [*first[:_MARGIN], *first[-_MARGIN:]]
    return _Leaf(paper, told, chances, heading(paper, told.kind), _numbered(margin), _shared(margin))


def _numbered(margin: Sequence[Strip]) -> tuple[int, int] | None:
    for strip in margin:
        for pattern in _COUNTED:
            found = pattern.search(strip.text)
            if found and 1 <= int(found["page"]) <= int(found["pages"]):
                return int(found["page"]), int(found["pages"])
    return None


def _shared(margin: Sequence[Strip]) -> frozenset[str]:
    """Lines without figures, so that one that only counts its pages is the same."""
    texts = ("".join(sign for sign in strip.folded.text if sign.isalpha()) for strip in margin)
    raws = (strip.text for strip in margin)
    found = zip(texts, raws, strict=True)
    return frozenset(text for text, raw in found if len(text) >= _LEAST_LETTERS and not _SCANNER.search(raw))


def _begins(leaf: _Leaf, before: _Leaf, current: _Leaf, telling: Telling) -> bool:
    """Whether a page begins a document, ``current`` being what the pages before it make together."""
    if leaf.place and leaf.place[0] > 1:
        return False
    kind, known = leaf.told.kind, current.told.kind
    if kind == UNKNOWN or leaf.heading < _HEADED or leaf.told.confidence < _SURE:
        return False
    if known == UNKNOWN or current.told.confidence < _KNOWN:
        return False
    if kind == known:
        return current.heading >= _HEADED and _another(leaf, current, telling)
    if leaf.chances.get(known, 0.0) >= _TRACE:
        return False
    return bool(leaf.place) or not leaf.margin & before.margin


def _another(leaf: _Leaf, current: _Leaf, telling: Telling) -> bool:
    """Whether two of one kind name themselves by values that differ."""
    one, other = telling(leaf.paper, leaf.told.kind), telling(current.paper, leaf.told.kind)
    return any(one[name] != other[name] for name in one.keys() & other.keys())
