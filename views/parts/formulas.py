"""A computation's method in words: a formula with labels for names, or the statement rows it rests on."""

from __future__ import annotations

import re

from app.domain.facts import Catalogue
from views import format as fmt
from views.strings import has_text, tr

_NAME = re.compile(r"\b[a-z]+(?:\.[a-z0-9_]+)+\b")
_ROWS = re.compile(r"^(?P<what>.*?):rows (?P<rows>[\d,]*)(?P<more>.*)$", re.DOTALL)
_SIGNS = {" * ": " × ", " / ": " ÷ ", " - ": " − "}
_PATTERNS = (
    (re.compile(r"enquiries from (\S+) to (\S+)"), "enquiries_from_to"),
    (re.compile(r"largest amount that fits policy (.+)"), "largest_amount_that_fits_policy"),
    (re.compile(r"credentials: sum, at most (\S+)"), "credential_sum"),
    (re.compile(r"sum over open accounts, (\S+) % of the balance where none is given"), "sum_over_open_accounts"),
)
_CREDENTIAL = re.compile(r"credentials: (?P<group>.+), (?P<place>\w+)")
SHOWN_ROWS = 6


def rows_of(method: str | None) -> tuple[int, ...]:
    """Rows of the (first) statement that a method names: ``salary:rows 3,17`` gives 3 and 17."""
    match = _ROWS.match(method or "")
    return tuple(int(row) for row in match["rows"].split(",") if row) if match else ()


def method_words(method: str | None, catalogue: Catalogue, language: str) -> str:
    """The method for people; labels stand for fact names, rows are counted out."""
    if not method:
        return tr("case.source.computed")
    match = _ROWS.match(method)
    if match:
        return tr("case.source.of_rows", what=_named(match["what"]), rows=_rows_words(rows_of(method)))
    text = _NAME.sub(lambda found: fmt.fact_label(found.group(), catalogue, language), method)
    if text == method:
        return _named(method)
    for sign, shown in _SIGNS.items():
        text = text.replace(sign, shown)
    return text


def is_formula(method: str | None) -> bool:
    """Whether a method is told by its formula rather than by a name."""
    return bool(_NAME.search(method or "")) or has_text(f"case.formula.{_key(method or '')}")


def formula_of(method: str | None, catalogue: Catalogue, language: str) -> str:
    """The formula to show on the card; empty for a method that has only a name."""
    key = f"case.formula.{_key(method or '')}"
    if has_text(key):
        return tr(key)
    return method_words(method, catalogue, language) if _NAME.search(method or "") else ""


def _named(method: str) -> str:
    key = f"case.method.{_key(method)}"
    if has_text(key):
        return tr(key)
    for pattern, name in _PATTERNS:
        found = pattern.fullmatch(method)
        if found:
            return tr(f"case.method.{name}").format(*found.groups())
    if found := _CREDENTIAL.fullmatch(method):
        return tr("case.method.credential_step").format(group_words(found["group"]), _place_words(found["place"]))
    words = method.replace("_", " ")
    return words[:1].upper() + words[1:]


def group_words(group: str) -> str:
    """A group of the policy's table of credentials; a lender's own goes by its name there."""
    key = f"limit.group.{group}"
    return tr(key) if has_text(key) else group.replace("_", " ")


def _place_words(place: str) -> str:
    keys = (f"limit.place.{place}", f"limit.doubt.{place}", "limit.place.later")
    return tr(next(key for key in keys if has_text(key)))


def _key(method: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", method.lower()).strip("_")


def _rows_words(rows: tuple[int, ...]) -> str:
    text = ", ".join(map(str, rows[:SHOWN_ROWS]))
    return f"{text} … +{len(rows) - SHOWN_ROWS}" if len(rows) > SHOWN_ROWS else text
