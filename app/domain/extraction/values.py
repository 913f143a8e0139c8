"""Texts read as values of a field's type; what cannot be one is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.document_kinds import FieldSpec, FieldType
from app.domain.extraction.amounts import Style, amounts_in, money_text
from app.domain.extraction.dates import Order, days_in, periods_in
from app.domain.identifiers import CERTAIN, CHECKS, compact, is_iban
from app.domain.values import FALSE_WORDS, TRUE_WORDS
from app.domain.wording import has_han

_TRIM = " \t:：;；,，.。·•|*_=~-–—'\"“”„‘’«»<>、/\\（(["
_IDENTIFIER = re.compile(
    r"[A-Z0-9*•#][A-Z0-9*•./\\-]*(?:[ -]?[A-Z0-9*•/().-]*\d[A-Z0-9*•/().-]*| [A-Z]{1,3}(?= ?\d|\t|$)"
    r"|(?<=\d) [A-Z]{1,3}(?![a-z\w]))*"
)
_HAN_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{0,8}[（(〔\[]?\d{4}[)）〕\]][\u4e00-\u9fff]{0,12}第?\s?\d+\s?号|[\u4e00-\u9fff]{0,6}第?\s?[\dA-Z-]{4,}\s?号"
)
_MALE = frozenset(
    [
        "m",
        "male",
        "man",
        "masculin",
        "maschio",
        "hombre",
        "männlich",
        "homme",
        "varón",
        "h",
        "masculino",
        "mann",
        "uomo",
        "maschile",
    ]
)
_FEMALE = frozenset(
    [
        "f",
        "female",
        "woman",
        "féminin",
        "femmina",
        "mujer",
        "weiblich",
        "femme",
        "w",
        "k",
        "v",
        "kvinna",
        "vrouw",
        "feminino",
        "femenino",
        "frau",
        "donna",
        "femminile",
    ]
)
_AT_HOME = re.compile(
    r",?\s(?:of|residing (?:at|in)|wohnhaft(?: in)?|demeurant(?: à)?|domiciliad[oa] en|con domicilio en|vecin[oa] de"
    r"|residente (?:in|a|em)|wonende(?: te)?|boende(?: på)?|moradora? (?:em|na))\s(?=.*\d)"
)
_SUBJECT = re.compile(
    r"(?:re\W+)?(?:confirmation|verification|proof|certificate|letter|statement|reference|employment)\b[^-–—:]{0,50}"
    r"\s?[-–—:]\s(?=[A-ZÀ-Þ])",
    re.I,
)  # what a letter is about, before the name
_PARCEL = re.compile(r"[^\d,]+ \d{1,3}:\d{1,4}")  # a plot of land by its number in a register: "Umeå Backen 2:14"
IN_LINE = re.compile(
    r"(?:\d+[A-Za-z]?,? (?:[A-ZÀ-Þ][\w'’.-]+ ){1,4}|(?:[A-ZÀ-Þ][\wß'’.-]+(?:,? |-)"
    r"(?:(?:de|del|della|delle|dei|da|do|dos|das|du|des|la|las|los|le|van|der|den|ten|ter) ){0,2}){1,4}"
    r"\d+[a-zA-Z]?)[^:;.]{0,30}?"
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2},? \d{5}(?:-\d{4})?|,? \d{4} ?[A-Z]{2},? [A-ZÀ-Þ][\w-]+"
    r"|,? \d{4,5} [A-ZÀ-Þ][\w-]+"
    r"|,? \d{4}-\d{3} [A-ZÀ-Þ][\w-]+|\d{3} \d{2} [A-ZÀ-Þ]\w+)"
)
"""Street and town with a postal code in one line."""
_NO_PLACE = re.compile(
    r"(?:[a-zà-þ]{3,}[ ,]+(?:\S+ )?){3}|"
    r"(?i:fläche|gebäude|wohnhaus|woonhuis|dwelling|vivienda|appartement|apartamento|fabbricato|maison|hus på),? $"
)
_DATED = re.compile(  # the day of birth, where place and day stand under one label
    r"(?:\b(?:il|am|le|el|on|op|den|em) )?\b\d{1,4}[./ -]{1,2}(?:\d{1,2}|[^\W\d_]{3,10})\.?[./ -]{1,2}\d{2,4}\b"
)
_DWELLING = re.compile(
    r"(?:Wohnung|Haus|Anwesen|Objekt|Woning|Lägenhet(?:en)?|Vivienda"
    r"|Appartement|Appartamento|Logement|Apartamento|Immobile|Piso|Imóvel) (?=[A-ZÀ-Þ])"
)
_ACCOUNTS = frozenset(("checking", "savings", "current", "n/a", "none", "same"))
_PARTICLES = frozenset(
    re.findall(r"\w+", "de del der den des di da dos van von und and of y e et la du på för i og och bin al s à")
)


@dataclass(frozen=True, slots=True)
class Context:
    """What a document's own evidence says of its figures and dates."""

    style: Style
    order: Order
    han: bool = False
    ocr: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value found in a text, from ``start`` to ``end``."""

    value: str | int | bool
    start: int
    end: int
    quality: float = 1.0
    currency: str | None = None
    checked: bool = False  # its check digits agree


def values_in(spec: FieldSpec, text: str, context: Context) -> Iterator[Value]:
    """Values of the field's type in a text, from left to right."""
    match spec.type:
        case FieldType.MONEY:
            yield from _money(text, context)
        case FieldType.DATE:
            yield from _days(text, context)
        case FieldType.PERIOD:
            yield from _periods(text, context)
        case FieldType.NUMBER | FieldType.COUNT:
            yield from _numbers(spec, text, context)
        case FieldType.IDENTIFIER:
            yield from _identifiers(spec, text)
        case FieldType.BOOLEAN:
            yield from _boolean(text)
        case _:
            yield from _texts(spec, text)


def _money(text: str, context: Context) -> Iterator[Value]:
    for found in amounts_in(text, context.style, slips=context.ocr):
        quality = found.quality * (1.0 if found.cents or found.currency else 0.95)
        currency = found.currency or context.style.currency
        yield Value(money_text(found.value), found.start, found.end, quality, currency)


def _days(text: str, context: Context) -> Iterator[Value]:
    for day in days_in(text, context.order):
        yield Value(day.value.isoformat(), day.start, day.end, day.quality)


def _periods(text: str, context: Context) -> Iterator[Value]:
    found = list(periods_in(text, context.order))
    for period in found:
        yield Value(period.value, period.start, period.end, period.quality)
    if not found:
        for day in days_in(text, context.order):
            yield Value(day.value.isoformat()[:7], day.start, day.end, 0.55 * day.quality)


def _numbers(spec: FieldSpec, text: str, context: Context) -> Iterator[Value]:
    shaped = list(_shaped(spec, text))
    yield from shaped
    if shaped or spec.shapes:
        return
    for found in amounts_in(text, context.style):
        if found.currency is None:
            whole = found.value == found.value.to_integral_value()
            if spec.type is FieldType.COUNT:
                if whole and 0 <= found.value < 10_000:
                    yield Value(int(found.value), found.start, found.end, 0.95)
                continue
            yield Value(_plain(found.value), found.start, found.end, max(found.quality, 0.95))


def _shaped(spec: FieldSpec, text: str) -> Iterator[Value]:
    for shape in (*spec.shapes, *spec.patterns):
        for match in re.finditer(shape, text):
            start, end = match.span("value")
            number = _decimal(match["value"])
            if number is not None:
                value: str | int = int(number) if spec.type is FieldType.COUNT else _plain(number)
                yield Value(value, start, end, 0.97)


def _decimal(text: str) -> Decimal | None:
    bare = re.sub(r"[\s'’]", "", text).rstrip(".,")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?", bare) and len(re.findall(r"[.,]", bare)) > 1:
        *head, last = re.split(r"[.,]", bare)
        return Decimal("".join(head) + ("." if len(last) < 3 else "") + last)
    bare = bare.replace(",", ".")
    return Decimal(bare) if re.fullmatch(r"\d+(?:\.\d+)?", bare) else None


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _identifiers(spec: FieldSpec, text: str) -> Iterator[Value]:
    for pattern in (*spec.patterns, *spec.shapes):
        for match in re.finditer(pattern, text):
            yield from _identifier(spec, match["value"], *match.span("value"))
    if spec.check in ("iban", "vin"):
        return
    for match in _HAN_NUMBER.finditer(text):
        yield Value(match.group(), match.start(), match.end(), 0.98)
    for match in _IDENTIFIER.finditer(text):
        kept = match.group().rstrip(" .-/(")
        if match.start() and text[match.start() - 1].isalpha() and text[match.start() - 1].isascii():
            continue
        for value in _identifier(spec, kept, match.start(), match.start() + len(kept)):
            yield replace(value, quality=value.quality * (0.95 if spec.shapes else 1.0))  # not of a usual shape


def _identifier(spec: FieldSpec, raw: str, start: int, end: int) -> Iterator[Value]:
    bare = compact(raw)
    digits = sum(map(str.isdigit, bare))
    if spec.check is not None and spec.check in CHECKS:
        if CHECKS[spec.check](raw):
            value = bare if spec.check in ("iban", "cn_id", "uscc", "vin", "bic") else raw.strip()
            yield Value(value, start, end, 1.0, checked=spec.check in CERTAIN)
            return
        if spec.check in ("iban", "bic", "vin"):
            mended = _mended_iban(bare) if spec.check == "iban" else None
            if mended:
                yield Value(mended, start, end, 0.95, checked=True)
            elif spec.check == "iban" and re.match(r"[A-Z]{2}\d{2}", bare) and len(bare) >= 15:
                yield Value(bare, start, end, 0.55)
            elif spec.check == "vin" and len(bare) == 17 and digits >= 3:
                yield Value(bare, start, end, 0.6)
            return
    masked = raw.count("*") + raw.count("•") + raw.upper().count("X")
    if (digits < 2 and not (masked >= 3 and digits)) or (len(bare) < 3 and masked < 3) or len(bare) > 40:
        return
    yield Value(" ".join(raw.split()), start, end, _like_number(raw.strip(), digits))


def _like_number(raw: str, digits: int) -> float:
    """How much a text looks like the number of something; less like a date, an amount, a year."""
    quality = 0.97 if digits >= 4 else 0.9 if digits >= 3 else 0.75
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}", raw):
        return 0.3
    if re.fullmatch(r"[\d.,]*[.,]\d{2}", raw):
        return 0.6 * quality
    return 0.5 * quality if re.fullmatch(r"(?:19|20)\d\d", raw) else quality


def _mended_iban(bare: str) -> str | None:
    """The number with letters read for digits put right, where its check digits then agree."""
    fixed = bare[:2] + bare[2:4].translate(str.maketrans("OQIL", "0011")) + bare[4:]
    for mended in (fixed, fixed[:4] + fixed[4:].translate(str.maketrans("OQILSB", "001158"))):
        if mended != bare and is_iban(mended):
            return mended
    return None


def _boolean(text: str) -> Iterator[Value]:
    match = re.match(r"\W*(\w+)", text)
    if match:
        word = match.group(1).casefold()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            yield Value(word in TRUE_WORDS, match.start(1), match.end(1))


def _texts(spec: FieldSpec, text: str) -> Iterator[Value]:
    if spec.shapes or (spec.patterns and spec.name == "email"):
        for shape in (*spec.shapes, *spec.patterns):
            for match in re.finditer(shape, text):
                yield Value(_worded(spec, match["value"]), *match.span("value"))
        return
    cell = text.split("\t")[0] if text.strip("\t ") and text[0] != "\t" else text.lstrip("\t ").split("\t")[0]
    if spec.type is FieldType.NAME and has_han(cell):
        cell = re.split(r"[，。；,;]", cell, maxsplit=1)[0] or cell
    if spec.type is FieldType.NAME and (about := _SUBJECT.match(cell)):
        cell = cell[about.end() :]
    start = text.find(cell)
    if spec.type is FieldType.ADDRESS and (told := IN_LINE.search(cell)) and _NO_PLACE.search(cell[: told.start()]):
        kind = _DWELLING.match(told.group())
        start, cell = start + told.start() + (kind.end() if kind else 0), told.group()[kind.end() if kind else 0 :]
    end = start + (_before_home(cell) if spec.type is FieldType.NAME else len(cell))
    while start < end and text[start] in _TRIM:
        start += 1
    while start < end and text[end - 1] in _TRIM and not _abbreviation(text[start:end]):
        end -= 1
    if start < end and (quality := _likeness(spec, text[start:end])) > 0:
        yield Value(_worded(spec, " ".join(text[start:end].split())), start, end, quality)


def _before_home(text: str) -> int:
    """Where a name ends that says where the person lives: "Ann Bell of 4 Mill Road"."""
    found = _AT_HOME.search(text)
    return found.start() if found else len(text)


def _abbreviation(text: str) -> bool:
    return bool(re.search(r"(?:\b[A-Z]|Inc|Ltd|Co|Corp|S\.A|B\.V|L\.P|Bros|St|Jr|Sr|e\.V|[a-z]\.[a-z])\.$", text))


def _likeness(spec: FieldSpec, text: str) -> float:
    """How much a text looks like a name, an address or words; 0 where it is none."""
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    if spec.type is FieldType.NAME:
        if letters < 2 or digits > letters or len(text) > 90 or text.casefold() in _ACCOUNTS:
            return 0
        return (0.97 if digits == 0 else 0.8) * (1.0 if _like_names(text) else 0.55)
    if spec.type is FieldType.ADDRESS:
        if letters < 3 or len(text) < 5:
            return 0
        if _PARCEL.fullmatch(text):
            return 0.3
        return 0.95 if digits or has_han(text) or "," in text else 0.72
    if (not letters and not digits) or len(text) > 300:
        return 0
    return 0.93 if letters else 0.7


def _like_names(text: str) -> bool:
    """Whether most words begin with a capital, as those of names do, and none belongs to a sentence."""
    words = [word for word in re.findall(r"[^\W\d_]+", text) if word.casefold() not in _PARTICLES]
    return sum(not word[0].islower() for word in words) >= 0.6 * len(words)


def _worded(spec: FieldSpec, text: str) -> str:
    if spec.name == "sex":
        word = text.strip().casefold()
        return "M" if word in _MALE else "F" if word in _FEMALE else text.strip()
    if spec.name == "birth_place":
        return _DATED.sub("", text).strip(" ,;/-") or text.strip()
    return text.strip()
