"""The words of the checks that ship, read from ``data/checking``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from app.domain.checks.lexicon import Lexicon, lexicon_from
from app.errors import EnvironmentFault

FOLDER = Path(__file__).resolve().parent / "checking"


@cache
def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """Read the words of both languages; raises ``EnvironmentFault`` when a file is missing or broken."""
    try:
        concepts = tomllib.loads((folder / "concepts.toml").read_text(encoding="utf-8"))
        signs = tomllib.loads((folder / "signs.toml").read_text(encoding="utf-8"))
        plain, common, ordinary = (
            {language: (folder / f"{kind}_{language}.txt").read_text(encoding="utf-8") for language in ("en", "zh")}
            for kind in ("plain", "common", "ordinary")
        )
        return lexicon_from(concepts, plain, signs, common, ordinary)
    except (OSError, ValueError, KeyError) as exc:
        raise EnvironmentFault(
            f"The words of the checks in {folder} cannot be used: {exc}.", remedy="Install Caseworth again."
        ) from exc
