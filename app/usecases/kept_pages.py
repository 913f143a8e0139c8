"""The pages of a document that were recognised, kept one by one."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.layout import Page
from app.ports import Workspace


@dataclass(frozen=True, slots=True)
class KeptPagesOf:
    """``reading_ports.KeptPages`` of one document; each page is a transaction of its own, and survives a kill."""

    workspace: Workspace
    sha256: str

    def known(self) -> tuple[Page, ...]:
        with self.workspace.read() as stores:
            return tuple(stores.pages.of(self.sha256))

    def keep(self, page: Page) -> None:
        with self.workspace.transaction() as stores:
            stores.pages.keep(self.sha256, page)
