"""What a policy says of a case: outcomes with their clauses, the price, the largest amount that fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.rate_caps import LegalCaps, RateCap


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One clause applied to the case."""

    table: str  # "eligibility" | "affordability" | "referral" | "pricing" | "authority"
    clause: str  # "affordability 4.2"
    outcome: str  # "pass" | "refer" | "decline"
    facts: tuple[str, ...]  # ids of the facts it read
    text: str  # the clause in words, in the case's language

    def to_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "clause": self.clause,
            "outcome": self.outcome,
            "facts": list(self.facts),
            "text": self.text,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClauseResult:
        """Inverse of ``to_json``."""
        return cls(data["table"], data["clause"], data["outcome"], tuple(data["facts"]), data["text"])


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms that fit the policy."""

    amount: Decimal
    currency: str
    term_months: int
    rate_pct: Decimal
    instalment: Decimal

    def to_json(self) -> dict[str, Any]:
        return {
            "amount": format(self.amount, "f"),
            "currency": self.currency,
            "term_months": self.term_months,
            "rate_pct": format(self.rate_pct, "f"),
            "instalment": format(self.instalment, "f"),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Offer:
        """Inverse of ``to_json``."""
        return cls(
            amount=Decimal(data["amount"]),
            currency=data["currency"],
            term_months=data["term_months"],
            rate_pct=Decimal(data["rate_pct"]),
            instalment=Decimal(data["instalment"]),
        )


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """The policy's answer to the requested terms."""

    policy: str  # name
    version: str
    sha256: str  # of the policy's canonical JSON
    outcome: str  # "approve" | "refer" | "decline": the strictest of its clauses
    clauses: tuple[ClauseResult, ...]  # those that were read; the ones that decide first
    rate_pct: Decimal | None  # from the pricing grid
    fits: Offer | None  # the largest amount that fits at the requested term; null if none does
    authority_role: str | None  # lowest role that may sign the request
    capped_by: RateCap | None = None  # what brought the grid's rate down

    def to_json(self) -> dict[str, Any]:
        return {
            "policy": self.policy,
            "version": self.version,
            "sha256": self.sha256,
            "outcome": self.outcome,
            "clauses": [clause.to_json() for clause in self.clauses],
            "rate_pct": None if self.rate_pct is None else format(self.rate_pct, "f"),
            "fits": self.fits and self.fits.to_json(),
            "authority_role": self.authority_role,
            **({} if self.capped_by is None else {"capped_by": self.capped_by.to_json()}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PolicyResult:
        """Inverse of ``to_json``."""
        return cls(
            policy=data["policy"],
            version=data["version"],
            sha256=data["sha256"],
            outcome=data["outcome"],
            clauses=tuple(ClauseResult.from_json(clause) for clause in data["clauses"]),
            rate_pct=None if data["rate_pct"] is None else Decimal(data["rate_pct"]),
            fits=Offer.from_json(data["fits"]) if data["fits"] else None,
            authority_role=data["authority_role"],
            capped_by=RateCap.from_json(data["capped_by"]) if data.get("capped_by") else None,
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the decision tables, with the words that its answers need."""

    name: str
    version: str
    sha256: str  # of the document's canonical JSON (RFC 8785)
    document: Mapping[str, Any]  # the JDM graph
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # reason code -> language -> statement
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # fact name -> language -> label
    law: LegalCaps = field(default_factory=LegalCaps)  # caps of the rule pack in use

    def caps(self, on: date | None, currency: str) -> tuple[RateCap, ...]:
        """The law's caps on a loan applied for on that day (None: today)."""
        return self.law.on(on, currency)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a loan; ``rate_pct`` null asks for the priced rate."""

    amount: Decimal
    term_months: int
    rate_pct: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """A role's authority in the case's currency."""

    clause: str  # "authority 5.1"
    role: str
    limit: Decimal
    override_limit: Decimal  # with an override reason; never below ``limit``


OUTCOMES = ("approve", "refer", "decline")
"""Policy outcomes from mildest to strictest."""


def strictest(clauses: Iterable[ClauseResult]) -> str:
    """The outcome of the strictest clause; ``approve`` when none refers or declines."""
    return max(
        ("approve" if clause.outcome == "pass" else clause.outcome for clause in clauses),
        key=OUTCOMES.index,
        default="approve",
    )
