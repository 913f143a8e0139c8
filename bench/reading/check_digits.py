"""Invented numbers whose check digits hold. Written apart from the readers' own rules, so that each tests the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from string import ascii_uppercase

_IBAN_PLANS = {  # length and kind of the parts after the check digits: d digits, a letters, literal otherwise
    "DE": "d18",
    "AT": "d16",
    "FR": "d23",
    "ES": "d20",
    "SE": "d20",
    "GB": "a4d14",
    "IE": "a4d14",
    "NL": "a4d10",
    "IT": "a1d22",
    "PT": "d21",
}
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MRZ_WEIGHTS = (7, 3, 1)


def digits(rng: Random, count: int, *, first: str = "123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def letters(rng: Random, count: int) -> str:
    return "".join(rng.choice(ascii_uppercase) for _ in range(count))


def iban(rng: Random, country: str, bank: str = "") -> str:
    """With blanks after each four signs; ``bank`` is its first letters where the country has some."""
    plan, body = _IBAN_PLANS[country], ""
    while plan:
        kind, length, rest = plan[0], "", plan[1:]
        while rest and rest[0].isdigit():
            length, rest = length + rest[0], rest[1:]
        count = int(length)
        body += digits(rng, count, first="0123456789") if kind == "d" else (bank or letters(rng, count))[:count]
        plan = rest
    turned = "".join(str(int(sign, 36)) for sign in f"{body}{country}00")
    whole = f"{country}{98 - int(turned) % 97:02d}{body}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def luhn(rng: Random, prefix: str, length: int) -> str:
    body = prefix + digits(rng, length - 1 - len(prefix), first="0123456789")
    total = 0
    for at, sign in enumerate(reversed(body)):
        digit = int(sign) * (2 if at % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


def cn_identity(rng: Random, area: str, born: date, sex: str) -> str:
    """Resident identity number (GB 11643): area, birth date, sequence, check sign; ``sex`` is "M" or "F"."""
    sequence = rng.randrange(1, 499) * 2 + (sex == "M")
    body = f"{area}{born:%Y%m%d}{sequence:03d}"
    weights = (2 ** (17 - at) % 11 for at in range(17))
    total = sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def ssn(rng: Random) -> str:
    return f"{rng.randrange(100, 650):03d}-{rng.randrange(10, 99):02d}-{rng.randrange(1000, 9999):04d}"


def credit_code(rng: Random, area: str) -> str:
    """Unified social credit code (GB 32100) of an enterprise."""
    organisation = "".join(rng.choice(_USCC) for _ in range(8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = -sum(int(sign, 36) * weight for sign, weight in zip(organisation, weights, strict=True)) % 11
    body = f"91{area}{organisation}{'X' if check == 10 else check}"
    total = sum(_USCC.index(sign) * (3**at % 31) for at, sign in enumerate(body))
    return body + _USCC[-total % 31]


def vat(rng: Random, country: str) -> str:
    return {"DE": _vat_de, "GB": _vat_gb, "FR": _vat_fr, "SE": _vat_se, "ES": _vat_es, "IE": _vat_ie,
            "IT": _vat_it, "NL": _vat_nl, "PT": _vat_pt}[country](rng)  # fmt: skip


def _vat_de(rng: Random) -> str:
    body, product = digits(rng, 8), 10
    for sign in body:
        product = ((int(sign) + product) % 10 or 10) * 2 % 11
    return f"DE{body}{(11 - product) % 10}"


def _vat_gb(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(sign) * (8 - at) for at, sign in enumerate(body))
    return f"GB{body}{97 - total % 97:02d}"


def _siren(rng: Random) -> str:
    return luhn(rng, digits(rng, 1, first="345789"), 9)


def _vat_fr(rng: Random) -> str:
    siren = _siren(rng)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _vat_se(rng: Random) -> str:
    return f"SE{luhn(rng, '556', 10)}01"


def _vat_es(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(sign) for sign in body[1::2])
    for sign in body[::2]:
        total += sum(divmod(2 * int(sign), 10))
    return f"ESB{body}{-total % 10}"


def _vat_ie(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(sign) * (8 - at) for at, sign in enumerate(body))
    return f"IE{body}{'WABCDEFGHIJKLMNOPQRSTUV'[total % 23]}"


def _vat_it(rng: Random) -> str:
    return f"IT{luhn(rng, digits(rng, 7, first='0123456789'), 11)}"


def _vat_nl(rng: Random) -> str:
    return f"NL{nl_service(rng)}B01"


def _vat_pt(rng: Random) -> str:
    return f"PT{pt_tax(rng)}"


def it_fiscal(rng: Random, surname: str, given: str, born: date, sex: str) -> str:
    """Codice fiscale: three letters of each name, birth date (day + 40 for women), place, check letter."""
    body = _three(surname) + _three(given, given_name=True)
    body += f"{born:%y}{'ABCDEHLMPRST'[born.month - 1]}{born.day + 40 * (sex == 'F'):02d}"
    body += f"{rng.choice('ADFGHL')}{rng.randrange(101, 990)}"
    odd = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True))
    odd |= dict(
        zip(
            ascii_uppercase,
            (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
            strict=True,
        )
    )
    even = (int(sign) if sign.isdigit() else ord(sign) - 65 for sign in body[1::2])
    return body + ascii_uppercase[(sum(odd[sign] for sign in body[::2]) + sum(even)) % 26]


def _three(name: str, *, given_name: bool = False) -> str:
    bare = [sign for sign in name.upper() if sign.isalpha()]
    consonants = [sign for sign in bare if sign not in "AEIOU"]
    if given_name and len(consonants) > 3:
        del consonants[1]
    return "".join([*consonants, *(sign for sign in bare if sign in "AEIOU"), "X", "X"][:3])


def nl_service(rng: Random) -> str:
    """Burgerservicenummer: nine digits, whose weights 9 to 2 and -1 give a sum divisible by 11."""
    while True:
        body = digits(rng, 8)
        last = sum(int(sign) * (9 - at) for at, sign in enumerate(body)) % 11
        if last < 10:
            return body + str(last)


def pt_tax(rng: Random) -> str:
    """Número de identificação fiscal of a person: nine digits, weights 9 to 2, modulo 11."""
    body = digits(rng, 8, first="123")
    left = 11 - sum(int(sign) * (9 - at) for at, sign in enumerate(body)) % 11
    return body + str(left if left < 10 else 0)


def es_identity(rng: Random) -> str:
    body = digits(rng, 8)
    return body + "TRWAGMYFPDXBNJZSQVHLCKE"[int(body) % 23]


def se_personal(rng: Random, born: date) -> str:
    """Personnummer: birth date, a dash, four signs with the Luhn digit over the ten."""
    return _dashed(f"{born:%Y}", luhn(rng, f"{born:%y%m%d}", 10))


def _dashed(year: str, ten: str) -> str:
    return f"{year}{ten[2:6]}-{ten[6:]}"


def fr_social(rng: Random, born: date, sex: str) -> str:
    """Numéro de sécurité sociale with its key."""
    body = f"{1 if sex == 'M' else 2}{born:%y%m}{rng.randrange(10, 95):02d}{rng.randrange(1, 990):03d}"
    body += f"{rng.randrange(1, 999):03d}"
    return f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {97 - int(body) % 97:02d}"


def de_tax(rng: Random) -> str:
    """Steuerliche Identifikationsnummer: one digit twice, no leading zero, check digit of ISO 7064."""
    signs = rng.sample("123456789", 9)
    signs.insert(rng.randrange(1, 10), rng.choice(signs))
    product = 10
    for sign in signs:
        product = ((int(sign) + product) % 10 or 10) * 2 % 11
    whole = "".join(signs) + str((11 - product) % 10)
    return f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}"


def vin(rng: Random, maker: str) -> str:
    """Vehicle identification number with the check sign at its ninth place."""
    signs = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
    values = dict(zip(signs, (*range(10), *range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    body = maker + "".join(rng.choice(signs) for _ in range(5)) + "0" + "".join(rng.choice(signs) for _ in range(4))
    body += digits(rng, 4)
    check = sum(values[sign] * weight for sign, weight in zip(body, weights, strict=True)) % 11
    return body[:8] + ("X" if check == 10 else str(check)) + body[9:]


def mrz_check(text: str) -> str:
    """ICAO 9303-3, 4.9."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * _MRZ_WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def mrz_td3(state: str, name: str, number: str, nation: str, born: date, sex: str, expires: date) -> Sequence[str]:
    """Passport; ``name`` already in the zone's signs, "SURNAME<<GIVEN<NAMES"."""
    parts = [number.ljust(9, "<"), f"{born:%y%m%d}", f"{expires:%y%m%d}", "<" * 14]
    one, two, three, four = (part + mrz_check(part) for part in parts)
    second = f"{one}{nation}{two}{sex}{three}{four[:-1]}<"
    return (f"P<{state}{name}".ljust(44, "<")[:44], second + mrz_check(one + two + three + four[:-1] + "<"))


def mrz_td1(
    kind: str, state: str, name: str, number: str, nation: str, born: date, sex: str, expires: date
) -> Sequence[str]:
    """Card; ``kind`` is "I" or "IR"."""
    first = f"{kind.ljust(2, '<')}{state}{number.ljust(9, '<')}{mrz_check(number.ljust(9, '<'))}".ljust(30, "<")
    birth, expiry = f"{born:%y%m%d}", f"{expires:%y%m%d}"
    middle = f"{birth}{mrz_check(birth)}{sex}{expiry}{mrz_check(expiry)}{nation}".ljust(29, "<")
    over = first[5:] + middle[:7] + middle[8:15] + middle[18:29]
    return (first, middle + mrz_check(over), name.ljust(30, "<")[:30])
