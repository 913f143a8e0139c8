"""Figures in the sentences of a package, held against its facts: what anybody who has only the file can check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from app.domain.rendering import TEXT_LIMIT

_FIGURE = re.compile(r"\d+(?:[,\u00a0\u202f' ]\d{3})*(?:\.\d+)?(?!\d)")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})|(?P<dd>\d{1,2}) (?P<name>" + _MONTHS + r") (?P<yy>\d{4})"
    r"|(?P<yyy>\d{4})年(?P<mm>\d{1,2})月(?P<ddd>\d{1,2})日"
)
_CENT = Decimal("0.01")


def unsupported_figures(text: str, facts: Iterable[Mapping[str, Any]], names: Collection[str] = ()) -> list[str]:
    """Figures and dates in ``text`` that none of ``facts`` (entries of ``facts.json``) supports, as they stand there.

    A number is supported by a fact of that value, or of a value that rounds to it as reports round: half up to two
    decimals, or two significant digits of what would round to nothing. The window in a fact's name supports its number
    ("history.enquiries_3m" the 3 in "last 3 months"). ``names`` (clauses, policy versions) and text facts may hold
    digits of their own and are passed over where they stand whole.
    """
    facts = list(facts)
    values = [fact["value"] for fact in facts]
    rest = _without(_plain(text), [*names, *(value for value in values if isinstance(value, str))])
    days = {day for day in map(_iso_date, values) if day is not None}
    wrong = [match.group() for match in _DATE.finditer(rest) if _day(match) not in days]
    numbers = _numbers(values) | _windows(str(fact["name"]) for fact in facts)
    for match in _FIGURE.finditer(_DATE.sub(" ", rest)):
        if Decimal(re.sub(r"[^\d.]", "", match.group())) not in numbers:
            wrong.append(match.group())
    return wrong


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _without(text: str, names: Iterable[str]) -> str:
    """``text`` without the names that hold digits, the longest first; bare numbers and dates are no names."""
    plain = {_plain(name.replace("{", "(").replace("}", ")")) for name in names}
    shown = plain | {name[: TEXT_LIMIT - 1].rstrip() + "…" for name in plain if len(name) > TEXT_LIMIT}
    for name in sorted(shown, key=len, reverse=True):
        if any(c.isdigit() for c in name) and any(c.isalpha() for c in name) and not _DATE.fullmatch(name):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return text


def _numbers(values: Iterable[Any]) -> set[Decimal]:
    """Absolute values of the numeric facts, exact and as reports round them (a sign is often told in words)."""
    numbers = set()
    for value in values:
        number = _number(value)
        if number is not None:
            numbers |= {number, _rounded(number)}
    return numbers


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return abs(number) if number.is_finite() and abs(number) < Decimal(10) ** 18 else None


def _rounded(number: Decimal) -> Decimal:
    rounded = number.quantize(_CENT, rounding=ROUND_HALF_UP)
    return rounded if rounded or not number else Context(prec=2, rounding=ROUND_HALF_UP).plus(number)


def _windows(names: Iterable[str]) -> set[Decimal]:
    return {Decimal(months) for name in names for months in re.findall(r"_(\d{1,2})m$", name)}


def _iso_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _day(match: re.Match[str]) -> date | None:
    found = {key: value for key, value in match.groupdict().items() if value is not None}
    month = _MONTHS.split("|").index(found["name"]) + 1 if "name" in found else int(found.get("m") or found["mm"])
    year, day = (
        int(next(found[key] for key in keys if key in found)) for keys in (("y", "yy", "yyy"), ("d", "dd", "ddd"))
    )
    try:
        return date(year, month, day)
    except ValueError:
        return None
