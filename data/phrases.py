"""The rule sentences that ship, read from ``data/phrases/en.toml`` and ``zh.toml``."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.phrases import LANGUAGES, Entry, Phrase, PhraseBook, SourceFile
from app.errors import EnvironmentFault

FOLDER = Path(__file__).resolve().parent / "phrases"
_SLOT = re.compile(r"\{[a-z0-9_.]+\}|\[label \d\]|\[facts\]")


@cache
def load_phrases(folder: Path = FOLDER) -> PhraseBook:
    """Read and check both languages; raises ``EnvironmentFault`` when a file is missing or broken."""
    texts = {language: _read(folder / f"{language}.toml") for language in LANGUAGES}
    parsed = {language: _parse(folder / f"{language}.toml", texts[language]) for language in LANGUAGES}
    codes = [tuple(parsed[language]["finding"]) for language in LANGUAGES]
    if set(codes[0]) != set(codes[1]):
        raise _broken(folder, f"only one language has {', '.join(sorted(set(codes[0]) ^ set(codes[1])))}")
    entries = {
        code: _entry(folder, code, {lang: parsed[lang]["finding"][code] for lang in LANGUAGES}) for code in codes[0]
    }
    digest = hashlib.sha256("\x1f".join(texts[language] for language in LANGUAGES).encode()).hexdigest()
    nouns = _by_fact({language: parsed[language].get("nouns", {}) for language in LANGUAGES})
    labels = _by_fact({language: parsed[language].get("labels", {}) for language in LANGUAGES})
    mentions = _by_fact({language: parsed[language].get("mentions", {}) for language in LANGUAGES})
    counted = {fact: {language: tuple(words) for language, words in by.items()} for fact, by in nouns.items()}
    files = tuple(
        SourceFile(
            f"phrases/{language}.toml",
            str(parsed[language].get("version", "1")),
            hashlib.sha256(texts[language].encode()).hexdigest(),
        )
        for language in LANGUAGES
    )
    asked = _by_fact({language: parsed[language].get("questions", {}) for language in LANGUAGES})
    questions = {code: {language: tuple(texts) for language, texts in by.items()} for code, by in asked.items()}
    return PhraseBook(entries, counted, labels, mentions, questions, digest, files)


def _broken(path: Path, why: str) -> EnvironmentFault:
    return EnvironmentFault(f"The rule sentences in {path} cannot be used: {why}.", remedy="Install Caseworth again.")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise _broken(path, str(exc)) from exc


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise _broken(path, str(exc)) from exc


def _entry(folder: Path, code: str, by_language: Mapping[str, Mapping[str, Any]]) -> Entry:
    phrases = {
        language: tuple(
            Phrase(item["text"], item.get("frame", ""), bool(item.get("taught", False))) for item in entry["phrases"]
        )
        for language, entry in by_language.items()
    }
    for phrase in (phrase for group in phrases.values() for phrase in group if phrase.frame):
        if sorted(_SLOT.findall(phrase.text)) != sorted(_SLOT.findall(phrase.frame)):
            raise _broken(folder, f"text and frame of {code} differ in their slots")
    return Entry({language: entry["subject"] for language, entry in by_language.items()}, phrases)


def _by_fact(by_language: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Language -> fact -> words, turned round."""
    turned: dict[str, dict[str, Any]] = {}
    for language, words in by_language.items():
        for fact, forms in words.items():
            turned.setdefault(fact, {})[language] = forms
    return turned
