"""Values of facts as people read them, in English and Chinese, and templates filled with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from app.domain.facts import Catalogue, Fact, FactDefinition, Kind
from app.domain.phrases import PhraseBook

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
TEXT_LIMIT = 80  # characters of a free-text value that a sentence shows

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_CHINESE_CURRENCY = {
    "CNY": "元",
    "EUR": "欧元",
    "USD": "美元",
    "GBP": "英镑",
    "SEK": "瑞典克朗",
    "NOK": "挪威克朗",
    "DKK": "丹麦克朗",
    "CHF": "瑞士法郎",
    "JPY": "日元",
    "HKD": "港元",
    "TWD": "新台币",
    "SGD": "新加坡元",
}
_UNITS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.MONTHS: {"en": (" month", " months"), "zh": ("个月",)},
    Kind.YEARS: {"en": (" year", " years"), "zh": ("年",)},
    Kind.DAYS: {"en": (" day", " days"), "zh": ("天",)},
    Kind.PERCENT: {"en": (" %",), "zh": ("%",)},
}
_NO_UNIT: dict[str, tuple[str, ...]] = {}
_UNIT_KINDS = {"percent": Kind.PERCENT, "months": Kind.MONTHS, "years": Kind.YEARS, "days": Kind.DAYS}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of rendered text; ``fact`` is the id behind a filled slot, else null."""

    text: str
    fact: str | None = None


def format_number(value: Decimal, places: int = 2) -> str:
    """Group thousands with commas, round half up to ``places`` and drop trailing zeros.

    A value that would round to nothing keeps two significant digits, so that no figure reads as zero that is not.
    """
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded == 0 and value != 0:
        rounded = Context(prec=2, rounding=ROUND_HALF_UP).plus(value)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_money(amount: Decimal, currency: str, language: str) -> str:
    """``2,450.00 EUR`` in English; the currency's name after the amount in Chinese, where it has a usual one."""
    figure = f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,f}"
    name = _CHINESE_CURRENCY.get(currency) if language == "zh" else None
    return f"{figure}{name}" if name else f"{figure} {currency}"


def format_date(day: date, language: str) -> str:
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _format_category(value: str, definition: FactDefinition | None, language: str) -> str:
    label = definition.category_labels.get(value, {}).get(language, value) if definition else value
    inner = label[:1].isupper() and label[1:2].islower()
    return label[:1].lower() + label[1:] if inner and language == "en" else label


def _format_text(value: str) -> str:
    """One line without braces: a slot's value can never open another slot."""
    line = " ".join(value.split()).replace("{", "(").replace("}", ")")
    return line if len(line) <= TEXT_LIMIT else line[: TEXT_LIMIT - 1].rstrip() + "…"


def _with_unit(figure: str, words: tuple[str, ...]) -> str:
    return figure + (words[0] if figure in {"1", "-1"} else words[-1]) if words else figure


class Prose:
    """Turns facts and templates into text of one language."""

    def __init__(self, catalogue: Catalogue, phrases: PhraseBook, language: str) -> None:
        self.catalogue = catalogue
        self.phrases = phrases
        self.language = language

    def value(self, fact: Fact) -> str:
        """The value with its unit: ``2,450.00 EUR``, ``47 %``, ``36 months``, ``4 enquiries``."""
        value, kind = fact.value, self.kind(fact)
        match value:
            case bool():
                words = ("yes", "no") if self.language == "en" else ("是", "否")
                return words[0] if value else words[1]
            case date():
                return format_date(value, self.language)
            case str():
                if kind is Kind.CATEGORY:
                    value = _format_category(value, self.catalogue.get(fact.name), self.language)
                return _format_text(value)
        if kind is Kind.MONEY:
            return format_money(Decimal(value), fact.unit, self.language)
        space = " " if self.language == "en" else ""
        noun = tuple(space + word for word in self.phrases.noun(fact.name, self.language))
        return _with_unit(format_number(Decimal(value)), noun or _UNITS.get(kind, _NO_UNIT).get(self.language, ()))

    def kind(self, fact: Fact) -> Kind:
        """Kind by the catalogue; by the unit for a fact the catalogue does not know."""
        definition = self.catalogue.get(fact.name)
        if definition is not None:
            return definition.kind
        return _UNIT_KINDS.get(fact.unit, Kind.MONEY if re.fullmatch("[A-Z]{3}", fact.unit) else Kind.NUMBER)

    def label(self, name: str) -> str:
        """Label within a sentence, the phrase book's before the catalogue's; the name itself for an unknown fact."""
        own = self.phrases.labels.get(name, {}).get(self.language)
        if own:
            return own
        definition = self.catalogue.get(name)
        label = definition.label.get(self.language, name) if definition else name
        return label if self.language == "zh" or label[1:2].isupper() else label[:1].lower() + label[1:]

    def spans(self, template: str, facts: Mapping[str, Fact]) -> list[Span]:
        """Fill the slots, keeping which text came of which fact; a slot without a fact stays as it is written."""
        spans, at = [], 0
        for match in SLOT.finditer(template):
            fact = facts.get(match.group(1))
            if fact is not None:
                spans += [Span(template[at : match.start()]), Span(self.value(fact), fact.id)]
                at = match.end()
        spans.append(Span(template[at:]))
        return [span for span in spans if span.text]

    def fill(self, template: str, facts: Mapping[str, Fact]) -> str:
        """Rendered text; ``facts`` are by catalogue name."""
        text = "".join(span.text for span in self.spans(template, facts))
        return text[:1].upper() + text[1:] if self.language == "en" else text


def slot_names(template: str) -> list[str]:
    """Names of the slots in reading order, repeats included."""
    return SLOT.findall(template)
