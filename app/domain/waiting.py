"""A document whose original is kept and which is not read yet, or is to be read under another kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class WaitingState(StrEnum):
    WAITING = "waiting"
    FAILED = "failed"  # or stopped by a person; it may be asked for again


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """One document of one case."""

    case_id: str
    sha256: str
    person: str  # who brought it, or asked for it to be read
    kind: str | None = None  # that a person gave; None: told by its content
    state: WaitingState = WaitingState.WAITING
    why: str = ""  # it failed
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "document": self.sha256,
            "state": self.state.value,
            "kind": self.kind,
            "why": self.why,
            "remedy": self.remedy,
        }
