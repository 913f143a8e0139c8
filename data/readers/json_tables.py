"""Tables of applications as JSON: one array of objects, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from app.domain.reading import Problem
from app.errors import InputError
from data.readers.records import Record
from data.readers.text import SAMPLE, Form, form_of, numbered_lines

LARGEST = 48 * 2**20  # bytes of one JSON value: parsed, it takes some ten times its size
DEEPEST = 60


def parse_json(path: Path) -> Any:
    """The one JSON value of a file, numbers as ``Decimal`` or ``int``. Raises ``InputError``."""
    size = path.stat().st_size
    if size > LARGEST:
        raise InputError(
            "file",
            f"The file is one JSON value of {size / 2**20:.0f} MB; at most {LARGEST // 2**20} MB are read at once.",
            remedy="Write one application a line (JSON lines) or CSV, which may be of any size, or split the file.",
            file=path.name,
        )
    form = form_of(path)
    with path.open("rb") as file:
        file.seek(form.skip)
        return loads(file.read(), form.encoding, path.name)


def loads(data: bytes, encoding: str, name: str) -> Any:
    """Parse JSON bytes. Raises ``InputError`` with line and column."""
    try:
        value = json.loads(data.decode(encoding), parse_float=Decimal, parse_int=_integer, parse_constant=_no_number)
    except json.JSONDecodeError as exc:
        raise InputError(
            "file",
            f"This is no valid JSON: {exc.msg} at character {exc.colno}.",
            remedy="Correct the file at that place; it may be cut off.",
            file=name,
            line=exc.lineno,
        ) from exc
    except (UnicodeDecodeError, ValueError) as exc:
        remedy = "Save the file as UTF-8 with plain numbers."
        raise InputError("file", f"This is no valid JSON: {exc}.", remedy=remedy, file=name) from exc
    except RecursionError as exc:
        raise InputError("file", "The JSON is nested too deeply.", remedy="Flatten it.", file=name) from exc
    return value


def _integer(text: str) -> int:
    if len(text) > 30:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def flattened(value: Any, path: str = "$", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every scalar with its JSON path: ``$.income.net_monthly``, ``$.items[0].id``."""
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flattened(inner, f"{path}.{key}", depth + 1)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from flattened(inner, f"{path}[{at}]", depth + 1)
    else:
        yield path, value


def text_of(value: Any) -> str:
    """A scalar as the text a table cell would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def is_lines(path: Path) -> bool:
    """Whether the file holds one JSON object a line: its first line is a whole object and more follow."""
    with path.open("rb") as file:
        first = file.readline(SAMPLE)
        more = file.read(4096).strip()
    try:
        return isinstance(json.loads(first), dict) and bool(more)
    except (ValueError, RecursionError):
        return False


def json_header(path: Path) -> tuple[str, ...]:
    """Names of all cells of the first thousand objects, nested ones joined by dots, in order of appearance."""
    names: dict[str, None] = {}
    for _, _, item in islice(_items(path), 1000):
        if isinstance(item, Mapping):
            names |= dict.fromkeys(_row(item))
    if not names:
        raise InputError("file", "The JSON holds no objects.", remedy="Give an array of objects.", file=path.name)
    return tuple(names)


def json_records(path: Path, header: Sequence[str]) -> Iterator[Record]:
    """One record an object; the line is that of the file, or the object's number in an array."""
    for number, raw, item in _items(path):
        if isinstance(item, Problem):
            yield Record(number, raw, problem=item)
        elif not isinstance(item, Mapping):
            problem = Problem(number, None, "This is no JSON object.", "Write each application as an object.", raw)
            yield Record(number, raw, problem=problem)
        else:
            row = _row(item)
            yield Record(number, raw, tuple(row.get(name, "") for name in header))


def _row(item: Mapping[str, Any]) -> dict[str, str]:
    return {path[2:]: text_of(value) for path, value in flattened(item)}


def _items(path: Path) -> Iterator[tuple[int, str, Any]]:
    if is_lines(path):
        yield from _line_items(path, form_of(path))
        return
    value = parse_json(path)
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield number, json.dumps(item, ensure_ascii=False, default=str)[:20_000], item


def _line_items(path: Path, form: Form) -> Iterator[tuple[int, str, Any]]:
    for number, text, _ in numbered_lines(path, form):
        if not text.strip():
            continue
        try:
            yield number, text, loads(text.encode(), "utf-8", path.name)
        except InputError as exc:
            yield number, text, Problem(number, None, exc.message, exc.remedy, text)
