"""Fields of documents as facts: each field of a kind names one, with its source, to be confirmed and corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property

from app.domain.derivation import FOLLOWS
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


def own_facts(kind: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the facts that the fields of a kind are, in the kind's order.

    A field that becomes a fact of the catalogue goes by that fact's name, unless the fact is a prohibited basis: that
    is only ever a field of the document.
    """
    known = catalogue.papers.kinds.get(kind) if catalogue.papers is not None else None
    return tuple(dict.fromkeys(_captured_as(known.id, spec, catalogue) for spec in known.fields)) if known else ()


def capturable(kind: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Names of what a person may capture from a document of a kind: its own fields first, then facts of the case.

    Prohibited bases, and what only follows from other facts, are not among the latter.
    """
    stated = (each.name for each in catalogue if each.prohibited_basis is None and not each.name.startswith(FOLLOWS))
    return tuple(dict.fromkeys((*own_facts(kind, catalogue), *stated)))


def _captured_as(kind: str, spec: FieldSpec, catalogue: Catalogue) -> str:
    definition = catalogue.get(spec.fact) if spec.fact else None
    if definition is None or definition.prohibited_basis is not None:
        return fact_name(kind, spec.name)
    return definition.name
