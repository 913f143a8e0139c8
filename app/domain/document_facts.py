"""Fields of documents as facts: each field of a kind names one, with its source, to be confirmed and corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from app.domain.document_kinds import DocumentKind, FieldSpec, FieldType
from app.domain.facts import (
    DOCUMENT_FACTS,
    Catalogue,
    Fact,
    FactDefinition,
    FactValue,
    Kind,
    Source,
    SourceKind,
    new_fact,
)
from app.domain.names import Latin, without_accents
from app.domain.reading import DocumentField

_KINDS = {
    FieldType.MONEY: Kind.MONEY,
    FieldType.DATE: Kind.DATE,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.COUNT: Kind.COUNT,
    FieldType.BOOLEAN: Kind.BOOLEAN,
}
_PROHIBITED = {
    "sex": "sex",
    "gender": "sex",
    "birth_date": "age",
    "birth_place": "national_origin",
    "nationality": "national_origin",
    "ethnicity": "national_origin",
    "marital_status": "marital_status",
    "spouse_1": "marital_status",
    "spouse_2": "marital_status",
}
"""Fields that state a prohibited basis: kept and shown as such, never scored, found or prompted."""


def fact_name(kind: str, field: str) -> str:
    """``document.passport.expiry_date``."""
    return f"{DOCUMENT_FACTS}{kind}.{field}"


def field_of(name: str) -> tuple[str, str] | None:
    """Kind and field of a fact of a document; None for any other fact."""
    parts = name.split(".")
    return (parts[1], parts[2]) if len(parts) == 3 and name.startswith(DOCUMENT_FACTS) else None


class DocumentFields:
    """``facts.Papers``: the kinds, loaded when they are first asked for; ``latin`` writes any script in Latin."""

    def __init__(self, load: Callable[[], Iterable[DocumentKind]], latin: Latin = without_accents) -> None:
        self._load = load
        self._latin = latin

    @cached_property
    def kinds(self) -> Mapping[str, DocumentKind]:
        return {kind.id: kind for kind in self._load()}

    @cached_property
    def _definitions(self) -> Mapping[str, FactDefinition]:
        found = (_definition(kind, spec) for kind in self.kinds.values() for spec in kind.fields)
        return {definition.name: definition for definition in found}

    def get(self, name: str) -> FactDefinition | None:
        return self._definitions.get(name)

    def latin(self, text: str) -> str:
        return self._latin(text)

    def valid_months(self, kind: str) -> int | None:
        return self.kinds[kind].valid_months if kind in self.kinds else None


def _definition(kind: DocumentKind, spec: FieldSpec) -> FactDefinition:
    return FactDefinition(
        name=fact_name(kind.id, spec.name),
        kind=_KINDS.get(spec.type, Kind.TEXT),
        label={language: f"{label}: {spec.label[language]}" for language, label in kind.label.items()},
        sensitive=True,
        prohibited_basis=_PROHIBITED.get(spec.name),
    )


def document_facts(
    case_id: str, kind: str, details: Sequence[DocumentField], sha256: str, currency: str, catalogue: Catalogue
) -> list[Fact]:
    """Facts of the fields that are no fact of the catalogue themselves; ``currency`` is the case's."""
    found = []
    for field in details:
        definition = None if field.fact else catalogue.get(fact_name(kind, field.name))
        if definition is not None:
            unit = (field.currency or currency) if definition.kind is Kind.MONEY else definition.kind.value
            source = Source(
                SourceKind.DOCUMENT, sha256, field.page, field.box, path=field.path, raw=field.raw, method=None
            )
            value = _typed(definition.kind, field.value)
            found.append(new_fact(case_id, definition.name, value, unit, source, confidence=field.confidence))
    return found


def _typed(kind: Kind, value: str | int | bool) -> FactValue:
    if kind is Kind.DATE:
        return date.fromisoformat(str(value))
    if kind in (Kind.MONEY, Kind.NUMBER):
        return Decimal(str(value))
    if kind is Kind.COUNT:
        return int(value)
    return value
