"""How values are written on screen, by language; every figure a person reads in the window passes here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from app.domain.facts import Catalogue, Fact, FactValue, Kind

NOTHING = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_COUNTED = {
    "en": {Kind.MONTHS: ("month", "months"), Kind.YEARS: ("year", "years"), Kind.DAYS: ("day", "days")},
    "zh": {Kind.MONTHS: (" 个月", " 个月"), Kind.YEARS: (" 年", " 年"), Kind.DAYS: (" 天", " 天")},
}
_YES_NO = {"en": ("yes", "no"), "zh": ("是", "否")}


def money(amount: Decimal | None, currency: str) -> str:
    """``12,000.00 EUR``; a dash when there is no amount."""
    return NOTHING if amount is None else f"{amount:,.2f} {currency}".rstrip()


def amount_only(amount: Decimal | None) -> str:
    """``12,000.00``, for columns that name the currency elsewhere."""
    return NOTHING if amount is None else f"{amount:,.2f}"


def number(value: Decimal | int | None) -> str:
    """``1,234`` or ``1,234.5``: grouped, without trailing zeros."""
    if value is None:
        return NOTHING
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """``47 %`` or ``9.9 %`` from 47.00 or 9.90; two decimals at most, half up."""
    if value is None:
        return NOTHING
    return f"{number(value.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP))} %"


def probability(value: Decimal | None) -> str:
    """``8.1 %`` from 0.0810, always with one decimal so that columns line up."""
    return NOTHING if value is None else f"{(value * 100).quantize(Decimal('0.1'), rounding=ROUND_HALF_UP)} %"


def counted(value: Decimal | int | None, kind: Kind, language: str) -> str:
    """``36 months``, ``1 year``, ``36 个月``."""
    if value is None:
        return NOTHING
    one, many = _COUNTED[language][kind]
    word = one if value == 1 else many
    return f"{number(value)}{word}" if language == "zh" else f"{number(value)} {word}"


def months(value: int | None, language: str) -> str:
    """``36 months`` or ``36 个月``."""
    return counted(value, Kind.MONTHS, language)


def day(value: date | None, language: str) -> str:
    """``20 Dec 2026`` or ``2026年12月20日``."""
    if value is None:
        return NOTHING
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date | None, language: str) -> str:
    """For columns: ``20 Dec 2026``, in Chinese ``2026-12-20``."""
    return value.isoformat() if value is not None and language == "zh" else day(value, language)


def moment(value: datetime | None, language: str) -> str:
    """Day and time in the machine's own time zone: ``20 Dec 2026, 10:42``."""
    if value is None:
        return NOTHING
    local = value.astimezone()
    return f"{day(local.date(), language)}{' ' if language == 'zh' else ', '}{local:%H:%M}"


def short_moment(value: datetime, language: str) -> str:
    """For columns: ``20 Dec 2026, 10:42``, in Chinese ``2026-12-20 10:42``."""
    local = value.astimezone()
    return f"{short_day(local.date(), language)}{' ' if language == 'zh' else ', '}{local:%H:%M}"


def size(count: int) -> str:
    """Bytes in words: ``812 B``, ``1.4 MB``."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            break
    return f"{value:.1f} {unit}"


def value_text(value: FactValue, kind: Kind, unit: str, language: str) -> str:
    """A fact's value by its kind, with its unit."""
    if isinstance(value, bool):
        return _YES_NO[language][0 if value else 1]
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, str):
        return value
    match kind:
        case Kind.MONEY:
            return money(Decimal(value), unit)
        case Kind.PERCENT:
            return percent(Decimal(value))
        case Kind.MONTHS | Kind.YEARS | Kind.DAYS:
            return counted(value, kind, language)
        case _:
            return number(value)


def fact_text(fact: Fact, catalogue: Catalogue, language: str) -> str:
    """A fact's value as it is shown: ``2,450.00 EUR``, ``47 %``, the label of a category."""
    definition = catalogue.get(fact.name)
    if definition is None:
        return str(fact.value)
    if definition.kind is Kind.CATEGORY:
        return category_label(fact.name, str(fact.value), catalogue, language)
    return value_text(fact.value, definition.kind, fact.unit, language)


def category_label(name: str, category: str, catalogue: Catalogue, language: str) -> str:
    """The catalogue's word for a category, else the category itself."""
    definition = catalogue.get(name)
    labels = definition.category_labels.get(category, {}) if definition else {}
    return labels.get(language) or category


def fact_label(name: str, catalogue: Catalogue, language: str) -> str:
    """The catalogue's label of a fact in that language, else in English, else its name."""
    definition = catalogue.get(name)
    if definition is None:
        return name
    return definition.label.get(language) or definition.label.get("en") or name
