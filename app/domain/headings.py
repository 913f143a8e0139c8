"""What to say where a table has no column of the name that was given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

SHOWN = 30


def closest(wanted: str, names: Iterable[str]) -> list[str]:
    """The names, those most like the one wanted first; equal ones in their order."""
    meant = wanted.casefold()
    return sorted(names, key=lambda name: -SequenceMatcher(None, meant, name.casefold()).ratio())


def columns_words(wanted: str, header: Sequence[str]) -> str:
    """The columns there are, the closest first; of many only the first ``SHOWN``."""
    same = [name for name in header if name.casefold() == wanted.casefold()]
    if same:
        return f"There is {same[0]!r}: names must match exactly."
    names = closest(wanted, dict.fromkeys(header))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"Its columns, the closest first: {', '.join(names[:SHOWN])}{more}."
