"""Approve a scorecard: a second person takes responsibility for it, from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.domain.changes import Changes
from app.domain.register import Approval, ScorecardEntry, same_person
from app.domain.scorecard_format import read_scorecard
from app.errors import InputError
from app.ports import Clock, Stores, Workspace
from app.usecases.add_scorecard import keep


@dataclass(frozen=True, slots=True)
class ApproveScorecard:
    """Who approves which version, from when."""

    entry: ScorecardEntry
    person: str
    valid_from: date | None = None  # None: today
    note: str = ""


def approve_scorecard(cmd: ApproveScorecard, workspace: Workspace, *, clock: Clock) -> Changes:
    """Record the approval; a shipped scorecard enters the register with it.

    Raises ``InputError`` when the person is the author or the one who added the version, or it is approved already.
    """
    now = clock.now()
    approval = Approval(cmd.person.strip(), now, cmd.valid_from or now.date(), cmd.note.strip())
    with workspace.transaction() as stores:
        entry = registered(stores, cmd.entry, cmd.person, clock)
        _check(entry, approval)
        stores.scorecards.approve(entry.sha256, approval)
        stores.events.append(
            cmd.person,
            None,
            "scorecard.approved",
            {
                "name": entry.name,
                "version": entry.version,
                "sha256": entry.sha256,
                "valid_from": approval.valid_from.isoformat(),
                "note": approval.note,
            },
        )
    return Changes.SCORE | Changes.SETTINGS


def registered(stores: Stores, entry: ScorecardEntry, person: str, clock: Clock) -> ScorecardEntry:
    """The entry as the register has it; a shipped one is added first, in the name of its author."""
    found = next((one for one in stores.scorecards.entries() if one.sha256 == entry.sha256), None)
    if found is None:
        card = read_scorecard(entry.document)
        keep(stores, card, entry.person or entry.author, clock)
        return ScorecardEntry(card.sha256, card.document, entry.person or entry.author, clock.now())
    return found


def _check(entry: ScorecardEntry, approval: Approval) -> None:
    whole = f"{entry.name} {entry.version}"
    if not approval.person:
        raise InputError("person", "An approval needs a name.", remedy="Give the person who approves.")
    if entry.approval is not None:
        raise InputError(
            "scorecard",
            f"{whole} is approved already, by {entry.approval.person}, valid from {entry.approval.valid_from}.",
            remedy="Add a new version to change anything.",
        )
    for part, name in (("author", entry.author), ("one who added it", entry.person)):
        if same_person(name, approval.person):
            raise InputError(
                "person",
                f"{approval.person} is the {part} of {whole} and cannot approve it.",
                remedy="A second person approves it, at this desk or another.",
            )
