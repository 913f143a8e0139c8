"""Facts: typed values with their sources, and the catalogue that names them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.domain.document_kinds import DocumentKind

FactValue = Decimal | int | str | bool | date


class Stance(StrEnum):
    ADVERSE = "adverse"
    FAVOURABLE = "favourable"
    NEUTRAL = "neutral"


class Kind(StrEnum):
    """How a fact's value is typed and shown."""

    MONEY = "money"  # Decimal, unit is the ISO 4217 code
    PERCENT = "percent"  # Decimal, 47.00 means 47 %
    COUNT = "count"  # int
    MONTHS = "months"  # int
    YEARS = "years"  # Decimal
    DAYS = "days"  # int
    NUMBER = "number"  # Decimal without unit
    DATE = "date"
    TEXT = "text"
    CATEGORY = "category"
    BOOLEAN = "boolean"


class SourceKind(StrEnum):
    DOCUMENT = "document"  # a box on a page, or a path inside a structured file
    ROW = "row"  # a row and column of a table or statement
    COMPUTATION = "computation"  # from other facts, by a named method
    REFERENCE = "reference"  # a limit of the policy, a benchmark of the catalogue, a scorecard
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact's value comes from; only the fields its kind needs are set."""

    kind: SourceKind
    document: str | None = None  # SHA-256 of the original
    page: int | None = None  # from 1
    box: tuple[float, float, float, float] | None = None  # points from the page's top left: x0, y0, x1, y1
    row: int | None = None  # line in the file, from 1, the header being line 1
    column: str | None = None
    path: str | None = None  # JSON path or XML path inside a structured file
    raw: str | None = None  # the text as it stands there
    method: str | None = None  # computation, reader or clause: "annuity", "policy:affordability 4.2"
    inputs: tuple[str, ...] = ()  # ids of the facts a computation used
    person: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the set fields only, JSON-ready."""
        out: dict[str, Any] = {"kind": self.kind.value}
        for name in ("document", "page", "row", "column", "path", "raw", "method", "person"):
            value = getattr(self, name)
            if value is not None:
                out[name] = value
        if self.box is not None:
            out["box"] = [f"{edge:.2f}" for edge in self.box]
        if self.inputs:
            out["inputs"] = list(self.inputs)
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Source:
        """Inverse of ``to_json``."""
        fields = {k: data.get(k) for k in ("document", "page", "row", "column", "path", "raw", "method", "person")}
        box = data.get("box")
        return cls(
            kind=SourceKind(data["kind"]),
            box=tuple(float(edge) for edge in box) if box else None,  # type: ignore[arg-type]
            inputs=tuple(data.get("inputs", ())),
            **fields,
        )


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """One entry of the fact catalogue (``data/catalogue/facts.toml``)."""

    name: str  # "income.net_monthly_stated"
    kind: Kind
    label: Mapping[str, str]  # language -> label, "en" and "zh"
    more_is: Stance = Stance.NEUTRAL  # direction: is more adverse or favourable
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    categories: tuple[str, ...] = ()
    category_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # category -> language -> label
    benchmark: Decimal | None = None  # usual value among approved applicants
    sensitive: bool = False  # personal: masked outside the workspace
    prohibited_basis: str | None = None  # "sex", "marital_status", "age", ...: never scored, found or prompted
    reason_code: str | None = None  # adverse-action reason when this fact lowers the score
    table_column: bool = False  # may stand as a column of an application table
    aliases: tuple[str, ...] = ()  # column names met in files, lower case


DOCUMENT_FACTS = "document."
"""Beginning of the names of facts that are fields of documents: "document.passport.expiry_date"."""


class Papers(Protocol):
    """What is known of the kinds of documents; ``app.domain.document_facts.DocumentFields`` is it."""

    @property
    def kinds(self) -> Mapping[str, DocumentKind]:
        """Every kind by its identifier."""

    def get(self, name: str) -> FactDefinition | None:
        """Definition of a fact that is a field of a document."""

    def valid_months(self, kind: str) -> int | None:
        """How long a document of the kind counts; None without limit."""

    def latin(self, text: str) -> str:
        """The text in plain Latin letters, whatever its script."""


class Catalogue:
    """The fact definitions by name, and those of documents' fields."""

    def __init__(
        self, definitions: Iterable[FactDefinition], papers: Callable[[], Papers | None] = lambda: None
    ) -> None:
        self._by_name = {d.name: d for d in definitions}
        self._papers = papers

    @cached_property
    def papers(self) -> Papers | None:
        """The kinds of documents, loaded when they are first asked for."""
        return self._papers()

    def __getitem__(self, name: str) -> FactDefinition:
        definition = self.get(name)
        if definition is None:
            raise KeyError(name)
        return definition

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[FactDefinition]:
        """The catalogue's own; fields of documents are left out."""
        return iter(self._by_name.values())

    def get(self, name: str) -> FactDefinition | None:
        if name.startswith(DOCUMENT_FACTS) and self.papers is not None:
            return self.papers.get(name)
        return self._by_name.get(name)

    def prohibited(self, name: str) -> bool:
        """Whether the fact is a prohibited basis and so may never reach a score, a finding or a prompt."""
        definition = self.get(name)
        return definition is not None and definition.prohibited_basis is not None


@dataclass(frozen=True, slots=True)
class Fact:
    """A typed value of one case. Never edited: a newer fact supersedes it."""

    id: str
    case_id: str
    name: str
    value: FactValue
    unit: str  # ISO 4217 code for money, else the kind: "percent", "months", ...
    source: Source
    confidence: Decimal = Decimal(1)  # 0..1
    confirmed_by: str | None = None
    supersedes: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "value": value_to_json(self.value),
            "unit": self.unit,
            "confidence": str(self.confidence),
            "confirmed_by": self.confirmed_by,
            "supersedes": self.supersedes,
            "source": self.source.to_json(),
        }


def fact_from_json(case_id: str, data: Mapping[str, Any], catalogue: Catalogue) -> Fact:
    """Inverse of ``Fact.to_json``: texts are typed by the catalogue, else by their unit. Raises ``ValueError``."""
    value = data["value"]
    return Fact(
        id=data["id"],
        case_id=case_id,
        name=data["name"],
        value=_typed(value, data["unit"], catalogue.get(data["name"])) if isinstance(value, str) else value,
        unit=data["unit"],
        source=Source.from_json(data["source"]),
        confidence=Decimal(data["confidence"]),
        confirmed_by=data["confirmed_by"],
        supersedes=data["supersedes"],
    )


def _typed(text: str, unit: str, definition: FactDefinition | None) -> FactValue:
    if definition is not None:
        kind = definition.kind
    else:
        kind = Kind(unit) if unit in set(Kind) else Kind.MONEY if len(unit) == 3 and unit.isupper() else Kind.TEXT
    if kind in (Kind.COUNT, Kind.MONTHS, Kind.DAYS):
        kind = Kind.NUMBER  # whole ones travel as numbers, so a text is a fraction
    try:
        return value_from_text(kind, text)
    except ArithmeticError as exc:
        raise ValueError(f"{text!r} is no {kind.value}") from exc


def new_fact(
    case_id: str,
    name: str,
    value: FactValue,
    unit: str,
    source: Source,
    *,
    confidence: Decimal = Decimal(1),
    confirmed_by: str | None = None,
    supersedes: str | None = None,
) -> Fact:
    """Make a fact whose id follows from its content, so that the same inputs give the same bytes."""
    content = "\x1f".join((case_id, name, str(value_to_json(value)), unit, repr(source.to_json()), supersedes or ""))
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Fact(f"f{digest}", case_id, name, value, unit, source, confidence, confirmed_by, supersedes)


def value_to_json(value: FactValue) -> str | int | bool:
    """Decimals and dates travel as strings (RFC 8785 knows neither)."""
    if isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, date) else format(value, "f")


def value_from_text(kind: Kind, text: str) -> FactValue:
    """Read a stored value back by its kind; raises ``ValueError`` on text that is not of it."""
    match kind:
        case Kind.MONEY | Kind.PERCENT | Kind.YEARS | Kind.NUMBER:
            return Decimal(text)
        case Kind.COUNT | Kind.MONTHS | Kind.DAYS:
            return int(text)
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.BOOLEAN:
            return text == "true"
        case _:
            return text


def value_to_text(value: FactValue) -> str:
    """Stored form of a value; inverse of ``value_from_text``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value_to_json(value))
