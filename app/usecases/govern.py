"""Register a part that shapes decisions, approve it as a second person, retire it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.changes import Changes
from app.domain.inventory import Act, Part, Record, State, entry_of
from app.domain.register import same_person
from app.errors import InputError
from app.ports import Clock, Stores, Workspace


@dataclass(frozen=True, slots=True)
class RegisterPart:
    """Who answers for a part, and what it is for. Registering again begins anew: a new approval is needed."""

    part: Part
    person: str
    owner: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ApprovePart:
    part: Part
    person: str
    valid_from: date | None = None  # None: today
    valid_to: date | None = None  # the last day; None: without end
    note: str = ""


@dataclass(frozen=True, slots=True)
class RetirePart:
    part: Part
    person: str
    reason: str


def register_part(cmd: RegisterPart, workspace: Workspace, *, clock: Clock) -> Changes:
    """Raises ``InputError`` when person, owner or purpose is blank."""
    _named(cmd.person)
    for field, text in (("owner", cmd.owner), ("purpose", cmd.purpose)):
        if not text.strip():
            raise InputError(field, f"A registration needs its {field}.", remedy=f"Give the {field}.")
    with workspace.transaction() as stores:
        detail = {"owner": cmd.owner.strip(), "purpose": cmd.purpose.strip()}
        return _keep(stores, cmd.part, Act.REGISTERED, cmd.person, detail, clock)


def approve_part(cmd: ApprovePart, workspace: Workspace, *, clock: Clock) -> Changes:
    """Raises ``InputError`` unless the part is registered by another, not retired, and the days are in order."""
    _named(cmd.person)
    start = cmd.valid_from or clock.now().date()
    if cmd.valid_to is not None and cmd.valid_to < start:
        raise InputError(
            "valid_to", f"It would end on {cmd.valid_to}, before it begins on {start}.", remedy="Give a later day."
        )
    with workspace.transaction() as stores:
        entry = entry_of(cmd.part, stores.inventory.records())
        title, state = cmd.part.title, entry.state(start)
        if state is State.FOUND:
            raise InputError(
                "part", f"{title} is not registered.", remedy="Register it with its owner and purpose first."
            )
        if state is State.RETIRED:
            raise InputError("part", f"{title} is retired.", remedy="Register it again to bring it back.")
        for role, name in (("who registered", entry.registered_by), ("the author of", cmd.part.author)):
            if same_person(name, cmd.person):
                raise InputError(
                    "person",
                    f"{cmd.person.strip()} is {role} {title} and cannot approve it.",
                    remedy="A second person approves it, at this desk or another.",
                )
        end = "" if cmd.valid_to is None else cmd.valid_to.isoformat()
        detail = {"valid_from": start.isoformat(), "valid_to": end, "note": cmd.note.strip()}
        return _keep(stores, cmd.part, Act.APPROVED, cmd.person, detail, clock)


def retire_part(cmd: RetirePart, workspace: Workspace, *, clock: Clock) -> Changes:
    """Raises ``InputError`` when the reason is blank or the part is retired already."""
    _named(cmd.person)
    if not cmd.reason.strip():
        raise InputError("reason", "A retirement needs its reason.", remedy="Say why it is to be used no more.")
    with workspace.transaction() as stores:
        entry = entry_of(cmd.part, stores.inventory.records())
        if entry.retired_at is not None:
            raise InputError("part", f"{cmd.part.title} is retired already, by {entry.retired_by}.")
        return _keep(stores, cmd.part, Act.RETIRED, cmd.person, {"reason": cmd.reason.strip()}, clock)


def _named(person: str) -> None:
    if not person.strip():
        raise InputError("person", "Nobody is named.", remedy="Give the person who does it.")


def _keep(stores: Stores, part: Part, act: Act, person: str, detail: dict[str, str], clock: Clock) -> Changes:
    """Append the record, and say so in the audit chain."""
    stores.inventory.add(Record(part.sha256, act, person.strip(), clock.now(), detail))
    told = {"kind": part.kind.value, "name": part.name, "version": part.version, "sha256": part.sha256, **detail}
    stores.events.append(person.strip(), None, f"inventory.{act}", told)
    return Changes.SETTINGS
