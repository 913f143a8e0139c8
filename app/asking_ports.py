"""What asking a case needs of the outside: an index of passages, their meanings, a model that tells these."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class PassageIndex(Protocol):
    """Passages found by their terms."""

    def fill(self, passages: Iterable[Sequence[str]]) -> None:
        """Take passages by their terms, numbered from 0, in place of those before."""

    def search(self, asked: Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """Number and score of the passages that hold a term asked for; best first."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Near:
    """A passage that is near in meaning."""

    document: str  # SHA-256
    passage: str  # SHA-256 of its words
    likeness: float  # cosine
    standing: float  # by how many standard deviations it is nearer than the passages are in the mean


class MeaningStore(Protocol):
    """The meanings that models have told of passages."""

    def known(self, documents: Collection[str], model: str) -> set[tuple[str, str]]:
        """Document and digest of the passages whose meaning that model has told."""

    def keep(self, document: str, model: str, meanings: Mapping[str, Sequence[float]]) -> None:
        """Keep meanings by the digests of their passages; what another model told of the document goes."""

    def near(self, documents: Collection[str], model: str, meaning: Sequence[float], most: int) -> list[Near]:
        """The passages of the documents that are nearest in meaning, best first."""


class Embedder(Protocol):
    """A local model that tells what texts mean."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str:
        """Of its file."""

    def embed(self, texts: Sequence[str], *, question: bool = False) -> list[list[float]]:
        """One vector a text, all of one length. Raises ``EnvironmentFault`` when the model fails, and ``Cancelled``."""
