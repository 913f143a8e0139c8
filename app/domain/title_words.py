"""How much a heading says the same as the titles of a kind, by the words that the catalogue's titles are made of.

"Apartment rental contract" is no title that the catalogue knows, but all its words are those of leases.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import log

from app.domain.document_kinds import DocumentKind
from app.domain.wording import fold_word, has_han, is_han

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters of a word that tells something
_PART = 6  # letters of a word that tells the rest of a compound: "Mietvertrag" in "Staffelmietvertrag"
_TITLE = 3.0  # weight from which a cue is a title


class TitleWords:
    """The words of all titles of some kinds; one that few kinds have tells more."""

    def __init__(self, kinds: Mapping[str, DocumentKind]) -> None:
        owners: dict[str, set[str]] = defaultdict(set)
        for kind in kinds.values():
            for cue, weight in kind.cues.items():
                if weight >= _TITLE:
                    for word in words_of(cue):
                        owners[word].add(kind.id)
        many = log(max(len(kinds), 2))
        self._weight = {word: log(max(len(kinds), 2) / len(of)) / many for word, of in owners.items()}
        self._owners = owners

    def told(self, heading: str) -> Mapping[str, float]:
        """Share of the heading's letters in words of the titles of each kind, by how much they tell; 0 to 1."""
        words = list(words_of(heading))
        letters = sum(map(len, words))
        found: dict[str, float] = defaultdict(float)
        for word in words:
            known = self._known(word)
            if known is not None:
                for kind in self._owners[known]:
                    found[kind] += self._weight[known] * len(known) / letters
        return found

    def _known(self, word: str) -> str | None:
        if word in self._owners:
            return word
        halves = (half for size in range(len(word), _PART - 1, -1) for half in (word[:size], word[-size:]))
        return next((half for half in halves if half in self._owners), None)


def words_of(text: str) -> Iterator[str]:
    """Its words in a comparable form, Chinese as pairs of signs."""
    for found in _WORD.findall(text):
        word = fold_word(found).text
        if has_han(word):
            yield from _pairs(word)
        elif len(word) >= _SHORTEST:
            yield word


def _pairs(word: str) -> Iterable[str]:
    return (one + other for one, other in pairwise(word) if is_han(one) and is_han(other))
