"""What reading needs of a model that points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.domain.pointing import Opening, Pointed


class Pointer(Protocol):
    """Says which of the places on a document's pages holds the value of a field."""

    def point(self, opening: Opening, kind: str) -> Pointed:
        """``kind`` is what people call the document. Raises ``Cancelled``, or ``EnvironmentFault`` where it cannot."""

    def cancel(self) -> None:
        """Stop what runs; from any thread."""

    def close(self) -> None: ...
