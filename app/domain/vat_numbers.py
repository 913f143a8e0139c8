"""VAT numbers of the European Union, the United Kingdom and Switzerland, with their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

_NIE = {"X": "0", "Y": "1", "Z": "2"}
_CY_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_IE_SIGNS = "WABCDEFGHIJKLMNOPQRSTUV"
_ES_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def is_vat(text: str) -> bool:
    """Whether country, form and check digits agree: "DE136695976", "ATU13585627", "FR 40 303265045"."""
    number = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    country = "CH" if number.startswith("CHE") else number[:2]
    rule = _RULES.get(country)
    if rule is None:
        return False
    form, check = rule
    body = re.sub(r"(MWST|TVA|IVA)$", "", number[3:]) if country == "CH" else number[2:]
    return bool(re.fullmatch(form, body)) and check(body)


def _weighted(body: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=False))


def _luhn(body: str) -> bool:
    doubled = (int(sign) * (1 + at % 2) for at, sign in enumerate(reversed(body)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _mod_11_10(body: str) -> bool:
    """ISO 7064 MOD 11,10 (Germany, Croatia)."""
    left = 10
    for digit in body[:-1]:
        left = ((left + int(digit)) % 10 or 10) * 2 % 11
    return (11 - left) % 10 == int(body[-1])


def _austria(body: str) -> bool:
    total = sum(sum(divmod(int(digit) * (1 + at % 2), 10)) for at, digit in enumerate(body[1:8]))
    return -(total + 4) % 10 == int(body[8])


def _bulgaria(body: str) -> bool:
    if len(body) == 10:
        return (
            _weighted(body, (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(body[9])
            or _weighted(body, (21, 19, 17, 13, 11, 9, 7, 3, 1)) % 10 == int(body[9])
            or (11 - _weighted(body, (4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11 == int(body[9])
        )
    left = _weighted(body, range(1, 9)) % 11
    left = _weighted(body, range(3, 11)) % 11 if left == 10 else left
    return left % 10 == int(body[8])


def _cyprus(body: str) -> bool:
    total = sum(_CY_ODD[int(digit)] if at % 2 == 0 else int(digit) for at, digit in enumerate(body[:8]))
    return chr(ord("A") + total % 26) == body[8]


def _czechia(body: str) -> bool:
    if len(body) != 8:
        return len(body) == 9 or int(body) % 11 == 0
    left = (11 - _weighted(body, range(8, 1, -1)) % 11) % 10
    return left == int(body[7])


def _spain(body: str) -> bool:
    if body[0].isdigit() or body[0] in _NIE:
        return _ES_LETTERS[int(_NIE.get(body[0], body[0]) + body[1:8]) % 23] == body[8]
    odd = sum(sum(divmod(2 * int(digit), 10)) for digit in body[1:8:2])
    check = -(odd + sum(int(digit) for digit in body[2:8:2])) % 10
    return body[8] in (str(check), "JABCDEFGHI"[check])


def _finland(body: str) -> bool:
    left = _weighted(body, (7, 9, 10, 5, 8, 4, 2)) % 11
    return left != 1 and (11 - left) % 11 == int(body[7])


def _france(body: str) -> bool:
    if not _luhn(body[2:]) and body[2:5] != "356":
        return False
    return not body[:2].isdigit() or (12 + 3 * (int(body[2:]) % 97)) % 97 == int(body[:2])


def _britain(body: str) -> bool:
    total = _weighted(body[:7], range(8, 1, -1)) + int(body[7:9])
    return total % 97 == 0 or (total + 55) % 97 == 0


def _ireland(body: str) -> bool:
    extra = 9 * (ord(body[8]) - ord("A") + 1) % 23 if len(body) == 9 and body[8] != "W" else 0
    return _IE_SIGNS[(_weighted(body[:7], range(8, 1, -1)) + extra) % 23] == body[7]


def _lithuania(body: str) -> bool:
    size = len(body) - 1
    left = _weighted(body, [1 + at % 9 for at in range(size)]) % 11
    left = _weighted(body, [1 + (at + 2) % 9 for at in range(size)]) % 11 if left == 10 else left
    return left % 10 == int(body[size])


def _netherlands(body: str) -> bool:
    digits = body[:9]
    if (_weighted(digits[:8], range(9, 1, -1)) - int(digits[8])) % 11 == 0:
        return True
    return int("".join(str(int(sign, 36)) for sign in "NL" + body)) % 97 == 1


def _romania(body: str) -> bool:
    padded = body.zfill(10)
    return 10 * _weighted(padded, (7, 5, 3, 2, 1, 7, 5, 3, 2)) % 11 % 10 == int(padded[9])


def _slovenia(body: str) -> bool:
    left = 11 - _weighted(body, range(8, 1, -1)) % 11
    return left != 11 and left % 10 == int(body[7])


_RULES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "AT": (r"U\d{8}", _austria),
    "BE": (r"[01]\d{9}", lambda body: 97 - int(body[:8]) % 97 == int(body[8:])),
    "BG": (r"\d{9,10}", _bulgaria),
    "CH": (r"\d{9}", lambda body: -_weighted(body, (5, 4, 3, 2, 7, 6, 5, 4)) % 11 == int(body[8])),
    "CY": (r"\d{8}[A-Z]", _cyprus),
    "CZ": (r"\d{8,10}", _czechia),
    "DE": (r"[1-9]\d{8}", _mod_11_10),
    "DK": (r"\d{8}", lambda body: _weighted(body, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0),
    "EE": (r"\d{9}", lambda body: -_weighted(body, (3, 7, 1, 3, 7, 1, 3, 7)) % 10 == int(body[8])),
    "EL": (r"\d{9}", lambda body: _weighted(body, [2**at for at in range(8, 0, -1)]) % 11 % 10 == int(body[8])),
    "ES": (r"[0-9A-Z]\d{7}[0-9A-Z]", _spain),
    "FI": (r"\d{8}", _finland),
    "FR": (r"[0-9A-HJ-NP-Z]{2}\d{9}", _france),
    "GB": (r"\d{9}(\d{3})?", _britain),
    "HR": (r"\d{11}", _mod_11_10),
    "HU": (r"\d{8}", lambda body: -_weighted(body, (9, 7, 3, 1, 9, 7, 3)) % 10 == int(body[7])),
    "IE": (r"\d{7}[A-W][A-IW]?", _ireland),
    "IT": (r"\d{11}", _luhn),
    "LT": (r"\d{9}|\d{12}", _lithuania),
    "LU": (r"\d{8}", lambda body: int(body[:6]) % 89 == int(body[6:])),
    "LV": (r"[4-9]\d{10}", lambda body: _weighted(body, (9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)) % 11 == 3),
    "MT": (r"\d{8}", lambda body: _weighted(body, (3, 4, 6, 7, 8, 9, 10, 1)) % 37 == 0),
    "NL": (r"\d{9}B\d{2}", _netherlands),
    "PL": (r"\d{10}", lambda body: _weighted(body, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(body[9])),
    "PT": (r"[1-9]\d{8}", lambda body: (11 - _weighted(body, range(9, 1, -1)) % 11) % 11 % 10 == int(body[8])),
    "RO": (r"\d{2,10}", _romania),
    "SE": (r"\d{10}(0[1-9]|[1-8]\d|9[0-4])", lambda body: _luhn(body[:10])),
    "SI": (r"[1-9]\d{7}", _slovenia),
    "SK": (r"\d{10}", lambda body: int(body) % 11 == 0),
}
