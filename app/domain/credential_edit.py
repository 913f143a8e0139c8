"""Changes of a policy's table of credentials: each gives a new document and leaves the old one as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.credentials import CREDENTIALS, credential_rules

Document = Mapping[str, Any]
WHOLE = ("cap", "repeat")
CELLS = ("group", "amount", "most")
_NEW: Mapping[str, Any] = {"cap": "0", "repeat": "1", "steps": []}


def table_of(document: Document) -> Document:
    """The table as it stands; an empty one where the policy has none."""
    found: Document = document.get(CREDENTIALS) or _NEW
    return found


def set_whole(document: Document, name: str, text: str) -> Document:
    """Set cap or repeat. Raises ``InputError`` for what the table cannot hold."""
    return _with(document, {**table_of(document), name: text.strip()})


def set_cell(document: Document, row: int, name: str, text: str) -> Document:
    """Set a row's group, amount or most; a blank group or most is left out. Raises as ``set_whole``."""
    steps = [dict(step) for step in table_of(document)["steps"]]
    steps[row][name] = text.strip()
    if not text.strip() and name != "amount":
        del steps[row][name]
    return _with(document, {**table_of(document), "steps": steps})


def add_kind(document: Document, kind: str, needs: Sequence[str]) -> Document:
    """Count another kind of document, at first with nothing. Raises as ``set_whole``."""
    step = {"kind": kind, "amount": "0", "needs": list(needs)}
    return _with(document, {**table_of(document), "steps": [*table_of(document)["steps"], step]})


def remove_kind(document: Document, row: int) -> Document:
    """Count a kind no longer; without any the policy has no table."""
    steps = [step for at, step in enumerate(table_of(document)["steps"]) if at != row]
    if not steps:
        return {name: value for name, value in document.items() if name != CREDENTIALS}
    return _with(document, {**table_of(document), "steps": steps})


def _with(document: Document, table: Document) -> Document:
    changed = {**document, CREDENTIALS: dict(table)}
    credential_rules(changed)
    return changed
