"""Findings: a rule or model applied to facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from app.domain.facts import Stance


class Materiality(IntEnum):
    """How much a finding weighs in the report; 3 must appear and is named first."""

    MINOR = 1
    NOTABLE = 2
    MAJOR = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of some facts; the first fact is the one the finding is about."""

    id: str  # "<code>" or "<code>:<fact name>", unique in a case, stable over runs
    code: str  # "income.contradiction", "affordability.exceeds_limit"
    section: str  # report section, see app.domain.plan.SECTIONS
    stance: Stance
    materiality: Materiality
    facts: tuple[str, ...]  # fact ids
    clause: str | None = None  # policy clause, "affordability 4.2"
    relation: str = "is"  # is | exceeds | below | equals | contradicts | absent | met
    detail: str = ""  # further machine-readable word, such as the transaction text that gave it away

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "code": self.code,
            "section": self.section,
            "stance": self.stance.value,
            "materiality": int(self.materiality),
            "facts": list(self.facts),
            "clause": self.clause,
            "relation": self.relation,
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """Inverse of ``to_json``."""
        return cls(
            id=data["id"],
            code=data["code"],
            section=data["section"],
            stance=Stance(data["stance"]),
            materiality=Materiality(data["materiality"]),
            facts=tuple(data["facts"]),
            clause=data["clause"],
            relation=data["relation"],
            detail=data["detail"],
        )
