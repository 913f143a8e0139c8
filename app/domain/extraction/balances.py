"""Balances of an account by the day they are told for: "Saldo al 01/08" opens a statement, a later one closes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.domain.document_kinds import DocumentKind
from app.domain.extraction.amounts import Amount, amounts_in, money_text
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.dates import days_in
from app.domain.extraction.values import Context
from app.domain.kind_words import Hit, Paper
from app.domain.strips import Strip

_ENDS = ("opening_balance", "closing_balance")
_NEAR = 1.8  # heights to the line below that holds nothing but the amount
_BY_DAYS, _BELOW = 0.95, 0.84
Place = tuple[Strip, Amount]


def from_balances(paper: Paper, kind: DocumentKind, context: Context) -> Iterator[Candidate]:
    """The first and the last of several balances with their days, and amounts in a line below their words."""
    if not {spec.name for spec in kind.fields}.issuperset(_ENDS):
        return
    dated: list[tuple[date, Place]] = []
    for strip, hits in zip(paper.strips, paper.hits, strict=True):
        for hit in hits:
            ends = {name for name, _ in hit.meaning.labels.get(kind.id, ())}.intersection(_ENDS)
            found = _amount_of(paper, strip, hit, context) if ends else None
            if found is None:
                continue
            day = next(days_in(strip.text[hit.start :], context.order), None)
            if len(ends) == len(_ENDS):
                dated += [(day.value, found)] if day is not None else []
            elif found[0] is not strip:
                yield _made(ends.pop(), found, _BELOW, context)
    days = {day for day, _ in dated}
    if len(days) > 1:
        first = next(place for day, place in dated if day == min(days))
        last = next(place for day, place in dated if day == max(days))
        yield _made("opening_balance", first, _BY_DAYS, context)
        yield _made("closing_balance", last, _BY_DAYS, context)


def _amount_of(paper: Paper, strip: Strip, hit: Hit, context: Context) -> Place | None:
    """The amount behind the words, else the one that the next line holds alone."""
    for found in amounts_in(strip.text, context.style, slips=context.ocr):
        if found.start >= hit.end and (found.cents or found.currency):
            return strip, found
    below = next((paper.strips[number] for number in paper.following(strip.number)), None)
    if below is None or len(below.cells) > 1 or below.top - strip.bottom > _NEAR * strip.height:
        return None
    alone = [found for found in amounts_in(below.text, context.style) if found.cents]
    return (below, alone[0]) if len(alone) == 1 and not any(map(str.isalpha, below.text)) else None


def _made(field: str, place: Place, score: float, context: Context) -> Candidate:
    strip, found = place
    span = (found.start, found.end)
    return Candidate(
        field, money_text(found.value), strip.raw(*span), strip.page.number, strip.box(*span),
        score * found.quality * strip.confidence(*span) ** 0.5, "label", found.currency or context.style.currency,
        strip.number,
    )  # fmt: skip
