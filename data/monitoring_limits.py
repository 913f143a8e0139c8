"""The thresholds of the monitoring: those that ship, and a lender's own over them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

from app.domain.watching import Limits, Threshold
from app.errors import InputError

SHIPPED = Path(__file__).parent / "catalogue" / "monitoring.toml"
_LEAST = ("cases", "bads", "segment")
_REMEDY = "docs/monitoring.md gives the keys."


def load_limits(own: Path | None = None) -> Limits:
    """The shipped thresholds, those of the file ``own`` in their place.

    Raises ``InputError`` with file and key for what is no threshold, and for a red light that comes before the amber.
    """
    usual = _read(SHIPPED)
    given = {} if own is None else _read(own)
    path = own or SHIPPED
    for name in sorted(given.keys() - usual.keys()):
        _refuse(path, name, "there is no such measure.")
    least = _table(given, "least", path)
    for name in sorted(least.keys() - set(_LEAST)):
        _refuse(path, f"least.{name}", "there is no such key.")
    whole = {name: int(_number(usual["least"] | least, name, f"least.{name}", path)) for name in _LEAST}
    thresholds = {
        name: _threshold(usual[name] | _table(given, name, path), name, path) for name in usual if name != "least"
    }
    return Limits(thresholds, whole["cases"], whole["bads"], whole["segment"])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise InputError(
            "thresholds", f"The thresholds cannot be read: {exc.strerror}.", remedy="Check the path.", file=str(path)
        ) from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InputError("thresholds", f"The file is no TOML: {exc}", remedy=_REMEDY, file=str(path)) from exc


def _table(given: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    found = given.get(name, {})
    if not isinstance(found, dict):
        _refuse(path, name, "a table [...] is expected here.")
    return found


def _threshold(data: Mapping[str, Any], name: str, path: Path) -> Threshold:
    for key in sorted(data.keys() - {"amber", "red", "below"}):
        _refuse(path, f"{name}.{key}", "there is no such key.")
    amber, red = (_number(data, key, f"{name}.{key}", path) for key in ("amber", "red"))
    below = data.get("below", False)
    if not isinstance(below, bool):
        _refuse(path, f"{name}.below", "true or false is expected.")
    if (red > amber) if below else (red < amber):
        _refuse(path, name, "red is worse than amber, not better.")
    return Threshold(amber, red, below)


def _number(data: Mapping[str, Any], key: str, place: str, path: Path) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        _refuse(path, place, f"a number from 0 is expected, not {value!r}.")
    return float(value)


def _refuse(path: Path, place: str, why: str) -> NoReturn:
    raise InputError("thresholds", f"{place}: {why}", remedy=_REMEDY, file=str(path))
