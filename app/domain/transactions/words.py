"""How statement texts are compared: without accents, capitals and digits; Chinese anywhere in the text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TOKEN = re.compile(r"[a-z]+")
_REFERENCE = re.compile(r"\d{4,}")
_FOLDED = {ord("ø"): "o", ord("ł"): "l", ord("đ"): "d", ord("æ"): "ae"}


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


MONTHS = _set(
    """january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec januari februari mars maj juni juli augusti oktober
    januar februar marz mai dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
    diciembre janvier fevrier avril juin juillet aout septembre octobre novembre decembre
    leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec"""
)

LEGAL_FORMS = _set(
    "ab as asa aps ag gmbh kg mbh sa sl sas sarl ltd limited plc inc llc co company corp bv nv oy spa srl sp zoo bank "
    "banken banque banco the and group holding international sample"
)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """The text in small letters without accents; ``ß`` as ``ss``, ``ø`` as ``o``, ``ł`` as ``l``."""
    text = text.casefold()
    if text.isascii():
        return text
    text = text.translate(_FOLDED)
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def without_references(text: str) -> str:
    """The text with every run of four digits or more as ``0000``: what two entries with one payee share."""
    return _REFERENCE.sub("0000", text)


@lru_cache(maxsize=65536)
def tokens(text: str) -> tuple[str, ...]:
    """The Latin words of the text, in order, without accents."""
    return tuple(_TOKEN.findall(plain(text)))


@lru_cache(maxsize=65536)
def payee(text: str) -> str:
    """What stays the same from month to month: the text without digits, signs and names of months."""
    letters = "".join(sign if sign.isalpha() else " " for sign in plain(text))
    words = [word for word in letters.split() if word not in MONTHS]
    return " ".join(word for word in words if len(word) > 1 or not word.isascii())


@lru_cache(maxsize=4096)
def name_tokens(name: str) -> frozenset[str]:
    """The words of a firm's name that tell it from others; legal forms and ``bank`` do not."""
    return frozenset(word for word in tokens(name) if word not in LEGAL_FORMS and len(word) > 2)


def names(text: str, firm: str) -> bool:
    """Whether the line names the firm: all its telling words (Chinese: the whole name) stand in it."""
    wanted = name_tokens(firm)
    if wanted:
        return wanted <= set(tokens(text))
    cjk = "".join(sign for sign in firm if ord(sign) > 0x2E7F)
    return len(cjk) >= 2 and cjk in text
