"""What asking a case needs of the outside: an index of passages, the texts of documents, a model of meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class PassageIndex(Protocol):
    """Passages found by their terms, and by their meaning where they have one."""

    def fill(self, passages: Iterable[Sequence[str]], meanings: Sequence[Sequence[float]] = ()) -> None:
        """Take passages by their terms, numbered from 0, in place of those before."""

    def search(self, asked: Mapping[str, float], most: int) -> list[tuple[int, float]]:
        """Number and score of the passages that hold a term asked for; best first."""

    def near(self, meaning: Sequence[float], most: int, least: float) -> list[tuple[int, float]]:
        """Number and cosine likeness, of at least ``least``; best first."""

    def close(self) -> None: ...


class Embedder(Protocol):
    """A local model that tells how near texts are in meaning."""

    name: str

    def embed(self, texts: Sequence[str], *, question: bool = False) -> list[list[float]]:
        """One vector a text, all of one length. Raises ``EnvironmentFault`` when the model fails."""
