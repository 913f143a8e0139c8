"""Put an approved scorecard in use: from then on cases are scored with it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.changes import Changes
from app.domain.register import ScorecardEntry, State
from app.domain.scorecard_format import check_catalogue, read_scorecard
from app.errors import InputError
from app.ports import Clock, Workspace
from app.usecases.approve_scorecard import registered


@dataclass(frozen=True, slots=True)
class UseScorecard:
    """Which version is to score the cases, and who says so."""

    entry: ScorecardEntry
    person: str


def use_scorecard(cmd: UseScorecard, workspace: Workspace, *, clock: Clock) -> Changes:
    """Put the version in use; cases scored before keep their score until they are scored again.

    Raises ``InputError`` when it is not approved, not valid yet, or looks at what the catalogue does not know.
    """
    now = clock.now()
    with workspace.transaction() as stores:
        entry = registered(stores, cmd.entry, cmd.person, clock)
        _check(entry, entry.state(now.date()))
        check_catalogue(read_scorecard(entry.document), workspace.catalogue)
        stores.scorecards.use(entry.sha256, cmd.person, now)
        detail = {"name": entry.name, "version": entry.version, "sha256": entry.sha256}
        stores.events.append(cmd.person, None, "scorecard.used", detail)
    return Changes.SCORE | Changes.SETTINGS


def _check(entry: ScorecardEntry, state: State) -> None:
    whole = f"{entry.name} {entry.version}"
    if state is State.DRAFT:
        raise InputError(
            "scorecard", f"{whole} is a draft that nobody approved.", remedy="A second person approves it first."
        )
    if state is State.WAITING:
        assert entry.approval is not None
        raise InputError(
            "scorecard",
            f"{whole} is valid from {entry.approval.valid_from} on.",
            remedy="Wait for that day, or use another.",
        )
