"""The inventory of everything that can shape a decision: what it is, who answers for it, how far it may be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class PartKind(StrEnum):
    MODEL = "model"
    ADAPTER = "adapter"  # trained for a model
    PROMPTS = "prompts"
    PHRASES = "phrases"
    CHECKS = "checks"  # words by which sentences are checked
    SCORECARD = "scorecard"
    CHALLENGER = "challenger"
    POLICY = "policy"
    RULEPACK = "rulepack"
    PRODUCT = "product"
    CATALOGUE = "catalogue"  # facts, kinds of documents, transactions, reasons


class State(StrEnum):
    """How far a part may be used on a day."""

    FOUND = "found"  # nobody registered it
    REGISTERED = "registered"  # nobody approved it
    WAITING = "waiting"  # approved, but not valid yet
    APPROVED = "approved"
    EXPIRED = "expired"  # approved, and no longer valid
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Approval:
    """That a second person takes responsibility for a part, from a day on and perhaps until one."""

    person: str
    at: datetime
    valid_from: date
    valid_to: date | None = None  # the last day; None: without end
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "person": self.person,
            "at": self.at.isoformat(),
            "valid_from": self.valid_from.isoformat(),
            "valid_to": None if self.valid_to is None else self.valid_to.isoformat(),
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """One file, or one document of the workspace, as it was found."""

    kind: PartKind
    name: str
    sha256: str
    version: str = ""
    author: str = ""
    origin: str = "shipped"  # "shipped" | "installed" | "workspace"
    in_use: bool = False  # cases that come now are shaped by it
    registered_by: str = ""  # in a register of its own: scorecards, policies, challengers
    approval: Approval | None = None  # in a register of its own

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name} {self.version}".rstrip()


class Act(StrEnum):
    REGISTERED = "registered"
    APPROVED = "approved"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing a person said of a part; ``detail`` holds what the act needs, see ``data/schema/009_inventory.sql``."""

    sha256: str
    act: Act
    person: str
    at: datetime
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Use:
    """In how many cases, and in how many signed packages, a part is at work."""

    cases: int = 0
    packages: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A part with what the workspace knows of it."""

    part: Part
    owner: str = ""
    purpose: str = ""
    registered_by: str = ""
    registered_at: datetime | None = None
    approval: Approval | None = None
    retired_by: str = ""
    retired_at: datetime | None = None
    retired_because: str = ""
    use: Use | None = None  # None: not counted for its kind

    def state(self, on: date) -> State:
        if self.retired_at is not None:
            return State.RETIRED
        if self.approval is None:
            return State.REGISTERED if self.registered_by else State.FOUND
        if on < self.approval.valid_from:
            return State.WAITING
        expired = self.approval.valid_to is not None and on > self.approval.valid_to
        return State.EXPIRED if expired else State.APPROVED

    def to_json(self, on: date) -> dict[str, Any]:
        part = self.part
        return {
            "kind": part.kind.value,
            "name": part.name,
            "version": part.version,
            "sha256": part.sha256,
            "author": part.author,
            "origin": part.origin,
            "in_use": part.in_use,
            "state": self.state(on).value,
            "owner": self.owner or None,
            "purpose": self.purpose or None,
            "registered_by": self.registered_by or None,
            "registered_at": None if self.registered_at is None else self.registered_at.isoformat(),
            "approval": self.approval and self.approval.to_json(),
            "retired": None
            if self.retired_at is None
            else {"person": self.retired_by, "at": self.retired_at.isoformat(), "reason": self.retired_because},
            "cases": self.use.cases if self.use else None,
            "packages": self.use.packages if self.use else None,
        }


def entry_of(part: Part, records: Iterable[Record], use: Use | None = None, until: datetime | None = None) -> Entry:
    """What stands of a part after its records, in order; those after ``until`` are left out.

    A registration begins anew: approval and retirement before it count no more. Where the part's own room keeps an
    approval (scorecards, policies), it counts unless the inventory has another.
    """
    own = part.approval if part.approval and (until is None or part.approval.at <= until) else None
    entry = Entry(part, registered_by=part.registered_by, approval=own, use=use)
    for record in records:
        if record.sha256 != part.sha256 or (until is not None and record.at > until):
            continue
        detail = record.detail
        match record.act:
            case Act.REGISTERED:
                owner, purpose = detail["owner"], detail["purpose"]
                entry = Entry(part, owner, purpose, record.person, record.at, own, use=use)
            case Act.APPROVED:
                end = detail.get("valid_to", "")
                entry = replace(
                    entry,
                    approval=Approval(
                        record.person,
                        record.at,
                        date.fromisoformat(detail["valid_from"]),
                        date.fromisoformat(end) if end else None,
                        detail["note"],
                    ),
                )
            case Act.RETIRED:
                entry = replace(entry, retired_by=record.person, retired_at=record.at, retired_because=detail["reason"])
    return entry


_WHY = {
    State.FOUND: "is not registered",
    State.REGISTERED: "is not approved",
    State.WAITING: "is not valid yet",
    State.EXPIRED: "is no longer valid",
    State.RETIRED: "is retired",
}


def warning(entry: Entry, on: date) -> str:
    """Why a part should not be at work on that day, in a sentence; empty where it may be."""
    why = _WHY.get(entry.state(on))
    if why is None:
        return ""
    title = entry.part.title
    because = f": {entry.retired_because}" if entry.retired_because else ""
    return f"{title[:1].upper()}{title[1:]} ({entry.part.sha256[:12]}) {why}{because}."


def told_in_package(entries: Sequence[Entry], on: date) -> dict[str, Any]:
    """What a package says of the parts that shaped its decision, as things stood on the day it was made."""
    kept = ("kind", "name", "version", "sha256", "owner", "purpose", "state", "approval", "retired")
    told = [{key: entry.to_json(on)[key] for key in kept} for entry in entries]
    return {
        "on": on.isoformat(),
        "parts": told,
        "warnings": [text for entry in entries if (text := warning(entry, on))],
    }
