"""Double of the store of meanings, kept in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import fmean, pstdev

from app.asking_ports import Near

Meanings = dict[tuple[str, str, str], Sequence[float]]  # by document, model, digest of the passage; of length one


class MemoryMeanings:
    def __init__(self, held: Meanings) -> None:
        self._held = held

    def known(self, documents: Collection[str], model: str) -> set[tuple[str, str]]:
        return {(document, key) for document, told, key in self._held if told == model}

    def keep(self, document: str, model: str, meanings: Mapping[str, Sequence[float]]) -> None:
        self._held |= {(document, model, key): each for key, each in meanings.items()}

    def near(self, documents: Collection[str], model: str, meaning: Sequence[float], most: int) -> list[Near]:
        found = [
            (sum(a * b for a, b in zip(each, meaning, strict=True)), document, key)
            for (document, told, key), each in self._held.items()
            if told == model and document in documents
        ]
        likeness = [each[0] for each in found]
        wide = pstdev(likeness) if likeness else 0.0
        return [
            Near(document, key, like, (like - fmean(likeness)) / wide if wide else 0.0)
            for like, document, key in sorted(found, key=lambda each: (-each[0], *each[1:]))[:most]
        ]
