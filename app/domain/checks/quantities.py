"""Figures of a sentence with their units and periods, dates, and spans of time that something is counted over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.checks.casebook import period_of
from app.domain.checks.hedges import Quantity, with_hedge
from app.domain.checks.lexicon import Lexicon
from app.domain.checks.units import unit_of, with_sign
from app.domain.figures import Figure, find_figures

__all__ = ["Day", "Figures", "Quantity", "Window", "figures_of", "small_number", "windows_of"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_HAN = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_PARTIAL = (
    re.compile(
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<mon>{_MONTH})\b\.?(?!,? \d{{4}})(?! \d)", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<mon>{_MONTH})\.?,? (?:of )?(?P<y>(?:19|20)\d\d)(?!\d)", re.IGNORECASE),
    re.compile(rf"\b(?P<mon>{_MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|,? \d{{4}}| ?%)", re.IGNORECASE),
    re.compile(
        r"(?P<y>(?:19|20)\d\d|[一二]九?[〇零一二三四五六七八九]{3})年(?P<m>\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:份)?(?!\d)"
    ),
    re.compile(
        r"(?P<y>(?:19|20)\d\d|[一二][〇零九][〇零一二三四五六七八九]{2})年(?:年?(?P<part>[初中底末]|[上下]半年))?(?![\d个])"
    ),
    re.compile(
        r"(?<=[a-z] )(?P<y>(?:19|20)\d\d)(?=\s(?:comes?|came|was|is|were|are|amount|stood|stands|reached|had|has|to)\b)"
    ),
    re.compile(r"(?<![\d.,/])(?P<m>0?[1-9]|1[0-2])[/.](?P<y>(?:19|20)\d\d)(?![\d.,])"),
    re.compile(r"(?<![\d.,])(?P<y>(?:19|20)\d\d)-(?P<m>0[1-9]|1[0-2])(?![\d-])"),
    re.compile(
        r"(?:\b(?:in|for|since|from|of|until|till|before|after|during|by|year|to|back to|early|late|mid|"
        r"end of|start of|spring|summer|autumn|"
        r"winter|fall|around|and|only in|already in)[ -])(?P<y>(?:19|20)\d\d)(?![\d.,]\d|\d| ?(?:%|"
        r"EUR|USD|GBP|CNY|SEK|euros?|months|days|€))",
        re.IGNORECASE,
    ),
)
_LONG_DATE = re.compile(
    rf"\b(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:day )?of (?P<mon>{_MONTH}),? (?P<y>(?:19|20)\d\d)"
    r"|(?P<y2>\d{4})[./](?P<m2>\d{1,2})[./](?P<d2>\d{1,2})(?!\d)",
    re.IGNORECASE,
)
_UNITS_OF_TIME = {"month": "months", "year": "years", "week": "weeks", "day": "days", "quarter": "quarters"}
_UNITS_OF_TIME |= {
    "月": "months",
    "个月": "months",
    "年": "years",
    "天": "days",
    "日": "days",
    "周": "weeks",
    "季度": "quarters",
}
_UNITS_OF_TIME |= {"星期": "weeks", "季": "quarters", "twelvemonth": "years", "yr": "years"}
_WINDOW = re.compile(
    r"\b(?<!would )(?<!could )(?<!will )(?<!can )(?<!to )(?<!may )(?:last|past|previous|preceding|recent|prior|"
    r"trailing)[\s-]+(?:(?P<n>[\w-]+?)[\s-]+)?(?:calendar )?(?P<u>months?|years?|weeks?|days?|"
    r"quarters?)\b"
    r"|\b(?:in|within|over) (?P<u6>half)(?: a|-a)?[ -]year\b|\b(?P<n2>[\w-]+?)[ -](?P<u2>month|"
    r"year|week|day)s?(?: (?:window|look-?back|observation)|(?= before (?:the )?application))"
    r"|(?<!相当于)(?<!等于)(?<!相当)(?:过去|(?<![将接附])近|最近|前(?!年|天|日|月)|此前|之前)(?:的)?(?P<n3>\d+|[一二两三四五六七八九十]+|半)?(?P<u3>个月|年|天|日|周|季度|季)(?!度|收|薪|供|均)"
    r"|(?P<n7>\d+|[一二两三四五六七八九十]+)(?P<u7>个月|年|天)(?:之内|以内|内|以来|里)"
    r"|\b(?:within|in|over|during|for) (?:the )?(?P<n4>[\w-]+) (?P<u4>months?|years?|days?|"
    r"weeks?)(?= (?:before|prior|preceding|leading))"
    r"|\b(?P<ttm>TTM|LTM)\b"
    r"|\b(?P<u8>days?|weeks?|months?) (?:out )?of (?:the|his|her|their|its) (?:last|past|previous) "
    r"(?P<n8>\d+)\b(?! ?[a-z])"
    r"|\b(?:within|in) (?:(?:a|the) (?:space|span|period) of )?(?P<n5>[\w-]+) (?P<u5>months?|"
    r"years?|days?|weeks?|quarters?)\b",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = r"(?:(?:EUR|USD|GBP|CNY|RMB|SEK|NOK|DKK|CHF|JPY|HKD)|[€$£¥])?\s?"
_BY = re.compile(
    r"\bby(?: (?:only|just|about|around|roughly|some|nearly|almost|a|exactly|a full|"
    r"precisely))*\s*$|(?:出|多|少|差|了|距离?|相差|差距为?|差额为?)\s*$",
    re.IGNORECASE,
)
_CENT_POINTS = re.compile(r"point|\bpp\b|百分点", re.IGNORECASE)
_PERIOD_AFTER = re.compile(
    r"^[\s,]*(?:net |gross |in |net of tax |on average |or so |after tax |税后|净额?|左右|上下)*"
    r"(?:(?:a|per|each|every|an|/|by the|for each|for every|once a|in a|was reached in a single|"
    r"in a single|in just one|in each|"
    r"in one)\s*(?P<word>month|year|annum|fortnight|week|quarter|day|mo|yr)s?\b|"
    r"(?P<word2>monthly|yearly|annually|weekly|quarterly|daily|annualised|annualized)\b|"
    r"(?P<word3>p\.?\s?a\.?|p\.?\s?m\.?)(?!\w)|[/每](?P<word4>月|年|周|天|日|季|个月))",
    re.IGNORECASE,
)
_ONE = "(?:each|every|per|a|(?:with)?in one|in a single|in just one|during one)"
_PERIOD_BEFORE = re.compile(
    rf"(?P<month>\bmonthly\b|\b{_ONE} month\b|每(?:个)?月|月均|月(?=(?:净|税后|总|固定)?(?:收入|薪|"
    r"供|支出|工资|租金|还款|付|结余|开支|入))|按月)"
    r"|(?P<thisquarter>[上本当]季度?(?!末|初|底)|[一二三四单]季度(?!末|初|底))|(?P<term>每?学期)|(?P<half>[上下]半年)|(?P<thismonth>[上本当]个?月(?!末|初|底)|单月)"
    rf"|(?P<year>\b(?:annual(?:ly)?|yearly|per annum)\b|\b{_ONE} year\b|每年|每?学年|年均|全年|年度|"
    r"年化|年(?=(?:净|税后|总)?(?:收入|薪|工资|奖金|利率|营业额|销售|利润|租金|支出)))"
    rf"|(?P<week>(?<!four-)\bweekly\b|\b{_ONE} week\b|每周|周(?=薪|收入|营业额|流水|还款|支出|租金))"
    r"|(?P<quarter>\bquarterly\b|"
    rf"\b{_ONE} quarter\b|每个?季度?|一个季度|季(?:度)?(?=收入|营业额|流水|薪|还款|支出|租金))"
    r"|(?P<fourweeks>\bfour-weekly\b|\bevery (?:four|4) weeks\b)"
    r"|(?P<fortnight>\bfortnightly\b|\bevery (?:two|2|other|second) weeks?\b|\b(?:each|every|per|a) fortnight\b|每两周)"
    r"|(?P<day>\bdaily\b|\b(?:each|every|per|a) day\b|每[天日]|日均|日(?=收入|营业额|流水|薪|工资|还款|支出|租金))",
    re.IGNORECASE,
)
_PERIODS = {"mo": "month", "yr": "year", "annum": "year", "monthly": "month", "yearly": "year", "annually": "year"}
_PERIODS |= {
    "weekly": "week",
    "quarterly": "quarter",
    "daily": "day",
    "月": "month",
    "年": "year",
    "周": "week",
    "天": "day",
}
_PERIODS |= {
    "日": "day",
    "季": "quarter",
    "季度": "quarter",
    "个月": "month",
    "annualised": "year",
    "annualized": "year",
}


_PARTS_OF_YEAR = {
    "初": (1, 2, 3),
    "中": (5, 6, 7, 8),
    "底": (11, 12),
    "末": (11, 12),
    "上半年": range(1, 7),
    "下半年": range(7, 13),
}


@dataclass(frozen=True, slots=True)
class Day:
    """A date, or the month and year, or the year of one; what is not said is None."""

    span: str
    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    part: str = ""  # of the year, in Chinese: 初, 中, 底

    def fits(self, value: date) -> bool:
        given = ((self.year, value.year), (self.month, value.month), (self.day, value.day))
        within = not self.part or value.month in _PARTS_OF_YEAR[self.part]
        return within and all(said is None or said == held for said, held in given)


@dataclass(frozen=True, slots=True)
class Window:
    """A span that something is counted over: "in the last three months"."""

    span: str
    start: int
    end: int
    months: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    quantities: tuple[Quantity, ...]
    days: tuple[Day, ...]
    windows: tuple[Window, ...]

    @property
    def spans(self) -> list[tuple[int, int]]:
        named = [(each.start, each.end) for each in self.quantities]
        named += [(each.start, each.end) for each in self.days]
        return named + [(each.start, each.end) for each in self.windows]


_DASHED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|(?<=\d)-(?=\d)")  # dates keep theirs
_MORE_WITHIN = re.compile("(?<=[一二三四五六七八九十百千\\d])(多|余|来)(万亿?|亿)(元|美元|欧元)?")  # "一百多万元"


def figures_of(
    text: str,
    language: str,
    lexicon: Lexicon,
    signs: Mapping[str, str] | None = None,
    years: frozenset[str] = frozenset(),
) -> Figures:
    """All figures of a sentence. ``text`` has names that hold digits blanked out.

    ``signs`` tell currencies by sign, ``years`` are those of the case: bare numbers that are none of them count.
    """
    text = _MORE_WITHIN.sub(r"\2\3\1", text.replace("个多月", "个月多"))
    whole = [figure for figure in find_figures(text) if figure.day is not None] if _HAS_DIGIT.search(text) else []
    days, windows = list(_days(text, whole, years)), list(windows_of(text))
    days += [Day(f.span, f.start, f.end, f.day.year, f.day.month, f.day.day) for f in whole if f.day is not None]
    masked = text
    for start, end in [*((d.start, d.end) for d in days), *((w.start, w.end) for w in windows)]:
        masked = masked[:start] + "□" * (end - start) + masked[end:]
    masked = _DASHED.sub(lambda match: match.group() if len(match.group()) > 1 else "–", masked)
    masked = _NO_FIGURE.sub(lambda m: "□" * len(m.group()), masked)
    found, masked = _fractions(masked)
    for figure in find_figures(masked):
        if figure.day is not None:
            days.append(Day(figure.span, figure.start, figure.end, figure.day.year, figure.day.month, figure.day.day))
        elif figure.values and not _is_ordinal(masked, figure) and not _is_rhythm(masked, figure):
            found.append(with_sign(masked, _quantity(masked, figure), signs or {}))
    if _DEFICIT.search(masked):
        found = [replace(each, negative=True) for each in found]
    joined = list(_ranges(masked, sorted(found, key=lambda each: each.start)))
    hedged = [with_hedge(masked, each, language, lexicon) for each in joined]
    return Figures(
        tuple(_with_periods(masked, hedged)),
        tuple(sorted(days, key=lambda day: day.start)),
        tuple(sorted(windows, key=lambda window: window.start)),
    )


def windows_of(text: str) -> Iterator[Window]:
    """The spans of time a text counts over, in months."""
    for match in _WINDOW.finditer(text):
        given = match.groupdict()
        if given["u6"] or given["ttm"]:
            yield Window(match.group(), match.start(), match.end(), Decimal(6 if given["u6"] else 12))
            continue
        unit = next((given[k] for k in ("u", "u2", "u3", "u4", "u5", "u7", "u8") if given[k]), "")
        number = next((given[k] for k in ("n", "n2", "n3", "n4", "n5", "n7", "n8") if given[k]), None)
        months = _months(number, _UNITS_OF_TIME.get(unit.lower().rstrip("s"), _UNITS_OF_TIME.get(unit, "")))
        if months is not None:
            yield Window(match.group(), match.start(), match.end(), months)


_IN_MONTHS = {"months": Decimal(1), "years": Decimal(12), "quarters": Decimal(3), "weeks": Decimal(12) / 52}
_IN_MONTHS |= {"days": Decimal(12) / 365}


def _months(number: str | None, unit: str) -> Decimal | None:
    if unit not in _IN_MONTHS:
        return None
    if number is None or number.lower() in {"full", "few", "calendar", "whole", "a", "one", "the"}:
        return None if number and number.lower() == "few" else _IN_MONTHS[unit]
    if number == "半":
        return _IN_MONTHS[unit] / 2
    value = small_number(number)
    return None if value is None else value * _IN_MONTHS[unit]


def small_number(word: str) -> Decimal | None:
    """A number by itself, in digits or words of either language; None where it is none."""
    if word.isdigit() or word.lower() in _SMALL:
        return _small(word)
    figures = [figure for figure in find_figures(word) if figure.values]
    return figures[0].values[0] if len(figures) == 1 else None


_NO_YEAR_BEFORE = re.compile(rf"(?:{_MONTH}\.?,? (?:of )?|\d[ /.-]|(?-i:\b[A-Z]{{3}}|[$€£¥])\s?)$", re.IGNORECASE)
_BARE_YEAR = re.compile(
    r"(?<![\d.,/$€£¥-])(?P<y>(?:19|20)\d\d)(?:/\d\d)?"
    r"(?![\d.,]\d|\d|[年%]|[ -]?(?:%|[A-Z]{3}\b|€|kr|(?:month|year|day|week)s?\b))"
)


def _bare_years(text: str, years: frozenset[str], taken: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    """Years of the case that stand by themselves: "the 2024 figure", "season 2025/26"."""
    for match in _BARE_YEAR.finditer(text):
        before = text[: match.start()]
        free = not any(match.start() < end and match.end() > start for start, end in taken)
        if match["y"] in years and free and not _NO_YEAR_BEFORE.search(before):
            yield match


def _days(text: str, whole: list[Figure], years: frozenset[str] = frozenset()) -> Iterator[Day]:
    taken: list[tuple[int, int]] = []
    for match in _LONG_DATE.finditer(text):
        parts = match.groupdict()
        day = _day(match, parts["y"] or parts["y2"], parts["m2"], parts["mon"], parts["d"] or parts["d2"])
        if day:
            taken.append((day.start, day.end))
            yield day
    full = [(figure.start, figure.end) for figure in whole]
    if not _HAS_DIGIT.search(text):
        return
    for match in _bare_years(text, years, [*taken, *full]):
        taken.append(match.span())
        yield Day(match.group(), match.start(), match.end(), int(match["y"]))
    for pattern in _PARTIAL:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < e and end > s for s, e in (*taken, *full)):
                continue
            parts = match.groupdict()
            if "mon" not in parts and "m" not in parts:
                start = match.start("y")
            day = _day(match, parts.get("y"), parts.get("m"), parts.get("mon"), parts.get("d"))
            if day:
                day = replace(day, start=start, span=text[start:end], part=parts.get("part") or "")
                taken.append((start, end))
                yield day


def _day(match: re.Match[str], year: str | None, month: str | None, name: str | None, day: str | None) -> Day | None:
    number = _MONTHS.index(name[:3].lower()) + 1 if name else _int(month)
    if (
        name
        and name.lower() == "may"
        and year is None
        and not match.group().startswith(("May ",))
        and not name[0].isupper()
    ):
        return None
    if name and not name[0].isupper():
        return None
    said = _int(day)
    if said is not None and not 1 <= said <= 31:
        return None
    return Day(match.group(), match.start(), match.end(), _int(year), number, said)


def _int(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    if text.startswith("十"):
        return 10 + int(_HAN.get(text[1:], "0") or 0)
    digits = "".join(_HAN.get(c, "") for c in text)
    return int(digits) if digits else None


_PARTS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "twelfth": 12,
}
_NO_FIGURE = re.compile(
    r"\b(?:my|our) two cents\b|\bone hand\b|"
    r"\bone thing\b|\bsecond to none\b|\bsquare one\b|\bone and the same\b|\bone or two\b|\bten to one\b",
    re.IGNORECASE,
)
_COUNT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|"
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]+)?|\d{1,3})"
)
_FRACTION = re.compile(
    r"\b(?:(?P<n>one|two|three|four|five|six|seven|eight|nine|an?)[ -])(?P<d>half|halves|thirds?|quarters?|"
    r"fifths?|sixths?|sevenths?|eighths?|ninths?|tenths?|twelfths?)\b"
    rf"|\b(?:(?P<in>{_COUNT})(?: (?:euros?|pounds?|dollars?|francs?))?|(?P<one_in>one) [a-z]+) "
    rf"(?:in|out of) (?:every )?(?P<of>{_COUNT}|hundred)\b(?! ?[%a-z]*(?:month|year|day))"
    rf"|\b(?P<coin>{_COUNT}) ?(?:pence|p|pennies|cents?|c|euro cents) (?:in|of|out of|on|from) (?:every|each|the|a) "
    r"(?:pound|euro|dollar|£|€|\$)"
    r"|\b(?P<whole>an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"[a-z]+teen|(?:twen|thir|for|fif)ty(?:-[a-z]+)?|\d{1,2}) and a half(?P<unit> times| years?| months?)?\b"
    r"|(?P<zd>[二两三四五六七八九十]+|\d+)分之(?P<zn>[一二两三四五六七八九]|\d)|(?P<hb>[一两二三四五六七八九十]|\d{1,2})个半(?P<hu>月|"
    r"年)|(?P<zw>[一两二三四五六七八九十]|\d{1,2})倍半"
    r"|每(?P<every>\d{1,4}|[一二三四五六七八九十百千]+)[^，。；、\d]{0,6}?(?:里|中)?(?:就|便|约|大约)*有(?P<some>\d{1,2}|[一二两三四五六七八九十]+)"
    r"|(?<=than )an? (?P<one>year|month|week)\b|(?P<zh>一半|半数)"
    r"|\bhalf (?:as \w+ again|again as \w+)\b|\bevery (?P<ord>second|third|fourth|fifth)\b",
    re.IGNORECASE,
)
_HAS_DIGIT = re.compile(r"\d|[一二][〇零九]")
_DEFICIT = re.compile(
    r"\b(?:deficit|shortfall|negative|minus|loss|losses|overdrawn|in the red)\b|赤字|亏|缺口|负", re.IGNORECASE
)
_SMALL = {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
} | {
    "a": 1,
    "an": 1,
}
_SMALL |= {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def _number(word: str) -> Decimal:
    return Decimal(100) if word == "hundred" else small_number(word) or Decimal(1)


def _small(word: str) -> Decimal:
    return Decimal(word) if word.isdigit() else Decimal(_SMALL.get(word.lower(), 1))


def _fractions(text: str) -> tuple[list[Quantity], str]:
    """Fractions in words, "one eighth", "three and a half times", and the text with them blanked."""
    found = []
    for match in _FRACTION.finditer(text):
        value, kind, unit = _fraction({name: part.lower() for name, part in match.groupdict().items() if part})
        if value is not None:
            start, end = match.span()
            found.append(
                Quantity(
                    match.group(), start, end, (value,), kind, unit, worded=True, places=0 if kind == "percent" else 2
                )
            )
            text = text[:start] + "□" * (end - start) + text[end:]
    return found, text


_HALF = Decimal("0.5")


def _fraction(part: dict[str, str]) -> tuple[Decimal | None, str, str]:
    """Value, kind and unit of a matched fraction; no value for a percentage."""
    if "every" in part:
        whole, some = small_number(part["every"]), small_number(part["some"])
        return (some / whole if whole and some and some < whole else None), "", ""
    if "d" in part:
        return _small(part["n"]) / _PARTS[part["d"].replace("halves", "half").removesuffix("s")], "", ""
    if "one_in" in part:  # "one colony in five"
        return 1 / (_number(part["of"]) or Decimal(1)), "", ""
    if "in" in part:
        return _number(part["in"]) / (_number(part["of"]) or 1), "", ""
    if "coin" in part:
        return _number(part["coin"]), "percent", ""
    if "whole" in part:
        word = part.get("unit", "").strip()
        kind = "times" if word == "times" else "time" if word else ""
        return _small(part["whole"]) + _HALF, kind, f"{word.rstrip('s')}s" if kind == "time" else ""
    if "zd" in part:
        return (None if part["zd"] == "百" else _small(part["zn"]) / (_small(part["zd"]) or 1)), "", ""
    return _chinese_half(part)


def _chinese_half(part: dict[str, str]) -> tuple[Decimal | None, str, str]:
    if "one" in part:
        return Decimal(1), "time", f"{part['one']}s"
    if "hb" in part:
        return _small(part["hb"]) + _HALF, "time", _UNITS_OF_TIME[part["hu"]]
    if "zw" in part:
        return _small(part["zw"]) + _HALF, "times", ""
    if "ord" in part:
        return Decimal(1) / (2 + ("second", "third", "fourth", "fifth").index(part["ord"])), "", ""
    return (_HALF, "", "") if "zh" in part else (1 + _HALF, "times", "")


_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")


_RHYTHM = re.compile(r"\bevery (?:two|2|four|4)(?: weeks|-week)|\bfour-weekly", re.IGNORECASE)


def _is_rhythm(text: str, figure: Figure) -> bool:
    """ "Every two weeks": how often, not how long."""
    return any(match.start() <= figure.start < match.end() for match in _RHYTHM.finditer(text))


def _is_ordinal(text: str, figure: Figure) -> bool:
    return bool(_ORDINAL.match(text, figure.end)) or text[: figure.start].endswith("第")


_SCALED = re.compile("[万亿千](?!分)")
_SCALED_BY = {"千": 3, "万": 4, "亿": 8}


def _quantity(text: str, figure: Figure) -> Quantity:
    kind, unit, end = unit_of(text, figure)
    values = figure.values
    if decades := re.match(r"\s?decades?\b", text[end:]):
        kind, unit, end = "time", "years", end + decades.end()
        values = tuple(value * 10 for value in values)
    digits = re.search(r"\d[.,](\d{1,2})(?!\d)", figure.span)
    whole = re.sub(r"[^\d.,]", "", figure.span)
    places = len(digits.group(1)) if digits and not re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", whole) else 0
    if (scale := _SCALED.search(figure.span)) and len(whole.replace(".", "")) > 1:
        places -= _SCALED_BY[scale.group()]  # "1.67万" tells hundreds
    return Quantity(
        text[figure.start : end],
        figure.start,
        end,
        values,
        kind,
        unit,
        points=bool(kind == "percent" and _CENT_POINTS.search(figure.span)),
        by=bool(_BY.search(text[: figure.start])),
        worded=not any(c.isdigit() for c in figure.span),
        places=places,
        counter="" if kind else text[end : end + 1],
    )


_RANGE_BEFORE = re.compile(r"(?:between|from|介于|在|从)\s*(?:EUR|USD|GBP|CNY|SEK|[€$£¥])?\s?$", re.IGNORECASE)
_RANGE_JOIN = re.compile(r"\s*(?:and|to|-|–|—|至|到|和|与|~|～)\s*(?:EUR|USD|GBP|CNY|SEK|[€$£¥])?\s?", re.IGNORECASE)
_MOVED = re.compile(
    r"\b(?:gr[eo]w|r[io]se|f[ae]ll|climb|jump|drop|slip|increas|decreas|declin|improv|"
    r"went|mov|shr[aiu]nk)\w* (?:up |down )?from\s*"
    r"(?:EUR|USD|GBP|CNY|SEK|[€$£¥])?\s?$",
    re.IGNORECASE,
)
_RANGE_AFTER = re.compile(r"\s*(?:之间|区间|不等)")


def _ranges(text: str, figures: list[Quantity]) -> Iterator[Quantity]:
    """Two figures that bound a range as one."""
    at = 0
    while at < len(figures):
        first = figures[at]
        if at + 1 < len(figures):
            second = figures[at + 1]
            between = text[first.end : second.start]
            if _MOVED.search(text[: first.start]):
                yield first  # "grew from 1,102 to 1,284": two figures
                at += 1
                continue
            framed = _RANGE_BEFORE.search(text[: first.start]) or _RANGE_AFTER.match(text, second.end)
            dashed = between.strip() in {"–", "-", "—", "~", "～", "to"}
            if _RANGE_JOIN.fullmatch(between) and (framed or dashed) and max(first.values) < max(second.values):
                yield replace(
                    second,
                    span=text[first.start : second.end],
                    start=first.start,
                    values=(max(first.values),),
                    upper=max(second.values),
                    kind=second.kind or first.kind,
                    unit=second.unit or first.unit,
                    hedge="range",
                )
                at += 2
                continue
        yield first
        at += 1


def _one_period(text: str, first: Quantity, second: Quantity) -> str:
    """month, year, week or day where the figure before is one of them: "一年3900元"."""
    between = text[first.end : second.start]
    if first.kind != "time" or first.value != 1 or not first.worded or first.hedge != "exact":
        return ""
    return (
        first.unit.removesuffix("s")
        if re.fullmatch(r"(?:下来|要|共|有|就|是|大?约|也|才|合|挣|花|付|还)*", between)
        else ""
    )


_PERIOD_TOLD = re.compile("(?:是|为)(?:每|一|整|单|全)个?(年|月|周|天|日|季度?)的(?:数|总数|金额|量|水平|结果)")


def _with_periods(text: str, quantities: list[Quantity]) -> Iterator[Quantity]:
    for at, each in enumerate(quantities):
        following = quantities[at + 1].start if at + 1 < len(quantities) else len(text)
        after = _PERIOD_AFTER.match(text[each.end : following])
        if told := _PERIOD_TOLD.match(text, each.end):
            yield replace(each, period=_PERIODS[told.group(1)])
            continue
        if after:
            word = next(w for w in after.groups() if w).lower().replace(" ", "").replace(".", "")
            word = {"pa": "year", "pm": "month"}.get(word, _PERIODS.get(word, word))
            yield replace(each, period=word)
            continue
        if each.kind in ("time",):
            yield each
            continue
        if at and (word := _one_period(text, quantities[at - 1], each)):
            yield replace(each, period=word)
            continue
        earlier = quantities[at - 1].end if at else 0
        stretch = text[max(earlier, each.start - 60) : each.start]
        cut = [m.end() for m in re.finditer(r"[,;，；。]| and | but | while | whereas |而|但", stretch)]
        near = stretch[cut[-1] if cut else 0 :]
        found = list(_PERIOD_BEFORE.finditer(near))
        period = str(found[-1].lastgroup).removeprefix("this") if found else ""
        if not period:  # "2,450 EUR net each month"
            tail = re.split(r"[,;，；。]| and | but ", text[each.end : following])[0][:40]
            behind = _PERIOD_BEFORE.search(tail)
            period = period_of(tail) or (str(behind.lastgroup).removeprefix("this") if behind else "")
        yield replace(each, period=period)
