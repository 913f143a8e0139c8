"""The words the engine knows, as data: what concepts are called, what claims nothing, what compares or praises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.domain.checks.stems import stem, stems

LONGEST_PHRASE = 6  # words
_JOINS_MARK = "~"  # before an ordinary Chinese word that only joins or points
_STEM_MARK = "="  # before the stem of a plain word, beside the word itself
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing reports speak of; ``opposed`` are the words for its contrary."""

    name: str
    words: Mapping[str, tuple[str, ...]]
    opposed: Mapping[str, tuple[str, ...]]
    period: str = ""  # month, year, none, or nothing
    free: bool = False  # needs no fact to be spoken of
    strict: bool = False  # endings matter where a word of it also claims nothing
    related: tuple[str, ...] = ()  # concepts that give it ground as well
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words that may mean it


@dataclass(frozen=True)
class Lexicon:
    """Concepts, words that claim nothing, and the signs of each language; built by ``lexicon_from``."""

    concepts: Mapping[str, Concept]
    plain: Mapping[str, frozenset[str]]  # language -> words; English stems behind a mark
    signs: Mapping[str, Mapping[str, Any]]
    conduct: Mapping[str, Mapping[str, Any]]
    common: Mapping[str, frozenset[str]] = field(default_factory=dict)  # as ``plain``: free to use, yet telling names
    ordinary: Mapping[str, frozenset[str]] = field(default_factory=dict)  # as ``plain``: words of any text, no names
    _compiled: dict[tuple[str, str], re.Pattern[str]] = field(default_factory=dict)

    @cached_property
    def english(self) -> Mapping[tuple[str, ...], tuple[tuple[str, int], ...]]:
        """Stems of a phrase -> concepts it names, each with +1, or -1 for the contrary."""
        found: dict[tuple[str, ...], dict[str, int]] = {}
        for concept, sign, phrase in self._phrases("en"):
            found.setdefault(tuple(stems(phrase)), {})[concept] = sign
        return {phrase: tuple(named.items()) for phrase, named in found.items() if phrase}

    @cached_property
    def chinese(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """The same by the word itself."""
        found: dict[str, dict[str, int]] = {}
        for concept, sign, phrase in self._phrases("zh"):
            found.setdefault(phrase, {})[concept] = sign
        return {word: tuple(named.items()) for word, named in found.items()}

    @cached_property
    def chinese_words(self) -> frozenset[str]:
        return self.plain["zh"] | frozenset(self.chinese) | self.common.get("zh", frozenset())

    @cached_property
    def longest_chinese(self) -> int:
        return max((len(word) for word in self.chinese_words), default=1)

    def is_plain(self, word: str, *, as_it_stands: bool = False) -> bool:
        """Whether an English word claims nothing; ``as_it_stands`` other endings do not count."""
        known = self.plain["en"]
        if word.lower().endswith(("n't", "n’t")):
            return True
        return word.lower() in known or (not as_it_stands and f"{_STEM_MARK}{stem(word)}" in known)

    def is_common(self, word: str) -> bool:
        """Whether any report may use an English word, in any ending."""
        known = self.common.get("en", frozenset())
        return word.lower() in known or f"{_STEM_MARK}{stem(word)}" in known

    def is_ordinary(self, word: str) -> bool:
        """Whether an English word tells of no thing, person or place, in any ending."""
        known = self.ordinary.get("en", frozenset())
        return word.lower() in known or f"{_STEM_MARK}{stem(word)}" in known

    def is_chinese(self, word: str) -> bool:
        """Whether any list holds the Chinese word, with those that only join and point."""
        ordinary = self.ordinary.get("zh", frozenset())
        return word in self.chinese_words or word in ordinary or f"{_JOINS_MARK}{word}" in ordinary

    def _phrases(self, language: str) -> Iterable[tuple[str, int, str]]:
        for concept in self.concepts.values():
            for phrase in concept.words.get(language, ()):
                yield concept.name, 1, phrase
            for phrase in concept.opposed.get(language, ()):
                yield concept.name, -1, phrase

    def sign(self, language: str, name: str) -> re.Pattern[str]:
        """One pattern for the words of ``[en]`` or ``[zh]`` under ``name``, the longest alternatives first."""
        found = self._compiled.get((language, name))
        return found or self._pattern(language, name, self.signs[language][name])

    def rule(self, language: str, name: str) -> re.Pattern[str]:
        """The same of ``[conduct.en]`` or ``[conduct.zh]``."""
        return self._pattern(language, f"conduct.{name}", self.conduct[language][name])

    def _pattern(self, language: str, name: str, given: str | list[str]) -> re.Pattern[str]:
        key = language, name
        if key not in self._compiled:
            joined = given if isinstance(given, str) else "|".join(sorted(given, key=len, reverse=True))
            bounded = rf"(?<![^\W_])(?:{joined})(?:(?<=[\W_])|(?![^\W_]))" if language == "en" else f"(?:{joined})"
            self._compiled[key] = re.compile(joined if isinstance(given, str) else bounded, re.IGNORECASE)
        return self._compiled[key]

    def pattern(self, text: str) -> re.Pattern[str]:
        """A pattern made of the lexicon's words, compiled once."""
        if ("", text) not in self._compiled:
            self._compiled["", text] = re.compile(text, re.IGNORECASE)
        return self._compiled["", text]


def lexicon_from(
    concepts: Mapping[str, Any],
    plain: Mapping[str, str],
    signs: Mapping[str, Any],
    common: Mapping[str, str] | None = None,
    ordinary: Mapping[str, str] | None = None,
) -> Lexicon:
    """Build the lexicon from parsed data files; raises ``ValueError`` on a key or a pattern that is none."""
    known = {"en", "zh", "not_en", "not_zh", "hint_en", "hint_zh", "period", "free", "strict", "related"}
    made = {}
    for name, entry in concepts.items():
        if unknown := set(entry) - known:
            raise ValueError(f"[{name}] has unknown keys: {', '.join(sorted(unknown))}")
        made[name] = Concept(
            name,
            {language: _listed(entry.get(language, "")) for language in ("en", "zh")},
            {language: _listed(entry.get(f"not_{language}", "")) for language in ("en", "zh")},
            entry.get("period", ""),
            bool(entry.get("free", False)),
            bool(entry.get("strict", False)),
            _listed(entry.get("related", "")),
            {language: _listed(entry.get(f"hint_{language}", "")) for language in ("en", "zh")},
        )
    lexicon = Lexicon(
        made,
        _words_of(plain),
        {language: signs[language] for language in ("en", "zh")},
        {language: signs["conduct"][language] for language in ("en", "zh")},
        _words_of(common or {}),
        _words_of(ordinary or {}),
    )
    for language in ("en", "zh"):
        try:
            for name in lexicon.signs[language]:
                lexicon.sign(language, name)
            for name in lexicon.conduct[language]:
                lexicon.rule(language, name)
        except re.error as exc:
            raise ValueError(f"[{language}] {name} is no pattern: {exc}") from exc
    return lexicon


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _words_of(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The words of both languages; English stems behind a mark."""
    english = [word.lower() for line in _lines(texts.get("en", "")) for word in _WORD.findall(line)]
    return {
        "en": frozenset([*english, *(f"{_STEM_MARK}{stem(word)}" for word in english)]),
        "zh": frozenset(word for line in _lines(texts.get("zh", "")) for word in line.split()),
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]
