"""``inventory list | show | register | approve | retire``: everything that can shape a decision."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from datetime import date
from typing import Any

from app.cli.output import emit, table
from app.cli.session import open_desk
from app.domain.inventory import Entry


def list_(given: Namespace) -> None:
    """Every part with its state, where it is used, and who answers for it."""
    with open_desk(given) as desk:
        today, entries = desk.inventory.today, desk.inventory.entries()
    wanted = [
        entry
        for entry in entries
        if given.kind in (None, entry.part.kind)
        and given.state in (None, entry.state(today))
        and (entry.part.in_use or not given.in_use)
    ]
    data = {"on": today.isoformat(), "parts": [entry.to_json(today) for entry in wanted]}
    emit(given, data, table([_row(entry, today) for entry in wanted]) or ["Nothing of that."])


def _row(entry: Entry, today: date) -> tuple[str, ...]:
    part, approval = entry.part, entry.approval
    until = "" if approval is None or approval.valid_to is None else f" to {approval.valid_to}"
    approved = "" if approval is None else f"by {approval.person}, from {approval.valid_from}{until}"
    used = "" if entry.use is None else f"{entry.use.cases:,} cases"
    state = f"{entry.state(today)}{', in use' if part.in_use else ''}"
    return (part.kind.value, part.name, part.version, part.sha256[:12], state, entry.owner, approved, used)


def show(given: Namespace) -> None:
    with open_desk(given) as desk:
        today, entry = desk.inventory.today, desk.inventory.find(given.part)
    data = entry.to_json(today)
    emit(given, data, [f"{key:14} {value}" for key, value in data.items() if value is not None])


def register(given: Namespace) -> None:
    """A registration begins anew: a part that was approved or retired needs an approval again."""
    _change(given, lambda desk, part: desk.inventory.register(part, given.owner, given.purpose, person=given.person))


def approve(given: Namespace) -> None:
    def change(desk: Any, part: Any) -> None:
        desk.inventory.approve(part, given.valid_from, given.valid_to, given.note, person=given.person)

    _change(given, change)


def retire(given: Namespace) -> None:
    _change(given, lambda desk, part: desk.inventory.retire(part, given.reason, person=given.person))


def _change(given: Namespace, change: Callable[[Any, Any], object]) -> None:
    with open_desk(given) as desk:
        part = desk.inventory.find(given.part).part
        change(desk, part)
        today, entry = desk.inventory.today, desk.inventory.find(part.sha256)
    emit(given, entry.to_json(today), [f"{part.title} ({part.sha256[:12]}): {entry.state(today)}"])
