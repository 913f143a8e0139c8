"""Text as it stands in files, read into typed values; every refusal says why in words for the person at the desk."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from app.domain.facts import FactDefinition, FactValue, Kind

TRUE_WORDS = frozenset(re.findall(r"\w+", "yes y true t 1 x ja oui si sí sim tak ano 是 有 对"))
FALSE_WORDS = frozenset(re.findall(r"\w+", "no n false f 0 nein nej non não nie ne 否 无 沒有 没有 不"))
CURRENCIES = frozenset(
    re.findall(
        r"[A-Z]{3}",
        "AED AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HRK HUF IDR ILS INR ISK JPY KES KRW MXN MYR NGN "
        "NOK NZD PEN PHP PKR PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR",
    )
)
_CODES = re.compile(r"\b(?:" + "|".join(sorted(CURRENCIES)) + r")\b")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "S$": "SGD", "¥": "CNY", "元": "CNY", "人民币": "CNY"}
_DOLLARS = frozenset({"USD", "AUD", "BSD", "CAD", "HKD", "JMD", "MXN", "NZD", "SGD", "TWD"})  # all write "$"
_SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "applicant.housing": {
        "priv": "private",
        "ignore": "other",
        "own": "owner",
        "owned": "owner",
        "homeowner": "owner",
        "mortgage": "owner",
        "rented": "rent",
        "renting": "rent",
        "renter": "rent",
        "tenant": "rent",
        "with parents": "parents",
        "租赁": "rent",
        "自有住房": "owner",
    },
    "employment.type": {
        "partime": "parttime",
        "part time": "parttime",
        "permanent": "fixed",
        "full time": "fixed",
        "fulltime": "fixed",
        "employed": "fixed",
        "self employed": "freelance",
        "selfemployed": "freelance",
        "other": "others",
        "none": "unemployed",
        "全职": "fixed",
        "个体": "freelance",
    },
}
_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y")
_MORE_DATE_FORMATS = ("%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%Y年%m月%d日", "%d.%m.%y")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?")
_GROUPED = {
    ".": re.compile(r"[-+]?\d{1,3}(?:[, '’]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"[-+]?\d{1,3}(?:[. '’]\d{3})+(?:,\d*)?"),
}


class ValueRefusedError(ValueError):
    """Why a text is not the value it should be, and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


@lru_cache(maxsize=4096)  # the same few headings and words are asked for again and again
def normalise(name: str) -> str:
    """A column name or label without case, punctuation and double spaces: "Loan_Amount (EUR)" → "loan amount eur"."""
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).casefold()
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


def currency_in(text: str) -> str | None:
    """The ISO 4217 code a text names by code or sign; None when it names none."""
    for word in re.findall(r"[A-Z]{3}", text):
        if word in CURRENCIES:
            return str(word)
    return next((code for sign, code in sorted(_SIGNS.items(), key=lambda s: -len(s[0])) if sign in text), None)


def parse_number(text: str, decimal: str | None = None) -> Decimal:
    """Read a number as people and banks write it: groups, signs before or behind, brackets, currency, ``CR``/``DR``.

    ``decimal`` is "." or ","; None infers it from the text, a lone comma before three digits being a group.
    Raises ``ValueRefusedError``.
    """
    cleaned, negative, factor = _strip_marks(text)
    mark = decimal or _decimal_mark(cleaned)
    if mark == "," and re.fullmatch(r"[-+]?\d*,\d*", cleaned):
        cleaned = cleaned.replace(",", ".")
    elif _GROUPED[mark].fullmatch(cleaned):
        cleaned = re.sub(r"[^\d+\-.,]", "", cleaned).replace("," if mark == "." else ".", "").replace(",", ".")
    elif mark == "," and "." in cleaned:
        raise _not_a_number(text)
    if not _NUMBER.fullmatch(cleaned):
        raise _not_a_number(text)
    number = Decimal(cleaned) * factor
    return -number if negative else number


def _strip_marks(text: str) -> tuple[str, bool, int]:
    value = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").strip()
    value = _CODES.sub("", value)
    value = re.sub(r"US\$|S\$|[€£$¥元%]|人民币", "", value).strip()
    factor = 1
    if value.endswith("万"):
        value, factor = value[:-1].strip(), 10_000
    negative = False
    if match := re.fullmatch(r"\((.+)\)", value):
        value, negative = match.group(1), True
    if match := re.fullmatch(r"(.+?)\s*(-|DR|Dr|D|S)", value):
        value, negative = match.group(1), True
    elif match := re.fullmatch(r"(.+?)\s*(\+|CR|Cr|C|H)", value):
        value = match.group(1)
    return re.sub(r"^([-+])\s+", r"\1", re.sub(r"\s+", " ", value.strip())), negative, factor


def _decimal_mark(text: str) -> str:
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        return "." if text.rindex(".") > text.rindex(",") else ","
    if commas:
        return "." if commas > 1 or re.fullmatch(r"[-+]?\d{1,3},\d{3}", text) else ","
    return "," if dots > 1 else "."


def _not_a_number(text: str) -> ValueRefusedError:
    return ValueRefusedError(f"{shown(text)} is not a number.", "Write digits with one decimal mark, such as 1250.50.")


def parse_date(text: str, date_format: str | None = None) -> date:
    """Read a date; without ``date_format`` ISO, named months, dotted day-first, or slashes with one reading.

    Raises ``ValueRefusedError`` on anything else, an ambiguous 05/06/2026 included.
    """
    value = unicodedata.normalize("NFKC", text).strip()
    if date_format:
        return _strptime(value, date_format, text)
    short = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", value)
    for pattern in _DATE_FORMATS + _MORE_DATE_FORMATS:
        try:
            return datetime.strptime(short, pattern).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return _slashed(short, text)


def _strptime(value: str, date_format: str, text: str) -> date:
    try:
        return datetime.strptime(value, date_format).date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        reason = f"{shown(text)} is not a date of the form {date_format}."
        raise ValueRefusedError(reason, "Correct the value, or date_format in the mapping.") from None


def _slashed(value: str, text: str) -> date:
    match = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", value)
    if match is None:
        raise ValueRefusedError(f"{shown(text)} is not a date.", "Write dates as 2026-10-28.")
    first, second, year = (int(part) for part in match.groups())
    if first <= 12 and second <= 12 and first != second:
        raise ValueRefusedError(f"{shown(text)} may be read day or month first.", "Write dates as 2026-10-28.")
    day, month = (first, second) if second <= 12 else (second, first)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueRefusedError(f"{shown(text)} is not a day of the calendar.", "Write dates as 2026-10-28.") from None


def parse_boolean(text: str) -> bool:
    """Yes and no in the usual spellings. Raises ``ValueRefusedError``."""
    word = text.strip().casefold()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValueRefusedError(f"{shown(text)} is neither yes nor no.", "Write yes or no, or map the word under values.")


def category_of(definition: FactDefinition, text: str) -> str | None:
    """The category a text means by its name, a label in any language or a usual synonym; None when none."""
    word = normalise(text)
    if not definition.categories:
        return text.strip() or None
    for category in definition.categories:
        labels = definition.category_labels.get(category, {})
        if word in (normalise(category), *(normalise(label) for label in labels.values())):
            return category
    synonym = _SYNONYMS.get(definition.name, {}).get(word)
    return synonym if synonym in definition.categories else None


def parse_value(
    definition: FactDefinition,
    text: str,
    *,
    decimal: str | None = None,
    date_format: str | None = None,
    scale: Decimal | None = None,
    currency: str | None = None,
) -> FactValue:
    """Read and check one value of a fact by the catalogue: its kind, then least, greatest or categories.

    ``scale`` multiplies numbers before the check; ``currency`` is the one money is expected in.
    Raises ``ValueRefusedError``.
    """
    match definition.kind:
        case Kind.DATE:
            return parse_date(text, date_format)
        case Kind.BOOLEAN:
            return parse_boolean(text)
        case Kind.CATEGORY:
            return _category(definition, text)
        case Kind.TEXT:
            return _plain(text)
    if definition.kind is Kind.MONEY:
        _check_currency(text, currency)
    number = parse_number(text, decimal) * (scale if scale is not None else 1)
    return check_range(definition, _sized(definition, number, text), text)


def _category(definition: FactDefinition, text: str) -> str:
    found = category_of(definition, _plain(text))
    if found is None:
        listed = ", ".join(definition.categories)
        remedy = "Map it under values in the mapping, or correct it."
        raise ValueRefusedError(f"{shown(text)} is none of {listed}.", remedy)
    return found


def _plain(text: str) -> str:
    if "\0" in text or "�" in text:
        raise ValueRefusedError(
            "The text holds a character that is no text.", "Correct the file's encoding or the value."
        )
    return " ".join(text.split())


def _check_currency(text: str, currency: str | None) -> None:
    named = currency_in(unicodedata.normalize("NFKC", text))
    same_sign = named == "CNY" and currency == "JPY" and "¥" in text
    other_dollar = "$" in text and currency in _DOLLARS
    if currency and named and named != currency and not same_sign and not other_dollar:
        raise ValueRefusedError(f"{shown(text)} is in {named}, not in {currency}.", f"Give the amount in {currency}.")


def _sized(definition: FactDefinition, number: Decimal, text: str) -> Decimal | int:
    try:
        match definition.kind:
            case Kind.COUNT | Kind.MONTHS | Kind.DAYS:
                if number != number.to_integral_value():
                    raise ValueRefusedError(f"{shown(text)} is not a whole number.", "Give a whole number.")
                return int(number)
            case Kind.NUMBER:
                return number
        return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise ValueRefusedError(f"{shown(text)} has too many digits.", "Correct the value.") from None


def check_range(definition: FactDefinition, value: Decimal | int, text: str) -> Decimal | int:
    """Return the value if it lies between the catalogue's least and greatest. Raises ``ValueRefusedError``."""
    if definition.minimum is not None and value < definition.minimum:
        reason = f"{shown(text)} gives {value}, below the least value {definition.minimum}."
        raise ValueRefusedError(reason, "Correct the value, or the scale in the mapping.")
    if definition.maximum is not None and value > definition.maximum:
        reason = f"{shown(text)} gives {value}, above the greatest value {definition.maximum}."
        raise ValueRefusedError(reason, "Correct the value, or the scale in the mapping.")
    return value


def shown(text: str, limit: int = 60) -> str:
    """A text in quotes for a message, control characters made visible and its length bounded."""
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return f"“{clean[:limit]}…”" if len(clean) > limit else f"“{clean}”"
