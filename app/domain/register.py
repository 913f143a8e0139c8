"""The register of scorecards: who added a version, who approved it and from when, which one scores the cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How far a scorecard has come."""

    DRAFT = "draft"  # nobody approved it
    WAITING = "waiting"  # approved, but not valid yet
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Approval:
    """That a second person takes responsibility for a scorecard."""

    person: str
    approved_at: datetime
    valid_from: date
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "approved_at": self.approved_at.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "note": self.note,
        }


@dataclass(frozen=True)
class ScorecardEntry:
    """One version of a scorecard with what the workspace knows of it."""

    sha256: str
    document: Mapping[str, Any]
    person: str = ""  # who added it; empty: it ships with the program
    added_at: datetime | None = None
    approval: Approval | None = None
    in_use: bool = False
    cases: int = 0  # scored with it

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def version(self) -> str:
        return str(self.document["version"])

    @property
    def author(self) -> str:
        return str(self.document["author"])

    @property
    def shipped(self) -> bool:
        return not self.person

    def state(self, today: date) -> State:
        if self.approval is None:
            return State.DRAFT
        return State.APPROVED if self.approval.valid_from <= today else State.WAITING

    def title(self, language: str) -> str:
        titles = self.document["title"]
        return str(titles.get(language) or titles["en"])

    def to_json(self, today: date) -> dict[str, Any]:
        fit = self.document["fit"]
        return {
            "name": self.name,
            "version": self.version,
            "sha256": self.sha256,
            "author": self.author,
            "added_by": self.person or None,
            "added_at": None if self.added_at is None else self.added_at.isoformat(),
            "shipped": self.shipped,
            "state": self.state(today).value,
            "approval": None if self.approval is None else self.approval.to_json(),
            "in_use": self.in_use,
            "cases": self.cases,
            "rows": fit["data"]["rows"],
            "performance": fit["performance"],
        }


def same_person(one: str, other: str) -> bool:
    """Whether two names are of the same person, as far as spaces and capitals go."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
