"""Kinds of report and the phrases in their tones: those that ship, and a lender's own put over them.

A folder of kinds holds ``NAME.toml`` for each kind and, under ``phrases``, ``TONE.en.toml`` and ``TONE.zh.toml``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from app.domain.checking import Setting, check_worded, vocabulary_of
from app.domain.facts import Catalogue, Stance
from app.domain.findings import Materiality
from app.domain.phrases import LANGUAGES, Entry, Phrase, PhraseBook, SourceFile
from app.domain.plan import SentencePlan, Slot
from app.domain.rendering import slot_names
from app.domain.report_kinds import PLAIN, ReportKind, Section
from app.errors import InputError

FOLDER = Path(__file__).resolve().parent / "reports"
_KEYS = frozenset({"version", "title", "length", "least", "favourable", "tone", "needs_offer", "section"})
_SECTION_KEYS = frozenset({"name", "heading", "takes"})
_PHRASE_KEYS = frozenset({"version", "nouns", "labels", "mentions", "questions", "finding"})
_WEIGHTS = {weight.name.lower(): weight for weight in Materiality}
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MARK = re.compile(r"\[label \d\]|\[facts\]|\[code\]|\{\d\}")
_SLOT = re.compile(r"\{[a-z0-9_.]+\}|\[label \d\]|\[facts\]")
_FRAME_MARK = re.compile(r"[<>|]")
_MOST_SENTENCES = 40


def load_kinds(own: Path | None = None, folder: Path = FOLDER) -> dict[str, ReportKind]:
    """The kinds by name, a lender's over those of that name that ship. Raises ``InputError`` with file and line."""
    found = {}
    for place in (folder, own):
        if place is not None and place.is_dir():
            for path in sorted(place.glob("*.toml")):
                found[path.stem] = _kind(_File(path))
    return found


def phrases_in_tone(
    base: PhraseBook, tone: str, catalogue: Catalogue, own: Path | None = None, folder: Path = FOLDER
) -> PhraseBook:
    """The book with the phrases of the tone over it; a lender's of tone ``plain`` hold for every kind.

    Raises ``InputError`` where nobody has phrases of that tone, or a phrase cannot be used.
    """
    book, found = base, tone == PLAIN
    tones = [(folder, tone), *((own, each) for each in dict.fromkeys([PLAIN, tone]) if own is not None)]
    for place, each in tones:
        for language in LANGUAGES:
            path = place / "phrases" / f"{each}.{language}.toml"
            if path.is_file():
                book = _overlay(_File(path), language, catalogue).over(book)
                found = found or each == tone
    if not found:
        raise InputError(
            "tone",
            f"There are no phrases of the tone {tone!r}.",
            remedy=f"Write phrases/{tone}.en.toml and phrases/{tone}.zh.toml, or choose plain.",
        )
    return book


@dataclass(frozen=True)
class _File:
    """A TOML file that knows the lines of what it holds."""

    path: Path

    @property
    def text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except OSError as exc:
            self.refuse(f"it cannot be read: {exc.strerror}")
        except UnicodeDecodeError:
            self.refuse("it is not UTF-8")

    def parsed(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as exc:
            line = re.search(r"at line (\d+)", str(exc))
            self.refuse(str(exc), int(line.group(1)) if line else len(self.text.splitlines()))

    def source(self, version: object) -> SourceFile:
        digest = hashlib.sha256(self.text.encode()).hexdigest()
        return SourceFile(f"{self.path.parent.name}/{self.path.name}", str(version), digest)

    def line_of(self, *words: str) -> int | None:
        """The first line that holds the last of the words, after those before it; null where there is none."""
        text, at, after = self.text, 0, 0
        for word in words:
            at = text.find(word, after)
            if at < 0:
                return None
            after = at + len(word)
        return text.count("\n", 0, at) + 1

    def refuse(self, why: str, line: int | None = None) -> NoReturn:
        where = f"{self.path}, line {line}" if line else str(self.path)
        raise InputError("reports", f"{where}: {why}.", remedy="Mend the file, or take it out of the folder.")


# -- kinds


def _kind(file: _File) -> ReportKind:
    data = file.parsed()
    _known(file, data, _KEYS, "")
    if not _NAME.fullmatch(file.path.stem):
        file.refuse("the name of the file is the kind's: small letters, digits, - and _")
    least = data.get("least", "minor")
    if least not in _WEIGHTS:
        file.refuse(f"least is one of {', '.join(_WEIGHTS)}, not {least!r}", file.line_of("least"))
    offer = data.get("needs_offer", False)
    if not isinstance(offer, bool):
        file.refuse("needs_offer is true or false", file.line_of("needs_offer"))
    return ReportKind(
        name=file.path.stem,
        title=_texts(file, data.get("title"), "title", ("title",)),
        sections=tuple(_sections(file, data.get("section"))),
        length=_number(file, data, "length", 8, 1),
        least=_WEIGHTS[least],
        favourable=_number(file, data, "favourable", 1, 1),
        tone=_tone(file, data.get("tone", PLAIN)),
        needs_offer=offer,
        version=str(data.get("version", "1")),
        sha256=file.source("").sha256,
    )


def _sections(file: _File, given: Any) -> Iterator[Section]:
    if not isinstance(given, list) or not given or not all(isinstance(entry, dict) for entry in given):
        file.refuse("it names no [[section]]")
    seen: set[str] = set()
    for entry in given:
        name = entry.get("name")
        line = file.line_of(f'"{name}"')
        _known(file, entry, _SECTION_KEYS, f"section {name}")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            file.refuse(f"a section's name is small letters, digits, - and _, not {name!r}", line)
        if name in seen:
            file.refuse(f"the section {name} comes twice", file.line_of(f'"{name}"', f'"{name}"'))
        seen.add(name)
        takes = entry.get("takes", [])
        if not isinstance(takes, list) or not all(isinstance(code, str) and code for code in takes):
            file.refuse(f"takes of section {name} is a list of finding codes", line)
        heading = _texts(file, entry["heading"], "heading", (f'"{name}"', "heading")) if "heading" in entry else {}
        if takes and not heading:
            file.refuse(f"the section {name} has findings of its own and no heading", line)
        yield Section(name, heading, tuple(takes))


def _known(file: _File, data: Mapping[str, Any], keys: frozenset[str], where: str) -> None:
    for key in data:
        if key not in keys:
            place = f" in {where}" if where else ""
            file.refuse(f"unknown key {key}{place}; known are {', '.join(sorted(keys))}", file.line_of(key))


def _texts(file: _File, given: Any, what: str, place: Sequence[str]) -> dict[str, str]:
    words = given if isinstance(given, dict) else {}
    missing = [language for language in LANGUAGES if not isinstance(words.get(language), str) or not words[language]]
    if missing:
        file.refuse(f"{what} has no words in {' and '.join(missing)}", file.line_of(*place))
    return {language: str(words[language]) for language in LANGUAGES}


def _number(file: _File, data: Mapping[str, Any], key: str, usual: int, least: int) -> int:
    value = data.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST_SENTENCES:
        file.refuse(f"{key} is a number from {least} to {_MOST_SENTENCES}, not {value!r}", file.line_of(key))
    return value


def _tone(file: _File, given: Any) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        file.refuse(f"tone is small letters, digits, - and _, not {given!r}", file.line_of("tone"))
    return given


# -- phrases of a tone


def _overlay(file: _File, language: str, catalogue: Catalogue) -> PhraseBook:
    data = file.parsed()
    _known(file, data, _PHRASE_KEYS, "")
    entries = {code: _entry(file, code, given, language, catalogue) for code, given in data.get("finding", {}).items()}
    source = file.source(data.get("version", "1"))
    return PhraseBook(
        entries,
        {fact: {language: _forms(file, fact, words)} for fact, words in data.get("nouns", {}).items()},
        {fact: {language: _word(file, fact, word)} for fact, word in data.get("labels", {}).items()},
        {facts: {language: _word(file, facts, word)} for facts, word in data.get("mentions", {}).items()},
        {code: {language: _asked(file, code, given, catalogue)} for code, given in data.get("questions", {}).items()},
        source.sha256,
        (source,),
    )


def _forms(file: _File, fact: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(word, str) and word for word in given):
        file.refuse(f"nouns of {fact} is a list of words", file.line_of(f'"{fact}"'))
    return tuple(given)


def _asked(file: _File, code: str, given: Any, catalogue: Catalogue) -> tuple[str, ...]:
    """Questions of a code; an empty list asks nothing where the desk would."""
    if not isinstance(given, list) or not all(isinstance(text, str) and text for text in given):
        file.refuse(f"questions of {code} is a list of texts", file.line_of("[questions]", f'"{code}"'))
    for text in given:
        for name in slot_names(_MARK.sub("", text)):
            if catalogue.get(name) is None or catalogue.prohibited(name):
                file.refuse(f"a question of {code} may not name {name}", file.line_of("[questions]", text))
    return tuple(given)


def _word(file: _File, fact: str, given: Any) -> str:
    if not isinstance(given, str) or not given:
        file.refuse(f"{fact} has no words", file.line_of(f'"{fact}"'))
    return given


def _entry(file: _File, code: str, given: Any, language: str, catalogue: Catalogue) -> Entry:
    line = file.line_of(f'"{code}"')
    subject = given.get("subject") if isinstance(given, dict) else None
    phrases = given.get("phrases") if isinstance(given, dict) else None
    if not isinstance(subject, str) or not subject:
        file.refuse(f"{code} has no subject", line)
    if not isinstance(phrases, list) or not phrases:
        file.refuse(f"{code} has no phrases", line)
    return Entry(
        {language: subject}, {language: tuple(_phrase(file, code, item, language, catalogue) for item in phrases)}
    )


def _phrase(file: _File, code: str, item: Any, language: str, catalogue: Catalogue) -> Phrase:
    """A phrase that passes the checks: known slots, no figure and no prohibited basis of its own."""
    text = item.get("text") if isinstance(item, dict) else None
    if not isinstance(text, str) or not text:
        file.refuse(f"a phrase of {code} has no text", file.line_of(f'"{code}"'))
    frame = str(item.get("frame", ""))
    line = file.line_of(f'"{code}"', text)
    if frame and sorted(_SLOT.findall(text)) != sorted(_SLOT.findall(frame)):
        file.refuse(f"text and frame of {code} differ in their slots", line)
    names = [name for name in slot_names(_MARK.sub("", text)) if name]
    for name in names:
        if catalogue.get(name) is None:
            file.refuse(f"{code} has a slot of a fact that the catalogue does not know: {name}", line)
        if catalogue.prohibited(name):
            file.refuse(f"{code} has a slot of a prohibited basis: {name}", line)
    plain = _MARK.sub("", text)
    plan = SentencePlan(
        "", "", "is", Stance.NEUTRAL, tuple(Slot(name, "") for name in names), (), None, plain, subject=code
    )
    result = check_worded(plain, plan, Setting(language, vocabulary_of([plain, _FRAME_MARK.sub(" ", frame)])))
    wrong = [p for p in result.problems if p.kind in ("unsupported_figure", "prohibited_basis", "markup", "language")]
    if wrong:
        said = "; ".join(f"{problem.kind}: {problem.span}" for problem in wrong)
        file.refuse(f"a phrase of {code} does not pass the checks ({said})", line)
    taught = item.get("taught", False)
    if not isinstance(taught, bool):
        file.refuse(f"taught of a phrase of {code} is true or false", line)
    return Phrase(text, frame, taught)
