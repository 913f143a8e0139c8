"""Files beside a fit: monotone trends by column, and bins set by hand. JSON or TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from app.domain.fitting import BinSpec, Trend
from app.errors import InputError

_TRENDS = ", ".join(trend.value for trend in Trend)


def read_trends(path: Path) -> dict[str, Trend]:
    """Column -> trend of the bad rate. Raises ``InputError`` with the file and what is wrong."""
    found = {}
    for name, value in _document(path).items():
        if value not in set(Trend):
            _refuse(path, f"{name!r} is {value!r}; it is one of {_TRENDS}.")
        found[name] = Trend(value)
    return found


def read_bins(path: Path) -> dict[str, BinSpec]:
    """Column -> its bins as a person set them: ``edges`` or ``groups``, ``special``, ``points``."""
    return {name: _spec(path, name, value) for name, value in _document(path).items()}


def _spec(path: Path, name: str, value: Any) -> BinSpec:
    if not isinstance(value, dict) or set(value) - {"edges", "groups", "special", "points"}:
        _refuse(path, f"{name!r} needs an object of edges or groups, special, points.")
    if "edges" in value and "groups" in value:
        _refuse(path, f"{name!r} has edges and groups; numbers have edges, categories groups.")
    return BinSpec(
        edges=_numbers(path, name, value["edges"], rising=True) if "edges" in value else None,
        groups=_groups(path, name, value["groups"]) if "groups" in value else None,
        special=_numbers(path, name, value["special"], rising=False) if "special" in value else None,
        points=_points(path, name, value.get("points", {})),
    )


def _numbers(path: Path, name: str, value: Any, *, rising: bool) -> tuple[float, ...]:
    if not isinstance(value, list) or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in value):
        _refuse(path, f"{name!r}: a list of numbers is expected, not {value!r}.")
    numbers = tuple(float(number) for number in value)
    if any(number - number != 0 for number in numbers):
        _refuse(path, f"{name!r}: numbers must be finite.")
    if rising and list(numbers) != sorted(set(numbers)):
        _refuse(path, f"{name!r}: edges rise, each once.")
    return numbers


def _groups(path: Path, name: str, value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list) or not all(isinstance(group, list) and group for group in value):
        _refuse(path, f"{name!r}: groups are lists of categories.")
    texts = [text for group in value for text in group]
    if not all(isinstance(text, str) for text in texts) or len(set(texts)) < len(texts):
        _refuse(path, f"{name!r}: each category is a text and stands in one group.")
    return tuple(tuple(group) for group in value)


def _points(path: Path, name: str, value: Any) -> dict[int, int]:
    try:
        found = {int(place): points for place, points in value.items()}
    except (AttributeError, ValueError):
        _refuse(path, f"{name!r}: points are an object from the bin's position (from 0) to whole points.")
    if any(place < 0 or isinstance(points, bool) or not isinstance(points, int) for place, points in found.items()):
        _refuse(path, f"{name!r}: positions count from 0, and points are whole numbers.")
    return found


def _document(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except OSError as exc:
        raise InputError("file", f"{path} cannot be read: {exc.strerror}.", remedy="Check the path.") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, json.JSONDecodeError) as exc:
        _refuse(path, f"it is neither JSON nor TOML: {exc}.")
    if not isinstance(document, dict):
        _refuse(path, "an object from columns to their settings is expected.")
    return document


def _refuse(path: Path, why: str) -> NoReturn:
    raise InputError("file", f"{why[0].upper()}{why[1:]}", remedy="docs/scorecard.md gives the form.", file=path.name)
