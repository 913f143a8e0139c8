"""Language models a lender may choose from: what is published about each, before it is measured here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Groundedness:
    """Share of summaries that say something their source does not, as published."""

    pct: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One entry of ``data/catalogue/models.toml``; sizes are about."""

    id: str
    title: str
    publisher: str
    licence: str
    parameters_bn: Decimal
    quantisation: str
    file_gb: Decimal
    ram_gb: Decimal
    context: int  # tokens
    languages: tuple[str, ...]
    groundedness: Groundedness | None = None
    sha256: str | None = None
    kind: str = "wording"  # or "embedding": it tells what texts mean
    before_question: str = ""  # what an embedding model wants before a question, and before a text that may answer it
    before_passage: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "publisher": self.publisher,
            "licence": self.licence,
            "parameters_bn": str(self.parameters_bn),
            "quantisation": self.quantisation,
            "file_gb": str(self.file_gb),
            "ram_gb": str(self.ram_gb),
            "context": self.context,
            "languages": list(self.languages),
            "groundedness": self.groundedness
            and {"pct": str(self.groundedness.pct), "source": self.groundedness.source},
            "sha256": self.sha256,
            "kind": self.kind,
            "before_question": self.before_question,
            "before_passage": self.before_passage,
        }

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> KnownModel:
        """Of an entry of the file. Raises ``KeyError``, ``TypeError`` or ``ArithmeticError`` on anything else."""
        fields = dict(entry)
        for name in ("parameters_bn", "file_gb", "ram_gb"):
            fields[name] = Decimal(fields[name])
        said = fields.pop("groundedness", None)
        grounded = Groundedness(Decimal(said["pct"]), said["source"]) if said else None
        return cls(**(fields | {"languages": tuple(fields["languages"])}), groundedness=grounded)
