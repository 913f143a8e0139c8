"""When a value read is the value that stands there: exact, after what no reader can know is put aside.

- Money: the same decimal number; the currency is compared apart.
- Date: the same day. Period: the same first and last day; a whole month may be given as "2026-10".
- Number and count: the same number.
- Name: the same words in any order, whatever their capitals, accents, punctuation, titles ("Mr", "Herr") and, for
  firms, the dots of their form ("Ltd." is "Ltd").
- Address: the same words in their order, whatever their capitals, accents, commas and line breaks.
- Identifier: the same letters and digits in their order, whatever their capitals.
- Text: as an address; Chinese is compared without blanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "monsieur", "madame", "mme", "mlle", "sr", "sra")
)


def same(type_: str, expected: str, read: object) -> bool:
    """Whether ``read`` is ``expected``; ``type_`` as ``app.domain.document_kinds.FieldType`` names it."""
    found = str(read)
    return _RULES.get(type_, _same_text)(expected, found)


def words(text: str) -> list[str]:
    """Small, without accents and punctuation; Chinese as one word."""
    text = unicodedata.normalize("NFKD", text.translate({0x131: "i", 0xDF: "ss"}))
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).casefold()
    text = re.sub(r"(?<=[⺀-鿿＀-￯])\s+(?=[⺀-鿿0-9])|(?<=[0-9])\s+(?=[⺀-鿿])", "", text)
    return re.sub(r"[^\w]|_", " ", re.sub(r"['’.]", "", text)).split()


def _same_number(expected: str, found: str) -> bool:
    try:
        return Decimal(expected) == Decimal(found)
    except InvalidOperation:
        return False


def _same_name(expected: str, found: str) -> bool:
    def key(text: str) -> list[str]:
        return sorted(word for word in words(text) if word not in _TITLES)

    return "".join(words(expected)) == "".join(words(found)) or key(expected) == key(found) != []


def _same_text(expected: str, found: str) -> bool:
    return words(expected) == words(found) or "".join(words(expected)) == "".join(words(found)) != ""


def _same_identifier(expected: str, found: str) -> bool:
    def key(text: str) -> str:
        return "".join(words(text)).upper()

    if "<" in expected:
        return re.sub(r"\s", "", expected.replace(", ", "")) == re.sub(r"[\s,]", "", found)
    return key(expected) == key(found) != ""


def _same_period(expected: str, found: str) -> bool:
    return _days(expected) == _days(found) is not None


def _days(period: str) -> tuple[date, date] | None:
    try:
        if re.fullmatch(r"\d{4}-\d\d", period):
            first = date.fromisoformat(f"{period}-01")
            return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        first_text, _, last = period.partition("/")
        return date.fromisoformat(first_text), date.fromisoformat(last)
    except ValueError:
        return None


def _same_boolean(expected: str, found: str) -> bool:
    return expected.casefold() == found.casefold()


_RULES: dict[str, Callable[[str, str], bool]] = {
    "money": _same_number,
    "number": _same_number,
    "count": _same_number,
    "date": lambda expected, found: expected == found,
    "period": _same_period,
    "name": _same_name,
    "identifier": _same_identifier,
    "boolean": _same_boolean,
    "address": _same_text,
    "text": _same_text,
}
