"""The words of the letters that ship, read from ``data/phrases/letters_en.toml`` and ``letters_zh.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from app.domain.phrases import LANGUAGES
from app.errors import EnvironmentFault

FOLDER = Path(__file__).resolve().parent / "phrases"


@cache
def load_letter_words(folder: Path = FOLDER) -> Mapping[str, Mapping[str, str]]:
    """Language -> key (``"title.action"``) -> text. Raises ``EnvironmentFault`` for a missing or broken file."""
    words = {language: _read(folder / f"letters_{language}.toml") for language in LANGUAGES}
    odd = set.symmetric_difference(*(set(texts) for texts in words.values()))
    if odd:
        raise _broken(folder, f"only one language has {', '.join(sorted(odd))}")
    return words


def _read(path: Path) -> Mapping[str, str]:
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise _broken(path, str(exc)) from exc
    return {f"{section}.{key}": str(text) for section, texts in sections.items() for key, text in texts.items()}


def _broken(path: Path, why: str) -> EnvironmentFault:
    return EnvironmentFault(f"The words of the letters in {path} cannot be used: {why}.", remedy="Install again.")
