"""The predicates of PMML 4.4 over one field, with three truth values: true, false, unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from xml.etree.ElementTree import Element  # as a type only; what is read goes through defusedxml

Value = float | str | None
"""A number, a text, or missing."""

Refuse = Callable[[str], NoReturn]
Read = Callable[[str], float | str]

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "equal": lambda value, end: value == end,
    "notEqual": lambda value, end: value != end,
    "lessThan": lambda value, end: value < end,
    "lessOrEqual": lambda value, end: value <= end,
    "greaterThan": lambda value, end: value > end,
    "greaterOrEqual": lambda value, end: value >= end,
}
_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
PREDICATES = ("True", "False", "SimplePredicate", "SimpleSetPredicate", "CompoundPredicate")


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def fields_of(predicate: Element) -> set[str]:
    """The fields a predicate looks at."""
    return {str(part.get("field")) for part in predicate.iter() if part.get("field") is not None}


def values_of(predicate: Element, read: Read) -> Iterator[float | str]:
    """Every value a predicate compares with."""
    for part in predicate.iter():
        if part.get("value") is not None and local_name(part) == "SimplePredicate":
            yield read(part.get("value", ""))
        if local_name(part) == "Array":
            yield from (read(item) for item in items_of(part.text or ""))


def items_of(text: str) -> list[str]:
    """The items of an Array: divided by blanks, in quotes where they hold some."""
    return [
        _ESCAPED.sub(r"\1", found.group(1)) if found.group(1) is not None else found.group(2)
        for found in _ITEM.finditer(text)
    ]


def truth(predicate: Element, value: Value, read: Read, refuse: Refuse) -> bool | None:
    """Whether the predicate holds for the value; None is unknown."""
    asked = _ASKED.get(local_name(predicate))
    if asked is None:
        refuse(f"{local_name(predicate)} is no predicate that can be taken over.")
    return asked(predicate, value, read, refuse)


def _simple(predicate: Element, value: Value, read: Read, refuse: Refuse) -> bool | None:
    operator = str(predicate.get("operator"))
    if operator in {"isMissing", "isNotMissing"}:
        return (value is None) == (operator == "isMissing")
    if operator not in _COMPARED or predicate.get("value") is None:
        refuse(f"the operator {operator!r} is not known, or it has no value.")
    if isinstance(value, str) and operator not in {"equal", "notEqual"}:
        refuse(f"categories have no order for {operator!r}.")
    return None if value is None else _COMPARED[operator](value, read(predicate.get("value", "")))


def _in_set(predicate: Element, value: Value, read: Read, refuse: Refuse) -> bool | None:
    operator = str(predicate.get("booleanOperator"))
    arrays = [part for part in predicate if local_name(part) == "Array"]
    if operator not in {"isIn", "isNotIn"} or len(arrays) != 1:
        refuse(f"the operator {operator!r} is not known, or there is not one Array.")
    if value is None:
        return None
    return (value in [read(item) for item in items_of(arrays[0].text or "")]) == (operator == "isIn")


def _compound(predicate: Element, value: Value, read: Read, refuse: Refuse) -> bool | None:
    operator = str(predicate.get("booleanOperator"))
    found = [truth(part, value, read, refuse) for part in predicate if local_name(part) in PREDICATES]
    if operator == "surrogate":
        return next((each for each in found if each is not None), None)
    if operator not in {"and", "or"} or not found:
        refuse(f"the operator {operator!r} is not taken over.")
    decisive = operator == "or"
    if decisive in found:
        return decisive
    return None if None in found else not decisive


_ASKED: dict[str, Callable[[Element, Value, Read, Refuse], bool | None]] = {
    "True": lambda *_: True,
    "False": lambda *_: False,
    "SimplePredicate": _simple,
    "SimpleSetPredicate": _in_set,
    "CompoundPredicate": _compound,
}
