"""What commands print: one JSON object, or lines for people; progress on stderr where it is a terminal."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.ports import Progress, no_progress


def emit(given: Namespace, data: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Print the object with ``--json``, else the lines."""
    if given.json:
        print(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in lines:
            print(line)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns; wide (Chinese) characters count double."""
    if not rows:
        return []
    widths = [max(_width(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= sign <= "\uffef" else 1 for sign in text)


def terminal_progress() -> Progress:
    """A line on stderr that is written over, at most ten times a second."""
    if not sys.stderr.isatty():
        return no_progress
    last = [0.0]

    def progress(done: int, total: int | None, what: str) -> None:
        now = time.monotonic()
        ended = total is not None and done >= total
        if now - last[0] < 0.1 and not ended:
            return
        last[0] = now
        share = f"{done:,} of {total:,}" if total else f"{done:,}"
        print(f"\r\033[K{what} {share}", end="\n" if ended else "", file=sys.stderr, flush=True)

    return progress
