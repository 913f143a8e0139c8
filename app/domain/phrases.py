"""The plain words of a report: rule sentences per finding code, and the nouns that go with counted facts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say a finding.

    ``text`` holds slots: ``{fact.name}``, or ``{0}`` for the finding's first fact. ``[label 0]`` is the label of that
    fact and ``[facts]`` lists every fact of the finding with its label. ``frame`` is the same sentence with the choices
    a small model may make, ``(above|over)``; it has the slots of ``text``, and each of its readings is correct. Where
    it is ``taught``, a model that was taught the relation may word it without the frame: its values and their relation
    are all that it says.
    """

    text: str
    frame: str = ""
    taught: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """All phrases of one finding code, richest first in each language."""

    subject: Mapping[str, str]  # language -> what it is about, for the prompt
    phrases: Mapping[str, tuple[Phrase, ...]]  # language -> phrases


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that words came from."""

    name: str
    version: str
    sha256: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "version": self.version, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class PhraseBook:
    """Entries by finding code; ``policy.*`` covers a family, ``*.adverse`` and so on any other code."""

    entries: Mapping[str, Entry]
    nouns: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # fact -> language -> label without digits
    mentions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # fact, or two -> language -> noun phrase
    questions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Finding code -> language -> questions to the applicant, richest first; none: nothing is asked."""
    sha256: str = ""  # of the files it was read from
    files: tuple[SourceFile, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def find(self, code: str, stance: str) -> Entry:
        """The closest entry: the code itself, the code before its colon, its family, or the one for the stance."""
        head = code.split(":")[0]
        for key in (code, head, head.split(".")[0] + ".*", f"*.{stance}"):
            if key in self.entries:
                return self.entries[key]
        return self.entries["*.neutral"]

    def mention(self, facts: str, language: str) -> str:
        """The noun phrase, with its slots, that names a fact or two facts ("one other") in a list; empty for none."""
        return self.mentions.get(facts, {}).get(language, "")

    def questions_of(self, code: str, stance: str, language: str) -> tuple[str, ...]:
        """Those of the code with its stance, else of the code, whole or before its colon."""
        head = code.split(":")[0]
        for key in (code, f"{head}.{stance}", head):
            if language in self.questions.get(key, {}):
                return self.questions[key][language]
        return ()

    def noun(self, fact: str, language: str) -> tuple[str, ...]:
        """Singular and plural (or one word) that follow the fact's number; empty when there is none."""
        return self.nouns.get(fact, {}).get(language, ())

    def over(self, base: PhraseBook) -> PhraseBook:
        """The base with what this book says put over it; its phrases come first, the base's where theirs lack facts."""
        entries = dict(base.entries)
        for code, own in self.entries.items():
            below = entries.get(code)
            entries[code] = (
                Entry(
                    {**below.subject, **own.subject},
                    {language: own.phrases.get(language, ()) + below.phrases[language] for language in below.phrases},
                )
                if below
                else own
            )
        digest = hashlib.sha256(f"{base.sha256}\x1f{self.sha256}".encode()).hexdigest()
        return PhraseBook(
            entries,
            _merged(base.nouns, self.nouns),
            _merged(base.labels, self.labels),
            _merged(base.mentions, self.mentions),
            _merged(base.questions, self.questions),
            digest,
            base.files + self.files,
        )


_T = TypeVar("_T")


def _merged(base: Mapping[str, Mapping[str, _T]], own: Mapping[str, Mapping[str, _T]]) -> dict[str, Mapping[str, _T]]:
    return {fact: {**base.get(fact, {}), **own.get(fact, {})} for fact in {**base, **own}}
