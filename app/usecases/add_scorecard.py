"""Add a version of a scorecard to the workspace's register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.register import ScorecardEntry
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from app.ports import Clock, Stores, Workspace


@dataclass(frozen=True, slots=True)
class AddScorecard:
    """A scorecard's document, and who brings it."""

    document: Mapping[str, Any]
    person: str


def add_scorecard(cmd: AddScorecard, workspace: Workspace, *, clock: Clock) -> Scorecard:
    """Keep the document as a version of its scorecard, not approved by anybody yet; the same again changes nothing.

    Raises ``InputError`` where the document breaks the format, or the name has another document of that version.
    """
    card = read_scorecard(cmd.document)
    with workspace.transaction() as stores:
        known = stores.scorecards.entries()
        if any(entry.sha256 == card.sha256 for entry in known):
            return card
        taken = next((entry for entry in known if (entry.name, entry.version) == (card.name, card.version)), None)
        if taken is not None:
            free = next_version([entry.version for entry in known if entry.name == card.name])
            message = f"{card.name} {card.version} is there already with other contents ({taken.sha256[:12]})."
            raise InputError("version", message, remedy=f"Give it a version of its own, {free}.")
        keep(stores, card, cmd.person, clock)
    return card


def keep(stores: Stores, card: Scorecard, person: str, clock: Clock) -> None:
    """Add the version and say so in the audit chain, inside a transaction."""
    stores.scorecards.add(card.sha256, card.document, person, clock.now())
    detail = {"name": card.name, "version": card.version, "sha256": card.sha256}
    stores.events.append(person, None, "scorecard.added", detail)


def next_version(versions: list[str]) -> str:
    """The version after the highest of those that read as numbers, its second number one higher: 1.1.0 after 1.0.0."""
    numbers = [tuple(int(part) for part in text.split(".")) for text in versions if text.replace(".", "").isdecimal()]
    if not numbers:
        return "1.0.0"
    first, second = (*max(numbers), 0)[:2]
    return f"{first}.{second + 1}.0"


def entry_of(entries: list[ScorecardEntry], wanted: str) -> ScorecardEntry:
    """The entry that is meant by ``name``, ``name@version`` or the beginning of its SHA-256 (8 signs or more).

    Of a name alone the version in use, else the approved one, else the one that came last. Raises ``InputError``.
    """
    name, _, version = wanted.partition("@")
    found = [entry for entry in entries if entry.name == name and version in ("", entry.version)]
    found = found or [entry for entry in entries if len(wanted) >= 8 and entry.sha256.startswith(wanted)]
    if not found:
        known = ", ".join(f"{entry.name}@{entry.version}" for entry in entries) or "none"
        raise InputError(
            "scorecard", f"There is no scorecard {wanted} in the workspace.", remedy=f"There are: {known}."
        )
    return max(enumerate(found), key=lambda pair: (pair[1].in_use, pair[1].approval is not None, pair[0]))[1]
