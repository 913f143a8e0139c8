"""What verifying a package found; ``Verification.to_json`` is what ``caseworth verify --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PartStatus(StrEnum):
    INTACT = "intact"  # exactly the bytes that the manifest names; the manifest itself: signed
    CHANGED = "changed"
    MISSING = "missing"
    UNEXPECTED = "unexpected"  # nobody signed that it belongs here


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the package, or the container ("package") around them."""

    name: str
    status: PartStatus
    detail: str = ""  # why, where it is not intact

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "status": self.status.value, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """One signature over the manifest."""

    person: str  # as the manifest names them; known to be true only of a trusted key
    role: str
    key: str  # SHA-256 of the public key, hex
    intact: bool  # the signature is that key's over exactly this manifest
    trusted: bool  # intact, and the verifier named this key as trusted

    def to_json(self) -> dict[str, str | bool]:
        return {
            "person": self.person,
            "role": self.role,
            "key": self.key,
            "intact": self.intact,
            "trusted": self.trusted,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold between the parts: "pdf.signature", "events.chain", "report.figures", ..."""

    name: str
    holds: bool
    detail: str = ""

    def to_json(self) -> dict[str, str | bool]:
        return {"name": self.name, "holds": self.holds, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Verification:
    """The whole answer. ``valid`` is true only if there is nothing in ``problems``."""

    case: str | None
    decision: Mapping[str, Any] | None  # as in decision.json, only where it and the manifest are intact
    signatures: tuple[SignatureStatus, ...]
    parts: tuple[Part, ...]
    checks: tuple[Check, ...]
    problems: tuple[str, ...]  # sentences for people

    @property
    def valid(self) -> bool:
        """Every part is as signed, every signature and check holds, and every signer is trusted if trust was asked."""
        return not self.problems

    @property
    def trusted(self) -> bool:
        """Valid, and every signature is of a key that the verifier trusts."""
        return self.valid and all(signature.trusted for signature in self.signatures)

    def to_json(self) -> dict[str, Any]:
        return {
            "valid": self.valid,
            "trusted": self.trusted,
            "case": self.case,
            "decision": None if self.decision is None else dict(self.decision),
            "signatures": [signature.to_json() for signature in self.signatures],
            "parts": [part.to_json() for part in self.parts],
            "checks": [check.to_json() for check in self.checks],
            "problems": list(self.problems),
        }
