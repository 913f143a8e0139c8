"""What sentences are held against: the facts and findings of a case with labels in anybody's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.domain.facts import Stance

Value = Decimal | str | bool | date

TIMES = ("months", "years", "weeks", "days")
_TIME_WORDS = {"month": "months", "year": "years", "yr": "years", "week": "weeks", "day": "days"}
_TIME_WORDS |= {
    "个月": "months",
    "月": "months",
    "年": "years",
    "天": "days",
    "日": "days",
    "周": "weeks",
    "期": "months",
}
_MONEY_WORDS = {"欧元": "EUR", "元": "CNY", "人民币": "CNY", "美元": "USD", "英镑": "GBP", "€": "EUR", "$": "USD"}
_MONEY_WORDS |= {"£": "GBP", "¥": "CNY", "rmb": "CNY", "euro": "EUR", "kr": "SEK", "万元": "CNY"}
_PERCENT = {"%", "percent", "pct", "per cent", "％", "百分比", "pp"}
_COUNTED = {
    "",
    "count",
    "number",
    "points",
    "point",
    "score",
    "次",
    "个",
    "笔",
    "分",
    "人",
    "家",
    "项",
    "户",
    "integer",
}
_TIMES = {"times", "x", "倍", "ratio", "multiple", "factor"}
_SOLID = {"text", "string", "name", "category", "文本", "enum"}
_PERIOD = re.compile(
    r"(?P<month>\b(?:per |a |each |every )month\b|\bmonthly\b|/\s?(?:mo(?:nth)?|月)|"
    r"\bp\.?\s?m\.?(?=\W|$)|每月|月均|按月|月度|每个月|月供"
    r"|月收入|月薪|月净|月租|月支出|月还|(?<![\d个半近])月(?=[\u4e00-\u9fff]{0,3}(?:收入|支出|工资|租金|还款|供)))"
    r"|(?P<year>\b(?:per |a |each |every )(?:year|annum)\b|\bannual(?:ly|ised|ized)?\b|\byearly\b|"
    r"/\s?(?:y(?:ea)?r|a|年)\b|\bp\.?\s?a\.?(?=\W|$)|每年|年均"
    r"|(?<!\d)(?:19|20)\d\d年度?(?!底|末|初|中|起|\d|[一二三四五六七八九十]+月|至|到|前|后|以)|(?<!\d)(?:去|上|本|当|前|上一)年(?!底|末|初)"
    r"|(?:近|最近|过去)(?:12|十二)个月(?!.{0,12}均)|(?:近|最近|过去)一年(?!.{0,12}均)"
    r"|(?<![\d个半近整周今去上本多几一两三])年(?![限龄期份检底末初纪轻资代月以之来内前后至起间])(?=[\u4e00-\u9fff])"
    r"|(?<![近前后过去最])一年(?=[应需要还可]?[\u4e00-\u9fff]{2})"
    r"|按年|年度|全年|年化|年利率|年收入|年薪|年营|年净|年利润|年销售)"
    r"|(?P<week>\b(?:per |a |each |every )week\b|\bweekly\b|每周)"
    r"|(?P<fourweeks>\b(?:four-weekly|every (?:four|4) weeks)\b)"
    r"|(?P<fortnight>\b(?:per |a |each |every )fortnight\b|\b"
    r"(?:fortnightly|bi-?weekly|every (?:two|2|other|second) weeks?)\b|每两周)"
    r"|(?P<quarter>\b(?:per |a |each |every )quarter\b|\bquarterly\b|每季)"
    r"|(?P<day>\b(?:per |a |each |every )day\b|\bdaily\b|每天|每日|日均)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What a value is held against, and how it stands to it."""

    against: str  # "policy limit", in anybody's words
    value: Value | None
    relation: str = ""  # above | below | equal, or nothing where it is not said


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One fact as sentences may speak of it."""

    id: str
    label: str  # every label it goes by, divided by a bar
    value: Value
    raw: str = ""
    unit: str = ""
    stance: Stance = Stance.NEUTRAL
    benchmark: Benchmark | None = None
    note: str = ""

    @property
    def measure(self) -> Measure:
        return measure_of(self.unit, self.value, f"{self.label} {self.raw} {self.note}".replace("_", " "))


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """What is found of some facts, as a sentence."""

    code: str
    stance: Stance
    text: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """One case: what may be said, and against what it is held."""

    id: str
    language: str
    facts: tuple[CaseFact, ...]
    findings: tuple[CaseFinding, ...] = ()
    today: date | None = None  # up to when spans since a date may run, where the case has no later date


@dataclass(frozen=True, slots=True)
class Measure:
    """How a value is measured: ``kind`` is money, percent, time, count, times, date, text or bool."""

    kind: str
    unit: str = ""  # ISO 4217 code, or one of ``TIMES``
    period: str = ""  # month, year, ... where it is said


def measure_of(unit: str, value: Value, words: str) -> Measure:
    """The measure of a value by its unit; by the value where the unit says nothing. ``words`` may tell the period."""
    plain = unit.strip().lower()
    period = period_of(f" {plain} ") or period_of(words)
    head = re.split(r"/|\bper\b|每", plain)[0].strip() or plain
    if isinstance(value, bool):
        return Measure("bool")
    if isinstance(value, date):
        return Measure("date")
    if isinstance(value, str) or plain in _SOLID:
        return Measure("text")
    if head in _PERCENT or head.startswith("%"):
        return Measure("percent", "", period)
    code = _MONEY_WORDS.get(head, head.upper())
    if re.fullmatch("[A-Z]{3}", code) and head not in ("day",):
        return Measure("money", code, period)
    time = _TIME_WORDS.get(head.removesuffix("s")) or _TIME_WORDS.get(head)
    if time:
        return Measure("time", time)
    return Measure("times") if head in _TIMES else Measure("count", "", period)


_MEASURES = (
    *(
        "acre acres 英亩",
        "hectare hectares ha 公顷",
        "mu 亩",
        "mile miles mi 英里",
        "km kilometre kilometres kilometer kilometers 公里",
    ),
    *(
        "kg kilogram kilograms kilo kilos 公斤",
        "tonne tonnes ton tons t 吨",
        "hour hours h hrs 小时",
        "gram grams g 克",
    ),
    *(
        "litre litres liter liters l 升",
        "hl hectolitre hectolitres 百升",
        "m² m2 sqm 平方米 平米",
        "ft² ft2 sqft 平方英尺",
    ),
    *(
        "cent cents pence penny 分钱",
        "point points 分",
        "千瓦 kw",
        "兆瓦 mw",
        "瓦",
        "吨",
        "斤",
        "台",
        "kwh kilowatt-hours 千瓦时",
        "mwh megawatt-hours",
        "barrel barrels 桶",
    ),
    *(
        "metre metres meter meters m 米",
        "foot feet ft 英尺",
        "night nights 晚",
        "minute minutes 分钟",
        "pound lb lbs 磅",
    ),
)
_UNIT_NAMES = {word: frozenset(group.split()) for group in _MEASURES for word in group.split()}


def unit_names(word: str) -> frozenset[str]:
    """All names of the measure that a word names; empty where it names none."""
    return _UNIT_NAMES.get(word.lower(), frozenset())


def is_bare(unit: str) -> bool:
    """Whether a unit says no more than that something is counted."""
    return unit.strip().lower() in _COUNTED or len(unit.strip()) < 2


def period_of(text: str) -> str:
    """month, year, week, quarter or day, as a text says something is counted by; nothing where it says none."""
    match = _PERIOD.search(text)
    return str(match.lastgroup) if match else ""


_YES = {"yes", "true", "是", "有", "y", "ja"}
_NO = {"no", "false", "否", "无", "没有", "none", "n", "nein", "nil", "不", "未"}


def as_yes_or_no(text: str) -> bool | None:
    """Whether a text is a bare yes or no; None where it is neither."""
    word = text.strip().lower().rstrip(".。")
    return True if word in _YES else False if word in _NO else None


def labels_of(by_language: Mapping[str, str]) -> str:
    """Labels of one fact in several languages, as ``CaseFact.label`` holds them."""
    return " | ".join(dict.fromkeys(filter(None, by_language.values())))
