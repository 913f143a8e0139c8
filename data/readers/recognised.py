"""A layout as parts of a ``ReadResult``: its kind, its fields, and the facts that some of them become."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.domain.cross_checks import DOUBTFUL
from app.domain.document_kinds import UNKNOWN, DocumentKind, FieldSpec, FieldType, Recognition
from app.domain.extraction import fields_of, unread_values
from app.domain.extraction.amounts import currency_of
from app.domain.extraction.openings import openings_of
from app.domain.facts import FactDefinition, Kind
from app.domain.kind_words import Paper, paper_of
from app.domain.languages import language_of
from app.domain.layout import Layout
from app.domain.pointing import ASKED, OPENINGS
from app.domain.reading import DocumentField, Problem, Reading
from app.domain.recognise import kind_of
from app.domain.segments import segments
from data.catalogue import load_catalogue
from data.kinds import kind_words, load_kinds, load_scales
from data.readers.fields import reading_of, split_readings

_LEAST = Decimal("0.5")  # confidence of a field that becomes a fact, however doubtful
_LIKELY = 0.5  # probability of a kind whose fields become facts
_DAYS = ("pay_date", "issue_date", "report_date", "tax_year")
_HOLDERS = ("employee", "holder", "subject", "insured", "tenant")
_NOT_MONTHLY = re.compile(
    r"\b(weekly|bi-?weekly|fortnightly|semi-?monthly|wöchentlich|hebdomadaire|quincenal|settimanale|wekelijks)\b"
    r"|周薪|双周",
    re.I,
)


_GIVEN: ContextVar[str | None] = ContextVar("given_kind", default=None)


@contextmanager
def given_kind(kind: str | None) -> Iterator[None]:
    """Within it documents are of the kind that a person gave, whatever they look like; None: of what they look like."""
    token = _GIVEN.set(kind)
    try:
        yield
    finally:
        _GIVEN.reset(token)


def documents_in(layout: Layout) -> tuple[Layout, ...]:
    """The documents that were scanned into a file; the layout itself where it is one, or a person gave its kind."""
    if _GIVEN.get():
        return (layout,)
    scale, _ = load_scales()
    return segments(layout, kind_words(), scale, _telling)


def _telling(paper: Paper, kind: str) -> dict[str, str]:
    """Numbers, periods and days that stand by their labels for sure."""
    spec = {each.name: each for each in load_kinds()[kind].fields}
    return {
        field.name: str(field.value)
        for field in fields_of(paper, load_kinds()[kind], load_scales()[1])
        if field.method != "pattern" and field.confidence >= DOUBTFUL and _tells(spec[field.name])
    }


def _tells(spec: FieldSpec) -> bool:
    return spec.type in (FieldType.IDENTIFIER, FieldType.PERIOD) or spec.name in _DAYS


def read_layout(layout: Layout) -> dict[str, Any]:
    """Kind with its probability, fields, facts, language and note; facts only where the kind is likely."""
    scale, curve = load_scales()
    paper = paper_of(layout, kind_words())
    given = _GIVEN.get()
    told = Recognition(given, 1.0) if given else kind_of(paper, scale)
    parts: dict[str, Any] = {
        "kind": told.kind,
        "kind_confidence": told.confidence,
        "alternatives": told.alternatives,
        "language": language_of(paper.text),
    }
    if not paper.strips:
        return parts | {"note": "no text was found"}
    if told.kind == UNKNOWN:
        return parts | {"note": "stored; its kind was not recognised"}
    kind = load_kinds()[told.kind]
    details = fields_of(paper, kind, curve)
    currency = currency_of(paper.text)
    found = list(_readings(paper, kind, details, currency)) if told.confidence >= _LIKELY else []
    readings, problems = split_readings(found)
    return parts | {
        "fields": readings,
        "details": _with_facts(details, readings),
        "problems": problems,
        "currency": currency,
        "note": _note(details, problems),
        "extra": _named(kind, details) | _left_open(paper, told, details),
    }


def _left_open(paper: Paper, told: Recognition, details: Sequence[DocumentField]) -> dict[str, Any]:
    """What a model may point at, where one is there and the kind is likely."""
    if not os.environ.get(ASKED) or told.confidence < _LIKELY:
        return {}
    return {OPENINGS: [each.to_json() for each in openings_of(paper, load_kinds()[told.kind], details)]}


def _readings(
    paper: Paper, kind: DocumentKind, details: Sequence[DocumentField], currency: str | None
) -> Iterator[Reading | Problem]:
    weekly = _NOT_MONTHLY.search(paper.text) if kind.id == "payslip" else None
    for field in details:
        if field.fact is None or field.method == "pattern" or field.confidence < _LEAST:
            continue
        if weekly and field.name == "net_pay":
            reason = f"The payslip is {weekly.group(0)}, not monthly."
            remedy = "Enter the monthly income by hand from all payslips of a month."
            yield Problem(None, "net pay", reason, remedy, field.raw)
            continue
        yield _reading(load_catalogue()[field.fact], field, currency)
    if kind.id == "payslip" and not any(field.name == "net_pay" for field in details):
        yield Problem(None, "net pay", "No net pay was found.", "Enter it by hand from the document.", "")
    if kind.id == "application_form":
        yield from _refused(paper, kind, details)


def _reading(definition: FactDefinition, field: DocumentField, currency: str | None) -> Reading | Problem:
    """The field as a fact, checked by the catalogue; words are read anew, for they may name a category."""
    worded = definition.kind in (Kind.TEXT, Kind.CATEGORY, Kind.BOOLEAN)
    text = field.raw if worded and not isinstance(field.value, bool) else str(field.value)
    text = str(field.value) if definition.kind is Kind.TEXT else text
    text = ("yes" if field.value else "no") if isinstance(field.value, bool) else text
    read = reading_of(definition, text, page=field.page, box=field.box, currency=field.currency or currency)
    if isinstance(read, Problem):
        return Problem(read.line, read.column, read.reason, read.remedy, field.raw)
    return replace(read, raw=field.raw, confidence=min(field.confidence, Decimal(1)))


def _refused(paper: Paper, kind: DocumentKind, details: Sequence[DocumentField]) -> Iterator[Problem]:
    """What stands behind a label of the form and cannot be its value."""
    known = {field.name for field in details}
    for spec, candidate in unread_values(paper, kind, known):
        if spec.fact is None or spec.type in (FieldType.TEXT, FieldType.NAME) or spec.name in known:
            continue
        known.add(spec.name)
        refused = reading_of(load_catalogue()[spec.fact], candidate.raw, page=candidate.page, box=candidate.box)
        if isinstance(refused, Problem):
            yield refused


def _with_facts(details: Sequence[DocumentField], readings: Sequence[Reading]) -> tuple[DocumentField, ...]:
    """Fields keep the name of a fact only where they became it."""
    became = {(reading.name, reading.raw) for reading in readings}
    return tuple(field if (field.fact, field.raw) in became else _without_fact(field) for field in details)


def _without_fact(field: DocumentField) -> DocumentField:
    return DocumentField(
        field.name, field.value, field.raw, field.currency, field.page, field.box, field.confidence, field.method
    )


def _note(details: Sequence[DocumentField], problems: Sequence[Problem]) -> str:
    period = [str(field.value) for field in details if field.name in ("period", "statement_period", "tax_year")]
    doubtful = sum(field.confidence < DOUBTFUL for field in details)
    parts = [*period[:1], f"{len(details)} {'field' if len(details) == 1 else 'fields'} read"]
    parts += [f"{doubtful} to check"] if doubtful else []
    parts += [f"{len(problems)} refused"] if problems else []
    return " · ".join(parts)


def _named(kind: DocumentKind, details: Sequence[DocumentField]) -> dict[str, Any]:
    """Whom the document is about, where that is sure, and its period: by these an import puts files together."""
    found = {field.name: str(field.value) for field in details if field.confidence >= DOUBTFUL}
    out = {"period": found["period"]} if "period" in found else {}
    name = next((found[each] for each in _HOLDERS if each in found), None)
    key = "employee" if kind.id == "payslip" else "subject"
    return out | ({key: name} if name and kind.id != "application_form" else {})
