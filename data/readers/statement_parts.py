"""Dates and amounts as they stand on a printed statement, and what its other lines say of balances and the year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

from app.domain.layout import Box, Line, Word, box_around, line_text
from app.domain.transactions.words import plain
from app.domain.values import normalise
from data.readers.csv_statements import statement_words
from data.readers.statements import LARGEST_AMOUNT

_MONTHS = {
    1: "jan ene gen led sty", 2: "feb fev febr fevr uno lut", 3: "mar mrz maa mae bre", 4: "apr avr abr dub kwi",
    5: "may mai maj mei mag kve", 6: "jun giu cer cze", 7: "jul juil lug lip", 8: "aug aou ago srp sie",
    9: "sep set zar wrz", 10: "oct okt ott out rij paz", 11: "nov lis", 12: "dec dez dic des pro gru",
}  # fmt: skip
_BY_WORD = {word: number for number, words in _MONTHS.items() for word in words.split()}
_BY_WORD |= {"juin": 6, "juni": 6, "june": 6, "junio": 6, "jui": 7, "czerwca": 6, "lipca": 7, "listopad": 11, "mayo": 5}
_SIGNS = {"-", "+", "−", "–"}
_MONEY_SIGNS = re.compile(
    r"^(?:[€£$¥￥]|S\$|US\$|HK\$|A\$|C\$|R\$|kr\.?|Kč|zł|RMB|CNY|EUR|USD|GBP|SEK|SGD|CHF|CZK|PLN|NOK|DKK|INR|₹|Rs\.?)$"
)
_BEHIND = {
    "CR",
    "DR",
    "C",
    "D",
    "S",
    "H",
    "-",
    "+",
    "−",
    "–",
    "CR.",
    "DR.",
    "€",
    "EUR",
    "USD",
    "GBP",
    "SEK",
    "CHF",
    "kr",
    "CZK",
}
_CREDIT, _DEBIT = {"CR", "C", "H", "+"}, {"DR", "D", "S", "-"}
_NUMBER = re.compile(
    r"^(?P<before>[.·~=]?[(+\-−–]*)(?:[A-Z]{0,3}[€£$¥￥]|Rs\.?|₹)?(?P<inner>[+\-−–]?)"
    r"(?P<number>\d{1,3}(?:[.,'’]\d{3})+[.,]\d{2}|\d+[.,]\d{2})"
    r"(?:€|EUR|kr|Kč|元)?(?P<after>\)?(?:CR|DR|Cr|Dr|C|D|S|H|[+\-−–])?\)?)$"
)
_GROUP = re.compile(r"^[+\-−–]?\d{1,3}$")
_TAIL = re.compile(r"^\d{3}(?:[.,]\d{2})?$")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount on a line; ``sign`` is +1 or -1 where it is marked, else 0."""

    value: Decimal  # without sign
    sign: int
    bracketed: bool  # or a minus: what a card statement writes for money that came back
    words: tuple[Word, ...]

    @property
    def box(self) -> Box:
        return box_around(self.words)


@dataclass(frozen=True, slots=True)
class RawDate:
    """A date as it stands; ``day`` and ``month`` may be the other way round where ``open`` says so."""

    day: int
    month: int
    year: int | None
    open: bool
    words: tuple[Word, ...]

    def on(self, year: int, *, month_first: bool) -> date | None:
        day, month = (self.month, self.day) if self.open and month_first else (self.day, self.month)
        try:
            return date(self.year or year, month, day)
        except ValueError:
            return None


def money_on(line: Sequence[Word]) -> list[Money]:
    """Amounts of a line from left to right; groups of thousands set apart by blanks are one."""
    out: list[Money] = []
    at = 0
    while at < len(line):
        taken, found = _money_at(line, at)
        if found is not None:
            out.append(found)
        at += taken
    return out


_WHOLE = re.compile(r"^(?P<sign>[+\-−–(]?)[€£$¥]?(?P<number>\d{1,3}(?:,\d{3})+|\d{1,9}(?:\.\d)?)\)?$")


def whole_money_on(line: Sequence[Word]) -> list[Money]:
    """Numbers that may be amounts without decimals, where they stand under the heading of one."""
    out = []
    for word in line:
        if match := _WHOLE.match(word.text):
            sign = -1 if match["sign"] in ("-", "−", "–", "(") else 0
            value = Decimal(match["number"].replace(",", "")).quantize(Decimal("0.01"))
            out.append(Money(value, sign, sign < 0, (word,)))
    return out


def _money_at(line: Sequence[Word], at: int) -> tuple[int, Money | None]:
    end, text = at, ""
    while end < len(line) and (line[end].text in _SIGNS or _MONEY_SIGNS.match(line[end].text)) and end - at < 2:
        text += line[end].text if line[end].text in _SIGNS else ""
        end += 1
    if end >= len(line):
        return 1, None
    body = line[end].text
    end += 1
    grouped = _GROUP.match(body) is not None
    while grouped and end < len(line) and _near(line, end) and _TAIL.match(line[end].text):
        body += line[end].text
        end += 1
    match = _NUMBER.match(text + body)
    if match is None:
        return 1, None
    value = _value(match["number"])
    if value is None:
        return 1, None
    mark = match["before"] + match["inner"] + match["after"]
    while end < len(line) and line[end].text in _BEHIND and _near(line, end, 1.6):
        mark += " " + line[end].text
        end += 1
    return end - at, _marked(value, mark, tuple(line[at:end]))


def _near(line: Sequence[Word], at: int, most: float = 0.7) -> bool:
    return line[at].box[0] - line[at - 1].box[2] <= most * line[at].height


def _value(text: str) -> Decimal | None:
    """The last two digits are cents, whatever marks stand between the others: recognition takes a comma for a point."""
    value = Decimal(re.sub(r"\D", "", text)).scaleb(-2)
    return value if value < LARGEST_AMOUNT else None


def _marked(value: Decimal, mark: str, words: tuple[Word, ...]) -> Money:
    told = mark.upper().replace("−", "-").replace("–", "-")
    bracketed = "(" in told or "-" in told
    parts = set(re.findall(r"CR|DR|[CDSH+\-]", told.replace("CR.", "CR").replace("DR.", "DR")))
    if "CR" in parts or parts & (_CREDIT - {"CR"}):
        return Money(value, 1, bracketed, words)
    return Money(value, -1 if bracketed or parts & _DEBIT else 0, bracketed, words)


def date_at(line: Sequence[Word], at: int) -> tuple[int, RawDate] | None:
    """The date that begins at a word of the line, and how many words it takes."""
    for size in (3, 2, 1):
        part = line[at : at + size]
        if len(part) == size and (found := _date(" ".join(word.text for word in part), tuple(part))) is not None:
            return size, found
    return None


_FORMS = (
    (re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$"), "ymd"),
    (re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日?$"), "ymd"),
    (re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$"), "ymd"),
    (re.compile(r"^(\d{1,2})月(\d{1,2})日?$"), "md"),
    (re.compile(r"^(\d{1,2})[./-] ?(\d{1,2})[./-] ?(\d{4}|\d{2})$"), "dmy"),
    (re.compile(r"^(\d{1,2})[./](\d{1,2})\.?$"), "dm"),
    (re.compile(r"^(\d{1,2})-(\d{1,2})$"), "dm"),
)
_NAMED = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|er|\.)?[ -]?([a-zà-ž]{3,10})\.?[ -]?,?'?(\d{4}|\d{2})?$", re.I)
_NAMED_US = re.compile(r"^([a-z]{3,10})\.?[ -]?(\d{1,2})(?:st|nd|rd|th)?(?:,? ?(\d{4}))?$", re.I)


def _date(text: str, words: tuple[Word, ...]) -> RawDate | None:
    for form, order in _FORMS:
        if match := form.match(text):
            return _ordered(order, [int(part) for part in match.groups()], words)
    if match := _NAMED.match(text):
        return _named(int(match[1]), match[2], match[3], words)
    if match := _NAMED_US.match(text):
        return _named(int(match[2]), match[1], match[3], words)
    return None


def _ordered(order: str, parts: list[int], words: tuple[Word, ...]) -> RawDate | None:
    if order == "ymd":
        made = RawDate(parts[2], parts[1], parts[0], open=False, words=words)
    elif order == "md":
        made = RawDate(parts[1], parts[0], None, open=False, words=words)
    else:
        year = _full(parts[2]) if len(parts) > 2 else None
        first, second = parts[0], parts[1]
        if second > 12:
            made = RawDate(second, first, year, open=False, words=words)
        else:
            made = RawDate(first, second, year, open=first <= 12, words=words)
    return made if 1 <= made.day <= 31 and 1 <= made.month <= 12 else None


def _named(day: int, word: str, year: str | None, words: tuple[Word, ...]) -> RawDate | None:
    folded = plain(word)
    month = _BY_WORD.get(folded) or _BY_WORD.get(folded[:4]) or _BY_WORD.get(folded[:3])
    if month is None or not 1 <= day <= 31 or (len(folded) > 4 and folded[:3] not in _BY_WORD):
        return None
    return RawDate(day, month, _full(int(year)) if year else None, open=False, words=words)


def _full(year: int) -> int:
    return year if year > 99 else 2000 + year if year < 70 else 1900 + year


@dataclass(frozen=True, slots=True)
class Calendar:
    """How the dates of one statement are read: their order, and the year of those without one."""

    end: date | None  # the last day that the statement names, outside its table
    month_first: bool

    def day(self, raw: RawDate) -> date | None:
        """The date; None where it has no year and the statement names none, or it is no day."""
        if raw.year is not None:
            return raw.on(raw.year, month_first=self.month_first)
        if self.end is None:
            return None
        found = raw.on(self.end.year, month_first=self.month_first)
        if found is None or found <= self.end + timedelta(days=7):
            return found
        return raw.on(self.end.year - 1, month_first=self.month_first)


_DUE = re.compile(r"\bdue\b|fällig|échéance|vencimiento|förfall|printed|gedruckt|还款日|到期", re.I)


def calendar_of(lines: Iterable[Line], rows: Sequence[RawDate], currency: str) -> Calendar:
    """By the dates with a year on the statement, and by what its ambiguous dates allow together."""
    found = [(raw, bool(_DUE.search(line_text(line)))) for line in lines for raw in dates_on(line)]
    every = [*rows, *(raw for raw, _ in found)]
    month_first = _month_first([raw for raw in every if raw.open or raw.day > 12], rows, currency)
    full = [(raw.on(raw.year, month_first=month_first), due) for raw, due in found if raw.year is not None]
    days = [day for day, due in full if day is not None and not due] or [day for day, _ in full if day is not None]
    plausible = [day for day in days if 1990 <= day.year <= 2100]
    return Calendar(max(plausible, default=None), month_first)


def _month_first(raws: Sequence[RawDate], rows: Sequence[RawDate], currency: str) -> bool:
    numeric = [raw for raw in raws if any(re.match(r"\d{1,2}[./-]\d{1,2}", word.text) for word in raw.words)]
    if any(not raw.open and raw.day > 12 and _begins(raw, raw.day) for raw in numeric):
        return False
    if any(not raw.open and raw.day > 12 and _begins(raw, raw.month) for raw in numeric):
        return True
    opened = [raw for raw in rows if raw.open]
    if len(opened) > 2:
        by_day = [(raw.month, raw.day) for raw in opened]
        by_month = [(raw.day, raw.month) for raw in opened]
        wrong = [sum(a > b for a, b in pairwise(each)) for each in (by_day, by_month)]
        if wrong[0] != wrong[1]:
            return wrong[1] < wrong[0]
    return currency == "USD"


def _begins(raw: RawDate, number: int) -> bool:
    return raw.words[0].text.lstrip("0").startswith(str(number))


def dates_on(line: Sequence[Word]) -> Iterator[RawDate]:
    at = 0
    while at < len(line):
        found = date_at(line, at)
        if found is None:
            at += 1
            continue
        yield found[1]
        at += found[0]


@cache
def phrases(name: str) -> tuple[str, ...]:
    """Words of ``statement_words.toml``, folded, the longest first."""
    return tuple(sorted({normalise(word) for word in statement_words()[name]}, key=lambda word: (-len(word), word)))


def says(text: str, name: str) -> bool:
    """Whether a line says one of these words: Latin ones as whole words, Chinese anywhere."""
    folded = f" {normalise(text)} "
    return any(f" {word} " in folded or (ord(word[0]) > 0x2E7F and word in folded) for word in phrases(name))


def told_balance(lines: Sequence[Line], name: str, *, last: bool) -> tuple[Money, Line] | None:
    """An opening or closing balance that a line names: behind the words, else in the lines right below them."""
    found: list[tuple[Money, Line]] = []
    for place, line in enumerate(lines):
        text = line_text(line)
        if not says(text, name):
            continue
        amounts = money_on(line)
        if amounts:
            span = _span(line, name)
            behind = [each for each in amounts if span is not None and each.box[0] >= span[1] - 2]
            found.append((behind[0] if behind else amounts[-1], line))
        elif (below := _below(lines, place, name)) is not None:
            found.append((below, line))
    return (found[-1] if last else found[0]) if found else None


def _below(lines: Sequence[Line], place: int, name: str) -> Money | None:
    """The amount that stands under the words, in one of the next two lines of the page."""
    line = lines[place]
    spans = _span(line, name)
    if spans is None:
        return None
    for other in lines[place + 1 : place + 3]:
        if other[0].page != line[0].page or other[0].box[1] - line[0].box[3] > 3 * line[0].height:
            return None
        for amount in money_on(other):
            x0, _, x1, _ = amount.box
            if x0 < spans[1] + 12 and x1 > spans[0] - 12:
                return amount
    return None


def _span(line: Line, name: str) -> tuple[float, float] | None:
    words = phrases(name)
    for size in range(4, 0, -1):
        for at in range(len(line) - size + 1):
            part = line[at : at + size]
            if normalise(line_text(part)) in words:
                return part[0].box[0], part[-1].box[2]
    return None
