"""Figures and reasons on the page of a letter, each with the fact that it says."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.facts import Catalogue, Fact, Kind
from app.domain.layout import Box, Page
from app.domain.page_search import find_on
from app.usecases.show_case import CaseView
from views import format as fmt
from views.models.case_reading import standing_fact

_FIRST = ("request.", "offer.", "loan.", "limit.", "score.")
"""Facts that a letter tells of sooner than others of the same value."""
_OPENING = 5  # words by which a reason is found, for it may take several lines
_LEAST = 3  # digits of a figure that is looked for


def letter_marks(page: Page, view: CaseView, catalogue: Catalogue, language: str) -> list[tuple[Fact, Box]]:
    """Facts of the case with their places on a page of its letter; no two at one place."""
    found: list[tuple[Fact, Box]] = []
    for fact, box in (*_reasons(page, view), *_figures(page, view, catalogue, language)):
        if not any(_overlap(box, other) for _, other in found):
            found.append((fact, box))
    return found


def _reasons(page: Page, view: CaseView) -> Iterator[tuple[Fact, Box]]:
    for reason in view.decision.reasons if view.decision else ():
        fact = standing_fact(view, reason.fact) if reason.fact else None
        opening = " ".join(reason.text.split()[:_OPENING])
        for box in find_on(page, opening)[:1] if fact else ():
            assert fact is not None, "asked for above"
            yield fact, box


def _figures(page: Page, view: CaseView, catalogue: Catalogue, language: str) -> Iterator[tuple[Fact, Box]]:
    def told_first(fact: Fact) -> tuple[int, str]:
        return next((at for at, head in enumerate(_FIRST) if fact.name.startswith(head)), len(_FIRST)), fact.name

    for fact in sorted(view.facts, key=told_first):
        definition = catalogue.get(fact.name)
        if definition is None or definition.kind not in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT, Kind.COUNT):
            continue
        text = fmt.fact_text(fact, catalogue, language).removesuffix(f" {fact.unit}")
        if sum(sign.isdigit() for sign in text) >= _LEAST:
            yield from ((fact, box) for box in find_on(page, text, figure=True))


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
