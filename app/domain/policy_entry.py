"""A cell of a decision table as a person reads and writes it, and what is wrong with it.

``shown`` and ``entered`` are inverse to each other for what a person writes: ``A, B`` stands for ``'A','B'``, ``6-84``
for ``[6..84]``, a text without quotes for the quoted one. What they do not know stands and goes in as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.facts import Catalogue, Kind
from app.domain.policy import OUTCOMES
from app.domain.policy_cells import Compare, Junction, Test, Unreadable, read_condition, read_expression
from app.domain.policy_edit import INPUT, Column
from app.domain.policy_grid import NUMERIC, STEPS, constants_of
from app.domain.policy_tables import PATHS

OWN_KINDS: Mapping[str, Kind] = {"case.currency": Kind.TEXT, "case.income_verified": Kind.BOOLEAN}
"""What a table may read that is no fact."""

TEXTS = ("text_en", "text_zh")
RESULTS = tuple("pass" if outcome == "approve" else outcome for outcome in OUTCOMES)
_CLAUSE = re.compile(r"[0-9]+(\.[0-9]+)*[a-z]?")
_PLAIN = re.compile(r"[^\W_][\w .+&/\-]*")
_NUMBER = r"-?\d[\d_]*(?:\.\d+)?"
_SPAN = re.compile(rf"({_NUMBER})\s*(?:\.\.|-|–|—|~|to|至|到)\s*({_NUMBER})")
_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "＞": ">", "＜": "<", "＝": "==", "，": ",", "、": ",", "（": "(", "）": ")"}
_ANY = ("any", "任意", "-", "–", "—", "*")
_MISSING = ("missing", "缺失", "null")
_YES = ("yes", "true", "是")
_NO = ("no", "false", "否")


class Use(StrEnum):
    """How a column is written."""

    CONDITION = "condition"
    CLAUSE = "clause"
    OUTCOME = "outcome"
    REASON = "reason"
    TEXT = "text"
    NUMBER = "number"


_USES: Mapping[str, Use] = {
    "clause": Use.CLAUSE,
    "outcome": Use.OUTCOME,
    "reason": Use.REASON,
    "role": Use.TEXT,
    **dict.fromkeys(TEXTS, Use.TEXT),
}


@dataclass(frozen=True, slots=True)
class CellType:
    """What a column's cells hold; ``kind`` is that of the fact a condition reads, None where it is not known."""

    field: str
    use: Use
    kind: Kind | None = None
    categories: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        return self.kind in NUMERIC if self.use is Use.CONDITION else self.use is Use.NUMBER


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with a cell: a key of the texts that tell it, with their values."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    certain: bool = True  # else the engine may know better


def cell_type(column: Column, catalogue: Catalogue, grades: Collection[str] = ()) -> CellType:
    """The type of a column's cells."""
    if column.side != INPUT:
        return CellType(column.field, _USES.get(column.field, Use.NUMBER))
    definition = catalogue.get(column.field)
    kind = definition.kind if definition else OWN_KINDS.get(column.field)
    categories = tuple(definition.categories) if definition else ()
    if column.field == "score.grade" and not categories:
        categories = tuple(grades)
    return CellType(column.field, Use.CONDITION, kind, categories)


# -- reading and writing


def shown(kind: CellType, cell: str) -> str:
    """The cell as a person reads it; empty for one that always matches."""
    text = cell.strip()
    if kind.use is Use.CONDITION:
        return _condition_shown(kind, text)
    if kind.use is not Use.NUMBER and len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def _condition_shown(kind: CellType, text: str) -> str:
    if kind.numeric or kind.kind is Kind.BOOLEAN or not text:
        return text
    parts = _quoted_parts(text)
    plain = parts is not None and all(_PLAIN.fullmatch(part) for part in parts)
    return ", ".join(parts) if parts is not None and plain else text


def _quoted_parts(text: str) -> list[str] | None:
    """``'A','B'`` taken apart; None for anything else."""
    try:
        test = read_condition(text)
    except Unreadable:
        return None
    tests = test.parts if isinstance(test, Junction) and test.word == "or" else (test,)
    values = [value for each in tests if each is not None for sign, value in constants_of(each, {}) if sign == "=="]
    strings = [value for value in values if isinstance(value, str)]
    written = ",".join(f"'{value}'" for value in strings)
    return strings if strings and written == text.replace('"', "'").replace(" ,", ",").replace(", ", ",") else None


def entered(kind: CellType, text: str) -> str:
    """The expression that a person's text stands for."""
    stripped = text.strip()
    if kind.use is Use.CONDITION:
        return _condition_entered(kind, stripped)
    if kind.use is Use.NUMBER:
        return _signs(stripped)
    if not stripped:
        return '""' if kind.use is Use.REASON else ""
    if kind.use is not Use.TEXT:
        stripped = unicodedata.normalize("NFKC", stripped).strip("\"' ")
    return _quoted(stripped)


def _quoted(text: str) -> str:
    if '"' not in text:
        return f'"{text}"'
    return f"'{text}'" if "'" not in text else f'"{text.replace(chr(34), "”")}"'


def _condition_entered(kind: CellType, text: str) -> str:
    plain = text.casefold()
    if plain in _ANY:
        return ""
    if plain in _MISSING:
        return "null"
    if kind.kind is Kind.BOOLEAN and plain in (*_YES, *_NO):
        return "true" if plain in _YES else "false"
    if kind.numeric:
        span = _SPAN.fullmatch(_signs(text))
        return f"[{span[1]}..{span[2]}]" if span else _signs(text)
    if kind.kind in (None, Kind.BOOLEAN):
        return _signs(text)
    parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",")]
    words = all(_PLAIN.fullmatch(part) and not _is_expression(part) for part in parts)
    return ",".join(f"'{part}'" for part in parts) if words else _signs(text)


def _is_expression(part: str) -> bool:
    return bool(re.match(r"(not|in|and|or|null|true|false)\b", part)) or "." in part.strip(".")


def _signs(text: str) -> str:
    return "".join(_SIGNS.get(sign, sign) for sign in text)


# -- what is wrong


def cell_problem(
    kind: CellType, cell: str, catalogue: Catalogue, reasons: Collection[str] = (), *, needed: bool = False
) -> CellProblem | None:
    """What is wrong with a cell taken alone; ``needed`` is a result that may not be empty."""
    text = cell.strip()
    if not text:
        wanted = kind.use in (Use.CLAUSE, Use.OUTCOME) or kind.field in (*TEXTS, "role") or needed
        return CellProblem("empty") if kind.use is not Use.CONDITION and wanted else None
    if kind.use is Use.CONDITION:
        return _condition_problem(kind, text, catalogue)
    if kind.use is Use.NUMBER:
        return _number_problem(text, catalogue)
    return _text_problem(kind, text, reasons)


def _text_problem(kind: CellType, text: str, reasons: Collection[str]) -> CellProblem | None:
    value = shown(kind, text)
    if value == text:
        return CellProblem("unquoted")
    if kind.use is Use.CLAUSE and not _CLAUSE.fullmatch(value):
        return CellProblem("clause", {"value": value})
    if kind.use is Use.OUTCOME and value not in RESULTS:
        return CellProblem("outcome", {"value": value})
    if kind.use is Use.REASON and value and value not in reasons:
        return CellProblem("reason", {"value": value})
    return CellProblem("empty") if not value and kind.field in (*TEXTS, "role") else None


def _number_problem(text: str, catalogue: Catalogue) -> CellProblem | None:
    try:
        found = read_expression(text)
    except Unreadable:
        return CellProblem("expression", {"value": text}, certain=False)
    if found is None:
        return None
    unknown = _unknown_name(found.names(), catalogue)
    if unknown is not None:
        return unknown
    value = found.of({})
    constant = not list(found.names())
    return CellProblem("number", {"value": text}) if constant and not isinstance(value, Decimal) else None


def _condition_problem(kind: CellType, text: str, catalogue: Catalogue) -> CellProblem | None:
    try:
        test = read_condition(text)
    except Unreadable:
        return CellProblem("condition", {"value": text}, certain=False)
    if test is None:
        return None
    unknown = _unknown_name((name for each in test.expressions() for name in each.names()), catalogue)
    return unknown or _type_problem(kind, test) or _range_problem(test)


def _unknown_name(names: Any, catalogue: Catalogue) -> CellProblem | None:
    for name in names:
        if catalogue.prohibited(name):
            return CellProblem("prohibited", {"name": name})
        if name not in catalogue and name not in OWN_KINDS and name.split(".")[0] not in PATHS.values():
            return CellProblem("unknown", {"name": name})
    return None


def _type_problem(kind: CellType, test: Test) -> CellProblem | None:
    for sign, value in constants_of(test, {}):
        found = None if value is None or kind.kind is None else _value_problem(kind, sign, value)
        if found is not None:
            return found
    return None


def _value_problem(kind: CellType, sign: str, value: Any) -> CellProblem | None:
    told = {"value": str(value).lower() if isinstance(value, bool) else str(value)}
    if kind.numeric:
        step = STEPS.get(kind.kind) if kind.kind else None
        if not isinstance(value, Decimal):
            return CellProblem("number_wanted", told)
        return CellProblem("step", told | {"step": str(step)}) if sign == "==" and step and value % step else None
    if sign not in ("==", "!="):
        return CellProblem("no_order")
    if kind.kind is Kind.BOOLEAN:
        return None if isinstance(value, bool) else CellProblem("boolean_wanted", told)
    if not isinstance(value, str):
        return CellProblem("category_wanted", told)
    if kind.categories and value not in kind.categories:
        return CellProblem("category", told | {"known": ", ".join(kind.categories)})
    return None


def _range_problem(test: Test) -> CellProblem | None:
    """An interval whose ends are the wrong way round."""
    if not isinstance(test, Junction):
        return None
    for part in test.parts:
        if isinstance(part, Junction):
            found = _range_problem(part)
            if found is not None:
                return found
    if test.word != "and" or not all(isinstance(part, Compare) for part in test.parts):
        return None
    lows = [value for sign, value in constants_of(test, {}) if sign in (">", ">=") and isinstance(value, Decimal)]
    highs = [value for sign, value in constants_of(test, {}) if sign in ("<", "<=") and isinstance(value, Decimal)]
    if lows and highs and max(lows) > min(highs):
        return CellProblem("range", {"low": format(max(lows), "f"), "high": format(min(highs), "f")})
    return None
