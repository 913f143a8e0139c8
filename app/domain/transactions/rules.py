"""The rules of ``data/catalogue/transactions.toml`` and a lender's own, made ready to be asked quickly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.domain.transactions.words import plain, tokens, without_references

DIRECTIONS = ("in", "out", "any")
GROUPS = ("income", "essential", "living", "debt", "own", "returned", "other")
OTHER_IN, OTHER_OUT = "other_in", "other_out"
OTHERS: Mapping[str, Mapping[str, str]] = {
    OTHER_IN: {"en": "Other money in", "zh": "其他收入"},
    OTHER_OUT: {"en": "Other money out", "zh": "其他支出"},
}


@dataclass(frozen=True, slots=True)
class PurposeClass:
    """One class of lines."""

    id: str  # "salary"
    label: Mapping[str, str]  # "en", "zh"
    direction: str
    group: str
    words: tuple[str, ...]
    against: frozenset[str] = frozenset()
    least: Decimal | None = None  # amounts without sign
    most: Decimal | None = None
    monthly: bool = False

    def takes(self, amount: Decimal) -> bool:
        """Whether a line of that signed amount may be of the class."""
        if (self.direction == "in" and amount <= 0) or (self.direction == "out" and amount >= 0):
            return False
        size = abs(amount)
        return (self.least is None or size >= self.least) and (self.most is None or size <= self.most)


@dataclass(frozen=True)
class _Index:
    """Where each way of writing a word leads: to the positions of the classes that name it."""

    words: Mapping[str, tuple[int, ...]]
    beginnings: Mapping[str, tuple[int, ...]]
    ends: Mapping[str, tuple[int, ...]]
    phrases: Mapping[str, tuple[tuple[str, int], ...]]  # first word -> phrase with blanks around, class
    signs: tuple[tuple[str, int], ...]  # Chinese
    numbered: tuple[tuple[str, int], ...]  # with digits: "tele2"
    begin_lengths: tuple[int, ...] = ()
    end_lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rules:
    """The classes in the order in which they are tried."""

    classes: tuple[PurposeClass, ...]
    parties: Mapping[str, str] = field(default_factory=dict)  # words of a text -> name
    noise: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> PurposeClass:
        return self._by_id[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_id

    @cached_property
    def _by_id(self) -> Mapping[str, PurposeClass]:
        return {each.id: each for each in self.classes}

    def label(self, name: str, language: str) -> str:
        """What people see for a class."""
        labels = OTHERS[name] if name in OTHERS else self[name].label if name in self else {}
        return labels.get(language) or labels.get("en") or name

    def group(self, name: str) -> str:
        return self[name].group if name in self else "other"

    def of_group(self, *groups: str) -> frozenset[str]:
        """Ids of the classes of these groups."""
        return frozenset(each.id for each in self.classes if each.group in groups)

    def marks(self, name: str, text: str) -> bool:
        """Whether the words of a class stand in the text, whatever other classes say."""
        return name in self and self[name] in self.marked(text)

    def purpose(self, text: str, amount: Decimal) -> str:
        """The first class that fits the line; ``other_in`` or ``other_out`` where none does."""
        found = next((each for each in self.marked(text) if each.takes(amount)), None)
        if found is not None:
            return found.id
        return OTHER_IN if amount > 0 else OTHER_OUT

    def marked(self, text: str) -> tuple[PurposeClass, ...]:
        """Classes whose words stand in the text, in order."""
        text = without_references(text)
        known = self._memory.get(text)
        if known is None:
            known = self._looked_up(text)
            if len(self._memory) >= _MOST_REMEMBERED:
                self._memory.clear()
            self._memory[text] = known
        return known

    def _looked_up(self, text: str) -> tuple[PurposeClass, ...]:
        found = tokens(text)
        index = self._index
        hits: set[int] = set()
        for word in dict.fromkeys(found):
            hits.update(_of_word(index, word))
        line = f" {' '.join(found)} "
        for word in found:
            hits.update(place for phrase, place in index.phrases.get(word, ()) if phrase in line)
        if not text.isascii():
            hits.update(place for sign, place in index.signs if sign in text)
        if index.numbered:
            whole = f" {' '.join(_WORD.findall(plain(text)))} "
            hits.update(place for phrase, place in index.numbered if phrase in whole)
        told = set(found)
        made = (self.classes[place] for place in sorted(hits))
        return tuple(each for each in made if not any(_against(word, told, line) for word in each.against))

    @cached_property
    def _memory(self) -> dict[str, tuple[PurposeClass, ...]]:
        return {}

    @cached_property
    def _index(self) -> _Index:
        return _indexed(self.classes)


_WORD = re.compile(r"[a-z0-9]+")
_MOST_REMEMBERED = 100_000  # texts


def _against(word: str, told: set[str], line: str) -> bool:
    return f" {word} " in line if " " in word else word in told


def _of_word(index: _Index, word: str) -> Iterable[int]:
    yield from index.words.get(word, ())
    for length in index.begin_lengths:
        if length <= len(word):
            yield from index.beginnings.get(word[:length], ())
    for length in index.end_lengths:
        if length < len(word):
            yield from index.ends.get(word[-length:], ())


def _indexed(classes: Iterable[PurposeClass]) -> _Index:
    words: dict[str, Any] = {}
    beginnings: dict[str, Any] = {}
    ends: dict[str, Any] = {}
    phrases: dict[str, Any] = {}
    signs: list[tuple[str, int]] = []
    numbered: list[tuple[str, int]] = []
    for place, each in enumerate(classes):
        for entry in each.words:
            if not plain(entry).replace("*", "").isascii():
                signs.append((entry, place))
                continue
            folded = " ".join(tokens(entry))
            if any(sign.isdigit() for sign in entry):
                numbered.append((f" {' '.join(_WORD.findall(plain(entry)))} ", place))
            elif " " in folded:
                phrases.setdefault(folded.split()[0], []).append((f" {folded} ", place))
            elif entry.endswith("*"):
                beginnings.setdefault(folded, []).append(place)
            elif entry.startswith("*"):
                ends.setdefault(folded, []).append(place)
            elif folded:
                words.setdefault(folded, []).append(place)
    return _Index(
        words,
        beginnings,
        ends,
        phrases,
        tuple(signs),
        tuple(numbered),
        tuple(sorted({len(word) for word in beginnings})),
        tuple(sorted({len(word) for word in ends})),
    )
