"""``scorecard list | add | approve | use``: the workspace's register of scorecards."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import date
from typing import Any

from app.cli.output import emit, table
from app.cli.session import open_desk
from app.domain.register import ScorecardEntry


def list_(given: Namespace) -> None:
    """Every scorecard with its state."""
    with open_desk(given) as desk:
        today, entries = desk.clock.now().date(), desk.register.entries()
    data = [entry.to_json(today) for entry in entries]
    emit(given, {"scorecards": data}, table([_row(entry, today) for entry in entries]))


def _row(entry: ScorecardEntry, today: date) -> tuple[str, ...]:
    approval = entry.approval
    approved = "" if approval is None else f"by {approval.person}, valid from {approval.valid_from}"
    gini = entry.document["fit"]["performance"]["gini"]["value"]
    used = "in use" if entry.in_use else ""
    return (entry.name, entry.version, entry.state(today).value, used, f"Gini {gini}", approved, entry.sha256[:12])


def add(given: Namespace) -> None:
    """Take a scorecard file into the register."""
    from app.bootstrap.scoring import find_scorecard

    with open_desk(given) as desk:
        card = desk.register.add(find_scorecard(given.scorecard).document)
        data = desk.register.find(card.sha256).to_json(desk.clock.now().date())
    emit(given, data, [f"{card.name} {card.version} ({card.sha256[:12]}) is a draft; a second person approves it"])


def approve(given: Namespace) -> None:
    """Approve a version as the person at the desk, or as another who is here."""

    def change(desk: Any, entry: ScorecardEntry) -> None:
        desk.register.approve(entry, given.valid_from, given.note, person=given.person)

    _change(given, "approved", change)


def use(given: Namespace) -> None:
    """Score the cases with an approved version from now on."""
    _change(given, "in use", lambda desk, entry: desk.register.use(entry))


def _change(given: Namespace, done: str, change: Callable[[Any, ScorecardEntry], object]) -> None:
    with open_desk(given) as desk:
        entry = desk.register.find(given.scorecard)
        change(desk, entry)
        data = desk.register.find(entry.sha256).to_json(desk.clock.now().date())
    emit(given, data, [f"{entry.name} {entry.version} ({entry.sha256[:12]}) is {done}"])
