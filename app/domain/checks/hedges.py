"""How firmly a figure is said: exactly, about, nearly, more than, at most."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.checks.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure as it is said. ``hedge`` is exact, about, little_below, little_above, more, less or range."""

    span: str
    start: int
    end: int
    values: tuple[Decimal, ...]  # every reading its format allows
    kind: str  # money, percent, time, times, or "" where no unit is said
    unit: str = ""  # ISO 4217 code or unit of time; nothing where it is left open
    hedge: str = "exact"
    upper: Decimal | None = None  # of a range
    period: str = ""
    points: bool = False  # percentage points
    by: bool = False  # "by 7": a difference
    worded: bool = False  # in words, not in digits
    strict: bool = True  # "more than" rather than "at least"
    places: int = 0  # decimals that are written
    counter: str = ""  # the sign behind a bare number by which Chinese counts: 次, 人, 栋
    negative: bool = False  # said of a deficit: the sign is in the words

    @property
    def value(self) -> Decimal:
        return self.values[0]


_NAMES = ("little_below", "little_above", "more", "less", "about")
_LOOSELY = re.compile(
    r"\b(?:about|around|roughly|approximately|some|nearly|almost|close to)\b|约|大概|接近|近|左右", re.IGNORECASE
)
_BOTH_WAYS = re.compile(r"close to|approaching|接近")
_AT = re.compile(
    r"at least|no less|not less|up to|at most|no more|not more|within|a m|not |no "
    r"|不低于|不少于|至少|至多|不超过|未超|最多|达到|高达"
)
_AFTER = (
    (
        "more",
        re.compile(
            r"\+|\s?or more\b|\s?and (?:more|above|over)\b|以上|余(?!额)"
            r"|多(?![于少出付还样次笔数余家张人项头])|[\s-]*plus\b",
            re.IGNORECASE,
        ),
    ),
    ("little_above", re.compile(r"(?:[名个人台户只家][\u4e00-\u9fff]{0,3})?出头|有余|odd\b", re.IGNORECASE)),
    ("less", re.compile(r"以下|以内|之内|\s?or (?:less|fewer|below)\b", re.IGNORECASE)),
    (
        "about",
        re.compile(
            r"左右|上下|来(?=[件个人元户亩条斤])"
            r"|\s?or (?:so|thereabouts?)\b|,? (?:give or take|rounded|roughly|more or less|approximately)\b",
            re.IGNORECASE,
        ),
    ),
)
_DENIED = {
    "en": re.compile(
        r"\b(?:not|never|n't|without|nor)\s+(?:\w+ly )?(?:more|less|higher|lower|fewer|greater|"
        r"exceed\w*|over|above|below|under|"
        r"beyond|reach)\b[\w ]{0,14}$",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"(?:不|未|没有|并未)(?:会|曾|能)?(?:超过|高于|多于|超出|低于|少于|达到)$"),
}
_FILL = (
    r"(?:(?:the|a|an|only|just|about|his|her|the usual|a total of|EUR|USD|GBP|CNY|RMB|SEK|NOK|DKK|CHF|[€$£¥])\s*"
    r"|共|计|了|为|达|人民币|每月|百分之|有|需要?|是|在|占|到|要|只|仅|合|折合)*"
)


def with_hedge(text: str, quantity: Quantity, language: str, lexicon: Lexicon) -> Quantity:
    """The quantity with what the words around it say of how exact it is."""
    if quantity.hedge == "range":
        return quantity
    before, after = text[max(0, quantity.start - 45) : quantity.start], text[quantity.end : quantity.end + 12]
    for name in _NAMES:
        match = _pattern(lexicon, language, name).search(before)
        if match and not _is_other(name, match, before, quantity):
            denied = _DENIED[language].search(text[max(0, quantity.start - 60) : quantity.start])
            return _as_said(quantity, name, match.group(1).lower(), denied=bool(denied))
    if language == "zh" and (kept := _OF_WHOLE.search(before)) and _is_share(quantity):
        name = next(name for name in _NAMES if re.fullmatch(lexicon.signs["zh"][name], kept["word"]))
        return _as_said(quantity, name, kept["word"], denied=False)
    share = quantity.kind == "times" or (quantity.worded and 0 < quantity.values[0] < 1)
    if share and _LOOSELY.search(re.split(r"[,;，；。]", before)[-1]):
        return replace(quantity, hedge="about")
    for name, behind in _AFTER:
        if behind.match(after):
            return replace(quantity, hedge=name, strict=name not in ("more", "less"))
    return quantity


_OF_WHOLE = re.compile(
    r"(?P<word>不到|不足|超过|超出|逾|近|将近|接近|约|大约|约占|略高于|略低于|略超)[^，。；、,;\d]{2,14}的$"
)


def _is_share(quantity: Quantity) -> bool:
    return quantity.kind in ("percent", "times") or (quantity.worded and 0 < quantity.values[0] < 1)


def _as_said(quantity: Quantity, name: str, word: str, *, denied: bool) -> Quantity:
    if denied and name in ("more", "less"):
        return replace(quantity, hedge="less" if name == "more" else "more", strict=False)
    if name == "little_below" and _BOTH_WAYS.fullmatch(word):
        return replace(quantity, hedge="about")
    return replace(quantity, hedge=name, strict=not _AT.match(word))


def _pattern(lexicon: Lexicon, language: str, name: str) -> re.Pattern[str]:
    front = r"(?<![^\W_])" if language == "en" else ""
    return lexicon.pattern(f"{front}({lexicon.signs[language][name]})\\s*{_FILL}$")


def _is_other(name: str, match: re.Match[str], before: str, quantity: Quantity) -> bool:
    """ "Over 36 months" says how long, "add up to" what a sum is: neither how much more or less."""
    word = match.group(1).lower()
    if name == "more":
        divided = re.search(r"\b(?:spread|divided|shared|distributed|averaged|taken)\w* $", before[: match.start()])
        return word.startswith("over") and (quantity.kind == "time" or bool(divided))
    return word == "up to" and bool(
        re.search(r"\b(?:add\w*|com\w*|sum\w*|mount\w*) $", before[: match.start()], re.IGNORECASE)
    )
