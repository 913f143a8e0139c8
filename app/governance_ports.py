"""What the use cases of the inventory need of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from app.domain.inventory import Record, Use


class InventoryStore(Protocol):
    def add(self, record: Record) -> None:
        """Append what a person said; nothing is ever changed."""

    def records(self) -> list[Record]:
        """All, in order."""

    def uses(self) -> Mapping[str, Use]:
        """Where parts are at work: by SHA-256, products by ``product:NAME``."""
