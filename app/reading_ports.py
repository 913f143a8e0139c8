"""What documents and their reading need of the outside: originals, which of them wait, pages that were recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from app.domain.case import Document
    from app.domain.layout import Page, Sheet
    from app.domain.pages import FirstPage
    from app.domain.waiting import WaitingDocument


class DocumentStore(Protocol):
    def add(self, case_id: str | None, document: Document, content: bytes | Path) -> bool:
        """Keep the original, encrypted, and tie it to the case; False if the case had it already."""

    def of_case(self, case_id: str) -> list[Document]: ...
    def get(self, sha256: str) -> Document: ...
    def known(self, sha256: str) -> bool: ...
    def cases_with(self, sha256: str) -> list[str]:
        """Ids of the cases a document was put to; not those in the rows of a table."""

    def alike(self, document: Document, bits: int) -> list[str]:
        """Digests of other pictures whose fingerprint differs from this one's in at most so many bits."""

    def content(self, sha256: str) -> bytes:
        """Decrypted original; raises ``EnvironmentFault`` when it is missing or damaged."""

    def update_note(self, sha256: str, note: str) -> None: ...
    def complete(self, document: Document) -> None:
        """Keep everything that reading tells of a document that is known."""


class KeptPages(Protocol):
    """Pages of one document that were recognised."""

    def known(self) -> tuple[Page, ...]: ...
    def keep(self, page: Page) -> None:
        """Keep a page for good, at once."""


class PageStore(Protocol):
    """Recognised pages by the SHA-256 of their document: what took seconds is not done twice."""

    def of(self, sha256: str) -> list[Page]:
        """By number; those that another version of recognition made are left out."""

    def page(self, sha256: str, number: int) -> Page | None: ...
    def keep(self, sha256: str, page: Page) -> None:
        """A page of that number which is there already is replaced."""


class FirstPageStore(Protocol):
    """First pages of documents that take long to open."""

    def get(self, sha256: str, sheet: Sheet | None) -> FirstPage | None:
        """The first page, where it was drawn by that sheet."""

    def put(self, sha256: str, sheet: Sheet | None, page: FirstPage) -> None: ...
    def missing(self, size: int) -> list[str]:
        """Documents of pages with at least so many bytes whose first page is not drawn as they now stand."""


class WaitingStore(Protocol):
    """Documents that wait to be read, or whose reading failed."""

    def put(self, waiting: WaitingDocument) -> None:
        """Add at the end, in place of what the document waited for before."""

    def next(self) -> WaitingDocument | None:
        """The one that waits longest; one whose reading failed does not wait."""

    def of_case(self, case_id: str) -> list[WaitingDocument]: ...
    def count(self) -> int:
        """How many wait."""

    def remove(self, case_id: str, sha256: str) -> None: ...
