"""The data files of ``data/catalogue`` as domain objects, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.facts import Catalogue, FactDefinition, Kind, Papers, Stance

if TYPE_CHECKING:
    from app.domain.document_kinds import DocumentKind

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """One principal reason for adverse action, with where its wording comes from."""

    code: str  # "C1-09"
    text: Mapping[str, str]  # language -> statement of the reason
    source: str


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """Read ``facts.toml``; raises ``ValueError`` naming the entry that is wrong."""
    entries = _read(folder / "facts.toml")
    return Catalogue([_definition(name, entry) for name, entry in entries.items()], _papers)


def _papers() -> Papers:
    from app.domain.document_facts import DocumentFields

    return DocumentFields(_kinds, _latin)


def _latin(text: str) -> str:
    from anyascii import anyascii

    return anyascii(text)


def _kinds() -> Iterable[DocumentKind]:
    from data.kinds import load_kinds

    return load_kinds().values()


@cache
def load_reason_codes(folder: Path = FOLDER) -> Mapping[str, ReasonCode]:
    """Read ``reason_codes.toml``, by code, in the file's order."""
    return {code: _reason(code, entry) for code, entry in _read(folder / "reason_codes.toml").items()}


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


_KEYS = frozenset(entry.name for entry in fields(FactDefinition)) - {"name"}


def _definition(name: str, entry: Mapping[str, Any]) -> FactDefinition:
    unknown = set(entry) - _KEYS
    if unknown:
        raise ValueError(f"facts.toml: [{name}] has unknown keys: {', '.join(sorted(unknown))}")
    try:
        return FactDefinition(
            name=name,
            kind=Kind(entry["kind"]),
            label=entry["label"],
            more_is=Stance(entry.get("more_is", "neutral")),
            minimum=_decimal(entry.get("minimum")),
            maximum=_decimal(entry.get("maximum")),
            categories=tuple(entry.get("categories", ())),
            category_labels=entry.get("category_labels", {}),
            benchmark=_decimal(entry.get("benchmark")),
            sensitive=entry.get("sensitive", False),
            prohibited_basis=entry.get("prohibited_basis"),
            reason_code=entry.get("reason_code"),
            table_column=entry.get("table_column", False),
            aliases=tuple(entry.get("aliases", ())),
        )
    except (KeyError, ValueError, ArithmeticError) as exc:
        raise ValueError(f"facts.toml: [{name}] is not a fact definition: {exc}") from exc


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _reason(code: str, entry: Mapping[str, Any]) -> ReasonCode:
    source = entry.get("source", "")
    return ReasonCode(code, {language: text for language, text in entry.items() if language != "source"}, source)
