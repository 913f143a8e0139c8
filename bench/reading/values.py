"""Values of invented documents: what they are, and how a maker prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
MONTHS = {language: names.split() for language, names in _MONTHS.items()}
_SHORT = {
    "de": {"März": "Mrz", "Juni": "Juni", "Juli": "Juli"},
    "fr": {"août": "août", "juin": "juin", "juillet": "juil"},
}


@dataclass(frozen=True, slots=True)
class Value:
    """``data`` is a Decimal (money, number), an int (count), a date, a pair of dates (period) or text."""

    type: str  # as app.domain.document_kinds.FieldType
    data: Decimal | int | date | tuple[date, date] | str
    currency: str | None = None
    alternatives: tuple[str, ...] = ()  # what is as right: the code of a state for a nationality

    @property
    def canonical(self) -> str:
        """As the reader is to give it: decimal text, ISO date, "2026-10" or ISO/ISO, text on one line."""
        if isinstance(self.data, tuple):
            first, last = self.data
            whole = first.day == 1 and first.month == last.month and first.year == last.year
            return f"{first:%Y-%m}" if whole else f"{first}/{last}"
        return str(self.data).replace("\n", ", ")


@dataclass(frozen=True, slots=True)
class Style:
    """How one maker writes figures and dates, each given by an example or a pattern."""

    language: str = "en"
    money: str = "1,234.56"  # "£1,234.56", "1.234,56 EUR", "1 234,56 kr", "1234.56", "1'234.56", "12,345" (no cents)
    dates: str = "dd/mm/yyyy"  # tokens d dd m mm MMM MMMM yy yyyy; the rest stands as it is
    period: str = "MMMM yyyy"  # tokens as above, or "range" for two dates
    between: str = " - "  # of a range


def as_printed(value: Value, style: Style) -> Value:
    """The value that can be read: without the cents that the maker leaves out."""
    if value.type == "money" and isinstance(value.data, Decimal) and "56" not in style.money:
        return replace(value, data=value.data.quantize(Decimal(1)))
    return value


def money(amount: Decimal, style: Style, *, bare: bool = False, unsigned: bool = False) -> str:
    """By the example: what stands before and after its figures, how thousands and cents are parted."""
    found = re.fullmatch(r"(\D*)1(\D?)234?(?:(\D)56)?(\D*)|(\D*)12(\D?)345(\D*)", style.money)
    assert found, style.money
    if found[5] is not None or found[1] is None:
        before, thousands, point, after = found[5] or "", found[6], "", found[7] or ""
    else:
        before, thousands, point, after = found[1], found[2], found[3] or "", found[4]
    text = f"{abs(amount):,.2f}" if point else f"{abs(amount):,.0f}"
    text = text.replace(".", "\0").replace(",", thousands).replace("\0", point)
    sign = "-" if amount < 0 and not unsigned else ""
    return sign + (text if bare else f"{before}{text}{after}")


def day(on: date, pattern: str, language: str) -> str:
    names = MONTHS.get(language, MONTHS["en"])
    name = names[on.month - 1]
    short = _SHORT.get(language, {}).get(name, name[:3])
    put = {
        "MMMM": name,
        "MMM": short,
        "dd": f"{on.day:02d}",
        "mm": f"{on.month:02d}",
        "yyyy": f"{on.year:04d}",
        "yy": f"{on.year % 100:02d}",
        "d": str(on.day),
        "m": str(on.month),
    }
    return re.sub(r"MMMM|MMM|yyyy|yy|dd|mm|d(?![a-zé])|m(?![a-z])", lambda token: put[token[0]], pattern)


def printed(value: Value, style: Style, how: str = "") -> str:
    """``how``: "bare" (no currency), "upper", "last-first", "lines", a date pattern, "short" (no state of a code)."""
    data = value.data
    if isinstance(data, tuple):
        pattern = how or style.period
        if pattern != "range":
            return day(data[1], pattern, style.language)
        return style.between.join(day(on, style.dates, style.language) for on in data)
    if isinstance(data, date):
        return day(data, how or style.dates, style.language)
    if value.type == "money":
        assert isinstance(data, Decimal)
        return money(data, style, bare=how == "bare")
    if isinstance(data, Decimal):
        text = f"{data.normalize():f}"
        return text.replace(".", ",") if style.language not in {"en", "zh"} else text
    return _text(str(data), how)


def _text(text: str, how: str) -> str:
    if how == "upper":
        return text.upper()
    if how == "last-first":
        *given, last = text.split()
        return f"{last.upper()}, {' '.join(given)}"
    if how == "close":
        return text.replace(" ", "")
    if how == "lines":
        return text
    return text.replace("\n", "" if _is_chinese(text) else ", ")


def _is_chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def canonical_rows(rows: list[dict[str, Value]]) -> list[Mapping[str, str]]:
    return [{name: value.canonical for name, value in row.items()} for row in rows]
