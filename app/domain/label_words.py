"""How much a phrase says the same as the labels of a field, by the words that the catalogue's labels are made of.

Nothing is listed here: which words tell fields apart, which words compounds are made of and which are mere fillers all
follow from the labels. A word that few fields have weighs more; a word that no label has weighs little.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log

from app.domain.document_kinds import DocumentKind
from app.domain.wording import fold, has_han, is_han

_WORD = re.compile(r"[^\W\d_]+")
_PARTED = re.compile(r"\s?[/|(（)）·•;]\s?")
_ENDINGS = ("en", "es", "os", "as", "s", "n", "e", "a", "o", "i")
_LINKS = ("", "s", "es", "en", "n", "e")  # between the parts of a compound
_STEM = 4  # letters that are left of a word
_PART = 4  # letters of a part of a compound
_TAKEN_OUT = 5  # letters of a known word that shows the rest of a compound to be a word
_HALF, _REST = 6, 3  # letters of the known half of a compound, of the other one
_UNKNOWN, _UNKNOWN_SHORT = 0.35, 0.08  # weight of words that no label has; short ones are mostly articles and the like
_SHORT = 4
_KEPT = 16384  # words whose signs are kept
_OF_MANY_WORDS = 0.85  # of a phrase whose words are those of a field's labels, but of no single one


@dataclass(frozen=True, slots=True)
class _Label:
    weight: float
    fields: Mapping[str, Sequence[str]]  # kind -> fields


class LabelWords:
    """The words of all labels of some kinds, with how much each tells."""

    def __init__(self, kinds: Mapping[str, DocumentKind]) -> None:
        owners: dict[str, dict[str, list[str]]] = {}
        for kind in kinds.values():
            for spec in kind.fields:
                for label in spec.labels:
                    owners.setdefault(label, {}).setdefault(kind.id, []).append(spec.name)
        words_of = {label: _WORD.findall(label) for label in owners}
        self._parts = _parts_of({fold(word) for words in words_of.values() for word in words})
        self._split = lru_cache(maxsize=_KEPT)(self._split_word)
        self._signs_of = {label: frozenset(self._signs(words)) for label, words in words_of.items()}
        fields: dict[str, set[str]] = defaultdict(set)
        for label, of in owners.items():
            for sign in self._signs_of[label]:
                fields[sign].update(*of.values())
        many = len(set().union(*fields.values())) + 1
        self._weights = {sign: log(many / (len(of) + 0.5)) / log(many / 1.5) for sign, of in fields.items()}
        self._labels: list[_Label] = []
        self._having: dict[str, list[int]] = defaultdict(list)  # sign -> labels
        for at, (label, of) in enumerate(owners.items()):
            signs = self._signs_of[label]
            self._labels.append(_Label(sum(self._weights[sign] for sign in signs), of))
            for sign in signs:
                self._having[sign].append(at)
        self._vocabularies: dict[str, dict[str, set[str]]] = {}  # kind -> field -> signs

    def signs(self, text: str) -> Sequence[str]:
        """What a text is compared by: its words without their endings, compounds in parts; of Chinese the signs and
        pairs of signs."""
        return self._signs(_WORD.findall(text))

    def _signs(self, words: Iterable[str]) -> Sequence[str]:
        out: list[str] = []
        for word in words:
            folded = fold(word)
            if has_han(folded):
                out += _han(folded)
            elif folded:
                out += self._split(folded)
        return out

    def likeness(self, phrase: str, kind: DocumentKind) -> dict[str, float]:
        """For each field of the kind how much the phrase says what its labels say, 0 to 1, and under "" how much it
        says what the labels of other kinds' fields say; fields of which it says nothing are left out."""
        found: dict[str, float] = {}
        for part in {phrase, *_PARTED.split(phrase)}:
            for name, score in self._likeness(part, kind).items():
                found[name] = max(found.get(name, 0.0), score)
        return found

    def share_known(self, text: str) -> float:
        """Share of a text's letters that stand in words of labels."""
        words = [fold(word) for word in _WORD.findall(text)]
        letters = sum(map(len, words))
        known = sum(len(word) for word in words if all(sign in self._weights for sign in self.signs(word)))
        return known / letters if letters else 0.0

    def _likeness(self, phrase: str, kind: DocumentKind) -> dict[str, float]:
        signs = frozenset(self.signs(phrase))
        whole = self._weight(signs)
        found: dict[str, float] = defaultdict(float)
        if not whole:
            return found
        both: dict[int, float] = defaultdict(float)  # label -> weight of the signs that it shares
        for sign in signs:
            for at in self._having.get(sign, ()):
                both[at] += self._weights[sign]
        for at, shared in both.items():
            label = self._labels[at]
            score = (shared / label.weight) ** 0.6 * (shared / whole) ** 0.5 if label.weight else 0.0
            for name in label.fields.get(kind.id, ("",)):
                found[name] = max(found[name], score)
        for name, vocabulary in self._vocabulary(kind).items():
            shared = self._weight(signs & vocabulary)
            if shared:
                found[name] = max(found[name], _OF_MANY_WORDS * shared / whole * min(shared, 1.0))
        return found

    def _vocabulary(self, kind: DocumentKind) -> Mapping[str, set[str]]:
        """The signs of all labels of each field of a kind."""
        if kind.id not in self._vocabularies:
            self._vocabularies[kind.id] = {
                spec.name: set().union(*(self._signs_of.get(label, ()) for label in spec.labels))
                for spec in kind.fields
            }
        return self._vocabularies[kind.id]

    def _weight(self, signs: Iterable[str]) -> float:
        return sum(self._weights.get(sign, _UNKNOWN_SHORT if len(sign) <= _SHORT else _UNKNOWN) for sign in signs)

    def _split_word(self, word: str) -> tuple[str, ...]:
        """A word as its parts, each without its ending: "ausstellungsdatum" → "ausstellung", "datum"."""
        parts = _compound(word, self._parts) or _half_known(word, self._parts)
        return tuple(stem for part in parts for stem in self._split(part)) if parts else (_stem(word),)


def _han(text: str) -> list[str]:
    signs = [sign for sign in text if is_han(sign)]
    return signs + [a + b for a, b in pairwise(signs)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word[: -len(ending)]
    return word


def _parts_of(words: Iterable[str]) -> frozenset[str]:
    """Words that stand alone in labels, and those that are left of a compound where one of these is taken out of it."""
    alone = {word for word in words if len(word) >= _PART and not has_han(word)}
    left = set()
    for word in alone:
        for size in range(_TAKEN_OUT, len(word) - _TAKEN_OUT + 1):
            if word[size:] in alone:
                left |= {_unlinked(word[:size])}
            if word[:size] in alone:
                left |= {word[size:].removeprefix("s") if len(word) - size > _TAKEN_OUT else word[size:]}
    return frozenset(alone | {word for word in left if len(word) >= _TAKEN_OUT})


def _unlinked(part: str) -> str:
    return part.removesuffix("s")


def _compound(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """The fewest known words, two or more, that make up a word with links between them; () where it is no compound."""
    best: dict[int, tuple[str, ...]] = {0: ()}
    for start in range(len(word)):
        if start not in best:
            continue
        for end in range(start + _PART, len(word) + 1):
            part = word[start:end]
            if part not in known or (start == 0 and end == len(word)):
                continue
            for link in _LINKS if end < len(word) else ("",):
                if word.startswith(link, end):
                    row = (*best[start], part)
                    at = end + len(link)
                    if at not in best or len(row) < len(best[at]):
                        best[at] = row
    found = best.get(len(word), ())
    return found if len(found) > 1 else ()


def _half_known(word: str, known: frozenset[str]) -> tuple[str, ...]:
    """A compound of which one half is known, "jahresbruttolohn" by "bruttolohn"; () where there is none."""
    for size in range(len(word) - _REST, _HALF - 1, -1):
        if word[-size:] in known:
            return _unlinked(word[:-size]), word[-size:]
        if word[:size] in known:
            return word[:size], word[size:]
    return ()
