"""What the use cases of the challenger need of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.domain.challenger import ChallengerScore, KeptChallenger
    from app.domain.shadow import Shadow


class ChallengerModel(Protocol):
    """A challenger that is loaded and checked; holds nothing of any case."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str:
        """Of the model file."""

    @property
    def names(self) -> tuple[str, ...]:
        """The features it looks at."""

    def score(self, values: Mapping[str, Any]) -> ChallengerScore:
        """Score one case; a name that is absent is missing. Raises ``InputError`` for a value of the wrong type."""


class ChallengerStore(Protocol):
    """The challengers of the workspace, and what the one that runs in shadow says of each case."""

    def keep(self, challenger: KeptChallenger, data: bytes) -> None:
        """Keep a model file for good; one that is there stays as it is."""

    def mend(self, sha256: str, data: bytes) -> None:
        """Put the bytes of a model file in place of damaged ones."""

    def kept(self) -> list[KeptChallenger]:
        """Every model, in order of arrival."""

    def data(self, sha256: str) -> bytes:
        """The model file; raises ``InputError`` where there is none of that digest."""

    def put(self, case_id: str, shadow: Shadow) -> None:
        """Keep what the challenger said; it takes the place of what was said before."""

    def get(self, case_id: str) -> Shadow | None: ...
    def remove(self, case_id: str) -> None:
        """Forget what was said of the case."""
