"""Machine-readable zones of travel documents (ICAO 9303): TD1, TD2, TD3 of passports, and visas (MRV-A, MRV-B)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product

_WEIGHTS = (7, 3, 1)
_LETTER_FOR = str.maketrans("0125678", "OIZSGTB")  # slips of recognition, tried only where a letter must stand
_DIGIT_FOR = str.maketrans("OQDUILZSGTBA", "000011256784")
_SLIPS = {"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8",
          "0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}  # fmt: skip
_MOST_CHANGES = 2  # signs exchanged in one number
_MOST_SLIPS = 6  # signs of one number that may be doubtful; each doubles the attempts

Slice = tuple[int, int, int]  # line, first sign, one past the last


@dataclass(frozen=True, slots=True)
class _Form:
    """Places of the parts in one form of the zone."""

    name: str
    lines: int
    width: int
    number: Slice
    nationality: Slice
    born: Slice
    sex: Slice
    expires: Slice
    names: Slice
    optional: Slice | None = None
    composite: tuple[Slice, ...] = ()
    composite_at: tuple[int, int] | None = None


_TD1 = _Form(
    "TD1", 3, 30, (0, 5, 14), (1, 15, 18), (1, 0, 6), (1, 7, 8), (1, 8, 14), (2, 0, 30), None,
    ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), (1, 29),
)  # fmt: skip
_TD2 = _Form(
    "TD2", 2, 36, (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20, 21), (1, 21, 27), (0, 5, 36), None,
    ((1, 0, 10), (1, 13, 20), (1, 21, 35)), (1, 35),
)  # fmt: skip
_TD3 = _Form(
    "TD3", 2, 44, (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20, 21), (1, 21, 27), (0, 5, 44), (1, 28, 42),
    ((1, 0, 10), (1, 13, 20), (1, 21, 43)), (1, 43),
)  # fmt: skip
_MRVA = _Form(
    "MRV-A", 2, 44, (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20, 21), (1, 21, 27), (0, 5, 44)
)  # fmt: skip
_MRVB = _Form(
    "MRV-B", 2, 36, (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20, 21), (1, 21, 27), (0, 5, 36)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """What a machine-readable zone says; ``checks`` tells part by part whether its check digit agrees."""

    form: str  # "TD1", "TD2", "TD3", "MRV-A", "MRV-B"
    code: str  # "P", "ID", "AR", "V": type of document
    issuer: str  # country, three letters
    surname: str
    given_names: str
    number: str
    nationality: str
    birth_date: date | None
    sex: str  # "M", "F" or ""
    expiry_date: date | None
    checks: Mapping[str, bool] = field(default_factory=dict)  # "number", "birth_date", "expiry_date", "composite"
    corrected: bool = False  # a sign was put right, as its check digit asked for

    @property
    def valid(self) -> bool:
        """Every check digit agrees."""
        return bool(self.checks) and all(self.checks.values())

    @property
    def agreeing(self) -> float:
        """Share of the check digits that agree."""
        return sum(self.checks.values()) / len(self.checks) if self.checks else 0.0


def check_digit(text: str) -> str:
    """The digit of ICAO 9303 part 3, 4.9: weights 7, 3, 1; letters 10 to 35; the filler 0."""
    return str(sum(_value(sign) * _WEIGHTS[at % 3] for at, sign in enumerate(text)) % 10)


def _value(sign: str) -> int:
    return 0 if sign == "<" else int(sign, 36)


def zone_signs(text: str) -> str:
    """A line of the page as it could stand in a zone: capitals, digits and fillers; "" where it can be none."""
    joined = unicodedata.normalize("NFD", re.sub(r"\s", "", text).upper())
    joined = joined.translate(str.maketrans("«‹＜〈《≤(", "<<<<<<<")).replace("«", "<<")
    joined = "".join(sign for sign in joined if not unicodedata.combining(sign))
    kept = re.sub(r"[^0-9A-Z<]", "", joined)
    if len(kept) < 26 or len(kept) < 0.9 * len(joined):
        return ""
    return kept


def is_zone_line(text: str) -> bool:
    """Whether a line looks like one of a zone: wide enough, with fillers or digits as they have."""
    signs = zone_signs(text)
    return 26 <= len(signs) <= 48 and (signs.count("<") >= 2 or bool(re.match(r"[0-9A-Z<]{9}\d[A-Z]{3}\d{6}", signs)))


def read_zone(lines: Sequence[str], *, today: date | None = None) -> Zone | None:
    """The zone among consecutive lines of a page, the one whose check digits agree best; None where none does.

    ``today`` settles the century of a birth date (2026-12-31 where it is not given).
    """
    signs = [zone_signs(line) if is_zone_line(line) else "" for line in lines]
    found = [zone for form, block in _blocks(signs) if (zone := _zone(form, block, today or date(2026, 12, 31)))]
    best = max(found, key=lambda zone: (zone.agreeing, len(zone.checks), not zone.corrected), default=None)
    return best if best is not None and best.agreeing >= 0.5 else None


def _blocks(signs: Sequence[str]) -> Iterator[tuple[_Form, tuple[str, ...]]]:
    for first, second, third in zip(signs, signs[1:], signs[2:], strict=False):
        if first and second and third and all(26 <= len(line) <= 33 for line in (first, second, third)):
            yield _TD1, tuple(_fitted(line, 30) for line in (first, second, third))
    for first, second in pairwise(signs):
        if not first or not second:
            continue
        visa = first.startswith("V")
        if max(len(first), len(second)) >= 39:
            yield (_MRVA if visa else _TD3), (_fitted(first, 44), _fitted(second, 44))
        elif min(len(first), len(second)) >= 31:
            yield (_MRVB if visa else _TD2), (_fitted(first, 36), _fitted(second, 36))


def _fitted(line: str, width: int) -> str:
    """The line at its width: fillers lost or added by recognition stand in the longest run of them."""
    if len(line) == width:
        return line
    runs = [(match.end() - match.start(), match.start()) for match in re.finditer("<+", line)]
    length, start = max(runs, default=(0, len(line)))
    if len(line) < width:
        at = start if length else len(line)
        return line[:at] + "<" * (width - len(line)) + line[at:]
    cut = min(len(line) - width, max(length - 1, 0))
    return (line[:start] + line[start + cut :])[:width]


def _zone(form: _Form, lines: tuple[str, ...], today: date) -> Zone | None:
    born, expires = (_checked(_cut(lines, place), _sign_after(lines, place)) for place in (form.born, form.expires))
    number = _number(form, lines, born[0], expires[0])
    checks = {"number": number[1], "birth_date": born[1], "expiry_date": expires[1]}
    if sum(checks.values()) < 2:
        return None
    corrected = number[2] or born[2] or expires[2]
    lines = _put_right(form, lines, number[0], born[0], expires[0])
    checks |= _more_checks(form, lines)
    surname, _, given = _letters(_cut(lines, form.names)).strip("<").partition("<<")
    sex = _cut(lines, form.sex)
    return Zone(
        form=form.name,
        code=lines[0][:2].rstrip("<").translate(_LETTER_FOR),
        issuer=_letters(lines[0][2:5]).rstrip("<"),
        surname=_words(surname),
        given_names=_words(given),
        number=number[0].rstrip("<"),
        nationality=_letters(_cut(lines, form.nationality)).rstrip("<"),
        birth_date=_day(born[0], today, past=True),
        sex=sex if sex in ("M", "F") else "",
        expiry_date=_day(expires[0], today, past=False),
        checks=checks,
        corrected=corrected,
    )


def _number(form: _Form, lines: tuple[str, ...], born: str, expires: str) -> tuple[str, bool, bool]:
    """The document's number; in a TD1 a long one goes on in the optional part, its check digit behind it.

    One digit alone confirms too little: a sign is exchanged only where the digit over the whole zone agrees as well.
    """
    number = _cut(lines, form.number)
    sign = _sign_after(lines, form.number)
    if form.name == "TD1" and sign == "<" and (match := re.match(r"([0-9A-Z]{1,12})([0-9A-Z])<", lines[0][15:])):
        number, sign = number + match.group(1), match.group(2)
        return number, check_digit(number) == sign.translate(_DIGIT_FOR), False
    digit = sign.translate(_DIGIT_FOR)
    if check_digit(number) == digit:
        return number, True, sign != digit
    for other in _alternatives(number):
        if check_digit(other) == digit and _confirmed(form, _put_right(form, lines, other, born, expires)):
            return other, True, True
    return number, False, False


def _confirmed(form: _Form, lines: tuple[str, ...]) -> bool:
    return _more_checks(form, lines).get("composite", False)


def _cut(lines: tuple[str, ...], place: Slice) -> str:
    return lines[place[0]][place[1] : place[2]]


def _sign_after(lines: tuple[str, ...], place: Slice) -> str:
    return lines[place[0]][place[2] : place[2] + 1]


def _letters(text: str) -> str:
    return text.translate(_LETTER_FOR)


def _words(text: str) -> str:
    return " ".join(part for part in text.split("<") if part)


def _checked(text: str, sign: str) -> tuple[str, bool, bool]:
    """A date, whether its check digit agrees, and whether letters were read as the digits that must stand there."""
    digit = sign.translate(_DIGIT_FOR)
    mended = text.translate(_DIGIT_FOR)
    agrees = mended.replace("<", "").isdigit() and check_digit(mended) == digit
    return mended, agrees, agrees and (mended != text or digit != sign)


def _alternatives(text: str) -> Iterator[str]:
    """The text with signs that look alike exchanged, fewest exchanges first."""
    at = [place for place, sign in enumerate(text) if sign in _SLIPS][:_MOST_SLIPS]
    for chosen in sorted(product((False, True), repeat=len(at)), key=sum):
        if not 0 < sum(chosen) <= _MOST_CHANGES:
            continue
        signs = list(text)
        for place, change in zip(at, chosen, strict=True):
            signs[place] = _SLIPS[signs[place]] if change else signs[place]
        yield "".join(signs)


def _put_right(form: _Form, lines: tuple[str, ...], number: str, born: str, expires: str) -> tuple[str, ...]:
    rows = [list(line) for line in lines]
    for place, text in ((form.number, number[:9]), (form.born, born), (form.expires, expires)):
        rows[place[0]][place[1] : place[2]] = list(text)
        after = rows[place[0]][place[2]]
        rows[place[0]][place[2]] = after if after == "<" else after.translate(_DIGIT_FOR)
    return tuple("".join(row) for row in rows)


def _more_checks(form: _Form, lines: tuple[str, ...]) -> dict[str, bool]:
    checks = {}
    if form.optional is not None:
        sign = _sign_after(lines, form.optional).translate(_DIGIT_FOR)
        empty = not _cut(lines, form.optional).strip("<")
        checks["optional"] = sign in "0<" if empty else check_digit(_cut(lines, form.optional)) == sign
    if form.composite_at is not None:
        line, at = form.composite_at
        whole = "".join(_cut(lines, place) for place in form.composite)
        checks["composite"] = check_digit(whole) == lines[line][at].translate(_DIGIT_FOR)
    return checks


def _day(text: str, today: date, *, past: bool) -> date | None:
    if not text.isdigit():
        return None
    year = 2000 + int(text[:2])
    if past and year > today.year:
        year -= 100
    try:
        return date(year, int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
