"""Figures in running text (digits of any format, number words, Chinese numerals, dates) and the facts they match."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from app.domain.facts import Fact
from app.domain.lexicon import (
    CARDINALS,
    CHINESE_DIGITS,
    CHINESE_NOT_NUMBERS,
    CHINESE_SCALES,
    FRACTIONS,
    MULTIPLES,
    NUMBER_WORDS,
    PLURAL_SCALES,
    SCALES,
)

_SPACE = " \u00a0\u2009\u202f"
_NUMBER = re.compile(rf"(?<!\d)[-−]?(?:\d{{1,3}}(?:[{_SPACE}'’]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)")
_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]"),
    re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<mon>[A-Z][a-z]{2,8})\.?,?\s+(?P<y>\d{4})"),
    re.compile(r"(?P<mon>[A-Z][a-z]{2,8})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SCALE_AFTER = re.compile(
    r"\s?(k|K|thousand|million|bn|billion|m(?=\s|[.,;]|$)|万|亿|千(?![瓦克米卡伏赫帕]))(?![A-Za-z])"
)
_SCALE_VALUE = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_SCALE_VALUE |= {"万": 10**4, "亿": 10**8, "千": 10**3}
_CURRENCY_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "欧元": "EUR", "美元": "USD", "英镑": "GBP", "euros": "EUR"}
_CURRENCY_SIGNS |= {"元": "", "¥": "", "kr": "", "euro": "EUR", "dollars": "USD", "pounds": "GBP"}
_UNIT_AFTER = re.compile(
    r"\s?(?:(?P<percent>%|％|per\s?cent\b|percent\b|percentage points\b|pp\b|个?百分点)|(?P<tenths>成)"
    r"|(?P<months>-?months?\b|个月)|(?P<years>-?years?\b|年)|(?P<days>-?days?\b|天|日)"
    r"|(?P<weeks>-?weeks?\b|个?星期|周)"
    r"|(?P<money>[A-Z]{3}\b|€|\$|£|¥|kr\b|欧元|美元|英镑|元|euros?\b|dollars\b|pounds\b))"
)
_MONEY_BEFORE = re.compile(r"(?P<money>\b[A-Z]{3}|€|\$|£|¥)\s?$")
_WORD = re.compile(r"[A-Za-z]+")
_ONE_IS_PRONOUN = re.compile(r"(?:\b(?:no|any|this|that|each|every|the|which)[ -])$", re.IGNORECASE)
_HAN_NUMBER = re.compile(rf"[{''.join(CHINESE_DIGITS)}{''.join(CHINESE_SCALES)}半]+(?:点[{''.join(CHINESE_DIGITS)}]+)?")
_PER_HUNDRED = "百分之"
_HAN_UNIT = re.compile(r"个月|个百分点|年|月|天|日|元|欧元|成|次|倍|笔|%|岁|期|分之")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text; ``values`` holds each reading its format allows."""

    span: str
    start: int
    end: int
    values: tuple[Decimal, ...]
    unit: str = ""  # "percent", "months", "years", "weeks", "days", "money", an ISO 4217 code, "date" or nothing
    day: date | None = None


def find_figures(text: str) -> list[Figure]:
    """All figures of a text, in order. Each character belongs to at most one figure."""
    plain = _plain_digits(text)
    found: list[Figure] = []
    for finder in (_dates, _digit_figures, _signs, _english_figures, _chinese_figures):
        taken = [(f.start, f.end) for f in found]
        found += [f for f in finder(plain) if all(f.end <= start or f.start >= end for start, end in taken)]
    return [replace(f, span=text[f.start : f.end]) for f in sorted(found, key=lambda f: f.start)]


def matching_facts(figure: Figure, facts: Iterable[Fact]) -> list[Fact]:
    """The facts whose value, as kept or as shown (rounded half up to two decimals), is the figure's, units agreeing."""
    return [fact for fact in facts if _matches(figure, fact)]


def _matches(figure: Figure, fact: Fact) -> bool:
    value = fact.value
    if figure.day is not None or isinstance(value, date):
        return figure.day is not None and figure.day == value
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return figure.span in value
    number = Decimal(value)
    with localcontext(prec=max(28, number.adjusted() + 6)):  # however large the number
        shown = {number, number.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")}
    return any(reading in shown for reading in _readings(figure, fact.unit))


def _readings(figure: Figure, unit: str) -> Sequence[Decimal]:
    """The figure's values in the fact's unit; empty when the units do not agree."""
    is_money = len(unit) == 3 and unit.isupper()
    if not figure.unit or figure.unit == unit or (figure.unit == "money" and is_money):
        return figure.values
    if figure.unit == "months" and unit == "years":
        return tuple(value / 12 for value in figure.values)
    if figure.unit == "weeks" and unit == "days":
        return tuple(value * 7 for value in figure.values)
    if figure.unit == "years" and unit == "months":
        return tuple(value * 12 for value in figure.values)
    counted = figure.unit in {"months", "years", "days"} and unit in {"count", "number", ""}
    return figure.values if counted else ()


def _plain_digits(text: str) -> str:
    """Digits of any script and full-width signs as ASCII, one character for one."""
    if text.isascii():
        return text
    signs = {"．": ".", "，": "，", "％": "%", "－": "-"}
    return "".join(
        str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else signs.get(c, c) for c in text
    )


def _dates(text: str) -> Iterator[Figure]:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            day = _day(match.groupdict())
            if day is not None:
                yield Figure(match.group(), match.start(), match.end(), (), "date", day)


def _day(parts: dict[str, str | None]) -> date | None:
    month = parts.get("mon")
    number = _MONTHS.index(month[:3].lower()) + 1 if month and month[:3].lower() in _MONTHS else parts.get("m")
    try:
        return date(int(parts["y"] or 0), int(number or 0), int(parts["d"] or 0))
    except ValueError:
        return None


def _digit_figures(text: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(text):
        start, end, values = match.start(), match.end(), _read_digits(match.group())
        scale = _SCALE_AFTER.match(text, end)
        if scale:
            end = scale.end()
            values = tuple(value * _SCALE_VALUE[scale.group(1).lower()] for value in values)
        yield _with_unit(text, start, end, values)


def _read_digits(raw: str) -> tuple[Decimal, ...]:
    """Each value the separators allow: ``2.450`` is 2450 or 2.45, ``2.450,00`` only 2450."""
    sign = -1 if raw[0] in "-−" else 1
    digits = re.sub(rf"[{_SPACE}'’−-]", "", raw)
    readings = {digits.replace(",", "")} if digits.count(".") <= 1 else set()
    if digits.count(",") <= 1:
        readings.add(digits.replace(".", "").replace(",", "."))
    readings.add(re.sub("[.,]", "", digits)) if re.search(r"[.,]\d{3}$", digits) else None
    plausible = {r for r in readings if _grouping_agrees(digits, r)} or {digits.replace(",", "").replace(".", "")}
    values = {Decimal(reading) for reading in plausible}
    return tuple(sorted({sign * value for value in values} | (values if sign < 0 else set())))


def _grouping_agrees(digits: str, reading: str) -> bool:
    """A separator that is not the decimal sign must stand before groups of three (or, in India, two) digits."""
    whole = digits if "." not in reading else digits[: -len(reading.split(".")[1]) - 1]
    groups = re.split("[.,]", whole)
    return len(groups) == 1 or (all(len(group) in {2, 3} for group in groups[1:]) and len(groups[-1]) == 3)


def _with_unit(text: str, start: int, end: int, values: tuple[Decimal, ...]) -> Figure:
    unit, after, before = "", _UNIT_AFTER.match(text, end), _MONEY_BEFORE.search(text, 0, start)
    if after:
        unit = after.lastgroup or ""
        end = after.end()
        if unit == "tenths":
            unit, values = "percent", tuple(value * 10 for value in values)
        elif unit == "money":
            unit = _currency(after.group("money"))
        elif text[end : end + 1] == "半":  # "四年半": and a half of the unit
            end, values = end + 1, tuple(value + Decimal("0.5") for value in values)
    elif before:
        unit, start = _currency(before.group("money")), before.start()
    return Figure(text[start:end], start, end, values, unit)


def _currency(sign: str) -> str:
    return _CURRENCY_SIGNS.get(sign, sign) or "money"


def _signs(text: str) -> Iterator[Figure]:
    """Single signs with a numeric value: fractions, circled and superscript digits, Roman numerals."""
    for at, sign in enumerate(text):
        value = None if sign.isascii() or unicodedata.category(sign) == "Lo" else unicodedata.numeric(sign, None)
        if value is not None:
            yield _with_unit(text, at, at + 1, (Decimal(str(value)),))


def _english_figures(text: str) -> Iterator[Figure]:
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        run = _number_run(text, words, at)
        if run and not _is_no_number(text, run):
            value = _read_words([word.group().lower() for word in run])
            yield _with_unit(text, run[0].start(), run[-1].end(), (value,))
        at += max(1, len(run))


def _number_run(text: str, words: Sequence[re.Match[str]], at: int) -> list[re.Match[str]]:
    """The longest run of number words from ``at``, joined by a space or hyphen, with "and" between two of them."""
    run: list[re.Match[str]] = []
    for index in range(at, len(words)):
        word = words[index]
        if run and text[run[-1].end() : word.start()].strip(_SPACE) not in {"", "-"}:
            break
        if word.group().lower() in NUMBER_WORDS:
            run.append(word)
        elif not (run and word.group().lower() == "and" and _continues(text, words, index)):
            break
        else:
            run.append(word)
    return run


def _continues(text: str, words: Sequence[re.Match[str]], index: int) -> bool:
    after = words[index + 1] if index + 1 < len(words) else None
    before = words[index - 1].group().lower()
    return after is not None and after.group().lower() in CARDINALS and before in SCALES


def _is_no_number(text: str, run: Sequence[re.Match[str]]) -> bool:
    """ "One" as a pronoun or article, and ordinals that look like fractions ("the third party")."""
    word, before = run[0].group().lower(), text[: run[0].start()]
    if len(run) > 1:
        return False
    if word == "one":
        return bool(_ONE_IS_PRONOUN.search(before)) or text[run[0].end() :].lower().startswith((" of", " another"))
    if word in {"third", "quarter", "fifth"}:
        return not re.search(r"\b(?:a|an|by) $", before, re.IGNORECASE)
    return False


def _read_words(words: Sequence[str]) -> Decimal:
    """Value of a run of number words; ``two thirds`` is 2/3, ``half`` 0.5, ``twice`` 2."""
    total, current = Decimal(0), Decimal(0)
    for word in words:
        if word in CARDINALS:
            current += CARDINALS[word]
        elif word in MULTIPLES:
            current += MULTIPLES[word]
        elif word in FRACTIONS:
            current = (current or Decimal(1)) / FRACTIONS[word]
        elif word in SCALES or word in PLURAL_SCALES:
            scale = SCALES[word if word in SCALES else word[:-1]]
            current = (current or Decimal(1)) * scale
            if scale >= 1000:
                total, current = total + current, Decimal(0)
    return total + current


_BY_CHANCE = re.compile(rf"(?<![{''.join(CHINESE_DIGITS)}{''.join(CHINESE_SCALES)}\\d])万一")  # not of "六万一"


def _chinese_figures(text: str) -> Iterator[Figure]:
    masked = text
    for word in (*sorted(CHINESE_NOT_NUMBERS, key=len, reverse=True), _PER_HUNDRED):
        masked = masked.replace(word, "　" * len(word))
    masked = _BY_CHANCE.sub("　　", masked)
    end = 0
    for match in _HAN_NUMBER.finditer(masked):
        run, start = match.group(), match.start()
        if start < end:  # the half of "四年半" is read with its years
            continue
        if run == "千" and masked[match.end() : match.end() + 1] in set("瓦克米卡伏赫帕"):
            continue
        if run == "一" and not _HAN_UNIT.match(masked, match.end()):
            continue
        values = (_read_han(run),)
        if text[:start].endswith(_PER_HUNDRED):
            start -= len(_PER_HUNDRED)
            yield Figure(text[start : match.end()], start, match.end(), values, "percent")
        else:
            figure = _with_unit(text, start, match.end(), values)
            end = figure.end
            yield figure


def _read_han(run: str) -> Decimal:
    """Value of Chinese numerals, ``二千四百五十``, ``两万五``, ``四十七点五``, ``二四五零``."""
    if run == "半":
        return Decimal("0.5")
    whole, _, part = run.partition("点")
    if not any(c in CHINESE_SCALES for c in whole):
        digits = "".join(str(CHINESE_DIGITS.get(c, 0)) for c in whole)
        return Decimal(f"{digits or 0}.{''.join(str(CHINESE_DIGITS[c]) for c in part) or 0}")
    total, section, digit, last = 0, 0, 0, 1
    for c in whole:
        if c in CHINESE_DIGITS:
            digit = CHINESE_DIGITS[c]
            last = 10 if digit == 0 else last
        elif CHINESE_SCALES.get(c, 0) >= 10**4:
            total, section, digit, last = (total + section + digit or 1) * CHINESE_SCALES[c], 0, 0, CHINESE_SCALES[c]
        elif c in CHINESE_SCALES:
            section, digit, last = section + (digit or 1) * CHINESE_SCALES[c], 0, CHINESE_SCALES[c]
    tail = digit * last // 10 if last >= 10**3 and digit else digit
    return Decimal(total + section + tail) + Decimal(f"0.{''.join(str(CHINESE_DIGITS[c]) for c in part) or 0}")
