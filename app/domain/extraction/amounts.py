"""Amounts and numbers as pages write them, whatever marks part thousands and cents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.domain.values import CURRENCIES

_SIGNS = {"€": "EUR", "£": "GBP", "US$": "USD", "S$": "SGD", "HK$": "HKD", "A$": "AUD", "C$": "CAD", "R$": "BRL",
          "RM": "MYR", "RMB": "CNY", "₹": "INR", "Rs": "INR", "Rs.": "INR", "kr": "SEK", "kr.": "SEK", "zł": "PLN",
          "元": "CNY", "人民币": "CNY", "Kč": "CZK", "Ft": "HUF", "Fr.": "CHF", "SFr.": "CHF", "$": "USD", "¥": "CNY",
          "￥": "CNY", "圆": "CNY"}  # fmt: skip
_CODES = "|".join(sorted({*CURRENCIES, "RMB"}))
_MARK = r"US\$|S\$|HK\$|A\$|C\$|R\$|RMB|RM|Rs\.?|SFr\.|Fr\.|kr\.?(?![a-z])|zł|Kč|Ft(?![a-z])|人民币|[€£$¥￥₹元圆]"
_CURRENCY = rf"(?:{_MARK}|(?<![A-Za-z])(?:{_CODES})(?![A-Za-z]))"
_FIGURE = (
    r"(?:\d{1,3}(?P<mark>[.,'’ \u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d{1,2}(?!\d))?"
    r"|\d{1,3}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?"
    r"|\d+[.,]\d{1,2}(?!\d)|\d+(?:[.,]\d{3,4}(?!\d))?|[.,]\d{2}(?!\d))"
)
_AMOUNT = re.compile(
    rf"(?P<open>\()?(?P<sign>[-−–+]\s?)?(?:(?P<before>{_CURRENCY})[ \t]?(?P<sign2>[-−–+]\s?)?|(?<![\w.,/:#]))"
    rf"(?P<figure>{_FIGURE})(?![\d/:]|[.,]\d)(?P<wan>\s?万)?(?P<tail>-(?!\d|\s?\d)|[.,]-)?"
    rf"(?(before)|(?:[ \t]?(?P<after>{_CURRENCY})(?!\s?\d))?)"
    rf"(?P<close>\))?(?P<book>\s?(?:CR|DR|Cr|Dr)\b)?"
)
_SLIPPED = re.compile(r"(?<![A-Za-z0-9.,])[\dOolISB]{1,3}(?:[.,\s]?[\dOolISB]{3})*[.,][\dOolISB]{2}(?![\dA-Za-z])")
_MEASURE = re.compile(r"\s?(?:[kM]Wh|kW|kVA|m³|m3|m²|km|GB|MB|hrs|hours|Std|Stunden|Stück|Stk|pcs)\b")
_PUT_RIGHT = str.maketrans("OolISB", "001158")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure found in a text, from ``start`` to ``end``."""

    value: Decimal
    start: int
    end: int
    currency: str | None = None
    cents: bool = False  # written with two digits behind its decimal mark
    quality: float = 1.0  # how surely it is read as it stands


@dataclass(frozen=True, slots=True)
class Style:
    """How a document writes numbers."""

    decimal: str | None = None  # "." or ","; None where it does not show
    currency: str | None = None  # the one that it names most


def style_of(text: str) -> Style:
    """What the unambiguous figures of a document say: "1,234.56", "1 234,56", "12.34"."""
    points = Counter(
        match.group(1)
        for match in re.finditer(r"(?<![\d.,])(?:\d{1,3}(?:[ .,'’]\d{3})+|\d+)([.,])\d{2}(?![\d.,]*\d|[/-]\d)", text)
    )
    decimal = max(points, key=lambda mark: points[mark]) if points else None
    return Style(decimal, currency_of(text))


def currency_of(text: str) -> str | None:
    """The currency a document names most, a code counting more than a sign."""
    votes: Counter[str] = Counter()
    for match in re.finditer(_CURRENCY, text):
        word = match.group(0)
        code = "CNY" if word == "RMB" else _SIGNS.get(word, word)
        beside = text[max(match.start() - 2, 0) : match.start()] + text[match.end() : match.end() + 2]
        if word in ("RM", "kr", "kr.", "Ft", "Rs", "Rs.", "元", "圆", "Fr.") and not any(map(str.isdigit, beside)):
            continue
        votes[code] += 3 if len(word) == 3 and word.isalpha() and word.isascii() else 2
    if not votes:
        return None
    return max(sorted(votes), key=lambda code: votes[code])


def amounts_in(text: str, style: Style, *, slips: bool = False) -> Iterator[Amount]:
    """Every figure of a text, from left to right; ``slips`` also takes "l,2O4.S0" as recognition may have read it."""
    taken: list[tuple[int, int]] = []
    for match in _AMOUNT.finditer(text):
        found = _amount(match, text, style)
        if found is not None:
            taken.append((found.start, found.end))
            yield found
    if slips:
        for slipped in _SLIPPED.finditer(text):
            start, end = slipped.span()
            if sum(map(str.isdigit, slipped.group())) >= 2 and not any(s < end and start < e for s, e in taken):
                value, quality = decimal_of(slipped.group().translate(_PUT_RIGHT), style)
                yield Amount(value, start, end, None, True, 0.6 * quality)


def _amount(match: re.Match[str], text: str, style: Style) -> Amount | None:
    figure = match["figure"]
    after = text[match.end("figure") : match.end("figure") + 2]
    if (
        after[:1] in ("%", "％")
        or after == " %"
        or (after[:1].isalpha() and after[0] not in "万元圆kRMzKFECUSG" + "DC")
    ):
        return None
    if _MEASURE.match(text, match.end("figure")):
        return None
    if re.fullmatch(r"0\d+|\d+[.,]\d{4}", figure):  # the code of a box, a rate
        return None
    value, quality = decimal_of(figure, style)
    if match["wan"]:
        value *= 10_000
    mark = match["before"] or match["after"]
    negative = bool(match["sign"] or match["sign2"]) and "+" not in (match["sign"] or match["sign2"] or "")
    negative |= bool(match["open"] and match["close"]) or (match["tail"] or "").startswith("-")
    negative |= bool(match["book"]) and "D" in match["book"].upper()
    cents = bool(re.search(r"[.,]\d{2}$", figure))
    start, end = _span(match)
    if not cents and not mark:
        quality *= _plainness(figure, match["wan"])
    currency = None if mark is None else ("CNY" if mark == "RMB" else _SIGNS.get(mark, mark))
    if mark in ("$", "¥", "kr", "kr.") and style.currency and _shares_sign(mark, style.currency):
        currency = style.currency
    return Amount(-value if negative else value, start, end, currency, cents, quality)


def _plainness(figure: str, wan: str | None) -> float:
    if wan or re.search(r"\D", figure):
        return 0.92
    return 0.8 if 3 <= len(figure) <= 7 and not re.fullmatch(r"(?:19|20)\d\d", figure) else 0.6


def _shares_sign(mark: str, code: str) -> bool:
    return code in {"$": {"USD", "AUD", "CAD", "HKD", "NZD", "SGD", "MXN"}, "¥": {"CNY", "JPY"},
                    "kr": {"SEK", "NOK", "DKK"}}[mark.rstrip(".")]  # fmt: skip


def _span(match: re.Match[str]) -> tuple[int, int]:
    names = ("open", "sign", "before", "sign2", "figure", "wan", "tail", "after", "close", "book")
    found = [match.span(name) for name in names if match[name]]
    return min(start for start, _ in found), max(end for _, end in found)


def decimal_of(figure: str, style: Style) -> tuple[Decimal, float]:
    """The number that digits and marks mean, and how surely."""
    bare = re.sub(r"[\s'’]", "", figure)
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return Decimal(bare), 1.0
    head, last = re.split(r"[.,](?=\d*$)", bare)
    digits = re.sub(r"\D", "", head) or "0"
    if len(last) == 3 and len(digits) <= 3 * len(marks) and (len(set(marks)) == 1):
        return Decimal(digits + last), 0.9 if style.decimal == marks[-1] else 1.0
    if len(last) == 3 and len(set(marks)) == 1:
        return Decimal(f"{digits}.{last}"), 0.8
    if len(marks) > 1 and len(set(marks)) == 1 and len(last) != 2:
        return Decimal(digits + last), 0.9
    slip = len(marks) > 1 and len(set(marks)) == 1
    other = style.decimal not in (None, marks[-1])
    return Decimal(f"{digits}.{last}"), 0.75 if slip else 0.9 if other else 1.0


def money_text(value: Decimal) -> str:
    """Decimal text with two places, as amounts travel."""
    return format(value.quantize(_CENT), "f")
