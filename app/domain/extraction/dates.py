"""Dates and periods as pages write them; where day and month may be exchanged the document's other dates decide."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.extraction.spelled_dates import may_be_spelled, spelled_days

_NAMES = """
1 january jan januar jän jänner janvier janv enero ene gennaio gen januari janeiro styczeń stycznia leden tammikuu
2 february feb februar februari février févr fév febrero febbraio fevereiro fev febr luty lutego únor
3 march mar märz mrz mär mars marzo maart mrt março marzec marca březen
4 april apr avril avr abril abr aprile kwiecień kwietnia duben
5 may mai mayo maggio mag mei maj maio květen
6 june jun juni juin junio giugno giu junho czerwiec czerwca červen
7 july jul juli juillet juil julio luglio lug julho lipiec lipca červenec
8 august aug août aou agosto ago augustus augusti sierpień sierpnia srpen
9 september sep sept septembre septiembre settembre set setembro wrzesień września září setiembre
10 october oct oktober okt octobre octubre ottobre ott outubro out październik października říjen
11 november nov novembre noviembre novembro listopad listopada
12 december dec dezember dez décembre déc diciembre dic dicembre desember dezembro des grudzień grudnia prosinec
"""


def _bare(text: str) -> str:
    """A name without accents and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


MONTHS: Mapping[str, int] = {
    _bare(name): int(line.split()[0]) for line in _NAMES.strip().splitlines() for name in line.split()[1:]
}
_SLIPPED = {
    "0ct": 10,
    "0ctober": 10,
    "ju1": 7,
    "ju1y": 7,
    "apri1": 4,
    "n0v": 11,
    "n0vember": 11,
    "0kt": 10,
    "0ktober": 10,
}
_WORD = r"(?P<name>[^\W\d_]{3,11}|[0oO]ct(?:ober)?|[Jj]u1y?|[Aa]pri1|[Nn]0v(?:ember)?|[0O]kt(?:ober)?)"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_SHORT_YEAR = r"(?P<year>(?:19|20)\d\d|\d\d(?!\.?\s?[^\W\d_]{3,9}\.?,?\s?(?:19|20)\d\d))"
_HAN = "〇零一二三四五六七八九十○Ｏ"
_ALONE = r"(?:(?<![\d.,/-])|(?<=\.\d\d-))"  # or behind the first of two days, "2022.12.03-2032.12.03"
_DAY_FIRST = (
    rf"(?<![\d.,/])(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|ª|:?e)?[\s.,/-]*"
    rf"(?:(?:day|d[ií]as?|dia|jour|giorno|dag)\s+)?(?:of |de |di |den |do |del |d['’])?(?:m[eê]s de |mese di )?{_WORD}"
    rf"(?:\.?\s?/\s?[^\W\d_]{{3,10}})?[\s.,/'’-]*(?:de |del |of |do ano de |(?:of|in) the year )?"
    rf"{_SHORT_YEAR}(?![\d:]|,?\s*(?:19|20)\d\d)"
)
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("ymd", rf"{_ALONE}{_YEAR}\s?(?P<gap>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=gap)\s?(?P<day>\d{{1,2}})(?!\d)"),
        ("ymd", rf"(?<!\d){_YEAR}\s*年\s*(?P<month>\d{{1,2}})\s*月\s*(?P<day>\d{{1,2}})\s*[日号]"),
        ("han", rf"(?P<year>[{_HAN}]{{4}})\s*年\s*(?P<month>[{_HAN}]{{1,3}})\s*月\s*(?P<day>[{_HAN}]{{1,3}})\s*日"),
        ("named", _DAY_FIRST),
        ("ymd", rf"{_ALONE}(?P<day>\d{{1,2}})\s+(?P<month>\d{{1,2}})\s?月(?:\s?/\s?[A-Za-z]{{3,9}})?\s*{_YEAR}(?!\d)"),
        ("named", rf"(?<![^\W\d_]){_WORD}[\s.]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.]*,?\s*{_YEAR}(?!\d)"),
        ("named", rf"(?<!\d){_YEAR}[\s-]*{_WORD}[\s-]*(?P<day>\d{{1,2}})(?!\d)"),
        ("two", rf"(?<![\d.,/-])(?P<a>\d{{1,2}})\s?(?P<gap>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=gap)\s?{_YEAR}(?!\d)"),
        ("two", r"(?<![\d.,/-])(?P<a>\d{1,2})(?P<gap>[-/.])(?P<b>\d{1,2})(?P=gap)(?P<year>\d\d)(?![\d.,/-]*\d)"),
        ("two", rf"(?<![\d.,/-])(?P<a>\d{{2}}) (?P<b>\d{{2}}) {_YEAR}(?![\d])"),
        ("ymd", r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"),
    )
)  # fmt: skip
_BORN = re.compile(
    r"(?:\bborn|\bgeb\.?|geboren|\bnée?\b|né\(e\)|nacid[oa](?:\([ao]\)|/a)?|\bnat[oa](?:\([ao]\)|/a)?|född|nascid[oa](?:\([ao]\)|/a)?|birth"
    r"|naissance|nacimiento|nascita|nascimento|geburtsdatum|geburtstag|geboortedatum|födelsedatum|出生(?:日期|年月)?)"
    r"(?:\W+(?:at|in|à|a|en|em|te|i|zu)\s+[^\W\d_][\w'’-]*(?:[ -][^\W\d_][\w'’-]*){0,2})?"
    r"\W*(?:(?:on|am|le|el|il|op|den|em|the|día|dia|date|a|à|en|al)\W*){0,2}$",
    re.I,
)
_BORN_HAN = re.compile(r"\s*(?:出?生)")
_MONTH = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_YEAR}\s*年\s*(?P<month>\d{{1,2}})\s*月(?!\s*\d)",
        rf"(?<![\d/.-]){_YEAR}\s?[-/.]\s?(?P<month>0?[1-9]|1[0-2])(?![\d/.-]|\s?[-/.]\s?\d)",
        rf"(?<![\d/.-])(?P<month>0?[1-9]|1[0-2])\s?[-/.]\s?{_YEAR}(?![\d])",
        rf"(?<![^\W\d_]){_WORD}[\s.,/'’-]*(?:de |del )?{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}[\s-]+{_WORD}(?![^\W\d_])",
        r"(?<![\d])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?!\d)",
    )
)
_BETWEEN = re.compile(
    r"^[\s\t]*(?:-{1,2}|–|—|~|～|(?:零时起?|0时起?|[日号]?起)?[至到]|to|until|till?(?: och med)?|through|thru"
    r"|bis(?: zum)?|au|jusqu'au|a|al|fino al|tot(?: en met)?|t/m|t\.?o\.?m\.?|até(?: ao?)?|hasta(?: el)?|/|\|)[\s\t]*"
    r"(?:le |el |il |den |zum |the )?$",
    re.I,
)
_OPEN_RANGE = re.compile(
    r"(?<![\d.,/])(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\.?(?:\s*(?P<name>[^\W\d_]{3,11})\.?|[./](?P<month>\d{1,2})\.?)?"
    r"\s*(?:-|–|—|to|bis|au|al|a|till|tot)\s*$",
    re.I,
)
_NAMED_RANGE = re.compile(r"(?<![^\W\d_])(?P<name>[^\W\d_]{3,11})\s*(?P<day>\d{1,2})\s*(?:-|–|—|to|through)\s*$", re.I)


@dataclass(frozen=True, slots=True)
class Day:
    """A date found in a text, from ``start`` to ``end``."""

    value: date
    start: int
    end: int
    quality: float = 1.0  # lower where the year has two digits, or day and month may be exchanged
    swapped: date | None = None  # the other reading of an ambiguous one


@dataclass(frozen=True, slots=True)
class Period:
    """A month or two days found in a text: "2026-10" or "2026-10-05/2026-11-04"."""

    value: str
    start: int
    end: int
    quality: float = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """Whether day or month comes first in the dates of a document that leave it open."""

    day_first: bool = True
    sure: bool = False  # another date of the document, or its country, tells


_AMERICAN = re.compile(
    r"\b(?:SSN|W-2|IRS|zip ?code|ZIP|social security|USA|U\.S\.|United States|federal|401\(?k\)?|routing number|FICA"
    r"|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho|Illinois|Indiana|Iowa"
    r"|Kansas|Kentucky|Louisiana|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada"
    r"|New (?:Hampshire|Jersey|Mexico)|(?:North|South) (?:Carolina|Dakota)|Ohio|Oklahoma|Oregon|Pennsylvania"
    r"|Rhode Island|Tennessee|Texas|Utah|Vermont|Virginia|Wisconsin|Wyoming"
    r"|(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])"
    r" \d{5}(?:-\d{4})?)\b"
)
_EUROPEAN = re.compile(
    r"€|£|\b(?:EUR|GBP|SEK|NOK|DKK|CHF|PLN|IBAN|VAT|MYR|SDN|GST|GmbH|Ltd|plc|MwSt|TVA|IVA|BTW)\b|[éèàüöäßñçãõåø]"
)


def order_of(text: str) -> Order:
    """The order of a document's dates, by those that have one reading, else by its country's signs."""
    first = second = 0
    for match in re.finditer(r"(?<![\d.,/-])(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?![\d])", text):
        a, b = int(match[1]), int(match[3])
        first += 12 < a <= 31 and b <= 12
        second += 12 < b <= 31 and a <= 12
    if first != second:
        return Order(first > second, sure=True)
    american, european = len(_AMERICAN.findall(text)), len(_EUROPEAN.findall(text))
    if american > european and ("$" in text or not european):
        return Order(day_first=False, sure="$" in text and american >= 2 * european + 2)
    return Order(day_first=True, sure=european > american)


def days_in(text: str, order: Order) -> Iterator[Day]:
    """Every date of a text, from left to right."""
    found: list[Day] = []
    for form, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(day.start < match.end() and match.start() < day.end for day in found):
                continue
            day = _day(form, match, order)
            if day is not None:
                found.append(day)
    if may_be_spelled(text):
        for year, month, number, start, end in spelled_days(text, MONTHS):
            value = _date(year, month, number)
            if value is not None and not any(day.start < end and start < day.end for day in found):
                found.append(Day(value, start, end))
    yield from sorted(found, key=lambda day: day.start)


def is_birth(text: str, day: Day) -> bool:
    """Whether the words beside a date say that somebody was born then."""
    return bool(_BORN.search(text, max(day.start - 60, 0), day.start) or _BORN_HAN.match(text, day.end))


def _day(form: str, match: re.Match[str], order: Order) -> Day | None:
    start, end = match.span()
    if form == "two":
        return _of_two(match, order)
    if form == "han":
        parts = [_han_number(match[name]) for name in ("year", "month", "day")]
        value = _date(*parts)
        return None if value is None else Day(value, start, end)
    month = month_of(match["name"]) if form == "named" else int(match["month"])
    year = _year(match["year"])
    value = None if month is None else _date(year, month, int(match["day"]))
    return None if value is None else Day(value, start, end, 1.0 if len(match["year"]) == 4 else 0.95)


def _of_two(match: re.Match[str], order: Order) -> Day | None:
    a, b, year = int(match["a"]), int(match["b"]), _year(match["year"])
    day_first, month_first = _date(year, b, a), _date(year, a, b)
    sure = 1.0 if len(match["year"]) == 4 else 0.94
    if day_first is None or month_first is None or day_first == month_first:
        value = day_first or month_first
        return None if value is None else Day(value, *match.span(), sure)
    dotted = "gap" in match.groupdict() and match["gap"] == "."
    chosen, other = (day_first, month_first) if order.day_first or dotted else (month_first, day_first)
    if not (order.sure or dotted):
        sure *= 0.75
    return Day(chosen, *match.span(), sure, other)


def month_of(name: str) -> int | None:
    """1 to 12 for a month's name or its short form in any of the languages read."""
    bare = _bare(name)
    return MONTHS.get(bare) or _SLIPPED.get(bare)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return 2000 + year if year < 60 else 1900 + year


def _date(year: int | None, month: int | None, day: int | None) -> date | None:
    if not year or not month or not day or not 1900 <= year <= 2099:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _han_number(text: str) -> int | None:
    """二〇二六 → 2026, 二十五 → 25, 十 → 10."""
    digits = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "Ｏ": 0}
    if "十" in text:
        tens, _, ones = text.partition("十")
        return 10 * digits.get(tens, 1) + digits.get(ones, 0)
    if any(sign not in digits for sign in text):
        return None
    return int("".join(str(digits[sign]) for sign in text))


def periods_in(text: str, order: Order) -> Iterator[Period]:
    """Every range of days and every month of a text, from left to right."""
    days = list(days_in(text, order))
    found: list[Period] = []
    at = 0
    while at < len(days):
        first = days[at]
        nearby = days[at + 1] if at + 1 < len(days) else None
        if nearby is not None and _BETWEEN.match(text[first.end : nearby.start]) and first.value <= nearby.value:
            quality = min(first.quality, nearby.quality)
            found.append(Period(span_text(first.value, nearby.value), first.start, nearby.end, quality))
            at += 2
            continue
        opened = _opened(text, first)
        if opened is not None:
            found.append(opened)
        at += 1
    for pattern in _MONTH:
        for match in pattern.finditer(text):
            covered = [(period.start, period.end) for period in found] + [(day.start, day.end) for day in days]
            if any(start < match.end() and match.start() < end for start, end in covered):
                continue
            month = month_of(match["name"]) if "name" in match.groupdict() else int(match["month"])
            if month is not None and 1 <= month <= 12:
                found.append(Period(f"{match['year']}-{month:02d}", *match.span()))
    yield from sorted(found, key=lambda period: period.start)


def is_range(between: str) -> bool:
    """Whether what stands between two dates makes them a range: "to", "bis", "至", "-"."""
    return bool(_BETWEEN.match(between))


def _opened(text: str, last: Day) -> Period | None:
    """A range whose first day names no year: "1 - 31 October 2026", "01.10. - 31.10.2026", "Oct 1 - Oct 31, 2026"."""
    match = _OPEN_RANGE.search(text, max(last.start - 24, 0), last.start) or _NAMED_RANGE.search(
        text, max(last.start - 24, 0), last.start
    )
    if match is None:
        return None
    given = match.groupdict()
    month = month_of(given["name"]) if given.get("name") else int(given.get("month") or last.value.month)
    first = _date(last.value.year, month, int(match["day"]))
    if first is not None and first > last.value:
        first = _date(last.value.year - 1, month, int(match["day"]))
    if first is None or last.value - first > timedelta(days=366):
        return None
    return Period(span_text(first, last.value), match.start(), last.end, 0.95 * last.quality)


def span_text(first: date, last: date) -> str:
    """ "2026-10" for a whole month, else both days."""
    whole = calendar.monthrange(last.year, last.month)[1] == last.day
    if first.day == 1 and whole and (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first}/{last}"
