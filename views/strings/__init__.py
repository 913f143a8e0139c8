"""Texts of the window in English and Chinese, read from the TOML files beside this one.

``tr("queue.empty")`` gives the text in the language in force; ``tr("queue.count", count=5)`` fills ``{count}``.
Keys are the dotted paths of the TOML tables. Every ``*.toml`` whose name is a language (``en.toml``) or ends in one
(``case_en.toml``) is merged; the same key twice is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
_FOLDER = Path(__file__).parent
_in_force = ["en"]


def language() -> str:
    """The language in force, ``"en"`` or ``"zh"``."""
    return _in_force[0]


def use_language(code: str) -> None:
    """Put a language in force; raises ``ValueError`` for one there are no texts of."""
    if code not in LANGUAGES:
        raise ValueError(f"no texts in {code!r}; there are {', '.join(LANGUAGES)}")
    _in_force[0] = code


def tr(key: str, **values: object) -> str:
    """The text of ``key`` in the language in force, else in English, with ``{names}`` filled.

    Raises ``KeyError`` for a key no language has, or a name not given: both are bugs.
    """
    code = language()
    text = _frame(code).get(key) or texts(code).get(key) or texts("en")[key]
    return text.format(**values) if values else text


def has_text(key: str) -> bool:
    """Whether there is a text of that key."""
    return key in texts("en")


@cache
def _frame(code: str) -> Mapping[str, str]:
    """The texts of ``en.toml`` or ``zh.toml``: those of the window's frame and the queue, read before all others."""
    return dict(_flat(tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8")), ""))


@cache
def texts(code: str) -> Mapping[str, str]:
    """All texts of a language by dotted key."""
    merged: dict[str, str] = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        if file.stem == code or file.stem.endswith(f"_{code}"):
            for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")), ""):
                if key in merged:
                    raise ValueError(f"{file.name}: {key} stands in another file already")
                merged[key] = text
    return merged


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)
