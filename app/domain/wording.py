"""Words of pages and of the catalogue made comparable: without case, accents, blanks and punctuation; a slip of
recognition is forgiven where one sign differs from a known word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import filterfalse
from typing import Generic, TypeVar

T = TypeVar("T")
_SPECIAL = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d"})
_HAN = re.compile("[\u3400-\u9fff]")
_PARTING = re.compile(r"[\s/'’.-]+")
_LEAST_LOST = 7  # letters of a word of which one may be lost
_LEAST_FUZZY = 5  # letters of a word that may hold a slip
_LEAST_WHOLE = 8  # letters of a phrase that may hold one, its blanks being lost
_LEAST_MERGED = 7  # letters of a phrase that may end inside a word, where recognition lost the blank
_KEY = 4


@dataclass(frozen=True, slots=True)
class Folded:
    """A text made comparable; ``places[i]`` is the place in the text of sign i, one more for the end."""

    text: str
    places: tuple[int, ...]
    bounds: frozenset[int]  # places in ``text`` where a word may begin or end


@lru_cache(maxsize=32768)
def fold(text: str) -> str:
    """ "Net à payer:" → "netapayer"."""
    return "".join(filter(str.isalnum, text.lower() if text.isascii() else _bare(text)))


@lru_cache(maxsize=32768)
def fold_word(word: str) -> Folded:
    """One word without blanks."""
    if word.isascii() and word.isalpha() and (word.islower() or word.istitle() or word.isupper()):
        return Folded(word.lower(), tuple(range(len(word) + 1)), frozenset((0, len(word))))
    signs: list[str] = []
    places: list[int] = []
    bounds = {0}
    before = ""
    for place, sign in enumerate(word):
        kept = [each for each in _bare(sign) if each.isalnum()]
        if not kept:
            bounds.add(len(signs))
            before = ""
            continue
        if _parts(before, sign):
            bounds.add(len(signs))
        signs += kept
        places += [place] * len(kept)
        if is_han(sign):
            bounds.add(len(signs))
        before = sign
    bounds.add(len(signs))
    return Folded("".join(signs), (*places, len(word)), frozenset(bounds))


def _bare(text: str) -> str:
    """Small letters without accents."""
    lowered = text.casefold().translate(_SPECIAL)
    if lowered.isascii():
        return lowered
    parted = unicodedata.normalize("NFKD", lowered).casefold()
    return "".join(filterfalse(unicodedata.combining, parted)).translate(_SPECIAL)


def _parts(before: str, sign: str) -> bool:
    """Whether a word may begin between two signs: NetPay, A12, 姓名."""
    if not before:
        return False
    if is_han(sign) or is_han(before):
        return True
    return (before.islower() and sign.isupper()) or before.isdigit() != sign.isdigit()


def is_han(sign: str) -> bool:
    """Whether it is a Chinese sign."""
    return "\u3400" <= sign <= "\u9fff"


def has_han(text: str) -> bool:
    """Whether a text has Chinese signs."""
    return _HAN.search(text) is not None


def fold_words(words: Sequence[str], speller: Speller | None = None) -> Folded:
    """A line of words; places count in the words joined by one blank each."""
    signs: list[str] = []
    places: list[int] = []
    bounds: set[int] = set()
    start = length = 0
    for word in words:
        folded = fold_word(word)
        if speller is not None:
            folded = speller.mended(folded)
        signs.append(folded.text)
        places += [start + place for place in folded.places[:-1]]
        bounds.update(length + bound for bound in folded.bounds)
        start += len(word) + 1
        length += len(folded.text)
    return Folded("".join(signs), (*places, max(start - 1, 0)), frozenset(bounds))


class Speller:
    """Words of the catalogue, to put a word right that recognition got wrong in one sign."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) >= _LEAST_FUZZY and not has_han(word))
        self._known: dict[str, str] = {}

    def mended(self, folded: Folded) -> Folded:
        text = folded.text
        if len(text) < _LEAST_FUZZY or text in self._words or len(folded.bounds) > 2 + sum(map(str.isdigit, text)) * 2:
            return folded
        if text not in self._known:
            self._known[text] = self._nearest(text)
        right = self._known[text]
        if right == text:
            return folded
        last = len(folded.places) - 1
        places = tuple(folded.places[min(at, last - 1)] for at in range(len(right)))
        return Folded(right, (*places, folded.places[-1]), frozenset((0, len(right))))

    @cached_property
    def _near(self) -> Mapping[str, str | None]:
        """Words by what is left of them without one sign; None where it is left of several."""
        near: dict[str, str | None] = {}
        for word in self._words:
            for cut in cuts(word):
                near[cut] = None if near.get(cut, word) != word else word
        return near

    def _nearest(self, text: str) -> str:
        if sum(map(str.isdigit, text)) > len(text) // 3:
            return text
        for other in _lookalikes(text):
            if other in self._words:
                return other
        for cut in (text, *cuts(text)):
            near = cut if cut in self._words else self._near.get(cut)
            if near is not None and _one_slip(text, near):
                return near
        return text


def _lookalikes(text: str) -> Iterator[str]:
    """The word with two letters that look like one, or one that looks like two, exchanged: "Sumame", "cornpany"."""
    for pair, single in (("rn", "m"), ("cl", "d"), ("li", "h"), ("vv", "w")):
        for wrong, right in ((pair, single), (single, pair)):
            at = text.find(wrong)
            while at >= 0:
                yield text[:at] + right + text[at + len(wrong) :]
                at = text.find(wrong, at + 1)


def _one_slip(text: str, near: str) -> bool:
    """One sign read as another, or in a long word one lost or added."""
    if abs(len(text) - len(near)) > 1:
        return False
    if len(text) == len(near):
        return sum(one != other for one, other in zip(text, near, strict=True)) == 1
    longer, shorter = sorted((text, near), key=len, reverse=True)
    return len(shorter) >= _LEAST_LOST and shorter in cuts(longer)


def cuts(word: str) -> Iterator[str]:
    """The word without one of its signs: two words one sign apart share one."""
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A phrase on a line: from ``start`` to ``end`` of the folded text."""

    start: int
    end: int
    item: T
    exact: bool = True


class Phrases(Generic[T]):
    """Phrases to find on lines whose blanks and accents may be lost."""

    def __init__(self, phrases: Iterable[tuple[str, T]]) -> None:
        self._items: dict[str, T] = {}
        self._written: list[str] = []
        for phrase, item in phrases:
            folded = fold(phrase)
            if folded and (len(folded) > 2 or has_han(folded) or not folded.isdigit()):
                self._items.setdefault(folded, item)
                self._written.append(phrase)
        self._starting: dict[str, list[str]] = {}
        for folded in sorted(self._items, key=len, reverse=True):
            self._starting.setdefault(folded[:_KEY], []).append(folded)

    @cached_property
    def speller(self) -> Speller:
        """Puts words of the phrases right."""
        return Speller({fold(word) for phrase in self._written for word in _PARTING.split(phrase)})

    @cached_property
    def _ending(self) -> Mapping[str, list[str]]:
        """Phrases by their last signs."""
        ending: dict[str, list[str]] = {}
        for phrase in self._items:
            ending.setdefault(phrase[-_KEY:], []).append(phrase)
        return ending

    def find(self, line: Folded) -> list[Found[T]]:
        """The longest phrase at each place where a word begins; phrases may overlap."""
        found = []
        text, bounds = line.text, line.bounds
        for start in sorted(bounds):
            phrase = self._at(text, start, bounds)
            if phrase is not None:
                found.append(Found(start, start + len(phrase), self._items[phrase]))
        return found

    def _at(self, text: str, start: int, bounds: frozenset[int]) -> str | None:
        for size in range(min(_KEY, len(text) - start), 0, -1):
            for phrase in self._starting.get(text[start : start + size], ()):
                end = start + len(phrase)
                if (size < _KEY and len(phrase) != size) or not text.startswith(phrase, start):
                    continue
                merged = len(phrase) >= _LEAST_MERGED and not any(start < bound < end for bound in bounds)
                if end in bounds or merged:
                    return phrase
        return None

    def exactly(self, text: str) -> T | None:
        """The item of a folded text that is a phrase."""
        return self._items.get(text)

    def whole(self, text: str) -> T | None:
        """The item of a folded text that is a phrase but for one sign."""
        if text in self._items:
            return self._items[text]
        if len(text) < _LEAST_WHOLE:
            return None
        alike = (*self._starting.get(text[:_KEY], ()), *self._ending.get(text[-_KEY:], ()))
        near = (phrase for phrase in alike if len(phrase) >= _LEAST_WHOLE and _one_slip(text, phrase))
        return next((self._items[phrase] for phrase in near), None)
