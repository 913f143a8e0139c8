"""What texts and questions are compared by: stems of words, figures, and pairs of Chinese signs."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from app.domain.checks.stems import stem

_TOKEN = re.compile(r"\d[\d.,'’]*\d|\d|[\u3400-\u9fff]+|[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NOUGHTS = re.compile(r"[.,]00?$")


def plain(text: str) -> str:
    """Without case, accents and width of signs."""
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(sign for sign in flat if not unicodedata.combining(sign)).replace("’", "'")


def is_han(text: str) -> bool:
    return bool(_HAN.search(text))


@lru_cache(maxsize=65536)
def _word(token: str) -> str:
    if token[0].isdigit():
        return re.sub(r"\D", "", _NOUGHTS.sub("", token)) or "0"
    return stem(token)


def tokens(text: str) -> list[str]:
    """Stems and figures in order; a run of Chinese signs is one token."""
    return [token if is_han(token) else _word(token) for token in _TOKEN.findall(plain(text).replace("'s", ""))]


def pairs(run: str) -> list[str]:
    """The pairs of neighbouring signs of a Chinese run; a lone sign stands for itself."""
    return [a + b for a, b in pairwise(run)] if len(run) > 1 else [run]


def terms_of(text: str) -> list[str]:
    """The terms by which a text is found, with repetitions."""
    found: list[str] = []
    for token in tokens(text):
        found += pairs(token) if is_han(token) else [token]
    return found
