"""Figures in the sentences of a package, held against its facts: what anybody who has only the file can check."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from app.domain.facts import Fact, FactValue, Source, SourceKind
from app.domain.figures import Figure, find_figures, matching_facts
from app.domain.rendering import TEXT_LIMIT

_WORDS = frozenset({"text", "category"})  # units of facts whose digits are no numbers
_WINDOW = re.compile(r"_(\d{1,2})m$")
_UNKNOWN = Source(SourceKind.REFERENCE)


def unsupported_figures(text: str, facts: Iterable[Mapping[str, Any]], names: Collection[str] = ()) -> list[str]:
    """Figures and dates in ``text`` that none of ``facts`` (entries of ``facts.json``) supports, as they stand there.

    A figure may be written in digits, words or Chinese numerals. A fact supports it by its value, or by its value as
    reports round it. The window in a fact's name supports its number ("history.enquiries_3m" the three months).
    ``names`` (clauses, labels, the case's id) and the facts that are texts may hold digits that are no figures; they
    are passed over where they stand whole.
    Raises ``LookupError``, ``TypeError`` or ``ValueError`` when an entry has not the shape of a fact.
    """
    known = [_fact(entry) for entry in facts]
    texts = {fact.value for fact in known if isinstance(fact.value, str)}
    numbers = [fact for fact in known if not isinstance(fact.value, str)]
    windows = {Decimal(months) for fact in known for months in _WINDOW.findall(fact.name)}
    return [
        figure.span
        for figure in find_figures(_without(text, {*names, *texts, *map(_cut, texts)}))
        if figure.span not in texts
        and not matching_facts(figure, numbers)
        and not _is_window(figure, windows)
        and not _is_tiny(figure, numbers)
    ]


def _fact(entry: Mapping[str, Any]) -> Fact:
    """A fact as far as comparing its value needs it."""
    unit = str(entry["unit"])
    return Fact(str(entry["id"]), "", str(entry["name"]), _value(entry["value"], unit), unit, _UNKNOWN)


def _value(value: Any, unit: str) -> FactValue:
    if isinstance(value, bool | int):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no value of a fact")
    if unit == "date":
        return date.fromisoformat(value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    return value if unit in _WORDS or not number.is_finite() or abs(number) >= Decimal(10) ** 18 else number


def _without(text: str, names: Iterable[str]) -> str:
    """``text`` without the names that hold digits, the longest first; a bare number is no name."""
    for name in sorted(set(names), key=len, reverse=True):
        if any(c.isdigit() for c in name) and any(c.isalpha() for c in name):
            text = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\.?\d)", "□", text, flags=re.IGNORECASE)
    return text


def _cut(text: str) -> str:
    """A long text as sentences show it."""
    line = " ".join(text.split())
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1].rstrip()


def _is_window(figure: Figure, windows: Collection[Decimal]) -> bool:
    return figure.unit in ("", "months") and any(value in windows for value in figure.values)


def _is_tiny(figure: Figure, facts: Iterable[Fact]) -> bool:
    """Whether it is a value that would round to nothing, at the two significant digits reports give of it."""
    rounded = Context(prec=2, rounding=ROUND_HALF_UP)
    tiny = {
        rounded.plus(fact.value)
        for fact in facts
        if isinstance(fact.value, Decimal) and 0 < abs(fact.value) < Decimal("0.005")
    }
    return any(value in tiny for value in figure.values)
