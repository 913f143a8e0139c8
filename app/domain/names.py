"""Whether two written names can be the same person's: spelling, order, script and initials vary, and prove nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from itertools import permutations

_TITLES = frozenset(re.findall(r"\w+", "mr mrs ms miss mx dr prof sir herr frau monsieur madame mme sr sra dhr mevr"))
_FOLDED = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ss", "s"))
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MOST_TOKENS = 5  # of a name whose order is tried out
_LONG = 5  # letters from which one slip is forgiven


class Likeness(Enum):
    SAME = "same"
    VARIANT = "variant"  # order, spelling, initials, a middle name, another script
    DIFFERENT = "different"


Latin = Callable[[str], str]
"""Writes any script in plain Latin letters."""


def without_accents(text: str) -> str:
    """``Latin`` for scripts that are Latin already."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def likeness(one: str, other: str, latin: Latin = without_accents) -> Likeness:
    """Compare two names of persons; blank ones are variants of anything."""
    a, b = name_tokens(one, latin), name_tokens(other, latin)
    if not a or not b or a == b:
        return Likeness.SAME if a == b else Likeness.VARIANT
    if Counter(a) == Counter(b) or _joined_alike(a, b) or _paired(a, b):
        return Likeness.VARIANT
    return Likeness.DIFFERENT


def name_tokens(name: str, latin: Latin = without_accents) -> tuple[str, ...]:
    """The parts of a name in plain small letters, titles left out: "Dr. Lena Müller" -> ("lena", "muller")."""
    written = latin(_CHINESE.sub(lambda found: f"{found.group(0)} ", name))
    parts = re.findall(r"[^\W\d_]+", re.sub(r"['’`]", "", written).lower().replace("-", " "))
    tokens = tuple(part for part in parts if part not in _TITLES) or tuple(parts)
    return tuple(_folded(token) for token in tokens)


def _folded(token: str) -> str:
    """German umlauts are written with and without their e."""
    for written, short in _FOLDED:
        token = token.replace(written, short)
    return token


def _joined_alike(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the letters agree in some order of the parts: "Xiao Long Li" and "LI Xiaolong"."""
    if len("".join(a)) != len("".join(b)) or max(len(a), len(b)) > _MOST_TOKENS:
        return False
    short, long = sorted((tuple(a), tuple(b)), key=len)
    wanted = {"".join(order) for order in permutations(short)}
    return any("".join(order) in wanted for order in permutations(long))


def _paired(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether each part of the shorter name has its like in the longer, two of them or more, one of them in full."""
    short, long = sorted((list(a), list(b)), key=len)
    left, full = list(long), 0
    for token in sorted(short, key=len, reverse=True):
        match = next((other for other in left if _slip(token, other)), None)
        full += match is not None
        if match is None:
            match = next((other for other in left if _initial(token, other)), None)
        if match is None:
            return False
        left.remove(match)
    return full >= 1 and len(short) >= 2


def _initial(one: str, other: str) -> bool:
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def _slip(one: str, other: str) -> bool:
    """Equal, or one letter apart in a long part."""
    if one == other:
        return True
    if min(len(one), len(other)) < _LONG or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (x, y) in enumerate(zip(one, other, strict=False)) if x != y), min(len(one), len(other)))
    skip_one, skip_other = (len(one) >= len(other)), (len(other) >= len(one))
    return one[start + skip_one :] == other[start + skip_other :]
