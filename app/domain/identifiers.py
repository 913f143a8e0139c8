"""Numbers that carry their own proof: IBAN, cards, identity numbers, companies. Each answers whether it can be true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.vat_numbers import is_vat

IBAN_LENGTHS: Mapping[str, int] = {
    code: int(length)
    for length, codes in (
        ("15", "NO"),
        ("16", "BE"),
        ("18", "DK FI FO GL NL SD"),
        ("19", "MK SI"),
        ("20", "AT BA EE KZ LT LU XK"),
        ("21", "CH CR HR LI LV"),
        ("22", "BG BH DE GB GE IE ME RS VA"),
        ("23", "AE GI IL IQ OM SO TL"),
        ("24", "AD CZ DZ ES MD PK RO SA SE SK TN VG"),
        ("25", "LY PT ST"),
        ("26", "IS TR"),
        ("27", "BI DJ FR GR IT MC MR SM"),
        ("28", "AL AZ BY CY DO GT HN HU LB NI PL SV"),
        ("29", "BR EG PS QA UA"),
        ("30", "JO KW MU YE"),
        ("31", "MT SC"),
        ("32", "LC"),
        ("33", "RU"),
        ("20", "MN"),
        ("18", "FK"),
    )
    for code in codes.split()
}
"""Length of an IBAN by country (SWIFT IBAN registry)."""

_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CN_PROVINCES = frozenset((*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55),
                           *range(61, 66), 71, 81, 82, 83))  # fmt: skip
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN_VALUES = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def compact(text: str) -> str:
    """Letters and digits alone, in capitals: "de89 3704 0044" → "DE8937040044"."""
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def is_iban(text: str) -> bool:
    """ISO 13616: the country's length, and 1 as the remainder by 97 of the number turned round."""
    number = compact(text)
    if not re.fullmatch(r"[A-Z]{2}\d{2}[0-9A-Z]+", number) or IBAN_LENGTHS.get(number[:2]) != len(number):
        return False
    return mod_97(number[4:] + number[:4]) == 1


def iban_of(country: str, account: str) -> str:
    """The IBAN of an account, with its check digits."""
    return f"{country}{98 - mod_97(account + country + '00'):02d}{account}"


def mod_97(text: str) -> int:
    """Remainder by 97 of the digits, letters standing for 10 to 35 (ISO 7064)."""
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def is_luhn(text: str) -> bool:
    """ISO 7812: the check digit of cards (12 to 19 digits)."""
    digits = re.sub(r"[ -]", "", text)
    return bool(re.fullmatch(r"\d{12,19}", digits)) and luhn_sum(digits) % 10 == 0 and len(set(digits)) > 1


def luhn_sum(digits: str) -> int:
    """Digits from the right, every second one doubled and its digits added."""
    doubled = (int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)


@dataclass(frozen=True, slots=True)
class ResidentIdentity:
    """What a Chinese resident identity number says of its holder (GB 11643)."""

    region: str  # administrative division, six digits
    born_on: date
    sex: str  # "M" or "F"


def resident_identity(text: str) -> ResidentIdentity | None:
    """Read a Chinese resident identity number of 18 signs; None where province, birth date or check digit are wrong."""
    number = compact(text)
    if not re.fullmatch(r"\d{17}[\dX]", number) or int(number[:2]) not in _CN_PROVINCES:
        return None
    if resident_check_digit(number[:17]) != number[17]:
        return None
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return ResidentIdentity(number[:6], born_on, "M" if int(number[16]) % 2 else "F")


def resident_check_digit(body: str) -> str:
    """The last sign of a Chinese resident identity number from its first 17 digits (ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(_CN_WEIGHTS, body, strict=True)) % 11]


def is_ssn(text: str) -> bool:
    """The form of a US social security number: no area 000, 666 or 900 up, no group 00, no serial 0000."""
    match = re.fullmatch(r"(\d{3})[- ]?(\d{2})[- ]?(\d{4})", text.strip())
    if match is None:
        return False
    area, group, serial = match.groups()
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_credit_code(text: str) -> bool:
    """Unified social credit code of a Chinese organisation (GB 32100): 18 signs, the last a check sign."""
    code = compact(text)
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return False
    return credit_code_check(code[:17]) == code[17]


def credit_code_check(body: str) -> str:
    """The check sign of the first 17 signs of a unified social credit code."""
    total = sum(_USCC_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return _USCC_SIGNS[-total % 31]


def is_vin(text: str) -> bool:
    """The form of a vehicle identification number (ISO 3779): 17 signs without I, O and Q."""
    return bool(re.fullmatch(r"(?=.*\d{3})[A-HJ-NPR-Z0-9]{17}", compact(text)))


def vin_check(text: str) -> bool:
    """The check digit of North American and Chinese vehicles (49 CFR 565, GB 16735); others need not have it."""
    number = compact(text)
    if not is_vin(number):
        return False
    total = sum(_VIN_VALUES[sign] * weight for sign, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == number[8]


def is_bic(text: str) -> bool:
    """The form of a bank's code (ISO 9362): four letters, a country, two signs of place, three of a branch."""
    return bool(re.fullmatch(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", text.replace(" ", "").upper()))


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "iban": is_iban,
    "luhn": is_luhn,
    "cn_id": lambda text: resident_identity(text) is not None,
    "ssn": is_ssn,
    "uscc": is_credit_code,
    "vat": is_vat,
    "vin": is_vin,
    "bic": is_bic,
}
"""By the name that a field of a kind gives (``FieldSpec.check``); "mrz" is checked where it is read."""

CERTAIN = frozenset({"iban", "luhn", "cn_id", "uscc", "vat"})
"""Checks with digits that a wrong number rarely passes; the others tell the form alone."""
