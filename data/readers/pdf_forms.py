"""Application forms and payslips with a text layer: a label, and its value behind a colon or in the next column."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.domain.facts import FactDefinition
from app.domain.layout import Layout, Word, box_around, line_text
from app.domain.reading import Problem, Reading
from app.domain.values import CURRENCIES, ValueRefusedError, currency_in, normalise, parse_number
from data.catalogue import load_catalogue
from data.readers.fields import fact_of_label, reading_of, split_readings
from data.readers.forms import is_chinese

_LONGEST_LABEL = 7  # words
_PAYSLIP = re.compile(
    r"pay\s?slip|pay\s?stub|salary slip|earnings statement|wage slip|statement of earnings|payroll|lönespecifikation|"
    r"lönebesked|gehaltsabrechnung|lohnabrechnung|entgeltabrechnung|bulletin de (paie|salaire)|nómina|busta paga|"
    r"工资单|工资条|工资明细|薪资单|薪酬",
    re.I,
)
_FILE = Path(__file__).parent.parent / "catalogue" / "payslip_words.toml"
_NOT_MONTHLY = re.compile(r"\b(weekly|bi-?weekly|fortnightly|semi-?monthly|wöchentlich)\b|周薪|双周", re.I)

Names = Callable[[str], str | None]


def is_payslip(pdf: Layout) -> bool:
    """A payslip says so, or gives a net pay beside a gross pay."""
    return bool(_PAYSLIP.search(pdf.text)) and any(name == "net" for name, _, _ in _labelled(pdf, _payslip_name))


def read_pdf_form(pdf: Layout) -> dict[str, Any] | None:
    """Parts of a ``ReadResult`` of an application form; None when too few labels are known."""
    found = [(load_catalogue()[name], label, value) for name, label, value in _labelled(pdf, _fact_name)]
    currency = _currency(pdf)
    readings, problems = split_readings(_form_readings(found, currency))
    said = re.search(r"application|申请表|申请书|贷款申请|ansökan|antrag|demande", pdf.text[:600], re.I)
    requested = any(reading.name.startswith("request.") for reading in readings)
    if len(readings) < 3 or not (said or requested):
        return None
    return {
        "kind": "application_form",
        "fields": readings,
        "problems": problems,
        "currency": currency,
        "language": "zh" if is_chinese(pdf.text) else "en",
        "note": _counted(readings) + (f" · {len(problems)} refused" if problems else ""),
    }


def _form_readings(
    found: Sequence[tuple[FactDefinition, Sequence[Word], Sequence[Word]]], currency: str | None
) -> Iterator[Reading | Problem]:
    for definition, _, value in found:
        text = line_text(value)
        yield reading_of(definition, text, page=value[0].page, box=box_around(value), currency=currency)


def read_payslip(pdf: Layout) -> dict[str, Any]:
    """Parts of a ``ReadResult`` of a payslip: net pay, employer, period, employee."""
    found: dict[str, tuple[str, Sequence[Word]]] = {}
    for name, _, value in _labelled(pdf, _payslip_name):
        words = _number_words(value) if name == "net" else value
        if words and name not in found:
            found[name] = (line_text(words), words)
    currency = _currency(pdf)
    items = [item for item in (_net(found, pdf, currency), _employer(found)) if item is not None]
    readings, problems = split_readings(items)
    extra = {name: found[name][0] for name in ("period", "employee") if name in found}
    note = " · ".join([*(extra[name] for name in ("period",) if name in extra), _counted(readings)])
    return {
        "kind": "payslip",
        "fields": readings,
        "problems": problems,
        "currency": currency,
        "language": "zh" if is_chinese(pdf.text) else "en",
        "note": note,
        "extra": extra,
    }


def _counted(readings: Sequence[Reading]) -> str:
    return f"{len(readings)} {'field' if len(readings) == 1 else 'fields'} read"


def _net(found: dict[str, tuple[str, Sequence[Word]]], pdf: Layout, currency: str | None) -> Reading | Problem | None:
    if "net" not in found:
        return Problem(None, "net pay", "No net pay was found.", "Enter it by hand from the document.", "")
    text, words = found["net"]
    if often := _NOT_MONTHLY.search(pdf.text):
        reason = f"The payslip is {often.group(0)}, not monthly."
        return Problem(None, "net pay", reason, "Enter the monthly income by hand from all payslips of a month.", text)
    definition = load_catalogue()["income.net_monthly_documented"]
    return reading_of(definition, text, page=words[0].page, box=box_around(words), currency=currency)


def _employer(found: dict[str, tuple[str, Sequence[Word]]]) -> Reading | Problem | None:
    if "employer" not in found:
        return None
    text, words = found["employer"]
    return reading_of(load_catalogue()["employment.employer"], text, page=words[0].page, box=box_around(words))


def _number_words(words: Sequence[Word]) -> Sequence[Word]:
    """The first number with its currency; a second one beside it is the year to date."""
    for start in range(len(words)):
        for end in range(min(len(words), start + 4), start, -1):
            if _is_number(words[start:end]):
                return words[start:end]
    return ()


def _is_number(words: Sequence[Word]) -> bool:
    text = line_text(words)
    wide = any(b.box[0] - a.box[2] > 1.5 * a.height for a, b in pairwise(words))
    if wide or not any(sign.isdigit() for sign in text):
        return False
    try:
        parse_number(text)
    except ValueRefusedError:
        return False
    return True


def _currency(pdf: Layout) -> str | None:
    codes = re.findall(r"\b[A-Z]{3}\b", pdf.text)
    named = [code for code in codes if code in CURRENCIES]
    return max(set(named), key=named.count) if named else currency_in(pdf.text)


def _fact_name(label: str) -> str | None:
    definition = fact_of_label(label)
    return definition.name if definition else None


@cache
def _payslip_labels() -> dict[str, str]:
    with _FILE.open("rb") as file:
        listed = tomllib.load(file)
    return {normalise(word): name for name, words in listed.items() for word in words}


def _payslip_name(label: str) -> str | None:
    word = normalise(label)
    bare = " ".join(part for part in word.split() if part.upper() not in CURRENCIES)
    return _payslip_labels().get(word) or _payslip_labels().get(bare)


def _labelled(pdf: Layout, names: Names) -> Iterator[tuple[str, Sequence[Word], Sequence[Word]]]:
    """Yield (name, words of the label, words of the value) of every label that has a value on its line."""
    for line in pdf.lines:
        words = [part for word in line for part in _split_colon(word, names)]
        found = list(_labels(words, names))
        for at, (name, start, end) in enumerate(found):
            until = found[at + 1][1] if at + 1 < len(found) else len(words)
            value = _up_to_gap(words[end:until])
            if value:
                yield name, words[start:end], value


def _labels(words: Sequence[Word], names: Names) -> Iterator[tuple[str, int, int]]:
    start = 0
    while start < len(words):
        found = next(
            (
                (name, start, end)
                for end in range(min(len(words), start + _LONGEST_LABEL), start, -1)
                if (name := names(line_text(words[start:end]))) and _stands_alone(words, start, end)
            ),
            None,
        )
        if found:
            yield found
        start = found[2] if found else start + 1


def _stands_alone(words: Sequence[Word], start: int, end: int) -> bool:
    """A label begins its column and ends with a colon, before a gap, or before the number it is of."""
    begins = start == 0 or words[start].box[0] - words[start - 1].box[2] > words[start].height
    closed = words[end - 1].text.endswith((":", "："))
    if not begins or end >= len(words):
        return False
    gap = words[end].box[0] - words[end - 1].box[2] > 0.8 * words[end - 1].height
    return closed or gap or (start == 0 and _is_number(words[end : end + 1]))


def _up_to_gap(words: Sequence[Word]) -> Sequence[Word]:
    """The value's words up to a gap as wide as a column's."""
    for at in range(1, len(words)):
        if words[at].box[0] - words[at - 1].box[2] > 3 * words[at].height:
            return words[:at] if any(_is_number((word,)) for word in words[:at]) or words[:at] else words
    return words


def _split_colon(word: Word, names: Names) -> Iterator[Word]:
    """Split "申请金额：50000" into label and value."""
    match = re.fullmatch(r"([^:：]+[:：])(.+)", word.text)
    if match is None or names(match.group(1)) is None:
        yield word
        return
    x0, y0, x1, y1 = word.box
    cut = x0 + (x1 - x0) * len(match.group(1)) / len(word.text)
    yield Word(match.group(1), (x0, y0, cut, y1), word.page)
    yield Word(match.group(2), (cut, y0, x1, y1), word.page)
