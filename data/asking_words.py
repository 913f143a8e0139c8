"""The words of questions that ship, read from ``data/asking``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.domain.asking.question import LANGUAGES, AskWords, Topic, Want
from app.domain.asking.terms import tokens
from app.errors import EnvironmentFault
from data.checking_words import load_lexicon

FILE = Path(__file__).resolve().parent / "asking" / "topics.toml"
_KEYS = {"en", "zh", "facts", "fields", "also", "zero", "reverse_en", "reverse_zh", "said", "turns"}


@cache
def load_ask_words(file: Path = FILE) -> AskWords:
    """Read them; raises ``EnvironmentFault`` when the file is missing or an entry of it is wrong."""
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
        topics = {name: _topic(name, entry) for name, entry in held["topic"].items()}
        _refuse_strays(topics)
        return AskWords(
            topics,
            {basis: {each: _listed(entry, each) for each in LANGUAGES} for basis, entry in held["prohibited"].items()},
            {
                basis: {each: _listed(entry, f"alone_{each}") for each in LANGUAGES}
                for basis, entry in held["prohibited"].items()
            },
            {
                language: tuple(
                    (Want(want), re.compile(pattern, re.IGNORECASE))
                    for want, pattern in held["wants"][language].items()
                )
                for language in LANGUAGES
            },
            {
                "en": frozenset(tokens(held["plain"]["en"])),
                "zh": frozenset(held["plain"]["zh"].split()),
            },
            {language: _soft(language) for language in LANGUAGES},
            {
                "en": frozenset(tokens(held["elsewhere"]["en"])),
                "zh": frozenset(held["elsewhere"]["zh"].split()),
            },
        )
    except (OSError, ValueError, KeyError, re.error) as exc:
        raise EnvironmentFault(
            f"The words of questions in {file} cannot be used: {exc}.", remedy="Install Caseworth again."
        ) from exc


def _refuse_strays(topics: Mapping[str, Topic]) -> None:
    if strays := {other for each in topics.values() for other in (*each.also, *each.turns.values())} - topics.keys():
        raise ValueError(f"there are no topics {', '.join(sorted(strays))}")


def _soft(language: str) -> frozenset[str]:
    """What claims nothing in a report says little in a question."""
    known = load_lexicon().plain[language]
    return frozenset(token for word in known for token in tokens(word)) if language == "en" else known


def _topic(name: str, entry: Mapping[str, Any]) -> Topic:
    if unknown := set(entry) - _KEYS:
        raise ValueError(f"[topic.{name}] has unknown keys: {', '.join(sorted(unknown))}")
    return Topic(
        name,
        {each: _listed(entry, each) for each in LANGUAGES},
        tuple(entry.get("facts", ())),
        tuple(entry.get("fields", ())),
        tuple(entry.get("also", ())),
        entry.get("zero") == "no",
        {each: _listed(entry, f"reverse_{each}") for each in LANGUAGES},
        _listed(entry, "said"),
        {Want(want): name for want, name in entry.get("turns", {}).items()},
    )


def _listed(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in entry.get(key, "").split(",") if part.strip())
