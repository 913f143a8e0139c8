"""Kinds of documents that applicants bring, and the fields an underwriter takes from each (data/catalogue/kinds)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

UNKNOWN = "unknown"


class FieldType(StrEnum):
    TEXT = "text"
    NAME = "name"  # of a person or an organisation
    ADDRESS = "address"
    IDENTIFIER = "identifier"  # of a document, an account, a person
    DATE = "date"
    PERIOD = "period"  # "2026-10", or "2026-10-01/2026-10-31"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a kind."""

    name: str  # "net_pay"; unique within the kind
    type: FieldType
    label: Mapping[str, str]  # "en", "zh" -> what people see
    labels: tuple[str, ...]  # words that stand beside the value on such documents, in any language, normalised
    fact: str | None = None  # catalogue fact that the value becomes
    check: str | None = None  # "iban", "luhn", "cn_id", "ssn", "uscc", "vat", "mrz": check digits to verify
    required: bool = False  # such a document without it is incomplete
    patterns: tuple[str, ...] = ()  # regular expressions whose group "value" (or the whole) is the value
    shapes: tuple[str, ...] = ()  # the same, of the value beside its label; what fits none of them is no value


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind, as ``data/catalogue/kinds/<id>.toml`` describes it."""

    id: str  # "payslip": stable, part of what is stored and exported
    label: Mapping[str, str]  # "en", "zh"
    fields: tuple[FieldSpec, ...]
    cues: Mapping[str, float]  # phrase or regular expression -> weight of evidence for the kind (negative: against)
    proves: Mapping[str, str]  # "en", "zh": what such a document is evidence of
    valid_months: int | None = None  # from its issue or end of period; None: until its own expiry date, or for good

    def field(self, name: str) -> FieldSpec:
        return next(each for each in self.fields if each.name == name)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What kind a document is, with calibrated probabilities."""

    kind: str  # ``UNKNOWN`` where none is likely enough
    confidence: float  # probability that ``kind`` is right, 0 to 1
    alternatives: tuple[tuple[str, float], ...] = ()  # the next likely, falling
