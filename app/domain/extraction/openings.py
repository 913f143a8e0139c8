"""What reading left open: fields without a value, each with the places on the pages that may hold it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.cross_checks import DOUBTFUL
from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.extraction.candidates import Candidate
from app.domain.extraction.fields import context_of
from app.domain.extraction.near_labels import may_be, within
from app.domain.extraction.values import Context, Value, values_in
from app.domain.kind_words import Paper
from app.domain.pointing import Opening, Span
from app.domain.reading import DocumentField
from app.domain.strips import Strip, overlap

MOST_SPANS = 12  # of one field; where there are more, which of them it is cannot be told by what stands beside them
_LEAST = 0.6  # quality of a value that may be it
_WORDED = (FieldType.NAME, FieldType.TEXT, FieldType.ADDRESS)
_CONTEXT = 60  # signs of what stands beside a value
_LINES_ABOVE, _FAR = 2, 3.0  # lines over a value that are looked at, and how many heights away


def openings_of(paper: Paper, kind: DocumentKind, read: Sequence[DocumentField]) -> tuple[Opening, ...]:
    """The fields that the kind requires, that become facts, or that are amounts, and were not read."""
    known = {field.name for field in read}
    taken = [field for field in read if field.confidence >= DOUBTFUL]
    context = context_of(paper)
    found = []
    for spec in kind.fields:
        if spec.name not in known and (spec.required or spec.fact or spec.type is FieldType.MONEY):
            spans = list(_spans(paper, spec, context, taken))
            if 0 < len(spans) <= MOST_SPANS:
                found.append(Opening(spec.name, spec.label["en"], tuple(spans)))
    return tuple(found)


def _spans(paper: Paper, spec: FieldSpec, context: Context, taken: Sequence[DocumentField]) -> Iterator[Span]:
    """Values of the field's type, each once, but those of other fields that are sure."""
    seen: set[object] = set()
    for strip in paper.strips:
        for start, value in _values(strip, spec, context):
            place = (start + value.start, start + value.end)
            made = Candidate(
                spec.name,
                value.value,
                strip.raw(*place),
                strip.page.number,
                strip.box(*place),
                0.0,
                "",
                line=strip.number,
            )
            if value.value in seen or not may_be(paper, spec, made, context) or _is_taken(made, taken):
                continue
            seen.add(value.value)
            before, above = strip.raw(0, place[0])[-_CONTEXT:], _over(paper, strip, place)
            currency = value.currency if spec.type is FieldType.MONEY else None
            yield Span(value.value, made.raw, made.page, made.box, currency, before, above)


def _values(strip: Strip, spec: FieldSpec, context: Context) -> Iterator[tuple[int, Value]]:
    """Values in the cells of a line with where their text begins; words only behind the colon of their cell."""
    for start, end in strip.cells:
        text = strip.text[start:end]
        colon = max(text.rfind(":"), text.rfind("：")) + 1 if spec.type in _WORDED else 0
        for value in values_in(spec, text[colon:], context):
            if value.quality >= _LEAST:
                yield start + colon, value


def _is_taken(made: Candidate, taken: Sequence[DocumentField]) -> bool:
    return any(field.box is not None and field.page == made.page and within(made.box, field.box) for field in taken)


def _over(paper: Paper, strip: Strip, place: tuple[int, int]) -> str:
    """The nearest text over a place."""
    box = strip.box(*place)
    for number in range(strip.number - 1, max(strip.number - 1 - _LINES_ABOVE, -1), -1):
        line = paper.strips[number]
        if line.page.number != strip.page.number or strip.top - line.bottom > _FAR * strip.height:
            break
        cell = next((cell for cell in line.cells if overlap(line.box(*cell), box) > 0.3), None)
        if cell is not None:
            return line.raw(*cell)[:_CONTEXT]
    return ""
